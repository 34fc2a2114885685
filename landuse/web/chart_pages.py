"""The charts of a run, drawn here; the browser loads nothing from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from landuse.ledger.states import STATES
from landuse.publish.charts import heat_table, margin_pyramid, mu_by_state
from landuse.web.deck import deck_of
from landuse.web.errors import Refused
from landuse.web.security import current_user

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.site import Site

__all__ = ["router"]

router: Final = APIRouter(prefix="/runs/{run_id}/charts", dependencies=[Depends(current_user)])
NAMES: Final = ("heat", "pyramid", "states")


def _drawn(site: Site, run_id: str, name: str, lang: Lang) -> str:
    if name == "states":
        return mu_by_state(site.plots(run_id), tuple(STATES), lang)
    run = site.tables(run_id)
    draw = heat_table if name == "heat" else margin_pyramid
    return site.once(run_id, f"{name} {lang}", lambda _: draw(run, lang))


@router.get("")
def charts(request: Request, run_id: str) -> Response:
    """All charts of a run on a page."""
    deck = deck_of(request)
    lang, run = deck.views.lang(request), deck.site.run(run_id)
    drawn = {name: _drawn(deck.site, run_id, name, lang) for name in NAMES}
    return deck.views.page(request, "charts.html", run=run, drawn=drawn)


@router.get("/{name}.svg")
def chart(request: Request, run_id: str, name: str) -> Response:
    """One chart as a file."""
    deck = deck_of(request)
    made = _drawn(deck.site, run_id, name, deck.views.lang(request)) if name in NAMES else ""
    if not made:
        raise Refused.at(404, "web.no_page", value=request.url.path)
    headers = {"Content-Disposition": f'attachment; filename="{run_id}-{name}.svg"'}
    return Response(made, media_type="image/svg+xml", headers=headers)

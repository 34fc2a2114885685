"""The pages of firms: search and lists, the file of one firm, and what firms promised."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from landuse.errors import UserError
from landuse.parks.promises import VERDICTS
from landuse.parks.words import verdict_word
from landuse.web import enterprise_view as view
from landuse.web import promise_view
from landuse.web.deck import deck_of
from landuse.web.errors import Refused
from landuse.web.park_desk import about_run, figures_of, waiting
from landuse.web.park_view import parks_of
from landuse.web.security import require

__all__ = ["router"]

router: Final = APIRouter(dependencies=[Depends(require("viewer"))])
From = Annotated[int, Query(alias="from", ge=0, le=10_000_000)]


@router.get("/enterprises")
def enterprises(
    request: Request,
    q: str = "",
    park: str = "",
    status: str = "",
    start: From = 0,
    which: Annotated[str, Query(alias="list")] = "",
) -> Response:
    """Firms to search in, or one of the lists (candidates, growth, chains)."""
    figures = figures_of(request)
    if figures is None:
        return waiting(request)
    deck = deck_of(request)
    lang = deck.views.lang(request)
    wish = view.Wish(q[:200], park, status, start)
    chosen = view.one_list(figures, which, lang) if which else None
    if which and chosen is None:
        raise Refused.at(404, "web.no_page", value=request.url.path)
    firms, count = (chosen, 0) if chosen else view.listed_firms(figures, wish, lang)
    return deck.views.page(
        request,
        "enterprises.html",
        wish=wish,
        which=which,
        firms=firms,
        count=count,
        chunk=view.CHUNK,
        lists=view.lists_of(figures, lang),
        parks=parks_of(figures),
        statuses=view.statuses(figures, lang),
        **about_run(request, figures),
    )


@router.get("/enterprises/{uscc:path}")
def one_enterprise(request: Request, uscc: str) -> Response:
    """The file of one firm."""
    figures = figures_of(request)
    if figures is None:
        return waiting(request)
    deck = deck_of(request)
    lang = deck.views.lang(request)
    about = about_run(request, figures)
    try:
        firm = figures.firm(uscc, deck.site)
    except UserError as fault:
        close = view.close_codes(figures, uscc)
        if fault.issues[0].code != "park_cli.unknown_firm" or not close:
            raise
        near = "、".join(close)
        raise Refused.at(404, "park_pages.no_firm", value=uscc, nearest=near) from fault
    context = view.firm_context(figures, firm, lang, str(about["run_id"]))
    return deck.views.page(request, "enterprise.html", **context, **about)


@router.get("/promises")
def promises(request: Request, park: str = "", verdict: str = "", start: From = 0) -> Response:
    """What firms promised, by park and verdict; broken ones first."""
    figures = figures_of(request)
    if figures is None:
        return waiting(request)
    deck = deck_of(request)
    lang = deck.views.lang(request)
    wanted = verdict if verdict in (*VERDICTS, promise_view.EVERY) else promise_view.SHORT
    found = promise_view.promise_context(figures, park, wanted, start, lang)
    return deck.views.page(
        request,
        "promises.html",
        park=park,
        verdict=wanted,
        verdicts=[(one, verdict_word(one, lang)) for one in VERDICTS],
        start=start,
        parks=parks_of(figures),
        **found,
        **about_run(request, figures),
    )

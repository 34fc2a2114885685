"""The pages of parks: the list, and one of each park."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from landuse.errors import UserError
from landuse.messages import text
from landuse.parks.words import type_word
from landuse.pipeline.park_site import ParkFigures
from landuse.pipeline.report_tables import ALL
from landuse.publish.park_charts import heat
from landuse.publish.report.model import Number, Table
from landuse.schema.headings import nearest
from landuse.schema.park_tables import PARK_TYPES
from landuse.web import park_faults
from landuse.web import park_view as view
from landuse.web.deck import deck_of
from landuse.web.errors import Refused
from landuse.web.park_desk import about_run, figures_of, waiting
from landuse.web.park_tables import Key, park_address, shown
from landuse.web.security import require
from landuse.web.settings import User

__all__ = ["router"]

router: Final = APIRouter(dependencies=[Depends(require("viewer"))])
Viewer = Annotated[User, Depends(require("viewer"))]
_LAND: Final = ("park", "type", "total", "supplied", "built", "idle", "low_efficiency",
                "available", "revitalised")  # fmt: skip
_RATIOS: Final = ("development", "supply", "completion", "industrial_share", "plot_ratio",
                  "density", "investment_per_mu", "tax_per_mu")  # fmt: skip


@router.get("/parks")
def parks(request: Request, user: Viewer, period: str = "", type: str = "") -> Response:  # noqa: A002 - the address says so
    """All parks, their sum, the county's figures, and what contradicts itself."""
    figures = figures_of(request)
    if figures is None:
        return waiting(request)
    deck = deck_of(request)
    lang = deck.views.lang(request)
    chosen = view.chosen_period(figures, period, lang)
    full = user.may("reviewer")
    about = about_run(request, figures)
    if not view.parks_of(figures):
        return deck.views.page(request, "park_none.html", **about)
    table = figures.once(("overview", lang), lambda: _overview(figures, lang))
    wanted = type if type in PARK_TYPES else ""
    return deck.views.page(
        request,
        "parks.html",
        parks=_listed(figures, table, wanted),
        types=[(one, type_word(one, lang)) for one in PARK_TYPES
               if one in set(figures.book.types.values())],
        type=wanted,
        periods=view.periods_of(figures, lang),
        period=chosen,
        **_county(figures, chosen, lang),
        heat=figures.once(("heat", lang), lambda: heat(
            figures.table("ratios", lang), _RATIOS, text("report.table_ratios", lang))),
        faults=park_faults.faults_of(figures, lang, full=full),
        full=full,
        **about,
    )  # fmt: skip


@router.get("/park-progress")
def progress(request: Request) -> Response:
    """How far the figures are; asked by the page that waits, which is opened anew once they are."""
    deck = deck_of(request)
    with suppress(UserError):  # the page that is opened anew says it
        if deck.parks.figures(patience=0.2) is None:
            return deck.views.page(request, "park_step.html", step=deck.parks.step)
    return Response("", headers={"HX-Refresh": "true"}, media_type="text/html")


@router.get("/parks/{park:path}")
def one_park(request: Request, park: str, user: Viewer, period: str = "") -> Response:
    """Everything that is known of one park."""
    figures = figures_of(request)
    if figures is None:
        return waiting(request)
    deck = deck_of(request)
    known = view.parks_of(figures)
    if park not in known:
        close = nearest(park, known)
        among = "、".join(close or known[:10]) or "–"
        raise Refused.at(404, "park_pages.no_park", value=park, nearest=among)
    about = about_run(request, figures)
    lang, full = deck.views.lang(request), user.may("reviewer")
    run_id = str(about["run_id"])
    context = figures.once(
        ("park", park, period, lang, run_id, full),
        lambda: view.park_context(figures, park, period, lang, run_id=run_id, full=full),
    )
    return deck.views.page(request, "park.html", **context, **about)


def _overview(figures: ParkFigures, lang: Any) -> Table:  # noqa: ANN401
    """The land account of each park with its grade, promises, projects and contradictions."""
    book, land = figures.book, figures.table("land", lang)
    promises, projects = figures.table("promises", lang), figures.table("projects", lang)
    more = ("grade", "rank", "broken", "late", "stopped", "faults")
    table = Table("land", land.title, {
        **{name: land.columns[name] for name in _LAND},
        **{name: text(f"park_pages.col_{name}", lang) for name in more},
    })  # fmt: skip
    wrong = park_faults.counts(figures, view.parks_of(figures))
    grades = {str(row["park"]): row for row in book.assessment.to_dict("records")}
    for key, cells in land.rows.items():
        row = grades.get(key[0], {})
        graded = row.get("status") == "graded"
        table.rows[key] = {
            **{name: cells.get(name) for name in _LAND},
            "grade": str(row["grade"]) if graded else "",
            "rank": f"{int(row['rank'])}/{int(row['ranked'])}" if graded else "",
            "broken": promises.cell(key, "broken"),
            "late": projects.cell(key, "late"),
            "stopped": projects.cell(key, "stopped"),
            "faults": Number(str(wrong[key[0]])) if key[0] in wrong else None,
        }
    return table


def _listed(figures: ParkFigures, table: Table, kind: str) -> Any:  # noqa: ANN401
    """The parks (of one type); the land outside and the sum only where all of them are shown."""

    def page(key: Key, _: object) -> str:
        return park_address(key[0]) if key[0] not in ("", ALL) else ""

    if kind:
        rows = [key for key in table.rows if figures.book.types.get(key[0], "") == kind]
        return shown(table, rows=rows, links={"park": page}, most=1000)
    ordered = sorted(table.rows, key=lambda key: (key[0] in ("", ALL), key[0]))
    return shown(table, rows=ordered, foot=[(ALL,), ("",)], links={"park": page}, most=1000)


def _county(figures: ParkFigures, period: str, lang: Any) -> dict[str, Any]:  # noqa: ANN401
    """The figures of the period that are of no single park: city, all parks, clusters, scale."""
    if not period:
        nothing = dict.fromkeys(("county", "kinds", "scales"))
        return {**nothing, "economy_picture": "", "cluster_picture": ""}
    table = figures.economy(period, lang)
    whole = [key for key in table.rows if key[0] in ("all", "city", "cluster", "scale")]
    clusters = [key for key in whole if key[0] == "cluster"]
    sums = [key for key in whole if key[0] == "all"]
    wide = view.with_expected(figures, period, table, whole, lang)
    kinds = figures.balance("cluster_sums", period, lang)
    scales = figures.balance("scales", period, lang)
    return {
        "county": shown(wide, ("scope", *view.ECONOMY, "parks"), rows=whole) if whole else None,
        "kinds": shown(kinds) if len(kinds) else None,
        "scales": shown(scales) if len(scales) else None,
        **view.pictures(table, sums, clusters, lang),
    }

"""The review page: list, map and card in step, and what others change meanwhile."""

from __future__ import annotations

import datetime as dt
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from landuse.ledger.reviews import Change, changes_since, newest_event
from landuse.messages import LANGUAGES, text
from landuse.pipeline.review import ListWish, listed, plot_review, progress, state_of_plots
from landuse.web import review_view as view
from landuse.web.deck import deck_of
from landuse.web.security import current_user
from landuse.web.settings import User

if TYPE_CHECKING:
    from landuse.pipeline.site import Site

__all__ = ["card_answer", "first_address", "router"]

router: Final = APIRouter(dependencies=[Depends(current_user)])
_START: Final = "class=both&class=idle&class=low_efficiency"
"""What a review begins with: the plots that the run flags."""
_MOST_CHANGES: Final = 200
Viewer = Annotated[User, Depends(current_user)]


def first_address(run_id: str) -> str:
    """Where the review of a run begins."""
    return f"/runs/{run_id}/review?{_START}"


@router.get("/")
def first(request: Request) -> Response:
    """The review of the newest run; without any run the list of them, which says what to do."""
    run = deck_of(request).site.newest()
    target = first_address(run.run_id) if run else "/runs?"
    lang = request.query_params.get("lang", "")
    more = f"&lang={lang}" if lang in LANGUAGES else ""
    return RedirectResponse(f"{target}{more}", status_code=303)


@router.get("/runs/{run_id}/review")
def page(
    request: Request,
    run_id: str,
    user: Viewer,
    plot: str = "",
    opened: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """The page; its address says the filter, the order and the plot.

    ``opened``: how many cases were just opened.
    """
    deck = deck_of(request)
    lang = deck.views.lang(request)
    site, run = deck.site, deck.site.run(run_id)
    wish = ListWish.from_query(request.query_params.multi_items())
    with site.ledger().read() as session:
        seen, meeting = newest_event(session), progress(session, run_id)
    table = site.plots(run_id)
    context = view.list_context(table, wish, meeting, 0, lang)
    chosen = plot if bool((table.rows["parcel_id"] == plot).any()) else ""
    return deck.views.page(
        request,
        "review.html",
        run=run,
        runs=site.runs(),
        project=site.name,
        progress=meeting,
        seen=seen,
        token=secrets.token_urlsafe(24),
        choices=view.choices(table, wish, lang),
        chosen=chosen,
        opened=opened,
        waiting=_waiting(table) if user.may("reviewer") else 0,
        **context,
    )


def _waiting(table: Any) -> int:  # noqa: ANN401 - a PlotTable
    """Plots that the run flags and that have no case."""
    rows = table.rows
    return int(((rows["is_low_efficiency"] | rows["is_idle"]) & (rows["case_number"] == "")).sum())


@router.get("/runs/{run_id}/review/list")
def chunk(
    request: Request,
    run_id: str,
    start: Annotated[int, Query(alias="from", ge=0, le=10_000_000)] = 0,
    form: str = "",
) -> Response:
    """Rows of the list; from the first on with its head and, where asked, the filter's form."""
    deck = deck_of(request)
    lang = deck.views.lang(request)
    wish = ListWish.from_query(request.query_params.multi_items())
    with deck.site.ledger().read() as session:
        meeting = progress(session, run_id)
    table = deck.site.plots(run_id)
    context = view.list_context(table, wish, meeting, start, lang)
    if start:
        return deck.views.page(request, "review_rows.html", **context)
    if form:
        context |= {"choices": view.choices(table, wish, lang), "progress": meeting}
    return deck.views.page(
        request, "review_list.html", with_form=bool(form), run=deck.site.run(run_id), **context
    )


@router.get("/runs/{run_id}/review/list.xlsx")
def book(request: Request, run_id: str) -> Response:
    """The list as a workbook: exactly what the filter shows, in its order."""
    from landuse.publish.plot_book import write_plot_book

    deck = deck_of(request)
    lang = deck.views.lang(request)
    run = deck.site.run(run_id)
    wish = ListWish.from_query(request.query_params.multi_items())
    with deck.site.ledger().read() as session:
        meeting = progress(session, run_id)
    table = deck.site.plots(run_id)
    places = listed(table, wish, meeting)
    notes = [
        text("review_web.book_run", lang, run=run.run_id, as_of=run.as_of),
        text("review_web.book_filter", lang, filter=_said(wish), n=len(places), of=len(table)),
    ]
    folder = tempfile.TemporaryDirectory(prefix="landuse-", ignore_cleanup_errors=True)
    try:
        path = Path(folder.name) / "plots.xlsx"
        write_plot_book(
            table, places, path, title=f"{run.name} {run.as_of}", notes=notes,
            as_of=dt.date.fromisoformat(run.as_of), lang=lang,
        )  # fmt: skip
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path,
        filename=f"{run.as_of}-{run.run_id}-plots.xlsx",
        content_disposition_type="attachment",
        background=BackgroundTask(folder.cleanup),
    )


def _said(wish: ListWish) -> str:
    return "; ".join(f"{name}={value}" for name, value in wish.to_query()) or "–"


@router.get("/runs/{run_id}/review/card")
def card(request: Request, run_id: str, plot: str, user: Viewer) -> Response:
    """The card of one plot."""
    return card_answer(request, run_id, plot, user)


def card_answer(
    request: Request, run_id: str, plot: str, user: User, *, done: str = ""
) -> Response:
    """The card of one plot as it is now; ``done`` says what was just recorded."""
    deck = deck_of(request)
    lang = deck.views.lang(request)
    authority = user.may("administrator")
    review = plot_review(deck.site, run_id, plot, authority=authority, lang=lang)
    return deck.views.page(
        request,
        "review_card.html",
        run=deck.site.run(run_id),
        done=done,
        park=_park(deck.site, run_id, plot),
        **view.card_context(review, lang),
    )


def _park(site: Site, run_id: str, plot: str) -> str:
    """The park of a plot, whose page the card leads to; "" outside all."""
    parcels = site.tables(run_id).parcels
    found = parcels.loc[parcels["parcel_id"] == plot, "park"]
    return str(found.iloc[0]) if len(found) else ""


@router.get("/runs/{run_id}/review/changes")
def changes(
    request: Request, run_id: str, since: Annotated[int, Query(ge=0, le=2**62)]
) -> Response:
    """What was done to cases after the event ``since``, and how the open meeting stands."""
    deck = deck_of(request)
    lang = deck.views.lang(request)
    with deck.site.ledger().read() as session:
        newest, found = changes_since(session, since, limit=_MOST_CHANGES)
        meeting = progress(session, run_id)
    told = [
        {
            "plots": one.parcel_ids,
            "number": one.number,
            "state": one.state,
            "word": text(f"ledger_cases.state_{one.state}", lang),
            "revision": one.revision,
            "by": one.by,
            "at": view.moment(one.at),
            "said": one.text_zh if lang == "zh" else one.text_en,
        }
        for one in found
    ]
    answer: dict[str, Any] = {"newest": newest, "changes": told, "meeting": None}
    answer["many"] = len(found) >= _MOST_CHANGES
    if meeting is not None:
        answer["meeting"] = {
            "number": meeting.meeting.number,
            "decided": meeting.decided,
            "total": meeting.total,
            "left": sorted(meeting.undecided & _touched(found)),
        }
    return JSONResponse(answer)


def _touched(found: list[Change]) -> set[str]:
    return {plot for one in found for plot in one.parcel_ids}


@router.get("/runs/{run_id}/review/states")
def states(request: Request, run_id: str) -> Response:
    """Parcel → state of its case, for the map, which may have been drawn before."""
    deck = deck_of(request)
    here = set(deck.site.tables(run_id).parcels["parcel_id"])
    with deck.site.ledger().read() as session:
        seen, known = newest_event(session), state_of_plots(session)
    return JSONResponse(
        {"newest": seen, "states": {one: known[one] for one in known if one in here}}
    )

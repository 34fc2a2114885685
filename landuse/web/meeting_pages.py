"""Meetings: opened on what the filter shows, closed, and their minutes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, RedirectResponse, Response

from landuse.errors import UserError
from landuse.ledger.meetings import close_meeting, find_meeting, meetings, minutes, open_meeting
from landuse.pipeline.meeting import minutes_content, write_meeting
from landuse.pipeline.review import ListWish, listed, progress
from landuse.web.deck import deck_of, now
from landuse.web.errors import Refused
from landuse.web.review_view import moment, query_of
from landuse.web.security import Form, current_user, require
from landuse.web.settings import User

__all__ = ["router"]

router: Final = APIRouter(dependencies=[Depends(current_user)])
Reviewer = Annotated[User, Depends(require("reviewer"))]
_FORMATS: Final = ("docx", "xlsx")
_LONGEST: Final = 200


@router.post("/runs/{run_id}/meetings")
def open_one(request: Request, run_id: str, user: Reviewer, form: Form) -> Response:
    """Open a meeting whose agenda is what the filter shows, in its order."""
    site = deck_of(request).site
    run = site.run(run_id)
    title, said = str(form.get("title", "")).strip(), str(form.get("query", ""))
    if len(title) > _LONGEST:
        raise UserError.of("review_web.too_long", value=str(len(title)), most=_LONGEST)
    wish = ListWish.from_query(parse_qsl(said, max_num_fields=2000))
    table = site.plots(run_id)
    with site.ledger().read() as session:
        running = progress(session, run_id)
    agenda = [str(one) for one in table.rows["parcel_id"].iloc[listed(table, wish, running)]]
    query, at = query_of(wish), now()
    site.ledger().transact(
        lambda session: open_meeting(
            session,
            title=title,
            run_id=run.run_id,
            filter_query=query,
            agenda=agenda,
            by=user.name,
            at=at,
        )
    )
    return RedirectResponse(f"/runs/{run.run_id}/review?{query}", status_code=303)


@router.get("/meetings")
def all_of_them(request: Request) -> Response:
    """Every meeting, the newest first."""
    deck = deck_of(request)
    with deck.site.ledger().read() as session:
        found = meetings(session)
    return deck.views.page(request, "meetings.html", meetings=found, moment=moment)


@router.get("/meetings/{number}")
def one_of_them(request: Request, number: str) -> Response:
    """What a meeting decided, as its minutes will say it."""
    deck = deck_of(request)
    site = deck.site
    with site.ledger().read() as session:
        found = minutes(session, number)
    run_id = found.meeting.run_id
    known = any(run.run_id == run_id for run in site.runs())
    content = minutes_content(found, _about(request, run_id), deck.views.lang(request))
    return deck.views.page(
        request, "meeting.html", meeting=found.meeting, minutes=content, known=known,
        formats=_FORMATS,
    )  # fmt: skip


def _about(request: Request, run_id: str) -> dict[str, str]:
    """Who uses each plot of a run that is still here; nothing of a run that is gone."""
    site = deck_of(request).site
    if not any(run.run_id == run_id for run in site.runs()):
        return {}
    rows = site.plots(run_id).rows
    named = rows["main_name"].where(rows["main_name"] != "", rows["holder"])
    return dict(zip(rows["parcel_id"], named, strict=True))


@router.post("/meetings/{number}/close")
def close_one(request: Request, number: str, user: Reviewer, form: Form) -> Response:
    """Close a meeting; its minutes stay as they are from then on."""
    del form
    at = now()

    def work(session: Any) -> None:  # noqa: ANN401 - a session of the ledger
        close_meeting(session, number, by=user.name, at=at)

    deck_of(request).site.ledger().transact(work)
    return RedirectResponse(f"/meetings/{quote(number)}", status_code=303)


@router.get("/meetings/{number}/minutes.{ending}")
def minutes_of(request: Request, number: str, ending: str) -> Response:
    """The minutes as a document or a workbook."""
    if ending not in _FORMATS:
        raise Refused.at(404, "web.no_page", value=request.url.path)
    deck = deck_of(request)
    ledger = deck.site.ledger()
    with ledger.read() as session:
        meeting = find_meeting(session, number)
    folder = tempfile.TemporaryDirectory(prefix="landuse-", ignore_cleanup_errors=True)
    try:
        path = Path(folder.name) / f"minutes.{ending}"
        about = _about(request, meeting.run_id)
        write_meeting(ledger, meeting.number, path, about=about, lang=deck.views.lang(request))
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path,
        filename=f"{meeting.number}-minutes.{ending}",
        content_disposition_type="attachment",
        background=BackgroundTask(folder.cleanup),
    )

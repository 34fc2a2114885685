"""The API's meetings and objections."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Query, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from landuse.ledger import meetings
from landuse.ledger.objections import Objection, decide, listed
from landuse.pipeline.ledger import object_with_evidence
from landuse.scaled import MU, to_text
from landuse.schema.plot_filter import PlotFilter
from landuse.web import api_tables as tables_as
from landuse.web.api_auth import PREFIX, Reader, Reviewer
from landuse.web.api_ledger_answers import (
    MeetingOut,
    MinutesOut,
    MinutesRowOut,
    ObjectionOut,
    VerdictSumOut,
)
from landuse.web.api_models import Code, Decision, Key, MeetingForm, ObjectionForm
from landuse.web.deck import deck_of, now
from landuse.web.errors import Refused

if TYPE_CHECKING:
    from landuse.ledger.meetings import VerdictSum
    from landuse.pipeline.site import Site

__all__ = ["router"]

router: Final = APIRouter(prefix=PREFIX)
Status = Literal["", "proposed", "accepted", "rejected", "withdrawn"]
Format = Literal["docx", "xlsx"]


@router.get("/objections", tags=["objections"])
def objections(
    request: Request, user: Reader, status: Annotated[Status, Query()] = ""
) -> list[ObjectionOut]:
    """Objections (of one status) in their order."""
    del user
    with deck_of(request).site.ledger().read() as session:
        return [tables_as.objection(row, number) for row, number in listed(session, status)]


@router.post("/objections", status_code=201, tags=["objections"])
def object_to(request: Request, form: ObjectionForm, user: Reviewer) -> ObjectionOut:
    """Say that a cell of an input is wrong; a publicised case goes to ``objected`` with it.

    Without a key it speaks of the only parcel of the case.
    """
    said = Objection(**form.model_dump(exclude={"case"}))
    row = object_with_evidence(
        deck_of(request).site.ledger(), said, form.case.strip(), None, by=user.name, at=now()
    )
    return tables_as.objection(row, form.case.strip())


@router.post("/objections/{objection_id}/decision", tags=["objections"])
def decide_objection(
    request: Request, objection_id: Key, form: Decision, user: Reviewer
) -> ObjectionOut:
    """Accept, reject or withdraw an objection; an accepted one corrects the next run.

    Nobody accepts or rejects what they objected themselves, but for an administrator.
    """
    with deck_of(request).site.ledger().write() as session:
        own = any(row.id == objection_id and row.by == user.name for row, _ in listed(session))
        if own and form.verdict != "withdraw" and not user.may("administrator"):
            raise Refused.at(403, "api.own_objection", value=objection_id)
        decide(session, objection_id, form.verdict, by=user.name, at=now(), why=form.why)
        row, number = next(one for one in listed(session) if one[0].id == objection_id)
        return tables_as.objection(row, number)


@router.get("/meetings", tags=["meetings"])
def all_meetings(request: Request, user: Reader) -> list[MeetingOut]:
    """All meetings, the newest first."""
    del user
    with deck_of(request).site.ledger().read() as session:
        return [tables_as.meeting(one) for one in meetings.meetings(session)]


@router.post("/meetings", status_code=201, tags=["meetings"])
def open_meeting(request: Request, form: MeetingForm, user: Reviewer) -> MeetingOut:
    """Open a meeting on a run with the plots of a list, or those that a filter shows now."""
    site = deck_of(request).site
    agenda, query = _agenda(site, form)
    with site.ledger().write() as session:
        line = meetings.open_meeting(
            session,
            title=form.title,
            run_id=form.run_id,
            filter_query=query,
            agenda=agenda,
            by=user.name,
            at=now(),
        )
    return tables_as.meeting(line)


def _agenda(site: Site, form: MeetingForm) -> tuple[list[str], str]:
    if form.agenda is not None and form.filter.strip():
        raise Refused.at(422, "api.agenda_or_filter")
    table = site.plots(form.run_id)
    codes = table.rows["parcel_id"]
    if form.agenda is not None:
        unknown = sorted(set(form.agenda) - set(codes))
        if unknown:
            raise Refused.at(404, "api.no_plot", value=form.run_id, key=unknown[0])
        return form.agenda, ""
    wish = PlotFilter.from_query(parse_qsl(form.filter.strip().removeprefix("?")))
    return codes[table.filter(wish)].tolist(), urlencode(wish.to_query())


@router.get("/meetings/{number}", tags=["meetings"])
def meeting(request: Request, number: Code, user: Reader) -> MeetingOut:
    """One meeting."""
    del user
    with deck_of(request).site.ledger().read() as session:
        return tables_as.meeting(meetings.find_meeting(session, number))


@router.post("/meetings/{number}/close", tags=["meetings"])
def close_meeting(request: Request, number: Code, user: Reviewer) -> MeetingOut:
    """Close a meeting: its minutes stay as they are."""
    with deck_of(request).site.ledger().write() as session:
        return tables_as.meeting(meetings.close_meeting(session, number, by=user.name, at=now()))


@router.get("/meetings/{number}/minutes", tags=["meetings"])
def minutes(request: Request, number: Code, user: Reader) -> MinutesOut:
    """The minutes of a meeting as data."""
    del user
    with deck_of(request).site.ledger().read() as session:
        found = meetings.minutes(session, number)
    return MinutesOut(
        meeting=tables_as.meeting(found.meeting),
        rows=[
            MinutesRowOut(
                review=tables_as.review(row.line),
                on_agenda=row.on_agenda,
                stands=row.stands,
                undone_later=row.undone_later,
            )
            for row in found.rows
        ],
        sums=[_sum(one) for one in found.sums],
        whole=_sum(found.whole),
        undecided=list(found.undecided),
    )


def _sum(one: VerdictSum) -> VerdictSumOut:
    return VerdictSumOut(
        verdict=one.verdict, plots=one.plots, cases=one.cases, mu=to_text(one.mu_e4, MU)
    )


@router.get("/meetings/{number}/minutes/{form}", tags=["meetings"], response_class=FileResponse)
def minutes_file(request: Request, number: Code, form: Format, user: Reader) -> Response:
    """The minutes as a document (docx) or workbook (xlsx)."""
    from landuse.pipeline.meeting import write_meeting

    del user
    deck = deck_of(request)
    site, lang = deck.site, deck.views.lang(request)
    with site.ledger().read() as session:
        line = meetings.find_meeting(session, number)
    folder = tempfile.TemporaryDirectory(prefix="landuse-", ignore_cleanup_errors=True)
    try:
        path = Path(folder.name) / f"minutes.{form}"
        write_meeting(site.ledger(), number, path, about=_about(site, line.run_id), lang=lang)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path,
        filename=f"{line.number}.{form}",
        content_disposition_type="attachment",
        background=BackgroundTask(folder.cleanup),
    )


def _about(site: Site, run_id: str) -> dict[str, str]:
    """What plots without a verdict are called; nothing where the run is no longer there."""
    if run_id not in {run.run_id for run in site.runs()}:
        return {}
    rows = site.plots(run_id).rows
    names = rows["main_name"].where(rows["main_name"] != "", rows["holder"])
    return dict(zip(rows["parcel_id"].astype(str), names.astype(str), strict=True))

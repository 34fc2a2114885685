"""Meetings: an agenda from a filter, the verdicts taken under it, and the minutes.

The minutes are the ledger's own rows: what was decided while the meeting was open, with the mu that
the cases had at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from landuse.errors import UserError
from landuse.ledger.days import day_of
from landuse.ledger.journal import check_who
from landuse.ledger.review_models import Meeting
from landuse.ledger.reviews import ReviewLine, reviews_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = [
    "MeetingLine",
    "Minutes",
    "MinutesRow",
    "VerdictSum",
    "close_meeting",
    "find_meeting",
    "meetings",
    "minutes",
    "open_meeting",
    "running_meeting",
]

_SIGN: Final = "会"
_VERDICTS: Final = ("confirm", "reject", "survey", "defer", "object")


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A meeting; ``closed_at`` is ``None`` while it is open. ``agenda`` are parcel codes."""

    number: str
    title: str
    run_id: str
    filter_query: str
    agenda: tuple[str, ...]
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str


@dataclass(frozen=True, slots=True)
class MinutesRow:
    """One verdict of the meeting. ``stands``: it was not undone before the meeting closed;
    ``undone_later``: somebody took it back afterwards."""

    line: ReviewLine
    on_agenda: bool
    stands: bool
    undone_later: bool


@dataclass(frozen=True, slots=True)
class VerdictSum:
    """Plots whose last standing verdict of the meeting is ``verdict``; the mu (× 10⁴) of their
    cases, each case once, under the last verdict on it."""

    verdict: str
    plots: int
    cases: int
    mu_e4: int


@dataclass(frozen=True, slots=True)
class Minutes:
    """What a meeting decided: ``rows`` in the order of the verdicts (undos are no rows), ``sums``
    by verdict, which add up to ``whole``, and the plots of the agenda without a verdict."""

    meeting: MeetingLine
    rows: tuple[MinutesRow, ...]
    sums: tuple[VerdictSum, ...]
    whole: VerdictSum
    undecided: tuple[str, ...]


def open_meeting(
    session: Session,
    *,
    title: str,
    run_id: str,
    filter_query: str,
    agenda: Sequence[str],
    by: str,
    at: datetime,
) -> MeetingLine:
    """Open a meeting on a run. Raises :class:`~landuse.errors.UserError` without title or agenda,
    or while another meeting on the run is open."""
    who, title = check_who(by, at), title.strip()
    plots = list(dict.fromkeys(agenda))
    if not title:
        raise UserError.of("review.meeting_untitled")
    if not plots:
        raise UserError.of("review.meeting_without_agenda", value=title)
    running = running_meeting(session, run_id)
    if running is not None:
        raise UserError.of(
            "review.meeting_running", value=running.number, title=running.title,
            by=running.opened_by,
        )  # fmt: skip
    row = Meeting(
        number=_next_number(session, day_of(at).year),
        title=title,
        run_id=run_id,
        filter_query=filter_query,
        agenda_json=plots,
        opened_at=at,
        opened_by=who,
        closed_at=None,
    )
    session.add(row)
    session.flush()
    return _line(row)


def close_meeting(session: Session, number: str, *, by: str, at: datetime) -> MeetingLine:
    """Close a meeting: no verdict is taken under it any more, its minutes stay as they are."""
    who, row = check_who(by, at), _row(session, number)
    if row.closed_at is not None:
        raise UserError.of("review.meeting_closed", value=row.number, by=row.closed_by)
    row.closed_at, row.closed_by = at, who
    session.flush()
    return _line(row)


def find_meeting(session: Session, number: str) -> MeetingLine:
    """The meeting with this number; :class:`~landuse.errors.UserError` if there is none."""
    return _line(_row(session, number))


def running_meeting(session: Session, run_id: str) -> MeetingLine | None:
    """The open meeting on a run."""
    query = select(Meeting).where(Meeting.run_id == run_id, Meeting.closed_at.is_(None))
    row = session.scalar(query.order_by(Meeting.id.desc()).limit(1))
    return None if row is None else _line(row)


def meetings(session: Session) -> list[MeetingLine]:
    """All meetings, the newest first."""
    return [_line(row) for row in session.scalars(select(Meeting).order_by(Meeting.id.desc()))]


def minutes(session: Session, number: str) -> Minutes:
    """The minutes of a meeting, open or closed."""
    row = _row(session, number)
    agenda = set(row.agenda_json)
    lines = reviews_of(session, meeting=row.number)[::-1]
    # by the rows of this meeting, not by clocks: an undo may have waited while the meeting closed
    taken = {line.undo_of for line in lines if line.verdict == "undo"}
    rows = tuple(_minutes_row(line, agenda, taken) for line in lines if line.verdict != "undo")
    standing = [one.line for one in rows if one.stands]
    decided = {line.parcel_id for line in standing}
    return Minutes(
        meeting=_line(row),
        rows=rows,
        sums=_sums(standing),
        whole=_whole(standing),
        undecided=tuple(parcel for parcel in row.agenda_json if parcel not in decided),
    )


def _minutes_row(line: ReviewLine, agenda: set[str], taken: set[int | None]) -> MinutesRow:
    stands = line.id not in taken
    return MinutesRow(
        line,
        on_agenda=line.parcel_id in agenda,
        stands=stands,
        undone_later=stands and line.undone_at is not None,
    )


def _sums(standing: Iterable[ReviewLine]) -> tuple[VerdictSum, ...]:
    plots: dict[str, str] = {}
    cases: dict[str, ReviewLine] = {}
    for line in standing:
        plots[line.parcel_id] = line.verdict
        cases[line.number] = line
    found = []
    for verdict in _VERDICTS:
        mine = [line.mu_e4 for line in cases.values() if line.verdict == verdict]
        number = sum(said == verdict for said in plots.values())
        if mine or number:
            found.append(VerdictSum(verdict, number, len(mine), sum(mine)))
    return tuple(found)


def _whole(standing: Sequence[ReviewLine]) -> VerdictSum:
    mu = {line.number: line.mu_e4 for line in standing}
    plots = {line.parcel_id for line in standing}
    return VerdictSum("", len(plots), len(mu), sum(mu.values()))


def _row(session: Session, number: str) -> Meeting:
    row = session.scalar(select(Meeting).where(Meeting.number == number.strip()))
    if row is None:
        raise UserError.of("review.no_such_meeting", value=number)
    return row


def _line(row: Meeting) -> MeetingLine:
    return MeetingLine(
        number=row.number,
        title=row.title,
        run_id=row.run_id,
        filter_query=row.filter_query,
        agenda=tuple(row.agenda_json),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )


def _next_number(session: Session, year: int) -> str:
    """Numbers rise within the year: 2026-会-01."""
    stem = f"{year}-{_SIGN}-"
    query = select(Meeting.number).where(Meeting.number.startswith(stem, autoescape=True))
    last = session.scalar(query.order_by(Meeting.id.desc()).limit(1))
    serial = int(last.removeprefix(stem)) if last else 0
    return f"{stem}{serial + 1:02d}"

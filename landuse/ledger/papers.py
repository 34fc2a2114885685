"""The documents of a case, and which days are coming.

Takes a case and dates; gives documents with the deadlines that Order 53 of 2012 sets (or, where it
is silent, ours) and the list of what is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final, Unpack

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import journal
from landuse.ledger.days import day_of
from landuse.ledger.journal import Signed
from landuse.ledger.models import Case, Document, Event
from landuse.ledger.states import IDLE_STEPS, INVESTIGATION_DAYS, check_paper, reply_by

__all__ = ["Due", "Paper", "coming", "record", "revise"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of a case: its name, kind (code), dates and the hash of its file."""

    name: str
    kind: str = "other"
    dated: date | None = None
    deadline: date | None = None
    served_on: date | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """One day that is coming or past: ``what`` is a code of the words ``due_<code>``.

    ``days_left`` is 0 on the day and negative after it; ``document`` the number of the document
    within the case, or ``None``, and ``name`` what it is called.
    """

    number: str
    what: str
    on: date
    days_left: int
    document: int | None
    state: str
    park: str
    original_enterprises: str
    responsible_unit: str
    responsible_person: str
    name: str = ""


def record(
    session: Session,
    case: Case,
    paper: Paper,
    *,
    why: str = "",
    **signed: Unpack[Signed],
) -> Document:
    """Adds a document; an answer is due by its deadline, else by the one of its kind.

    Raises :class:`landuse.errors.UserError` for an unknown kind and for a document served before
    it was written.
    """
    act = journal.begin(session, case, why=why, **signed)
    check_paper(paper.kind, case.number)
    _refuse_reversed(case, paper.dated, paper.served_on)
    values = asdict(paper)
    values["deadline"] = paper.deadline or reply_by(paper.kind, paper.served_on)
    seq = max((row.seq for row in case.documents), default=0) + 1
    row: Document = journal.new_row("document", case, seq, values)
    case.documents.append(row)
    act.create("document", row)
    session.flush()
    return row


def revise(
    session: Session,
    case: Case,
    seq: int,
    *,
    by: str,
    at: datetime,
    why: str = "",
    expected_revision: int | None = None,
    **dates: date | None,
) -> Document:
    """Changes ``dated``, ``served_on`` or ``deadline`` of a document (送达 comes after the paper).

    A deadline that followed from the day of service follows the new one.
    """
    act = journal.begin(session, case, by=by, at=at, why=why, expected_revision=expected_revision)
    row = next((row for row in case.documents if row.seq == seq and not row.removed), None)
    if row is None:
        raise UserError.of("ledger_cases.no_such_document", key=case.number, value=seq)
    wrong = set(dates) - {"dated", "served_on", "deadline"}
    if wrong:
        raise UserError.of(
            "ledger_cases.undescribable",
            key=case.number,
            value=", ".join(sorted(wrong)),
            known="dated, served_on, deadline",
        )
    served = dates.get("served_on", row.served_on)
    _refuse_reversed(case, dates.get("dated", row.dated), served)
    if "deadline" not in dates and row.deadline in (None, reply_by(row.kind, row.served_on)):
        dates["deadline"] = reply_by(row.kind, served)
    for name, value in dates.items():
        act.set("document", row, name, value)
    session.flush()
    return row


def _refuse_reversed(case: Case, dated: date | None, served_on: date | None) -> None:
    if dated is not None and served_on is not None and served_on < dated:
        raise UserError.of(
            "ledger_cases.dates_reversed",
            key=case.number,
            value=served_on.isoformat(),
            earlier=dated.isoformat(),
        )


_STEPS: Final = {kind: place for place, kind in enumerate(IDLE_STEPS) if kind != "service_receipt"}
"""The papers that follow each other; a receipt proves the service of any of them."""
_AWAITED: Final = frozenset(kind for kind, step in IDLE_STEPS.items() if step.reply_days)
"""Papers that their receiver has to answer once they are served."""
_BEFORE_DECISION: Final = ("suspected", "publicised", "objected")


def coming(session: Session, on: date, *, within_days: int | None = 30) -> list[Due]:
    """What is due in open cases by ``within_days`` after ``on`` (all with ``None``), or is overdue.

    Deadlines of cases; the end of publication; the investigation of a suspected idle case (30
    days, Order 53 article 5) until its notice is written; what papers wait for: the answer of
    their receiver until a later paper of the statutory order is there (of a decision: until the
    case awaits acceptance), of other papers their service. Sorted by day and case number.
    """
    limit = None if within_days is None else on + timedelta(days=within_days)
    cases = {case.id: case for case in session.scalars(select(Case).where(Case.is_open))}
    found = [
        _due(cases[key], what, day, on, paper)
        for key, what, day, paper in _days(session, cases)
        if limit is None or day <= limit
    ]
    return sorted(found, key=lambda due: (due.on, due.number, due.what, due.document or 0))


_Day = tuple[int, str, date, Document | None]


def _days(session: Session, cases: dict[int, Case]) -> Iterator[_Day]:
    papers: dict[int, list[Document]] = {}
    query = select(Document).join(Case).where(Case.is_open, Document.removed.is_(False))
    for row in session.scalars(query):
        papers.setdefault(row.case_id, []).append(row)
    for key, case in cases.items():
        if case.deadline is not None:
            yield key, "case", case.deadline, None
        if case.state == "publicised" and case.publication_to is not None:
            yield key, "publication", case.publication_to, None
        yield from _paper_days(case, papers.get(key, []))
    for key, day in _suspected(session).items():
        written = {row.kind for row in papers.get(key, [])}
        if "investigation_notice" not in written:
            yield key, "investigation", day + timedelta(days=INVESTIGATION_DAYS), None


def _paper_days(case: Case, papers: list[Document]) -> Iterator[_Day]:
    reached = max((_STEPS.get(row.kind, -1) for row in papers), default=-1)
    for row in papers:
        if row.deadline is not None and not _answered(case, row, reached):
            yield case.id, row.kind or "other", row.deadline, row


def _answered(case: Case, row: Document, reached: int) -> bool:
    """Whether a paper waits for nothing any more; ``reached`` is the last step that is there."""
    if row.kind == "decision":
        return case.state == "awaiting_acceptance"
    if row.kind in _AWAITED:
        return _STEPS[row.kind] < reached
    return row.served_on is not None or _STEPS.get(row.kind, reached) < reached


def _suspected(session: Session) -> dict[int, date]:
    """Since when idle cases that are not decided have been suspected, by key."""
    query = (
        select(Case.id, Case.opened_at, func.max(Event.at))
        .outerjoin(
            Event,
            (Event.case_id == Case.id)
            & (Event.entity == "case")
            & (Event.field == "state")
            & (Event.after_json == "suspected"),
        )
        .where(Case.state.in_(_BEFORE_DECISION), Case.kind.in_(("idle", "both")))
        .group_by(Case.id, Case.opened_at)
    )
    return {
        key: day_of(moved if moved is not None else opened)
        for key, opened, moved in session.execute(query)
    }


def _due(case: Case, what: str, day: date, on: date, paper: Document | None) -> Due:
    return Due(
        number=case.number,
        what=what,
        on=day,
        days_left=(day - on).days,
        document=paper.seq if paper else None,
        name=paper.name if paper else "",
        state=case.state,
        park=case.park,
        original_enterprises=case.original_enterprises,
        responsible_unit=case.responsible_unit,
        responsible_person=case.responsible_person,
    )

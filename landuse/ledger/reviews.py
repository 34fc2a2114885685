"""What was decided on plots, and what changed since somebody looked: reading only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from landuse.errors import UserError
from landuse.ledger.models import Case, CaseParcel, Event
from landuse.ledger.review_models import Meeting, Review
from landuse.ledger.telling import TOLD, act_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["Change", "ReviewLine", "changes_since", "newest_event", "review_line", "reviews_of"]

_MOST_EVENTS: Final = 5000


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One verdict (or its undo) as lists and minutes show it.

    ``verdict``: confirm, reject, survey, defer, object, undo. States are codes; ``from_state`` is
    blank where the plot had no case. ``mu_e4`` and ``enterprises`` are those of the case at that
    moment. ``undo_of`` is the verdict that an undo takes back; ``undone_by`` who
    took this one back.
    """

    id: int
    run_id: str
    parcel_id: str
    number: str
    verdict: str
    comment: str
    deciding_authority: str
    by: str
    at: datetime
    meeting: str
    opened_case: bool
    from_state: str
    to_state: str
    revision: int
    mu_e4: int
    enterprises: str
    undo_of: int | None
    undone_by: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One act on a case: which plots it touches, where the case stands now, and what was done."""

    event_id: int
    parcel_ids: tuple[str, ...]
    number: str
    state: str
    revision: int
    by: str
    at: datetime
    text_zh: str
    text_en: str


def reviews_of(
    session: Session,
    *,
    run_id: str = "",
    parcel_id: str = "",
    meeting: str = "",
    limit: int | None = None,
) -> list[ReviewLine]:
    """Verdicts of a run, a plot, a meeting (its number), or all of them, the newest first."""
    query = _lines().order_by(Review.id.desc()).limit(limit)
    for column, wanted in (
        (Review.run_id, run_id), (Review.parcel_id, parcel_id), (Meeting.number, meeting),
    ):  # fmt: skip
        if wanted:
            query = query.where(column == wanted)
    return [_line(row) for row in session.execute(query)]


def review_line(session: Session, review_id: int) -> ReviewLine:
    """One verdict. Raises :class:`~landuse.errors.UserError` where there is none."""
    row = session.execute(_lines().where(Review.id == review_id)).first()
    if row is None:
        raise UserError.of("review.no_such_review", value=review_id)
    return _line(row)


def _lines() -> Any:  # noqa: ANN401 - a select of five columns
    undo = aliased(Review)
    return (
        select(Review, Case.number, Meeting.number, undo.by, undo.at)
        .join(Case, Case.id == Review.case_id)
        .outerjoin(Meeting, Meeting.id == Review.meeting_id)
        .outerjoin(undo, undo.undo_of == Review.id)
    )


def _line(row: Any) -> ReviewLine:  # noqa: ANN401 - a row of _lines
    review, number, meeting, undone_by, undone_at = row
    return ReviewLine(
        id=review.id,
        run_id=review.run_id,
        parcel_id=review.parcel_id,
        number=number,
        verdict=review.verdict,
        comment=review.comment,
        deciding_authority=review.deciding_authority,
        by=review.by,
        at=review.at,
        meeting=meeting or "",
        opened_case=review.opened_case,
        from_state=review.from_state,
        to_state=review.to_state,
        revision=review.revision,
        mu_e4=review.mu_e4,
        enterprises=review.enterprises,
        undo_of=review.undo_of,
        undone_by=undone_by or "",
        undone_at=undone_at,
    )


def newest_event(session: Session) -> int:
    """The newest event of the ledger: where :func:`changes_since` begins to look; 0 if none."""
    return session.scalar(select(func.max(Event.id))) or 0


def changes_since(session: Session, event_id: int, *, limit: int = 200) -> tuple[int, list[Change]]:
    """The newest event now, and the acts on cases after ``event_id``, oldest first.

    At most the ``limit`` newest acts: who gets that many reads the whole table anew. Writers come
    one after the other, so that no earlier event can turn up later.
    """
    newest = newest_event(session)
    query = (
        select(Event.id, Event.case_id, Event.act, Event.at, Event.by, *TOLD)
        .where(Event.id > event_id, Event.id <= newest, Event.case_id.is_not(None))
        .order_by(Event.id.desc())
        .limit(_MOST_EVENTS)
    )
    events = list(session.execute(query))[::-1]
    acts = [list(act) for _, act in groupby(events, key=lambda one: (one.case_id, one.act))]
    acts = acts[-limit:]
    cases = _cases(session, sorted({act[0].case_id for act in acts}))
    return newest, [_change(act, *cases[act[0].case_id]) for act in acts]


def _change(act: list[Any], case: Any, parcels: tuple[str, ...]) -> Change:  # noqa: ANN401 - rows
    return Change(
        event_id=act[-1].id,
        parcel_ids=parcels,
        number=case.number,
        state=case.state,
        revision=case.revision,
        by=act[0].by,
        at=act[0].at,
        text_zh=act_text(act, "zh"),
        text_en=act_text(act, "en"),
    )


def _cases(session: Session, keys: list[int]) -> dict[int, tuple[Any, tuple[str, ...]]]:
    rows = select(Case.id, Case.number, Case.state, Case.revision).where(Case.id.in_(keys))
    held = select(CaseParcel.case_id, CaseParcel.parcel_id).where(CaseParcel.case_id.in_(keys))
    parcels: dict[int, list[str]] = {}
    for key, parcel in session.execute(
        held.where(CaseParcel.removed.is_(False)).order_by(CaseParcel.case_id, CaseParcel.seq)
    ):
        parcels.setdefault(key, []).append(parcel)
    return {row.id: (row, tuple(parcels.get(row.id, ()))) for row in session.execute(rows)}

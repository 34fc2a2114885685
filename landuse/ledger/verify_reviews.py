"""Whether every verdict is what its case's events say, and every meeting is on one run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from landuse.issues import Issue
from landuse.ledger.journal import CREATED
from landuse.ledger.models import CaseParcel, Event
from landuse.ledger.review_models import Meeting, Review
from landuse.ledger.telling import TOLD
from landuse.scaled import MU, to_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["review_faults"]


def review_faults(session: Session) -> Iterator[Issue]:
    """Faults of verdicts: the act they name, the states and the mu they state, what they undo."""
    reviews = list(session.scalars(select(Review).order_by(Review.case_id, Review.id)))
    by_key = {row.id: row for row in reviews}
    runs = {row.id: row.run_id for row in session.execute(select(Meeting.id, Meeting.run_id))}
    held = {tuple(row) for row in session.execute(select(CaseParcel.case_id, CaseParcel.parcel_id))}
    events = _events(session)
    for row in reviews:
        acts = events.get(row.case_id, [])
        yield from _act(row, acts)
        yield from _undo(row, by_key, acts)
        if (row.case_id, row.parcel_id) not in held:
            yield _fault("review.fault_plot", row, case=row.case_id)
        if row.meeting_id is not None and runs.get(row.meeting_id) != row.run_id:
            yield _fault("review.fault_meeting", row, run=row.run_id)


def _fault(code: str, row: Review, **values: object) -> Issue:
    return Issue(code, table="ledger", key=row.parcel_id, value=str(row.id), values=values)


def _events(session: Session) -> dict[int, list[Any]]:
    """The events of the cases that were ever decided on, by case and in their order."""
    decided = select(Review.case_id).distinct()
    query = (
        select(Event.id, Event.case_id, Event.seq, Event.act, Event.at, Event.by, *TOLD)
        .where(Event.case_id.in_(decided))
        .order_by(Event.case_id, Event.seq)
    )
    found = session.execute(query)
    return {key: list(group) for key, group in groupby(found, key=lambda one: one.case_id)}


def _act(row: Review, events: list[Any]) -> Iterator[Issue]:
    mine = [one for one in events if one.act == row.act]
    if not mine or mine[0].seq != row.act or row.revision < mine[-1].seq:
        yield _fault("review.fault_act", row, act=row.act)
        return
    if any((one.by, one.at) != (row.by, row.at) for one in mine):
        yield _fault("review.fault_who", row, by=row.by, other=mine[0].by)
    before, _ = _standing(events, row.act - 1)
    after, mu = _standing(events, row.revision)
    began = "" if row.opened_case else before  # before the verdict there was no case
    if (began, after) != (row.from_state, row.to_state):
        said, held = f"{row.from_state}→{row.to_state}", f"{began}→{after}"
        yield _fault("review.fault_state", row, said=said, held=held)
    if mu != row.mu_e4:
        yield _fault("review.fault_mu", row, said=to_text(row.mu_e4, MU), held=to_text(mu, MU))


def _standing(events: list[Any], seq: int) -> tuple[str, int]:
    """State and mu × 10⁴ of the case after its event number ``seq``."""
    state, mu = "", 0
    for one in events:
        if one.seq > seq:
            break
        if one.entity != "case":
            continue
        if one.field == CREATED:
            state, mu = one.after_json["state"], one.after_json["case_mu_e4"]
        elif one.field == "state":
            state = one.after_json
        elif one.field == "case_mu_e4":
            mu = one.after_json
    return state, mu


def _undo(row: Review, by_key: dict[int, Review], events: list[Any]) -> Iterator[Issue]:
    if row.undo_of is None:
        return
    target = by_key.get(row.undo_of)
    same = target is not None and target.undo_of is None
    if target is None or not same or target.case_id != row.case_id:
        yield _fault("review.fault_undo", row, undone=row.undo_of)
        return
    taken = {one.id for one in events if one.act == target.act}
    undone = {one.undo_of for one in events if one.act == row.act}
    if target.act != 1 and not taken <= undone:
        yield _fault("review.fault_undo", row, undone=row.undo_of)

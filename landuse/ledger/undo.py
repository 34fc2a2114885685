"""Undoing an action: never by deleting, always by a new action that sets the fields back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Unpack

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger.journal import CREATED, ROWS, Reasoned, from_json
from landuse.ledger.journal import begin as begin_act
from landuse.ledger.models import Base, Case, Event
from landuse.ledger.stale import in_words

__all__ = ["undo", "undone"]

_FREE: Final = frozenset(
    {("case", name) for name in ("progress", "issue_type", "problems", "notes", "address")}
)
"""Fields on which nothing else rests: they can be set back whatever happened since."""


def undo(
    session: Session,
    event_id: int,
    *,
    check: Callable[[Session, Case], None] | None = None,
    **reasoned: Unpack[Reasoned],
) -> Case:
    """Undo the whole action that the event ``event_id`` is part of, as a new action.

    What was added is marked removed. An undo can be undone in turn. ``check`` sees the case
    afterwards and may refuse it. Raises :class:`~landuse.errors.UserError` where the action is
    undone already, opened the case, or where something later rests on it, naming that.
    """
    event = session.get(Event, event_id)
    if event is None or event.case_id is None:
        raise UserError.of("ledger.no_event", value=event_id)
    case = session.get_one(Case, event.case_id)
    events = list(
        session.scalars(select(Event).where(Event.case_id == case.id).order_by(Event.seq))
    )
    acted = [one for one in events if one.act == event.act]
    _refuse(session, case, acted, events)
    act = begin_act(session, case, **reasoned)
    for one in reversed(acted):
        row = _row(session, case, one)
        if one.field == CREATED:
            act.set(one.entity, row, "removed", True, undo_of=one.id)
        else:
            before = from_json(one.entity, one.field, one.before_json)
            act.set(one.entity, row, one.field, before, undo_of=one.id)
    session.flush()
    if check is not None:
        check(session, case)
    return case


def undone(events: list[Event]) -> set[int]:
    """Keys of the events that are undone, by an undo that is not undone itself."""
    gone: set[int] = set()
    for event in sorted(events, key=lambda one: one.seq, reverse=True):
        if event.undo_of is not None and event.id not in gone:
            gone.add(event.undo_of)
    return gone


def _refuse(session: Session, case: Case, acted: list[Event], events: list[Event]) -> None:
    gone = undone(events)
    place = {"key": case.number, "value": acted[0].id}
    if any(one.id in gone for one in acted):
        raise UserError.of("ledger.already_undone", **place)
    if any(one.entity == "case" and one.field == CREATED for one in acted):
        raise UserError.of("ledger.cannot_undo_opening", **place)
    blocking = _blocking(acted, events, gone)
    if blocking is not None:
        raise UserError.of(
            "ledger.undo_blocked", **place, blocking=blocking.id, **in_words(blocking)
        )
    if any((one.entity, one.field) == ("case", "state") for one in acted):
        query = select(Case.number).where(
            or_(Case.carried_from == case.id, Case.relapse_of == case.id), Case.state != "removed"
        )
        number = session.scalar(query.order_by(Case.id))
        if number is not None:
            raise UserError.of("ledger.undo_blocked_by_case", **place, number=number)


def _blocking(acted: list[Event], events: list[Event], gone: set[int]) -> Event | None:
    """The last later event that stands and rests on the action."""
    by_key = {event.id: event for event in events}
    touched = {(one.entity, one.entity_seq, one.field) for one in acted}
    created = {(one.entity, one.entity_seq) for one in acted if one.field == CREATED}
    moves = ("case", 0, "state") in touched
    free = all((entity, name) in _FREE for entity, _, name in touched)
    for later in reversed(events):
        if later.seq <= acted[-1].seq:
            return None
        if later.id in gone:
            continue
        target = by_key.get(later.undo_of) if later.undo_of is not None else None
        if target is not None and target.seq > acted[-1].seq:
            continue  # cancels something that came after the action as well
        key = (later.entity, later.entity_seq, later.field)
        same = key in touched or key[:2] in created
        rests = key == ("case", 0, "state") or (moves and later.entity in {"part", "parcel"})
        if same or (rests and not free and target is None):
            return later
    return None


def _row(session: Session, case: Case, event: Event) -> Base:
    if event.entity == "case":
        return case
    model = ROWS[event.entity]
    query = select(model).filter_by(case_id=case.id, seq=event.entity_seq)
    return session.scalars(query).one()

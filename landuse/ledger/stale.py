"""Refusing a writer who did not see what others wrote meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.issues import Issue
from landuse.ledger.models import Case, Event

__all__ = ["StaleError", "check_fresh"]


class StaleError(UserError):
    """Somebody else changed the case meanwhile; ``events`` are the changes, oldest first."""

    def __init__(self, issues: list[Issue], events: Sequence[Event] = ()) -> None:
        super().__init__(issues)
        self.events = list(events)


def check_fresh(session: Session, case: Case, expected: int) -> None:
    """Raise :class:`StaleError` where the case is past revision ``expected``.

    What a run noted by itself (a parcel found, or no longer found) does not count: it changes
    nothing that a person wrote.
    """
    if expected == case.revision:
        return
    if not 0 < expected < case.revision:
        raise StaleError([Issue("ledger.unknown_revision", key=case.number, value=str(expected))])
    query = (
        select(Event)
        .where(Event.case_id == case.id, Event.seq > expected, Event.entity != "finding")
        .order_by(Event.seq)
    )
    meanwhile = list(session.scalars(query))
    if meanwhile:
        raise StaleError([_told(case, event) for event in meanwhile], meanwhile)


def _told(case: Case, event: Event) -> Issue:
    code = "ledger.stale" if event.field != "*" else "ledger.stale_new"
    values = {
        "by": event.by,
        "at": event.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        "field": event.field,
        "entity": event.entity,
        "before": shown_value(event.before_json),
        "after": shown_value(event.after_json),
    }
    return Issue(code, key=case.number, column=event.field, values=values)


def shown_value(value: object) -> str:
    """A value of an event in a sentence; long ones are cut."""
    words = "–" if value in (None, "") else str(value)
    return words if len(words) <= 60 else words[:57] + "..."

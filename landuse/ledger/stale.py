"""Refusing a writer who did not see what others wrote meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.issues import Issue
from landuse.ledger import words
from landuse.ledger.days import LOCAL
from landuse.ledger.models import Case, Event
from landuse.messages import Lang

__all__ = ["StaleError", "check_fresh", "in_words", "local"]


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
    return Issue(code, key=case.number, values=in_words(event))


def in_words(event: Event) -> dict[str, object]:
    """Who changed what from what to what and when, as values of a sentence."""
    languages: tuple[Lang, ...] = ("zh", "en")
    values: dict[str, object] = {"by": event.by, "at": local(event.at)}
    for lang in languages:
        values[f"entity_{lang}"] = words.entity_word(event.entity, lang)
        created = event.field == "*"
        values[f"field_{lang}"] = (
            values[f"entity_{lang}"] if created else words.field_word(event.field, lang)
        )
        for name, value in {"before": event.before_json, "after": event.after_json}.items():
            shown = "" if created else words.value_word(event.field, value, lang)
            values[f"{name}_{lang}"] = shown
    return values


def local(moment: datetime) -> str:
    """A moment in China standard time, as the days of the ledger are; whatever the machine's is.

    >>> from datetime import UTC
    >>> local(datetime(2025, 12, 31, 16, 5, tzinfo=UTC))
    '2026-01-01 00:05:00'
    """
    return moment.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")

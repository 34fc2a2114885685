"""What a run says of a hundred thousand cases at once: found no more, or found again.

The same events with the same revisions as :func:`landuse.ledger.events.mark_found` leaves one by
one, put in by COPY and plain SQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Table, inspect, update

from landuse.ledger import canonical
from landuse.ledger.journal import check_who
from landuse.ledger.models import Base, Case, CaseParcel, Event

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = ["Mark", "mark_many"]

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """A parcel of a case (key ``row`` and number ``seq``) whose ``is_found`` becomes ``found``.

    ``revision`` is that of the case before any mark.
    """

    case_id: int
    revision: int
    row: int
    seq: int
    found: bool


def mark_many(session: Session, marks: Sequence[Mark], *, by: str, at: datetime, why: str) -> None:
    """Set ``is_found`` as ``marks`` say, each the contrary of what it was; one event each.

    The events stand in the order of ``marks``, each an action of its own; ``why`` names the run.
    """
    who = check_who(by, at)
    session.flush()
    stamp = {"at": at, "by": who, "why": why.strip()}
    connection = session.connection()
    canonical.insert_mappings(connection, _table(Event), list(_events(marks, stamp)))
    cases, parcels = _table(Case), _table(CaseParcel)
    for steps, keys in _grouped(Counter(one.case_id for one in marks).items()):
        further = {"revision": cases.c.revision + steps}
        for some in _batches(keys):
            connection.execute(update(cases).where(cases.c.id.in_(some)).values(further))
    for found, keys in _grouped((one.row, one.found) for one in marks):
        for some in _batches(keys):
            told = update(parcels).where(parcels.c.id.in_(some)).values(is_found=found)
            connection.execute(told)
    _reread(session, {one.case_id for one in marks}, {one.row for one in marks})


def _events(marks: Iterable[Mark], stamp: dict[str, Any]) -> Iterator[dict[str, Any]]:
    reached: dict[int, int] = {}
    for one in marks:
        seq = reached[one.case_id] = reached.get(one.case_id, one.revision) + 1
        yield {
            **stamp,
            "case_id": one.case_id,
            "seq": seq,
            "act": seq,
            "entity": "finding",
            "entity_seq": one.seq,
            "field": "is_found",
            "before_json": not one.found,
            "after_json": one.found,
        }


def _grouped(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Keys by what is done to them."""
    groups: dict[int, list[int]] = {}
    for key, value in pairs:
        groups.setdefault(value, []).append(key)
    yield from groups.items()


def _batches(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH))


def _reread(session: Session, cases: set[int], parcels: set[int]) -> None:
    """Rows that the session holds already must not go on with what was true before."""
    for row in list(session.identity_map.values()):
        if isinstance(row, Case) and _key(row) in cases:
            session.refresh(row, ["revision"])
        elif isinstance(row, CaseParcel) and _key(row) in parcels:
            session.refresh(row, ["is_found"])


def _key(row: Base) -> int | None:
    identity = inspect(row).identity
    return identity[0] if identity else None


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table

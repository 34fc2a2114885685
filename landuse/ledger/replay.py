"""What the events of a case amount to, and whether the rows say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from landuse.ledger.journal import CREATED, FIELDS, ROWS, from_json, to_json
from landuse.ledger.models import NOT_OPEN, Base, Case, Correction, Event

__all__ = ["CaseState", "Difference", "compare", "differences", "replay", "state_of"]

_ENTITIES: Final = ("parcel", "part", "document")
_SHOWN: Final[dict[str, tuple[str, ...]]] = {
    **FIELDS,
    "case": (*FIELDS["case"], "is_open"),
    "parcel": (*FIELDS["parcel"], *FIELDS["finding"], "is_open"),
}
_BATCH: Final = 1000


@dataclass
class CaseState:
    """A case as plain values, by field; parcels, parts and documents by their number."""

    case: dict[str, Any] = field(default_factory=dict)
    parcels: dict[int, dict[str, Any]] = field(default_factory=dict)
    parts: dict[int, dict[str, Any]] = field(default_factory=dict)
    documents: dict[int, dict[str, Any]] = field(default_factory=dict)
    revision: int = 0

    def of(self, entity: str) -> dict[int, dict[str, Any]]:
        """The entities of one kind by their number; the case itself is number 0."""
        if entity == "case":
            return {0: self.case}
        kept = {"parcel": self.parcels, "finding": self.parcels, "part": self.parts}
        return kept.get(entity, self.documents)


@dataclass(frozen=True)
class Difference:
    """A field whose row is not what the events lead to (values as events hold them)."""

    entity: str
    seq: int
    field: str
    row: object
    replayed: object


def replay(events: Iterable[Event]) -> CaseState:
    """The state that ``events`` (of one case, in the order of ``seq``) lead to."""
    state = CaseState()
    for event in events:
        fields = state.of(event.entity).setdefault(event.entity_seq, {})
        if event.field == CREATED:
            fields.update(_decoded(event.entity, event.after_json))
        else:
            fields[event.field] = from_json(event.entity, event.field, event.after_json)
        state.revision = event.seq
    state.case["is_open"] = state.case.get("state") not in NOT_OPEN
    for parcel in state.parcels.values():
        parcel["is_open"] = state.case["is_open"] and not parcel.get("removed")
    return state


def _decoded(entity: str, after: dict[str, Any]) -> dict[str, Any]:
    values = {name: from_json(entity, name, value) for name, value in after.items()}
    return {**values, "is_found": True} if entity == "parcel" else values


def state_of(case: Case) -> CaseState:
    """The state of the case's rows as they stand."""
    state = CaseState(_values("case", case), revision=case.revision)
    state.parcels = {row.seq: _values("parcel", row) for row in case.parcels}
    state.parts = {row.seq: _values("part", row) for row in case.parts}
    state.documents = {row.seq: _values("document", row) for row in case.documents}
    return state


def _values(entity: str, row: Base) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN[entity]}


def compare(rows: CaseState, replayed: CaseState) -> list[Difference]:
    """Every field in which two states differ; empty where they agree."""
    found: list[Difference] = []
    if rows.revision != replayed.revision:
        found.append(Difference("case", 0, "revision", rows.revision, replayed.revision))
    for entity in ("case", *_ENTITIES):
        left, right = rows.of(entity), replayed.of(entity)
        for seq in sorted(left.keys() | right.keys()):
            one, two = left.get(seq, {}), right.get(seq, {})
            found += _fields_apart(entity, seq, one, two)
    return found


def _fields_apart(
    entity: str, seq: int, one: dict[str, Any], two: dict[str, Any]
) -> Iterator[Difference]:
    for name in sorted(one.keys() | two.keys()):
        left, right = to_json(one.get(name)), to_json(two.get(name))
        if left != right:
            yield Difference(entity, seq, name, left, right)


def differences(session: Session) -> Iterator[tuple[str, Difference]]:
    """Every difference of the whole ledger with the number of its case (``""``: a correction).

    Reads by plain SQL, a thousand cases at a time.
    """
    last = session.scalar(select(func.max(Case.id))) or 0
    for low in range(0, last, _BATCH):
        rows, numbers = _rows_between(session, low, low + _BATCH)
        events = _events_between(session, low, low + _BATCH)
        for key in sorted(rows.keys() | events.keys()):
            replayed = replay(events.get(key, []))
            for fault in compare(rows.get(key, CaseState()), replayed):
                yield numbers.get(key, f"#{key}"), fault
    for fault in _corrections(session):
        yield "", fault


def _table(entity: str) -> Table:
    table = ROWS[entity].__table__
    assert isinstance(table, Table)
    return table


def _rows_between(
    session: Session, low: int, high: int
) -> tuple[dict[int, CaseState], dict[int, str]]:
    cases = _table("case")
    found: dict[int, CaseState] = {}
    numbers: dict[int, str] = {}
    query = select(cases).where(cases.c.id > low, cases.c.id <= high)
    for row in session.execute(query).mappings():
        shown = {name: row[name] for name in _SHOWN["case"]}
        found[row["id"]] = CaseState(shown, revision=row["revision"])
        numbers[row["id"]] = row["number"]
    for entity in _ENTITIES:
        table = _table(entity)
        query = select(table).where(table.c.case_id > low, table.c.case_id <= high)
        for row in session.execute(query).mappings():
            state = found.setdefault(row["case_id"], CaseState())
            state.of(entity)[row["seq"]] = {name: row[name] for name in _SHOWN[entity]}
    return found, numbers


def _events_between(session: Session, low: int, high: int) -> dict[int, list[Event]]:
    query = (
        select(Event)
        .where(Event.case_id > low, Event.case_id <= high)
        .order_by(Event.case_id, Event.seq)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[Event]] = {}
    for event in session.scalars(query):
        found.setdefault(event.case_id or 0, []).append(event)
        session.expunge(event)
    return found


def _corrections(session: Session) -> Iterator[Difference]:
    query = select(Event).where(Event.entity == "correction").order_by(Event.entity_seq, Event.seq)
    replayed: dict[int, dict[str, Any]] = {}
    for event in session.scalars(query):
        fields = replayed.setdefault(event.entity_seq, {})
        fields.update(
            event.after_json if event.field == CREATED else {event.field: event.after_json}
        )
    rows = {row.id: _values("correction", row) for row in session.scalars(select(Correction))}
    for key in sorted(rows.keys() | replayed.keys()):
        yield from _fields_apart("correction", key, rows.get(key, {}), replayed.get(key, {}))

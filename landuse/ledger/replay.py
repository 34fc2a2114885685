"""What the events of a case amount to, and whether the rows say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from landuse.ledger import canonical
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
    state = _led_to(events)
    state.case = _decoded("case", state.case)
    for entity in _ENTITIES:
        kept = state.of(entity)
        kept.update({seq: _decoded(entity, values) for seq, values in kept.items()})
    return state


def _decoded(entity: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: from_json(entity, name, value) for name, value in values.items()}


def _led_to(events: Iterable[Any]) -> CaseState:
    """The same with values as events hold them."""
    state = CaseState()
    for event in events:
        fields = state.of(event.entity).setdefault(event.entity_seq, {})
        if event.field == CREATED:
            fields.update(event.after_json)
            if event.entity == "parcel":
                fields["is_found"] = True
        else:
            fields[event.field] = event.after_json
        state.revision = event.seq
    state.case["is_open"] = state.case.get("state") not in NOT_OPEN
    for parcel in state.parcels.values():
        parcel["is_open"] = state.case["is_open"] and not parcel.get("removed")
    return state


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
    session.flush()
    connection = session.connection()
    last = session.scalar(select(func.max(Case.id))) or 0
    for low in range(0, last, _BATCH):
        rows = _rows_between(connection, low, low + _BATCH)
        events = _events_between(connection, low, low + _BATCH)
        for key in sorted(rows.keys() | events.keys()):
            state = rows.get(key, CaseState())
            for fault in compare(state, _led_to(events.get(key, []))):
                yield str(state.case.get("number", f"#{key}")), fault
    for fault in _corrections(session):
        yield "", fault


def _rows_between(connection: Connection, low: int, high: int) -> dict[int, CaseState]:
    """The rows of some cases, values in the plain form (as events hold them, truth as 0 or 1)."""
    found: dict[int, CaseState] = {}
    names = _SHOWN["case"]
    where = f"id > {low} AND id <= {high}"
    for row in canonical.read(connection, "cases", ["id", "revision", *names], where=where):
        found[row[0]] = CaseState(dict(zip(names, row[2:], strict=True)), revision=row[1])
    for entity in _ENTITIES:
        names = _SHOWN[entity]
        table = ROWS[entity].__tablename__
        where = f"case_id > {low} AND case_id <= {high}"
        for row in canonical.read(connection, table, ["case_id", "seq", *names], where=where):
            kept = found.setdefault(row[0], CaseState()).of(entity)
            kept[row[1]] = dict(zip(names, row[2:], strict=True))
    return found


def _events_between(connection: Connection, low: int, high: int) -> dict[int, list[Any]]:
    query = (
        select(
            Event.case_id,
            Event.seq,
            Event.entity,
            Event.entity_seq,
            Event.field,
            Event.after_json,
        )
        .where(Event.case_id > low, Event.case_id <= high)
        .order_by(Event.case_id, Event.seq)
    )
    found: dict[int, list[Any]] = {}
    for event in connection.execute(query):
        found.setdefault(event.case_id, []).append(event)
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

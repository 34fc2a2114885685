"""What the events of a case amount to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from landuse.ledger.journal import CREATED, FIELDS, from_json, to_json
from landuse.ledger.models import NOT_OPEN, Case, Event

__all__ = ["CaseState", "Difference", "compare", "replay", "state_of"]

_ENTITIES: Final = ("parcel", "part", "document")


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
        return {"parcel": self.parcels, "finding": self.parcels, "part": self.parts}.get(
            entity, self.documents
        )


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
    return _completed(state)


def _decoded(entity: str, after: dict[str, Any]) -> dict[str, Any]:
    values = {name: from_json(entity, name, value) for name, value in after.items()}
    return {**values, "is_found": True} if entity == "parcel" else values


def _completed(state: CaseState) -> CaseState:
    """Add what follows from the fields."""
    state.case["is_open"] = state.case.get("state") not in NOT_OPEN
    for parcel in state.parcels.values():
        parcel["is_open"] = state.case["is_open"] and not parcel["removed"]
    return state


def state_of(case: Case) -> CaseState:
    """The same of the rows as they stand."""
    state = CaseState(revision=case.revision)
    state.case = {name: getattr(case, name) for name in (*FIELDS["case"], "is_open")}
    for parcel in case.parcels:
        names = (*FIELDS["parcel"], "is_found", "is_open")
        state.parcels[parcel.seq] = {name: getattr(parcel, name) for name in names}
    for part in case.parts:
        state.parts[part.seq] = {name: getattr(part, name) for name in FIELDS["part"]}
    for paper in case.documents:
        state.documents[paper.seq] = {name: getattr(paper, name) for name in FIELDS["document"]}
    return state


@dataclass(frozen=True)
class Difference:
    """A field whose row is not what the events lead to."""

    entity: str
    seq: int
    field: str
    row: Any
    replayed: Any


def compare(rows: CaseState, replayed: CaseState) -> list[Difference]:
    """Every field in which two states differ; empty where they agree."""
    found: list[Difference] = []
    if rows.revision != replayed.revision:
        found.append(Difference("case", 0, "revision", rows.revision, replayed.revision))
    for entity in ("case", *_ENTITIES):
        left, right = rows.of(entity), replayed.of(entity)
        for seq in sorted(left.keys() | right.keys()):
            one, two = left.get(seq, {}), right.get(seq, {})
            for name in sorted(one.keys() | two.keys()):
                values = to_json(one.get(name)), to_json(two.get(name))
                if values[0] != values[1]:
                    found.append(Difference(entity, seq, name, *values))
    return found

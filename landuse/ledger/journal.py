"""One action of one person on one case, and the events it leaves.

The only place where a row of a case is written: value and event go together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NotRequired, TypedDict, Unpack

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Date, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from landuse.errors import InternalError, UserError
from landuse.issues import Issue
from landuse.ledger import types
from landuse.ledger.models import (
    NOT_OPEN,
    Base,
    Case,
    CaseParcel,
    Correction,
    Document,
    Event,
    Part,
)

__all__ = [
    "CREATED",
    "FIELDS",
    "ROWS",
    "Act",
    "Reasoned",
    "Signed",
    "begin",
    "check_who",
    "from_json",
    "new_row",
    "to_json",
]

CREATED: Final = "*"
"""``field`` of the event that creates an entity; its ``after`` holds all fields."""

ROWS: Final[dict[str, type[Base]]] = {
    "case": Case,
    "parcel": CaseParcel,
    "finding": CaseParcel,
    "part": Part,
    "document": Document,
    "correction": Correction,
}
_CASE: Final = (
    "number kind state previous_state relapse_of carried_from original_enterprises case_mu_e4"
    " floor_area_m2_e2 park township address responsible_unit responsible_person deadline progress"
    " issue_type problems notes publication_from publication_to accepted_on"
)
_PART: Final = "way mu_e4 floor_area_m2_e2 receiving_enterprise started_on accepted_on removed"
_DOCUMENT: Final = "name kind dated deadline served_on sha256 removed"
_CORRECTION: Final = (
    "case_id table_name key column old new reason evidence_sha256 evidence_name status"
)
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "case": tuple(_CASE.split()),
    "parcel": ("parcel_id", "previously_part_of", "geometry", "removed"),
    "finding": ("is_found",),
    "part": tuple(_PART.split()),
    "document": tuple(_DOCUMENT.split()),
    "correction": tuple(_CORRECTION.split()),
}
"""What events tell of each entity. The rest of a row follows from it."""

_DATES: Final = {
    (entity, name)
    for entity, row in ROWS.items()
    for name in FIELDS[entity]
    if isinstance(inspect(row).columns[name].type, Date)
}


def to_json(value: object) -> Any:  # noqa: ANN401 - what JSON can hold
    """A field's value as an event holds it: dates as ISO text, geometry as hexadecimal (E)WKB."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, BaseGeometry):
        return types.to_stored(value).hex()
    return value.hex() if isinstance(value, bytes) else value


def from_json(entity: str, name: str, value: Any) -> Any:  # noqa: ANN401 - what JSON can hold
    """The field's value again."""
    if value is None:
        return None
    if name == "geometry":
        return types.from_stored(bytes.fromhex(value))
    return date.fromisoformat(value) if (entity, name) in _DATES else value


def check_who(by: str, at: datetime) -> str:
    """Who acts, without spaces around; raises where nobody is named."""
    if at.tzinfo is None:
        raise InternalError([Issue("ledger.naive_time")])
    if not by.strip():
        raise UserError.of("ledger.by_missing")
    return by.strip()


@dataclass
class Act:
    """One action on ``case``: its events share who, when and why, and are undone together."""

    session: Session
    case: Case
    by: str
    at: datetime
    why: str
    first: int = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.case.revision + 1

    def create(self, entity: str, row: CaseParcel | Part | Document) -> None:
        """Add a row that :func:`new_row` made, with its one event."""
        self.session.add(row)
        after = {name: to_json(getattr(row, name)) for name in FIELDS[entity]}
        self._note(entity, row.seq, CREATED, None, after)

    def set(
        self, entity: str, row: Base, name: str, value: object, undo_of: int | None = None
    ) -> None:
        """Change one field of one row; nothing happens where the value is the same already."""
        if name not in FIELDS[entity]:
            raise InternalError([Issue("ledger.unknown_field", column=name, table=entity)])
        before, after = to_json(getattr(row, name)), to_json(value)
        if before == after and undo_of is None:
            return
        setattr(row, name, value)
        self._follow(entity, row, name)
        seq = 0 if entity == "case" else getattr(row, "seq", 0)
        self._note(entity, seq, name, before, after, undo_of)

    def _note(
        self,
        entity: str,
        seq: int,
        name: str,
        before: object,
        after: object,
        undo_of: int | None = None,
    ) -> None:
        self.case.revision += 1
        self.session.add(
            Event(
                case_id=self.case.id,
                seq=self.case.revision,
                act=self.first,
                at=self.at,
                by=self.by,
                entity=entity,
                entity_seq=seq,
                field=name,
                before_json=before,
                after_json=after,
                why=self.why,
                undo_of=undo_of,
            )
        )

    def _follow(self, entity: str, row: Base, name: str) -> None:
        """What follows from a field: whether a case and its parcels are open, the box."""
        if entity == "case" and name == "state":
            self.case.is_open = self.case.state not in NOT_OPEN
            for parcel in self.case.parcels:
                self._open(parcel)
        elif isinstance(row, CaseParcel):
            if name == "removed":
                self._open(row)
            if name == "geometry":
                _put_box(row)

    def _open(self, parcel: CaseParcel) -> None:
        wanted = self.case.is_open and not parcel.removed
        if wanted and not parcel.is_open:
            refuse_open_parcels(self.session, [parcel.parcel_id], besides=self.case.id)
        parcel.is_open = wanted


def refuse_open_parcels(session: Session, parcel_ids: list[str], besides: int = 0) -> None:
    """Raise where one of the parcels already has an open case, naming the cases."""
    if not parcel_ids:
        return
    found: dict[str, str] = {}
    for start in range(0, len(parcel_ids), 500):
        query = (
            select(CaseParcel.parcel_id, Case.number)
            .join(Case, Case.id == CaseParcel.case_id)
            .where(CaseParcel.is_open, CaseParcel.case_id != besides)
            .where(CaseParcel.parcel_id.in_(parcel_ids[start : start + 500]))
        )
        with session.no_autoflush:
            found.update((parcel, number) for parcel, number in session.execute(query))
    if found:
        raise UserError(
            [
                Issue("ledger.parcel_has_open_case", key=parcel, values={"number": number})
                for parcel, number in sorted(found.items())
            ]
        )


class Signed(TypedDict):
    """Who acts and when; ``expected_revision`` is what the actor saw of the case."""

    by: str
    at: datetime
    expected_revision: NotRequired[int | None]


class Reasoned(Signed):
    """A signed action that says why."""

    why: str


def begin(session: Session, case: Case, **reasoned: Unpack[Reasoned]) -> Act:
    """An action on ``case``; raises :class:`StaleError` if it is no longer at the revision."""
    if case not in session:
        raise InternalError([Issue("ledger.foreign_case", key=case.number)])
    at = reasoned["at"]
    who = check_who(reasoned["by"], at)
    expected = reasoned.get("expected_revision")
    if expected is not None:
        from landuse.ledger.stale import check_fresh

        check_fresh(session, case, expected)
    return Act(session, case, who, at, reasoned["why"].strip())


def new_row(entity: str, case: Case, seq: int, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - the row of the entity
    """A row of ``case`` with ``values``; other fields are as the form leaves them blank."""
    unknown = set(values) - set(FIELDS[entity])
    if unknown:
        raise InternalError([Issue("ledger.unknown_field", column=min(unknown), table=entity)])
    row = ROWS[entity](case_id=case.id, seq=seq, **{**blank(entity), **values})
    if isinstance(row, CaseParcel):
        row.is_found = True
        row.is_open = case.is_open and not row.removed
        _put_box(row)
    return row


@cache
def _blank(entity: str) -> Mapping[str, Any]:
    columns = inspect(ROWS[entity]).columns
    empty: dict[str, Any] = {}
    for name in FIELDS[entity]:
        default = columns[name].default
        empty[name] = default.arg if isinstance(default, ScalarElementColumnDefault) else None
    return empty


def blank(entity: str) -> dict[str, Any]:
    """Every field of an entity as it is when nobody filled it in."""
    return dict(_blank(entity))


def _put_box(row: CaseParcel) -> None:
    ((row.min_x, row.min_y, row.max_x, row.max_y),) = types.boxes([row.geometry])

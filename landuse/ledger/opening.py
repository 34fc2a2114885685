"""Creating cases, one or a hundred thousand, by the same path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from landuse.errors import InternalError, UserError
from landuse.issues import Issue
from landuse.ledger import canonical, types
from landuse.ledger.journal import (
    CREATED,
    FIELDS,
    blank,
    check_who,
    refuse_open_parcels,
    to_json,
)
from landuse.ledger.models import NOT_OPEN, Case, CaseParcel, Event

__all__ = ["NewCase", "create_case", "create_cases"]

_BOX: Final = ("min_x", "min_y", "max_x", "max_y")
_MANY: Final = 10_000
"""So many cases are made into rows before they go into the database."""
_REQUIRED: Final = ("number", "kind", "state", "case_mu_e4")


@dataclass(frozen=True)
class NewCase:
    """A case to be created: fields of ``cases`` and, for each parcel, of ``case_parcels``."""

    values: Mapping[str, Any]
    parcels: Sequence[Mapping[str, Any]]


def create_case(
    session: Session,
    values: Mapping[str, Any],
    parcels: Sequence[Mapping[str, Any]],
    *,
    by: str,
    at: datetime,
    why: str,
) -> Case:
    """Create one case with its parcels; see :func:`create_cases`."""
    (key,) = create_cases(session, [NewCase(values, parcels)], by=by, at=at, why=why)
    return session.get_one(Case, key)


def create_cases(
    session: Session, new: Sequence[NewCase], *, by: str, at: datetime, why: str
) -> list[int]:
    """Create cases in bulk and give their keys, in the order of ``new``.

    Each case and each parcel leaves one event that holds all its fields. Raises
    :class:`~landuse.errors.UserError` naming every parcel that has an open case already and every
    number that is taken.
    """
    who = check_who(by, at)
    session.flush()
    _refuse_repeated(session, new)
    first = (session.scalar(select(func.max(Case.id))) or 0) + 1
    cases: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    outlines = _outlines(new)
    for key, one in enumerate(new, start=first):
        case = {**blank("case"), **_known("case", one.values)}
        if any(case[name] is None for name in _REQUIRED):
            raise InternalError([Issue("ledger.unknown_field", table="case")])
        is_open = case["state"] not in NOT_OPEN
        revision = 1 + len(one.parcels)
        opened = {"opened_at": at, "opened_by": who, "is_open": is_open, "revision": revision}
        if len(cases) == _MANY:
            _put(session, cases, rows, events)
            cases, rows, events = [], [], []
        cases.append({"id": key, **case, **opened})
        stamp = {"case_id": key, "act": 1, "at": at, "by": who, "why": why.strip()}
        events.append(_event(stamp, 1, "case", 0, case))
        for seq, given in enumerate(one.parcels, start=1):
            parcel = {**blank("parcel"), **_known("parcel", given)}
            parcel["geometry"], box = next(outlines)
            events.append(_event(stamp, 1 + seq, "parcel", seq, parcel))
            follows = {"is_found": True, "is_open": is_open and not parcel["removed"]}
            rows.append({"case_id": key, "seq": seq, **parcel, **follows, **box})
    _put(session, cases, rows, events)
    return list(range(first, first + len(new)))


def _outlines(new: Sequence[NewCase]) -> Iterator[tuple[bytes | None, dict[str, float | None]]]:
    """The outline of each parcel as it is stored, and its box: many of them at once."""
    for start in range(0, len(new), _MANY):
        some = new[start : start + _MANY]
        shapes = [parcel.get("geometry") for one in some for parcel in one.parcels]
        for stored, box in zip(types.all_to_stored(shapes), types.boxes(shapes), strict=True):
            yield stored, dict(zip(_BOX, box, strict=True))


def _put(session: Session, *tables: list[dict[str, Any]]) -> None:
    connection = session.connection()
    models = (Case, CaseParcel, Event)
    for model, rows in zip(models, tables, strict=True):
        table = model.__table__
        assert isinstance(table, Table)
        canonical.insert_mappings(connection, table, rows)
    canonical.advance_keys(connection, [model.__tablename__ for model in models])


def _event(
    stamp: Mapping[str, Any], seq: int, entity: str, entity_seq: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        **stamp,
        "seq": seq,
        "entity": entity,
        "entity_seq": entity_seq,
        "field": CREATED,
        "before_json": None,
        "after_json": {name: to_json(value) for name, value in values.items()},
    }


def _known(entity: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = set(values) - set(FIELDS[entity])
    if unknown:
        raise InternalError([Issue("ledger.unknown_field", column=min(unknown), table=entity)])
    return values


def _refuse_repeated(session: Session, new: Sequence[NewCase]) -> None:
    faults: list[Issue] = []
    parcels: dict[str, str] = {}
    numbers: set[str] = set()
    for one in new:
        number = str(one.values.get("number", ""))
        if number in numbers:
            faults.append(Issue("ledger.number_taken", key=number))
        numbers.add(number)
        if one.values.get("state") in NOT_OPEN:
            continue
        for parcel in one.parcels:
            code = str(parcel.get("parcel_id", ""))
            if code in parcels:
                values = {"number": parcels[code]}
                faults.append(Issue("ledger.parcel_has_open_case", key=code, values=values))
            parcels[code] = number
    wanted = sorted(numbers)
    for start in range(0, len(wanted), 500):
        query = select(Case.number).where(Case.number.in_(wanted[start : start + 500]))
        faults.extend(Issue("ledger.number_taken", key=taken) for taken in session.scalars(query))
    try:
        refuse_open_parcels(session, sorted(parcels))
    except UserError as fault:
        faults.extend(fault.issues)
    if faults:
        raise UserError(faults)

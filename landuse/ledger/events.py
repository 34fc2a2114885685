"""Changing a case: every change of every field is one appended event.

These functions know no rule of the ledger (which state may follow which, what a state needs):
:mod:`landuse.ledger.cases` and its neighbours check first and then call them. All of them work in
the session of :meth:`landuse.ledger.store.Ledger.write` and raise
:class:`~landuse.ledger.stale.StaleError` where ``expected_revision`` is given and no longer holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger.journal import Act, Reasoned, begin, new_row, refuse_open_parcels
from landuse.ledger.models import Case, CaseParcel, Document, Event, Part
from landuse.ledger.opening import NewCase, create_case, create_cases
from landuse.ledger.replay import CaseState, replay
from landuse.ledger.stale import StaleError
from landuse.ledger.undo import undo

__all__ = [
    "Act",
    "CaseState",
    "NewCase",
    "StaleError",
    "add_document",
    "add_parcel",
    "add_part",
    "begin",
    "change",
    "change_document",
    "change_parcel",
    "change_part",
    "create_case",
    "create_cases",
    "history",
    "mark_found",
    "replay",
    "undo",
]


def change(
    session: Session,
    case: Case,
    changes: Mapping[str, object],
    **reasoned: Unpack[Reasoned],
) -> Case:
    """Change fields of the case; one event for each field that really changes."""
    act = begin(session, case, **reasoned)
    for name, value in changes.items():
        act.set("case", case, name, value)
    session.flush()
    return case


def add_parcel(
    session: Session,
    case: Case,
    values: Mapping[str, object],
    **reasoned: Unpack[Reasoned],
) -> CaseParcel:
    """Add a parcel (fields of ``case_parcels``) to the case; one that was removed comes back.

    Raises :class:`~landuse.errors.UserError` where it has an open case, this one or another.
    """
    act = begin(session, case, **reasoned)
    former = next((row for row in case.parcels if row.parcel_id == values["parcel_id"]), None)
    if former is None:
        row: CaseParcel = _add(act, "parcel", case.parcels, values)
        return row
    if not former.removed:
        raise _in_open_case(former.parcel_id, case)
    changes = {**values, "removed": False}
    back: CaseParcel = _change(act, "parcel", former.seq, changes)
    return back


def _in_open_case(parcel_id: str, case: Case) -> UserError:
    return UserError.of("ledger.parcel_has_open_case", key=parcel_id, number=case.number)


def add_part(
    session: Session,
    case: Case,
    values: Mapping[str, object],
    **reasoned: Unpack[Reasoned],
) -> Part:
    """Add a part (fields of ``parts``) to the case."""
    act = begin(session, case, **reasoned)
    row: Part = _add(act, "part", case.parts, values)
    return row


def add_document(
    session: Session,
    case: Case,
    values: Mapping[str, object],
    **reasoned: Unpack[Reasoned],
) -> Document:
    """Add a document (fields of ``documents``) to the case."""
    act = begin(session, case, **reasoned)
    row: Document = _add(act, "document", case.documents, values)
    return row


def change_parcel(
    session: Session,
    case: Case,
    seq: int,
    changes: Mapping[str, object],
    **reasoned: Unpack[Reasoned],
) -> CaseParcel:
    """Change fields of the case's parcel number ``seq`` (``removed`` takes it out)."""
    act = begin(session, case, **reasoned)
    row: CaseParcel = _change(act, "parcel", seq, changes)
    return row


def change_part(
    session: Session,
    case: Case,
    seq: int,
    changes: Mapping[str, object],
    **reasoned: Unpack[Reasoned],
) -> Part:
    """Change fields of the case's part number ``seq`` (``removed`` takes it out)."""
    act = begin(session, case, **reasoned)
    row: Part = _change(act, "part", seq, changes)
    return row


def change_document(
    session: Session,
    case: Case,
    seq: int,
    changes: Mapping[str, object],
    **reasoned: Unpack[Reasoned],
) -> Document:
    """Change fields of the case's document number ``seq`` (``removed`` takes it out)."""
    act = begin(session, case, **reasoned)
    row: Document = _change(act, "document", seq, changes)
    return row


def mark_found(
    session: Session, case: Case, seq: int, *, found: bool, by: str, at: datetime, why: str
) -> Case:
    """Note whether a run still finds the case's parcel number ``seq``; ``why`` names the run."""
    act = begin(session, case, by=by, at=at, why=why)
    _change(act, "finding", seq, {"is_found": found})
    return case


def history(session: Session, case: Case) -> list[Event]:
    """The events of a case, oldest first."""
    query = select(Event).where(Event.case_id == case.id).order_by(Event.seq)
    return list(session.scalars(query))


def _add(act: Act, entity: str, rows: list[Any], values: Mapping[str, object]) -> Any:  # noqa: ANN401 - the row of the entity
    row = new_row(entity, act.case, max((row.seq for row in rows), default=0) + 1, values)
    if isinstance(row, CaseParcel) and row.is_open:
        refuse_open_parcels(act.session, [row.parcel_id])
    rows.append(row)
    act.create(entity, row)
    act.session.flush()
    return row


def _change(act: Act, entity: str, seq: int, changes: Mapping[str, object]) -> Any:  # noqa: ANN401 - the row of the entity
    rows: dict[str, list[Any]] = {
        "parcel": act.case.parcels,
        "finding": act.case.parcels,
        "part": act.case.parts,
        "document": act.case.documents,
    }
    row = next((row for row in rows[entity] if row.seq == seq), None)
    if row is None:
        raise UserError.of(f"ledger.no_{entity}", key=act.case.number, value=seq)
    for name, value in changes.items():
        act.set(entity, row, name, value)
    act.session.flush()
    return row

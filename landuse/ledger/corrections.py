"""Corrections and objections as rows with their events; what they mean is decided elsewhere.

The events of a correction have no case; their ``entity_seq`` is the correction's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from landuse.errors import InternalError, UserError
from landuse.issues import Issue
from landuse.ledger.journal import CREATED, FIELDS, check_who, to_json
from landuse.ledger.models import Correction, Event

__all__ = ["add_correction", "change_correction"]


def add_correction(
    session: Session, values: Mapping[str, object], *, by: str, at: datetime, why: str
) -> Correction:
    """A new correction (fields of ``corrections``), proposed unless ``values`` say otherwise."""
    _known(values)
    who = check_who(by, at)
    row = Correction(**{"status": "proposed", **values}, by=who, at=at)
    session.add(row)
    session.flush()
    after = {name: to_json(getattr(row, name)) for name in FIELDS["correction"]}
    _note(session, row, CREATED, None, after, by=who, at=at, why=why)
    session.flush()
    return row


def change_correction(
    session: Session,
    correction_id: int,
    changes: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    why: str,
) -> Correction:
    """Change fields of a correction; a change of ``status`` sets who decided and when.

    Raises :class:`~landuse.errors.UserError` where there is no such correction.
    """
    _known(changes)
    who = check_who(by, at)
    row = session.get(Correction, correction_id)
    if row is None:
        raise UserError.of("ledger.no_correction", value=correction_id)
    for name, value in changes.items():
        before, after = to_json(getattr(row, name)), to_json(value)
        if before == after:
            continue
        setattr(row, name, value)
        if name == "status":
            row.decided_by, row.decided_at = who, at
        _note(session, row, name, before, after, by=who, at=at, why=why)
    session.flush()
    return row


def _known(values: Mapping[str, object]) -> None:
    unknown = set(values) - set(FIELDS["correction"])
    if unknown:
        raise InternalError([Issue("ledger.unknown_field", "correction", column=min(unknown))])


def _note(
    session: Session,
    row: Correction,
    name: str,
    before: object,
    after: object,
    *,
    by: str,
    at: datetime,
    why: str,
) -> None:
    query = select(func.count()).where(Event.entity == "correction", Event.entity_seq == row.id)
    seq = (session.scalar(query) or 0) + 1
    session.add(
        Event(
            case_id=None,
            seq=seq,
            act=seq,
            at=at,
            by=by,
            entity="correction",
            entity_seq=row.id,
            field=name,
            before_json=before,
            after_json=after,
            why=why.strip(),
        )
    )
    session.flush()

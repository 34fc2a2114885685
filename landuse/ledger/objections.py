"""Objections and corrections: what somebody says is wrong in the input, and what was decided.

An accepted one becomes a row of the ``corrections`` table of the next run, which applies it only
where the old value still stands. The ledger never changes an input itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd
from sqlalchemy import select

from landuse.errors import UserError
from landuse.ledger import cases
from landuse.ledger.corrections import add_correction, change_correction
from landuse.ledger.days import day_of
from landuse.ledger.journal import check_who
from landuse.ledger.models import Case, Correction, Run

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = [
    "FORM",
    "VERDICTS",
    "Objection",
    "corrections_table",
    "decide",
    "listed",
    "object_to",
    "outcomes",
]

FORM: Final = ("table", "key", "column", "old", "new", "reason", "by", "on")
"""Columns of the intake form of ``[corrections]``."""

VERDICTS: Final = {
    "accept": "accepted",
    "reject": "rejected",
    "withdraw": "withdrawn",
}
"""What can be decided, and the status it leads to."""

_MAY_BECOME: Final = {
    "proposed": ("accepted", "rejected", "withdrawn"),
    "accepted": ("withdrawn",),
    "rejected": (),
    "withdrawn": (),
}
_STANDING: Final = ("proposed", "accepted")


@dataclass(frozen=True, slots=True)
class Objection:
    """What is said to be wrong: the cell of an input, its value there, and what it should be.

    ``table`` and ``column`` are our names, ``old`` and ``new`` as they stand in the user's file
    (in its unit), blank for an empty cell. The evidence is a file's name and hash.
    """

    table: str
    key: str
    column: str
    old: str
    new: str
    reason: str
    evidence_name: str = ""
    evidence_sha256: str = ""


def object_to(
    session: Session, objection: Objection, case: Case | None, *, by: str, at: datetime
) -> Correction:
    """Record an objection; a case in its publication term goes to ``objected`` with it.

    Raises :class:`landuse.errors.UserError` where it says nothing, or stands already.
    """
    who = check_who(by, at)
    objection = _trimmed(objection)
    _refuse_idle_words(objection)
    _refuse_twin(session, objection)
    values = {
        "case_id": case.id if case else None,
        "table_name": objection.table,
        "key": objection.key,
        "column": objection.column,
        "old": objection.old,
        "new": objection.new,
        "reason": objection.reason,
        "evidence_sha256": objection.evidence_sha256,
        "evidence_name": objection.evidence_name,
    }
    row = add_correction(session, values, by=who, at=at, why=objection.reason)
    if case is not None and case.state == "publicised":
        cases.advance(session, case, "objected", by=who, at=at, why=objection.reason)
    return row


def decide(
    session: Session, number: int, verdict: str, *, by: str, at: datetime, why: str = ""
) -> Correction:
    """Accept, reject or withdraw an objection; an accepted one may still be withdrawn.

    Two accepted ones never claim the same cell. The case stays where it is: what follows for it
    is a move of its own. Raises :class:`landuse.errors.UserError`.
    """
    who = check_who(by, at)
    row = session.get(Correction, number)
    if row is None:
        raise UserError.of("ledger_runs.no_objection", value=number)
    if verdict not in VERDICTS:
        raise UserError.of("ledger_runs.unknown_verdict", value=verdict)
    status = VERDICTS[verdict]
    if status not in _MAY_BECOME[row.status]:
        raise UserError.of("ledger_runs.decided_already", value=number, **_status(row))
    if status == "rejected" and not why.strip():
        raise UserError.of("ledger_runs.reason_missing", value=number)
    if status == "accepted":
        _refuse_rival(session, row)
    return change_correction(session, number, {"status": status}, by=who, at=at, why=why)


def corrections_table(session: Session) -> pd.DataFrame:
    """The accepted corrections in the intake form (:data:`FORM`), all text, in their order.

    ``by`` is who decided, ``on`` the day; the objector and the evidence stand in the reason.
    """
    query = select(Correction).where(Correction.status == "accepted").order_by(Correction.id)
    rows = [
        (
            *(row.table_name, row.key, row.column, row.old, row.new, _reason(row), row.decided_by),
            day_of(row.decided_at).isoformat() if row.decided_at else "",
        )
        for row in session.scalars(query)
    ]
    return pd.DataFrame(rows, columns=list(FORM), dtype="str")


def _reason(row: Correction) -> str:
    evidence = f"{row.evidence_name} {row.evidence_sha256[:12]}".strip()
    behind = "; ".join(part for part in (f"#{row.id}", row.by, evidence) if part)
    return f"{row.reason} ({behind})"


def listed(session: Session, status: str = "") -> list[tuple[Correction, str]]:
    """Objections (of one status) with the number of their case, in their order."""
    query = select(Correction, Case.number).outerjoin(Case, Case.id == Correction.case_id)
    if status:
        query = query.where(Correction.status == status)
    return [(row, number or "") for row, number in session.execute(query.order_by(Correction.id))]


def outcomes(session: Session) -> dict[tuple[str, ...], str]:
    """What became of each correction in the latest run, by table, key, column, old and new."""
    run = session.scalar(select(Run).order_by(Run.as_of.desc(), Run.id.desc()).limit(1))
    given = run.inputs_json.get("corrections", []) if run is not None else []
    names = ("table", "key", "column", "old", "new")
    return {tuple(one[name] for name in names): one["outcome"] for one in given}


def _trimmed(one: Objection) -> Objection:
    return Objection(
        table=one.table.strip(),
        key=one.key.strip(),
        column=one.column.strip(),
        old=one.old.strip(),
        new=one.new.strip(),
        reason=one.reason.strip(),
        evidence_name=one.evidence_name,
        evidence_sha256=one.evidence_sha256,
    )


def _refuse_idle_words(one: Objection) -> None:
    place = {"key": one.key, "column": one.column, "value": one.old}
    for name in ("table", "key", "column"):
        if not getattr(one, name):
            raise UserError.of("ledger_runs.objection_incomplete", **{**place, "value": name})
    if one.old == one.new:
        raise UserError.of("ledger_runs.objection_same", **place)
    if not one.reason:
        raise UserError.of("ledger_runs.objection_reason", **place)


def _refuse_twin(session: Session, one: Objection) -> None:
    query = select(Correction.id).where(
        Correction.table_name == one.table,
        Correction.key == one.key,
        Correction.column == one.column,
        Correction.old == one.old,
        Correction.new == one.new,
        Correction.status.in_(_STANDING),
    )
    twin = session.scalar(query.limit(1))
    if twin is not None:
        raise UserError.of("ledger_runs.objection_twice", key=one.key, value=twin)


def _refuse_rival(session: Session, row: Correction) -> None:
    query = select(Correction.id).where(
        Correction.id != row.id,
        Correction.table_name == row.table_name,
        Correction.key == row.key,
        Correction.column == row.column,
        Correction.old == row.old,
        Correction.status == "accepted",
    )
    rival = session.scalar(query.limit(1))
    if rival is not None:
        raise UserError.of(
            "ledger_runs.rival_accepted", key=row.key, column=row.column, value=row.id, rival=rival
        )


def _status(row: Correction) -> dict[str, str]:
    from landuse.messages import text

    code = f"ledger_runs.status_{row.status}"
    return {"status_zh": text(code, "zh"), "status_en": text(code, "en")}

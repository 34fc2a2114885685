"""The life of a case: moves between states and what people write on it.

Takes a session of :meth:`landuse.ledger.store.Ledger.write` and a case of it; gives the case
changed, with one event a changed field. Whatever is refused is refused before the first write
(:mod:`landuse.ledger.draft`). The rules are section 8 of the method.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Unpack

from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import journal
from landuse.ledger.acts import begin_draft, find_case, finish, undo
from landuse.ledger.days import day_of
from landuse.ledger.draft import Draft
from landuse.ledger.journal import Signed
from landuse.ledger.land import reclassify, replace_parcel, resize
from landuse.ledger.models import Case
from landuse.ledger.moves import (
    Needs,
    refuse_lacking,
    refuse_unasked,
    take,
    take_rest,
)
from landuse.ledger.new_cases import (
    CaseForm,
    ParcelForm,
    PartForm,
    next_number,
    open_case,
    open_cases,
)
from landuse.ledger.papers import Paper
from landuse.ledger.states import check_move
from landuse.messages import text

__all__ = [
    "DESCRIBED",
    "CaseForm",
    "Needs",
    "Paper",
    "ParcelForm",
    "PartForm",
    "advance",
    "assign",
    "describe",
    "find_case",
    "open_case",
    "open_cases",
    "reclassify",
    "replace_parcel",
    "resize",
    "undo",
]

DESCRIBED: Final = (
    "progress", "issue_type", "problems", "notes", "original_enterprises", "address", "park",
    "township", "deadline", "responsible_unit", "responsible_person",
)  # fmt: skip
"""Fields of a case that people write freely, in every state."""


def advance(
    session: Session,
    case: Case,
    to: str,
    *,
    by: str,
    at: datetime,
    why: str = "",
    expected_revision: int | None = None,
    **needs: Unpack[Needs],
) -> Case:
    """Moves ``case`` to the state ``to`` with what that needs (method, section 8).

    A need is met by what is given or by what the case already holds; publication dates are given
    anew each time. A deferred case returns without needs. Where ``carry_rest`` is asked for, the
    new case is the one whose ``carried_from`` is this one. Raises
    :class:`landuse.errors.UserError` naming the allowed states, or everything that is missing.
    """
    act = journal.begin(session, case, by=by, at=at, why=why, expected_revision=expected_revision)
    check_move(case.number, case.state, to, case.previous_state)
    given = {name: value for name, value in needs.items() if value not in (None, "", False)}
    refuse_unasked(case.number, to, given)
    today = day_of(at)
    draft = Draft(session, case)
    take(draft, to, given, today)
    if case.state != "deferred" or to == "removed":
        refuse_lacking(draft, to, why)
    rest = take_rest(draft, carry="carry_rest" in given) if to == "closed" else None
    draft.set(state=to, previous_state=case.state if to == "deferred" else "")
    draft.check(today)
    if case.state == "removed":
        parcels = [row.parcel_id for row in case.parcels if not row.removed]
        journal.refuse_open_parcels(session, parcels, besides=case.id)
    if rest is not None:
        carried = text("ledger_cases.carried_why", value=next_number(session, today.year))
        act.why = "; ".join(part for part in (act.why, carried) if part)
    draft.write(act)
    session.flush()
    if rest is not None:
        _carry(session, case, rest, by=by, at=at)
    return case


def _carry(
    session: Session, case: Case, rest: tuple[int, int | None], *, by: str, at: datetime
) -> Case:
    """The new case for what remains of one that was closed; it stays confirmed."""
    note = text("ledger_cases.carried_note", value=case.number)
    copied = ("original_enterprises", "park", "township", "address", "responsible_unit",
              "responsible_person")  # fmt: skip
    new = CaseForm(
        kind=case.kind,
        parcels=tuple(
            ParcelForm(row.parcel_id, row.previously_part_of or "", row.geometry)
            for row in case.parcels
            if not row.removed
        ),
        mu_e4=rest[0],
        floor_area_m2_e2=rest[1],
        state="confirmed",
        carried_from=case.id,
        notes=note,
        **{name: getattr(case, name) for name in copied},
    )
    return open_case(session, new, by=by, at=at, why=note)


def describe(
    session: Session,
    case: Case,
    *,
    by: str,
    at: datetime,
    why: str = "",
    expected_revision: int | None = None,
    **fields: str | date | None,
) -> Case:
    """Writes any of :data:`DESCRIBED`; what a later state rests on cannot be blanked.

    Raises :class:`landuse.errors.UserError` for another field.
    """
    wrong = sorted(set(fields) - set(DESCRIBED))
    if wrong:
        raise UserError.of(
            "ledger_cases.undescribable",
            key=case.number,
            value=", ".join(wrong),
            known=", ".join(DESCRIBED),
        )
    act, draft = begin_draft(
        session, case, by=by, at=at, why=why, expected_revision=expected_revision
    )
    draft.set(
        **{name: value.strip() if isinstance(value, str) else value
           for name, value in fields.items()}
    )  # fmt: skip
    return finish(session, act, draft)


def assign(
    session: Session,
    case: Case,
    *,
    responsible_unit: str | None = None,
    responsible_person: str | None = None,
    deadline: date | None = None,
    why: str = "",
    **signed: Unpack[Signed],
) -> Case:
    """Says who answers for a case (包保) and until when; what is not given stays as it is."""
    given = {
        "responsible_unit": responsible_unit,
        "responsible_person": responsible_person,
        "deadline": deadline,
    }
    return describe(
        session,
        case,
        why=why,
        **signed,
        **{name: value for name, value in given.items() if value is not None},
    )

"""The life of a case: moves between states and what people write on it.

Takes a session of :meth:`landuse.ledger.store.Ledger.write` and a case of it; gives the case
changed, with one event a changed field. Whatever is refused is refused before the first write
(:mod:`landuse.ledger.draft`). The rules are section 8 of the method.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import journal
from landuse.ledger.days import day_of
from landuse.ledger.draft import Draft
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
    parcel_values,
)
from landuse.ledger.papers import Paper
from landuse.ledger.states import check_kind, check_move, word, words
from landuse.messages import text
from landuse.scaled import MU, to_text

__all__ = [
    "DESCRIBED",
    "CaseForm",
    "Needs",
    "Paper",
    "ParcelForm",
    "PartForm",
    "advance",
    "assign",
    "begin_draft",
    "describe",
    "find_case",
    "finish",
    "open_case",
    "open_cases",
    "reclassify",
    "replace_parcel",
    "resize",
]

DESCRIBED: Final = (
    "progress", "issue_type", "problems", "notes", "original_enterprises", "address", "park",
    "township", "deadline", "responsible_unit", "responsible_person",
)  # fmt: skip
"""Fields of a case that people write freely, in every state."""


def find_case(session: Session, number: str) -> Case:
    """The case called ``number`` (2026-003); :class:`landuse.errors.UserError` if there is none."""
    case = session.scalar(select(Case).where(Case.number == number.strip()))
    if case is None:
        raise UserError.of("ledger_cases.no_such_case", value=number)
    return case


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


def begin_draft(
    session: Session,
    case: Case,
    *,
    by: str,
    at: datetime,
    why: str,
    expected_revision: int | None,
    deed: str = "",
    states: tuple[str, ...] = (),
) -> tuple[journal.Act, Draft]:
    """An action on a case and its draft; refused unless the case is in one of ``states``.

    ``deed`` names the action in the refusal (``deed_<code>``); no ``states`` means all.
    """
    act = journal.begin(session, case, by=by, at=at, why=why, expected_revision=expected_revision)
    if states and case.state not in states:
        phrase = words("state", states)
        raise UserError.of(
            "ledger_cases.not_now",
            key=case.number,
            state_zh=word("state", case.state),
            state_en=word("state", case.state, "en"),
            deed_zh=word("deed", deed),
            deed_en=word("deed", deed, "en"),
            allowed_zh=phrase["zh"],
            allowed_en=phrase["en"],
        )
    return act, Draft(session, case)


def finish(session: Session, act: journal.Act, draft: Draft) -> Case:
    """Checks the draft as of the day of the action and writes it."""
    draft.check(day_of(act.at))
    draft.write(act)
    session.flush()
    return act.case


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
    by: str,
    at: datetime,
    why: str = "",
    expected_revision: int | None = None,
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
        by=by,
        at=at,
        why=why,
        expected_revision=expected_revision,
        **{name: value for name, value in given.items() if value is not None},
    )


def _refuse_without_reason(case: Case, why: str) -> None:
    if not why.strip():
        raise UserError.of("ledger_cases.reason_missing", key=case.number)


_ALIVE: Final = (
    "found", "suspected", "publicised", "objected", "confirmed", "planned", "in_disposal",
    "awaiting_acceptance", "deferred",
)  # fmt: skip


def resize(
    session: Session,
    case: Case,
    *,
    mu_e4: int | None = None,
    floor_area_m2_e2: int | None = None,
    by: str,
    at: datetime,
    why: str,
    expected_revision: int | None = None,
) -> Case:
    """Corrects the mu (× 10⁴) or floor area (m² × 10²) of an open case, never below its parts."""
    act, draft = begin_draft(
        session, case, by=by, at=at, why=why, expected_revision=expected_revision,
        deed="resize", states=_ALIVE,
    )  # fmt: skip
    _refuse_without_reason(case, why)
    if mu_e4 is not None:
        if mu_e4 <= 0:
            raise UserError.of("ledger_cases.negative", key=case.number, value=to_text(mu_e4, MU))
        draft.set(case_mu_e4=mu_e4)
    if floor_area_m2_e2 is not None:
        draft.set(floor_area_m2_e2=floor_area_m2_e2)
    return finish(session, act, draft)


def reclassify(
    session: Session,
    case: Case,
    kind: str,
    *,
    mu_e4: int | None = None,
    by: str,
    at: datetime,
    why: str,
    expected_revision: int | None = None,
) -> Case:
    """Changes the kind of an open case, and its mu where the other kind counts other land."""
    act, draft = begin_draft(
        session, case, by=by, at=at, why=why, expected_revision=expected_revision,
        deed="reclassify", states=_ALIVE,
    )  # fmt: skip
    _refuse_without_reason(case, why)
    draft.set(kind=check_kind(kind, case.number))
    if mu_e4 is not None:
        draft.set(case_mu_e4=mu_e4)
    return finish(session, act, draft)


def replace_parcel(
    session: Session,
    case: Case,
    old: str,
    new: Sequence[ParcelForm],
    *,
    by: str,
    at: datetime,
    why: str,
    expected_revision: int | None = None,
) -> Case:
    """Puts the successors of a split, merged or recoded parcel in its place in an open case.

    Each is marked ``previously_part_of`` the old one, unless it states another; one that the case
    holds already (a merger) is left. Raises :class:`landuse.errors.UserError` where a successor
    has an open case of its own.
    """
    act, _ = begin_draft(
        session, case, by=by, at=at, why=why, expected_revision=expected_revision,
        deed="replace", states=_ALIVE,
    )  # fmt: skip
    _refuse_without_reason(case, why)
    live = {row.parcel_id: row for row in case.parcels if not row.removed}
    if old not in live:
        known = ", ".join(live)
        raise UserError.of(
            "ledger_cases.not_parcel_of_case", key=case.number, value=old, known=known
        )
    wanted = [form for form in new if form.parcel_id not in live]
    if not [form for form in new if form.parcel_id.strip() and form.parcel_id != old]:
        raise UserError.of("ledger_cases.case_without_parcel", key=case.number)
    journal.refuse_open_parcels(session, [form.parcel_id for form in wanted], besides=case.id)
    act.set("parcel", live[old], "removed", True)
    for values in parcel_values(wanted):
        values["previously_part_of"] = values["previously_part_of"] or old
        row = journal.new_row("parcel", case, max(one.seq for one in case.parcels) + 1, values)
        case.parcels.append(row)
        act.create("parcel", row)
    session.flush()
    return case

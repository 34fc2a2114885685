"""The land of a case: its area, its kind, and the parcels it holds.

Takes a session of :meth:`landuse.ledger.store.Ledger.write` and an open case of it; every
correction says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Unpack

from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import journal
from landuse.ledger.acts import begin_draft, finish
from landuse.ledger.journal import Reasoned
from landuse.ledger.models import Case
from landuse.ledger.new_cases import ParcelForm, parcel_values
from landuse.ledger.states import check_kind
from landuse.scaled import MU, to_text

__all__ = ["reclassify", "replace_parcel", "resize"]

_ALIVE: Final = (
    "found", "suspected", "publicised", "objected", "confirmed", "planned", "in_disposal",
    "awaiting_acceptance", "deferred",
)  # fmt: skip


def _refuse_without_reason(case: Case, why: str) -> None:
    if not why.strip():
        raise UserError.of("ledger_cases.reason_missing", key=case.number)


def resize(
    session: Session,
    case: Case,
    *,
    mu_e4: int | None = None,
    floor_area_m2_e2: int | None = None,
    **reasoned: Unpack[Reasoned],
) -> Case:
    """Corrects the mu (× 10⁴) or floor area (m² × 10²) of an open case, never below its parts."""
    act, draft = begin_draft(
        session, case, **reasoned,
        deed="resize", states=_ALIVE,
    )  # fmt: skip
    _refuse_without_reason(case, reasoned["why"])
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
    **reasoned: Unpack[Reasoned],
) -> Case:
    """Changes the kind of an open case, and its mu where the other kind counts other land."""
    act, draft = begin_draft(
        session, case, **reasoned,
        deed="reclassify", states=_ALIVE,
    )  # fmt: skip
    _refuse_without_reason(case, reasoned["why"])
    draft.set(kind=check_kind(kind, case.number))
    if mu_e4 is not None:
        draft.set(case_mu_e4=mu_e4)
    return finish(session, act, draft)


def replace_parcel(
    session: Session,
    case: Case,
    old: str,
    new: Sequence[ParcelForm],
    **reasoned: Unpack[Reasoned],
) -> Case:
    """Puts the successors of a split, merged or recoded parcel in its place in an open case.

    Each is marked ``previously_part_of`` the old one, unless it states another; one that the case
    holds already (a merger) is left. Raises :class:`landuse.errors.UserError` where a successor
    has an open case of its own.
    """
    act, _ = begin_draft(
        session, case, **reasoned,
        deed="replace", states=_ALIVE,
    )  # fmt: skip
    _refuse_without_reason(case, reasoned["why"])
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

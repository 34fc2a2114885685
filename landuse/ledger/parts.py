"""The parts of a case: land disposed in one way each, its receiver, its start, its acceptance.

Takes a session of :meth:`landuse.ledger.store.Ledger.write` and a case of it; areas are mu × 10⁴
and m² × 10². The sums never pass the case; the statutory ways are open only to cases that qualify
(method, section 8).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, TypedDict, Unpack

from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger.acts import begin_draft, finish
from landuse.ledger.days import day_of
from landuse.ledger.journal import Reasoned, Signed
from landuse.ledger.models import Case, Part
from landuse.ledger.moves import refuse_accepted, refuse_future
from landuse.ledger.states import check_way

__all__ = ["PartFields", "accept", "change", "dispose", "drop"]

_PLANNING: Final = ("confirmed", "planned", "in_disposal")
_CHANGING: Final = (*_PLANNING, "awaiting_acceptance")
_ACCEPTING: Final = ("in_disposal", "awaiting_acceptance")


class PartFields(TypedDict, total=False):
    """What of a part may be changed; a number or date may be set back to ``None``."""

    way: str
    mu_e4: int | None
    floor_area_m2_e2: int | None
    receiving_enterprise: str
    started_on: date | None


def dispose(
    session: Session,
    case: Case,
    *,
    way: str,
    mu_e4: int | None = None,
    floor_area_m2_e2: int | None = None,
    receiving_enterprise: str = "",
    started_on: date | None = None,
    why: str = "",
    **signed: Unpack[Signed],
) -> Part:
    """Adds a part to a confirmed, planned or running case.

    In a running case a part without its own date starts with the first one. Raises
    :class:`landuse.errors.UserError` for an unknown way, a way that the order does not allow, and
    areas beyond the case.
    """
    act, draft = begin_draft(
        session, case, why=why, **signed,
        deed="add", states=_PLANNING,
    )  # fmt: skip
    if started_on is None and case.state == "in_disposal":
        begun = [part.started_on for part in draft.parts if part.started_on is not None]
        started_on = min(begun, default=None)
    seq = draft.add_part(
        way=check_way(way, case.number),
        mu_e4=mu_e4,
        floor_area_m2_e2=floor_area_m2_e2,
        receiving_enterprise=receiving_enterprise.strip(),
        started_on=started_on,
    )
    return _stored(finish(session, act, draft), seq)


def change(
    session: Session,
    case: Case,
    seq: int,
    *,
    by: str,
    at: datetime,
    why: str = "",
    expected_revision: int | None = None,
    **fields: Unpack[PartFields],
) -> Part:
    """Changes a part that is not accepted yet; what is not named stays as it is."""
    act, draft = begin_draft(
        session, case, by=by, at=at, why=why, expected_revision=expected_revision,
        deed="change", states=_CHANGING,
    )  # fmt: skip
    if "way" in fields:
        check_way(fields["way"], case.number)
    refuse_accepted(draft, draft.part(seq), **fields)
    draft.set_part(seq, **fields)
    return _stored(finish(session, act, draft), seq)


def accept(
    session: Session,
    case: Case,
    seq: int,
    *,
    accepted_on: date,
    why: str = "",
    **signed: Unpack[Signed],
) -> Part:
    """Accepts a part of a running case or one that awaits acceptance: it is then revitalised.

    It needs its mu and its date of start, and an acceptance that has happened.
    """
    act, draft = begin_draft(
        session, case, why=why, **signed,
        deed="accept", states=_ACCEPTING,
    )  # fmt: skip
    part = draft.part(seq)
    refuse_accepted(draft, part, accepted_on=accepted_on)
    if not part.mu_e4:
        raise UserError.of("ledger_cases.part_without_mu", key=case.number, value=seq)
    if part.started_on is None:
        raise UserError.of("ledger_cases.part_not_started", key=case.number, value=seq)
    refuse_future(case.number, accepted_on, day_of(signed["at"]))
    draft.set_part(seq, accepted_on=accepted_on)
    return _stored(finish(session, act, draft), seq)


def drop(
    session: Session,
    case: Case,
    seq: int,
    **reasoned: Unpack[Reasoned],
) -> Part:
    """Takes a part out that is not accepted; it stays in the history."""
    act, draft = begin_draft(
        session, case, **reasoned,
        deed="drop", states=_CHANGING,
    )  # fmt: skip
    refuse_accepted(draft, draft.part(seq), removed=True)
    draft.set_part(seq, removed=True)
    return _stored(finish(session, act, draft), seq)


def _stored(case: Case, seq: int) -> Part:
    return next(row for row in case.parts if row.seq == seq)

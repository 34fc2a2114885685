"""Cases opened from the findings of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from landuse.errors import UserError
from landuse.ledger.facts import idle_now
from landuse.ledger.models import Case, CaseParcel
from landuse.ledger.new_cases import CaseForm, ParcelForm, open_cases
from landuse.ledger.proposing import Former, Opening, Proposal, kinds_of, propose
from landuse.ledger.runs import Recorded, record_run
from landuse.ledger.states import check_kind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from landuse.ledger.findings import RunRecord

__all__ = ["Opened", "formers_of", "open_from_run"]

_BATCH: Final = 500


@dataclass(frozen=True)
class Opened:
    """What recording a run and opening its cases did. ``cases``: keys of the new cases, in the
    order of ``opening.new``; ``numbers`` their numbers. ``kinds``: the findings that were asked for
    and that the run looked for; ``not_looked_for``: the others that were asked for."""

    recorded: Recorded
    opening: Opening
    cases: list[int]
    numbers: list[str]
    kinds: tuple[str, ...]
    not_looked_for: tuple[str, ...] = ()

    @property
    def found(self) -> int:
        """How many parcels have a finding of what was asked for."""
        one = self.opening
        held = len(one.still) + len(one.settled) + len(one.put_aside) + len(one.succeeded)
        return len(one.new) + held + len(one.statutory) + len(one.without_area)

    @property
    def relapses(self) -> list[tuple[str, Proposal]]:
        """The new cases that come after a closed one, with their numbers."""
        pairs = zip(self.numbers, self.opening.new, strict=True)
        return [(number, one) for number, one in pairs if one.relapse_of is not None]


def open_from_run(
    session: Session, record: RunRecord, kind: str, *, by: str, at: datetime, why: str = ""
) -> Opened:
    """Record the run if it is new, and open a case for each finding that asks for one.

    ``kind``: ``low_efficiency``, ``idle`` or ``both`` (for either reason). Nothing that is in the
    ledger is changed but for the notes on findings that are gone or back. Raises
    :class:`landuse.errors.UserError` where the run looked for nothing of what is asked.
    """
    looked_for = _looked_for(record, kind)
    recorded = record_run(session, record, by=by, at=at)
    if not recorded.is_latest:
        raise UserError.of("ledger_runs.not_latest", value=record.run_id, as_of=record.as_of)
    parcels = sorted(set(record.findings["parcel_id"]))
    opening = propose(
        record.findings,
        kind,
        record.as_of,
        formers_of(session, parcels),
        recorded.successions,
        idle_now(session, parcels) if "idle" not in record.kinds else frozenset(),
    )
    forms = [_form(one) for one in opening.new]
    keys = open_cases(session, forms, by=by, at=at, why=why or record.run_id)
    missing = tuple(one for one in kinds_of(kind) if one not in looked_for)
    return Opened(recorded, opening, keys, _numbers(session, keys), looked_for, missing)


def _looked_for(record: RunRecord, kind: str) -> tuple[str, ...]:
    """Those of the findings asked for that the run looked for; one of them at least."""
    check_kind(kind)
    found = tuple(one for one in kinds_of(kind) if one in record.kinds)
    if not found:
        code = f"no_{kind}_in_run" if kind != "both" else "nothing_in_run"
        raise UserError.of(f"ledger_runs.{code}", value=record.run_id)
    return found


def formers_of(session: Session, parcels: Iterable[str]) -> dict[str, list[Former]]:
    """All cases that each parcel has or had, in the order of their opening."""
    wanted = sorted(set(parcels))
    found: dict[str, list[Former]] = {}
    columns = (Case.id, Case.number, Case.kind, Case.state, CaseParcel.is_open, Case.accepted_on)
    for start in range(0, len(wanted), _BATCH):
        query = (
            select(CaseParcel.parcel_id, *columns)
            .join(Case, Case.id == CaseParcel.case_id)
            .where(CaseParcel.parcel_id.in_(wanted[start : start + _BATCH]))
            .where(CaseParcel.removed.is_(False))
            .order_by(Case.id)
        )
        for row in session.execute(query):
            parcel, one = row[0], Former(*row[1:])
            found.setdefault(parcel, []).append(one)
    return found


def _form(one: Proposal) -> CaseForm:
    return CaseForm(
        kind=one.kind,
        parcels=(ParcelForm(one.parcel_id, geometry=one.geometry),),
        mu_e4=one.mu_e4,
        original_enterprises=one.original_enterprises,
        park=one.park,
        township=one.township,
        relapse_of=one.relapse_of.case_id if one.relapse_of else None,
    )


def _numbers(session: Session, keys: list[int]) -> list[str]:
    numbers: dict[int, str] = {}
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        rows = session.execute(select(Case.id, Case.number).where(Case.id.in_(some)))
        numbers.update((key, number) for key, number in rows)
    return [numbers[key] for key in keys]

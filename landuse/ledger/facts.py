"""What the latest run says of idle parcels, as the rules of cases ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from landuse.ledger.limits import IdleFacts
from landuse.ledger.models import Case, Finding, Run

__all__ = ["facts_of", "idle_facts", "idle_now"]

_IDLE: Final = ("not_started", "stalled")
_BATCH: Final = 500


def idle_facts(session: Session, case: Case) -> list[IdleFacts]:
    """The idle findings on the parcels of ``case`` by the latest run that found idle land."""
    return facts_of(session, [row.parcel_id for row in case.parcels if not row.removed])


def facts_of(session: Session, parcel_ids: Sequence[str]) -> list[IdleFacts]:
    """The same of parcels that have no case yet."""
    return [_facts(detail) for _, detail in _latest(session, parcel_ids)]


def idle_now(session: Session, parcel_ids: Iterable[str]) -> set[str]:
    """Those of the parcels that the latest run found idle (not started or stalled)."""
    found = _latest(session, sorted(set(parcel_ids)))
    return {parcel for parcel, detail in found if detail.get("finding") in _IDLE}


def _latest(session: Session, parcels: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    run = _looking_run(session)
    if run is None:
        return []
    found: list[tuple[str, dict[str, Any]]] = []
    for some in _in_batches(parcels):
        query = (
            select(Finding.parcel_id, Finding.detail_json)
            .where(Finding.run_id == run, Finding.kind == "idle", Finding.parcel_id.in_(some))
            .order_by(Finding.parcel_id)
        )
        found += [(parcel, detail or {}) for parcel, detail in session.execute(query)]
    return found


def _looking_run(session: Session) -> int | None:
    """The latest run that looked for idle land, whether or not it found any."""
    finds = exists().where(Finding.run_id == Run.id, Finding.kind == "idle")
    query = select(Run.id, Run.inputs_json, finds).order_by(Run.as_of.desc(), Run.id.desc())
    for run, inputs, has_findings in session.execute(query):
        kinds = inputs.get("kinds", ()) if isinstance(inputs, dict) else ()
        if has_findings or "idle" in kinds:
            return int(run)
    return None


def _in_batches(parcels: Sequence[str]) -> Iterable[Sequence[str]]:
    return (parcels[start : start + _BATCH] for start in range(0, len(parcels), _BATCH))


def _facts(detail: dict[str, Any]) -> IdleFacts:
    return IdleFacts(
        finding=detail.get("finding") or "",
        cause=detail.get("cause") or "",
        one_year_on=_day(detail.get("one_year_on")),
        two_years_on=_day(detail.get("two_years_on")),
        late_delivery=bool(detail.get("late_delivery")),
        collective=bool(detail.get("collective")),
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None

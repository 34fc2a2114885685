"""Runs in the ledger: recorded once, held against the one before, and against the open cases.

A run adds findings and touches nothing that people filled in. A case whose finding is gone stays,
with an event that says so; a finding that comes back leaves another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import shapely
from sqlalchemy import Table, func, select

from landuse.ledger import canonical
from landuse.ledger.events import mark_found
from landuse.ledger.findings import FINDING_COLUMNS, Differences, RunRecord, differences
from landuse.ledger.journal import box, check_who
from landuse.ledger.lineage import Held, Succession, successions
from landuse.ledger.models import Case, CaseParcel, Finding, Run
from landuse.ledger.proposing import kinds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = ["Judged", "Recorded", "find_run", "findings_of", "kinds_looked_for", "record_run"]

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Judged:
    """An open case's parcel whose finding is gone (or back). ``why`` is a code: ``not_found``
    (the run has the parcel and does not find it), ``parcel_absent`` (its code is in the run no
    more), ``found_again``."""

    number: str
    parcel_id: str
    why: str


@dataclass(frozen=True)
class Recorded:
    """What recording a run did. ``before`` is the run that it was held against."""

    run: Run
    is_new: bool
    is_latest: bool
    before: Run | None = None
    differences: Differences | None = None
    judged: list[Judged] = field(default_factory=list)
    successions: list[Succession] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Held:
    """A parcel of an open case."""

    case_id: int
    number: str
    kind: str
    seq: int
    parcel_id: str
    is_found: bool


def record_run(session: Session, record: RunRecord, *, by: str, at: datetime) -> Recorded:
    """Record a run with its findings, and what it says of the open cases.

    A run that is recorded already changes nothing. Only the latest run (by its day) can make a
    finding gone; an older one is recorded for the history. Events carry ``why`` = the run's id.
    """
    who = check_who(by, at)
    known = find_run(session, record.run_id)
    run = known or _insert(session, record, who, at)
    is_latest = _is_latest(session, run)
    before = _before(session, run)
    held = _held(session)
    judged = [] if known or not is_latest else _judge(session, record, held, by=who, at=at)
    return Recorded(
        run=run,
        is_new=known is None,
        is_latest=is_latest,
        before=before,
        differences=None if before is None else _against(session, before, record),
        judged=judged,
        successions=_successions(session, record, held) if is_latest else [],
    )


def find_run(session: Session, run_id: str) -> Run | None:
    """The recorded run with this id."""
    return session.scalar(select(Run).where(Run.run_id == run_id))


def kinds_looked_for(run: Run) -> frozenset[str]:
    """The findings that a recorded run looked for."""
    return frozenset(run.inputs_json["kinds"])


def findings_of(session: Session, run: Run) -> pd.DataFrame:
    """The findings of a recorded run, without shapes, sorted by kind and parcel."""
    names = [name for name in FINDING_COLUMNS if name != "geometry"]
    columns = [getattr(Finding, name) for name in names]
    query = select(*columns).where(Finding.run_id == run.id)
    rows = session.execute(query.order_by(Finding.kind, Finding.parcel_id)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=names)


def _insert(session: Session, record: RunRecord, by: str, at: datetime) -> Run:
    run = Run(
        run_id=record.run_id,
        as_of=record.as_of,
        year=record.year,
        pack=record.pack,
        pack_version=record.pack_version,
        rules_digest=record.rules_digest,
        crs=record.crs,
        inputs_json=record.inputs,
        totals_json=record.totals,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(run)
    session.flush()
    table = Finding.__table__
    assert isinstance(table, Table)
    canonical.insert_mappings(session.connection(), table, _finding_rows(run.id, record.findings))
    return run


def _finding_rows(run: int, findings: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in findings[list(FINDING_COLUMNS)].itertuples(index=False):
        values = dict(zip(FINDING_COLUMNS, row, strict=True))
        min_x, min_y, max_x, max_y = box(values["geometry"])
        corners = {"min_x": min_x, "min_y": min_y, "max_x": max_x, "max_y": max_y}
        yield {"run_id": run, **values, "mu_e4": int(values["mu_e4"]), **corners}


def _is_latest(session: Session, run: Run) -> bool:
    later = select(func.count()).where(Run.id != run.id, Run.as_of > run.as_of)
    newer = select(func.count()).where(Run.id > run.id, Run.as_of == run.as_of)
    return not session.scalar(later) and not session.scalar(newer)


def _before(session: Session, run: Run) -> Run | None:
    """The run that was the latest one when this one was not there yet."""
    query = select(Run).where(
        Run.id != run.id,
        (Run.as_of < run.as_of) | ((Run.as_of == run.as_of) & (Run.id < run.id)),
    )
    return session.scalar(query.order_by(Run.as_of.desc(), Run.id.desc()).limit(1))


def _against(session: Session, before: Run, record: RunRecord) -> Differences:
    kinds = record.kinds & kinds_looked_for(before)
    return differences(findings_of(session, before), record.findings, kinds)


def _held(session: Session) -> list[_Held]:
    query = (
        select(
            Case.id, Case.number, Case.kind, CaseParcel.seq, CaseParcel.parcel_id,
            CaseParcel.is_found,
        )  # fmt: skip
        .join(Case, Case.id == CaseParcel.case_id)
        .where(CaseParcel.is_open)
        .order_by(CaseParcel.parcel_id)
    )
    return [_Held(*row) for row in session.execute(query)]


def _judge(
    session: Session, record: RunRecord, held: list[_Held], *, by: str, at: datetime
) -> list[Judged]:
    """Events for the parcels whose finding is gone or back; by hand opened ones are left alone."""
    found = _found(record)
    inside = set(record.parcels["parcel_id"])
    ever = _ever_found(session, [one.parcel_id for one in held], besides=record.run_id)
    absent = {one.parcel_id for one in held} - inside
    beyond = _beyond(session, record, absent)
    judged: list[Judged] = []
    for one in held:
        kinds = set(kinds_of(one.kind))
        is_found = bool(kinds & found.get(one.parcel_id, set()))
        if is_found == one.is_found:
            continue
        if not is_found and (
            not kinds <= record.kinds or one.parcel_id not in ever or one.parcel_id in beyond
        ):
            continue
        why = "not_found" if one.parcel_id in inside else "parcel_absent"
        case = session.get_one(Case, one.case_id)
        mark_found(session, case, one.seq, found=is_found, by=by, at=at, why=record.run_id)
        judged.append(Judged(one.number, one.parcel_id, "found_again" if is_found else why))
    return sorted(judged, key=lambda one: (one.number, one.parcel_id))


def _found(record: RunRecord) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind, parcel in record.findings[["kind", "parcel_id"]].itertuples(index=False):
        found.setdefault(parcel, set()).add(kind)
    return found


def _ever_found(session: Session, parcels: list[str], besides: str) -> set[str]:
    """Those of the parcels that another run ever found."""
    ever: set[str] = set()
    for some in _batches(sorted(set(parcels))):
        query = (
            select(Finding.parcel_id)
            .join(Run, Run.id == Finding.run_id)
            .where(Run.run_id != besides, Finding.parcel_id.in_(some))
            .distinct()
        )
        ever |= set(session.scalars(query))
    return ever


def _beyond(session: Session, record: RunRecord, absent: set[str]) -> set[str]:
    """Absent parcels that lie outside what the run looked at, so that it says nothing of them."""
    if not absent or record.parcels.empty:
        return set()
    bounds = shapely.total_bounds(shapely.from_wkb(record.parcels["geometry"].to_numpy(object)))
    west, south, east, north = bounds.tolist()
    beyond: set[str] = set()
    for some in _batches(sorted(absent)):
        query = (
            select(CaseParcel.parcel_id)
            .where(CaseParcel.is_open, CaseParcel.parcel_id.in_(some))
            .where(
                (CaseParcel.max_x < west)
                | (CaseParcel.min_x > east)
                | (CaseParcel.max_y < south)
                | (CaseParcel.min_y > north)
            )
        )
        beyond |= set(session.scalars(query))
    return beyond


def _successions(session: Session, record: RunRecord, held: list[_Held]) -> list[Succession]:
    """Successors that no open case holds yet."""
    taken = {one.parcel_id for one in held}
    absent = taken - set(record.parcels["parcel_id"])
    known: list[Held] = []
    for some in _batches(sorted(absent)):
        query = (
            select(Case.number, CaseParcel.parcel_id, CaseParcel.geometry)
            .join(Case, Case.id == CaseParcel.case_id)
            .where(CaseParcel.is_open, CaseParcel.parcel_id.in_(some))
        )
        for number, parcel, shape in session.execute(query):
            srid = int(shapely.get_srid(shape)) if shape is not None else 0
            known.append(Held(number, parcel, shape, f"EPSG:{srid}" if srid else record.crs))
    found = successions(known, record.parcels, record.crs)
    return [one for one in found if one.parcel_id not in taken]


def _batches(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))

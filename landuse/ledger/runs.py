"""Runs in the ledger: recorded once, held against the one before, and against the open cases.

A run adds findings and touches nothing that people filled in. A case whose finding is gone stays,
with an event that says so; a finding that comes back leaves another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import func, select

from landuse.ledger.bulk import insert_findings
from landuse.ledger.findings import FINDING_COLUMNS, Differences, RunRecord, differences
from landuse.ledger.journal import check_who
from landuse.ledger.lineage import Held, Succession, successions
from landuse.ledger.marking import Mark, mark_many
from landuse.ledger.models import Case, CaseParcel, Finding, Run
from landuse.ledger.proposing import kinds_of
from landuse.ledger.run_units import insert_units, units_kept

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

__all__ = [
    "Judged",
    "Recorded",
    "find_run",
    "findings_of",
    "kinds_looked_for",
    "latest_differences",
    "record_run",
    "recorded_runs",
    "shape_of",
]

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
    """A parcel of an open case; ``row`` is its key."""

    case_id: int
    number: str
    kind: str
    revision: int
    row: int
    seq: int
    parcel_id: str
    is_found: bool


def record_run(session: Session, record: RunRecord, *, by: str, at: datetime) -> Recorded:
    """Record a run with its findings, and what it says of the open cases.

    A run that is recorded already changes nothing, but for the units that a former program did not
    keep. Only the latest run (by its day) can make a
    finding gone; an older one is recorded for the history. Events carry ``why`` = the run's id.
    """
    who = check_who(by, at)
    known = find_run(session, record.run_id)
    run = known or _insert(session, record, who, at)
    if record.units is not None and not units_kept(session, run.id):
        for units in record.units():
            insert_units(session, run.id, units)
    is_latest = _is_latest(session, run)
    before = _before(session, run)
    held = _held(session) if is_latest else []
    there = _there(record, held)
    judged = [] if known else _judge(session, record, held, there, by=who, at=at)
    return Recorded(
        run=run,
        is_new=known is None,
        is_latest=is_latest,
        before=before,
        differences=None if before is None else _against(session, before, record),
        judged=judged,
        successions=_successions(session, record, held, there),
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


def recorded_runs(session: Session) -> list[tuple[Run, dict[str, tuple[int, int]]]]:
    """All runs by their day, each with the number of its findings and their mu × 10⁴ by kind."""
    query = select(Finding.run_id, Finding.kind, func.count(), func.sum(Finding.mu_e4))
    sums: dict[int, dict[str, tuple[int, int]]] = {}
    for run, kind, count, mu in session.execute(query.group_by(Finding.run_id, Finding.kind)):
        sums.setdefault(run, {})[kind] = (int(count), int(mu))
    runs = session.scalars(select(Run).order_by(Run.as_of, Run.id))
    nothing = dict.fromkeys(("low_efficiency", "idle"), (0, 0))
    return [
        (
            run,
            {kind: sums.get(run.id, {}).get(kind, nothing[kind]) for kind in kinds_looked_for(run)},
        )
        for run in runs
    ]


def latest_differences(session: Session) -> tuple[Run, Differences] | None:
    """The run before the latest and how that differs from it; ``None`` with less than two."""
    query = select(Run).order_by(Run.as_of.desc(), Run.id.desc()).limit(2)
    two = list(session.scalars(query))
    if len(two) < 2:
        return None
    run, before = two
    kinds = kinds_looked_for(run) & kinds_looked_for(before)
    return before, differences(findings_of(session, before), findings_of(session, run), kinds)


def shape_of(session: Session, parcel: str) -> BaseGeometry | None:
    """The shape that the latest finding on a parcel has; ``None`` where there is none."""
    query = (
        select(Finding.geometry)
        .join(Run, Run.id == Finding.run_id)
        .where(Finding.parcel_id == parcel)
        .order_by(Run.as_of.desc(), Run.id.desc())
    )
    return session.scalar(query.limit(1))


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
    insert_findings(session, run.id, record.findings)
    return run


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
    columns = (CaseParcel.id, CaseParcel.seq, CaseParcel.parcel_id, CaseParcel.is_found)
    query = (
        select(Case.id, Case.number, Case.kind, Case.revision, *columns)
        .join(Case, Case.id == CaseParcel.case_id)
        .where(CaseParcel.is_open)
        .order_by(CaseParcel.parcel_id)
    )
    return [_Held(*row) for row in session.execute(query)]


def _there(record: RunRecord, held: list[_Held]) -> set[str]:
    """Those of the parcels of open cases that the run has."""
    codes, there = {one.parcel_id for one in held}, set[str]()
    for rows in record.parcels() if codes else ():
        there |= codes.intersection(rows["parcel_id"])
    return there


def _judge(
    session: Session,
    record: RunRecord,
    held: list[_Held],
    inside: set[str],
    *,
    by: str,
    at: datetime,
) -> list[Judged]:
    """Events for the parcels whose finding is gone or back; by hand opened ones are left alone."""
    found = _found(record)
    ever = _ever_found(session, [one.parcel_id for one in held], besides=record.run_id)
    beyond = _beyond(session, record, {one.parcel_id for one in held} - inside)
    judged: list[Judged] = []
    marks: list[Mark] = []
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
        marks.append(Mark(one.case_id, one.revision, one.row, one.seq, is_found))
        judged.append(Judged(one.number, one.parcel_id, "found_again" if is_found else why))
    mark_many(session, marks, by=by, at=at, why=record.run_id)
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
    if not absent:
        return set()
    boxes = [
        shapely.total_bounds(shapely.from_wkb(rows["geometry"].to_numpy(object)))
        for rows in record.parcels()
        if len(rows)
    ]
    if not boxes:
        return set()
    west, south = np.min(boxes, axis=0)[:2].tolist()
    east, north = np.max(boxes, axis=0)[2:].tolist()
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


def _successions(
    session: Session, record: RunRecord, held: list[_Held], there: set[str]
) -> list[Succession]:
    """Successors that no open case holds yet."""
    taken = {one.parcel_id for one in held}
    absent = taken - there
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
    if not known:
        return []
    found = [one for rows in record.parcels() for one in successions(known, rows, record.crs)]
    return sorted(one for one in found if one.parcel_id not in taken)


def _batches(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))

"""Cases as lists and screens show them, read by plain SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, exists, select

from landuse.ledger.models import Case, CaseParcel, Finding, Part, Run

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.orm import Session

__all__ = ["Beside", "Line", "Wanted", "carried_to", "findings_beside", "lines", "names_by_code"]

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases; blank is any. ``way`` is that of any of its parts, ``none`` of no part."""

    state: str = ""
    kind: str = ""
    park: str = ""
    way: str = ""
    parcel: str = ""
    enterprise: str = ""
    deadline_before: dt.date | None = None
    open_only: bool = False


@dataclass(slots=True)
class Line:
    """One case in a list; areas are mu × 10⁴."""

    number: str
    kind: str
    state: str
    enterprises: str
    park: str
    mu_e4: int
    unit: str
    person: str
    deadline: dt.date | None
    revision: int
    parcels: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    disposed_mu_e4: int = 0
    accepted_mu_e4: int = 0

    @property
    def remaining_mu_e4(self) -> int:
        """Case mu less the mu of its parts."""
        return self.mu_e4 - self.disposed_mu_e4


@dataclass(frozen=True, slots=True)
class Beside:
    """What a run computed for a parcel of a case: it stands beside what people wrote."""

    run_id: str
    as_of: dt.date
    kind: str
    parcel_id: str
    mu_e4: int
    enterprises: list[dict[str, Any]]
    detail: dict[str, Any]


def lines(session: Session, wanted: Wanted) -> list[Line]:
    """The cases that are wanted, in the order of their opening."""
    where = _where(wanted)
    columns = (
        Case.id, Case.number, Case.kind, Case.state, Case.original_enterprises, Case.park,
        Case.case_mu_e4, Case.responsible_unit, Case.responsible_person, Case.deadline,
        Case.revision,
    )  # fmt: skip
    query = select(*columns).where(*where).order_by(Case.id)
    found: dict[int, Line] = {}
    for row in session.execute(query):
        key, *values = row
        found[key] = Line(*values)
    parcels = select(CaseParcel.case_id, CaseParcel.parcel_id).where(CaseParcel.removed.is_(False))
    for key, code in session.execute(parcels.order_by(CaseParcel.case_id, CaseParcel.seq)):
        if key in found:
            found[key].parcels.append(code)
    parts = select(Part.case_id, Part.way, Part.mu_e4, Part.accepted_on)
    for key, way, mu, accepted in session.execute(
        parts.where(Part.removed.is_(False)).order_by(Part.case_id, Part.seq)
    ):
        line = found.get(key)
        if line is None:
            continue
        if way and way not in line.ways:
            line.ways.append(way)
        line.disposed_mu_e4 += mu or 0
        line.accepted_mu_e4 += (mu or 0) if accepted else 0
    return list(found.values())


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    for column, value in (
        (Case.state, wanted.state), (Case.kind, wanted.kind), (Case.park, wanted.park),
    ):  # fmt: skip
        if value:
            where.append(column == value)
    if wanted.open_only:
        where.append(Case.is_open.is_(True))
    if wanted.enterprise:
        where.append(Case.original_enterprises.contains(wanted.enterprise, autoescape=True))
    if wanted.deadline_before is not None:
        where.append(Case.deadline < wanted.deadline_before)
    if wanted.parcel:
        held = exists().where(
            CaseParcel.case_id == Case.id,
            CaseParcel.removed.is_(False),
            CaseParcel.parcel_id == wanted.parcel,
        )
        where.append(held)
    if wanted.way:
        live = exists().where(Part.case_id == Case.id, Part.removed.is_(False), Part.way != "")
        chosen = live.where(Part.way == wanted.way)
        where.append(~live if wanted.way == "none" else chosen)
    return where


def findings_beside(session: Session, parcels: Sequence[str]) -> list[Beside]:
    """For each kind and parcel what the last run that found it computed."""
    query = (
        select(
            Run.run_id, Run.as_of, Finding.kind, Finding.parcel_id, Finding.mu_e4,
            Finding.enterprises_json, Finding.detail_json,
        )
        .join(Run, Run.id == Finding.run_id)
        .where(Finding.parcel_id.in_(list(parcels)[:_BATCH]))
        .order_by(Run.as_of, Run.id)
    )  # fmt: skip
    latest: dict[tuple[str, str], Beside] = {}
    for row in session.execute(query):
        one = Beside(*row)
        latest[one.parcel_id, one.kind] = one
    return [latest[key] for key in sorted(latest)]


def names_by_code(session: Session, wanted: Collection[str]) -> dict[str, str]:
    """What the recorded runs call the enterprises with these credit codes; the last run wins."""
    names: dict[str, str] = {}
    for listed in session.scalars(select(Finding.enterprises_json).order_by(Finding.id)):
        for one in listed or []:
            if one.get("uscc") in wanted and one.get("name"):
                names[one["uscc"]] = one["name"]
    return names


def carried_to(session: Session, key: int) -> tuple[str, int] | None:
    """Number and mu × 10⁴ of the case that took over what remained of a closed one."""
    query = select(Case.number, Case.case_mu_e4).where(Case.carried_from == key)
    row = session.execute(query.order_by(Case.id.desc())).first()
    return None if row is None else (row[0], row[1])

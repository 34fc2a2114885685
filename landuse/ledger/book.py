"""Cases as the workbook holds them, now or as they stood when a workbook was written.

Read by plain SQL, all of them at once; what a workbook's hidden columns say of a row is held
against these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, func, select

from landuse.errors import UserError
from landuse.issues import Issue
from landuse.ledger.journal import FIELDS, to_json
from landuse.ledger.models import Case, CaseParcel, Document, Event, Finding, Part, Run
from landuse.ledger.replay import CaseState, replay
from landuse.ledger.stale import check_fresh
from landuse.ledger.types import dump

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = [
    "BookCase",
    "Found",
    "Paper",
    "as_exported",
    "book_cases",
    "changed_since",
    "last_crs",
    "latest_findings",
    "numbers_of",
    "papers_of",
    "shape_of_parcel",
    "shapes_of",
]

_PART: Final = tuple(name for name in FIELDS["part"] if name != "removed")
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class BookCase:
    """A case: its fields, its parts (each with ``seq``) and the codes of its parcels."""

    key: int
    number: str
    revision: int
    opened_at: datetime
    values: Mapping[str, Any]
    parts: tuple[Mapping[str, Any], ...] = ()
    parcels: tuple[str, ...] = ()
    is_found: bool = True

    @property
    def check(self) -> str:
        """What tells this content of this case from any other; findings of runs do not count."""
        said = [
            self.opened_at.isoformat(),
            {name: to_json(value) for name, value in self.values.items()},
            [{name: to_json(value) for name, value in part.items()} for part in self.parts],
        ]
        return hashlib.sha256(dump(said).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Found:
    """What the last run of a year said of a parcel."""

    year: int
    as_of: date
    enterprises: list[dict[str, Any]]
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of a case as the list of idle land shows it."""

    kind: str
    name: str
    dated: date | None
    served_on: date | None


@dataclass(slots=True)
class _Rows:
    parts: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    parcels: dict[int, list[str]] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)


def book_cases(session: Session) -> list[BookCase]:
    """Every case in the order of opening."""
    rows = _rows(session)
    columns = [getattr(Case, name) for name in FIELDS["case"]]
    query = select(Case.id, Case.revision, Case.opened_at, *columns).order_by(Case.id)
    found = []
    for key, revision, opened_at, *values in session.execute(query):
        fields = dict(zip(FIELDS["case"], values, strict=True))
        parts = tuple(rows.parts.get(key, ()))
        parcels = tuple(rows.parcels.get(key, ()))
        found.append(
            BookCase(
                key, fields["number"], revision, opened_at, fields, parts, parcels,
                key not in rows.lost,
            )
        )  # fmt: skip
    return found


def _rows(session: Session) -> _Rows:
    rows = _Rows()
    columns = [getattr(Part, name) for name in _PART]
    query = select(Part.case_id, Part.seq, *columns).where(Part.removed.is_(False))
    for key, seq, *values in session.execute(query.order_by(Part.case_id, Part.seq)):
        part = {"seq": seq, **dict(zip(_PART, values, strict=True))}
        rows.parts.setdefault(key, []).append(part)
    parcels = select(CaseParcel.case_id, CaseParcel.parcel_id, CaseParcel.is_found)
    parcels = parcels.where(CaseParcel.removed.is_(False))
    for key, code, is_found in session.execute(
        parcels.order_by(CaseParcel.case_id, CaseParcel.seq)
    ):
        rows.parcels.setdefault(key, []).append(code)
        if not is_found:
            rows.lost.add(key)
    return rows


def as_exported(session: Session, case: BookCase, revision: int, check: str) -> BookCase | None:
    """The case at ``revision``; ``None`` if it never looked then as ``check`` says.

    That is so for a workbook of another ledger, or of one that was set back to a backup since.
    """
    query = (
        select(Event).where(Event.case_id == case.key, Event.seq <= revision).order_by(Event.seq)
    )
    events = list(session.scalars(query))
    if not events or len(events) != revision:
        return None
    then = _of_state(case, replay(events))
    return then if then.check == check else None


def _of_state(case: BookCase, state: CaseState) -> BookCase:
    values = {name: state.case.get(name) for name in FIELDS["case"]}
    parts = tuple(
        {"seq": seq, **{name: part[name] for name in _PART}}
        for seq, part in sorted(state.parts.items())
        if not part["removed"]
    )
    parcels = tuple(
        one["parcel_id"] for _, one in sorted(state.parcels.items()) if not one["removed"]
    )
    return BookCase(case.key, case.number, state.revision, case.opened_at, values, parts, parcels)


def changed_since(session: Session, case: BookCase, revision: int) -> list[Issue]:
    """Who changed what in the case since ``revision``, as issues; none if nobody did."""
    row = session.get_one(Case, case.key)
    try:
        check_fresh(session, row, revision)
    except UserError as fault:
        return fault.issues
    return []


def latest_findings(session: Session) -> dict[tuple[str, str], list[Found]]:
    """By kind and parcel what the last run of each year found, newest first; parcels of cases."""
    held = exists().where(CaseParcel.parcel_id == Finding.parcel_id)
    place = func.row_number().over(
        partition_by=(Finding.kind, Finding.parcel_id, Run.year),
        order_by=(Run.as_of.desc(), Run.id.desc()),
    )
    ranked = (
        select(Finding.id, Run.year, Run.as_of, place.label("place"))
        .join(Run, Run.id == Finding.run_id)
        .where(held)
        .subquery()
    )
    query = (
        select(
            Finding.kind, Finding.parcel_id, ranked.c.year, ranked.c.as_of,
            Finding.enterprises_json, Finding.detail_json,
        )
        .join(ranked, ranked.c.id == Finding.id)
        .where(ranked.c.place == 1)
        .order_by(Finding.kind, Finding.parcel_id, ranked.c.as_of.desc())
    )  # fmt: skip
    found: dict[tuple[str, str], list[Found]] = {}
    for kind, parcel, year, as_of, enterprises, detail in session.execute(query):
        one = Found(year, as_of, enterprises or [], detail or {})
        found.setdefault((kind, parcel), []).append(one)
    return found


def papers_of(session: Session) -> dict[int, list[Paper]]:
    """The documents of each case by its key, in their order."""
    columns = (Document.case_id, Document.kind, Document.name, Document.dated, Document.served_on)
    query = select(*columns).where(Document.removed.is_(False))
    found: dict[int, list[Paper]] = {}
    for key, kind, name, dated, served_on in session.execute(
        query.order_by(Document.case_id, Document.seq)
    ):
        found.setdefault(key, []).append(Paper(kind, name, dated, served_on))
    return found


def shapes_of(session: Session, keys: Iterable[int]) -> dict[int, list[Any]]:
    """The shapes of the parcels of some cases, by key; a parcel without one is left out."""
    wanted = sorted(keys)
    found: dict[int, list[Any]] = {}
    for start in range(0, len(wanted), _BATCH):
        query = (
            select(CaseParcel.case_id, CaseParcel.geometry)
            .where(CaseParcel.case_id.in_(wanted[start : start + _BATCH]))
            .where(CaseParcel.removed.is_(False), CaseParcel.geometry.is_not(None))
            .order_by(CaseParcel.case_id, CaseParcel.seq)
        )
        for key, shape in session.execute(query):
            found.setdefault(key, []).append(shape)
    return found


def last_crs(session: Session) -> str:
    """The coordinate system of the last run; ``""`` without runs."""
    return session.scalar(select(Run.crs).order_by(Run.as_of.desc(), Run.id.desc()).limit(1)) or ""


def shape_of_parcel(session: Session, parcel_id: str) -> Any:  # noqa: ANN401 - a shape or None
    """The outline of a parcel by the last run that found it; ``None`` where none did."""
    query = (
        select(Finding.geometry)
        .join(Run, Run.id == Finding.run_id)
        .where(Finding.parcel_id == parcel_id, Finding.geometry.is_not(None))
        .order_by(Run.as_of.desc(), Run.id.desc())
    )
    return session.scalar(query.limit(1))


def numbers_of(session: Session, keys: Sequence[int]) -> list[str]:
    """The numbers of cases, in the order of their keys given."""
    found: dict[int, str] = {}
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        query = select(Case.id, Case.number).where(Case.id.in_(some))
        found.update((row.id, row.number) for row in session.execute(query))
    return [found[key] for key in keys]

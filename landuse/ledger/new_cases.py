"""Opening cases: one by hand, a run's findings, or the ledger that an office already keeps.

Takes forms of cases; gives cases with numbers that people can say (2026-003), gapless within the
year of opening because the ledger has one writer at a time. Everything that forbids a case is
collected and refused before anything is written (method, section 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.issues import Issue, IssueLog
from landuse.ledger import journal, limits
from landuse.ledger.days import day_of
from landuse.ledger.facts import facts_of, idle_now
from landuse.ledger.models import Case, CaseParcel
from landuse.ledger.opening import NewCase, create_cases
from landuse.ledger.papers import Paper
from landuse.ledger.states import (
    ENDED,
    STATES,
    STATUTORY_YEARS,
    check_kind,
    check_paper,
    check_way,
    word,
    words,
)
from landuse.scaled import MU, to_text

__all__ = [
    "CaseForm",
    "Former",
    "ParcelForm",
    "PartForm",
    "formers",
    "next_number",
    "open_case",
    "open_cases",
    "parcel_values",
]

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class ParcelForm:
    """A parcel of a case to open; ``geometry`` a shape or its WKB."""

    parcel_id: str
    previously_part_of: str = ""
    geometry: BaseGeometry | bytes | None = None


@dataclass(frozen=True, slots=True)
class PartForm:
    """A part of a case that is taken over from an office's own ledger."""

    way: str = ""
    mu_e4: int | None = None
    floor_area_m2_e2: int | None = None
    receiving_enterprise: str = ""
    started_on: date | None = None
    accepted_on: date | None = None


@dataclass(frozen=True, slots=True)
class CaseForm:
    """A case to open: mu × 10⁴ and m² × 10²; blank text is ``""``.

    ``state`` is ``found`` unless a ledger is taken over; ``relapse_of`` and ``carried_from`` are
    keys of cases, the former found by itself where it is not given.
    """

    kind: str
    parcels: tuple[ParcelForm, ...]
    mu_e4: int
    floor_area_m2_e2: int | None = None
    state: str = "found"
    previous_state: str = ""
    original_enterprises: str = ""
    park: str = ""
    township: str = ""
    address: str = ""
    responsible_unit: str = ""
    responsible_person: str = ""
    deadline: date | None = None
    progress: str = ""
    issue_type: str = ""
    problems: str = ""
    notes: str = ""
    publication_from: date | None = None
    publication_to: date | None = None
    accepted_on: date | None = None
    relapse_of: int | None = None
    carried_from: int | None = None
    parts: tuple[PartForm, ...] = ()
    papers: tuple[Paper, ...] = field(default=())

    @property
    def key(self) -> str:
        """What a message calls it: its parcels."""
        return "、".join(parcel.parcel_id for parcel in self.parcels)


@dataclass(frozen=True, slots=True)
class Former:
    """The latest case that a parcel has or had."""

    case_id: int
    number: str
    state: str


def next_number(session: Session, year: int, ahead: int = 0) -> str:
    """The next number of the year; ``ahead`` more than that.

    Numbers rise with the keys of the cases, so the newest case of the year has the greatest.
    """
    query = select(Case.number).where(Case.number.like(f"{year}-%")).order_by(Case.id.desc())
    last = session.scalar(query.limit(1))
    serial = int(last.partition("-")[2]) if last else 0
    return f"{year}-{serial + 1 + ahead:03d}"


def open_case(session: Session, form: CaseForm, *, by: str, at: datetime, why: str = "") -> Case:
    """Opens one case; see :func:`open_cases`."""
    (key,) = open_cases(session, [form], by=by, at=at, why=why)
    return session.get_one(Case, key)


def open_cases(
    session: Session, forms: Sequence[CaseForm], *, by: str, at: datetime, why: str = ""
) -> list[int]:
    """Opens cases in the order given and gives their keys; all of them or none.

    Raises :class:`landuse.errors.UserError` with every fault: a parcel that has an open or a
    removed case (or was part of one that has), an idle parcel as low-efficiency, parts beyond
    the case, no area, no parcel.
    """
    today = day_of(at)
    session.flush()
    forms = [_settled(form) for form in forms]
    known = formers(session, _named(forms))
    log = IssueLog()
    for form in forms:
        _check_form(session, form, today, log)
    _check_parcels(session, forms, known, log)
    if log.errors():
        raise UserError(log.errors())
    first = next_number(session, today.year)
    year, serial = first.split("-")
    new = [
        NewCase(
            _values(form, f"{year}-{int(serial) + ahead:03d}", known), parcel_values(form.parcels)
        )
        for ahead, form in enumerate(forms)
    ]
    keys = create_cases(session, new, by=by, at=at, why=why)
    for key, form in zip(keys, forms, strict=True):
        if form.parts or form.papers:
            _add_rows(session, session.get_one(Case, key), form, by=by, at=at, why=why)
    return keys


def formers(session: Session, parcel_ids: Iterable[str]) -> dict[str, Former]:
    """The case of each parcel that counts: the open one, else the one opened last."""
    wanted = sorted(set(parcel_ids))
    found: dict[str, Former] = {}
    for start in range(0, len(wanted), _BATCH):
        query = (
            select(CaseParcel.parcel_id, Case.id, Case.number, Case.state)
            .join(Case, Case.id == CaseParcel.case_id)
            .where(CaseParcel.parcel_id.in_(wanted[start : start + _BATCH]))
            .where(CaseParcel.removed.is_(False))
            .order_by(CaseParcel.is_open, Case.id)
        )
        found.update(
            (parcel, Former(key, number, state))
            for parcel, key, number, state in session.execute(query)
        )
    return found


def _settled(form: CaseForm) -> CaseForm:
    """The form with what follows from a state that was taken over."""
    if form.state == "deferred" and not form.previous_state:
        form = replace(form, previous_state="in_disposal" if form.parts else "suspected")
    if form.state == "closed" and form.accepted_on is not None:
        parts = tuple(
            replace(part, accepted_on=part.accepted_on or form.accepted_on) for part in form.parts
        )
        form = replace(form, parts=parts)
    return form


def _named(forms: Sequence[CaseForm]) -> set[str]:
    parcels = [parcel for form in forms for parcel in form.parcels]
    named = {parcel.parcel_id for parcel in parcels}
    return named | {parcel.previously_part_of for parcel in parcels if parcel.previously_part_of}


def _check_form(session: Session, form: CaseForm, today: date, log: IssueLog) -> None:
    """What one form says by itself."""
    try:
        check_kind(form.kind, form.key)
        _check_state(form)
        for paper in form.papers:
            check_paper(paper.kind, form.key)
        pairs = [(part.mu_e4, part.floor_area_m2_e2) for part in form.parts]
        limits.check_sums(form.key, form.mu_e4, form.floor_area_m2_e2, pairs)
        _check_parts(session, form, today)
    except UserError as fault:
        log.extend(fault.issues)
    codes = [parcel.parcel_id.strip() for parcel in form.parcels]
    if not codes or not all(codes):
        log.add("ledger_cases.case_without_parcel", key=form.original_enterprises)
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        log.add("ledger_cases.parcel_repeated", key=code)
    if form.mu_e4 <= 0:
        log.add("ledger_cases.case_without_area", key=form.key)


def _check_state(form: CaseForm) -> None:
    if form.state not in STATES:
        known = words("state", tuple(STATES))
        raise UserError.of(
            "ledger_cases.unknown_state",
            key=form.key,
            value=form.state,
            known_zh=known["zh"],
            known_en=known["en"],
        )
    if form.state != "closed":
        return
    rest = form.mu_e4 - sum(part.mu_e4 or 0 for part in form.parts)
    if rest > 0:
        raise UserError.of("ledger_cases.something_remains", key=form.key, value=to_text(rest, MU))
    if form.accepted_on is None:
        raise UserError.of(
            "ledger_cases.needs_missing",
            key=form.key,
            to_zh=word("state", "closed"),
            to_en=word("state", "closed", "en"),
            needs_zh=word("need", "accepted_on"),
            needs_en=word("need", "accepted_on", "en"),
        )


def _check_parts(session: Session, form: CaseForm, today: date) -> None:
    statutory = []
    for part in form.parts:
        if part.way:
            check_way(part.way, form.key)
        if part.way in STATUTORY_YEARS:
            statutory.append(part)
    if statutory:
        facts = facts_of(session, [parcel.parcel_id for parcel in form.parcels])
        for part in statutory:
            on = part.started_on or today
            limits.check_statutory(form.key, part.way, form.kind, facts, on=on)


def _check_parcels(
    session: Session, forms: Sequence[CaseForm], known: dict[str, Former], log: IssueLog
) -> None:
    """What the ledger says of the parcels."""
    low = [form for form in forms if form.kind == "low_efficiency" and form.state not in ENDED]
    idle = idle_now(session, (parcel.parcel_id for form in low for parcel in form.parcels))
    for code in sorted(idle):
        log.add("ledger_cases.idle_first", key=code)
    seen: set[str] = set()
    for form in forms:
        if form.state in ENDED:
            continue
        for parcel in form.parcels:
            if parcel.parcel_id in seen:
                log.add("ledger_cases.parcel_repeated", key=parcel.parcel_id)
            seen.add(parcel.parcel_id)
            log.extend(_standing_in_the_way(parcel, known))


def _standing_in_the_way(parcel: ParcelForm, known: dict[str, Former]) -> Iterable[Issue]:
    own = known.get(parcel.parcel_id)
    if own is not None and own.state != "closed":
        code = (
            "ledger_cases.removed_before" if own.state == "removed" else "ledger_cases.already_open"
        )
        states = {"state_zh": word("state", own.state), "state_en": word("state", own.state, "en")}
        yield Issue(code, key=parcel.parcel_id, value=own.number, values=states)
    whole = known.get(parcel.previously_part_of)
    if whole is not None and whole.state not in ENDED:
        values = {"former": parcel.previously_part_of}
        yield Issue(
            "ledger_cases.former_part_open",
            key=parcel.parcel_id,
            value=whole.number,
            values=values,
        )


_COPIED: Final = (
    "kind", "state", "previous_state", "floor_area_m2_e2", "original_enterprises", "park",
    "township", "address", "responsible_unit", "responsible_person", "deadline", "progress",
    "issue_type", "problems", "notes", "publication_from", "publication_to", "accepted_on",
    "carried_from",
)  # fmt: skip


def _values(form: CaseForm, number: str, known: dict[str, Former]) -> dict[str, Any]:
    values = {name: getattr(form, name) for name in _COPIED}
    relapse = form.relapse_of
    if relapse is None and form.carried_from is None:
        named = _named([form])
        ended = [known[code].case_id for code in named if code in known
                 and known[code].state == "closed"]  # fmt: skip
        relapse = max(ended, default=None)
    return {**values, "number": number, "case_mu_e4": form.mu_e4, "relapse_of": relapse}


def parcel_values(parcels: Iterable[ParcelForm]) -> list[dict[str, Any]]:
    """The parcels as the journal takes them."""
    return [
        {
            "parcel_id": parcel.parcel_id.strip(),
            "previously_part_of": parcel.previously_part_of.strip() or None,
            "geometry": shapely.from_wkb(parcel.geometry)
            if isinstance(parcel.geometry, bytes)
            else parcel.geometry,
        }
        for parcel in parcels
    ]


def _add_rows(
    session: Session, case: Case, form: CaseForm, *, by: str, at: datetime, why: str
) -> None:
    act = journal.begin(session, case, by=by, at=at, why=why)
    papers: list[tuple[str, list[Any], dict[str, Any]]] = [
        ("document", case.documents, asdict(paper)) for paper in form.papers
    ]
    for entity, rows, values in [
        *papers,
        *(("part", case.parts, asdict(part)) for part in form.parts),
    ]:
        row = journal.new_row(entity, case, len(rows) + 1, values)
        rows.append(row)
        act.create(entity, row)
    session.flush()

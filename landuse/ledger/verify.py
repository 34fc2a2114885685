"""Whether the ledger holds everything it promises: every invariant, and nothing is mended.

Takes a reader's session; gives the faults found, none for a sound ledger. Checked are: the file
(SQLite); no orphan; numbers without double or gap; never two open cases for a parcel; events
without a gap that lead to exactly the rows; only allowed moves; parts within their case; what each
state rests on; verdicts and the acts they name; totals by state, kind, park and way that add up to
the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from landuse.issues import Issue
from landuse.ledger.models import (
    Base,
    Case,
    CaseParcel,
    Correction,
    Document,
    Event,
    Finding,
    Part,
    Run,
)
from landuse.ledger.park_models import ParkImport, ParkRow
from landuse.ledger.review_models import Account, Meeting, Review, SignIn
from landuse.ledger.run_units import RunUnit
from landuse.ledger.totals import totals
from landuse.ledger.verify_cases import case_faults, correction_faults
from landuse.ledger.verify_reviews import review_faults
from landuse.scaled import MU, to_text

__all__ = ["verify"]

_OWNED: Final[tuple[tuple[type[Base], str, type[Base]], ...]] = (
    (CaseParcel, "case_id", Case),
    (Part, "case_id", Case),
    (Document, "case_id", Case),
    (Event, "case_id", Case),
    (Correction, "case_id", Case),
    (Case, "relapse_of", Case),
    (Case, "carried_from", Case),
    (Event, "undo_of", Event),
    (Finding, "run_id", Run),
    (Review, "case_id", Case),
    (Review, "meeting_id", Meeting),
    (Review, "undo_of", Review),
    (SignIn, "account_id", Account),
    (ParkRow, "import_id", ParkImport),
    (RunUnit, "run_id", Run),
)


def verify(session: Session) -> list[Issue]:
    """Every fault of the ledger, in words; an empty list where all is well."""
    checks: tuple[Callable[[Session], Iterator[Issue]], ...] = (
        _file,
        _orphans,
        _numbers,
        _two_open,
        case_faults,
        correction_faults,
        review_faults,
        _totals,
    )
    return list(chain.from_iterable(check(session) for check in checks))


def _fault(code: str, key: str = "", **values: object) -> Issue:
    return Issue(code, table="ledger", key=key, values=values)


def _file(session: Session) -> Iterator[Issue]:
    """SQLite's own check of its pages and references."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for (said,) in session.execute(text("PRAGMA integrity_check")):
        if said != "ok":
            yield _fault("ledger_cases.fault_file", detail=said)
    for row in session.execute(text("PRAGMA foreign_key_check")):
        yield _fault("ledger_cases.fault_orphan", key=str(row[1]), owner=row[2], rows=row[0])


def _orphans(session: Session) -> Iterator[Issue]:
    for model, column, owner in _OWNED:
        link = getattr(model, column)
        there = select(owner.__table__.c.id)
        query = select(model.__table__.c.id).where(link.is_not(None), link.not_in(there))
        for key in session.scalars(query):
            yield _fault(
                "ledger_cases.fault_orphan",
                key=str(key),
                owner=owner.__tablename__,
                rows=model.__tablename__,
            )
    bare = select(Case.number).where(
        ~select(CaseParcel.id)
        .where(CaseParcel.case_id == Case.id, CaseParcel.removed.is_(False))
        .exists()
    )
    for number in session.scalars(bare):
        yield _fault("ledger_cases.fault_no_parcel", key=number)


def _numbers(session: Session) -> Iterator[Issue]:
    """Numbers are year-serial, each once, and the serials of a year have no gap."""
    years: dict[str, set[int]] = {}
    for number in session.scalars(select(Case.number)):
        year, _, serial = number.partition("-")
        if not (year.isdigit() and serial.isdigit() and f"{year}-{int(serial):03d}" == number):
            yield _fault("ledger_cases.fault_number", key=number)
            continue
        if int(serial) in years.setdefault(year, set()):
            yield _fault("ledger_cases.fault_number_twice", key=number)
        years[year].add(int(serial))
    for year, serials in sorted(years.items()):
        for missing in sorted(set(range(1, max(serials) + 1)) - serials):
            yield _fault("ledger_cases.fault_number_gap", key=f"{year}-{missing:03d}")


def _two_open(session: Session) -> Iterator[Issue]:
    query = (
        select(CaseParcel.parcel_id, func.count())
        .join(Case, Case.id == CaseParcel.case_id)
        .where(Case.state.not_in(("closed", "removed")), CaseParcel.removed.is_(False))
        .group_by(CaseParcel.parcel_id)
        .having(func.count() > 1)
    )
    for parcel, count in session.execute(query):
        yield _fault("ledger_cases.fault_two_open", key=parcel, n=count)


def _totals(session: Session) -> Iterator[Issue]:
    """Each grouping adds up to what the database itself sums."""
    found = totals(session)
    query = select(
        func.count(Case.id),
        func.coalesce(func.sum(Case.case_mu_e4), 0),
        func.coalesce(func.sum(Case.floor_area_m2_e2), 0),
    )
    cases, mu, floor = (int(one) for one in session.execute(query).one())
    whole = {"cases": cases, "mu_e4": mu, "floor_m2_e2": floor}
    for group in ("by_state", "by_kind", "by_park"):
        yield from _adds_up(group, found[group], whole)
    yield from _adds_up("by_way", found["by_way"], {"mu_e4": mu, "floor_m2_e2": floor})
    head = found["headline"]
    shares = ("revitalised", "disposed", "planned", "remaining")
    split = {share: {"mu_e4": head[f"{share}_mu_e4"]} for share in shares}
    yield from _adds_up("headline", split, {"mu_e4": head["mu_e4"]})
    if head["revitalised_mu_e4"] > head["mu_e4"]:
        yield _fault(
            "ledger_cases.fault_total",
            key="revitalised",
            value=to_text(head["revitalised_mu_e4"], MU),
            whole=to_text(head["mu_e4"], MU),
        )


def _adds_up(group: str, sums: dict[str, dict[str, int]], whole: dict[str, Any]) -> Iterator[Issue]:
    for name, expected in whole.items():
        added = sum(one[name] for one in sums.values())
        if added != expected:
            yield _fault(
                "ledger_cases.fault_total", key=f"{group}.{name}", value=added, whole=expected
            )

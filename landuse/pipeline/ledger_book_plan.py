"""Which rows of a workbook speak of which case; each case is then held against the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from landuse.pipeline.ledger_book_compare import Comparison
from landuse.pipeline.ledger_book_rows import Seen, part_rows
from landuse.pipeline.ledger_book_units import Unit, issue_at

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from landuse.intake.ledger_book import Book, BookRow
    from landuse.ledger.book import BookCase

__all__ = ["Plan", "make_plan"]

_CASE_KEY: Final = re.compile(r"\d{4}-\d{3,}")
_PART_KEY: Final = re.compile(r"(\d{4}-\d{3,})/(\d+)")


@dataclass(frozen=True)
class Plan:
    """The file against the ledger: cases that are there, new ones, and what is not in the file."""

    units: list[Unit]
    new: list[Unit]
    missing: list[str]


def make_plan(
    session: Session,
    book: Book,
    cases: Mapping[str, BookCase],
    seen: Seen,
    otherwise: str,
    why: str,
) -> Plan:
    """Hold the rows of ``book`` against ``cases`` (by number).

    ``why`` is the reason given for the whole import, ``otherwise`` what is noted where there is
    none.
    """
    units, new = _grouped(book)
    for unit in units.values():
        case = cases.get(unit.number)
        if case is None:
            if not unit.issues:
                unit.issues.append(
                    issue_at(unit.rows[0], "ledger_book.unknown_case", key=unit.number)
                )
            continue
        Comparison(session, unit, case, seen, otherwise, why).compare()
    ordered = sorted(units.values(), key=_first_place)
    return Plan(ordered, new, _missing(book, cases))


def _first_place(unit: Unit) -> tuple[str, int]:
    rows = unit.rows
    return (rows[0].table, rows[0].row) if rows else ("", 0)


def _grouped(book: Book) -> tuple[dict[str, Unit], list[Unit]]:
    """Rows by case; a key that stands twice spoils its case."""
    units: dict[str, Unit] = {}
    new: list[Unit] = []
    keys: dict[str, list[BookRow]] = {}
    for row in book.rows:
        number = _number_of(row)
        if row.table == "case" and not row.key:
            new.append(Unit("", row))
            continue
        unit = units.setdefault(number or f"?{row.sheet}{row.row}", Unit(number))
        if row.key:
            keys.setdefault(row.key, []).append(row)
        if not number:
            code = "bad_key" if row.key else "new_part_without_case"
            unit.issues.append(issue_at(row, f"ledger_book.{code}", value=row.key))
        if row.table == "case" and unit.main is None:
            unit.main = row
        else:
            unit.parts.append(row)
    for key, rows in keys.items():
        if len(rows) > 1:
            said = "、".join(str(row.row) for row in rows)
            unit = units[_number_of(rows[0]) or f"?{rows[0].sheet}{rows[0].row}"]
            unit.issues.append(issue_at(rows[0], "ledger_book.key_twice", key=key, rows=said))
    return units, new


def _number_of(row: BookRow) -> str:
    """The case that a row is about; ``""`` where it cannot be told."""
    if row.table == "case":
        return row.key if _CASE_KEY.fullmatch(row.key) else ""
    if row.key:
        match = _PART_KEY.fullmatch(row.key)
        return match[1] if match else ""
    written = str(row.values.get("number") or "")
    return written if _CASE_KEY.fullmatch(written) else ""


def _missing(book: Book, cases: Mapping[str, BookCase]) -> list[str]:
    """Cases and parts that were exported and have no row in the file."""
    exported = book.exported if book.exported is not None else list(cases)
    there = {row.key for row in book.rows}
    gone = [number for number in exported if number not in there]
    if any(row.table == "part" for row in book.rows):
        known = [cases[number] for number in exported if number in cases]
        gone += [key.key for key, _ in part_rows(known) if key.key not in there]
    return gone

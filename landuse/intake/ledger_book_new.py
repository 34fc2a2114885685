"""The ledger that an office already keeps: its headings and its words, recognised and shown.

Takes the file; gives its rows in the columns of our own workbook, what each heading and word was
taken for, and which words nobody knows. Guesses nothing: an unknown word waits for an answer, an
area without unit for its unit.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np

from landuse.errors import UserError
from landuse.intake.cells import text_of
from landuse.intake.columns import Columns, Vocabulary, recognise, unit_for
from landuse.intake.ledger_book_cells import plain, read_cell
from landuse.intake.ledger_book_words import code_of
from landuse.intake.numbers import parse
from landuse.intake.project import Source
from landuse.intake.raw import Raw
from landuse.intake.rows import Rows
from landuse.intake.totals import drop_decoration
from landuse.intake.worksheets import read_tables
from landuse.issues import Issue, IssueLog
from landuse.messages import LANGUAGES
from landuse.schema.headings import Known, fold
from landuse.schema.ledger_book import CASES, BookColumn
from landuse.units import factor

__all__ = [
    "NOTHING",
    "OfficeLedger",
    "OfficeRow",
    "Word",
    "office_vocabulary",
    "read_office_ledger",
]

NOTHING: Final = "-"
"""The answer for a word that says nothing."""
_OURS: Final = {
    "parcel_id": "parcels", "name": "original_enterprises", "uscc": "uscc",
    "case_mu": "case_mu_e4", "floor": "floor_area_m2_e2", "disposed": "part_mu_e4",
    "disposed_floor": "part_floor_m2_e2", "rest": "remaining_mu_e4",
    "accepted_on": "part_accepted_on", "receiver": "receiving_enterprise",
}  # fmt: skip
"""Names of headings → columns of our workbook, where they are called otherwise."""
_AREAS: Final = {"case_mu": ("mu", 4), "disposed": ("mu", 4), "rest": ("mu", 4),
                 "floor": ("m2", 2), "disposed_floor": ("m2", 2)}  # fmt: skip
_CODED: Final = ("state", "way", "kind")
_NUMBERS: Final = ("seq_no", "number")
"""Numbers of the office: cases get numbers of their own, and these are kept beside them."""
_SUFFIXES: Final = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the office in one of the groups state, way, kind; ``code`` is ``""`` if unknown,
    ``count`` how many rows say it."""

    group: str
    word: str
    code: str
    count: int


@dataclass(slots=True)
class OfficeRow:
    """One row in the columns of our workbook.

    ``unknown``: group and word of what nobody knows. ``kept``: heading and cell of what our
    workbook has no column for (the office's own numbers, columns that nobody knows).
    """

    sheet: str
    row: int
    values: dict[str, Any] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    notes: list[Issue] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class OfficeLedger:
    """What the file holds. ``headings``: our column → their heading; ``kept``: headings whose
    cells are kept as they are; ``dropped``: rows that are no cases."""

    file: str
    rows: list[OfficeRow]
    headings: dict[str, str]
    kept: tuple[str, ...]
    words: list[Word]
    dropped: int
    notes: list[Issue]

    @property
    def unknown(self) -> list[Word]:
        """Words that nobody knows; they are asked for."""
        return [word for word in self.words if not word.code]


@cache
def office_vocabulary() -> Vocabulary:
    """The headings that offices give the columns of their ledgers."""
    source = resources.files("landuse.intake").joinpath("ledger_book_headings.csv")
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
    words = {fold(row["heading"]): Known(row["name"], bool(row["weak"])) for row in rows}
    return Vocabulary("ledger", frozenset(row["name"] for row in rows), words, {})


def read_office_ledger(
    path: Path,
    *,
    sheet: str | None = None,
    area_unit: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> OfficeLedger:
    """The rows of an office's ledger at ``path``.

    ``answers``: word of the office → one of our words or codes, or :data:`NOTHING`. ``area_unit``
    is the unit of areas whose heading names none. Raises :class:`landuse.errors.UserError`: no
    table, no parcel codes or no areas, an unknown unit.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise UserError.of("ledger_book.not_a_workbook", file=path.name, value=path.suffix)
    if not path.is_file():
        raise UserError.of("ledger_book.no_file", file=path.name, value=str(path))
    log = IssueLog()
    vocabulary = office_vocabulary()
    wanted = Source(path=(path.name,), sheet=sheet)
    raw = read_tables([path], path.parent, wanted, vocabulary, log)
    columns = recognise(raw, vocabulary, needed=("parcel_id", "case_mu"))
    rows = Rows(raw)
    amounts = [name for name in _AREAS if name in columns]
    drop_decoration(rows, columns, ("parcel_id", "name"), amounts, log)
    units = _units(raw, columns, area_unit, log)
    reader = _Reader(raw, columns, units, answers or {})
    found = [reader.row(int(index)) for index in np.flatnonzero(rows.used)]
    return OfficeLedger(
        path.name,
        found,
        {
            _OURS.get(name, name): heading
            for name, heading in sorted(
                columns.theirs.items(), key=lambda known: raw.headings.index(known[1])
            )
            if name not in _NUMBERS
        },
        reader.kept,
        reader.words(),
        int((~rows.used).sum()),
        list(log),
    )


def _units(raw: Raw, columns: Columns, area_unit: str | None, log: IssueLog) -> dict[str, str]:
    """The unit of each column of areas; floor areas are m² where nothing else is said."""
    units: dict[str, str] = {}
    before = len(log.errors())
    for name, (target, _) in _AREAS.items():
        if name not in columns:
            continue
        stated = columns.units.get(name)
        is_floor = target == "m2"
        units[name] = unit_for(
            raw, columns, name, target,
            declared=area_unit if not stated and not is_floor else None,
            default=target if is_floor else None, log=log,
        )  # fmt: skip
    if len(log.errors()) > before:
        raise UserError([_asked_here(issue) for issue in log.errors()])
    return units


def _asked_here(issue: Issue) -> Issue:
    """A unit that is missing is asked for where it can be given: there is no project file."""
    if issue.code != "intake_tables.unit_missing":
        return issue
    return replace(issue, code="ledger_book.unit_missing", values={})


class _Reader:
    """The rows one by one, and the words that they use."""

    def __init__(
        self, raw: Raw, columns: Columns, units: Mapping[str, str], answers: Mapping[str, str]
    ) -> None:
        self.raw = raw
        self.columns = columns
        self.units = units
        self.answers = {fold(word): meaning for word, meaning in answers.items()}
        self.known = {column.name: column for column in CASES}
        ours = {
            fold(one.heading(lang)) for one in CASES if one.role != "edit" for lang in LANGUAGES
        }
        theirs = [columns.theirs[name] for name in _NUMBERS if name in columns.theirs]
        self.kept = (*theirs, *(one for one in columns.unread if fold(one) not in ours))
        self._said: dict[tuple[str, str], tuple[str, int]] = {}

    def words(self) -> list[Word]:
        """The words of the office in the order in which they were met."""
        return [
            Word(group, word, code, count) for (group, word), (code, count) in self._said.items()
        ]

    def row(self, index: int) -> OfficeRow:
        """Row ``index`` of the file."""
        place = self.raw.place(index)
        row = OfficeRow(place["sheet"], place["row"])
        for name, heading in self.columns.theirs.items():
            if name in _NUMBERS:
                continue
            cell = self.raw.frame[heading].iloc[index]
            column = self.known[_OURS.get(name, name)]
            self._take(row, name, column, heading, cell)
        for heading in self.kept:
            cell = self.raw.frame[heading].iloc[index]
            words = plain(cell) if isinstance(cell, str) else text_of(cell)
            if words:
                row.kept.append((heading, words))
        return row

    def _take(
        self, row: OfficeRow, name: str, column: BookColumn, heading: str, cell: object
    ) -> None:
        place: dict[str, Any] = {"sheet": row.sheet, "row": row.row, "column": heading}
        if name in _CODED:
            row.values[column.name] = self._code(row, name, cell)
        elif name in _AREAS:
            value = self._area(name, cell)
            if isinstance(value, Issue):
                row.issues.append(replace(value, **place))
            else:
                row.values[column.name] = value
        else:
            read = read_cell(column, cell)
            if read.issue is not None:
                row.issues.append(replace(read.issue, **place))
            else:
                row.values[column.name] = read.value
            if read.note is not None:
                row.notes.append(replace(read.note, **place))

    def _code(self, row: OfficeRow, group: str, cell: object) -> Any:  # noqa: ANN401 - a code, or several ways
        """The code of a word; ``""`` where the cell is blank or its word unknown."""
        words = plain(cell) if isinstance(cell, str) else text_of(cell)
        read = read_cell(self.known[group], words)
        if not words or (read.issue is None and not read.value):
            return ""
        code = read.value if read.issue is None else self._answer(group, words)
        shown = "+".join(code) if isinstance(code, tuple) else code
        _, count = self._said.get((group, words), ("", 0))
        self._said[group, words] = (shown, count + 1)
        if not code:
            row.unknown.append((group, words))
        return "" if code == NOTHING else code

    def _answer(self, group: str, words: str) -> str:
        meaning = self.answers.get(fold(words), "")
        return meaning if meaning == NOTHING else code_of(group, meaning) if meaning else ""

    def _area(self, name: str, cell: object) -> int | Issue | None:
        """An area as a whole number of its last decimal; other units are brought to ours."""
        target, places = _AREAS[name]
        unit = self.units[name]
        if unit == target:
            read = read_cell(self.known[_OURS[name]], cell)
            return read.issue if read.issue is not None else read.value
        if cell is None:
            return None
        shown = text_of(cell)
        number = parse(shown)
        if number.value is None:
            return Issue("ledger.not_a_number", value=shown) if number.bad else None
        if number.unit and number.unit != unit:
            return Issue("ledger.not_a_number", value=shown)
        scale = factor(unit, target)
        exact = number.value * scale.numerator / Decimal(scale.denominator)
        return int(exact.scaleb(places).to_integral_value(rounding=ROUND_HALF_EVEN))

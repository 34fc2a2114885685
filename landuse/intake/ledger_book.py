"""Reading a ledger's workbook back after people edited it in Excel, WPS or LibreOffice.

A row is known by its hidden key, a column by its heading, a sheet by its hidden headings: sorting,
filtering, hiding, inserting and moving change nothing. Takes the file; gives its rows with Excel's
row numbers. Judges no row.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.intake.books import read_book
from landuse.intake.grid import SEARCHED, Sheet, is_blank, letter
from landuse.intake.ledger_book_cells import plain, read_cell
from landuse.intake.totals import is_total
from landuse.issues import Issue
from landuse.messages import LANGUAGES
from landuse.schema.headings import fold
from landuse.schema.ledger_book import (
    CASE_KEY,
    CASES,
    CHECK,
    EXPORTED,
    PART_KEY,
    PARTS,
    REVISION,
    BookColumn,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Book", "BookRow", "read_ledger_book"]

_KEYS: Final = {fold(CASE_KEY): "case", fold(PART_KEY): "part"}
_COLUMNS: Final = {"case": CASES, "part": PARTS}
_SUFFIXES: Final = frozenset({".xlsx", ".xlsm", ".xls"})
_NUMBERS: Final = frozenset({"mu", "floor", "number", "int"})
_HIDDEN: Final = ("key", "revision", "check")
_MOST_ERRORS: Final = 20
_ADDRESS: Final = re.compile(r"([A-Z]+)(\d+)")
_NOTE: Final = re.compile(
    r"(?:注|备注|说明|填表|制表|审核|复核|填报|负责人|联系|日期).{0,8}[:：].*", re.DOTALL
)


@dataclass(slots=True)
class BookRow:
    """One row of the workbook: ``table`` is ``case`` or ``part``, ``row`` as Excel counts.

    ``values`` has what was understood by column name, ``issues`` what was not, ``raw`` the cells
    as they stand. ``key`` is ``""`` in a row that somebody added.
    """

    table: str
    sheet: str
    row: int
    key: str
    revision: str
    check: str
    values: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, object] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    notes: list[Issue] = field(default_factory=list)

    def place(self, column: str = "") -> dict[str, Any]:
        """Where it stands, as the keywords of an issue."""
        return {"sheet": self.sheet, "row": self.row, "column": column}


@dataclass(frozen=True, slots=True)
class Book:
    """What the file holds. ``exported``: numbers of the cases that were written into it (``None``
    where the hidden list is gone); ``notes`` is what the reader should know of the whole."""

    file: str
    rows: list[BookRow]
    exported: list[str] | None
    notes: list[Issue]


@dataclass(slots=True)
class _Layout:
    """Where the columns of one sheet are, from 0."""

    table: str
    heading: int
    places: dict[str, int]
    headings: dict[str, str]


def read_ledger_book(path: Path) -> Book:
    """The rows of the workbook ``path`` that a ledger was exported to.

    Raises :class:`landuse.errors.UserError` if it is none, if its hidden columns are gone, or if a
    heading stands twice.
    """
    file = path.name
    if path.suffix.lower() not in _SUFFIXES:
        raise UserError.of("ledger_book.not_a_workbook", file=file, value=path.suffix)
    if not path.is_file():
        raise UserError.of("ledger_book.no_file", file=file, value=str(path))
    sheets = read_book(path, file)
    laid = [(sheet, layout) for sheet in sheets if (layout := _layout(sheet, file))]
    if not any(layout.table == "case" for _, layout in laid):
        raise UserError.of("ledger_book.not_ours", file=file)
    unsaved = _uncomputed(path)
    rows: list[BookRow] = []
    notes: list[Issue] = []
    for sheet, layout in laid:
        notes += _absent(sheet, layout, file)
        for row in _rows(sheet, layout, unsaved.get(sheet.name, frozenset())):
            (notes if isinstance(row, Issue) else rows).append(row)  # type: ignore[arg-type]
    placed = [replace(note, file=file) for note in notes]
    return Book(file, rows, _exported(sheets), placed)


def _layout(sheet: Sheet, file: str) -> _Layout | None:
    for at, cells in enumerate(sheet.cells[:SEARCHED]):
        folded = [fold(cell) if isinstance(cell, str) else "" for cell in cells]
        table = next((_KEYS[words] for words in folded if words in _KEYS), "")
        if table:
            return _columns(sheet, file, table, at, folded)
    return None


def _columns(sheet: Sheet, file: str, table: str, at: int, folded: list[str]) -> _Layout:
    places: dict[str, int] = {}
    headings: dict[str, str] = {}
    keys = {fold(CASE_KEY): "key", fold(PART_KEY): "key", fold(REVISION): "revision",
            fold(CHECK): "check"}  # fmt: skip
    wanted = {**_known(_COLUMNS[table]), **keys}
    for place, words in enumerate(folded):
        name = wanted.get(words)
        if name is None:
            continue
        shown = str(sheet.cells[at][place]).strip()
        if name in places:
            raise UserError.of(
                "ledger_book.heading_twice", file=file, sheet=sheet.name, row=at + 1, value=shown,
                places=f"{letter(places[name])}, {letter(place)}",
            )  # fmt: skip
        places[name], headings[name] = place, shown
    gone = [name for name in ("revision", "check") if name not in places]
    if gone:
        raise UserError.of("ledger_book.hidden_gone", file=file, sheet=sheet.name)
    return _Layout(table, at, places, headings)


def _known(columns: Iterable[BookColumn]) -> dict[str, str]:
    """Folded heading → our name, in both languages, with and without its unit."""
    known: dict[str, str] = {}
    for column in columns:
        for words in (*(column.heading(lang) for lang in LANGUAGES), column.zh, column.en):
            known[fold(words)] = column.name
    return known


def _absent(sheet: Sheet, layout: _Layout, file: str) -> Iterator[Issue]:
    """Columns that can be edited and are not there: nothing of them is read."""
    for column in _COLUMNS[layout.table]:
        if column.role != "computed" and column.name not in layout.places:
            yield Issue(
                "ledger_book.column_absent", file=file, sheet=sheet.name, value=column.zh,
                values={"value_en": column.en},
            )  # fmt: skip


def _rows(
    sheet: Sheet, layout: _Layout, unsaved: frozenset[tuple[int, int]]
) -> Iterator[BookRow | Issue]:
    columns = {one.name: one for one in _COLUMNS[layout.table]}
    merged, bad = _merged(sheet, layout, columns)
    errors = _errors(sheet)
    for at in range(layout.heading + 1, len(sheet.cells)):
        cells = sheet.cells[at]
        raw = {name: _at(merged, cells, at, place) for name, place in layout.places.items()}
        if all(is_blank(cell) for cell in raw.values()):
            continue
        key, revision, check = (_key(raw.pop(name, None)) for name in _HIDDEN)
        row = BookRow(layout.table, sheet.name, at + 1, key, revision, check)
        row.raw = raw
        if not row.key and (note := _no_record(row)) is not None:
            yield note
            continue
        faults = {
            name: code
            for name, place in layout.places.items()
            for code, where in (
                ("ledger_book.error_cell", errors),
                ("ledger_book.no_result", unsaved),
                ("ledger_book.merged", bad),
            )
            if (at, place) in where and name in columns
        }
        _understand(row, columns, layout, faults)
        yield row


def _at(
    merged: dict[tuple[int, int], object],
    cells: Sequence[object],
    at: int,
    place: int,
) -> object:
    cell = cells[place] if place < len(cells) else None
    return merged.get((at, place), cell)


def _key(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _no_record(row: BookRow) -> Issue | None:
    """A total, or a line such as 填表人：…, below the table: told, and not read."""
    said = [cell for cell in row.raw.values() if isinstance(cell, str) and cell.strip()]
    record = row.raw.get("parcels") or (row.raw.get("number") if row.table == "part" else None)
    is_note = bool(said) and _NOTE.match(plain(said[0])) is not None
    if record and not is_note and not (isinstance(record, str) and is_total(record)):
        return None
    if is_note or any(is_total(cell) for cell in said):
        shown = plain(said[0])[:40]
        return Issue("ledger_book.line_not_read", sheet=row.sheet, row=row.row, value=shown)
    return None


def _understand(
    row: BookRow, columns: dict[str, BookColumn], layout: _Layout, faults: dict[str, str]
) -> None:
    for name, cell in row.raw.items():
        column = columns[name]
        place: dict[str, Any] = row.place(layout.headings[name])
        is_told = column.role != "computed" or not row.key
        if name in faults:
            if is_told:
                row.issues.append(Issue(faults[name], value=str(cell or ""), **place))
            continue
        if column.form in {"number", "int"}:
            row.values[name] = cell
            continue
        read = read_cell(column, cell)
        if read.issue is not None:
            if is_told:
                row.issues.append(replace(read.issue, **place))
            row.values[name] = str(cell)  # for the comparison of computed cells
            continue
        row.values[name] = read.value
        if read.note is not None:
            row.notes.append(replace(read.note, **place))


def _merged(
    sheet: Sheet, layout: _Layout, columns: dict[str, BookColumn]
) -> tuple[dict[tuple[int, int], object], set[tuple[int, int]]]:
    """What merged cells say for each of their rows, and those that cannot be taken so.

    Words and days merged over several rows hold for each of them; a merged figure is one figure,
    and cells merged sideways are no longer several cells.
    """
    names = {place: name for name, place in layout.places.items()}
    filled: dict[tuple[int, int], object] = {}
    bad: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in sheet.merged:
        if top <= layout.heading:
            continue
        spot = [(row, place) for row in range(top, bottom + 1) for place in range(left, right + 1)]
        name = names.get(left, "")
        column = columns.get(name)
        if left == right and column is not None and column.form not in _NUMBERS:
            value = sheet.cells[top][left] if left < len(sheet.cells[top]) else None
            filled.update(dict.fromkeys(spot, value))
        else:
            bad.update(spot)
    return filled, bad


def _errors(sheet: Sheet) -> set[tuple[int, int]]:
    """Cells that show #DIV/0! and the like; all cells where there are more than were counted."""
    found: set[tuple[int, int]] = set()
    for address in sheet.errors:
        match = _ADDRESS.fullmatch(address)
        if match:
            found.add((int(match[2]) - 1, _number(match[1])))
    if len(sheet.errors) >= _MOST_ERRORS:
        raise UserError.of("ledger_book.many_errors", sheet=sheet.name, value=sheet.errors[0])
    return found


def _number(letters: str) -> int:
    number = 0
    for sign in letters:
        number = number * 26 + ord(sign) - 64
    return number - 1


def _exported(sheets: list[Sheet]) -> list[str] | None:
    for sheet in sheets:
        if sheet.cells and sheet.cells[0] and sheet.cells[0][0] == EXPORTED:
            return [_key(row[0]) for row in sheet.cells[1:] if row and not is_blank(row[0])]
    return None


_FORMULA: Final = re.compile(
    rb'<(?:\w+:)?c\b[^>]*\sr="([A-Z]+)(\d+)"[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def _uncomputed(path: Path) -> dict[str, frozenset[tuple[int, int]]]:
    """Cells with a formula that no program has computed, by sheet: they only look blank."""
    if path.suffix.lower() == ".xls":
        return {}
    from landuse.intake.books import parts_of_book

    found: dict[str, frozenset[tuple[int, int]]] = {}
    with zipfile.ZipFile(path) as archive:
        for name, part in parts_of_book(archive).items():
            if part in archive.namelist() and _has_formula(archive, part):
                cells = _FORMULA.findall(archive.read(part))
                found[name] = frozenset(
                    (int(row) - 1, _number(letters.decode())) for letters, row in cells
                )
    return found


def _has_formula(archive: zipfile.ZipFile, part: str) -> bool:
    """Our own sheets have none, and may be large."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 20):
            if re.search(rb"<(?:\w+:)?f[ >/]", tail + chunk):
                return True
            tail = chunk[-64:]
    return False

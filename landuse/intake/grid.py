"""Where the table begins in a worksheet: real worksheets are not tables.

Title and unit lines stand above the heading, the heading has one to three rows (merged cells
joined), a line of units or of column numbers may follow it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from landuse.schema.headings import unit_named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["JOINT", "Heading", "Merged", "Sheet", "find_heading", "is_blank", "letter", "unit_line"]

Merged = tuple[tuple[int, int], tuple[int, int]]
SEARCHED: Final = 40
"""Rows in which a heading is looked for."""
DEEPEST: Final = 3
JOINT: Final = " | "
"""Stands between the parts of a heading that has several rows."""
_UNIT_LINE: Final = re.compile(r"(?:计量|金额|面积|数量)?单位[:：]\s*(.+)")
_CHINESE_NUMBERS: Final = "甲乙丙丁戊己庚辛"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet as cells (``None`` blank), rows and columns from 0.

    ``merged``: ranges as ((top, left), (bottom, right)); ``hidden``: rows a reader does not see;
    ``errors``: cells that show an error such as #DIV/0!, as Excel names them; ``uncomputed``:
    cells with a formula whose result nobody saved.
    """

    name: str
    cells: Sequence[Sequence[object]]
    merged: tuple[Merged, ...] = ()
    hidden: frozenset[int] = frozenset()
    errors: tuple[str, ...] = ()
    visible: bool = True
    uncomputed: tuple[str, ...] = ()
    width: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", max(map(len, self.cells), default=0))


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading: rows ``first`` to ``last`` (from 0), data from ``data``, one name a column.

    ``score`` counts the names that the program knows.
    """

    first: int
    last: int
    data: int
    names: tuple[str, ...]
    score: int


def is_blank(cell: object) -> bool:
    """Whether a cell shows nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def letter(column: int) -> str:
    """A column from 0 as Excel names it.

    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def find_heading(
    sheet: Sheet, knows: Callable[[str], str], header_row: int | None = None
) -> Heading | None:
    """The block of rows that is most like a heading, or ``None`` if nothing in it is known.

    ``knows`` gives our name of a heading or ``""``. ``header_row`` (from 1) fixes the first row
    of the block; it is then taken even if nothing is known. The smaller and upper block wins.
    """
    firsts = range(min(len(sheet.cells), SEARCHED)) if header_row is None else [header_row - 1]
    best: tuple[tuple[int, int, int], Heading] | None = None
    for first in firsts:
        if first >= len(sheet.cells) or all(is_blank(cell) for cell in sheet.cells[first]):
            continue
        for last in range(_least_last(sheet, first), first + DEEPEST):
            if last >= len(sheet.cells):
                break
            names = _joined(sheet, first, last)
            score = len({name for text in names if text and (name := knows(text))})
            order = (score, first - last, -first)
            if best is None or order > best[0]:
                best = order, Heading(first, last, last + 1, names, score)
    if best is None or (best[1].score == 0 and header_row is None):
        return None
    return _with_lines_below(sheet, best[1])


def _least_last(sheet: Sheet, first: int) -> int:
    """The last row that merged cells of row ``first`` reach, or that they stand over."""
    last = first
    for (top, left), (bottom, right) in sheet.merged:
        wide = right > left and (left > 0 or right < sheet.width - 1)
        if top == first and bottom - top < DEEPEST:
            last = max(last, bottom, first + 1 if wide and bottom == top else first)
    return min(last, first + DEEPEST - 1)


def _joined(sheet: Sheet, first: int, last: int) -> tuple[str, ...]:
    rows = [_texts(sheet, row) for row in range(first, last + 1)]
    for above, below in pairwise(rows):
        _spread(above, below)
    if sheet.merged:
        _spread_merged(sheet, rows, first)
    names: list[str] = []
    for column in range(sheet.width):
        parts: list[str] = []
        for row in rows:
            if row[column] and row[column] not in parts[-1:]:
                parts.append(row[column])
        names.append(JOINT.join(parts))
    return tuple(names)


def _texts(sheet: Sheet, row: int) -> list[str]:
    cells = sheet.cells[row]
    texts = ["" if is_blank(cell) else " ".join(_shown(cell).split()) for cell in cells]
    return texts + [""] * (sheet.width - len(texts))


def _shown(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _spread(above: list[str], below: list[str]) -> None:
    """A group heading stands over the columns to its right that have a heading of their own."""
    for column in range(1, len(above)):
        if not above[column] and below[column] and above[column - 1] and below[column - 1]:
            above[column] = above[column - 1]


def _spread_merged(sheet: Sheet, rows: list[list[str]], first: int) -> None:
    for (top, left), (bottom, right) in sheet.merged:
        if first <= top and bottom < first + len(rows) and right > left:
            for row in range(top, bottom + 1):
                # a title may be merged further than any column of the table goes
                for column in range(left, min(right + 1, sheet.width)):
                    rows[row - first][column] = rows[top - first][left]


def _with_lines_below(sheet: Sheet, heading: Heading) -> Heading:
    """The heading with a line of units joined, and lines of column numbers skipped."""
    names, data = list(heading.names), heading.data
    while data < len(sheet.cells) and data - heading.data < DEEPEST:
        texts = _texts(sheet, data)
        filled = [(column, text) for column, text in enumerate(texts) if text]
        if filled and all(unit_named(text.strip("()（）[]")) for _, text in filled):
            for column, text in filled:
                names[column] = f"{names[column]}({text.strip('()（）[]')})"
        elif not _are_numbers([text for _, text in filled]):
            break
        data += 1
    return Heading(heading.first, heading.last, data, tuple(names), heading.score)


def _are_numbers(texts: list[str]) -> bool:
    """Whether a line only numbers the columns: 1 2 3 …, or 甲 乙 1 2 …"""
    plain = [text.strip("()（）") for text in texts]
    while plain and plain[0] in _CHINESE_NUMBERS:
        plain = plain[1:]
    least = 3 if len(plain) == len(texts) else 1
    return len(plain) >= least and plain == [str(n) for n in range(1, len(plain) + 1)]


def unit_line(sheet: Sheet, first: int) -> tuple[str, ...]:
    """Codes of the units that lines above row ``first`` name (单位：万元、亩).

    >>> unit_line(Sheet("", [["单位：万元、亩"], ["填报单位：某局"], ["企业名称"]]), 2)
    ('wan', 'mu')
    """
    found: list[str] = []
    for row in sheet.cells[:first]:
        for cell in row:
            if isinstance(cell, str) and (match := _UNIT_LINE.search(cell)):
                parts = re.split(r"[、,，;；\s]+", match[1].strip(" )）]"))
                found += [unit for part in parts if (unit := unit_named(part))]
    return tuple(dict.fromkeys(found))

"""Cells of columns that count whose content is not what a person sees: each is said, by column.

A formula that some program wrote but never computed is blank for every reader but Excel; an error
(#DIV/0!) is blank too; and a figure merged over several rows belongs to the first of them alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from landuse.intake.grid import is_blank, letter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from landuse.intake.columns import Vocabulary
    from landuse.intake.grid import Heading, Sheet
    from landuse.issues import IssueLog

__all__ = ["report_unread"]

_CELL: Final = re.compile(r"([A-Z]+)(\d+)")
_KEYS: Final = frozenset({"uscc", "name", "parcel_id"})
_SHOWN: Final = 10
_LETTERS: Final = 26


def report_unread(
    sheet: Sheet, heading: Heading, file: str, words: Vocabulary, log: IssueLog
) -> None:
    """One issue a column for formulas without result, for errors, and for merged figures."""
    for code, cells in (
        ("intake_tables.formula_without_value", sheet.uncomputed),
        ("intake_tables.error_values", sheet.errors),
        ("intake_tables.merged_figures", _merged_figures(sheet, heading, words)),
    ):
        for column, named in _by_column(cells, heading, words).items():
            shown = ", ".join(named[:_SHOWN]) + " …" * (len(named) > _SHOWN)
            place = {"table": words.table, "file": file, "sheet": sheet.name}
            values = {"column": heading.names[column], "value": shown, "n": len(named)}
            log.add(code, **place, **values)


def _by_column(cells: Iterable[str], heading: Heading, words: Vocabulary) -> dict[int, list[str]]:
    """The cells below the heading in columns that mean something, by column from 0."""
    found: dict[int, list[str]] = defaultdict(list)
    for cell in cells:
        match = _CELL.match(cell)
        if match is None or int(match[2]) <= heading.data:
            continue
        column = _index(match[1])
        if column < len(heading.names) and words.knows(heading.names[column]):
            found[column].append(cell)
    return found


def _merged_figures(sheet: Sheet, heading: Heading, words: Vocabulary) -> Iterator[str]:
    for (top, left), (bottom, right) in sheet.merged:
        if top < heading.data or bottom == top or is_blank(_at(sheet, top, left)):
            continue
        if left < len(heading.names) and words.knows(heading.names[left]) not in _KEYS:
            yield f"{letter(left)}{top + 1}:{letter(right)}{bottom + 1}"


def _at(sheet: Sheet, row: int, column: int) -> object:
    cells = sheet.cells[row] if row < len(sheet.cells) else ()
    return cells[column] if column < len(cells) else None


def _index(letters: str) -> int:
    """A column from 0 by its letters."""
    number = 0
    for sign in letters:
        number = number * _LETTERS + ord(sign) - 64
    return number - 1

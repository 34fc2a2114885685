"""Tables of the report as a page shows them: the same figures, with links, rows that are wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from landuse.messages import text
from landuse.publish.report.model import Number

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.publish.report.model import Cell, Table

__all__ = ["MOST", "Shown", "ShownCell", "ShownRow", "address", "firm_address", "grouped",
           "park_address", "shown", "word_of"]  # fmt: skip

MOST: Final = 300
"""Rows of one table on a page; what is beyond is counted."""
_NOT_GROUPED: Final = frozenset({"year", "due_year", "part", "offset", "rank"})
_WHOLE: Final = frozenset({"uscc", "verdict", "rank", "state", "case", "number", "status"})
"""Columns whose texts are short and stay in one piece."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
Key = tuple[str, ...]
Linked = Mapping[str, Callable[[Key, Mapping[str, "Cell"]], str]]
"""Column → the address that a cell leads to; "" for none."""


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell: its column, its text, whether it is a figure, where it leads ("" nowhere)."""

    column: str
    text: str
    number: bool = False
    href: str = ""

    @property
    def kind(self) -> str:
        """How it is set: a figure to the right, a day in one piece."""
        whole = self.column in _WHOLE or _DAY.fullmatch(self.text)
        return "num" if self.number else "day" if whole else ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row by the key that it has in the report."""

    key: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """``heads``: column, words, whether it holds figures; ``foot``: rows of sums; ``more``: how
    many rows are not shown."""

    key: str
    title: str
    heads: tuple[tuple[str, str, bool], ...]
    rows: tuple[ShownRow, ...]
    foot: tuple[ShownRow, ...] = ()
    note: str = ""
    more: int = 0


def grouped(said: str) -> str:
    """A plain decimal with separators.

    >>> grouped("-1234567.80"), grouped("12"), grouped("0.05")
    ('-1,234,567.80', '12', '0.05')
    """
    sign, bare = ("-", said[1:]) if said.startswith("-") else ("", said)
    whole, dot, rest = bare.partition(".")
    return f"{sign}{int(whole):,}{dot}{rest}"


def shown(
    table: Table,
    columns: Iterable[str] = (),
    *,
    rows: Iterable[Key] | None = None,
    foot: Iterable[Key] = (),
    links: Linked | None = None,
    most: int = MOST,
) -> Shown:
    """``table`` with these columns and rows (all that it has); columns without any cell are left
    out."""
    below = [key for key in foot if key in table.rows]
    wanted = list(table.keys()) if rows is None else [key for key in rows if table.cells(key)]
    kept = [key for key in wanted if key not in below][:most]
    more = len(wanted) - len([key for key in wanted if key in below]) - len(kept)
    names = [name for name in columns or table.columns if name in table.columns]
    seen = [table.cells(key) for key in (*kept, *below)]
    names = [name for name in names if any(cells.get(name) for cells in seen)] or names
    figures = {name: any(isinstance(c.get(name), Number) for c in seen) for name in names}
    linked = links or {}

    def row(key: Key) -> ShownRow:
        cells = table.cells(key)
        made = []
        for name in names:
            href = linked[name](key, cells) if name in linked and cells.get(name) else ""
            made.append(ShownCell(name, _said(name, cells.get(name)), figures[name], href))
        return ShownRow("|".join(key), tuple(made))

    heads = tuple((name, table.columns[name], figures[name]) for name in names)
    body, under = tuple(row(key) for key in kept), tuple(row(key) for key in below)
    return Shown(table.key, table.title, heads, body, under, table.note, more)


def _said(column: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    return cell.text if column in _NOT_GROUPED else grouped(cell.text)


def word_of(code: str, lang: Lang, bare: str) -> str:
    """The sentence ``code``, or what stands for it where nobody gave it words yet."""
    try:
        return text(code, lang)
    except KeyError:
        return bare


def address(path: str, **query: str) -> str:
    """A path of ours with the parts of its query that are not blank."""
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{given}" if given else path


def park_address(park: str) -> str:
    """The page of a park."""
    return f"/parks/{quote(park, safe='')}"


def firm_address(uscc: str) -> str:
    """The page of a firm."""
    return f"/enterprises/{quote(uscc, safe='')}"

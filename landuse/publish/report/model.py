"""What a report is made of: tables whose cells can be cited, sections of text that cite them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["CITED", "Book", "Cell", "LongRows", "Number", "Section", "Shown", "Table", "plain"]

CITED: Final = re.compile(r"〔[^〔〕]*〕")
"""How a reference to a cell stands in a text: 〔表3!C7〕."""
FIRST_ROW: Final = 3
"""Rows of a sheet: title, heads, then the table."""
_CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as it is shown, in plain decimals: ``text`` is what stands in text and cell."""

    text: str


Cell = str | Number | None
Cells = Mapping[str, Cell]


def plain(text: str) -> str:
    """A text of a user that cannot pass for a reference.

    >>> plain("厂〔表1!A1〕")
    '厂[表1!A1]'
    """
    return text.replace("〔", "[").replace("〕", "]")


class LongRows(Mapping[tuple[str, ...], Cells]):
    """Rows that are made when they are asked for, so that a long table is never all there.

    ``make(first, last)`` gives the cells of rows ``first`` … ``last − 1``; a row's key is its
    number, counted from 0.
    """

    def __init__(self, length: int, make: Callable[[int, int], Sequence[Cells]]) -> None:
        self._length, self._make = length, make

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return ((str(at),) for at in range(self._length))

    def __getitem__(self, key: tuple[str, ...]) -> Cells:
        at = int(key[0]) if len(key) == 1 and key[0].isdecimal() else -1
        if not 0 <= at < self._length:
            raise KeyError(key)
        return self._make(at, at + 1)[0]

    def chunks(self) -> Iterator[Cells]:
        """The rows in order."""
        for first in range(0, self._length, _CHUNK):
            yield from self._make(first, min(first + _CHUNK, self._length))


@dataclass(slots=True)
class Table:
    """``columns``: key → heading; ``rows``: key of the row → its cells by column.

    ``rows`` is a ``dict``, or :class:`LongRows` for a list that no sentence cites.
    """

    key: str
    title: str
    columns: dict[str, str]
    rows: dict[tuple[str, ...], dict[str, Cell]] = field(default_factory=dict)
    note: str = ""
    long: LongRows | None = None
    _places: dict[tuple[str, ...], int] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.rows) if self.long is None else len(self.long)

    def each(self) -> Iterator[Cells]:
        """The cells of every row in order."""
        return iter(self.rows.values()) if self.long is None else self.long.chunks()

    def keys(self) -> Iterator[tuple[str, ...]]:
        """The keys of the rows in order."""
        return iter(self.rows if self.long is None else self.long)

    def cells(self, row: tuple[str, ...]) -> Cells:
        """One row; empty where it is not there."""
        return (self.rows if self.long is None else self.long).get(row, {})

    def cell(self, row: tuple[str, ...], column: str) -> Cell:
        """One cell; ``None`` where the row or the cell is not there."""
        return self.cells(row).get(column)

    def row_number(self, row: tuple[str, ...]) -> int:
        """The number of a row in its sheet."""
        if self.long is not None:
            return int(row[0]) + FIRST_ROW
        if len(self._places) != len(self.rows):
            self._places = {key: at for at, key in enumerate(self.rows, FIRST_ROW)}
        return self._places[row]

    def letter(self, column: str) -> str:
        """The name of a column in its sheet: C."""
        at, letters = list(self.columns).index(column), ""
        while at >= 0:
            at, rest = divmod(at, 26)
            letters, at = chr(ord("A") + rest) + letters, at - 1
        return letters

    def place(self, row: tuple[str, ...], column: str) -> str:
        """The cell's name in its sheet: C7."""
        return f"{self.letter(column)}{self.row_number(row)}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of a table that stands in the document: these columns, and only ``rows`` if given;
    ``note`` stands behind its title."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: its key, heading, paragraphs (with references), tables and pictures
    that stand in it (by key)."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Shown, ...] = ()
    pictures: tuple[str, ...] = ()


@dataclass(slots=True)
class Book:
    """All tables of a report in order; ``sheet`` is the word before the number of a sheet.

    ``pictures``: the captions of the pictures by key, in order; ``figure`` is the word before
    their number.
    """

    sheet: str
    tables: dict[str, Table] = field(default_factory=dict)
    figure: str = ""
    pictures: dict[str, str] = field(default_factory=dict)

    def add(self, tables: Sequence[Table]) -> None:
        """Tables at the end."""
        self.tables |= {table.key: table for table in tables}

    def name(self, key: str) -> str:
        """The name of a table's sheet: 表3."""
        return f"{self.sheet}{list(self.tables).index(key) + 1}"

    def caption(self, picture: str) -> str:
        """Number and title of a picture: 图2 全年目标完成率."""
        at = list(self.pictures).index(picture) + 1
        return f"{self.figure}{at} {self.pictures[picture]}"

    def at(self, key: str, row: tuple[str, ...], column: str) -> str:
        """The full name of a cell: 表3!C7."""
        return f"{self.name(key)}!{self.tables[key].place(row, column)}"

    def cite(self, key: str, row: tuple[str, ...], column: str) -> str:
        """The figure of a cell with its reference; "" where it is not known.

        ``12.34〔表3!C7〕``.
        """
        cell = self.tables[key].cell(row, column)
        if not isinstance(cell, Number):
            return ""
        return f"{cell.text}〔{self.at(key, row, column)}〕"

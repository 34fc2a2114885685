"""What a report is made of: tables whose cells can be cited, sections of text that cite them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["CITED", "Book", "Cell", "Number", "Section", "Table", "plain"]

CITED: Final = re.compile(r"〔[^〔〕]*〕")
"""How a reference to a cell stands in a text: 〔表3!C7〕."""
_FIRST_ROW: Final = 3
"""Rows of a sheet: title, heads, then the table."""


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as it is shown, in plain decimals: ``text`` is what stands in text and cell."""

    text: str


Cell = str | Number | None


def plain(text: str) -> str:
    """A text of a user that cannot pass for a reference.

    >>> plain("厂〔表1!A1〕")
    '厂[表1!A1]'
    """
    return text.replace("〔", "[").replace("〕", "]")


@dataclass(slots=True)
class Table:
    """``columns``: key → heading; ``rows``: key of the row → its cells by column."""

    key: str
    title: str
    columns: dict[str, str]
    rows: dict[tuple[str, ...], dict[str, Cell]] = field(default_factory=dict)
    note: str = ""

    def cell(self, row: tuple[str, ...], column: str) -> Cell:
        """One cell; ``None`` where the row or the cell is not there."""
        return self.rows.get(row, {}).get(column)

    def place(self, row: tuple[str, ...], column: str) -> str:
        """The cell's name in its sheet: C7."""
        at, number = list(self.columns).index(column), ""
        while at >= 0:
            at, rest = divmod(at, 26)
            number, at = chr(ord("A") + rest) + number, at - 1
        return f"{number}{list(self.rows).index(row) + _FIRST_ROW}"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: its key, heading, paragraphs (with references), tables and pictures
    that stand in it (by key)."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


@dataclass(slots=True)
class Book:
    """All tables of a report in order; ``sheet`` is the word before the number of a sheet."""

    sheet: str
    tables: dict[str, Table] = field(default_factory=dict)

    def add(self, tables: Sequence[Table]) -> None:
        """Tables at the end."""
        self.tables |= {table.key: table for table in tables}

    def name(self, key: str) -> str:
        """The name of a table's sheet: 表3."""
        return f"{self.sheet}{list(self.tables).index(key) + 1}"

    def cite(self, key: str, row: tuple[str, ...], column: str) -> str:
        """The figure of a cell with its reference; "" where it is not known.

        ``12.34〔表3!C7〕``.
        """
        cell = self.tables[key].cell(row, column)
        if not isinstance(cell, Number):
            return ""
        return f"{cell.text}〔{self.name(key)}!{self.tables[key].place(row, column)}〕"

"""How a sentence of the report takes its figures: each with the name of its cell."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from landuse.messages import text
from landuse.publish.report.model import Book, Number

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["Writer"]

_Row = tuple[str, ...]


class Writer:
    """Sentences of one language over one book; what is not known is a dash."""

    def __init__(self, book: Book, lang: Lang) -> None:
        self.book, self.lang = book, lang

    def say(self, code: str, **values: object) -> str:
        """The sentence ``report.say_<code>``."""
        return text(f"report.say_{code}", self.lang, **values)

    def cite(self, table: str, row: _Row, column: str) -> str:
        """A figure with its cell."""
        return self.book.cite(table, row, column) or "—"

    def cells(self, table: str, row: _Row, *columns: str) -> dict[str, str]:
        """Figures of one row by column."""
        return {name: self.cite(table, row, name) for name in columns}

    def known(self, table: str, row: _Row, *columns: str) -> dict[str, str]:
        """Those of them that are known, by the heading of their column without its unit."""
        heads = self.book.tables[table].columns
        found = {heads[n].partition("（")[0].partition(" (")[0]: self.book.cite(table, row, n)
                 for n in columns}  # fmt: skip
        return {head: cited for head, cited in found.items() if cited}

    def listing(self, code: str, named: Mapping[str, str]) -> str:
        """A sentence with a list of names and figures."""
        parts = [self.say("item", name=name, value=value) for name, value in named.items()]
        return self.say(code, items=text("report.comma", self.lang).join(parts))

    def counted(self, table: str, code: str = "count", most: int = 8) -> str:
        """What a table counts, its first rows: 七通一平2〔表5!B3〕个、…; "" of an empty one."""
        parts = [
            self.say(code, name=self.named(table, row, "item"),
                     n=self.cite(table, row, "count"))
            for row in list(self.book.tables[table].rows)[:most]
        ]  # fmt: skip
        return text("report.comma", self.lang).join(parts)

    def fact(self, name: str) -> str:
        """A figure of the table of facts."""
        return self.cite("facts", (name,), "amount")

    def has(self, name: str) -> bool:
        """Whether the table of facts has it."""
        return isinstance(self.book.tables["facts"].cell((name,), "amount"), Number)

    def count(self, name: str) -> Fraction:
        """A figure of the table of facts, to decide by; 0 where it is not there."""
        return self.number("facts", (name,), "amount") or Fraction(0)

    def number(self, table: str, row: _Row, column: str) -> Fraction | None:
        """A figure as it is shown, to decide by."""
        cell = self.book.tables[table].cell(row, column)
        return Fraction(cell.text) if isinstance(cell, Number) else None

    def text_of(self, table: str, row: _Row, column: str) -> str:
        """A text of a cell."""
        cell = self.book.tables[table].cell(row, column)
        return cell if isinstance(cell, str) else ""

    def named(self, table: str, row: _Row, column: str) -> str:
        """A text of a cell; with the cell's name where it has digits, as figures have."""
        said = self.text_of(table, row, column)
        if any(one.isdecimal() for one in said):
            return f"{said}〔{self.book.at(table, row, column)}〕"
        return said

    def cite_value(self, row: _Row) -> tuple[str, str]:
        """Value and unit of a row of the figures of the period; ("", "") where there is none."""
        for column, unit in (("firms", "firms"), ("value_yi", "yi")):
            if cited := self.book.cite("economy", row, column):
                return cited, text(f"report.unit_{unit}", self.lang)
        return "", ""

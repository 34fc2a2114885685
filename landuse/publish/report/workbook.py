"""The workbook behind a report: a list of its sheets, then one sheet a table, cells as cited."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.publish.report.model import FIRST_ROW, Book, Number
from landuse.publish.sheets import MAX_ROWS, clean, new_worksheet, page_setup, row_height
from landuse.publish.workbook import open_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landuse.messages import Lang
    from landuse.publish.report.model import Cells, Table

__all__ = ["write_tables"]

_WIDE, _NARROW, _MOST = 22, 12, 60
_SAMPLE: Final = 300
_FITTED: Final = 5_000
"""A table of more rows gets no row heights: nobody reads it line by line, and they cost."""


def write_tables(
    book: Book, title: str, day: dt.date, path: Path, lang: Lang, *, most_rows: int = MAX_ROWS
) -> None:
    """Write every table; figures are number cells at their shown digits, texts are text cells.

    Row 1 is the title, row 2 the headings: the cells that the document cites. Rows beyond
    ``most_rows`` go on in further sheets of the same name with a number (表5-2). The rows are
    written one by one, never all held.
    """
    made = dt.datetime.combine(day, dt.time())
    with open_workbook(path, title, made, path.parent) as file:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        line = {**base, "border": 1, "border_color": "#BFBFBF"}
        looks: dict[Any, Any] = {
            "title": file.add_format({**base, "bold": True, "font_size": 14}),
            "head": file.add_format(
                {**line, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#E7E6E6"}
            ),
            "text": file.add_format({**line, "num_format": "@", "text_wrap": True}),
            0: file.add_format({**line, "num_format": "0"}),
            1: file.add_format({**line, "num_format": "#,##0.0"}),
            2: file.add_format({**line, "num_format": "#,##0.00"}),
        }
        _contents(file, book, title, looks, lang)
        for key, table in book.tables.items():
            rows = table.each()
            for part in range(1, 2 + max(0, len(table) - 1) // (most_rows - FIRST_ROW + 1)):
                name = book.name(key) if part == 1 else f"{book.name(key)}-{part}"
                _sheet(file, name, table, islice(rows, most_rows - FIRST_ROW + 1), looks)


def _contents(file: Any, book: Book, title: str, looks: Any, lang: Lang) -> None:  # noqa: ANN401
    page = new_worksheet(file, text("report.contents", lang))
    page_setup(page, title)
    page.set_column(0, 0, _NARROW)
    page.set_column(1, 1, _MOST)
    page.write_string(0, 0, clean(title), looks["title"])
    lines = [(book.name(key), table.title) for key, table in book.tables.items()]
    for key in book.pictures:
        figure, _, said = book.caption(key).partition(" ")
        lines.append((figure, said))
    for at, (name, said) in enumerate(lines, 1):
        page.write_string(at, 0, name, looks["text"])
        page.write_string(at, 1, clean(said), looks["text"])
    page.fit_to_pages(1, 0)


def _sheet(
    file: Any,  # noqa: ANN401
    name: str,
    table: Table,
    rows: Iterator[Cells],
    looks: Any,  # noqa: ANN401
) -> None:
    page = new_worksheet(file, name)
    page_setup(page, f"{name} {table.title}")
    sample = list(islice(table.each(), _SAMPLE))
    widths = [_width(sample, column) for column in table.columns]
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    title = f"{table.title}　{table.note}" if table.note else table.title
    page.freeze_panes(2, 1)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 1)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    page.write_string(0, 0, clean(title), looks["title"])
    heads = list(table.columns.values())
    page.set_row(1, row_height(heads, widths))
    for place, head in enumerate(heads):
        page.write_string(1, place, clean(head), looks["head"])
    fitted = len(table) <= _FITTED
    for at, cells in enumerate(rows, 2):
        shown = [cells.get(column) for column in table.columns]
        texts = [one if isinstance(one, str) else None for one in shown]
        height = row_height(texts, widths) if fitted else None
        if height:
            page.set_row(at, height)
        for place, cell in enumerate(shown):
            if isinstance(cell, Number):
                digits = min(len(cell.text.partition(".")[2]), 2)
                page.write_number(at, place, float(cell.text), looks[digits])
            elif cell:
                page.write_string(at, place, clean(cell), looks["text"])
            else:
                page.write_blank(at, place, None, looks["text"])


def _width(rows: list[Cells], column: str) -> int:
    texts = [row.get(column) for row in rows]
    longest = max((len(one) * 2 for one in texts if isinstance(one, str)), default=0)
    return max(_NARROW, min(longest + 2, _MOST if longest > _MOST else _WIDE + longest // 4))

"""A workbook of the park tables that people fill in and hand back: one sheet a table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from landuse.publish.sheets import clean
from landuse.publish.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from landuse.messages import Lang

__all__ = ["ParkSheet", "write_park_book"]

_CREATED: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the same bytes whenever it is written
_WIDEST: Final = 40
_FIRST_DAY: Final = dt.date(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class ParkSheet:
    """A sheet: its name, its headings, and rows of cells (text, numbers, days, ``None``)."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def write_park_book(
    sheets: Sequence[ParkSheet], path: Path, *, lang: Lang = "zh", over: bool = False
) -> None:
    """Write ``sheets`` to ``path``, whole or not at all; text is a text cell whatever it begins
    with. Raises :class:`landuse.errors.UserError`.
    """
    from xlsxwriter import Workbook

    font = {"font_name": "宋体" if lang == "zh" else "Calibri", "font_size": 10}
    with whole_file(path, over=over) as part:
        book = Workbook(str(part), {"strings_to_formulas": False, "strings_to_urls": False})
        book.set_properties({"created": _CREATED})
        head = book.add_format(
            {**font, "bold": True, "text_wrap": True, "align": "center", "border": 1,
             "bg_color": "#DDEBF7"}
        )  # fmt: skip
        text = book.add_format({**font, "num_format": "@"})
        number = book.add_format(font)
        day = book.add_format({**font, "num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for column, heading in enumerate(sheet.headings):
                page.write_string(0, column, heading, head)
                page.set_column(column, column, min(_WIDEST, 2 * len(heading) + 4))
            for row, cells in enumerate(sheet.rows, 1):
                for column, cell in enumerate(cells):
                    _put(page, row, column, cell, (text, number, day))
            page.freeze_panes(1, 1)
        book.close()


def _put(page: Any, row: int, column: int, cell: Any, forms: tuple[Any, Any, Any]) -> None:  # noqa: ANN401
    text, number, day = forms
    if cell is None:
        return
    if isinstance(cell, dt.date):
        if cell < _FIRST_DAY:
            page.write_string(row, column, cell.isoformat(), text)
        else:
            page.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), day)
    elif isinstance(cell, str):
        page.write_string(row, column, clean(cell), text)
    else:
        page.write_number(row, column, cell, number)

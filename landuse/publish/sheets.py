"""One worksheet of rows under one heading: typed cells, nothing merged, ready to print."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang, text
from landuse.publish.visible import visible
from landuse.publish.words import heading, yes_no
from landuse.publish.worksheet_rows import Cell, PlainWorksheet
from landuse.schema.frame import Column

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

__all__ = [
    "MAX_ROWS",
    "Cell",
    "Sheet",
    "Styles",
    "clean",
    "new_worksheet",
    "page_setup",
    "row_height",
    "write_sheet",
]

MAX_ROWS: Final = 1_048_576
_MAX_CHARS: Final = 32_767
_SAMPLE: Final = 300
_NARROW, _CODE_WIDE, _TEXT_WIDE, _LONG_WIDE = 7, 24, 18, 46
_LINE: Final = 13.5
_MOST_LINES: Final = 30
_PAGE_WIDE: Final = 280
_CHUNK: Final = 10_000
_DATE, _DATE_WIDE, _FIRST_YEAR = "yyyy-mm-dd", 12, 1900
_WIDE: Final = frozenset("WF")
_CODES: Final = frozenset({"parcel_id", "uscc", "unit_id", "key"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A name, rows, and the columns of the rows that are shown, in order.

    ``note`` stands above the heading; ``choices`` are drop-down lists by column name; ``long`` are
    columns of sentences, which are wrapped.
    """

    name: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    note: str = ""
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    long: frozenset[str] = frozenset()


def new_worksheet(book: Workbook, name: str) -> PlainWorksheet:
    """A worksheet that writes every text as text."""
    page: PlainWorksheet = book.add_worksheet(name, worksheet_class=PlainWorksheet)
    return page


class Styles:
    """The cell formats of a workbook."""

    def __init__(self, book: Workbook) -> None:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        line = {**base, "border": 1, "border_color": "#BFBFBF"}
        self.plain: Format = book.add_format({**base, "num_format": "@"})
        self.title: Format = book.add_format({**base, "bold": True, "font_size": 14})
        self.section: Format = book.add_format({**base, "bold": True, "font_size": 11})
        self.note: Format = book.add_format({**base, "font_color": "#7F3F00"})
        self.head: Format = book.add_format(
            {**line, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#E7E6E6"}
        )
        self.text: Format = book.add_format(
            {**line, "num_format": "@", "text_wrap": True, "indent": 1}
        )
        self.fill_in: Format = book.add_format({**line, "num_format": "@", "bg_color": "#FFF2CC"})
        self._numbers = {
            pattern: book.add_format({**line, "num_format": pattern})
            for pattern in ("0", "#,##0.00", "#,##0.0000", "0.000000", _DATE)
        }

    def number(self, column: Column) -> Format:
        """The format of a number of this column."""
        return self._numbers[_pattern(column)]

    def figure(self, value: float) -> Format:
        """The format of a number that stands alone: whole or with two decimals."""
        return self._numbers["0" if isinstance(value, int) else "#,##0.00"]


def _pattern(column: Column) -> str:
    if column.dtype == "date":
        return _DATE
    if column.dtype in {"int", "Int64"}:
        return "0"
    if column.name in {"score", "cutoff_score", "margin"}:
        return "0.000000"
    if column.unit == "1" or "|" in column.unit:
        return "#,##0.0000"
    return "#,##0.00"


def clean(value: str) -> str:
    """``value`` as a cell can hold it: what XML forbids becomes a visible sign, too long is cut.

    >>> clean("a\\x01b")
    'a␁b'
    """
    value = visible(value)
    if len(value) * 2 > _MAX_CHARS and _length(value) > _MAX_CHARS:
        mark = text("workbook.cut")
        room = _MAX_CHARS - len(mark)
        value = value.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore") + mark
    return value


def _length(value: str) -> int:
    """Excel counts UTF-16 code units."""
    return len(value.encode("utf-16-le")) // 2


def write_sheet(book: Workbook, sheet: Sheet, styles: Styles, title: str, lang: Lang) -> None:
    """Write ``sheet``, in as many worksheets as its rows need; ``title`` is the printed header."""
    room = MAX_ROWS - 1 - bool(sheet.note)
    for part, start in enumerate(range(0, max(len(sheet.frame), 1), room)):
        name = sheet.name + (text("workbook.more", lang, n=part + 1) if part else "")
        page = new_worksheet(book, name)
        rows = sheet.frame.iloc[start : start + room]
        page_setup(page, f"{title}　{name}")
        _write_page(page, sheet, rows, styles, lang)


def _write_page(page: Any, sheet: Sheet, rows: pd.DataFrame, styles: Styles, lang: Lang) -> None:  # noqa: ANN401 - untyped library
    top = 1 if sheet.note else 0
    headings = [heading(column, lang) for column in sheet.columns]
    widths = [
        _width(column, label, rows, sheet)
        for column, label in zip(sheet.columns, headings, strict=True)
    ]
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    if sheet.note:
        page.write_string(0, 0, clean(sheet.note), styles.note)
    page.set_row(top, _LINE * max(map(_lines, headings, widths)) + 4)
    for place, label in enumerate(headings):
        page.write_string(top, place, clean(label), styles.head)
    _write_cells(page, sheet, rows, styles, lang, top + 1, widths)
    last = max(top + len(rows), top + 1)
    page.freeze_panes(top + 1, min(2, len(headings)))
    page.autofilter(top, 0, last, len(headings) - 1)
    page.repeat_rows(top)
    if sum(widths) > _PAGE_WIDE:  # on one page it would be too small to read
        page.fit_to_pages(2, 0)
        page.repeat_columns(0, 1)
    else:
        page.fit_to_pages(1, 0)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    for place, column in enumerate(sheet.columns):
        if column.name in sheet.choices:
            choice = {"validate": "list", "source": list(sheet.choices[column.name])}
            page.data_validation(top + 1, place, last, place, choice)


def _lines(value: str, width: float) -> int:
    """Lines that a text takes in a column of this width."""
    room = max(width - 2.5, 1)
    if "\n" not in value:
        return max(1, math.ceil(_display(value) / room))
    return sum(max(1, math.ceil(_display(line) / room)) for line in value.split("\n"))


def _write_cells(
    page: PlainWorksheet,
    sheet: Sheet,
    rows: pd.DataFrame,
    styles: Styles,
    lang: Lang,
    first: int,
    widths: Sequence[float],
) -> None:
    kinds = [_kind(column, sheet, styles) for column in sheet.columns]
    for start in range(0, len(rows), _CHUNK):
        chunk = rows.iloc[start : start + _CHUNK]
        values = [_values(chunk[column.name], column, lang) for column in sheet.columns]
        page.write_rows(first + start, values, kinds, _heights(values, widths))


def _heights(columns: Sequence[Sequence[Cell]], widths: Sequence[float]) -> list[float | None]:
    """Height of each row (:func:`row_height`): not every program makes room by itself."""
    lines = [1] * len(columns[0])
    for values, width in zip(columns, widths, strict=True):
        texts = {value for value in set(values) if isinstance(value, str)}
        tall: dict[Cell, int] = {
            value: _lines(value, width) for value in texts if _may_wrap(value, width)
        }
        if any(more > 1 for more in tall.values()):
            lines = [max(n, tall.get(value, 1)) for n, value in zip(lines, values, strict=True)]
    return [_height(n) for n in lines]


def _may_wrap(value: str, width: float) -> bool:
    return len(value) * 2 > width - 1


def _height(lines: int) -> float | None:
    return _LINE * min(lines, _MOST_LINES) + 2 if lines > 1 else None


def row_height(line: Sequence[Cell], widths: Sequence[float]) -> float | None:
    """Height that shows the texts of a row in columns of these widths; ``None`` for one line."""
    lines = 1
    for value, width in zip(line, widths, strict=False):
        if isinstance(value, str) and _may_wrap(value, width):
            lines = max(lines, _lines(value, width))
    return _height(lines)


def _kind(column: Column, sheet: Sheet, styles: Styles) -> Format:
    if column.name in sheet.choices:
        return styles.fill_in
    return styles.text if column.dtype in {"text", "bool"} else styles.number(column)


def _values(cells: pd.Series[Any], column: Column, lang: Lang) -> list[Cell]:
    """The cells of one column as the writer takes them; ``None`` is an empty cell."""
    if column.dtype == "text":
        texts = cells.astype(object).tolist()
        known = {value: clean(value) if value else None for value in set(texts)}
        return [known[value] for value in texts]
    if column.dtype == "bool":
        words = {said: yes_no(said, lang) for said in (True, False)}
        return [words[bool(value)] for value in cells]
    if column.dtype == "date":
        return [_day(value) for value in cells]
    if column.dtype == "float":
        numbers = cells.to_numpy("float64", na_value=math.nan).tolist()
        return [value if math.isfinite(value) else None for value in numbers]
    return [value if _is_number(value) else None for value in cells.astype(object).tolist()]


def _day(value: Any) -> Cell:  # noqa: ANN401 - a pandas date or none
    """A date; before 1900, which a workbook cannot hold, as text."""
    if value != value:
        return None
    day: dt.date = value.date()
    return day if day.year >= _FIRST_YEAR else day.isoformat()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _width(column: Column, label: str, rows: pd.DataFrame, sheet: Sheet) -> float:
    """Room for the widest of the first cells; a heading may take three lines, a text two."""
    if column.name in sheet.long:
        return _LONG_WIDE
    need = max(_NARROW, math.ceil(_display(label) / 3) + 2)
    first = rows[column.name].iloc[:_SAMPLE]
    if column.dtype == "text":
        widest = max((_display(str(value)) for value in first), default=0) + 2
        room = _CODE_WIDE if column.name in _CODES else _TEXT_WIDE
        return max(need, min(widest, room))
    if column.dtype == "bool":
        return need
    if column.dtype == "date":
        return max(need, _DATE_WIDE)
    largest = first.astype("float64").abs().max()
    if not math.isfinite(largest):
        return need
    places = {"0": 0, "#,##0.00": 3, "#,##0.0000": 5, "0.000000": 7}[_pattern(column)]
    return max(need, len(f"{largest:,.0f}") + places + 2)


@lru_cache(maxsize=32_768)
def _display(value: str) -> int:
    """Width in half-width characters."""
    if value.isascii():
        return len(value)
    return len(value) + sum(map(_WIDE.__contains__, map(unicodedata.east_asian_width, value)))


def page_setup(page: Any, title: str) -> None:  # noqa: ANN401 - untyped library
    """A3 landscape, a header that says what it is, and page numbers."""
    page.set_landscape()
    page.set_paper(8)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    shown = clean(title).replace("\n", " ").replace("&", "&&")[:200]
    page.set_header(f"&L{shown}")
    page.set_footer("&C&P / &N")

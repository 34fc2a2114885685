"""One worksheet of rows under one heading: typed cells, nothing merged, ready to print."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellStringTuple, Worksheet

from landuse.messages import Lang, text
from landuse.publish.visible import visible
from landuse.publish.words import heading, yes_no
from landuse.schema.frame import Column

if TYPE_CHECKING:
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
_CHUNK: Final = 50_000
_DATE, _DATE_WIDE, _FIRST_YEAR = "yyyy-mm-dd", 12, 1900
_NOT_PLAIN: Final = re.compile(r"[&<>\"\x00-\x1f\x7f-\x9f\ufffe\uffff]|_x|^\s|\s$")
"""What the library may write in another way than it stands."""
_CODES: Final = frozenset({"parcel_id", "uscc", "unit_id", "key"})

Cell = str | int | float | dt.date | None


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


class _PlainWorksheet(Worksheet):  # type: ignore[misc,unused-ignore]
    """In constant memory the writer takes ``<r>…</r>`` for markup of its own: here it is text."""

    fh: Any

    def _xml_rich_inline_string(self, string: str, attributes: list[tuple[str, str]]) -> None:
        self._xml_inline_string(string, True, attributes)

    def write_line(self, at: int, values: Sequence[Cell], kinds: Sequence[Format]) -> None:
        """A whole row at once: the same bytes as cell after cell, in a fraction of the time."""
        if at > self.previous_row:
            self._write_single_row(at)
        self._check_dimensions(at, 0)
        self._check_dimensions(at, len(values) - 1)
        self.table[at][0] = _Line(values, kinds)

    def _write_cell(self, row: int, col: int, cell: object) -> None:
        if isinstance(cell, _Line):
            self.fh.write("".join(self._cells(row, cell)))
        else:
            super()._write_cell(row, col, cell)

    def _cells(self, row: int, line: _Line) -> Iterator[str]:
        for place, (value, kind) in enumerate(zip(line.values, line.kinds, strict=True)):
            head = f'<c r="{_letters(place)}{row + 1}" s="{kind._get_xf_index()}"'  # noqa: SLF001
            if value is None:
                yield head + "/>"
            elif not isinstance(value, str):
                yield f"{head}><v>{value:.16G}</v></c>"
            elif _NOT_PLAIN.search(value):
                yield self._by_the_library(row, place, CellStringTuple(value, kind))
            else:
                yield f'{head} t="inlineStr"><is><t>{value}</t></is></c>'

    def _by_the_library(self, row: int, place: int, cell: CellStringTuple) -> str:
        """A text with signs that must be escaped, as the library does it."""
        file, self.fh = self.fh, io.StringIO()
        try:
            super()._write_cell(row, place, cell)
            written: str = self.fh.getvalue()
        finally:
            self.fh = file
        return written


class _Line(NamedTuple):
    values: Sequence[Cell]
    kinds: Sequence[Format]


_letters = cache(xl_col_to_name)


def new_worksheet(book: Workbook, name: str) -> Worksheet:
    """A worksheet that writes every text as text."""
    return book.add_worksheet(name, worksheet_class=_PlainWorksheet)


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
    return sum(max(1, math.ceil(_display(line) / room)) for line in value.split("\n"))


def _write_cells(
    page: Any,  # noqa: ANN401 - untyped library
    sheet: Sheet,
    rows: pd.DataFrame,
    styles: Styles,
    lang: Lang,
    first: int,
    widths: Sequence[float],
) -> None:
    kinds = [_kind(column, sheet, styles) for column in sheet.columns]
    at = first
    for start in range(0, len(rows), _CHUNK):
        chunk = rows.iloc[start : start + _CHUNK]
        values = [_values(chunk[column.name], column, lang) for column in sheet.columns]
        for line in zip(*values, strict=True):
            height = row_height(line, widths)
            if height:  # not every program makes room for wrapped text by itself
                page.set_row(at, height)
            _write_row(page, at, line, kinds)
            at += 1


def row_height(line: Sequence[Cell], widths: Sequence[float]) -> float | None:
    """Height that shows the texts of a row in columns of these widths; ``None`` for one line."""
    lines = 1
    for value, width in zip(line, widths, strict=False):
        if isinstance(value, str) and len(value) * 2 > width - 1:
            lines = max(lines, _lines(value, width))
    return _LINE * min(lines, _MOST_LINES) + 2 if lines > 1 else None


def _write_row(
    page: Any,  # noqa: ANN401 - untyped library
    at: int,
    line: Sequence[Cell],
    kinds: Sequence[Format],
) -> None:
    if not any(isinstance(value, dt.date) or _is_long(value) for value in line):
        page.write_line(at, line, kinds)
        return
    for place, value in enumerate(line):
        if value is None:
            page.write_blank(at, place, None, kinds[place])
        elif isinstance(value, str):
            page.write_string(at, place, value, kinds[place])
        elif isinstance(value, dt.date):
            page.write_datetime(at, place, value, kinds[place])
        else:
            page.write_number(at, place, value, kinds[place])


def _is_long(value: Cell) -> bool:
    """Whether the library may cut it."""
    return isinstance(value, str) and len(value) * 2 > _MAX_CHARS


def _kind(column: Column, sheet: Sheet, styles: Styles) -> Format:
    if column.name in sheet.choices:
        return styles.fill_in
    return styles.text if column.dtype in {"text", "bool"} else styles.number(column)


def _values(cells: pd.Series[Any], column: Column, lang: Lang) -> list[Cell]:
    """The cells of one column as the writer takes them; ``None`` is an empty cell."""
    if column.dtype == "text":
        return [clean(value) if value else None for value in cells.astype(object)]
    if column.dtype == "bool":
        return [yes_no(value, lang) for value in cells]
    if column.dtype == "date":
        return [_day(value) for value in cells]
    numbers = cells.astype("float64") if column.dtype == "float" else cells.astype(object)
    return [value if _is_number(value) else None for value in numbers.tolist()]


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


@lru_cache(maxsize=8192)
def _display(value: str) -> int:
    """Width in half-width characters."""
    if value.isascii():
        return len(value)
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in value)


def page_setup(page: Any, title: str) -> None:  # noqa: ANN401 - untyped library
    """A3 landscape, a header that says what it is, and page numbers."""
    page.set_landscape()
    page.set_paper(8)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    shown = clean(title).replace("\n", " ").replace("&", "&&")[:200]
    page.set_header(f"&L{shown}")
    page.set_footer("&C&P / &N")

"""Notices as workbooks, ready to print: lists on A3 across, one A4 page a firm."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang, text
from landuse.publish.notice import FirmPage, Notice
from landuse.publish.sheets import MAX_ROWS, clean, new_worksheet, page_setup, row_height
from landuse.publish.whole import whole_file
from landuse.publish.workbook import open_workbook

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

__all__ = ["write_firm_pages", "write_list"]

_LINE: Final = 15.0
_FIRM_WIDTHS: Final = (22, 11, 12, 15, 8)
_PAGES_A_SHEET: Final = 500
"""A sheet takes about a thousand page breaks."""


class _Styles:
    def __init__(self, book: Workbook) -> None:
        base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        line = {**base, "border": 1}
        self.title: Format = book.add_format(
            {**base, "bold": True, "font_size": 18, "align": "center"}
        )
        self.words: Format = book.add_format({**base, "text_wrap": True, "valign": "top"})
        self.section: Format = book.add_format({**base, "bold": True})
        self.head: Format = book.add_format(
            {**line, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#E7E6E6"}
        )
        self.text: Format = book.add_format({**line, "num_format": "@", "text_wrap": True})
        self.count: Format = book.add_format({**line, "num_format": "0", "align": "center"})
        self.mu: Format = book.add_format({**line, "num_format": "#,##0.00"})


def write_list(notice: Notice, path: Path, *, lang: Lang = "zh", over: bool = False) -> None:
    """Write a list, whole or not at all; the same list gives the same bytes.

    Raises :class:`landuse.errors.UserError` where the file exists (unless ``over``) or cannot be
    written.
    """
    made = dt.datetime.combine(notice.day, dt.time())
    with whole_file(path, over=over) as part, open_workbook(part, notice.title, made) as book:
        styles = _Styles(book)
        page = new_worksheet(book, text(f"notice.sheet_{notice.kind}", lang))
        widths = [width for _, width in notice.heads]
        last = len(widths) - 1
        for place, width in enumerate(widths):
            page.set_column(place, place, width)
        page.set_row(0, 32)
        page.merge_range(0, 0, 0, last, clean(notice.title), styles.title)
        at = _paragraphs(page, 1, notice.above, sum(widths), last, styles)
        page.set_row(at, 34)
        for place, (label, _) in enumerate(notice.heads):
            page.write_string(at, place, label, styles.head)
        page.repeat_rows(at)
        page.freeze_panes(at + 1, 2)
        at += 1
        for row in notice.rows[: MAX_ROWS - 100]:
            page.set_row(at, _height(row, widths, 20))
            for place, value in enumerate(row):
                _put(page, at, place, value, styles)
            at += 1
        _paragraphs(page, at, notice.below, sum(widths), last, styles)
        page.fit_to_pages(1, 0)
        page_setup(page, notice.title)
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{at + 1}"})


def _paragraphs(
    page: Any,  # noqa: ANN401 - untyped library
    at: int,
    lines: Sequence[str],
    width: float,
    last: int,
    styles: _Styles,
) -> int:
    """Sentences across the whole width, one below the other; the row after them."""
    for row, line in enumerate(lines, at):
        page.set_row(row, _LINE * _lines(line, width) + 4)
        page.merge_range(row, 0, row, last, clean(line), styles.words)
    return at + len(lines)


def _height(row: Sequence[Any], widths: Sequence[float], least: float) -> float:
    """Room for the texts of a row; letters are larger here than in other workbooks."""
    return max((row_height(row, widths) or 0) * 1.2, least)


def _lines(words: str, width: float) -> int:
    """Lines that a text takes; a Chinese sign is two wide."""
    room = max(width - 4, 10)
    wide = [sum(2 if ord(sign) > 0x2E7F else 1 for sign in line) for line in words.split("\n")]
    return sum(max(1, math.ceil(one / room)) for one in wide)


def _put(page: Any, row: int, place: int, value: Any, styles: _Styles) -> None:  # noqa: ANN401
    if value is None:
        page.write_blank(row, place, None, styles.text)
    elif isinstance(value, str):
        page.write_string(row, place, clean(value), styles.text)
    elif isinstance(value, int):
        page.write_number(row, place, value, styles.count)
    else:
        page.write_number(row, place, value, styles.mu)


def write_firm_pages(
    pages: Sequence[FirmPage], path: Path, day: dt.date, *, lang: Lang = "zh", over: bool = False
) -> None:
    """Write one A4 page a firm, one below the other with page breaks; whole or not at all."""
    title = text("notice.sheet_firm", lang)
    made = dt.datetime.combine(day, dt.time())
    with whole_file(path, over=over) as part, open_workbook(part, title, made) as book:
        styles = _Styles(book)
        for sheet, start in enumerate(range(0, max(len(pages), 1), _PAGES_A_SHEET)):
            page = new_worksheet(book, f"{title}{sheet + 1}" if sheet else title)
            for place, width in enumerate(_FIRM_WIDTHS):
                page.set_column(place, place, width)
            at, breaks = 0, []
            for firm in pages[start : start + _PAGES_A_SHEET]:
                at = _firm(page, at, firm, styles)
                breaks.append(at)
            page.set_h_pagebreaks(breaks[:-1])
            page.set_portrait()
            page.set_paper(9)
            page.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.6)
            page.center_horizontally()
            page.set_footer("&C&P / &N")


def _firm(page: Any, at: int, firm: FirmPage, styles: _Styles) -> int:  # noqa: ANN401
    """One page from row ``at`` on; the row after it."""
    last, width = len(_FIRM_WIDTHS) - 1, sum(_FIRM_WIDTHS)
    page.set_row(at, 36)
    page.merge_range(at, 0, at, last, clean(firm.title), styles.title)
    at = _paragraphs(page, at + 1, firm.lines, width, last, styles)
    for title, heads, rows in firm.tables:
        page.set_row(at, 22)
        page.write_string(at, 0, clean(title), styles.section)
        at += 1
        page.set_row(at, 32)
        for place, label in enumerate(heads):
            page.write_string(at, place, label, styles.head)
        for row in rows:
            at += 1
            page.set_row(at, _height(row, _FIRM_WIDTHS, 19))
            for place, value in enumerate(row):
                page.write_string(at, place, clean(value), styles.text)
        at += 1
    return _paragraphs(page, at, firm.below, width, last, styles)

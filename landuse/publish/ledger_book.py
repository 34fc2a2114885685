"""The disposal ledger as a workbook that people fill in, print and hand back.

Takes a :class:`~landuse.publish.ledger_book_view.LedgerView`; gives one file, the same bytes for
the same rows. Every text of the user is a text cell, never a formula, a link or a number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang, text
from landuse.publish.ledger_book_cells import BookStyles, put, shown
from landuse.publish.ledger_book_sheets import (
    write_due,
    write_guide,
    write_idle,
    write_lists,
    write_summary,
)
from landuse.publish.ledger_book_view import Key, LedgerView, Row
from landuse.publish.sheets import clean, new_worksheet, page_setup, row_height
from landuse.publish.whole import whole_file
from landuse.publish.workbook import open_workbook
from landuse.schema.ledger_book import (
    CASE_KEY,
    CASES,
    CHECK,
    PART_KEY,
    PARTS,
    REVISION,
    BookColumn,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook

__all__ = ["write_ledger"]

_HEAD: Final = 2
"""Row of the headings, from 0; a title and a note stand above."""
_HEIGHT: Final = 20
_SPARE: Final = 200
"""Blank rows below the last one that still have drop-down lists."""
_ALLOWED: Final = {
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "insert_columns": True,
    "sort": True,
    "autofilter": True,
}
_GUARDED: Final = "computed"


def write_ledger(view: LedgerView, path: Path, *, lang: Lang = "zh", over: bool = False) -> None:
    """Write the workbook of ``view``, whole or not at all.

    Raises :class:`landuse.errors.UserError` where the file exists (unless ``over``), is open in
    another program, or cannot be written.
    """
    title = text("ledger_book.title", lang)
    made = dt.datetime.combine(view.day, dt.time())
    with whole_file(path, over=over) as part, open_workbook(part, title, made) as book:
        styles = BookStyles(book)
        _write_cases(book, view, styles, lang)
        _write_parts(book, view, styles, lang)
        if view.idle:
            write_idle(book, view, styles, lang)
        write_summary(book, view, styles, lang)
        write_due(book, view, styles, lang)
        write_guide(book, view, styles, lang)
        write_lists(book, view, styles, lang)


def _write_cases(book: Workbook, view: LedgerView, styles: BookStyles, lang: Lang) -> None:
    name = text("ledger_book.sheet_cases", lang)
    page = new_worksheet(book, name)
    page.activate()
    mu = sum(row["case_mu_e4"] for _, row in view.cases)
    said = text(
        "ledger_book.note_cases",
        lang,
        day=view.day.isoformat(),
        n=len(view.cases),
        mu=f"{mu / 10_000:,.2f}",
        filters=_filters(view, lang),
        years=_years(view, lang),
    )
    _write_rows(page, CASES, CASE_KEY, view.cases, styles, lang, said)
    _finish(page, CASES, len(view.cases), view, lang, frozen=4)


def _write_parts(book: Workbook, view: LedgerView, styles: BookStyles, lang: Lang) -> None:
    page = new_worksheet(book, text("ledger_book.sheet_parts", lang))
    said = text("ledger_book.note_parts", lang)
    _write_rows(page, PARTS, PART_KEY, view.parts, styles, lang, said)
    _finish(page, PARTS, len(view.parts), view, lang, frozen=3)


def _filters(view: LedgerView, lang: Lang) -> str:
    if not view.filters:
        return text("ledger_book.no_filter", lang)
    joint = "；" if lang == "zh" else "; "
    colon = "：" if lang == "zh" else ": "
    return joint.join(f"{name}{colon}{value}" for name, value in view.filters)


def _years(view: LedgerView, lang: Lang) -> str:
    if view.years is None:
        return ""
    this, before = view.years
    return text("ledger_book.note_years", lang, this=this, before=before)


def _write_rows(
    page: Any,  # noqa: ANN401 - untyped library
    columns: Sequence[BookColumn],
    key: str,
    rows: Sequence[tuple[Key, Row]],
    styles: BookStyles,
    lang: Lang,
    note: str,
) -> None:
    """Title, note, heading, rows; the hidden columns follow the last one."""
    headings = [column.heading(lang) for column in columns]
    for place, column in enumerate(columns):
        page.set_column(place, place, column.width, styles.below)
    last = len(columns)
    page.set_column(last, last + 2, 12, styles.hidden, {"hidden": True})
    page.set_default_row(_HEIGHT)
    page.set_row(0, 26)
    page.write_string(0, 0, clean(page.get_name()), styles.title)
    page.write_string(1, 0, clean(note), styles.note)
    page.set_row(_HEAD, 44)
    for place, label in enumerate((*headings, key, REVISION, CHECK)):
        page.write_string(_HEAD, place, label, styles.head)
    widths = [column.width for column in columns]
    forms = {
        guarded: [
            styles.of(one.form, _GUARDED if guarded and one.entity == "part" else one.role)
            for one in columns
        ]
        for guarded in (False, True)
    }
    for at, (hidden, row) in enumerate(rows, _HEAD + 1):
        cells = [_laid_out(column, row.get(column.name), lang) for column in columns]
        height = row_height(cells, widths)
        if height and height > _HEIGHT:
            page.set_row(at, height)
        looks = forms[bool(row.get("several"))]
        for place, cell in enumerate(cells):
            put(page, at, place, cell, looks[place])
        page.write_string(at, last, hidden.key, styles.hidden)
        page.write_number(at, last + 1, hidden.revision, styles.hidden)
        page.write_string(at, last + 2, hidden.check, styles.hidden)


def _laid_out(column: BookColumn, value: Any, lang: Lang) -> Any:  # noqa: ANN401 - a cell
    """A cell as it is printed: credit codes stand one below the other, so that none is broken."""
    cell = shown(column, value, lang)
    return cell.replace("、", "、\n") if column.name == "uscc" and cell else cell


def _finish(
    page: Any,  # noqa: ANN401 - untyped library
    columns: Sequence[BookColumn],
    count: int,
    view: LedgerView,
    lang: Lang,
    *,
    frozen: int,
) -> None:
    """Drop-down lists, protection, filter, frozen panes, and how it prints."""
    last = _HEAD + max(count, 1)
    lists = text("ledger_book.sheet_lists", lang)
    sizes = {"state": len(view.states), "way": len(view.ways), "kind": len(view.kinds)}
    for place, column in enumerate(columns):
        if column.form in sizes and (column.role != "computed" or column.name == "kind"):
            letter = "ABC"[list(sizes).index(column.form)]
            page.data_validation(
                _HEAD + 1,
                place,
                last + _SPARE,
                place,
                {
                    "validate": "list",
                    "source": f"='{lists}'!${letter}$2:${letter}${sizes[column.form] + 1}",
                    "error_title": text("ledger_book.choose_title", lang),
                    "error_message": text("ledger_book.choose", lang),
                },
            )
    page.autofilter(_HEAD, 0, last, len(columns) - 1)
    page.freeze_panes(_HEAD + 1, frozen)
    page.protect("", _ALLOWED)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    printed = sum(column.printed for column in columns)
    page.print_area(0, 0, last, printed - 1)
    page.repeat_rows(0, _HEAD)
    page.fit_to_pages(1, 0)
    page_setup(page, f"{text('ledger_book.title', lang)}　{page.get_name()}")

"""The minutes as a workbook: verdicts, sums and what was not decided, a sheet each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.publish.sheets import clean, new_worksheet, page_setup, row_height
from landuse.publish.workbook import open_workbook

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.publish.minutes import MinutesContent

__all__ = ["write_book"]

_COLUMNS: Final = (
    ("seq", 6), ("parcel", 22), ("case", 11), ("enterprises", 32), ("mu", 12), ("verdict", 10),
    ("move", 20), ("comment", 36), ("remark", 20), ("by", 12), ("at", 17),
)  # fmt: skip


def write_book(content: MinutesContent, path: Path, lang: Lang) -> None:
    """Write the workbook to ``path``; texts are text cells, mu and counts are numbers."""
    made = dt.datetime.combine(content.day, dt.time())
    with open_workbook(path, content.title, made) as book:
        base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "text_wrap": True}
        looks = {
            "title": book.add_format({**base, "bold": True, "font_size": 16, "text_wrap": False}),
            "plain": book.add_format({**base, "text_wrap": False}),
            "head": book.add_format({**base, "bold": True, "border": 1, "bg_color": "#E7E6E6"}),
            "text": book.add_format({**base, "border": 1, "num_format": "@"}),
            "count": book.add_format({**base, "border": 1, "num_format": "0"}),
            "mu": book.add_format({**base, "border": 1, "num_format": "#,##0.0000"}),
        }
        _verdicts(book, content, lang, looks)
        _sums(book, content, lang, looks)
        _undecided(book, content, lang, looks)


def _sheet(book: Any, name: str, title: str, widths: Sequence[int], looks: Any) -> Any:  # noqa: ANN401
    page = new_worksheet(book, name)
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    page.write_string(0, 0, clean(title), looks["title"])
    page.fit_to_pages(1, 0)
    page_setup(page, title)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    return page


def _verdicts(book: Any, content: MinutesContent, lang: Lang, looks: Any) -> None:  # noqa: ANN401
    widths = [width for _, width in _COLUMNS]
    page = _sheet(book, text("minutes.verdicts", lang), content.title, widths, looks)
    at = 1
    facts = list(content.facts)
    if content.is_open:
        facts.append((text("minutes.state", lang), text("minutes.still_open", lang)))
    for label, said in facts:
        words = text("minutes.label", lang, label=label) + said
        page.write_string(at, 0, clean(words), looks["plain"])
        at += 1
    heads = [text(f"minutes.col_{name}", lang) for name, _ in _COLUMNS]
    page.write_row(at, 0, heads, looks["head"])
    page.repeat_rows(at)
    page.freeze_panes(at + 1, 2)
    for place, one in enumerate(content.lines, 1):
        row = [
            *(place, one.parcel_id, one.number, one.enterprises, float(one.mu), one.verdict),
            *(one.move, one.comment, one.remark, one.by, one.at),
        ]
        _row(page, at + place, row, widths, looks)


def _sums(book: Any, content: MinutesContent, lang: Lang, looks: Any) -> None:  # noqa: ANN401
    widths = [18, 12, 12, 16]
    page = _sheet(book, text("minutes.sums", lang), content.title, widths, looks)
    heads = [text(f"minutes.{name}", lang) for name in ("col_verdict", "plots", "cases", "col_mu")]
    page.write_row(1, 0, heads, looks["head"])
    for at, one in enumerate((*content.sums, content.whole), 2):
        _row(page, at, [one.verdict, one.plots, one.cases, float(one.mu)], widths, looks)
    note = text("minutes.sums_note", lang)
    page.write_string(len(content.sums) + 4, 0, clean(note), looks["plain"])


def _undecided(book: Any, content: MinutesContent, lang: Lang, looks: Any) -> None:  # noqa: ANN401
    widths = [6, 24, 60]
    name = text("minutes.sheet_undecided", lang)
    page = _sheet(book, name, content.title, widths, looks)
    heads = [text(f"minutes.col_{name}", lang) for name in ("seq", "parcel", "about")]
    page.write_row(1, 0, heads, looks["head"])
    for place, (parcel, about) in enumerate(content.undecided, 1):
        _row(page, place + 1, [place, parcel, about], widths, looks)


def _row(page: Any, at: int, values: Sequence[Any], widths: Sequence[int], looks: Any) -> None:  # noqa: ANN401
    height = row_height(values, widths)
    if height:
        page.set_row(at, height)
    for place, value in enumerate(values):
        if isinstance(value, str):
            page.write_string(at, place, clean(value), looks["text"])
        else:
            page.write_number(
                at, place, value, looks["mu" if isinstance(value, float) else "count"]
            )

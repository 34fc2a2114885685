"""Rows that are no records: totals (which check the column's sum), notes, repeated headings."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

import numpy as np

from landuse.intake.cells import map_texts
from landuse.intake.numbers import numbers
from landuse.schema.headings import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from landuse.intake.columns import Columns
    from landuse.intake.raw import Raw
    from landuse.intake.rows import Rows
    from landuse.issues import IssueLog

__all__ = ["drop_decoration", "is_total"]

_TOTAL: Final = re.compile(
    r".{0,20}?(合计|小计|总计|共计|累计|总和|平均值?|均值|subtotal|grandtotal|total|sum|average)"
    r"(?:数|额|值)?[:]?(?:\(.*\)|\d+[户家宗个条].*)?"
)
_HINT: Final = re.compile(r"[计和均]|\b(?:sub|grand)?\s*(?:total|sum|average)\b", re.IGNORECASE)
"""Cheap to ask of a million names; what it lets through is looked at closely."""
_NOTE: Final = re.compile(
    r"(?:注|备注|说明|填表说明|填表人|制表人|审核人|复核人|填报人|填报单位|单位负责人|负责人|制表单位|"
    r"填报日期|制表日期|联系电话|联系人|统计负责人)\d*[:].*"
)
_MEANS: Final = ("平均", "均值", "average")
_NOTE_CELLS: Final = 4


def is_total(text: str) -> str:
    """The word by which a cell says that its row is a total, or ``""``.

    >>> is_total("合  计"), is_total("某镇小计："), is_total("合计(12户)"), is_total("会计事务所")
    ('合计', '小计', '合计', '')
    """
    if not _HINT.search(text):
        return ""
    match = _TOTAL.fullmatch(fold(text))
    return match[1] if match else ""


def drop_decoration(
    rows: Rows, columns: Columns, keys: Collection[str], amounts: Collection[str], log: IssueLog
) -> None:
    """Set aside repeated headings, notes and totals; compare the totals with their columns.

    ``keys`` are our names of the columns that name a record: where one of them is filled with
    anything else than a word for a total, the row is a record. ``amounts`` are the columns that
    can be added up.
    """
    raw = rows.raw
    if raw.repeated is not None:
        rows.reject(raw.repeated, "intake_tables.repeated_heading")
    named = [columns.heading(name) for name in keys if columns.heading(name)]
    headings = [columns.heading(name) for name in amounts if columns.heading(name)]
    headings += [text for name in amounts for text in columns.by_year.get(name, {}).values()]
    words = _total_words(raw, named, _left_of(raw, headings))
    totals = np.asarray(words != "", dtype=bool) & rows.used
    rows.reject(totals, "intake_tables.total_row")
    rows.reject(_notes(raw), "intake_tables.note_row")
    if totals.any():
        records = rows.used
        for heading in headings:
            _check(rows, heading, words, totals, records, log)


def _left_of(raw: Raw, headings: Sequence[str]) -> list[str]:
    """The columns where a total is named: those before the first amount, or all."""
    places = [raw.headings.index(heading) for heading in headings]
    first = min(places, default=0)
    return raw.headings[:first] if first else raw.headings


def _total_words(
    raw: Raw, named: Sequence[str], searched: Sequence[str]
) -> npt.NDArray[np.object_]:
    words = np.full(len(raw), "", dtype=object)
    is_record = np.zeros(len(raw), dtype=bool)
    for heading in dict.fromkeys((*named, *searched)):
        cells = raw.frame[heading].to_numpy()
        is_text, found = map_texts(cells, is_total)
        column = np.full(len(raw), "", dtype=object)
        column[is_text] = found
        if heading in named:
            filled = np.array([cell is not None and str(cell).strip() != "" for cell in cells])
            is_record |= filled.astype(bool) & (column == "")
        words = np.where(words == "", column, words)
    words[is_record] = ""
    return words


def _notes(raw: Raw) -> npt.NDArray[np.bool_]:
    """Lines such as 注：… or 填表人：… below the table."""
    filled = raw.frame.notna().to_numpy()
    few = filled.sum(axis=1) <= min(_NOTE_CELLS, filled.shape[1] - 1)
    index = np.flatnonzero(few)
    notes = np.zeros(len(raw), dtype=bool)
    for row, column in zip(index, filled[index].argmax(axis=1), strict=True):
        first = raw.frame.iloc[int(row), int(column)]
        notes[row] = isinstance(first, str) and bool(_NOTE.fullmatch(fold(first)))
    return notes


def _check(
    rows: Rows,
    heading: str,
    words: npt.NDArray[np.object_],
    totals: npt.NDArray[np.bool_],
    records: npt.NDArray[np.bool_],
    log: IssueLog,
) -> None:
    """Compare each total of one column with the sum of its rows, sheet by sheet."""
    raw = rows.raw
    cells = raw.frame[heading].to_numpy()
    values = numbers(cells).values
    amounts = np.where(records & ~np.isnan(values), values, 0.0)
    previous: dict[tuple[str, str], int] = {}
    for index in np.flatnonzero(totals):
        sheet = (str(raw.file[index]), str(raw.sheet[index]))
        here = (raw.file == sheet[0]) & (raw.sheet == sheet[1]) & records
        start = previous.get(sheet, 0)
        previous[sheet] = int(index) + 1
        word = str(words[index])
        stated = values[index]
        if math.isnan(stated) or word.startswith(_MEANS):
            continue
        before = here & (np.arange(len(raw)) < index)
        block = before & (np.arange(len(raw)) >= start)
        sums = [math.fsum(amounts[mask]) for mask in (block, before, here) if mask.any()]
        if sums and not any(_agrees(stated, total) for total in sums):
            nearest = min(sums, key=lambda total: abs(total - stated))
            shown = {"value": _plain(stated), "total": _plain(nearest), "word": word}
            log.add("intake_tables.total_differs", **raw.place(int(index)), column=heading, **shown)


def _agrees(stated: float, total: float) -> bool:
    """Equal at the decimals that the stated total shows."""
    text = repr(float(stated))
    decimals = len(text.rpartition(".")[2]) if "e" not in text and not text.endswith(".0") else 0
    return abs(stated - total) <= 0.5 * 10.0**-decimals * (1 + 1e-9) + abs(total) * 1e-12


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")

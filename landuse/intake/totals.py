"""Rows that are no records: totals (which check the column's sum), notes, repeated headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.intake.cells import map_texts
from landuse.intake.totals_check import Sums, compare_totals, stated_totals, sums_of_blocks
from landuse.intake.typed import distinct, which_are
from landuse.schema.headings import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from landuse.intake.columns import Columns
    from landuse.intake.raw import Raw
    from landuse.intake.rows import Rows
    from landuse.intake.totals_check import Total
    from landuse.intake.typed import Cells, Texts
    from landuse.issues import IssueLog

__all__ = ["drop_decoration", "is_total", "set_decoration_aside"]

_TOTAL: Final = re.compile(
    r".{0,20}?(合计|小计|总计|共计|累计|总和|平均值?|均值|subtotal|grandtotal|total|sum|average)"
    r"(?:数|额|值)?[:]?(?:\(.*\)|\d+[户家宗个条].*)?"
)
_HINT: Final = re.compile(r"[计和均]|\b(?:sub|grand)?\s*(?:total|sum|average)\b", re.IGNORECASE)
"""Cheap to ask of a million names; what it lets through is looked at closely."""
_HINTED: Final = "[计和均\u017f]|(?i:total|sum|average)"
"""Lets through whatever ``_HINT`` does, in the dialect of Arrow."""
_SPACE: Final = 0x20
_DELETE: Final = 0x7F
_ABOVE_SPACES: Final = 0xE4
"""No sign whose first byte in UTF-8 is this or higher is a space: the last one is U+3000."""
_NOTE: Final = re.compile(
    r"(?:注|备注|说明|填表说明|填表人|制表人|审核人|复核人|填报人|填报单位|单位负责人|负责人|制表单位|"
    r"填报日期|制表日期|联系电话|联系人|统计负责人)\d*[:].*"
)
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
    rows: Rows,
    columns: Columns,
    keys: Collection[str],
    amounts: Collection[str],
    log: IssueLog,
) -> None:
    """Set aside what is no record (:func:`set_decoration_aside`); compare the totals with their
    columns.
    """
    totals = set_decoration_aside(rows, columns, keys, amounts)
    if totals:
        compare_totals(rows.raw.table, totals, Sums(sums_of_blocks(rows, totals)), log)


def set_decoration_aside(
    rows: Rows, columns: Columns, keys: Collection[str], amounts: Collection[str]
) -> list[Total]:
    """Set aside repeated headings, notes and totals; the rows that are totals.

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
    totals = np.zeros(len(raw), dtype=bool)
    totals[list(words)] = True
    totals &= rows.used
    rows.reject(totals, "intake_tables.total_row")
    rows.reject(_notes(raw), "intake_tables.note_row")
    said = {index: words[index] for index in np.flatnonzero(totals).tolist()}
    return stated_totals(rows, said, headings)


def _left_of(raw: Raw, headings: Sequence[str]) -> list[str]:
    """The columns where a total is named: those before the first amount, or all."""
    places = [raw.headings.index(heading) for heading in headings]
    first = min(places, default=0)
    return raw.headings[:first] if first else raw.headings


def _total_words(raw: Raw, named: Sequence[str], searched: Sequence[str]) -> dict[int, str]:
    """The word for a total in each row that has one and names no record."""
    words: dict[int, str] = {}
    is_record = np.zeros(len(raw), dtype=bool)
    for heading in dict.fromkeys((*named, *searched)):
        cells = raw.cells(heading)
        found = _totals_in(cells)
        if heading in named:
            filled = _filled(cells)
            filled[list(found)] = False
            is_record |= filled
        words = {**found, **words}
    return {index: words[index] for index in sorted(words) if not is_record[index]}


def _totals_in(cells: Cells) -> dict[int, str]:
    """The rows of a column that hold a word for a total, and that word."""
    if isinstance(cells, np.ndarray):
        if cells.dtype != object:
            return {}
        is_text, found = map_texts(cells, is_total)
        said = np.flatnonzero(found != "")
        return dict(zip(np.flatnonzero(is_text)[said].tolist(), found[said].tolist(), strict=True))
    index = np.flatnonzero(which_are(_are_hinted, cells))
    which, few = distinct(cells.take(pa.array(index)))
    word = [is_total(text) for text in few.to_pylist()]
    return {
        int(row): word[place]
        for row, place in zip(index, which.tolist(), strict=True)
        if word[place]
    }


def _are_hinted(texts: Texts) -> npt.NDArray[np.bool_]:
    hinted = pc.fill_null(pc.match_substring_regex(texts, _HINTED), fill_value=False)
    return np.asarray(hinted.to_numpy(zero_copy_only=False), dtype=bool)


def _filled(cells: Cells) -> npt.NDArray[np.bool_]:
    """Which cells hold more than spaces."""
    if isinstance(cells, np.ndarray):
        if cells.dtype != object:
            return np.asarray(cells == cells, dtype=bool)
        said = [cell is not None and str(cell).strip() != "" for cell in cells]
        return np.array(said, dtype=bool)
    _, offsets, data = cells.buffers()
    sure = pc.fill_null(pc.greater(pc.binary_length(cells), 0), fill_value=False)
    filled = np.array(sure.to_numpy(zero_copy_only=False), dtype=bool)
    if data is None:
        return filled
    index = np.flatnonzero(filled)
    starts = np.frombuffer(offsets, np.int64)[cells.offset : cells.offset + len(cells)]
    first = np.frombuffer(data, np.uint8)[starts[index]]
    doubtful = index[~(((first > _SPACE) & (first < _DELETE)) | (first >= _ABOVE_SPACES))]
    for row in doubtful:
        filled[row] = cells[int(row)].as_py().strip() != ""
    return filled


def _notes(raw: Raw) -> npt.NDArray[np.bool_]:
    """Lines such as 注：… or 填表人：… below the table."""
    filled = [raw.frame[heading].notna().to_numpy() for heading in raw.headings]
    notes = np.zeros(len(raw), dtype=bool)
    if all(column.all() for column in filled):
        return notes
    count = np.zeros(len(raw), dtype=np.int32)
    for column in filled:
        count += column
    few = count <= min(_NOTE_CELLS, len(filled) - 1)
    for column, heading in zip(filled, raw.headings, strict=True):
        rows = np.flatnonzero(few & column)
        few[rows] = False
        if len(rows):
            notes[rows[_are_notes(raw.cells(heading), rows)]] = True
    return notes


def _are_notes(cells: Cells, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Which of ``rows``, by their place there, hold a note in this column."""
    if isinstance(cells, np.ndarray):
        texts = cells[rows].tolist() if cells.dtype == object else []
        places = list(range(len(texts)))
    else:
        found = cells.take(pa.array(rows))
        places = np.flatnonzero(~np.asarray(pc.string_is_ascii(found), dtype=bool)).tolist()
        texts = found.to_pylist() if len(places) else []
    said = [n for n in places if isinstance(texts[n], str) and _NOTE.fullmatch(fold(texts[n]))]
    return np.array(said, dtype=np.intp)

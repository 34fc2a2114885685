"""Cells as text: what counts as blank, and what a number or a date looks like in a text column."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.intake.typed import mapped, which_are
from landuse.schema.headings import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from landuse.intake.typed import Cells, Texts

__all__ = [
    "clean",
    "distinct_texts",
    "has_form",
    "is_clean",
    "is_missing",
    "map_texts",
    "text_column",
    "text_of",
    "texts",
]

_MISSING: Final = frozenset(
    fold(mark)
    for mark in (
        "", "-", "--", "---", "—", "——", "–", "−", "―", "_", "/", "//", "\\", "*", "**", "?",
        "...", "……", "、", ".", "。", "无", "空", "没有", "缺", "缺失", "未填", "不详", "未知",
        "未填报", "暂无", "待补", "待定",
        "无数据", "n/a", "na", "n.a.", "null", "none", "nil", "nan", "nat", "<na>", "<null>",
        "(null)", "(空)", "(空白)",
        "#n/a", "#value!", "#ref!", "#div/0!", "#name?", "#num!", "#null!",
    )
)  # fmt: skip
_ENDS: Final = frozenset(mark[-1:] for mark in _MISSING)
_DROPPED: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
_LONGEST_MARK: Final = 12
_HAN: Final = "\u4e00-\u9fff"
_SEEN: Final = f"!-~{_HAN}（）《》“”·、，。：；－"
"""Signs that :func:`clean` leaves alone (a space between two of them as well)."""
_PLAIN: Final = rf"\A(?:[{_SEEN}](?:[ {_SEEN}]*[{_SEEN}])?)?\z"
_MARK_ENDS: Final = _ENDS | {
    sign for sign in map(chr, [*range(0x21, 0x7F), *map(ord, "（）《》“”·、，。：；－")])
    if fold(sign)[-1:] in _ENDS
}  # fmt: skip
_ENDING: Final = "[{}]\\z".format(
    "".join(f"\\x{{{ord(end):x}}}" for end in sorted(_MARK_ENDS - {""}))
)
"""Signs of ``_SEEN`` in which a mark for "nothing here" may end."""


def is_missing(text: str) -> bool:
    """Whether a text says "nothing here".

    >>> is_missing(" — "), is_missing("N/A"), is_missing("0"), is_missing("无锡")
    (True, True, False, False)
    """
    if len(text) > _LONGEST_MARK or (text and not _may_end(text[-1])):
        return False
    return fold(text) in _MISSING


@lru_cache(maxsize=4096)
def _may_end(last: str) -> bool:
    """Whether a mark could end so: folding a million names to look is slow."""
    folded = fold(last)
    return not folded or folded[-1] in _ENDS


def clean(text: str) -> str:
    """A text without control and invisible characters and outer spaces; ``""`` for a missing mark.

    >>> clean("\\ufeff 某某\\x07公司 "), clean("／")
    ('某某公司', '')
    """
    if not text.isprintable():
        text = "".join(
            " " if char in "\t\n\r\u3000" else char
            for char in text
            if char in "\t\n\r" or unicodedata.category(char) not in _DROPPED
        )
    text = text.strip()
    return "" if is_missing(text) else text


def text_of(cell: object) -> str:
    """Any cell as text: 17.0 is ``"17"``, a date is ISO, blank is ``""``.

    >>> text_of(17.0), text_of(1000010010.0), text_of(None), text_of(dt.date(2024, 3, 5))
    ('17', '1000010010', '', '2024-03-05')
    """
    if cell is None or isinstance(cell, str):
        return clean(cell or "")
    if isinstance(cell, bool | np.bool_):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | np.floating):
        number = float(cell)
        if number != number:
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(cell, dt.datetime):
        midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f") if cell.is_finite() else ""
    return clean(str(cell))


def distinct_texts(
    cells: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp], npt.NDArray[np.object_]]:
    """Which cells are text, which of the distinct texts each of those is, and these texts."""
    is_text = np.fromiter((type(cell) is str for cell in cells), bool, len(cells))
    which, distinct = pd.factorize(cells[is_text])
    return is_text, which, np.asarray(distinct, dtype=object)


def has_form(texts: npt.NDArray[np.object_], pattern: str) -> npt.NDArray[np.bool_]:
    """Which texts are wholly of the form ``pattern``; none where it is ``""``."""
    if not pattern or not len(texts):
        return np.zeros(len(texts), dtype=bool)
    try:
        column = pa.array(texts, pa.large_string())
    except UnicodeEncodeError:  # half of a character that a broken file holds
        return np.zeros(len(texts), dtype=bool)
    found = pc.match_substring_regex(column, rf"\A(?:{pattern})\z")
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def map_texts(
    cells: npt.NDArray[np.object_], convert: Callable[[str], object]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.object_]]:
    """Which cells are text, and ``convert`` of those (computed once for each distinct text)."""
    is_text, which, distinct = distinct_texts(cells)
    converted = np.empty(len(distinct), dtype=object)
    for index, value in enumerate(distinct):
        converted[index] = convert(value)
    return is_text, converted[which]


def texts(cells: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """All cells by :func:`text_of`."""
    is_text, cleaned = map_texts(cells, clean)
    out = np.full(len(cells), "", dtype=object)
    out[is_text] = cleaned
    others = np.flatnonzero(~is_text)
    is_float = np.fromiter((type(cell) is float for cell in cells[others]), bool, len(others))
    which, values = pd.factorize(cells[others[is_float]].astype(np.float64), use_na_sentinel=False)
    said = np.array([text_of(float(value)) for value in values], dtype=object)
    out[others[is_float]] = said[which]
    for index in others[~is_float]:
        if cells[index] is not None:
            out[index] = text_of(cells[index])
    return out


def is_clean(texts: Texts) -> npt.NDArray[np.bool_]:
    """Which texts are surely left as they are by :func:`clean`; a null is not.

    >>> is_clean(pa.array(["某某公司", " a", "无", "12", "a\x07", ""], pa.large_string())).tolist()
    [True, False, False, True, False, True]
    """
    return which_are(_are_clean, texts)


def _are_clean(texts: Texts) -> npt.NDArray[np.bool_]:
    plain = pc.match_substring_regex(texts, _PLAIN)
    short = pc.less_equal(pc.utf8_length(texts), _LONGEST_MARK)
    if pc.any(short).as_py():
        doubtful = pc.and_(short, pc.match_substring_regex(texts, _ENDING))
        plain = pc.and_not(plain, doubtful)
    found = pc.fill_null(plain, fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def text_column(cells: Cells) -> Texts:
    """A column by :func:`text_of`, in any form that it was read in; never null."""
    if isinstance(cells, np.ndarray):
        if cells.dtype == np.int64:
            return pa.array(cells).cast(pa.large_string())
        if cells.dtype == np.float64:
            which, values = pd.factorize(cells, use_na_sentinel=False)
            said = pa.array([text_of(float(value)) for value in values], pa.large_string())
            return said.take(pa.array(which))
        return pa.array(texts(cells), pa.large_string())
    is_sound = is_clean(cells)
    if is_sound.all():
        return cells
    filled = pc.fill_null(cells, "")
    odd = pa.array(~is_sound)
    return pc.replace_with_mask(filled, odd, mapped(filled.filter(odd), clean))

"""Years and dates as they stand in Chinese worksheets."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from landuse.intake.cells import is_missing, map_texts
from landuse.intake.typed import distinct

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from landuse.intake.typed import Cells

__all__ = ["Dates", "dates", "parse_date", "parse_year", "years"]

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
_SERIAL_ZERO: Final = dt.date(1899, 12, 30)
_SERIALS: Final = (10_000, 73_050)
"""1927-05-18 to 2099-12-31: a number outside is no day that a spreadsheet stored."""
_OPEN: Final = frozenset({"长期", "永久", "至今", "现在", "无期限", "无固定期限", "不限"})
_DIGITS: Final = {sign: n for n, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_TENS: Final = re.compile(r"([一二三]?)十([一二三四五六七八九]?)(?=[月日号])")
_TIME: Final = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$")
_DATE: Final = re.compile(
    r"(\d{4})\s*[年./\-]\s*(\d{1,2})(?:\s*月?\s*[./\-]?\s*(\d{1,2})\s*[日号]?|\s*月份?|)\.?"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_YEAR: Final = re.compile(r"(\d{4})\s*(?:年度?|年报|)")


class Dates(NamedTuple):
    """A column of dates (NaT missing); ``bad``: no date; ``rough``: only a month or year stood."""

    days: npt.NDArray[np.datetime64]
    bad: npt.NDArray[np.bool_]
    rough: npt.NDArray[np.bool_]


class One(NamedTuple):
    """One cell as a date."""

    value: dt.date | None
    bad: bool = False
    rough: bool = False


_BAD: Final = One(None, bad=True)


def _made(year: int, month: int | None, day: int | None, *, end: bool) -> One:
    rough = month is None or day is None
    if month is None:
        month = 12 if end else 1
    try:
        last = calendar.monthrange(year, month)[1]
        value = dt.date(year, month, day if day is not None else (last if end else 1))
    except ValueError:
        return _BAD
    if value.year > LAST_YEAR:
        return One(None)  # 9999-12-31: open
    return One(value, rough=rough) if value.year >= FIRST_YEAR else _BAD


def _arabic(text: str) -> str:
    """二〇二四年三月五日 → 2024年3月5日; other text as it is."""
    if not any(sign in _DIGITS for sign in text):
        return text
    for tens in _TENS.finditer(text):
        high, low = tens[1], tens[2]
        number = _DIGITS.get(high, 1) * 10 + _DIGITS.get(low, 0)
        text = text.replace(tens[0], str(number), 1)
    return "".join(str(_DIGITS.get(sign, sign)) for sign in text)


def parse_date(text: str, *, end: bool = False) -> One:
    """A text as a date; a month or year alone is its first day (``end``: its last).

    >>> [str(parse_date(t).value) for t in ("2024年3月5日", "2024.3.5", "20240305", "2024-03")]
    ['2024-03-05', '2024-03-05', '2024-03-05', '2024-03-01']
    >>> parse_date("2024-03", end=True).value.isoformat(), parse_date("5/3/24").bad
    ('2024-03-31', True)
    >>> str(parse_date("二〇一四年十二月三十一日").value)
    '2014-12-31'
    """
    if is_missing(text):
        return One(None)
    plain = _TIME.sub("", unicodedata.normalize("NFKC", text).strip().lstrip("'"))
    plain = _arabic(plain)
    if plain.strip() in _OPEN:
        return One(None)
    for form in (_DATE, _COMPACT):
        if match := form.fullmatch(plain):
            year, month, day = match.groups()
            return _made(int(year), int(month), int(day) if day else None, end=end)
    if match := _YEAR.fullmatch(plain):
        return _made(int(match[1]), None, None, end=end)
    return _number(float(plain), end=end) if plain.replace(".", "", 1).isdigit() else _BAD


def _number(number: float, *, end: bool) -> One:
    if number == 0:
        return One(None)
    if FIRST_YEAR <= number <= LAST_YEAR and number == int(number):
        return _made(int(number), None, None, end=end)
    if _SERIALS[0] <= number <= _SERIALS[1]:
        return One(_SERIAL_ZERO + dt.timedelta(days=int(number)))
    if 19_000_101 <= number <= 99_991_231 and number == int(number):
        whole = int(number)
        return _made(whole // 10_000, whole // 100 % 100, whole % 100, end=end)
    return _BAD


def _other(cell: object, *, end: bool) -> One:
    if cell is None or cell != cell:
        return One(None)
    if isinstance(cell, dt.datetime | np.datetime64):
        return _made(*_parts(cell), end=end)
    if isinstance(cell, dt.date):
        return _made(cell.year, cell.month, cell.day, end=end)
    if isinstance(cell, int | float | np.number) and not isinstance(cell, bool):
        return _number(float(cell), end=end)
    return _BAD


def _parts(cell: dt.datetime | np.datetime64) -> tuple[int, int, int]:
    day: dt.date = cell.astype("datetime64[D]").item() if isinstance(cell, np.datetime64) else cell
    return day.year, day.month, day.day


def _once_each(cells: Cells) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.object_]] | None:
    """Which distinct cell each row of a typed column is, and these; ``None`` for plain cells."""
    if not isinstance(cells, np.ndarray):
        which, found = distinct(cells)
        return which, np.array([*found.to_pylist(), None], dtype=object)
    if cells.dtype == object:
        return None
    which, values = pd.factorize(cells)
    return which, np.array([*values.tolist(), None], dtype=object)


def dates(cells: Cells, *, end: bool = False) -> Dates:
    """A column as dates, in any form that it was read in; never raises."""
    if (once := _once_each(cells)) is not None:
        which, few = once
        read = dates(few, end=end)
        return Dates(read.days[which], read.bad[which], read.rough[which])
    assert isinstance(cells, np.ndarray)
    values = np.full(len(cells), np.datetime64("NaT"), dtype="datetime64[s]")
    bad, rough = np.zeros(len(cells), bool), np.zeros(len(cells), bool)
    is_text, parsed = map_texts(cells, lambda text: parse_date(text, end=end))
    for index, one in zip(np.flatnonzero(is_text), parsed, strict=True):
        _put(int(index), one, values, bad, rough)
    for index in np.flatnonzero(~is_text):
        if cells[index] is not None:
            _put(int(index), _other(cells[index], end=end), values, bad, rough)
    return Dates(values, bad, rough)


def _put(
    index: int,
    one: One,
    values: npt.NDArray[np.datetime64],
    bad: npt.NDArray[np.bool_],
    rough: npt.NDArray[np.bool_],
) -> None:
    bad[index], rough[index] = one.bad, one.rough
    if one.value is not None:
        values[index] = np.datetime64(one.value, "s")


def parse_year(text: str) -> int | None:
    """A text as a year: 2024, 2024年, 2024年度, a date; ``None`` if it is none, 0 if blank.

    >>> parse_year("2024年度"), parse_year("２０２４"), parse_year("2024-03-05"), parse_year("二〇")
    (2024, 2024, 2024, None)
    """
    if is_missing(text):
        return 0
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("'").removesuffix(".0")
    if match := _YEAR.fullmatch(plain):
        year = int(match[1])
        return year if FIRST_YEAR <= year <= LAST_YEAR else None
    found = parse_date(plain).value
    return found.year if found else None


def years(cells: Cells) -> npt.NDArray[np.int64]:
    """A column as years, in any form that it was read in; 0 blank, -1 no year."""
    if (once := _once_each(cells)) is not None:
        which, few = once
        return years(few)[which]
    assert isinstance(cells, np.ndarray)
    out = np.zeros(len(cells), dtype=np.int64)
    _fill(cells, parse_year, out)
    return out


def _fill(
    cells: npt.NDArray[np.object_],
    convert: Callable[[str], int | None],
    out: npt.NDArray[np.int64],
) -> None:
    is_text, parsed = map_texts(cells, convert)
    out[is_text] = [-1 if year is None else year for year in parsed]
    for index in np.flatnonzero(~is_text):
        cell = cells[index]
        if cell is not None:
            found = _other(cell, end=False)
            out[index] = -1 if found.bad else (found.value.year if found.value else 0)

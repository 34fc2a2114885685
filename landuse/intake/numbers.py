"""Numbers as people write them in worksheets, and how they become exact millionths."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from landuse.intake.cells import distinct_texts, has_form, is_missing
from landuse.intake.typed import distinct
from landuse.schema.headings import unit_named
from landuse.units import MICRO, UNITS, exact_micro, factor, to_micro

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from landuse.intake.typed import Cells, Texts
    from landuse.issues import IssueLog

__all__ = [
    "Large",
    "Numbers",
    "Parsed",
    "numbers",
    "parse",
    "to_millionths",
    "together",
]

_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([, '])\d{3})(?:\1\d{3})*(?:\.\d*)?")
_WITH_UNIT: Final = re.compile(r"([+-]?[\d.,' ]*\d\.?(?:[eE][+-]?\d{1,4})?)\s*([^\d\s.,].*)")
_DASHES: Final = str.maketrans({"−": "-", "–": "-", "﹣": "-", "，": ",", "’": "'"})
_EXACT_DIGITS: Final = 15
_SHORT_PLAIN: Final = r"[+-]?[0-9]{1,7}(?:\.[0-9]{0,7})?"
"""What a float holds exactly enough: at most 14 digits, no exponent."""
_LARGEST: Final = 9_000_000_000_000 * MICRO
_LARGEST_SUM: Final = 200_000_000_000.0 * MICRO
"""A column of 2·10¹¹ 万元 is ten times what all enterprises of a large country turn over."""


class Parsed(NamedTuple):
    """One text as a number: its value, or none; the unit written behind it; whether it is bad."""

    value: Decimal | None
    unit: str = ""
    bad: bool = False


def parse(text: str) -> Parsed:
    """Reads 1,234.5 · １２３ · (12) · ￥5 · 12.5% · 50亩; anything else but a blank is bad.

    >>> parse("１，２３４．５").value, parse("（12）").value, parse("12.5%")
    (Decimal('1234.5'), Decimal('-12'), Parsed(value=Decimal('12.5'), unit='percent', bad=False))
    >>> parse("—"), parse("12,34").bad, parse("约50").bad
    (Parsed(value=None, unit='', bad=False), True, True)
    """
    if _PLAIN.fullmatch(text) and len(text) <= _EXACT_DIGITS:
        return Parsed(Decimal(text))
    if is_missing(text):
        return Parsed(None)
    if _has_small_digits(text):
        return Parsed(None, bad=True)
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().lstrip("'").strip()
    negative = plain.startswith("(") and plain.endswith(")")
    if negative:
        plain = plain[1:-1].strip()
    plain = plain.lstrip("¥$").strip()
    unit = ""
    value = _value(plain)
    if value is None and (match := _WITH_UNIT.fullmatch(plain)):
        unit = unit_named(match[2])
        value = _value(match[1].strip()) if unit else None
    if value is None or (negative and value < 0):
        return Parsed(None, bad=True)
    return Parsed(-value if negative else value, unit)


def _has_small_digits(text: str) -> bool:
    """Whether a footnote sign, a power or a fraction (① ² ½) would be folded into the number.

    >>> _has_small_digits("1234①"), _has_small_digits("50m²")
    (True, False)
    """
    return not text.isascii() and any(
        unicodedata.category(char) == "No" and not before.isalpha()
        for before, char in zip(f" {text}", text, strict=False)
    )


def _value(plain: str) -> Decimal | None:
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[, ']", "", plain)
    if not _PLAIN.fullmatch(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:  # an exponent beyond what a decimal holds
        return None


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers: ``values`` (NaN missing), the cell's own unit where it wrote one,
    ``bad`` where a cell holds something that is no number, ``exact`` for what a float loses.
    """

    values: npt.NDArray[np.float64]
    unit: npt.NDArray[np.object_]
    bad: npt.NDArray[np.bool_]
    exact: dict[int, Decimal] = field(default_factory=dict)


def numbers(cells: Cells) -> Numbers:
    """A column as numbers, in any form that it was read in; never raises."""
    if not isinstance(cells, np.ndarray):
        return _of_texts(cells)
    if cells.dtype != object:
        return _of_floats(cells) if cells.dtype == np.float64 else _of_integers(cells)
    count = len(cells)
    values, unit = np.full(count, np.nan), np.full(count, "", dtype=object)
    bad = np.zeros(count, dtype=bool)
    exact: dict[int, Decimal] = {}
    is_text, which, distinct = distinct_texts(cells)
    read = _texts_as_numbers(distinct)
    values[is_text], unit[is_text], bad[is_text] = (
        read.values[which],
        read.unit[which],
        read.bad[which],
    )
    written = np.flatnonzero(is_text)
    for place in np.flatnonzero(np.isin(which, list(read.exact))):
        exact[int(written[place])] = read.exact[int(which[place])]
    others = np.flatnonzero(~is_text)
    is_float = np.fromiter((type(cell) is float for cell in cells[others]), bool, len(others))
    plain = others[is_float]
    values[plain] = cells[plain].astype(np.float64)
    bad[plain] = np.isinf(values[plain])
    for index in others[~is_float]:
        cell = cells[index]
        kind = type(cell)
        if kind is int or kind is Decimal or isinstance(cell, np.integer | np.floating):
            _put(int(index), Decimal(str(cell)), values, exact)
            bad[index] = math.isinf(values[index])
        elif cell is not None:
            bad[index] = True
    values[bad] = np.nan
    return Numbers(values, unit, bad, exact)


def _no_units(count: int) -> npt.NDArray[np.object_]:
    """What :attr:`Numbers.unit` is where no cell wrote one: a view of a single blank."""
    return np.broadcast_to(np.array("", dtype=object), count)


def _of_floats(values: npt.NDArray[np.float64]) -> Numbers:
    bad = np.isinf(values)
    kept = np.where(bad, np.nan, values) if bad.any() else values
    return Numbers(kept, _no_units(len(values)), bad)


def _of_integers(values: npt.NDArray[np.int64]) -> Numbers:
    as_float = values.astype(np.float64)
    long = np.flatnonzero(np.abs(as_float) >= 10.0**_EXACT_DIGITS)
    exact = {int(index): Decimal(int(values[index])) for index in long}
    return Numbers(as_float, _no_units(len(values)), np.zeros(len(values), bool), exact)


def _of_texts(cells: Texts) -> Numbers:
    """Each distinct text once; a null is missing."""
    which, found = distinct(cells)
    read = _texts_as_numbers(np.array([*found.to_pylist(), ""], dtype=object))
    exact: dict[int, Decimal] = {}
    for place in np.flatnonzero(np.isin(which, list(read.exact))):
        exact[int(place)] = read.exact[int(which[place])]
    values = np.where(read.bad, np.nan, read.values)
    return Numbers(values[which], read.unit[which], read.bad[which], exact)


def _texts_as_numbers(distinct: npt.NDArray[np.object_]) -> Numbers:
    """Texts by :func:`parse`; short plain numbers, which are nearly all, at once."""
    count = len(distinct)
    values, unit = np.full(count, np.nan), np.full(count, "", dtype=object)
    bad = np.zeros(count, dtype=bool)
    exact: dict[int, Decimal] = {}
    plain = has_form(distinct, _SHORT_PLAIN)
    values[plain] = np.fromiter(map(float, distinct[plain]), np.float64, int(plain.sum()))
    for index in np.flatnonzero(~plain):
        one = parse(distinct[index])
        bad[index], unit[index] = one.bad, one.unit
        if one.value is not None:
            _put(int(index), one.value, values, exact)
    return Numbers(values, unit, bad, exact)


def _put(
    index: int, value: Decimal, values: npt.NDArray[np.float64], exact: dict[int, Decimal]
) -> None:
    values[index] = float(value) if not value.is_nan() else np.nan
    if value.is_finite() and len(value.as_tuple().digits) > _EXACT_DIGITS:
        exact[index] = value


class Large(NamedTuple):
    """How much a column of millionths is together, whatever the signs; its largest cell by its
    amount and the place of it, as the keywords of ``IssueLog.add``.
    """

    total: float
    largest: int
    place: Mapping[str, object]

    @staticmethod
    def whole(parts: Sequence[Large]) -> Large:
        """The column of which these are the parts, in the order of its rows."""
        largest = max(parts, key=lambda one: one.largest)
        return Large(math.fsum(one.total for one in parts), largest.largest, largest.place)

    def report(self, log: IssueLog) -> None:
        """An error where sums of such columns could leave the integers of the program."""
        if self.total > _LARGEST_SUM:
            log.add("intake_tables.column_too_large", **self.place)


def together(
    micro: npt.NDArray[np.int64],
    counts: npt.NDArray[np.bool_],
    place: Callable[[int], Mapping[str, object]],
) -> Large:
    """The column as :class:`Large`; only the rows in ``counts`` do."""
    if not counts.any():
        return Large(0.0, -1, {})
    size = np.abs(micro)
    if not counts.all():
        size[~counts] = -1
    index = int(np.argmax(size))
    total = size if counts.all() else size[counts]
    return Large(float(total.astype(np.float64).sum()), int(size[index]), place(index))


def to_millionths(
    read: Numbers, unit: str, target: str, coefficient: Fraction = Fraction(1)
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Values in ``unit`` as exact millionths of ``target``: amounts, which are present, which bad.

    A cell that names its own unit must agree with the column's; a percent sign is understood in
    a column of plain numbers. ``coefficient`` is applied before the one rounding. A value too
    large for the program's integers is bad.
    """
    scale = factor(unit, target) * coefficient
    bad = read.bad | np.isinf(read.values)
    own = np.flatnonzero(read.unit != "") if read.unit.strides != (0,) else ()
    differing: dict[int, Fraction] = {}
    for index in own:
        written = str(read.unit[index])
        if written == unit:
            continue
        numeric = UNITS[unit].dimension == "number" and written in UNITS
        if numeric and UNITS[written].dimension == "number":
            differing[int(index)] = factor(written, target) * coefficient
        else:
            bad[index] = True
    with np.errstate(over="ignore"):
        bad |= np.abs(read.values) * float(scale * MICRO) > float(_LARGEST)
    present = ~np.isnan(read.values) & ~bad
    if present.all():
        amounts = to_micro(read.values, scale)
    else:
        amounts = np.zeros(len(read.values), dtype=np.int64)
        amounts[present] = to_micro(read.values[present], scale)
    for place in sorted({*differing, *read.exact}):
        if present[place]:
            value = read.exact.get(place, float(read.values[place]))
            amounts[place] = exact_micro(value, differing.get(place, scale))
    return amounts, present, bad

"""A figure as a report states it: its value, how finely it is stated, and how it is hedged."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from landuse.errors import UserError
from landuse.stated.intervals import Interval

__all__ = ["COUNTS", "UNITS", "Figure", "read_figure"]

UNITS: Final[dict[str, tuple[str, Fraction]]] = {
    "": ("", Fraction(1)),
    "%": ("%", Fraction(1, 100)),
    "个百分点": ("%", Fraction(1, 100)),
    "百分点": ("%", Fraction(1, 100)),
    "元": ("wan", Fraction(1, 10_000)),
    "千元": ("wan", Fraction(1, 10)),
    "万元": ("wan", Fraction(1)),
    "万": ("wan", Fraction(1)),
    "百万元": ("wan", Fraction(100)),
    "亿元": ("wan", Fraction(10_000)),
    "亿": ("wan", Fraction(10_000)),
    "亩": ("mu", Fraction(1)),
    "万亩": ("mu", Fraction(10_000)),
    "公顷": ("mu", Fraction(15)),
    "平方公里": ("mu", Fraction(1500)),
    "平方米": ("m2", Fraction(1)),
    "m2": ("m2", Fraction(1)),
    "万平方米": ("m2", Fraction(10_000)),
    "万m2": ("m2", Fraction(10_000)),
    "万元/亩": ("wan/mu", Fraction(1)),
}
"""Unit as written (folded) → quantity and factor to 万元, 亩, ㎡, 1."""

COUNTS: Final = frozenset({"家", "户", "个", "宗", "件", "人", "块", "项", "栋", "幢"})
"""Units of things that are counted: a whole number of them is exact, never rounded."""

_LOWER: Final = ("超过", "超", "逾", "多于", "大于", "高于", "不少于", "不低于", "至少")
_UPPER: Final = ("不足", "不到", "低于", "少于", "小于", "不超过", "不高于", "至多", "近")
_NEAR: Final = ("约", "大约", "大概", "左右", "上下", "接近")
_AFTER_LOWER: Final = ("多", "余", "以上")
_AFTER_UPPER: Final = ("以下", "以内", "之内")
_NUMBER: Final = re.compile(r"([+-]?)(\d{1,3}(?:[, ]\d{3})+|\d+)(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Figure:
    """What a stated text says. ``value`` and ``step`` (one unit of its last digit) are in the
    base unit of ``quantity``; ``bound``: exact | near | at_least | at_most; ``digits`` is the
    number of decimals as written, ``factor`` of the unit as written (to show results alike)."""

    text: str
    value: Fraction
    step: Fraction
    quantity: str
    bound: str
    digits: int
    unit: str
    factor: Fraction

    @property
    def interval(self) -> Interval:
        """The values it may stand for: half a step either way, or two steps where it says 约 or
        近 (ours), or no end where it only names a bound. Counted things are exact."""
        if self.bound == "at_least":
            return Interval(self.value - self.step / 2, None)
        if self.bound == "at_most":
            return Interval(None, self.value + self.step / 2)
        room = self.step * 2 if self.bound == "near" else self.step / 2
        return Interval(self.value - room, self.value + room)

    def show(self, value: Fraction, digits: int | None = None) -> str:
        """``value`` (base unit) as this text would write it, half up.

        >>> read_figure("39.87 %").show(Fraction(2492, 6000))
        '41.53 %'
        """
        places = self.digits if digits is None else digits
        scaled = value / self.factor * 10**places
        whole = int(abs(scaled) + Fraction(1, 2))
        sign = "-" if scaled < 0 and whole else ""
        text = str(whole).rjust(places + 1, "0")
        number = f"{text[:-places]}.{text[-places:]}" if places else text
        return f"{sign}{number}{' ' if self.unit else ''}{self.unit}"


def read_figure(text: str, unit: str = "") -> Figure:
    """What ``text`` states; ``unit`` is that of its column where the text has none.

    约 and 接近 are kept as near, 近 and 不足 as upper bounds, 超, 多 and 以上 as lower bounds.
    Raises :class:`landuse.errors.UserError` where it holds no number, several, or an unknown unit.

    >>> one = read_figure("约1.78万亩")
    >>> one.value, one.step, one.bound
    (Fraction(17800, 1), Fraction(100, 1), 'near')
    >>> read_figure("+48.9 %").value
    Fraction(489, 1000)
    >>> read_figure("386家").interval.low
    Fraction(386, 1)
    """
    folded = unicodedata.normalize("NFKC", text).replace("㎡", "m2").replace("m²", "m2").strip()
    found = list(_NUMBER.finditer(folded.replace("m2", "m")))
    if len(found) != 1:
        raise UserError.of("stated.no_number", value=text, n=len(found))
    match = _NUMBER.search(folded)
    assert match is not None
    before, after = folded[: match.start()], folded[match.end() :]
    bound, written = _bound(before.strip(), after.replace(" ", ""))
    named = written or unit.strip()
    whole = match[2].replace(",", "").replace(" ", "")
    decimals = (match[3] or "").removeprefix(".")
    if named in COUNTS:
        quantity, factor, step = named, Fraction(1), Fraction(0)
    elif named in UNITS:
        (quantity, factor), step = UNITS[named], Fraction(1, 10 ** len(decimals))
    else:
        known = "、".join(key for key in UNITS if key)
        raise UserError.of("stated.unknown_unit", value=text, unit=named, known=known)
    value = Fraction(f"{whole}{match[3] or ''}") * (-1 if match[1] == "-" else 1)
    return Figure(
        text.strip(), value * factor, step * factor, quantity, bound, len(decimals), named, factor
    )


def _bound(before: str, after: str) -> tuple[str, str]:
    """The hedge of a figure and its unit without the hedge."""
    unit = after.removesuffix("左右").removesuffix("上下")
    near = unit != after
    for ending in _AFTER_LOWER:
        if unit.endswith(ending) or unit.startswith(ending):
            return "at_least", unit.removesuffix(ending).removeprefix(ending)
    for ending in _AFTER_UPPER:
        if unit.endswith(ending):
            return "at_most", unit.removesuffix(ending)
    if near or before.endswith(_NEAR):
        return "near", unit
    if before.endswith(("不足", "不到", *_UPPER)) and not before.endswith(("不少于", "不低于")):
        return "at_most", unit
    if before.endswith(_LOWER):
        return "at_least", unit
    return "exact", unit

"""A figure as a report states it: its value, how finely it is stated, and how it is hedged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from landuse.errors import UserError
from landuse.stated.intervals import Interval
from landuse.stated.wording import Said, words_of

__all__ = ["COUNTS", "UNITS", "Figure", "read_figure"]

UNITS: Final[dict[str, tuple[str, Fraction]]] = {
    "": ("", Fraction(1)),
    "%": ("%", Fraction(1, 100)),
    "‰": ("%", Fraction(1, 1000)),
    "个百分点": ("%", Fraction(1, 100)),
    "百分点": ("%", Fraction(1, 100)),
    "成": ("%", Fraction(1, 10)),
    "倍": ("%", Fraction(1)),
    "元": ("wan", Fraction(1, 10_000)),
    "千元": ("wan", Fraction(1, 10)),
    "万元": ("wan", Fraction(1)),
    "万": ("wan", Fraction(1)),
    "百万元": ("wan", Fraction(100)),
    "千万元": ("wan", Fraction(1000)),
    "亿元": ("wan", Fraction(10_000)),
    "亿": ("wan", Fraction(10_000)),
    "亩": ("mu", Fraction(1)),
    "万亩": ("mu", Fraction(10_000)),
    "公顷": ("mu", Fraction(15)),
    "平方公里": ("mu", Fraction(1500)),
    "平方米": ("m2", Fraction(1)),
    "平米": ("m2", Fraction(1)),
    "m2": ("m2", Fraction(1)),
    "万平方米": ("m2", Fraction(10_000)),
    "万平米": ("m2", Fraction(10_000)),
    "万m2": ("m2", Fraction(10_000)),
    "万元/亩": ("wan/mu", Fraction(1)),
    "人/亩": ("人/mu", Fraction(1)),
}
"""Unit as written (folded) → quantity and factor to 万元, 亩, ㎡, 1. Growth of 1.5 倍 is 150 %."""

COUNTS: Final[dict[str, str]] = {
    "家": "家", "户": "家", "个": "个", "项": "个", "件": "个", "宗": "宗", "块": "宗", "人": "人",
    "栋": "栋", "幢": "栋",
}  # fmt: skip
"""Units of things that are counted, and what they count: a whole number is exact, not rounded."""

_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """What a stated text says. ``value`` and ``step`` (one unit of its last digit; 0 of counted
    things) are in the base unit of ``quantity``; ``bound``: exact | near | at_least | at_most |
    range (``value`` to ``upper``); ``digits`` is the number of decimals as written, ``factor`` of
    the unit as written (to show results alike). ``beyond``: a count that must lie past its bound
    (超过 30 家 are 31)."""

    text: str
    value: Fraction
    step: Fraction
    quantity: str
    bound: str
    digits: int
    unit: str
    factor: Fraction
    upper: Fraction | None = None
    beyond: bool = False

    @property
    def interval(self) -> Interval:
        """The values it may stand for: half a step either way; all from or up to the line that a
        bound names; 约 see :meth:`_room`. Counted things are exact."""
        past = 1 if self.beyond and not self.step else 0
        if self.bound == "at_least":
            return Interval(self.value + past, None)
        if self.bound == "at_most":
            return Interval(None, self.value - past)
        room = self._room() if self.bound == "near" else self.step / 2
        return Interval(self.value - room, (self.upper or self.value) + room)

    def _room(self) -> Fraction:
        """How far 约 reaches (ours): two units of the last digit, or half a unit of the last digit
        that is no zero, of the second one at the most: 约 248 亿 ± 2 亿, 约 2000 亩 ± 50 亩."""
        unit = self.step or self.factor
        units = abs(self.value / unit)
        place = 1
        while units >= place * 100 and units % (place * 10) == 0:
            place *= 10
        return unit * max(Fraction(2), Fraction(place, 2))

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

    约 and 接近 are kept as near, 近 and 不足 as upper bounds, 超, 多 and 以上 as lower bounds,
    3—5 as a range; 下降 3 % is −3 %; Chinese numerals are read where there is no other digit.
    Raises :class:`landuse.errors.UserError` where it holds no number, several, or an unknown unit.

    >>> one = read_figure("约1.78万亩")
    >>> one.value, one.step, one.bound
    (Fraction(17800, 1), Fraction(100, 1), 'near')
    >>> read_figure("+48.9 %").value, read_figure("同比下降3%").value
    (Fraction(489, 1000), Fraction(-3, 100))
    >>> read_figure("386家").interval.low, read_figure("超过三十家").interval.low
    (Fraction(386, 1), Fraction(31, 1))
    """
    said = words_of(text)
    if said.found != 1 or len(said.number) > _LONGEST or len(said.upper) > _LONGEST:
        raise UserError.of("stated.no_number", value=text[:_LONGEST], n=said.found)
    named = said.unit or unit.strip()
    quantity, factor, exact = _unit(text, named)
    decimals = max(len(one.partition(".")[2]) for one in (said.number, said.upper))
    step = Fraction(0) if exact else Fraction(1, 10**decimals)
    value = Fraction(said.number)
    if said.falls and quantity == "%":
        value = -value
    return Figure(
        text.strip(), value * factor, step * factor, quantity, said.bound, decimals, named, factor,
        _upper(said, value, factor, text), said.beyond,
    )  # fmt: skip


def _upper(said: Said, value: Fraction, factor: Fraction, text: str) -> Fraction | None:
    if not said.upper:
        return None
    upper = Fraction(said.upper)
    if upper <= value:
        raise UserError.of("stated.no_number", value=text[:_LONGEST], n=2)
    return upper * factor


def _unit(text: str, named: str) -> tuple[str, Fraction, bool]:
    """Quantity, factor, and whether a number of it is exact."""
    if named in COUNTS:
        return COUNTS[named], Fraction(1), True
    if named in UNITS:
        return (*UNITS[named], False)
    many = re.fullmatch(r"([万亿])(.)", named)
    if many and many[2] in COUNTS:
        return COUNTS[many[2]], Fraction(10_000 if many[1] == "万" else 10**8), False
    known = "、".join(key for key in UNITS if key)
    raise UserError.of("stated.unknown_unit", value=text, unit=named, known=known)

"""Closed intervals of exact fractions: all values that a rounded figure may stand for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Interval", "exactly"]


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from ``low`` to ``high``; ``None`` is without end on that side.

    The result of an operation holds every result that its operands can give.

    >>> a = Interval(Fraction(1), Fraction(2))
    >>> (a - a).low, (a * a).high
    (Fraction(-1, 1), Fraction(4, 1))
    """

    low: Fraction | None
    high: Fraction | None

    def __add__(self, other: Interval) -> Interval:
        return Interval(_sum(self.low, other.low), _sum(self.high, other.high))

    def __neg__(self) -> Interval:
        return Interval(_minus(self.high), _minus(self.low))

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        ends = _ends(self, other)
        if ends is None:
            return Interval(None, None)
        (a, b), (c, d) = ends
        products = [a * c, a * d, b * c, b * d]
        return Interval(min(products), max(products))

    def __truediv__(self, other: Interval) -> Interval:
        if other.holds(Fraction(0)) or None in (other.low, other.high):
            return Interval(None, None)
        assert other.low is not None
        assert other.high is not None
        return self * Interval(1 / other.high, 1 / other.low)

    def holds(self, value: Fraction) -> bool:
        """Whether ``value`` is in it, ends included."""
        above = self.low is None or self.low <= value
        return above and (self.high is None or value <= self.high)

    def meets(self, other: Interval) -> bool:
        """Whether a value lies in both."""
        one = self.low is None or other.high is None or self.low <= other.high
        return one and (other.low is None or self.high is None or other.low <= self.high)

    @property
    def bounded(self) -> bool:
        """Whether it ends on both sides."""
        return self.low is not None and self.high is not None


def exactly(value: Fraction | int) -> Interval:
    """The interval of one value."""
    return Interval(Fraction(value), Fraction(value))


def _sum(one: Fraction | None, two: Fraction | None) -> Fraction | None:
    return None if one is None or two is None else one + two


def _minus(value: Fraction | None) -> Fraction | None:
    return None if value is None else -value


def _ends(
    one: Interval, two: Interval
) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]] | None:
    if one.low is None or one.high is None or two.low is None or two.high is None:
        return None
    return (one.low, one.high), (two.low, two.high)

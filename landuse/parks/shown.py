"""Exact quantities as a report shows them: rounded once, half up, at the digits asked for."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "UNITS",
    "half_up",
    "joined",
    "mu",
    "mu_text",
    "number",
    "percent_text",
    "ratio",
    "wan_text",
]

UNITS: Final[dict[str, Fraction]] = {
    "1": Fraction(1),
    "percent": Fraction(100),
    "wan/mu": Fraction(2000, 3),
    "wan/ha": Fraction(10_000),
    "person/mu": Fraction(2000, 3),
    "person/ha": Fraction(10_000),
}
"""Unit of a ratio → factor on numerator ÷ denominator in base units (m², 万元, persons)."""


def number(value: object) -> int | None:
    """A cell of an ``Int64`` column as an integer, ``None`` where it is missing."""
    return int(value) if isinstance(value, int) or hasattr(value, "__index__") else None


def half_up(value: Fraction, digits: int) -> str:
    """``value`` with ``digits`` decimals; halves away from zero, no minus before a zero.

    >>> half_up(Fraction(2492, 6000) * 100, 2), half_up(Fraction(-1, 2), 0)
    ('41.53', '-1')
    >>> half_up(Fraction(-1, 9), 0)
    '0'
    """
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = str(whole).rjust(digits + 1, "0")
    shown = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"-{shown}" if value < 0 and whole else shown


def mu(area_micro: int) -> Fraction:
    """An area in 10⁻⁶ m² as mu, exactly."""
    return Fraction(area_micro * 3, 2_000_000_000)


def mu_text(area_micro: int | None, digits: int = 2) -> str:
    """An area in mu; "" where it is missing.

    >>> mu_text(666_666_667), mu_text(None)
    ('1.00', '')
    """
    return "" if area_micro is None else half_up(mu(area_micro), digits)


def wan_text(wan_micro: int | None, digits: int = 2) -> str:
    """Money in 万元; "" where it is missing."""
    return "" if wan_micro is None else half_up(Fraction(wan_micro, 1_000_000), digits)


def ratio(part: int | None, whole: int | None) -> Fraction | None:
    """part ÷ whole; ``None`` where one is missing or the whole is not above zero."""
    return None if part is None or whole is None or whole <= 0 else Fraction(part, whole)


def percent_text(part: int | None, whole: int | None, digits: int = 2) -> str:
    """part ÷ whole in percent without the sign; "" where it cannot be told.

    >>> percent_text(595, 1150), percent_text(1, 0)
    ('51.74', '')
    """
    share = ratio(part, whole)
    return "" if share is None else half_up(share * 100, digits)


def joined(codes: Iterable[str]) -> str:
    """Codes as one cell."""
    return "; ".join(codes)

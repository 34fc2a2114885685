"""Exact quantities as scaled integers, as a form states them.

A form states mu to 4 decimals, 万元 to 6 and floor area (m²) to 2 (method, section 8). The database
holds them as whole numbers of that last decimal, so that a total is a sum of integers: column names
end in ``_mu_e4``, ``_wan_e6`` and ``_m2_e2``.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from landuse.errors import UserError

__all__ = [
    "FLOOR_M2",
    "MU",
    "WAN",
    "mu_e4_from_micro",
    "mu_e4_from_micro_array",
    "parse",
    "to_decimal",
    "to_float",
    "to_text",
]

MU: Final = 4
"""Decimals of an area in mu."""
WAN: Final = 6
"""Decimals of an amount in 万元."""
FLOOR_M2: Final = 2
"""Decimals of a floor area in m²."""

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_LARGEST: Final = 2**63 - 1


def parse(value: str | float | Decimal, places: int, **place: object) -> int:
    """``value`` as a whole number of its last stated decimal, never rounded.

    A float is taken at the 15 significant digits that a spreadsheet shows. ``place`` (``file``,
    ``row``, ``column`` ...) goes into the message. Raises :class:`~landuse.errors.UserError` where
    ``value`` is no number, has more decimals than ``places``, or is too large.

    >>> parse("12.3456", MU), parse("1,029.14", MU), parse(44000, FLOOR_M2), parse("12.50000", MU)
    (123456, 10291400, 4400000, 125000)
    """
    number = _decimal(value, place)
    scaled = Fraction(number) * 10**places
    if scaled.denominator != 1:
        raise UserError.of(
            "ledger.too_many_decimals", **{"value": value, "places": places, **place}
        )
    if abs(scaled) > _LARGEST:
        raise UserError.of("ledger.number_too_large", **{"value": value, **place})
    return int(scaled)


def _decimal(value: str | float | Decimal, place: dict[str, object]) -> Decimal:
    if isinstance(value, float):
        written = f"{value:.15g}"
    else:
        written = unicodedata.normalize("NFKC", str(value)).strip()
    if _GROUPED.fullmatch(written):
        written = written.replace(",", "")
    if not _NUMBER.fullmatch(written):
        raise UserError.of("ledger.not_a_number", **{"value": value, **place})
    return Decimal(written)


def to_decimal(scaled: int, places: int) -> Decimal:
    """The quantity itself, exactly, with all its decimals.

    >>> to_decimal(123456, MU)
    Decimal('12.3456')
    """
    return Decimal(scaled).scaleb(-places)


def to_text(scaled: int | None, places: int, *, least: int = 0) -> str:
    """The quantity as a form shows it: no more zeros than ``least`` decimals ask for; "" if none.

    >>> to_text(10291400, MU), to_text(5360000, MU, least=2), to_text(None, MU), to_text(-5, MU)
    ('1029.14', '536.00', '', '-0.0005')
    """
    if scaled is None:
        return ""
    whole, _, decimals = f"{to_decimal(scaled, places):f}".partition(".")
    kept = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{kept}" if kept else whole


def to_float(scaled: int, places: int) -> float:
    """The nearest float, for tables and drawings (never for sums).

    >>> to_float(123456, MU)
    12.3456
    """
    return float(scaled / 10**places)


def mu_e4_from_micro(area_micro: int) -> int:
    """An area in 10⁻⁶ m² as mu at 4 decimals, half to even (1 mu = 2000/3 m²).

    >>> mu_e4_from_micro(666_666_667), mu_e4_from_micro(2_000_000_000)
    (10000, 30000)
    """
    exact = Decimal(area_micro) * 3 / 200_000
    return int(exact.to_integral_value(rounding=ROUND_HALF_EVEN))


def mu_e4_from_micro_array(area_micro: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """:func:`mu_e4_from_micro` of an array, in integer arithmetic.

    >>> mu_e4_from_micro_array(np.array([666_666_667, 100_000, 300_000])).tolist()
    [10000, 2, 4]
    """
    whole, rest = np.divmod(area_micro, 200_000)  # keeps 3 × rest far from overflow
    quotient, remainder = np.divmod(rest * 3, 200_000)
    result = whole * 3 + quotient
    up = (remainder > 100_000) | ((remainder == 100_000) & (result % 2 == 1))
    return np.asarray(result + up, dtype=np.int64)

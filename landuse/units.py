"""Units as exact fractions, and fixed-point integers.

Every quantity inside the program is an integer number of millionths of its unit (10⁻⁶ m²,
10⁻⁶ 万元, 10⁻⁶ tce), so that no order of summation can show in a single bit (method, section 5).
Columns that hold such integers end in ``_micro``.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "MICRO",
    "MU_IN_M2",
    "UNITS",
    "Unit",
    "exact_micro",
    "factor",
    "micro_to_float",
    "mu_from_micro",
    "to_micro",
]

MICRO: Final = 1_000_000
_BLOCK: Final = 1 << 14
"""Values at a time: what is computed of them stays in the cache of the processor."""
MU_IN_M2: Final = Fraction(2000, 3)
"""One mu is 2000/3 m² exactly (1/15 ha)."""


class Unit(NamedTuple):
    """A unit: its dimension and how many base units it is."""

    dimension: str
    in_base: Fraction


def _u(dimension: str, value: str | int | Fraction) -> Unit:
    return Unit(dimension, Fraction(value))


UNITS: Final[dict[str, Unit]] = {
    # money, base 万元
    "yuan": _u("money", "1/10000"),
    "thousand_yuan": _u("money", "1/10"),
    "wan": _u("money", 1),
    "million_yuan": _u("money", 100),
    "yi": _u("money", 10000),
    # area, base m²
    "m2": _u("area", 1),
    "10000m2": _u("area", 10000),
    "mu": _u("area", MU_IN_M2),
    "10000mu": _u("area", 10000 * MU_IN_M2),
    "ha": _u("area", 10000),
    "km2": _u("area", 1_000_000),
    "ft2": _u("area", "0.09290304"),
    # money per area, base 万元/亩
    "wan/mu": _u("money per area", 1),
    "wan/ha": _u("money per area", "1/15"),
    "yuan/m2": _u("money per area", "1/15"),
    "yuan/mu": _u("money per area", "1/10000"),
    # coal equivalent, base tonne
    "tce": _u("coal", 1),
    "kgce": _u("coal", "1/1000"),
    "10000tce": _u("coal", 10000),
    # electricity, base kWh
    "kWh": _u("electricity", 1),
    "MWh": _u("electricity", 1000),
    "10000kWh": _u("electricity", 10000),
    "GWh": _u("electricity", 1_000_000),
    # heat, base MJ
    "MJ": _u("heat", 1),
    "GJ": _u("heat", 1000),
    "TJ": _u("heat", 1_000_000),
    "kBtu": _u("heat", "1.05505585262"),
    "MMBtu": _u("heat", "1055.05585262"),
    "therm": _u("heat", "105.505585262"),
    "kcal": _u("heat", "0.0041868"),
    # mass, base kg
    "kg": _u("mass", 1),
    "t": _u("mass", 1000),
    "10000t": _u("mass", 10_000_000),
    # volume, base m³
    "m3": _u("volume", 1),
    "10000m3": _u("volume", 10000),
    # counts and plain numbers
    "person": _u("count", 1),
    "10000person": _u("count", 10000),
    "1": _u("number", 1),
    "percent": _u("number", "1/100"),
}


def factor(source: str, target: str) -> Fraction:
    """How many ``target`` one ``source`` is; ``ValueError`` across dimensions.

    >>> factor("ha", "mu")
    Fraction(15, 1)
    >>> factor("yi", "wan")
    Fraction(10000, 1)
    """
    left, right = UNITS[source], UNITS[target]
    if left.dimension != right.dimension:
        raise ValueError(f"{source} is {left.dimension}, {target} is {right.dimension}")
    return left.in_base / right.in_base


def exact_micro(value: str | int | float | Decimal, scale: Fraction = Fraction(1)) -> int:
    """``value`` × ``scale`` in millionths, half to even, computed without rounding on the way.

    A float is taken as the shortest decimal that a person would read.

    >>> exact_micro("12.345", Fraction(1, 10000))
    1234
    >>> exact_micro(0.1)
    100000
    """
    decimal = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return round(Fraction(decimal) * scale * MICRO)


def to_micro(
    values: npt.NDArray[np.float64], scale: Fraction = Fraction(1)
) -> npt.NDArray[np.int64]:
    """An array of finite floats × ``scale`` in millionths, equal to :func:`exact_micro` on each.

    The bulk is done in floating point; values that lie near a half are done exactly.

    >>> to_micro(np.array([1.5, 12.345]), Fraction(1, 10000)).tolist()
    [150, 1234]
    """
    result = np.empty(len(values), dtype=np.int64)
    for start in range(0, len(values), _BLOCK):
        block = slice(start, start + _BLOCK)
        scaled = values[block] * float(scale * MICRO)
        result[block] = np.rint(scaled)
        slack = np.maximum(np.abs(scaled) * 1e-15, 1e-9) * 4
        doubtful = np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) <= slack
        doubtful |= np.abs(scaled) > 2**51
        for index in np.flatnonzero(doubtful) + start:
            result[index] = exact_micro(float(values[index]), scale)
    return result


def micro_to_float(values: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Millionths as a float in the unit itself, correctly rounded below 2⁵³."""
    return np.asarray(values / float(MICRO), dtype=np.float64)


def mu_from_micro(values: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """10⁻⁶ m² as mu.

    >>> mu_from_micro(np.array([2_000_000_000])).tolist()
    [3.0]
    """
    return np.asarray(values * 3.0 / 2e9, dtype=np.float64)

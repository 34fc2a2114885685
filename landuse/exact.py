"""Sums that show neither the order of the rows nor how they were split; exact comparisons."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["below", "group_fsum", "group_isum", "total"]

_LARGE: Final = 256
"""So many values a group are worth adding as whole numbers."""
_BITS: Final = 53
_HALF: Final = 26


def below(part: int, whole: int, line: Fraction) -> bool:
    """Whether part ÷ whole < ``line``, both in millionths of a unit and rounded to these.

    True only where it holds whatever was rounded off: 20 mu of 60 mu are 13 333.333333 m² of
    40 000 m², and a third remains a third.

    >>> below(13_333_333_333, 40_000_000_000, Fraction(1, 3))
    False
    >>> below(13_333_330_000, 40_000_000_000, Fraction(1, 3))
    True
    """
    return (2 * part + 1) * line.denominator < (2 * whole - 1) * line.numerator


def group_isum(
    values: npt.NDArray[np.int64], codes: npt.NDArray[np.intp], groups: int
) -> npt.NDArray[np.int64]:
    """Sum of integers in each of ``groups`` groups; ``codes`` gives the group of each value.

    >>> group_isum(np.array([1, 2, 4]), np.array([1, 0, 1]), 3).tolist()
    [2, 5, 0]
    """
    out = np.zeros(groups, dtype=np.int64)
    np.add.at(out, codes, values)
    return out


def group_fsum(
    values: npt.NDArray[np.float64], codes: npt.NDArray[np.intp], groups: int
) -> npt.NDArray[np.float64]:
    """Exactly rounded sum of floats in each group (Shewchuk), whatever their order.

    >>> group_fsum(np.array([1e16, 1.0, -1e16]), np.array([0, 0, 0]), 1).tolist()
    [1.0]
    """
    if 0 < groups * _LARGE <= len(values):
        sums = _sums_of_digits(values, codes, groups)
        if sums is not None:
            return sums
    rising = bool((codes[1:] >= codes[:-1]).all())
    ordered = values if rising else values[np.argsort(codes, kind="stable")]
    counts = np.bincount(codes, minlength=groups)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.intp)
    out = np.zeros(groups)
    one, two = counts == 1, counts == 2
    out[one] = ordered[starts[one]]
    out[two] = ordered[starts[two]] + ordered[starts[two] + 1]
    for group in np.flatnonzero(counts > 2):
        out[group] = math.fsum(ordered[starts[group] : starts[group] + counts[group]].tolist())
    return out


def total(values: npt.NDArray[np.float64]) -> float:
    """Exactly rounded sum of all values.

    >>> total(np.array([0.1] * 10))
    1.0
    """
    if len(values) >= _LARGE:
        sums = _sums_of_digits(values, np.zeros(len(values), dtype=np.intp), 1)
        if sums is not None:
            return float(sums[0])
    return math.fsum(values.tolist())


def _sums_of_digits(
    values: npt.NDArray[np.float64], codes: npt.NDArray[np.intp], groups: int
) -> npt.NDArray[np.float64] | None:
    """The sums of large groups from whole numbers: no Python object for a value, no sort.

    A float is a whole number of 53 bits times a power of two; those of one group and power add up
    in two halves that cannot overflow. ``None`` where a value is not finite, or the powers are so
    many that this would be more work.
    """
    mantissa, exponent = np.frexp(values)
    if not np.isfinite(mantissa).all():
        return None
    lowest = int(exponent.min())
    powers = int(exponent.max()) - lowest + 1
    if groups * powers > len(values):
        return None
    digits = np.ldexp(mantissa, _BITS).astype(np.int64)
    key = codes * powers + (exponent - lowest)
    high = group_isum(digits >> _HALF, key, groups * powers)
    low = group_isum(digits & ((1 << _HALF) - 1), key, groups * powers)
    whole = [0] * groups
    for at in np.flatnonzero(high | low).tolist():
        group, power = divmod(at, powers)
        whole[group] += ((int(high[at]) << _HALF) + int(low[at])) << power
    unit = Fraction(2) ** (lowest - _BITS)
    return np.array([float(one * unit) for one in whole])

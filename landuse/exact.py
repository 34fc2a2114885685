"""Sums that show neither the order of the rows nor how they were split; exact comparisons."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

__all__ = ["below", "group_fsum", "group_isum", "total"]


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
    return math.fsum(values.tolist())

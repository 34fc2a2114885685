"""The reference price of a whole from sums of its parts (method, section 5)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["price_of", "weighted"]

_DIGITS: Final = 53
_SHIFT: Final = 1126


def weighted(price: npt.NDArray[np.float64], area_micro: npt.NDArray[np.int64]) -> tuple[int, int]:
    """``Σ area·price`` exactly, in 2^-1126 of its unit, and ``Σ area``.

    >>> value, area = weighted(np.array([480.0, 240.0]), np.array([50, 50]))
    >>> price_of(value, area)
    360.0
    """
    prices, codes = np.unique(price, return_inverse=True)
    areas = np.zeros(len(prices), dtype=np.int64)
    np.add.at(areas, codes, area_micro)
    mantissa, exponent = np.frexp(prices)
    digits = np.ldexp(mantissa, _DIGITS).astype(np.int64)
    places = exponent - _DIGITS + _SHIFT
    value = sum(
        (int(area) * int(digit)) << int(place)
        for area, digit, place in zip(areas, digits, places, strict=True)
    )
    return value, int(areas.sum())


def price_of(value: int, area: int) -> float:
    """The correctly rounded mean; ``NaN`` if there is no area.

    The same number as :func:`landuse.indicators.ratios.reference_price` of all links together.
    """
    return value / (area << _SHIFT) if area > 0 else float("nan")

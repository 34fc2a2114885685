"""The indicators themselves: pure functions of arrays (method, section 5)."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["adjusted_area", "per", "price_coefficient", "reference_price"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MANTISSA_BITS: Final = 53


def per(numerator_micro: Ints, denominator: Floats) -> Floats:
    """Numerator ÷ denominator; the numerator in millionths of its unit.

    With land in mu below: 亩均税收, 亩均产值; with coal equivalent below: 单位能耗产值. Blank
    denominators (``NaN``) give ``NaN``. Source: method, section 5.

    >>> per(np.array([600_000_000]), np.array([50.0])).tolist()
    [12.0]
    """
    ratio: Floats = numerator_micro / 1e6 / denominator
    return ratio


def reference_price(price: Floats, area_micro: Ints) -> float:
    """``P0 = Σ a·P / Σ a``: mean benchmark price weighted by link area, correctly rounded.

    The sum is taken over integers, so neither the order of the links nor a single price can show
    in the last bit. ``NaN`` if there is no area. Raises ``ValueError`` where a price is missing.
    Source: method, section 5.

    >>> reference_price(np.array([480.0, 240.0]), np.array([50, 50]))
    360.0
    >>> reference_price(np.array([0.1, 0.1, 0.1]), np.array([1, 3, 7]))
    0.1
    """
    codes, prices = pd.factorize(price)
    if (codes < 0).any():
        raise ValueError("a price is missing")
    areas = np.zeros(len(prices), dtype=np.int64)
    np.add.at(areas, codes, area_micro)
    whole = int(areas.sum())
    if whole <= 0:
        return float("nan")
    mantissa, exponent = np.frexp(prices)
    digits = np.ldexp(mantissa, _MANTISSA_BITS).astype(np.int64)
    shift = exponent - exponent.min()
    weighted = sum(
        (area * digit) << places
        for area, digit, places in zip(areas.tolist(), digits.tolist(), shift.tolist(), strict=True)
    )
    return float(Fraction(weighted, whole) * Fraction(2) ** int(exponent.min() - _MANTISSA_BITS))


def price_coefficient(price: Floats, reference: float) -> Floats:
    """``k_j = P_j / P0``: above 1 on dearer land. Source: method, section 5.

    >>> price_coefficient(np.array([480.0, 240.0]), 360.0).round(6).tolist()
    [1.333333, 0.666667]
    """
    coefficient: Floats = price / reference
    return coefficient


def adjusted_area(area_micro: Ints, coefficient: Floats) -> Floats:
    """``a·k``: the area that land of the reference price would have, in the unit of the area.

    >>> adjusted_area(np.array([30, 20]), np.array([1.5, 0.5])).tolist()
    [45.0, 10.0]
    """
    adjusted: Floats = area_micro * coefficient
    return adjusted

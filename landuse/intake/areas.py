"""Registered against measured area: which one counts, and where they cannot both be right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from landuse.units import MICRO, MU_IN_M2, UNITS

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.rules.model import Rules

__all__ = ["Accounting", "WrongUnit", "account", "wrong_unit"]

_FEWEST: Final = 10
_NEAR: Final = 0.02
_RATIOS: Final = (15.0, 1 / 15, 666.67, 1 / 666.67, 10_000.0, 1 / 10_000)
"""What one mistaken unit of area for another gives (method, section 3)."""
_DECLARABLE: Final = ("m2", "mu", "ha", "ft2")


@dataclass(frozen=True, slots=True)
class Accounting:
    """The area that counts (10⁻⁶ m²), where it comes from, and which parcels deserve a look."""

    area: npt.NDArray[np.int64]
    source: npt.NDArray[np.object_]
    gap: npt.NDArray[np.bool_]
    in_dispute: npt.NDArray[np.bool_]


class WrongUnit(NamedTuple):
    """The median of registered ÷ measured area of ``parcels`` parcels speaks against the unit;
    ``likely`` is the unit that would explain it (``""`` none that a project may declare).
    """

    ratio: float
    parcels: int
    likely: str


def account(
    registered: npt.NDArray[np.int64],
    present: npt.NDArray[np.bool_],
    measured: npt.NDArray[np.int64],
    rules: Rules,
) -> Accounting:
    """The accounting area of each parcel; all areas in 10⁻⁶ m².

    A registered area counts if it is present and above 0; a gap is more than a share of it *and*
    more than so many mu; a parcel that is off by more than the factor is in dispute.
    """
    stated = present & (registered > 0)
    counts = stated if rules.area_basis == "registered" else np.zeros(len(stated), dtype=bool)
    difference = np.abs(registered - measured)
    gap = stated & _exceeds(difference, rules.area_gap_share, registered)
    gap &= difference > math.floor(rules.area_gap_mu * MU_IN_M2 * MICRO)
    factor = rules.area_dispute_factor
    in_dispute = stated & (
        _exceeds(registered, factor, measured) | _exceeds(measured, factor, registered)
    )
    return Accounting(
        np.where(counts, registered, measured),
        np.where(counts, "registered", "geometry").astype(object),
        gap,
        in_dispute,
    )


def _exceeds(
    left: npt.NDArray[np.int64], factor: Fraction, right: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """``left > factor × right`` in exact arithmetic; doubtful ones as Python integers."""
    bound = right * float(factor)
    result = np.asarray(left > bound)
    for index in np.flatnonzero(np.abs(left - bound) <= 1e-9 * np.abs(bound) + 1):
        result[index] = int(left[index]) > factor * int(right[index])
    return result


def wrong_unit(
    registered: npt.NDArray[np.int64], measured: npt.NDArray[np.int64], unit: str
) -> WrongUnit | None:
    """Whether the areas (both above 0, 10⁻⁶ m²) say that ``unit`` is not what they stand in."""
    usable = (registered > 0) & (measured > 0)
    if usable.sum() < _FEWEST:
        return None
    ratio = float(np.median(registered[usable] / measured[usable]))
    if not any(abs(ratio / known - 1) <= _NEAR for known in _RATIOS):
        return None
    true_factor = float(UNITS[unit].in_base) / ratio
    likely = [
        name
        for name in _DECLARABLE
        if abs(true_factor / float(UNITS[name].in_base) - 1) <= 2 * _NEAR
    ]
    return WrongUnit(ratio, int(usable.sum()), likely[0] if likely else "")

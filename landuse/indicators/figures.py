"""Figures of each unit, and the numerator and denominator of each indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from landuse.exact import group_isum
from landuse.units import micro_to_float

if TYPE_CHECKING:
    import pandas as pd

    from landuse.indicators.land import UnitLand
    from landuse.indicators.roll import Roll
    from landuse.rules.model import Rules

__all__ = ["Measures", "UnitFigures", "indicator_measures", "unit_figures"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class UnitFigures:
    """The figures of one year added over the members of each unit, in millionths.

    A figure is ``given`` only if every member has it; ``complete`` units have a row of the year
    for every member.
    """

    micro: Mapping[str, Ints]
    given: Mapping[str, Bools]
    complete: Bools

    def published(self, key: str) -> Floats:
        """A figure in its own unit, ``NaN`` where it is not given."""
        return np.where(self.given[key], micro_to_float(self.micro[key]), np.nan)


class Measures(NamedTuple):
    """Indicator × unit. ``numerator`` in millionths; denominators in mu or in the figure's unit,
    ``adjusted`` with land × coefficient; ``given`` where the indicator has a value."""

    numerator: Ints
    denominator: Floats
    adjusted: Floats
    given: Bools


def unit_figures(figures: pd.DataFrame, roll: Roll, rules: Rules, year: int) -> UnitFigures:
    """Figures (schema FIGURES) of ``year``, one entry a unit of the roll."""
    rows = figures[figures["year"] == year]
    who = roll.positions(rows["uscc"])
    known = who >= 0
    if not known.all():
        rows, who = rows[known], who[known]
    unit = roll.unit_of[who]
    members = np.bincount(roll.unit_of, minlength=roll.size)
    micro: dict[str, Ints] = {}
    given: dict[str, Bools] = {}
    for figure in rules.figures:
        column = rows[figure.micro]
        present = column.notna().to_numpy(dtype=bool)
        values = column.fillna(0).to_numpy(dtype=np.int64)
        micro[figure.key] = group_isum(values, unit, roll.size)
        given[figure.key] = np.bincount(unit[present], minlength=roll.size) == members
    return UnitFigures(micro, given, np.bincount(unit, minlength=roll.size) == members)


def indicator_measures(figures: UnitFigures, land: UnitLand, rules: Rules) -> Measures:
    """Numerators and denominators of the pack's indicators, in the pack's order.

    A denominator that is not above 0 gives no value: a zero (no energy) is a missing indicator,
    and so is a negative one. Source: method, section 6.
    """
    shape = (len(rules.indicators), len(land.area_micro))
    numerator = np.zeros(shape, dtype=np.int64)
    denominator, adjusted = np.full(shape, np.nan), np.full(shape, np.nan)
    given = np.zeros(shape, dtype=bool)
    for row, indicator in enumerate(rules.indicators):
        numerator[row] = figures.micro[indicator.numerator]
        if indicator.on_land:
            below, corrected = land.area_mu, land.adjusted_mu
        else:
            below = corrected = figures.published(indicator.denominator)
        has_value = figures.given[indicator.numerator] & (below > 0)
        given[row] = has_value
        denominator[row] = np.where(below > 0, below, np.nan)
        adjusted[row] = np.where(corrected > 0, corrected, np.nan)
    return Measures(numerator, denominator, adjusted, given)

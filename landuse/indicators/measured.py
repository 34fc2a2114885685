"""Everything that is known of a unit before it is compared with others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from landuse.indicators.figures import Measures, UnitFigures, indicator_measures, unit_figures
from landuse.indicators.land import LinkValues, UnitLand, link_values, unit_land
from landuse.indicators.roll import Roll, enrol

if TYPE_CHECKING:
    import pandas as pd

    from landuse.issues import IssueLog
    from landuse.rules.model import Rules
    from landuse.schema.link_places import LinkPlaces

__all__ = ["Measured", "measure_units"]


@dataclass(frozen=True)
class Measured:
    """Units in order, their land, and their figures by year."""

    roll: Roll
    links: LinkValues
    land: UnitLand
    figures: Mapping[int, UnitFigures]
    rules: Rules
    _made: dict[int, Measures] = field(default_factory=dict, repr=False, compare=False)

    def measures(self, year: int) -> Measures:
        """Numerators and denominators with the figures of ``year`` on this year's land."""
        if year not in self._made:
            self._made[year] = indicator_measures(self.figures[year], self.land, self.rules)
        return self._made[year]


def measure_units(
    enterprises: pd.DataFrame,
    members: pd.DataFrame,
    figures: pd.DataFrame,
    links: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    disputed: set[str],
    rules: Rules,
    years: Iterable[int],
    log: IssueLog,
    places: LinkPlaces | None = None,
) -> Measured:
    """Land and figures of every unit; the tables are those of the schema.

    ``years``: the year of the evaluation first, then those that benchmarks and tests look back
    to. ``places`` are those of the links where they come as they were found; then PRICES has a
    row for every parcel. Raises :class:`landuse.errors.UserError` if no source gives any price
    where one is needed.
    """
    roll = enrol(enterprises, members)
    values = link_values(links, prices, rules, places)
    land = unit_land(values, roll, disputed)
    by_year = {year: unit_figures(figures, roll, rules, year) for year in years}
    _report_negative_denominators(roll, next(iter(by_year.values())), rules, log)
    return Measured(roll, values, land, by_year, rules)


def _report_negative_denominators(
    roll: Roll, figures: UnitFigures, rules: Rules, log: IssueLog
) -> None:
    for indicator in rules.indicators:
        if indicator.on_land:
            continue
        given, micro = figures.given[indicator.denominator], figures.micro[indicator.denominator]
        negative = np.flatnonzero(given & (micro < 0))
        if not len(negative):
            continue
        values = figures.published(indicator.denominator)
        for unit in negative.tolist():
            log.add(
                "indicators.negative_denominator",
                table="enterprises",
                key=roll.unit_ids[unit],
                column=indicator.denominator,
                value=repr(float(values[unit])),
                title_zh=indicator.title_zh,
                title_en=indicator.title_en,
            )

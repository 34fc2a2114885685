"""The ratios of land-intensity evaluation of development zones (TD/T 1029)."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import pandas as pd

from landuse.parks.frames import typed
from landuse.parks.shown import UNITS, half_up, joined, number, ratio
from landuse.schema.park_results import RATIOS

__all__ = ["FORMULAS", "Formula", "park_ratios", "ratio_text"]


class Formula(NamedTuple):
    """Numerator ÷ denominator (columns of PARK_MEASURES without ``_micro``) and its unit."""

    numerator: str
    denominator: str
    unit: str


FORMULAS: Final[dict[str, Formula]] = {
    "development": Formula("ready_m2", "developable_m2", "percent"),
    "supply": Formula("supplied_m2", "ready_m2", "percent"),
    "completion": Formula("built_m2", "supplied_m2", "percent"),
    "industrial_share": Formula("industrial_m2", "built_m2", "percent"),
    "high_tech_share": Formula("high_tech_m2", "built_m2", "percent"),
    "plot_ratio": Formula("floor_m2", "floor_land_m2", "1"),
    "density": Formula("footprint_m2", "footprint_land_m2", "percent"),
    "industrial_plot_ratio": Formula("industrial_floor_m2", "industrial_floor_land_m2", "1"),
    "investment_per_mu": Formula("fixed_assets_wan", "industrial_m2", "wan/mu"),
    "investment_per_ha": Formula("fixed_assets_wan", "industrial_m2", "wan/ha"),
    "tax_per_mu": Formula("tax_wan", "industrial_m2", "wan/mu"),
    "tax_per_ha": Formula("tax_wan", "industrial_m2", "wan/ha"),
}
"""土地开发率, 土地供应率, 土地建成率, 工业用地率, 高新技术产业用地率, 综合容积率, 建筑密度,
工业用地综合容积率, 固定资产投入强度, 地均税收. 建筑系数 needs open yards, which no table has."""


def park_ratios(measures: pd.DataFrame) -> pd.DataFrame:
    """RATIOS: every ratio of every park, with its numerator and denominator.

    ``measures`` is PARK_MEASURES. Where one of them is missing, or the denominator is zero, there
    is no value and ``missing`` names it.
    """
    rows = []
    for park in measures.to_dict("records"):
        for key, formula in FORMULAS.items():
            top = number(park[f"{formula.numerator}_micro"])
            bottom = number(park[f"{formula.denominator}_micro"])
            value = ratio(top, bottom)
            wanting = [formula.numerator] if top is None else []
            wanting += [formula.denominator] if not bottom or bottom < 0 else []
            rows.append(
                {
                    "park": park["park"],
                    "ratio": key,
                    "numerator": formula.numerator,
                    "denominator": formula.denominator,
                    "numerator_micro": top,
                    "denominator_micro": bottom,
                    "value": float(value * UNITS[formula.unit]) if value is not None else None,
                    "unit": formula.unit,
                    "missing": joined(wanting),
                }
            )
    return typed(rows, RATIOS)


def ratio_text(
    numerator_micro: int | None, denominator_micro: int | None, unit: str, digits: int = 2
) -> str:
    """A ratio in its unit, rounded once from its exact value; "" where it cannot be told.

    >>> ratio_text(3_000_000_000, 10_000_000_000, "percent")
    '30.00'
    >>> ratio_text(30_000_000, 2_000_000_000, "wan/mu")
    '10.00'
    """
    value = ratio(numerator_micro, denominator_micro)
    return "" if value is None else half_up(Fraction(value * UNITS[unit]), digits)

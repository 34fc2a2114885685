"""Benchmarks and scores of a whole sheet (method, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from landuse.exact import group_fsum, group_isum

if TYPE_CHECKING:
    from landuse.ranking.sheet import Bools, Codes, Floats, Grid, Ints, Sheet
    from landuse.rules.model import Indicator, Rules

__all__ = ["Scored", "Yardsticks", "count", "round_score", "score", "total_score", "yardsticks"]

SCORE_SCALE: Final = 1e6
"""Scores are kept as whole millionths."""
_FLAT: Final = 1e-8
"""Minimum and maximum nearer than this (relative) are one value: areas are kept in whole 10⁻⁶ m²,
so that 1 on 1 mu and 10 on 10 mu differ by 10⁻⁹, which must not decide over 20 or 100 points."""


@dataclass(frozen=True)
class Yardsticks:
    """Indicator × cohort: what a ratio is compared with.

    ``benchmark`` for the ratio form, ``lowest`` and ``highest`` for min–max. ``counts_zero``:
    the benchmark is not above 0 or nobody has the indicator; ``absent``: the pack's table or
    year has no benchmark, so that the cohort cannot be graded.
    """

    benchmark: Floats
    lowest: Floats
    highest: Floats
    counts_zero: Bools
    absent: Bools

    @property
    def flat(self) -> Bools:
        """Where maximum = minimum."""
        size = np.maximum(np.abs(self.lowest), np.abs(self.highest))
        with np.errstate(invalid="ignore"):
            return self.highest - self.lowest <= _FLAT * size


@dataclass(frozen=True)
class Scored:
    """``ratio`` of each indicator to its yardstick, what of it is ``counted`` (unweighted, floored
    and capped, imputed where it is missing), and the rounded score in whole ``micro``: a float
    that holds an integer."""

    ratio: Floats
    counted: Floats
    imputed: Bools
    micro: Floats


def round_score(values: Floats) -> Floats:
    """Scores in whole millionths, half to even.

    What lies nearer to a half than floats can tell (a few units of the last place) *is* a half,
    so that equal scores stay equal however they were computed.

    >>> round_score(np.array([0.1234565, 0.1234575, 0.12345651])).tolist()
    [123456.0, 123458.0, 123457.0]
    """
    scaled = values * SCORE_SCALE
    rounded = np.rint(scaled)
    away = np.abs(scaled - rounded)
    maybe = np.flatnonzero(away >= 0.49 - 1e-14 * np.abs(scaled))
    near_half = maybe[np.abs(away[maybe] - 0.5) <= 1e-9 + 1e-14 * np.abs(scaled[maybe])]
    below = np.floor(scaled[near_half])
    rounded[near_half] = np.where(below % 2 == 0, below, below + 1)
    return rounded


def yardsticks(sheet: Sheet, rules: Rules, coefficient: str) -> Yardsticks:
    """Benchmarks of every cohort over the units of the sheet."""
    shape = (len(rules.indicators), len(sheet.cohorts))
    benchmark, lowest, highest = (np.full(shape, np.nan) for _ in range(3))
    counts_zero, absent = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    ratios = sheet.now.ratios(coefficient)
    for row, indicator in enumerate(rules.indicators):
        if rules.score_form == "minmax":
            lowest[row], highest[row] = _extremes(ratios[row], sheet)
            counts_zero[row] = np.isnan(lowest[row])
            continue
        if indicator.benchmark == "published":
            values = _published(indicator, sheet)
            absent[row] = np.isnan(values)
        else:
            values = _from_units(indicator, row, sheet, coefficient)
            absent[row] = np.isnan(values) & (indicator.benchmark_year is not None)
        benchmark[row] = values
        counts_zero[row] = ~(values > 0) & ~absent[row]
    return Yardsticks(benchmark, lowest, highest, counts_zero, absent)


def _extremes(ratios: Floats, sheet: Sheet) -> tuple[Floats, Floats]:
    lowest, highest = np.full(len(sheet.cohorts), np.inf), np.full(len(sheet.cohorts), -np.inf)
    has = ~np.isnan(ratios)
    np.minimum.at(lowest, sheet.cohort[has], ratios[has])
    np.maximum.at(highest, sheet.cohort[has], ratios[has])
    none = lowest > highest
    lowest[none] = highest[none] = np.nan
    return lowest, highest


def _published(indicator: Indicator, sheet: Sheet) -> Floats:
    values = (
        indicator.published.get(name, indicator.published.get("all")) for name in sheet.cohorts
    )
    return np.array([np.nan if value is None else float(value) for value in values])


def _from_units(indicator: Indicator, row: int, sheet: Sheet, coefficient: str) -> Floats:
    """Mean, median or twice the mean over the units that have the indicator; ``NaN`` if none."""
    has = sheet.base.given[row]
    if indicator.scope == "all":
        group, groups = np.zeros(int(has.sum()), dtype=np.intp), 1
    else:
        group, groups = sheet.cohort[has], len(sheet.cohorts)
    if indicator.benchmark == "median":
        values = _median(sheet.base.ratios(coefficient)[row, has], group, groups)
    else:
        values = _mean(sheet.base, row, has, group, groups, coefficient)
        values = values * (2.0 if indicator.benchmark == "twice_mean" else 1.0)
    return np.broadcast_to(values, (len(sheet.cohorts),)) if groups == 1 else values


def _mean(grid: Grid, row: int, has: Bools, group: Codes, groups: int, coefficient: str) -> Floats:
    """``Σ numerators ÷ Σ denominators``, negatives as they are."""
    above: Ints = group_isum(grid.numerator[row, has], group, groups)
    denominator = grid.adjusted if coefficient == "area" else grid.denominator
    below = group_fsum(denominator[row, has], group, groups)
    return np.where(below > 0, above / 1e6 / np.where(below > 0, below, 1.0), np.nan)


def _median(values: Floats, group: Codes, groups: int) -> Floats:
    order = np.lexsort((values, group))
    ordered = values[order]
    counts = np.bincount(group, minlength=groups)
    starts = np.cumsum(counts) - counts
    out = np.full(groups, np.nan)
    has = counts > 0
    low, high = starts[has] + (counts[has] - 1) // 2, starts[has] + counts[has] // 2
    out[has] = (ordered[low] + ordered[high]) / 2.0
    return out


def count(ratios: Floats, yard: Yardsticks, cohort: Codes, rules: Rules) -> tuple[Floats, Floats]:
    """Ratio to the yardstick, and what of it counts; ``NaN`` where the indicator is missing.

    ``min(max(x / b, 0), cap)``, or ``(20 + 80·(x − min)/(max − min)) / 100`` under min–max.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if rules.score_form == "minmax":
            low, high = yard.lowest[:, cohort], yard.highest[:, cohort]
            ratio = (ratios - low) / (high - low)
            ratio = np.where(yard.flat[:, cohort] & ~np.isnan(ratios), 1.0, ratio)
            counted = (20.0 + 80.0 * ratio) / 100.0
        else:
            ratio = ratios / yard.benchmark[:, cohort]
            counted = np.maximum(ratio, 0.0)
            if rules.cap != "none":
                counted = np.minimum(counted, float(rules.cap))
    if not yard.counts_zero.any():
        return ratio, counted
    zero = yard.counts_zero[:, cohort]
    return np.where(zero, np.nan, ratio), np.where(zero & ~np.isnan(ratios), 0.0, counted)


def total_score(
    counted: Floats, weights: Floats, unit_coefficient: Floats, coefficient: str
) -> Floats:
    """The rounded score in whole millionths: ``Σ w·counted``, ÷ ``k_e`` under ``"score"``."""
    whole = np.zeros(counted.shape[1])
    for weight, row in zip(weights, counted, strict=True):
        whole += weight * row
    return round_score(whole / unit_coefficient if coefficient == "score" else whole)


def score(
    sheet: Sheet, yard: Yardsticks, rules: Rules, weights: Floats, coefficient: str
) -> Scored:
    """Scores of all units; a missing indicator counts as the mean of its cohort.

    (A sheet has missing indicators only under ``missing = "cohort_mean"``; what nobody in the
    cohort has counts 0. The mean of the weighted parts is the weighted mean: one weight.)
    """
    ratio, counted = count(sheet.now.ratios(coefficient), yard, sheet.cohort, rules)
    imputed = ~sheet.now.given
    for row in np.flatnonzero(imputed.any(axis=1)):
        has = sheet.now.given[row]
        sums = group_fsum(counted[row][has], sheet.cohort[has], len(sheet.cohorts))
        counts = np.bincount(sheet.cohort[has], minlength=len(sheet.cohorts))
        mean = sums / np.maximum(counts, 1)
        counted[row] = np.where(has, counted[row], mean[sheet.cohort])
    micro = total_score(counted, weights, sheet.coefficient, coefficient)
    return Scored(ratio, counted, imputed, micro)

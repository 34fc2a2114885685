"""Benchmarks of cohorts whose units lie in several parts (method, section 5).

Each part tells sums, extremes or counted values of its units; the whole follows from them as
:func:`landuse.ranking.score.yardsticks` finds it from all units at once, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landuse.engines.ranks.sums import Sums
from landuse.engines.ranks.tallies import Tally
from landuse.exact import group_isum
from landuse.ranking.score import Scored, Yardsticks, count, total_score, yardsticks
from landuse.ranking.sheet import Grid, Sheet

if TYPE_CHECKING:
    from landuse.ranking.sheet import Bools, Codes, Floats, Ints
    from landuse.rules.model import Indicator, Rules

__all__ = ["Imputed", "YardPart", "imputed_part", "merged_imputed", "merged_yard", "scored_part",
           "yard_part"]  # fmt: skip


@dataclass(frozen=True)
class YardPart:
    """What the units of one part contribute to the yardstick of one indicator.

    ``above`` and ``below`` under a mean, ``values`` under a median, ``lowest`` and ``highest``
    under min–max; by cohort, or one group for all where the benchmark reaches over all cohorts.
    """

    above: Ints | None = None
    below: Sums | None = None
    values: Tally | None = None
    lowest: Floats | None = None
    highest: Floats | None = None


def yard_part(sheet: Sheet, rules: Rules, coefficient: str) -> tuple[YardPart, ...]:
    """One entry an indicator, from the units of one part."""
    ratios = sheet.now.ratios(coefficient)
    if rules.score_form == "minmax":
        return tuple(_extremes(row, sheet) for row in ratios)
    return tuple(
        _of_units(indicator, row, sheet, coefficient)
        for row, indicator in enumerate(rules.indicators)
    )


def _extremes(ratios: Floats, sheet: Sheet) -> YardPart:
    lowest = np.full(len(sheet.cohorts), np.inf)
    highest = np.full(len(sheet.cohorts), -np.inf)
    has = ~np.isnan(ratios)
    np.minimum.at(lowest, sheet.cohort[has], ratios[has])
    np.maximum.at(highest, sheet.cohort[has], ratios[has])
    return YardPart(lowest=lowest, highest=highest)


def _of_units(indicator: Indicator, row: int, sheet: Sheet, coefficient: str) -> YardPart:
    if indicator.benchmark == "published":
        return YardPart()
    grid, has = sheet.base, sheet.base.given[row]
    group, groups = sheet.cohort[has], len(sheet.cohorts)
    if indicator.scope == "all":
        group, groups = np.zeros(len(group), dtype=np.intp), 1
    if indicator.benchmark == "median":
        return YardPart(values=Tally.of(grid.ratios(coefficient)[row, has], group, groups))
    denominator = grid.adjusted if coefficient == "area" else grid.denominator
    return YardPart(
        above=group_isum(grid.numerator[row, has], group, groups),
        below=Sums.of(denominator[row, has], group, groups),
    )


def merged_yard(
    parts: Iterable[tuple[YardPart, ...]], rules: Rules, cohorts: Sequence[str]
) -> Yardsticks:
    """The yardsticks of all parts together."""
    told = list(parts)
    # a sheet of nobody has what needs no units: the published benchmarks
    plain = yardsticks(_nobody(rules, cohorts), rules, "none")
    benchmark, lowest, highest = plain.benchmark.copy(), plain.lowest.copy(), plain.highest.copy()
    absent = np.zeros(benchmark.shape, dtype=bool)
    counts_zero = np.zeros(benchmark.shape, dtype=bool)
    for row, indicator in enumerate(rules.indicators):
        mine = [part[row] for part in told]
        if rules.score_form == "minmax":
            lowest[row], highest[row] = _merged_extremes(mine, len(cohorts))
            counts_zero[row] = np.isnan(lowest[row])
            continue
        if indicator.benchmark == "published":
            absent[row] = np.isnan(benchmark[row])
        else:
            benchmark[row] = _merged_value(mine, indicator, len(cohorts))
            absent[row] = np.isnan(benchmark[row]) & (indicator.benchmark_year is not None)
        counts_zero[row] = ~(benchmark[row] > 0) & ~absent[row]
    return Yardsticks(benchmark, lowest, highest, counts_zero, absent)


def _nobody(rules: Rules, cohorts: Sequence[str]) -> Sheet:
    shape = (len(rules.indicators), 0)
    grid = Grid(np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape), np.zeros(shape, bool))
    return Sheet(grid, grid, np.zeros(0), np.zeros(0, np.intp), cohorts)


def _merged_extremes(parts: Sequence[YardPart], cohorts: int) -> tuple[Floats, Floats]:
    lowest, highest = np.full(cohorts, np.inf), np.full(cohorts, -np.inf)
    for part in parts:
        lowest = np.minimum(lowest, lowest if part.lowest is None else part.lowest)
        highest = np.maximum(highest, highest if part.highest is None else part.highest)
    none = lowest > highest
    lowest[none] = highest[none] = np.nan
    return lowest, highest


def _merged_value(parts: Sequence[YardPart], indicator: Indicator, cohorts: int) -> Floats:
    groups = 1 if indicator.scope == "all" else cohorts
    if indicator.benchmark == "median":
        tallies = (part.values for part in parts if part.values is not None)
        values = Tally.merged(tallies, groups).median()
    else:
        above = np.zeros(groups, dtype=np.int64)
        for part in parts:
            above += 0 if part.above is None else part.above
        nothing = Sums((0,) * groups)
        told = [part.below for part in parts if part.below is not None]
        below = Sums.merged([nothing, *told]).rounded()
        values = np.where(below > 0, above / 1e6 / np.where(below > 0, below, 1.0), np.nan)
        values = values * (2.0 if indicator.benchmark == "twice_mean" else 1.0)
    return np.broadcast_to(values, (cohorts,)).copy() if groups == 1 else values


@dataclass(frozen=True)
class Imputed:
    """What a missing indicator counts: indicator × cohort, the mean of those who have it."""

    mean: Floats


def imputed_part(
    sheet: Sheet, yard: Yardsticks, rules: Rules, coefficient: str
) -> tuple[tuple[Sums, Ints], ...]:
    """For each indicator the sum of what counts in each cohort, and of how many units."""
    _, counted = count(sheet.now.ratios(coefficient), yard, sheet.cohort, rules)
    told = []
    for row, values in enumerate(counted):
        has = sheet.now.given[row]
        cohort, cohorts = sheet.cohort[has], len(sheet.cohorts)
        many = np.bincount(cohort, minlength=cohorts).astype(np.int64)
        told.append((Sums.of(values[has], cohort, cohorts), many))
    return tuple(told)


def merged_imputed(
    parts: Iterable[tuple[tuple[Sums, Ints], ...]], indicators: int, cohorts: int
) -> Imputed:
    """The means of all parts together."""
    told = list(parts)
    mean = np.zeros((indicators, cohorts))
    for row in range(indicators):
        many = np.zeros(cohorts, dtype=np.int64)
        for part in told:
            many = many + part[row][1]
        sums = Sums.merged([Sums((0,) * cohorts), *(part[row][0] for part in told)]).rounded()
        mean[row] = sums / np.maximum(many, 1)
    return Imputed(mean)


def scored_part(
    sheet: Sheet,
    yard: Yardsticks,
    imputed: Imputed | None,
    rules: Rules,
    weights: Floats,
    coefficient: str,
) -> Scored:
    """Scores of the units of one part, as :func:`landuse.ranking.score.score` gives them."""
    ratio, counted = count(sheet.now.ratios(coefficient), yard, sheet.cohort, rules)
    missing: Bools = ~sheet.now.given
    cohort: Codes = sheet.cohort
    if imputed is not None:
        counted = np.where(missing, imputed.mean[:, cohort], counted)
    micro = total_score(counted, weights, sheet.coefficient, coefficient)
    return Scored(ratio, counted, missing, micro)

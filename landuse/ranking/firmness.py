"""How firm a flag is: small changes under which it would turn (method, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from landuse.ranking.places import ROUNDINGS, line, quota
from landuse.ranking.score import count, score, total_score, yardsticks

if TYPE_CHECKING:
    from landuse.ranking.places import Line, Places
    from landuse.ranking.score import Scored, Yardsticks
    from landuse.ranking.sheet import Bools, Codes, Floats, Grid, Sheet
    from landuse.rules.model import Rules

__all__ = ["Everybody", "Firmness", "below_values", "firmness", "test_names"]

AREA_TESTS: Final = (("area+3%", 1.03), ("area-3%", 0.97))
WEIGHT_TESTS: Final = (("+20%", Fraction(6, 5)), ("-20%", Fraction(4, 5)))


@dataclass(frozen=True)
class Firmness:
    """``value`` = 1 − flips ÷ tests that apply; ``flips_under`` names the tests that would turn
    the unit in or out, joined by ``"; "``."""

    value: Floats
    flips_under: npt.NDArray[np.object_]


def test_names(rules: Rules) -> list[str]:
    """The tests of a pack in order: 2 n + 6 for n indicators, the last year included.

    >>> from types import SimpleNamespace as Pack
    >>> test_names(Pack(indicators=[Pack(key="tax_wan_per_mu")], rounding="floor"))[3:6]
    ['coefficient_off', 'weight:tax_wan_per_mu+20%', 'weight:tax_wan_per_mu-20%']
    """
    names = [name for name, _ in AREA_TESTS] + ["last_year", "coefficient_off"]
    names += [f"weight:{i.key}{sign}" for i in rules.indicators for sign, _ in WEIGHT_TESTS]
    return names + [f"rounding:{other}" for other in ROUNDINGS if other != rules.rounding]


def below_values(grid: Grid, rules: Rules) -> Bools:
    """Whether the raw indicators are below every value of ``and_below``, strictly.

    Compared as numerator against value × denominator in whole millionths, the precision in which
    figures are kept: 50 万元 on 10 mu is not below 5 万元/亩, although 10 mu is no whole number
    of 10⁻⁶ m². A missing indicator is not below.
    """
    holds = np.ones(grid.numerator.shape[1], dtype=bool)
    order = [indicator.key for indicator in rules.indicators]
    for key, value in rules.and_below.items():
        row = order.index(key)
        with np.errstate(invalid="ignore"):
            line = np.rint(float(value) * grid.denominator[row] * 1e6)
            holds &= grid.given[row] & (grid.numerator[row] < line)
    return holds


class Everybody:
    """What a test asks of whole cohorts, answered from a sheet that holds all their units."""

    def __init__(self, sheet: Sheet, rules: Rules, weights: Floats) -> None:
        self._sheet, self._rules, self._weights = sheet, rules, weights
        self._by_cohort = np.argsort(sheet.cohort, kind="stable")
        self._ends = np.cumsum(sheet.cohort_sizes)

    def line(self, scores: Floats, quotas: Codes) -> Line:
        """The line of each cohort if all units had ``scores``."""
        return line(scores, self._by_cohort, self._ends, quotas)

    def scores_without_coefficient(self) -> Floats:
        """The scores in millionths if every coefficient were 1, benchmarks computed anew."""
        yard = yardsticks(self._sheet, self._rules, "none")
        return score(self._sheet, yard, self._rules, self._weights, "none").micro


@dataclass(frozen=True)
class _Bench:
    """What every test starts from: the sheet, its yardsticks, scores and quotas; ``everybody``
    answers for whole cohorts, ``now`` is the line as it is."""

    sheet: Sheet
    rules: Rules
    weights: Floats
    yard: Yardsticks
    scored: Scored
    quotas: Codes
    below: Bools
    everybody: Everybody
    now: Line

    def reweighted(self, weights: Floats) -> Bools:
        """Flags under other weights, all scores computed anew (no benchmark holds a weight)."""
        scores = total_score(
            self.scored.counted, weights, self.sheet.coefficient, self.rules.coefficient
        )
        return self._anew(scores, self.quotas)

    def coefficient_off(self) -> Bools:
        """Flags if every coefficient were 1, benchmarks and all scores computed anew."""
        return self._anew(self.everybody.scores_without_coefficient(), self.quotas)

    def other_rounding(self, rounding: str) -> Bools:
        """Flags under another rounding of the quota."""
        sizes = self.sheet.cohort_sizes
        quotas = np.array([quota(self.rules.share, int(n), rounding) for n in sizes], dtype=np.intp)
        return self._anew(self.scored.micro, np.where(self.quotas < 0, -1, quotas))

    def _anew(self, scores: Floats, quotas: Codes) -> Bools:
        found = self.everybody.line(scores, quotas)
        return found.flagged(scores, scores, self.sheet.cohort, self.rules.ties) & self.below

    def alone(self, grid: Grid) -> Bools:
        """Flags if only the unit itself had the figures of ``grid``: benchmarks, n and the
        scores of the others as they are; an imputed part stays where it still is missing."""
        sheet, coefficient = self.sheet, self.rules.coefficient
        _, counted = count(grid.ratios(coefficient), self.yard, sheet.cohort, self.rules)
        counted = np.where(np.isnan(counted), self.scored.counted, counted)
        scores = total_score(counted, self.weights, sheet.coefficient, coefficient)
        flags = self.now.flagged(scores, self.scored.micro, sheet.cohort, self.rules.ties)
        return flags & below_values(grid, self.rules)


def firmness(
    sheet: Sheet,
    rules: Rules,
    weights: Floats,
    yard: Yardsticks,
    scored: Scored,
    places: Places,
    quotas: Codes,
    last_year: Grid | None,
    everybody: Everybody | None = None,
) -> Firmness:
    """Run every test on every unit of the sheet.

    ``last_year`` holds the figures of the year before on this year's land; its test applies to
    units that have all of them. Tests of which the pack makes no use (a coefficient that is off
    already) count as passed, so that 2 n + 5 tests always apply. ``everybody`` answers for whole
    cohorts where the sheet holds only some of their units.
    """
    below = below_values(sheet.now, rules)
    flagged = places.flagged & below
    whole = everybody or Everybody(sheet, rules, weights)
    now = whole.line(scored.micro, quotas)
    bench = _Bench(sheet, rules, weights, yard, scored, quotas, below, whole, now)
    flips = np.zeros(sheet.size, dtype=np.int64)
    applied = np.zeros(sheet.size, dtype=np.int64)
    turned_by: dict[str, Codes] = {}
    for name, flag, applies in _outcomes(bench, last_year):
        turned = applies & (flag != flagged)
        flips += turned
        applied += applies
        turned_by[name] = np.flatnonzero(turned)
    return Firmness(1.0 - flips / applied, _named(turned_by, sheet.size))


def _named(turned_by: dict[str, Codes], units: int) -> npt.NDArray[np.object_]:
    """The tests that turned each unit, joined; units that nothing turns share one blank."""
    told: dict[int, list[str]] = {}
    for name, turned in turned_by.items():
        for unit in turned.tolist():
            told.setdefault(unit, []).append(name)
    named = np.full(units, "", dtype=object)
    joined: dict[str, str] = {}
    for unit, names in told.items():
        text = "; ".join(names)
        named[unit] = joined.setdefault(text, text)
    return named


def _outcomes(bench: _Bench, last_year: Grid | None) -> Iterator[tuple[str, Bools, Bools]]:
    """Name of each test, flags under it, and to whom it applies."""
    rules, sheet = bench.rules, bench.sheet
    everyone = np.ones(sheet.size, dtype=bool)
    land = np.array([indicator.on_land for indicator in rules.indicators], dtype=bool)
    for name, factor in AREA_TESTS:
        yield name, bench.alone(sheet.now.on_more_land(factor, land)), everyone
    if last_year is not None:
        complete: Bools = np.all(last_year.given, axis=0)
        yield "last_year", bench.alone(last_year), complete
    yield "coefficient_off", bench.coefficient_off(), everyone
    for row, indicator in enumerate(rules.indicators):
        for sign, by in WEIGHT_TESTS:
            flags = bench.reweighted(_reweighted(rules, row, by))
            yield f"weight:{indicator.key}{sign}", flags, everyone
    for other in ROUNDINGS:
        if other != rules.rounding:
            yield f"rounding:{other}", bench.other_rounding(other), everyone


def _reweighted(rules: Rules, row: int, by: Fraction) -> Floats:
    """The weights with one of them changed, scaled back to the same sum."""
    weights = [indicator.weight for indicator in rules.indicators]
    changed = [weight * (by if at == row else 1) for at, weight in enumerate(weights)]
    whole = sum(changed)
    scale = Fraction(sum(weights)) / whole if whole else Fraction(1)
    return np.array([float(weight * scale) for weight in changed])

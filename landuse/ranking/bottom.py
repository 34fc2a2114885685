"""From a sheet of graded units to scores, ranks, flags and their firmness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from landuse.ranking.cohorts import POOL
from landuse.ranking.firmness import Firmness, below_values, firmness
from landuse.ranking.places import Places, classes, place, quota
from landuse.ranking.remarks import report_absent, report_benchmarks, report_pools
from landuse.ranking.score import SCORE_SCALE, Scored, Yardsticks, score, yardsticks

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.ranking.sheet import Bools, Codes, Floats, Grid, Sheet
    from landuse.rules.model import Rules

__all__ = ["Ranking", "rank_units", "with_benchmark"]


@dataclass(frozen=True)
class Ranking:
    """The result for the units of ``sheet``. ``ranked`` is false in a pool that is too small;
    ``flagged`` is final, ``spared`` those whom ``and_below`` took out of it."""

    sheet: Sheet
    yard: Yardsticks
    scored: Scored
    places: Places
    quotas: Codes
    ranked: Bools
    flagged: Bools
    spared: Bools
    firmness: Firmness
    grade_class: npt.NDArray[np.object_]

    @property
    def score(self) -> Floats:
        """The published score, 6 decimals."""
        return self.scored.micro / SCORE_SCALE

    @property
    def cutoff(self) -> Floats:
        """Cut-off score of each cohort."""
        return self.places.cutoff / SCORE_SCALE

    @property
    def margin(self) -> Floats:
        """Score − cut-off; 0 or less for those whom the score flags."""
        own = self.places.cutoff[self.sheet.cohort]
        return (self.scored.micro - own) / SCORE_SCALE


def with_benchmark(sheet: Sheet, rules: Rules, log: IssueLog) -> Bools:
    """Which units have all the benchmarks that the pack takes from a table or another year.

    The others are ungraded, whole cohorts of them; as they also leave benchmarks that reach over
    all cohorts, the question is asked again until nobody leaves.
    """
    keep = np.ones(sheet.size, dtype=bool)
    if not any(i.benchmark == "published" or i.benchmark_year for i in rules.indicators):
        return keep
    while True:
        absent = yardsticks(sheet.take(keep), rules, rules.coefficient).absent
        lacking: Bools = np.any(absent, axis=0)
        leaving = keep & lacking[sheet.cohort]
        if not leaving.any():
            return keep
        here = np.bincount(sheet.cohort[leaving], minlength=len(sheet.cohorts)) > 0
        report_absent(absent, here, sheet.cohorts, rules, log)
        keep &= ~leaving


def rank_units(sheet: Sheet, rules: Rules, last_year: Grid | None, log: IssueLog) -> Ranking:
    """Score, rank and test all units of the sheet; each cohort of it has its benchmarks."""
    weights = np.array([float(indicator.weight) for indicator in rules.indicators])
    yard = yardsticks(sheet, rules, rules.coefficient)
    scored = score(sheet, yard, rules, weights, rules.coefficient)
    sizes = sheet.cohort_sizes
    small = np.array([name == POOL for name in sheet.cohorts], dtype=bool)
    small &= sizes < rules.min_cohort
    quotas = np.array([quota(rules.share, int(n), rules.rounding) for n in sizes], dtype=np.intp)
    quotas[small] = -1
    places = place(scored.micro, sheet.cohort, quotas, rules.ties)
    report_pools(small, sizes, sheet.cohorts, rules, log)
    report_benchmarks(yard, (sizes > 0) & ~small, sheet.cohorts, rules, log)
    stands = below_values(sheet.now, rules)
    ranked = ~small[sheet.cohort]
    grade = classes(places.standing, sheet.cohort, sizes, rules.classes)
    return Ranking(
        sheet=sheet,
        yard=yard,
        scored=scored,
        places=places,
        quotas=quotas,
        ranked=ranked,
        flagged=places.flagged & stands,
        spared=places.flagged & ~stands,
        firmness=firmness(sheet, rules, weights, yard, scored, places, quotas, last_year),
        grade_class=np.where(ranked, grade, ""),
    )

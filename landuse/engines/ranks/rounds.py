"""Ranking units that lie in several parts, exactly as if they were one sheet.

The parts are asked in rounds: what benchmarks are made of; what a missing indicator counts; which
scores occur how often, now and in every test of firmness. What comes back is small (sums by
cohort, counted scores); after the last round each part ranks its own units (:func:`finish`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

import numpy as np

from landuse.engines.ranks.benchmarks import (
    Imputed,
    YardPart,
    imputed_part,
    merged_imputed,
    merged_yard,
    scored_part,
    yard_part,
)
from landuse.engines.ranks.tallies import Asked, Tally
from landuse.ranking.bottom import Ranking
from landuse.ranking.cohorts import POOL
from landuse.ranking.firmness import Everybody, below_values, firmness
from landuse.ranking.places import Line, Places, Standing, classes, quota
from landuse.ranking.remarks import report_absent, report_benchmarks, report_pools
from landuse.ranking.sheet import Sheet

if TYPE_CHECKING:
    from landuse.engines.ranks.sums import Sums
    from landuse.issues import IssueLog
    from landuse.ranking.score import Scored, Yardsticks
    from landuse.ranking.sheet import Bools, Codes, Floats, Grid, Ints
    from landuse.rules.model import Rules

__all__ = ["Part", "PartSheet", "Parts", "Settled", "Stand", "Whole", "finish", "kept_cohorts",
           "rank_parts", "settled"]  # fmt: skip

T = TypeVar("T")


class Part(NamedTuple):
    """Graded units of one part; ``sheet.cohort`` are positions in the cohorts of the whole."""

    sheet: Sheet
    last_year: Grid


class Parts(Protocol):
    """Where the parts are: here, in files, or on other machines."""

    def each(self, task: Callable[[Part], T]) -> Iterable[T]:
        """What ``task`` gives for each part, in the order of the parts."""

    def settle(self, task: Callable[[Part], Asked], ties: str) -> Settled:
        """What follows from what ``task`` asks of all parts together."""


class Stand(Protocol):
    """The scores of all units."""

    def find(self, values: Floats, cohort: Codes) -> Standing:
        """Where the units of a part stand in their whole cohorts."""


class Settled(NamedTuple):
    """Where everybody stands; cut-off of each cohort; its line in every test of firmness."""

    scores: Stand
    cutoff: Floats
    lines: tuple[Line, ...]


def settled(asked: Asked, ties: str) -> Settled:
    """What follows from the scores of all units."""
    scores = asked.tallies[0]
    return Settled(scores, scores.cutoff(asked.quotas[0], ties), asked.lines())


@dataclass(frozen=True)
class PartSheet(Sheet):
    """A sheet with some of the units, and the sizes of the whole cohorts."""

    sizes: Codes

    @property
    def cohort_sizes(self) -> Codes:
        """Number of units in each cohort, those of other parts included."""
        return self.sizes


@dataclass(frozen=True)
class Whole:
    """What all parts know together: all that :func:`finish` needs to rank some of the units.

    ``plain_yard`` and ``plain_imputed`` hold where every coefficient is 1; ``lines`` are those
    of the tests of firmness in the order in which the tests ask for them.
    """

    cohorts: tuple[str, ...]
    sizes: Codes
    quotas: Codes
    yard: Yardsticks
    imputed: Imputed | None
    plain_yard: Yardsticks
    plain_imputed: Imputed | None
    scores: Stand
    cutoff: Floats
    lines: tuple[Line, ...]

    @property
    def small(self) -> Bools:
        """Cohorts that are not ranked."""
        return self.quotas < 0

    def sheet(self, part: Part) -> PartSheet:
        """The units of ``part`` among the whole cohorts."""
        return _widened(part, self.cohorts, self.sizes)


def _widened(part: Part, cohorts: Sequence[str], sizes: Codes) -> PartSheet:
    sheet = part.sheet
    return PartSheet(sheet.now, sheet.base, sheet.coefficient, sheet.cohort, cohorts, sizes)


def _weights(rules: Rules) -> Floats:
    return np.array([float(indicator.weight) for indicator in rules.indicators])


def kept_cohorts(
    parts: Parts, cohorts: Sequence[str], sizes: Codes, rules: Rules, log: IssueLog
) -> Bools:
    """Which cohorts have every benchmark that the pack takes from a table or another year.

    As :func:`landuse.ranking.bottom.with_benchmark`: units leave by whole cohorts, and are asked
    for until nobody leaves.
    """
    keep = np.ones(len(cohorts), dtype=bool)
    if not any(i.benchmark == "published" or i.benchmark_year for i in rules.indicators):
        return keep
    while True:
        task = partial(_yard_of_kept, rules=rules, keep=keep)
        absent = merged_yard(parts.each(task), rules, cohorts).absent
        leaving = np.asarray(np.any(absent, axis=0) & keep & (sizes > 0), dtype=bool)
        if not leaving.any():
            return keep
        report_absent(absent, leaving, cohorts, rules, log)
        keep &= ~leaving


def _yard_of_kept(part: Part, rules: Rules, keep: Bools) -> tuple[YardPart, ...]:
    return yard_part(part.sheet.take(keep[part.sheet.cohort]), rules, rules.coefficient)


def rank_parts(
    parts: Parts, cohorts: Sequence[str], sizes: Codes, rules: Rules, log: IssueLog
) -> Whole:
    """Benchmarks, scores and lines of all parts; ``sizes`` counts the units of each cohort."""
    names = tuple(cohorts)
    small = np.array([name == POOL for name in names], dtype=bool) & (sizes < rules.min_cohort)
    quotas = np.array([quota(rules.share, int(n), rules.rounding) for n in sizes], dtype=np.intp)
    quotas[small] = -1
    yard, imputed = _measured(parts, names, rules, rules.coefficient)
    plain_yard, plain_imputed = _measured(parts, names, rules, "none")
    nothing = Tally.of(np.zeros(0), np.zeros(0, np.intp), len(names))
    whole = Whole(
        names, sizes, quotas, yard, imputed, plain_yard, plain_imputed,
        nothing, np.full(len(names), np.nan), (),
    )  # fmt: skip
    found = parts.settle(partial(_tally_task, whole=whole, rules=rules), rules.ties)
    report_pools(whole.small, sizes, names, rules, log)
    report_benchmarks(yard, (sizes > 0) & ~whole.small, names, rules, log)
    return Whole(
        names, sizes, quotas, yard, imputed, plain_yard, plain_imputed,
        *found,
    )  # fmt: skip


def _measured(
    parts: Parts, cohorts: Sequence[str], rules: Rules, coefficient: str
) -> tuple[Yardsticks, Imputed | None]:
    yard = merged_yard(
        parts.each(partial(_yard_task, rules=rules, coefficient=coefficient)), rules, cohorts
    )
    if rules.missing != "cohort_mean":
        return yard, None
    told = parts.each(partial(_imputed_task, yard=yard, rules=rules, coefficient=coefficient))
    return yard, merged_imputed(told, len(rules.indicators), len(cohorts))


def _yard_task(part: Part, rules: Rules, coefficient: str) -> tuple[YardPart, ...]:
    return yard_part(part.sheet, rules, coefficient)


def _imputed_task(
    part: Part, yard: Yardsticks, rules: Rules, coefficient: str
) -> tuple[tuple[Sums, Ints], ...]:
    return imputed_part(part.sheet, yard, rules, coefficient)


class _Asking(Everybody):
    """Writes down which lines the tests of firmness ask for: of each the lowest scores of the part,
    as many as the line of the whole may need."""

    def __init__(self, sheet: Sheet, whole: Whole, rules: Rules) -> None:
        self._sheet, self._whole, self._rules = sheet, whole, rules
        self.tests: list[tuple[Tally, Codes]] = []

    def line(self, scores: Floats, quotas: Codes) -> Line:
        """Nothing is flagged yet: every line is below everybody."""
        cohorts = len(quotas)
        tally = Tally.of(scores, self._sheet.cohort, cohorts).lowest(quotas + 1)
        self.tests.append((tally, quotas))
        return Line(np.full(cohorts, -np.inf), np.full(cohorts, -np.inf))

    def scores_without_coefficient(self) -> Floats:
        """Scores with the benchmarks of the whole, every coefficient 1."""
        whole = self._whole
        weights = _weights(self._rules)
        found = scored_part(
            self._sheet, whole.plain_yard, whole.plain_imputed, self._rules, weights, "none"
        )
        return found.micro


class _Told(_Asking):
    """Answers with the lines of the whole, which are asked for in the order in which they were."""

    def __init__(self, sheet: Sheet, whole: Whole, rules: Rules) -> None:
        super().__init__(sheet, whole, rules)
        self._lines = iter(whole.lines)

    def line(self, scores: Floats, quotas: Codes) -> Line:  # noqa: ARG002
        """The next of the lines."""
        return next(self._lines)


def _tally_task(part: Part, whole: Whole, rules: Rules) -> Asked:
    sheet = whole.sheet(part)
    scored = _scored(sheet, whole, rules)
    nobody, nowhere = np.zeros(sheet.size, dtype=bool), np.zeros(sheet.size, dtype=np.intp)
    places = Places(Standing(nowhere, nowhere), nobody, nobody, whole.cutoff)
    asking = _Asking(sheet, whole, rules)
    firmness(
        sheet, rules, _weights(rules), whole.yard, scored, places, whole.quotas,
        part.last_year, asking,
    )  # fmt: skip
    own = Tally.of(scored.micro, sheet.cohort, len(whole.cohorts))
    tallies, quotas = zip((own, whole.quotas), *asking.tests, strict=True)
    return Asked(tallies, quotas)


def _scored(sheet: Sheet, whole: Whole, rules: Rules) -> Scored:
    return scored_part(sheet, whole.yard, whole.imputed, rules, _weights(rules), rules.coefficient)


def finish(part: Part, whole: Whole, rules: Rules) -> Ranking:
    """Rank the units of one part among everybody: as :func:`landuse.ranking.rank` ranks them."""
    sheet = whole.sheet(part)
    scored = _scored(sheet, whole, rules)
    own = whole.quotas[sheet.cohort]
    found = whole.scores.find(scored.micro, sheet.cohort)
    flagged = found.flagged(own, rules.ties)
    tied = (found.below < own) & (found.upto > own)
    places = Places(found, flagged, tied, whole.cutoff)
    stands = below_values(sheet.now, rules)
    ranked = ~whole.small[sheet.cohort]
    grade = classes(found, sheet.cohort, whole.sizes, rules.classes)
    tests = firmness(
        sheet, rules, _weights(rules), whole.yard, scored, places, whole.quotas,
        part.last_year, _Told(sheet, whole, rules),
    )  # fmt: skip
    return Ranking(
        sheet=sheet,
        yard=whole.yard,
        scored=scored,
        places=places,
        quotas=whole.quotas,
        ranked=ranked,
        flagged=flagged & stands,
        spared=flagged & ~stands,
        firmness=tests,
        grade_class=np.where(ranked, grade, ""),
    )

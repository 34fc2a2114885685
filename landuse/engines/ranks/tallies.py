"""How many units have which score: what parts of a cohort must tell each other to be ranked.

A tally holds every different value of a cohort once, with its count. Tallies of parts are added;
rank, cut-off and median of the whole follow from the sum, and no unit leaves its part. A value
takes 24 bytes here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from landuse.ranking.places import Line, Standing

if TYPE_CHECKING:
    from landuse.ranking.sheet import Codes, Floats, Ints

__all__ = ["Asked", "Steps", "Tally"]

_AT_ONCE: Final = 16


class Steps(NamedTuple):
    """The different values of one cohort, ascending, and how many units have at most each."""

    value: Floats
    upto: Codes

    def find(self, values: Floats) -> tuple[Codes, Codes]:
        """How many units are below each of ``values``, which are among these, and how many have
        at most as much."""
        at = np.searchsorted(self.value, values)
        return np.where(at > 0, self.upto[at - 1], 0), self.upto[at]


@dataclass(frozen=True)
class Tally:
    """Values by cohort, ascending, each once with its ``count``; of ``cohorts`` cohorts."""

    cohort: Codes
    value: Floats
    count: Ints
    cohorts: int

    @classmethod
    def of(cls, values: Floats, cohort: Codes, cohorts: int) -> Tally:
        """Count the values of some units.

        >>> Tally.of(np.array([2.0, 1.0, 2.0]), np.array([0, 0, 0]), 1).count.tolist()
        [1, 2]
        """
        # short numbers are sorted by their digits, and each cohort for itself
        order = np.argsort(cohort.astype(np.min_scalar_type(cohorts)), kind="stable")
        value, sizes = values[order], np.bincount(cohort, minlength=cohorts)
        ends, some = np.cumsum(sizes), sizes > 0
        for start, end in zip((ends - sizes)[some].tolist(), ends[some].tolist(), strict=True):
            value[start:end].sort()
        ones = np.ones(len(values), dtype=np.int64)
        return cls._counted(np.repeat(np.arange(cohorts), sizes), value, ones, cohorts)

    @classmethod
    def added(cls, cohort: Codes, value: Floats, count: Ints, cohorts: int) -> Tally:
        """The tally of values with their counts, in any order and any number of times."""
        order = np.lexsort((value, cohort))
        return cls._counted(cohort[order], value[order], count[order], cohorts)

    @classmethod
    def _counted(cls, cohort: Codes, value: Floats, count: Ints, cohorts: int) -> Tally:
        """Sorted values, equal ones as one."""
        new = np.ones(len(value), dtype=bool)
        new[1:] = (np.diff(value) != 0) | (np.diff(cohort) != 0)
        first = np.flatnonzero(new)
        total = np.add.reduceat(count, first) if len(first) else count
        return cls(cohort[first].astype(np.intp), value[first], total, cohorts)

    @classmethod
    def merged(cls, parts: Iterable[Tally], cohorts: int) -> Tally:
        """The tally of all parts together; few are held at a time."""
        nothing = np.zeros(0)
        whole = cls.of(nothing, nothing.astype(np.intp), cohorts)
        rest = iter(parts)
        while some := list(islice(rest, _AT_ONCE)):
            found = [whole, *some]
            whole = cls.added(
                np.concatenate([part.cohort for part in found]),
                np.concatenate([part.value for part in found]),
                np.concatenate([part.count for part in found]),
                cohorts,
            )
        return whole

    @property
    def standing(self) -> Standing:
        """Where each value stands in its cohort."""
        upto = np.cumsum(self.count)
        before = np.concatenate([[0], upto])[self.starts[:-1]]
        upto = upto - before[self.cohort]
        return Standing((upto - self.count).astype(np.intp), upto.astype(np.intp))

    @property
    def starts(self) -> Codes:
        """Where the values of each cohort begin; one number more: where the last ends."""
        return np.searchsorted(self.cohort, np.arange(self.cohorts + 1))

    def find(self, values: Floats, cohort: Codes) -> Standing:
        """Where units of a part, whose values are in this tally, stand in their whole cohorts."""
        starts, upto = self.starts, self.standing.upto
        below, above = (np.zeros(len(values), dtype=np.intp) for _ in range(2))
        for code in np.unique(cohort).tolist():
            mine, span = cohort == code, slice(starts[code], starts[code + 1])
            steps = Steps(self.value[span], upto[span])
            below[mine], above[mine] = steps.find(values[mine])
        return Standing(below, above)

    def lowest(self, most: Codes) -> Tally:
        """Only as much as is needed to find the ``most`` lowest units of each cohort."""
        kept = self.standing.below < most[self.cohort]
        return Tally(self.cohort[kept], self.value[kept], self.count[kept], self.cohorts)

    def at(self, place: Codes) -> Floats:
        """The value of the unit at ``place`` of each cohort (0 the lowest), ``NaN`` if none."""
        found = self.standing
        wanted = place[self.cohort]
        here = (found.below <= wanted) & (wanted < found.upto)
        out = np.full(self.cohorts, np.nan)
        out[self.cohort[here]] = self.value[here]
        return out

    def line(self, quotas: Codes) -> Line:
        """The line of each cohort, as :func:`landuse.ranking.places.line` finds it."""
        at, after = self.at(quotas - 1), self.at(quotas)
        some = quotas > 0
        after = np.where(np.isnan(after), np.inf, after)
        return Line(np.where(some, at, -np.inf), np.where(some, after, -np.inf))

    def cutoff(self, quotas: Codes, ties: str) -> Floats:
        """The highest flagged value of each cohort, ``NaN`` where nobody is flagged."""
        flagged = self.standing.flagged(quotas[self.cohort], ties)
        out = np.full(self.cohorts, -np.inf)
        np.maximum.at(out, self.cohort[flagged], self.value[flagged])
        return np.where(np.isinf(out), np.nan, out)

    def median(self) -> Floats:
        """The median of each cohort, ``NaN`` where it is empty."""
        size = np.bincount(self.cohort, weights=self.count, minlength=self.cohorts)
        size = size.astype(np.intp)
        return (self.at((size - 1) // 2) + self.at(size // 2)) / 2.0


@dataclass(frozen=True)
class Asked:
    """What a part tells of its scores: ``tallies`` of them as they are and in every test, and how
    many units each of these flags in each cohort of the whole."""

    tallies: tuple[Tally, ...]
    quotas: tuple[Codes, ...]

    @classmethod
    def merged(cls, parts: Iterable[Asked]) -> Asked:
        """What all parts tell together; at least one."""
        told = list(parts)
        tallies = zip(*(one.tallies for one in told), strict=True)
        cohorts = told[0].tallies[0].cohorts
        return cls(tuple(Tally.merged(some, cohorts) for some in tallies), told[0].quotas)

    def lines(self) -> tuple[Line, ...]:
        """The line of each cohort in every test."""
        return tuple(
            tally.line(quotas)
            for tally, quotas in zip(self.tallies[1:], self.quotas[1:], strict=True)
        )

"""How many units have which score: what parts of a cohort must tell each other to be ranked.

A tally holds every different value of a cohort once, with its count. Tallies of parts are added;
rank, cut-off and median of the whole follow from the sum, and no unit leaves its part. A value
takes 24 bytes here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from landuse.ranking.places import Line, Standing

if TYPE_CHECKING:
    from landuse.ranking.sheet import Codes, Floats, Ints

__all__ = ["Heap", "Tally"]

_AT_ONCE: Final = 16


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
        return _added(cohort, values, np.ones(len(values), dtype=np.int64), cohorts)

    @classmethod
    def merged(cls, parts: Iterable[Tally], cohorts: int) -> Tally:
        """The tally of all parts together; few are held at a time."""
        nothing = np.zeros(0)
        whole = cls.of(nothing, nothing.astype(np.intp), cohorts)
        rest = iter(parts)
        while some := list(islice(rest, _AT_ONCE)):
            found = [whole, *some]
            whole = _added(
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
        before = np.concatenate([[0], upto])[self._starts()]
        upto = upto - before[self.cohort]
        return Standing((upto - self.count).astype(np.intp), upto.astype(np.intp))

    def _starts(self) -> Codes:
        return np.searchsorted(self.cohort, np.arange(self.cohorts))

    def find(self, values: Floats, cohort: Codes) -> Standing:
        """Where units of a part, whose values are in this tally, stand in their whole cohorts."""
        place = np.zeros(len(values), dtype=np.intp)
        starts = np.append(self._starts(), len(self.value))
        for code in np.unique(cohort).tolist():
            mine = cohort == code
            low, high = starts[code], starts[code + 1]
            place[mine] = low + np.searchsorted(self.value[low:high], values[mine])
        found = self.standing
        return Standing(found.below[place], found.upto[place])

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


class Heap:
    """Tallies added as they come; few are held at a time."""

    def __init__(self, cohorts: int) -> None:
        self._cohorts = cohorts
        self._held: list[Tally] = []

    def add(self, tally: Tally) -> None:
        """One more part."""
        self._held.append(tally)
        if len(self._held) >= _AT_ONCE:
            self._held = [self.whole()]

    def whole(self) -> Tally:
        """What was added so far."""
        return Tally.merged(self._held, self._cohorts)


def _added(cohort: Codes, value: Floats, count: npt.NDArray[np.int64], cohorts: int) -> Tally:
    order = np.lexsort((value, cohort))
    cohort, value, count = cohort[order], value[order], count[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(value) != 0) | (np.diff(cohort) != 0)
    first = np.flatnonzero(new)
    total = np.add.reduceat(count, first) if len(first) else count
    return Tally(cohort[first].astype(np.intp), value[first], total, cohorts)

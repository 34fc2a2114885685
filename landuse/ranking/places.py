"""Quota, rank, cut-off, ties and classes (method, section 6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from landuse.ranking.sheet import Bools, Codes, Floats

__all__ = [
    "ROUNDINGS",
    "Line",
    "Places",
    "Standing",
    "class_names",
    "classes",
    "line",
    "place",
    "quota",
    "standing",
]

ROUNDINGS: Final = ("floor", "half_up", "ceil")
_EXACT: Final = 2.0**53
"""Up to here floats hold every whole number."""


def quota(share: Fraction, units: int, rounding: str) -> int:
    """How many of ``units`` are the bottom ``share``, in exact arithmetic.

    >>> [quota(Fraction("0.15"), 10, rounding) for rounding in ROUNDINGS]
    [1, 2, 2]
    >>> quota(Fraction("0.15"), 20, "floor")
    3
    """
    exact = share * units
    if rounding == "ceil":
        return min(math.ceil(exact), units)
    return min(math.floor(exact + (Fraction(1, 2) if rounding == "half_up" else 0)), units)


@dataclass(frozen=True)
class Standing:
    """How many units of the same cohort score less (``below``), and how many the same or less
    (``upto``, itself included)."""

    below: Codes
    upto: Codes

    def flagged(self, quotas: Codes, ties: str) -> Bools:
        """Whether each unit is among the bottom ``quotas`` of its cohort.

        ``"include"``: rank ≤ quota. ``"spare"``: the whole tie must fit into the quota.

        >>> tie = Standing(np.array([0, 1, 1]), np.array([1, 3, 3]))
        >>> tie.flagged(np.array([2, 2, 2]), "include").tolist()
        [True, True, True]
        >>> tie.flagged(np.array([2, 2, 2]), "spare").tolist()
        [True, False, False]
        """
        return (self.upto if ties == "spare" else self.below + 1) <= quotas


@dataclass(frozen=True)
class Line:
    """Each cohort's score at the quota and the next one above it (in order, ties repeated)."""

    at: Floats
    after: Floats

    def flagged(self, scores: Floats, old: Floats, cohort: Codes, ties: str) -> Bools:
        """Whether each unit is flagged if it alone had ``scores`` and the others what they had.

        The score to beat is that of the others at the quota: the next one, if the unit's own
        ``old`` score stands at or below the line.
        """
        at = self.at[cohort]
        others = np.where(old > at, at, self.after[cohort])
        return scores < others if ties == "spare" else scores <= others


def line(scores: Floats, by_cohort: Codes, ends: Codes, quotas: Codes) -> Line:
    """The line of each cohort; ``by_cohort`` orders the units by cohort, ``ends`` closes each.

    >>> found = line(np.array([3.0, 1.0, 2.0]), np.arange(3), np.array([3]), np.array([2]))
    >>> found.at.tolist(), found.after.tolist()
    ([2.0], [3.0])
    """
    ordered = scores[by_cohort]
    at, after = np.full(len(ends), -np.inf), np.full(len(ends), -np.inf)
    start = 0
    for cohort, (end, places) in enumerate(zip(ends.tolist(), quotas.tolist(), strict=True)):
        size = end - start
        if places > 0:
            wanted = [place for place in (places - 1, places) if place < size]
            lowest = np.partition(ordered[start:end], wanted)
            at[cohort] = lowest[places - 1]
            after[cohort] = lowest[places] if places < size else np.inf
        start = end
    return Line(at, after)


@dataclass(frozen=True)
class Places:
    """Rank (1 is the lowest score), flag and tie of each unit; cut-off of each cohort in
    millionths, ``NaN`` where there is none."""

    standing: Standing
    flagged: Bools
    tied: Bools
    cutoff: Floats

    @property
    def rank(self) -> Codes:
        """Equal scores have the same, smallest rank (1, 2, 2, 4)."""
        return self.standing.below + 1


def standing(scores: Floats, cohort: Codes, cohorts: int) -> Standing:
    """Where each score stands in its cohort."""
    order = _in_turn(scores, cohort, cohorts)
    ordered, group = scores[order], cohort[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(ordered) != 0) | (np.diff(group) != 0)
    tie = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    after = np.append(first[1:], len(order))
    start = _starts(cohort, cohorts)[group]
    below, upto = np.empty(len(order), dtype=np.intp), np.empty(len(order), dtype=np.intp)
    below[order] = first[tie] - start
    upto[order] = after[tie] - start
    return Standing(below, upto)


def _in_turn(scores: Floats, cohort: Codes, cohorts: int) -> Codes:
    """The units by cohort and score; by one number each where scores are whole, as they should."""
    if len(scores) and (np.rint(scores) == scores).all():
        width = scores.max() - scores.min() + 1.0
        if width * cohorts < _EXACT:
            return np.argsort(cohort * width + (scores - scores.min()))
    return np.lexsort((scores, cohort))


def _starts(cohort: Codes, cohorts: int) -> Codes:
    counts = np.bincount(cohort, minlength=cohorts)
    return np.cumsum(counts) - counts


def place(scores: Floats, cohort: Codes, quotas: Codes, ties: str) -> Places:
    """Ranks, flags and cut-offs of all cohorts; ``quotas`` has one entry a cohort."""
    found = standing(scores, cohort, len(quotas))
    own_quota = quotas[cohort]
    flagged = found.flagged(own_quota, ties)
    at_border = (found.below < own_quota) & (found.upto >= own_quota)
    tied = at_border & (found.upto > own_quota)
    cutoff = np.full(len(quotas), -np.inf)
    np.maximum.at(cutoff, cohort[flagged], scores[flagged])
    return Places(found, flagged, tied, np.where(np.isinf(cutoff), np.nan, cutoff))


def class_names(shares: Mapping[str, Fraction]) -> list[tuple[str, Fraction]]:
    """Classes from the worst to the best with the share of each.

    ``shares`` are cumulative from the best; that of the worst is 1.

    >>> cumulative = {"A": Fraction("0.20"), "B": Fraction("0.60"), "C": Fraction(1)}
    >>> [(name, str(share)) for name, share in class_names(cumulative)]
    [('C', '2/5'), ('B', '2/5'), ('A', '1/5')]
    """
    ordered = sorted(shares.items(), key=lambda item: item[1])
    bounds = [Fraction(0), *(share for _, share in ordered)]
    widths = [upper - lower for lower, upper in pairwise(bounds)]
    return [(name, width) for (name, _), width in zip(ordered, widths, strict=True)][::-1]


def classes(
    found: Standing, cohort: Codes, sizes: Codes, shares: Mapping[str, Fraction]
) -> npt.NDArray[np.object_]:
    """The class of each unit; empty strings if the pack has no classes.

    The worst class has ``floor(its share · n)`` units, then the next; a tie at a border goes to
    the better class. ``sizes`` is n of each cohort.
    """
    names = class_names(shares)
    out = np.full(len(cohort), names[-1][0] if names else "", dtype=object)
    border = np.zeros(len(sizes), dtype=np.intp)
    undecided = np.ones(len(cohort), dtype=bool)
    for name, share in names[:-1]:
        border = border + np.array([quota(share, int(n), "floor") for n in sizes], dtype=np.intp)
        here = undecided & (found.upto <= border[cohort])
        out[here] = name
        undecided &= ~here
    return out

"""Which plots keep their class to themselves, so that no small group of a public copy is told.

A *group* is a class, a class within a park, or a class within an industry, of the plots whose class
is shown. It is small where fewer than :data:`LEAST` users stand behind it. A small group is
withheld: its plots are drawn, but without class and bands. Further plots of other classes are
withheld with it, so that whoever knows every total (how many plots each park, industry and class
has) still cannot tell what the withheld plots are:

* in each park and industry, and in all, the withheld plots are none or have ``LEAST`` users, and of
  more than one class;
* of each class that is withheld anywhere, ``LEAST`` users' plots are withheld;
* of a small group, all may lie elsewhere: its park has at most as many withheld plots as there are
  withheld plots of other classes, ``withheld(park) + withheld(class) <= withheld(all)``.

The last two make the bounds that the sums allow for a small group reach from 0 to ``LEAST``
(bounds of a transport problem: ``max(0, park + class - all)`` and ``min(park, class)``). Where the
true totals alone tell more, nothing withheld can mend that.

Another copy of the same run withholds what the first one does, and what it adds is withheld by the
same rules for itself (:func:`withheld_too`): the one copy less the other is nothing or no small
group.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

__all__ = ["LEAST", "merged", "owners_of", "withheld", "withheld_too"]

LEAST: Final = 3
"""Users that a group must have to be shown (customary in official statistics)."""

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Codes = np.ndarray[Any, np.dtype[np.int64]]


def owners_of(group: Codes, owner: Codes, count: int) -> Codes:
    """How many different owners each of ``count`` groups has."""
    if not len(group):
        return np.zeros(count, dtype=np.int64)
    wide = int(owner.max()) + 1
    pairs = np.unique(group * wide + owner)
    return np.bincount(pairs // wide, minlength=count).astype(np.int64)


def merged(side: Codes, owner: Codes, count: int) -> Mask:
    """Which of ``count`` parks or industries are too small to be named, each for itself.

    They are shown as one; where that is small too, the smallest of the others joins it. ``side`` is
    the place of each plot's park or industry.
    """
    users = owners_of(side, owner, count)
    small: Mask = (users > 0) & (users < LEAST)
    joining = np.argsort(users, kind="stable")
    for place in joining[users[joining] >= LEAST]:
        inside = small[side]
        together = int(owners_of(np.zeros(int(inside.sum()), np.int64), owner[inside], 1)[0])
        if not 0 < together < LEAST:
            break
        small[place] = True
    return small


def withheld(
    kind: Codes, owner: Codes, sides: list[Codes], order: Codes, start: Mask | None = None
) -> Mask:
    """Which plots are shown without their class.

    ``kind``: class of each plot; ``owner``: who stands behind it; ``sides``: its park, its
    industry; ``order``: a rank of the plots that nobody outside knows, by which further plots are
    chosen; ``start``: plots that are withheld in any case.
    """
    found = _Withholding(kind, owner, [np.zeros_like(kind), *sides], order)
    if start is not None:
        found.hidden |= start
    return found.run()


def withheld_too(kind: Codes, owner: Codes, sides: list[Codes], order: Codes, first: Mask) -> Mask:
    """Which plots another copy shows without their class, where the first one withheld ``first``.

    All of ``first``, and further ones that are nothing or :data:`LEAST` users' in each class and in
    each side, as far as the plots that the first copy shows allow: taking one copy from the other
    gives what is added, never a part of ``first``.
    """
    hidden, free = first.copy(), ~first
    alone = [side[free] for side in sides]
    before = -1
    while int(hidden.sum()) > before:
        before = int(hidden.sum())
        hidden = withheld(kind, owner, sides, order, hidden)
        hidden[free] = withheld(kind[free], owner[free], alone, order[free], hidden[free])
    return hidden


class _Withholding:
    """Withholds until nothing is small; only ever adds plots, so it comes to an end."""

    def __init__(self, kind: Codes, owner: Codes, sides: list[Codes], order: Codes) -> None:
        self.kind, self.owner, self.sides = kind, owner, sides
        self.by_order = np.argsort(order, kind="stable")
        self.kinds = int(kind.max(initial=0)) + 1
        self.counts = [int(side.max(initial=0)) + 1 for side in sides]
        self.hidden: Mask = np.zeros(len(kind), dtype=bool)
        cells = [self._users_of_cells(side, n) for side, n in zip(sides, self.counts, strict=True)]
        self.small = [(one > 0) & (one < LEAST) for one in cells]

    def run(self) -> Mask:
        steps = (self._small_groups, self._thin_pools, self._thin_kinds, self._pinned)
        while any(step() for step in steps):
            pass
        return self.hidden

    def _users_of_cells(self, side: Codes, count: int, where: Mask | None = None) -> Codes:
        """Users of each side and class, a row a side, of the plots in ``where``."""
        here = slice(None) if where is None else where
        cell = (side * self.kinds + self.kind)[here]
        users = owners_of(cell, self.owner[here], count * self.kinds)
        return users.reshape(count, self.kinds)

    def _small_groups(self) -> bool:
        """Withhold each shown group that is small."""
        before = int(self.hidden.sum())
        for side, count in zip(self.sides, self.counts, strict=True):
            users = self._users_of_cells(side, count, ~self.hidden)
            small = (users > 0) & (users < LEAST)
            self.hidden |= small[side, self.kind]
        return int(self.hidden.sum()) > before

    def _thin_pools(self) -> bool:
        """Add to the withheld plots of a side that are too few, or of one class."""
        grew = False
        for side, count in zip(self.sides, self.counts, strict=True):
            users = owners_of(side[self.hidden], self.owner[self.hidden], count)
            kinds = (self._users_of_cells(side, count, self.hidden) > 0).sum(axis=1)
            for place in np.flatnonzero((users > 0) & ((users < LEAST) | (kinds < 2))):
                inside = side == place
                lacking = max(LEAST - int(users[place]), 1)
                own = np.unique(self.kind[inside & self.hidden])
                other = inside & ~np.isin(self.kind, own) if kinds[place] < 2 else inside
                grew |= self._add(other, lacking) or self._add(inside, LEAST - int(users[place]))
        return grew

    def _thin_kinds(self) -> bool:
        """Add to a class of which few are withheld."""
        users = owners_of(self.kind[self.hidden], self.owner[self.hidden], self.kinds)
        grew = False
        for place in np.flatnonzero((users > 0) & (users < LEAST)):
            grew |= self._add(self.kind == place, LEAST - int(users[place]))
        return grew

    def _pinned(self) -> bool:
        """Withhold more elsewhere where a small group could not be empty."""
        pool = self.hidden
        of_kind = np.bincount(self.kind[pool], minlength=self.kinds)
        grew = False
        for side, count, small in zip(self.sides, self.counts, self.small, strict=True):
            of_side = np.bincount(side[pool], minlength=count)
            excess = of_side[:, None] + of_kind[None, :] - int(pool.sum())
            for place, kind in zip(*np.nonzero(small & (excess > 0)), strict=True):
                elsewhere = (side != place) & (self.kind != kind)
                grew |= self._add(elsewhere, int(excess[place, kind]))
        return grew

    def _add(self, wanted: Mask, many: int) -> bool:
        """Withhold plots of ``many`` users, first of the commonest class among those ``wanted``."""
        free = wanted & ~self.hidden
        if many <= 0 or not free.any():
            return False
        common = np.bincount(self.kind[free], minlength=self.kinds)
        ranked = self.by_order[free[self.by_order]]
        ranked = ranked[np.argsort(-common[self.kind[ranked]], kind="stable")]
        first = np.sort(np.unique(self.owner[ranked], return_index=True)[1])[:many]
        self.hidden[ranked[first]] = True
        return True

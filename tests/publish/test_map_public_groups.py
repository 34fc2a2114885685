"""Small groups cannot be worked out: an attacker solves the published sums and learns nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse.publish.map.public_groups import LEAST, merged, owners_of, withheld


def attack(kind, side, hidden, place, wanted):
    """The least and the most plots of class ``wanted`` that side ``place`` may hold.

    The attacker sees the class of each plot that is shown and the side of every plot, and knows
    from elsewhere how many plots each class has in all. What is left is a linear program over the
    withheld plots: how many of each class each side has.
    """
    from scipy.optimize import linprog

    sides, kinds = side.max() + 1, kind.max() + 1
    rows, sums = [], []
    for s in range(sides):
        row = np.zeros((sides, kinds))
        row[s] = 1
        rows.append(row.ravel())
        sums.append((hidden & (side == s)).sum())
    for k in range(kinds):
        row = np.zeros((sides, kinds))
        row[:, k] = 1
        rows.append(row.ravel())
        sums.append((kind == k).sum() - (~hidden & (kind == k)).sum())
    goal = np.zeros((sides, kinds))
    goal[place, wanted] = 1
    shown = (~hidden & (side == place) & (kind == wanted)).sum()
    ends = [linprog(sign * goal.ravel(), A_eq=rows, b_eq=sums).fun * sign for sign in (1, -1)]
    return [round(end) + shown for end in ends]


@st.composite
def counties(draw):
    n = draw(st.integers(1, 60))
    several = lambda most: draw(  # noqa: E731 - shorter than a function
        st.lists(st.integers(0, most), min_size=n, max_size=n).map(lambda one: np.array(one))
    )
    order = np.array(draw(st.permutations(range(n))))
    return several(4), several(2 * n), several(5), several(3), order


@settings(max_examples=25, deadline=None, derandomize=True)
@given(counties())
def test_no_small_group_is_shown_or_can_be_solved(county):
    kind, owner, park, industry, order = county
    hidden = withheld(kind, owner, [park, industry], order)
    for side in (np.zeros_like(kind), park, industry):
        for place in np.unique(side):
            inside = side == place
            pool = len(set(owner[hidden & inside]))
            assert pool == 0 or pool >= LEAST or hidden[inside].all()
            for one in np.unique(kind[inside]):
                group = inside & (kind == one)
                users = len(set(owner[group & ~hidden]))
                assert users == 0 or users >= LEAST
                if 0 < len(set(owner[group])) < LEAST and side.max():
                    low, high = attack(kind, side, hidden, place, one)
                    truth = int(inside.sum()), int((kind == one).sum())
                    # what the true totals alone tell, nothing that is withheld can mend
                    forced = max(0, sum(truth) - len(kind)) > 0 or min(truth) < LEAST
                    assert forced or (low == 0 and high >= LEAST), (low, high)


def test_the_second_group_of_a_worked_example():
    # two parks of ten plots; all normal (0) but one flagged (1) in the first and six in the second
    kind = np.array([1, *[0] * 9, *[1] * 6, *[0] * 4])
    park = np.array([0] * 10 + [1] * 10)
    owner, order = np.arange(20), np.arange(20)
    hidden = withheld(kind, owner, [park], order)
    assert hidden[0]
    # with it normal plots of its park, or it alone would be the withheld one
    assert (hidden & (park == 0) & (kind == 0)).sum() >= 2
    # and flagged ones of the other park: 7 flagged in all less 6 shown would tell the one
    assert (hidden & (park == 1) & (kind == 1)).sum() >= 2
    assert attack(kind, park, hidden, 0, 1) == [0, 3]
    assert hidden.sum() < 12


def test_nothing_is_withheld_where_nothing_is_small():
    kind = np.repeat([0, 1, 2], 10)
    side = np.tile(np.repeat([0, 1], 5), 3)
    assert not withheld(kind, np.arange(30), [side], np.arange(30)).any()


def test_one_owner_of_many_plots_is_a_small_group():
    kind = np.array([0] * 10 + [1] * 10)
    owner = np.array([7] * 10 + list(range(10, 20)))
    hidden = withheld(kind, owner, [np.zeros(20, int)], np.arange(20))
    assert hidden[:10].all()


@pytest.mark.parametrize(
    ("owners", "small"),
    [
        ([5, 4, 6], [False, False, False]),
        ([5, 2, 1], [False, True, True]),  # three users together
        ([5, 2, 4], [False, True, True]),  # two alone would be told: the next smallest joins
        ([2, 0, 0], [True, False, False]),
    ],
)
def test_small_parks_stand_together(owners, small):
    side = np.repeat(np.arange(len(owners)), owners)
    assert merged(side, np.arange(len(side)), len(owners)).tolist() == small


def test_owners_are_counted_once_a_group():
    group = np.array([0, 0, 0, 1, 3])
    assert owners_of(group, np.array([4, 4, 5, 4, 9]), 4).tolist() == [2, 1, 0, 1]
    assert owners_of(np.array([], int), np.array([], int), 2).tolist() == [0, 0]


def skewed(seed):
    """A county as they are: a few large classes and parks, and many small ones."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 160))
    kind = rng.choice(6, n, p=rng.dirichlet(np.full(6, 0.4)))
    park = rng.choice(8, n, p=rng.dirichlet(np.ones(8)))
    return kind, rng.integers(0, 2 * n, n), park, rng.integers(0, 6, n), rng.permutation(n)


@pytest.mark.parametrize("seed", range(30))
def test_bounds_of_small_groups_reach_from_nothing_to_three(seed):
    kind, owner, park, industry, order = skewed(seed)
    hidden = withheld(kind, owner, [park, industry], order)
    pool = int(hidden.sum())
    for side in (park, industry):
        for place in np.unique(side):
            for one in np.unique(kind):
                group = (side == place) & (kind == one)
                if not 0 < len(set(owner[group])) < LEAST:
                    continue
                of_side = int((hidden & (side == place)).sum())
                of_kind = int((hidden & (kind == one)).sum())
                bounds = max(0, of_side + of_kind - pool), min(of_side, of_kind)
                truth = int((side == place).sum()), int((kind == one).sum())
                forced = sum(truth) > len(kind) or min(truth) < LEAST
                assert forced or (bounds[0] == 0 and bounds[1] >= LEAST), bounds


def test_a_small_group_of_many_plots_is_not_pinned_to_its_park():
    # ten flagged plots of one owner in park 0, among 20 normal ones; 40 normal and 5 flagged in 1
    kind = np.array([1] * 10 + [0] * 20 + [0] * 40 + [1] * 5)
    park = np.array([0] * 30 + [1] * 45)
    owner = np.array([0] * 10 + list(range(1, 66)))
    hidden = withheld(kind, owner, [park], np.arange(75))
    # withheld in park 0 + withheld flagged ones <= all withheld, so that none need be in park 0
    assert attack(kind, park, hidden, 0, 1)[0] == 0
    assert (~hidden).sum() > 0

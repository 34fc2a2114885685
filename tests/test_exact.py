"""Sums of large groups are those that Shewchuk's algorithm gives, to the last bit."""

import math

import numpy as np
import pytest

from landuse.exact import group_fsum, total


def spread_out(kind, count=3_000):
    rng = np.random.default_rng(5)
    if kind == "areas":
        return rng.uniform(1e-6, 1e5, count)
    if kind == "both signs":
        return rng.normal(0, 1, count) * 10.0 ** rng.integers(-3, 12, count)
    if kind == "nothing left":
        half = rng.normal(0, 1e9, count // 2)
        return np.concatenate([half, -half[::-1]])
    if kind == "tiny":
        return rng.integers(1, 9, count) * 5e-324
    return 10.0 ** rng.integers(-300, 300, count)  # more powers of two than values


KINDS = ("areas", "both signs", "nothing left", "tiny", "far apart")


@pytest.mark.parametrize("kind", KINDS)
def test_large_groups_and_wholes_are_exactly_rounded(kind):
    values = spread_out(kind)
    codes = np.random.default_rng(6).integers(0, 3, len(values))
    expected = [math.fsum(values[codes == group]) for group in range(4)]
    assert group_fsum(values, codes, 4).tolist() == expected  # nothing in the last
    assert total(values) == math.fsum(values)
    assert total(values[:9]) == math.fsum(values[:9])


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_is_no_number_shows_in_the_sum(odd):
    values = np.append(spread_out("areas"), odd)
    np.testing.assert_equal(total(values), odd)
    np.testing.assert_equal(group_fsum(values, np.zeros(len(values), dtype=np.intp), 1)[0], odd)


def test_a_half_is_rounded_to_even():
    # 2**53 + 1 lies between two floats; a little more is nearer to the upper one
    values = np.zeros(300)
    values[:2] = 2.0**53, 1.0
    assert total(values) == 2.0**53
    values[2] = 1e-9
    assert total(values) == 2.0**53 + 2

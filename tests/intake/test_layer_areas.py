"""Registered against measured area: exact limits, wrong units, disputes."""

import numpy as np
import pytest
from layer_files import rules

from landuse.intake.areas import account, wrong_unit

M2 = 1_000_000


def accounted(registered, measured, present=None, **override):
    registered = np.array(registered, dtype=np.int64)
    present = np.ones(len(registered), bool) if present is None else np.array(present)
    return account(registered, present, np.array(measured, dtype=np.int64), rules(**override))


def test_the_registered_area_counts_where_it_is_above_zero():
    found = accounted(
        [5000 * M2, 0, -7 * M2, 5000 * M2], [5010 * M2] * 4, [True, True, True, False]
    )
    assert found.area.tolist() == [5000 * M2, 5010 * M2, 5010 * M2, 5010 * M2]
    assert found.source.tolist() == ["registered", "geometry", "geometry", "geometry"]
    assert not found.in_dispute.any()


def test_the_geometry_counts_if_the_pack_says_so_and_the_gap_is_still_said():
    found = accounted([5000 * M2], [6000 * M2], area_basis="geometry")
    assert (found.area[0], found.source[0], found.gap[0]) == (6000 * M2, "geometry", True)


def test_a_gap_needs_more_than_one_percent_and_more_than_half_a_mu():
    # 1 % of 100 000 m² is exactly 1 000 m² (1.5 mu); half a mu is 333.333333… m²
    registered = [100_000 * M2] * 3 + [10_000 * M2] * 3
    measured = [
        101_000 * M2,  # exactly 1 %: no gap
        101_000 * M2 + 1,  # a millionth more
        98_999 * M2,
        10_333_333_333,  # 3.3 %, but a fraction of a millionth below half a mu
        10_333_333_334,  # above it
        9_666 * M2,
    ]
    assert accounted(registered, measured).gap.tolist() == [False, True, True, False, True, True]


def test_a_dispute_needs_more_than_a_factor_of_two_either_way():
    measured = [10_000 * M2] * 4
    registered = [20_000 * M2, 20_000 * M2 + 1, 5_000 * M2, 5_000 * M2 - 1]
    assert accounted(registered, measured).in_dispute.tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("unit", "ratio", "likely"),
    [("m2", 1 / 666.67, "mu"),  # mu read as m²: 1/666.67 of the truth
     ("m2", 1e-4, "ha"),
     ("mu", 666.67, "m2"),
     ("mu", 1 / 15, "ha"),
     ("ha", 15.0, "mu"),
     ("ha", 1e4, "m2"),
     ("m2", 15.0, "")],
)  # fmt: skip
def test_a_wrong_unit_is_known_by_the_median_and_named(unit, ratio, likely):
    measured = np.full(10, 5000 * M2)
    registered = np.rint(measured * ratio * np.linspace(0.99, 1.01, 10)).astype(np.int64)
    registered[0] = 1  # one parcel that is nonsense does not move the median
    found = wrong_unit(registered, measured, unit)
    assert found is not None
    assert found.likely == likely
    assert found.ratio == pytest.approx(ratio, rel=0.02)


def test_fewer_than_ten_parcels_or_another_ratio_say_nothing():
    measured = np.full(10, 5000 * M2)
    nine = measured.copy()
    nine[0] = 0
    assert wrong_unit(nine * 15, measured, "ha") is None
    assert wrong_unit(measured * 15, measured, "ha") is not None
    assert wrong_unit((measured * 15.29).astype(np.int64), measured, "ha") is not None
    assert wrong_unit((measured * 15.31).astype(np.int64), measured, "ha") is None
    assert wrong_unit(measured, measured, "m2") is None

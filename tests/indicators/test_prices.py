"""The benchmark land price of a parcel, worked out by hand on squares of 10 × 10 m."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from land_tables import codes, frame, parcel, parcels, rules, zone

from landuse.errors import UserError
from landuse.indicators.prices import parcel_prices, zone_prices
from landuse.issues import IssueLog
from landuse.overlay import Shapes, overlaps
from landuse.schema import tables


def price(land, *zones, log=None, **override):
    made = frame(tables.ZONES, zones) if zones else None
    log = IssueLog() if log is None else log
    return parcel_prices(land, made, rules(**override), log)


def row(land, *zones, **more):
    """The row of the only parcel."""
    prices, _ = price(land, *zones, **more)
    return prices.iloc[0]


WHOLE = (0, 0, 10, 10)


def test_the_own_price_counts_first():
    one = parcel("P", benchmark_price_yuan_per_m2=480.0)
    found = row(parcels(one), zone("I", 300, WHOLE))
    assert (found["benchmark_price_yuan_per_m2"], found["price_source"]) == (480.0, "parcel")
    assert found["grade"] == "I"


@pytest.mark.parametrize("own", [0.0, -1.0, np.nan])
def test_an_own_price_not_above_zero_is_none(own):
    found = row(parcels(parcel("P", benchmark_price_yuan_per_m2=own)), zone("I", 300, WHOLE))
    assert (found["benchmark_price_yuan_per_m2"], found["price_source"]) == (300.0, "zones")
    assert found["price_cover"] == 1.0


def test_over_two_zones_the_price_is_weighted_by_overlap():
    # 30 m² at 480 and 70 m² at 240: (14 400 + 16 800) / 100 = 312
    prices, parts = price(
        parcels(parcel("P")), zone("I", 480, (-5, 0, 3, 10)), zone("II", 240, (3, 0, 20, 10))
    )
    assert prices["benchmark_price_yuan_per_m2"].tolist() == [312.0]
    assert prices["grade"].tolist() == ["II"]
    assert parts.to_numpy().tolist() == [["P", "I", 480.0, 30.0], ["P", "II", 240.0, 70.0]]


def test_the_mean_is_over_the_covered_part():
    # 60 of 100 m² covered: 20 at 300, 40 at 600 = 30 000 / 60 = 500
    found = row(parcels(parcel("P")), zone("I", 300, (0, 0, 2, 10)), zone("II", 600, (2, 0, 6, 10)))
    assert found["benchmark_price_yuan_per_m2"] == 500.0
    assert found["price_cover"] == pytest.approx(0.6)


@pytest.mark.parametrize(("width", "priced"), [(5.0, True), (4.999, False)])
def test_less_than_half_covered_is_no_price(width, priced):
    log = IssueLog()
    own = parcel("Q", at=100, benchmark_price_yuan_per_m2=1.0)
    prices, _ = price(parcels(parcel("P"), own), zone("I", 300, (0, 0, width, 10)), log=log)
    assert prices["price_source"].tolist() == ["zones" if priced else "", "parcel"]
    assert codes(log) == ([] if priced else ["prices.partly_covered"])
    for issue in log:  # 49.99 %, not 50.0 %, which would not be less than 50 %
        assert "只有 49.99% 的面积在有价区片内，不足 50%" in issue.message("zh")


def test_half_covered_is_enough_whatever_the_rounding_of_coordinates():
    # eastings with a zone prefix: a parcel cut in the middle at a coordinate that floats miss
    land = shapely.box(39_500_000.1, 2_700_000.1, 39_500_000.4, 2_700_000.4)
    half = shapely.box(39_500_000.1, 2_700_000.1, 39_500_000.25, 2_700_000.4)
    one = {**parcel("P"), "geometry": land}
    found = row(parcels(one), {**zone("I", 300, WHOLE), "geometry": half})
    assert found["price_source"] == "zones"


def test_the_share_that_must_be_covered_is_a_rule():
    land, made = parcels(parcel("P")), zone("I", 300, (0, 0, 6, 10))
    assert row(land, made, min_price_cover="0.6")["price_source"] == "zones"
    other = parcel("Q", at=50, benchmark_price_yuan_per_m2=5.0)
    found = row(parcels(parcel("P"), other), made, min_price_cover="0.61")
    assert found["price_source"] == ""


@pytest.mark.parametrize("nothing", [np.nan, 0.0, -5.0])
def test_a_zone_without_a_price_does_not_price(nothing):
    # 60 m² at 300, 40 m² unpriced: 300, not 180
    log = IssueLog()
    made = zone("I", 300, (0, 0, 6, 10)), zone("II", nothing, (6, 0, 10, 10))
    prices, parts = price(parcels(parcel("P")), *made, log=log)
    assert prices["benchmark_price_yuan_per_m2"].tolist() == [300.0]
    assert prices["price_cover"].tolist() == [pytest.approx(0.6)]
    assert codes(log) == []  # intake tells it, with its row
    assert len(parts) == 2


def test_zones_that_overlap_each_other_are_an_issue_and_do_not_feign_cover():
    # two zones over the same 40 m²: 40 % covered, not 80 %
    log = IssueLog()
    made = zone("I", 300, (0, 0, 4, 10)), zone("II", 600, (0, 0, 4, 10))
    own = parcel("Q", at=100, benchmark_price_yuan_per_m2=1.0)
    prices, _ = price(parcels(parcel("P"), own), *made, log=log)
    assert prices["price_cover"].tolist() == [pytest.approx(0.4), 0.0]
    assert prices["price_source"].tolist() == ["", "parcel"]
    assert codes(log) == ["prices.partly_covered", "prices.zones_overlap"]
    (issue,) = [issue for issue in log if issue.code == "prices.zones_overlap"]
    assert (issue.row, issue.values["other_row"]) == (2, 3)  # noqa: PD011
    assert "40.00" in issue.message("en")


def test_an_overlap_of_a_square_metre_between_zones_is_none():
    log = IssueLog()
    made = zone("I", 300, (0, 0, 5, 10)), zone("II", 600, (4.9, 0, 10, 10))
    price(parcels(parcel("P")), *made, log=log)
    assert codes(log) == []


def test_the_grade_is_that_of_the_largest_overlap_summed_over_zones_of_a_grade():
    # I: 30 + 30, II: 40
    made = (
        zone("I", 1, (0, 0, 3, 10)), zone("II", 1, (3, 0, 7, 10)), zone("I", 1, (7, 0, 10, 10))
    )  # fmt: skip
    assert row(parcels(parcel("P")), *made)["grade"] == "I"


def test_a_table_of_grades_gives_coefficients_weighted_by_overlap():
    # 30 m² at 1.2, 70 m² at 0.8: (36 + 56) / 100 = 0.92; the price is not asked for
    made = zone("I", np.nan, (0, 0, 3, 10)), zone("II", np.nan, (3, 0, 10, 10))
    found = row(parcels(parcel("P")), *made, grade_coefficients={"I": "1.2", "II": "0.8"})
    assert found["grade_coefficient"] == pytest.approx(0.92)
    assert found["price_source"] == ""


def test_a_grade_that_the_table_lacks_gives_none():
    log = IssueLog()
    table = {"I": "1.2"}
    made = zone("I", 9, (0, 0, 3, 10)), zone("IX", 9, (3, 0, 10, 10)), zone("I", 9, (50, 0, 60, 10))
    land = parcels(parcel("P"), parcel("Q", at=50))
    prices, _ = price(land, *made, log=log, grade_coefficients=table)
    assert prices["grade_coefficient"].isna().tolist() == [True, False]
    assert [issue.value for issue in log] == ["IX"]


def test_without_a_table_there_are_no_grade_coefficients():
    assert np.isnan(row(parcels(parcel("P")), zone("I", 300, WHOLE))["grade_coefficient"])


def test_the_run_stops_where_nothing_gives_a_price():
    for zones in ((), (zone("I", 300, (50, 0, 60, 10)),), (zone("I", np.nan, WHOLE),)):
        with pytest.raises(UserError, match=r"prices\.no_price"):
            price(parcels(parcel("P")), *zones)
    with pytest.raises(UserError, match=r"prices\.no_grade"):
        price(parcels(parcel("P")), grade_coefficients={"I": "1.2"})
    found = row(parcels(parcel("P")), coefficient="none")
    assert (found["price_source"], found["grade"]) == ("", "")
    assert np.isnan(found["price_cover"])


def test_touching_zones_and_slivers_are_no_parts():
    made = zone("I", 300, WHOLE), zone("II", 900, (10, 0, 20, 10)), zone("III", 9, (0, 10, 1, 11))
    _, parts = price(parcels(parcel("P")), *made)
    assert parts["grade"].tolist() == ["I"]


def test_row_order_changes_nothing():
    made = [zone(f"{n}", 100 + 7 * n, (n * 1.1, 0, n * 1.1 + 1.1, 10)) for n in range(9)]
    land = [parcel(f"P{n}", at=n / 3) for n in range(6)]
    once, parts = price(parcels(*land), *made)
    again, same = price(parcels(*land[::-1]), *made[::-1])
    pd.testing.assert_frame_equal(once, again, check_exact=True)
    pd.testing.assert_frame_equal(parts, same, check_exact=True)


def test_the_shortcut_for_covered_parcels_agrees_with_plain_intersection():
    generator = np.random.default_rng(7)
    corner = generator.uniform(0, 100, (200, 2))
    small = shapely.box(*corner.T, *(corner + generator.uniform(1, 9, (200, 2))).T)
    x = np.linspace(0, 110, 8)
    large = np.array([shapely.Point(a, b).buffer(12) for a in x for b in x])
    parcel_at, zone_at, area = overlaps(small, large)
    matrix = shapely.area(shapely.intersection(small[:, None], large[None, :]))
    expected = np.argwhere(matrix >= 1e-6)
    assert np.stack([parcel_at, zone_at], axis=1).tolist() == expected.tolist()
    assert area == pytest.approx(matrix[parcel_at, zone_at], rel=1e-12)


def test_prices_of_zones_alone_are_those_of_parcels_without_their_own():
    # in one zone; in two; in two that overlap; too little covered; in none
    land = parcels(*(parcel(f"P{at}", at=at) for at in (0, 12, 30, 50, 70)))
    zones = [
        zone("I", 480, (-5, 0, 15, 10)), zone("II", 240, (15, 0, 36, 10)),
        zone("III", 300, (32, 0, 54, 10)),
    ]  # fmt: skip
    prices, _ = price(land, *zones, min_price_cover="0.5")
    layer = Shapes(land["geometry"].to_numpy())
    alone = zone_prices(layer, frame(tables.ZONES, zones), rules(min_price_cover="0.5"), IssueLog())
    assert alone.tolist()[:2] == [480.0, 312.0]
    assert np.isnan(alone[3:]).all()
    np.testing.assert_array_equal(alone, prices["benchmark_price_yuan_per_m2"])

"""Reference price, coefficient and adjusted area, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from county import MU, County, Firm, frame, link, only_tax, rules

from landuse.errors import UserError
from landuse.indicators.ratios import reference_price
from landuse.schema import tables
from landuse.units import exact_micro


def pack(**changes):
    return rules(**{**only_tax(), "min_cohort": 1, "share": "0", **changes})


def two_firms(**changes) -> County:
    """A: 30 mu at 400; B: 10 mu at 400 and 20 mu at 100."""
    firms = [
        Firm("A", {"tax": 90}, [("P1", 30, 400)]),
        Firm("B", {"tax": 90}, [("P2", 10, 400), ("P3", 20, 100)]),
    ]
    return County(firms, pack(**changes))


def test_reference_price_is_the_area_weighted_mean_of_links() -> None:
    # (30·400 + 10·400 + 20·100) / 60 = 18000 / 60 = 300
    result = two_firms().run()
    assert result.reference_price == pytest.approx(300)
    # k = 4/3, 4/3, 1/3; A*_B = 10·4/3 + 20/3 = 20; k_B = 20/30 = 2/3
    units = result.units.set_index("uscc")
    assert units["adjusted_area_mu"].tolist() == pytest.approx([40, 20])
    assert units["price_coefficient"].tolist() == pytest.approx([4 / 3, 2 / 3])
    # raw 90/30 = 3 for both; adjusted 90/40 = 2.25 and 90/20 = 4.5
    assert units["tax_wan_per_mu"].tolist() == pytest.approx([3, 3])
    assert units["adjusted_tax_wan_per_mu"].tolist() == pytest.approx([2.25, 4.5])


def test_link_values_show_every_link() -> None:
    table = two_firms().run().link_values
    assert list(table.columns) == [
        "parcel_id", "uscc", "area_mu", "price_coefficient", "adjusted_area_mu", "counted",
        "in_reference",
    ]  # fmt: skip
    assert table["parcel_id"].tolist() == ["P1", "P2", "P3"]
    assert table["adjusted_area_mu"].tolist() == pytest.approx([40, 40 / 3, 20 / 3])
    assert table["in_reference"].all()


def test_exempt_ungraded_and_unknown_links_count_in_the_reference_price() -> None:
    county = two_firms()
    county.exempt("A")  # 30 mu at 400 stay in P0
    county.figures = county.figures[county.figures["uscc"] != "B"]  # ungraded, stays in P0
    stranger = frame(tables.LINKS, [link("P4", "X", exact_micro(60, MU), known_enterprise=False)])
    county.links = pd.concat([county.links, stranger], ignore_index=True)
    more = frame(tables.PRICES, [{"parcel_id": "P4", "benchmark_price_yuan_per_m2": 600.0}])
    county.prices = pd.concat([county.prices, more], ignore_index=True)
    # (18000 + 60·600) / (60 + 60) = 54000 / 120 = 450
    assert county.run().reference_price == pytest.approx(450)


@pytest.mark.parametrize("flag", ["in_scope", "under_construction"])
def test_links_that_do_not_count_are_in_no_area_and_not_in_the_reference_price(flag) -> None:
    county = two_firms()
    third = county.links["parcel_id"] == "P3"
    county.links.loc[third, flag] = flag == "under_construction"
    county.links.loc[third, "counted"] = False
    result = county.run()
    # left: 30 and 10 mu at 400
    assert result.reference_price == 400.0
    assert result.units["area_mu"].tolist() == pytest.approx([30, 10])
    assert result.units["parcel_count"].tolist() == [1, 1]
    assert not result.link_values.set_index("parcel_id").loc["P3", "in_reference"]


def test_a_link_without_price_is_left_out_and_its_unit_is_ungraded() -> None:
    firms = [
        Firm("A", {"tax": 90}, [("P1", 30, 400)]),
        Firm("B", {"tax": 90}, [("P2", 10, 200), ("P3", 20, None)]),
    ]
    result = County(firms, pack()).run()
    # P0 = (30·400 + 10·200) / 40 = 14000 / 40 = 350
    assert result.reference_price == pytest.approx(350)
    units = result.units.set_index("uscc")
    assert units.loc["B", "status"] == "ungraded"
    assert units.loc["B", "reason"] == "no_price"
    assert np.isnan(units.loc["B", "adjusted_area_mu"])
    assert units.loc["B", "area_mu"] == pytest.approx(30)


def test_a_parcel_of_which_nothing_is_left_needs_no_price() -> None:
    firms = [Firm("A", {"tax": 90}, [("P1", 30, 400), ("P2", 0, None)])]
    units = County(firms, pack()).units()
    assert units.loc["A", "status"] == "ranked"
    assert units.loc["A", "parcel_count"] == 2


def test_a_price_of_zero_is_no_price() -> None:
    county = two_firms()
    county.prices.loc[county.prices["parcel_id"] == "P3", "benchmark_price_yuan_per_m2"] = 0.0
    assert county.units().loc["B", "reason"] == "no_price"


def test_stated_reference_price() -> None:
    result = two_firms(reference_price="200").run()
    # k = 400/200 = 2: A* = 60; B: 10·2 + 20·0.5 = 30
    assert result.reference_price == 200.0
    assert result.units["adjusted_area_mu"].tolist() == pytest.approx([60, 30])
    assert not result.link_values["in_reference"].any()


def test_coefficient_from_a_table_of_grades() -> None:
    county = two_firms(grade_coefficients={"一级": "1.20", "二级": "0.90"})
    county.prices["grade_coefficient"] = [1.2, 1.2, 0.9]
    result = county.run()
    # A* = 30·1.2 = 36; B: 10·1.2 + 20·0.9 = 30
    assert result.units["adjusted_area_mu"].tolist() == pytest.approx([36, 30])
    assert np.isnan(result.reference_price)
    county.prices["grade_coefficient"] = [1.2, 1.2, np.nan]
    assert county.units().loc["B", "reason"] == "no_price"


@pytest.mark.parametrize(
    ("grades", "code"),
    [({}, "indicators.no_price_anywhere"), ({"一级": "1.2"}, "indicators.no_grade_anywhere")],
)
def test_no_price_anywhere_stops_the_run(grades, code) -> None:
    county = two_firms(grade_coefficients=grades)
    county.prices["benchmark_price_yuan_per_m2"] = np.nan
    with pytest.raises(UserError) as caught:
        county.run()
    assert [issue.code for issue in caught.value.issues] == [code]
    assert "coefficient" in caught.value.lines("zh")[0]


def test_without_coefficient_no_price_is_needed() -> None:
    county = two_firms(coefficient="none")
    county.prices["benchmark_price_yuan_per_m2"] = np.nan
    result = county.run()
    assert result.units["adjusted_area_mu"].tolist() == result.units["area_mu"].tolist()
    assert result.units["price_coefficient"].tolist() == [1.0, 1.0]
    assert (result.units["status"] == "ranked").all()
    assert np.isnan(result.reference_price)


@pytest.mark.parametrize("price", [0.1, 336.0, 1234.567, 1e-3])
def test_one_single_price_is_its_own_mean_to_the_last_bit(price) -> None:
    areas = np.array([1, 3, 7, 11, 10**15 + 1], dtype=np.int64)
    assert reference_price(np.full(5, price), areas) == price


def test_reference_price_of_no_area_is_missing() -> None:
    assert np.isnan(reference_price(np.zeros(0), np.zeros(0, dtype=np.int64)))


def test_a_missing_price_is_no_price_of_the_mean() -> None:
    with pytest.raises(ValueError, match="missing"):
        reference_price(np.array([1.0, np.nan, 3.0]), np.array([5, 5, 5]))

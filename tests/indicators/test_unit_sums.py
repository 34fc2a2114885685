"""Figures and land added over the members of a unit."""

from __future__ import annotations

import numpy as np
import pytest
from county import County, Firm, only_tax, rules

from landuse.errors import InternalError


def pack(**changes):
    return rules(**{"min_cohort": 1, "share": "0", "shared_parcels": "merge", **changes})


def shared() -> County:
    """A and B share P1 (A 10 mu, B 20 mu); C stands alone."""
    firms = [
        Firm("A", {"tax": "0.1", "output": 10, "energy_tce": 1}, [("P1", 10, 300)], "1311"),
        Firm("B", {"tax": "0.2", "output": 20, "energy_tce": 4}, [("P1", 20, 300)], "1711"),
        Firm("C", {"tax": 5, "output": 5, "energy_tce": 5}, [("P2", 5, 300)], "1711"),
    ]
    return County(firms, pack()).merged({"A": "A", "B": "A"})


def test_members_share_the_sum_of_figures_and_land() -> None:
    units = shared().units()
    for code in ("A", "B"):
        row = units.loc[code]
        assert row["unit_id"] == "A"
        # 0.1 + 0.2 is 0.3, not 0.30000000000000004: sums are over whole millionths
        assert row["tax_wan"] == 0.3
        assert row["output_wan"] == 30
        assert row["energy_tce"] == 5
        assert row["area_mu"] == pytest.approx(30)
        assert row["parcel_count"] == 1  # one parcel, two links
        assert row["output_wan_per_tce"] == 6  # 30 / 5


def test_industry_is_that_of_the_member_with_the_largest_area() -> None:
    units = shared().units()
    assert units["industry_code"].tolist() == ["1711", "1711", "1711"]
    assert units["cohort_size"].tolist() == [2, 2, 2]  # two units: A+B, C


def test_equal_areas_take_the_smallest_code() -> None:
    county = shared()
    county.links["area_m2_micro"] = 5_000_000_000
    units = county.units()
    assert units.loc["A", "industry_code"] == "1311"
    assert units.loc["B", "division"] == "13"
    assert units["name"].tolist() == ["企业A", "企业B", "企业C"]  # names stay their own


def test_a_blank_in_any_member_is_a_missing_figure_of_the_unit() -> None:
    county = shared()
    county.figures.loc[county.figures["uscc"] == "B", "tax_wan_micro"] = None
    units = county.units()
    assert np.isnan(units.loc["A", "tax_wan"])
    assert units.loc["A", "output_wan"] == 30
    assert units.loc["A", "reason"] == units.loc["B", "reason"] == "missing_indicator"


def test_a_member_without_figures_of_the_year_leaves_the_unit_without() -> None:
    county = shared()
    county.figures = county.figures[county.figures["uscc"] != "B"]
    assert county.units().loc["A", "reason"] == "no_figures"


def test_incomplete_land_of_one_member_is_that_of_the_unit() -> None:
    county = shared()
    county.incomplete = {"B"}
    assert county.units()["reason"].tolist() == ["land_incomplete", "land_incomplete", ""]


def test_cohort_table_counts_each_unit_once() -> None:
    cohorts = shared().run().cohorts
    assert cohorts["cohort_size"].tolist() == [2]
    assert cohorts["area_mu"].tolist() == pytest.approx([35])


def test_an_exempt_member_in_a_shared_unit_is_our_fault() -> None:
    with pytest.raises(InternalError, match="exempt B"):
        shared().exempt("B").run()


def test_an_enterprise_in_no_unit_is_our_fault() -> None:
    county = shared()
    county.members = county.members[county.members["uscc"] != "C"]
    with pytest.raises(InternalError, match="no C"):
        county.run()


def test_zero_and_negative_denominators_are_missing_and_a_zero_numerator_is_a_zero() -> None:
    firms = [
        Firm("A", {"tax": 0, "output": 0, "energy_tce": 2}, [("P1", 10, 300)]),
        Firm("B", {"tax": 1, "output": 9, "energy_tce": 0}, [("P2", 10, 300)]),
        Firm("C", {"tax": 1, "output": 9, "energy_tce": -3}, [("P3", 10, 300)]),
    ]
    county = County(firms, rules(min_cohort=1, share="0"))
    units = county.units()
    assert units["reason"].tolist() == ["", "missing_indicator", "missing_indicator"]
    assert units.loc["A", "tax_wan_per_mu"] == 0.0
    assert units.loc["A", "output_wan_per_tce"] == 0.0
    assert np.isnan(units.loc["B", "output_wan_per_tce"])
    assert units.loc["B", "output_wan_per_mu"] == pytest.approx(0.9)  # 9 / 10 mu
    issues = [issue for issue in county.log if issue.code == "indicators.negative_denominator"]
    assert [issue.key for issue in issues] == ["C"]
    assert "-3.0" in issues[0].message("zh")


def test_every_indicator_is_its_numerator_over_its_denominator() -> None:
    firm = Firm("A", {"tax": 30, "output": 240, "energy_tce": 80}, [("P1", 12, 300)])
    units = County([firm], rules(min_cohort=1, share="0")).units()
    # 30/12, 240/12, 240/80
    row = units.loc["A"]
    assert row["tax_wan_per_mu"] == pytest.approx(2.5)
    assert row["output_wan_per_mu"] == pytest.approx(20)
    assert row["output_wan_per_tce"] == 3
    assert "adjusted_output_wan_per_tce" not in units  # only land is adjusted


def test_figures_and_land_of_ungraded_and_exempt_firms_are_shown() -> None:
    firms = [Firm("A", {"tax": 30}, [("P1", 12, 300)]), Firm("B", {"tax": 6}, [("P2", 3, 300)])]
    county = County(firms, rules(**{**only_tax(), "min_cohort": 1})).exempt("A")
    county.incomplete = {"B"}
    units = county.units()
    assert units["tax_wan_per_mu"].tolist() == pytest.approx([2.5, 2])
    assert units["area_mu"].tolist() == pytest.approx([12, 3])

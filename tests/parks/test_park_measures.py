"""Measures of a park and the ratios of TD/T 1029, by hand."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from park_rows import M2, WAN, box, codes, links, parcels, parks, rows, status

from landuse.issues import IssueLog
from landuse.parks import (
    Firms,
    Land,
    land_accounts,
    land_parts,
    net_parks,
    park_measures,
    park_ratios,
    ratio_text,
)
from landuse.parks.shown import half_up, percent_text
from landuse.schema.park_tables import PARK_REGISTER


def measured(log: IssueLog | None = None):
    """甲 and 乙 side by side, each 10 000 m². Plot a (2 000 m², built, 3 000 m² of floor) lies half
    in each; b (1 000 m², built, no floor area given) and c (500 m², not started) in 甲.
    X uses a (2 000) and c (500): tax 1 000 万元 → of its 2 500 m², 甲 has 1 500, 乙 1 000.
    Y uses b: tax not given."""
    land = parcels(("a", box(90, 0, 110, 100)), ("b", box(0, 0, 10, 100)),
                   ("c", box(20, 0, 25, 100)))  # fmt: skip
    land["built_area_m2_micro"] = pd.array([3_000 * M2, None, None], dtype="Int64")
    nets = net_parks(parks(("甲", box(0, 0, 100, 100)), ("乙", box(100, 0, 200, 100))), IssueLog())
    parts = land_parts(land, nets)
    states = status(a="used", b="used", c="supplied_unused")
    register = rows(
        PARK_REGISTER,
        {"park": "甲", "ready_area_m2_micro": 4_000 * M2, "undevelopable_area_m2_micro": 2_000 * M2,
         "fixed_assets_wan_micro": 3_000 * WAN, "jobs": 40},
    )  # fmt: skip
    flagged = pd.Series(dtype="int64")
    log = IssueLog() if log is None else log
    accounts = land_accounts(Land(parts, states, nets, register, flagged), log)
    firms = Firms(
        links(("a", "X", 2_000), ("b", "Y", 1_000), ("c", "X", 500)),
        pd.DataFrame(
            {"uscc": pd.Series(["X", "Y"], dtype="str"),
             "tax_wan_micro": pd.array([1_000 * WAN, None], dtype="Int64"),
             "output_wan_micro": pd.array([5_000 * WAN, 100 * WAN], dtype="Int64")}
        ),
        pd.DataFrame({"uscc": pd.Series(["X"], dtype="str"),
                      "output_wan_micro": pd.array([4_000 * WAN], dtype="Int64")}),
        frozenset({"Y"}),
    )  # fmt: skip
    return park_measures(
        accounts, parts, land, states, {"a", "b"}, firms, register, {"甲": "emerging"}, log
    )


def test_money_of_a_firm_in_two_parks_is_divided_by_its_land() -> None:
    found = measured().set_index("park")
    assert (found["tax_wan_micro"] / WAN).to_dict() == {"乙": 400.0, "甲": 600.0}
    assert (found["output_wan_micro"] / WAN).to_dict() == {"乙": 2_000.0, "甲": 3_100.0}
    assert (found["output_growth_wan_micro"] / WAN).to_dict() == {"乙": 400.0, "甲": 700.0}
    assert found["park_type"].to_dict() == {"乙": "", "甲": "emerging"}


def test_firms_that_state_no_figure_are_counted() -> None:
    log = IssueLog()
    measured(log)
    said = [issue for issue in log if issue.code == "parks.figures_missing"]
    assert [(issue.column, issue.value) for issue in said] == [("tax_wan_micro", "1")]
    assert "税收" in said[0].message("zh")


def test_buildings_count_where_they_are_known() -> None:
    """甲: half of a has 1 500 m² of floor on 1 000 m²; b is built land whose floor is not known."""
    row = measured().set_index("park").loc["甲"]
    names = {"floor": 1_500, "floor_land": 1_000, "built": 2_000, "industrial": 2_000,
             "supplied": 2_500, "high_tech": 1_000}  # fmt: skip
    assert {name: row[f"{name}_m2_micro"] / M2 for name in names} == names
    assert pd.isna(row["footprint_m2_micro"])
    assert row["jobs_micro"] == 40 * WAN


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        ("development", "50.00"),  # 4 000 ÷ (10 000 − 2 000)
        ("supply", "62.50"),  # 2 500 ÷ 4 000
        ("completion", "80.00"),  # 2 000 ÷ 2 500
        ("industrial_share", "100.00"),
        ("high_tech_share", "50.00"),  # 1 000 ÷ 2 000
        ("plot_ratio", "1.50"),  # 1 500 ÷ 1 000
        ("tax_per_mu", "200.00"),  # 600 万元 ÷ 3 mu
        ("tax_per_ha", "3000.00"),  # × 15
        ("investment_per_mu", "1000.00"),  # 3 000 万元 ÷ 3 mu
        ("density", ""),
    ],
)
def test_ratios_by_hand(ratio: str, text: str) -> None:
    row = park_ratios(measured()).set_index(["park", "ratio"]).loc[("甲", ratio)]
    top, bottom = (None if pd.isna(row[n]) else int(row[n])
                   for n in ("numerator_micro", "denominator_micro"))  # fmt: skip
    assert ratio_text(top, bottom, row["unit"]) == text
    assert (row["missing"] == "") == bool(text)


def test_a_ratio_names_what_it_lacks() -> None:
    found = park_ratios(measured()).set_index(["park", "ratio"])["missing"]
    assert found["甲", "density"] == "footprint_m2; footprint_land_m2"
    assert found["乙", "development"] == "ready_m2; developable_m2"


def test_shown_figures_are_rounded_once_half_up() -> None:
    assert percent_text(2492, 6000) == "41.53"
    assert percent_text(7000, 20_000, 0) == "35"
    assert half_up(Fraction(5, 1000), 2) == "0.01"
    assert half_up(Fraction(-5, 1000), 2) == "-0.01"
    assert half_up(Fraction(4, 1000), 2) == "0.00"


def test_without_a_register_or_figures_nothing_is_zero() -> None:
    """What nobody stated is missing, not zero."""
    land = parcels(("a", box(0, 0, 10, 10)))
    nets = net_parks(parks(("甲", box(0, 0, 100, 100))), IssueLog())
    parts, states, log = land_parts(land, nets), status(a="used"), IssueLog()
    accounts = land_accounts(Land(parts, states, nets, None, pd.Series(dtype="int64")), log)
    firms = Firms(links(), pd.DataFrame({"uscc": pd.Series(dtype="str")}))
    found = park_measures(accounts, parts, land, states, set(), firms, None, {}, log)
    missing = ["tax_wan_micro", "fixed_assets_wan_micro", "jobs_micro", "high_tech_m2_micro",
               "ready_m2_micro", "developable_m2_micro"]  # fmt: skip
    assert found[missing].isna().all(axis=None)
    assert codes(log) == []

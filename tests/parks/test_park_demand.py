"""Who fits which plot or floor: hard conditions first, then points, every reason listed."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from park_rows import M2, MU3, rows

from landuse.parks import match, offers
from landuse.parks.demand import environment_class
from landuse.rules.park_pack import load_park_pack
from landuse.schema.park_plots import OFFERS
from landuse.schema.park_tables import DEMAND, PARK_REGISTER

RULES = load_park_pack(as_of=dt.date(2026, 6, 30))


def wish(name: str, **given: object) -> dict[str, object]:
    """Two mu for a clean textile firm."""
    return {
        "demand": name, "name": f"{name}厂", "division": "17", "environment_class": "一类",
        "land_area_m2_micro": MU3 // 3 * 2, "least_plot_ratio_micro": 1_000_000, **given,
    }  # fmt: skip


def plot(**given: object) -> dict[str, object]:
    """Three mu in an emerging park of textiles that admits class 二."""
    return {"offer": "p", "kind": "plot", "parcel_id": "p", "park": "甲", "park_type": "emerging",
            "land_area_m2_micro": MU3, "plot_ratio_micro": 1_500_000, "divisions": "17; 18",
            "environment_class": "二类", **given}  # fmt: skip


def matched(*wishes: dict, offer: dict | None = None, most: int = 20):
    given = rows(OFFERS, plot() if offer is None else offer)
    proposals, reasons = match(rows(DEMAND, *wishes), given, RULES, most=most)
    return proposals.set_index("demand"), reasons.set_index(["demand", "criterion"])


def test_points_by_hand() -> None:
    """Industry 40, no wish for a type 25 or a park 15, fit 20 × 2/3: 93.33."""
    proposals, reasons = matched(wish("a"))
    row = proposals.loc["a"]
    assert (row["status"], row["rank"]) == ("fits", 1)
    assert row["points"] == pytest.approx(80 + 40 / 3)
    assert reasons.loc[("a", "land")][["met", "wanted", "offered"]].tolist() == [
        "met", "2.00", "3.00"
    ]  # fmt: skip
    assert reasons["points"].sum() == pytest.approx(row["points"])


@pytest.mark.parametrize(
    ("given", "failed"),
    [
        ({"land_area_m2_micro": MU3 + 1}, "land"),
        ({"least_plot_ratio_micro": 1_500_001}, "plot_ratio"),
        ({"environment_class": "三类"}, "environment"),
        ({"floor_m2_micro": M2, "environment_class": "M3"}, "environment"),
    ],
)
def test_a_hard_condition_that_is_not_met_excludes(given, failed) -> None:
    proposals, _ = matched(wish("a", **given))
    assert proposals.loc["a", ["status", "failed"]].tolist() == ["excluded", failed]
    assert pd.isna(proposals.loc["a", "rank"])


def test_what_is_blank_is_to_be_checked_and_stands_behind() -> None:
    proposals, _ = matched(
        wish("a", environment_class=""), wish("b", division="35", park="乙"), wish("c")
    )
    assert proposals.index.tolist() == ["c", "b", "a"]
    assert proposals["status"].tolist() == ["fits", "fits", "to_check"]
    assert proposals["rank"].tolist() == [1, 2, 3]
    assert proposals.loc["a", "unknown"] == "environment"


def test_wishes_for_a_park_and_a_type_earn_points() -> None:
    """b wants the type that it is, c another: 25 points between them."""
    proposals, reasons = matched(
        wish("b", park_type="emerging"), wish("c", park_type="traditional")
    )
    assert proposals.loc["b", "points"] - proposals.loc["c", "points"] == pytest.approx(25)
    assert reasons.loc[("c", "park_type"), "met"] == "not_met"


def test_equal_points_share_the_place() -> None:
    proposals, _ = matched(wish("b"), wish("a"), wish("c", division=""))
    assert proposals["rank"].to_dict() == {"a": 1, "b": 1, "c": 3}


def test_only_the_best_are_listed() -> None:
    proposals, reasons = matched(*(wish(name) for name in "abcd"), most=2)
    assert proposals.index.tolist() == ["a", "b"]
    assert set(reasons.index.get_level_values(0)) == {"a", "b"}


def test_floor_space_is_for_who_wants_no_land() -> None:
    floor = plot(offer="floor:甲", kind="floor", parcel_id="", land_area_m2_micro=None,
                 floor_m2_micro=1000 * M2)  # fmt: skip
    proposals, _ = matched(
        wish("a"), wish("b", land_area_m2_micro=None, floor_m2_micro=500 * M2), offer=floor
    )
    assert proposals["status"].to_dict() == {"b": "fits", "a": "excluded"}
    assert proposals.loc["a", "failed"] == "land"  # excluded with its reason, not silently
    assert proposals.loc["b", "points"] == pytest.approx(80 + 10)


def test_offers_of_plots_and_of_vacant_factories() -> None:
    plots = pd.DataFrame(
        {"parcel_id": ["p"], "park": ["甲"], "area_m2_micro": [MU3], "floor_m2_micro": [None],
         "case_number": ["2026-001"]}
    )  # fmt: skip
    register = rows(
        PARK_REGISTER,
        {"park": "甲", "factory_vacant_m2_micro": 900 * M2, "environment_class": "二类"},
        {"park": "乙", "factory_vacant_m2_micro": 0}, {"park": "丙"},
    )  # fmt: skip
    found = offers(plots, register, {"甲": "emerging"}).set_index("offer")
    assert found["kind"].to_dict() == {"floor:甲": "floor", "p": "plot"}
    assert set(found["environment_class"]) == {"二类"}
    assert set(found["park_type"]) == {"emerging"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一类", 1),
        ("２类", 2),
        ("三类工业用地", 3),
        ("M2", 2),
        ("100103", 3),
        ("2", 2),
        ("无", None),
    ],
)
def test_environment_classes_are_read(text: str, expected: int | None) -> None:
    assert environment_class(text) == expected

"""Quota, rank, cut-off, ties, absolute values and classes, by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from county import County, Firm, only_tax, rules

from landuse.ranking.places import quota


def county(taxes: list[Any], **changes: Any) -> County:
    """Firms F00, F01 … on 3 mu each with a published benchmark of 1: score = tax ÷ 3."""
    one = only_tax(benchmark="published", published={"all": "1"})
    firms = [Firm(f"F{n:02}", {"tax": tax}, [(f"P{n}", 3, 300)]) for n, tax in enumerate(taxes)]
    return County(firms, rules(**{**one, "cap": "none", "min_cohort": 1, **changes}))


def flagged(units: pd.DataFrame) -> list[str]:
    return units.index[units["status"] == "low_efficiency"].tolist()


@pytest.mark.parametrize(
    ("share", "n", "expected"),
    [
        ("0.15", 6, (0, 1, 1)),  # 0.9
        ("0.15", 7, (1, 1, 2)),  # 1.05
        ("0.15", 10, (1, 2, 2)),  # 1.5: half up
        ("0.15", 20, (3, 3, 3)),  # 3 exactly; 0.15·20 in floats is 3 as well …
        ("0.15", 180, (27, 27, 27)),  # … but 0.15·180 is 26.999999999999996 there
        ("0.29", 100, (29, 29, 29)),  # 28.999999999999996
        ("0", 50, (0, 0, 0)),
        ("1", 3, (3, 3, 3)),
        ("1/3", 9, (3, 3, 3)),
    ],
)
def test_quota_in_exact_arithmetic(share, n, expected) -> None:
    found = tuple(quota(Fraction(share), n, how) for how in ("floor", "half_up", "ceil"))
    assert found == expected


def test_ranks_go_1_2_2_4_from_the_lowest() -> None:
    units = county([9, 6, 6, 3], share="0").units()
    assert units["rank"].tolist() == [4, 2, 2, 1]
    assert units["score"].tolist() == [3.0, 2.0, 2.0, 1.0]
    assert units["cutoff_score"].isna().all()  # quota 0
    assert units["margin"].isna().all()
    assert flagged(units) == []


def test_cutoff_and_margin() -> None:
    result = county([3, 6, 9, 12], share="0.5").run()
    units = result.units
    assert units["cutoff_score"].tolist() == [2.0] * 4
    assert units["margin"].tolist() == [-1.0, 0.0, 1.0, 2.0]
    assert units["status"].tolist() == ["low_efficiency", "low_efficiency", "ranked", "ranked"]
    cohort = result.cohorts.iloc[0]
    assert (cohort["quota"], cohort["cutoff_score"], cohort["flagged"]) == (2, 2.0, 2)


def test_ties_are_included() -> None:
    units = county([3, 6, 6, 6, 9], share="0.4").units()  # quota 2
    assert flagged(units) == ["F00", "F01", "F02", "F03"]
    assert units["is_tied"].tolist() == [False, True, True, True, False]
    assert units["cutoff_score"].iloc[0] == 2.0


def test_ties_are_spared() -> None:
    units = county([3, 6, 6, 6, 9], share="0.4", ties="spare").units()
    assert flagged(units) == ["F00"]
    assert units["is_tied"].tolist() == [False, True, True, True, False]
    assert units["cutoff_score"].iloc[0] == 1.0  # the next lower score
    assert units["margin"].tolist() == [0.0, 1.0, 1.0, 1.0, 2.0]
    assert units["reason"].tolist() == [""] * 5


def test_a_tie_at_the_very_bottom_that_is_spared_leaves_no_cutoff() -> None:
    units = county([3, 3, 6], share="0.34", ties="spare").units()
    assert flagged(units) == []
    assert units["cutoff_score"].isna().all()
    assert units["is_tied"].tolist() == [True, True, False]


@pytest.mark.parametrize("ties", ["include", "spare"])
def test_a_tie_that_fits_the_quota_is_no_tie_at_the_border(ties) -> None:
    units = county([3, 3, 6, 9], share="0.5", ties=ties).units()
    assert flagged(units) == ["F00", "F01"]
    assert not units["is_tied"].any()


@pytest.mark.parametrize(("rounding", "expected"), [("floor", 1), ("half_up", 2), ("ceil", 2)])
def test_rounding_of_the_pack(rounding, expected) -> None:
    units = county(list(range(3, 33, 3)), rounding=rounding).units()  # 0.15 · 10 = 1.5
    assert len(flagged(units)) == expected
    assert units["quota"].iloc[0] == expected


def test_each_cohort_has_its_own_quota() -> None:
    found = county([3, 6, 9, 1, 2, 30], share="0.34")
    found.enterprises["division"] = pd.Series(["13"] * 3 + ["17"] * 3, dtype="str")
    units = found.units()
    assert flagged(units) == ["F00", "F03"]
    assert units["rank"].tolist() == [1, 2, 3, 1, 2, 3]


def test_a_flag_stands_only_below_the_stated_values() -> None:
    # quota 3: tax per mu 1, 5, 6 are at the bottom; strictly below 5 is only the first
    result = county([3, 15, 18, 21, 24, 27], share="0.5", and_below={"tax_wan_per_mu": "5"}).run()
    units = result.units.set_index("uscc")
    assert flagged(units) == ["F00"]
    assert units["reason"].tolist() == ["", "spared", "spared", "", "", ""]
    assert units["status"].tolist()[1:] == ["ranked"] * 5  # the places are not refilled
    assert units["cutoff_score"].iloc[0] == 6.0
    assert result.cohorts["flagged"].tolist() == [1]


def test_exactly_at_the_value_is_not_below_it_whatever_the_area() -> None:
    # 10, 7 and 1 mu are no whole numbers of 10⁻⁶ m²
    firms = [Firm(f"F{mu}", {"tax": 5 * mu}, [(f"P{mu}", mu, 300)]) for mu in (1, 3, 7, 10, 11)] + [
        Firm("G", {"tax": "49.999999"}, [("Q", 10, 300)])
    ]
    pack = rules(**only_tax(), min_cohort=1, share="1", and_below={"tax_wan_per_mu": "5"})
    units = County(firms, pack).units()
    assert flagged(units) == ["G"]


def test_raw_indicators_are_meant_and_several_must_all_hold() -> None:
    # adjusted tax of A is 4 (k = 1.5) but raw 6: spared; of B adjusted 9, raw 4.5
    firms = [
        Firm("A", {"tax": 18, "output": 3, "energy_tce": 1}, [("P1", 3, 300)]),
        Firm("B", {"tax": "13.5", "output": 3, "energy_tce": 1}, [("P2", 3, 100)]),
        Firm("C", {"tax": "13.5", "output": 300, "energy_tce": 1}, [("P3", 3, 100)]),
    ]
    both = {"tax_wan_per_mu": "5", "output_wan_per_mu": "50"}
    units = County(firms, rules(min_cohort=1, share="1", and_below=both)).units()
    assert flagged(units) == ["B"]
    assert units["reason"].tolist() == ["spared", "", "spared"]


def test_a_missing_indicator_is_not_below() -> None:
    firms = [
        Firm("A", {"output": 3, "energy_tce": 1}, [("P1", 3, 300)]),
        Firm("B", {"tax": 1, "output": 3, "energy_tce": 1}, [("P2", 3, 300)]),
    ]
    changes = {"missing": "cohort_mean", "and_below": {"tax_wan_per_mu": "5"}}
    units = County(firms, rules(min_cohort=1, share="1", **changes)).units()
    assert units["reason"].tolist() == ["spared", ""]


CLASSES = {"A": "0.20", "B": "0.60", "C": "0.95", "D": "1"}


def test_classes_by_share_from_the_worst() -> None:
    # n = 21: D floor(0.05·21) = 1, C floor(0.35·21 = 7.35) = 7, B floor(8.4) = 8, A the rest 5
    units = county(list(range(3, 66, 3)), share="0", classes=CLASSES).units()
    assert units["grade_class"].tolist() == ["D"] + ["C"] * 7 + ["B"] * 8 + ["A"] * 5


def test_a_tie_at_a_border_goes_to_the_better_class() -> None:
    # n = 20: D 1, C 7, B 8, A 4. The two lowest tie over the border of D: both C.
    taxes = [3, 3, *range(6, 60, 3)]
    units = county(taxes, share="0", classes=CLASSES).units()
    assert units["grade_class"].tolist() == ["C"] * 8 + ["B"] * 8 + ["A"] * 4


def test_classes_are_independent_of_the_flag_and_empty_where_not_ranked() -> None:
    found = county(list(range(3, 24, 3)), share="1", classes=CLASSES, min_cohort=7)
    assert found.units()["grade_class"].tolist() == ["C"] * 2 + ["B"] * 2 + ["A"] * 3
    # n = 7: D floor(0.35) = 0, C floor(2.45) = 2, B floor(2.8) = 2, A 3
    too_few = county([3, 6, 9], classes=CLASSES, min_cohort=7)
    assert too_few.units()["grade_class"].tolist() == ["", "", ""]


def test_without_classes_in_the_pack_there_are_none() -> None:
    assert set(county([3, 6]).units()["grade_class"]) == {""}

"""The tests of firmness, each with a case in which it and only it turns a flag."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from county import County, Firm, figure, indicator, only_tax, rules

from landuse.publish.words import test as in_words
from landuse.ranking.firmness import test_names as names_of_tests

TAX = "tax_wan_per_mu"
BY_TABLE = {"benchmark": "published", "published": {"all": "1"}}


def county(taxes: list[Any], years: list[Any] | None = None, **changes: Any) -> County:
    """Firms A, B … on 30 mu each, published benchmark 1, one price: score = tax ÷ 30."""
    before = years or [None] * len(taxes)
    firms = [
        Firm(
            chr(65 + n),
            {"tax": tax},
            [(f"P{n}", 30, 300)],
            years={} if before[n] is None else {2024: {"tax": before[n]}},
        )
        for n, tax in enumerate(taxes)
    ]
    pack = {**only_tax(**BY_TABLE), "cap": "none", "min_cohort": 1, "share": "0.5", **changes}
    return County(firms, rules(**pack))


def flips(found: County) -> list[str]:
    return found.run().units["flips_under"].tolist()


def test_names_of_the_default_pack() -> None:
    tax, output, energy = "tax_wan_per_mu", "output_wan_per_mu", "output_wan_per_tce"
    assert names_of_tests(rules()) == [
        "area+3%", "area-3%", "last_year", "coefficient_off",
        f"weight:{tax}+20%", f"weight:{tax}-20%",
        f"weight:{output}+20%", f"weight:{output}-20%",
        f"weight:{energy}+20%", f"weight:{energy}-20%",
        "rounding:half_up", "rounding:ceil",
    ]  # fmt: skip


@pytest.mark.parametrize(("with_last_year", "tests"), [(False, 11), (True, 12)])
def test_eleven_tests_and_twelve_with_last_year(with_last_year, tests) -> None:
    # A is lowest of two, share 0.5: quota 1. B would be the lower without the coefficient
    # (the worked example); nothing else turns, so firmness is 1 - 1/11 or 1 - 1/12
    def firm(code: str, tax: int, price: int) -> Firm:
        figures = {"tax": tax, "output": 1000, "energy_tce": 10}
        before = {2024: figures} if with_last_year else {}
        return Firm(code, figures, [(f"P{code}", 50, price)], years=before)

    found = County([firm("A", 600, 480), firm("B", 400, 240)], rules(min_cohort=1, share="0.5"))
    units = found.units()
    assert units["flips_under"].tolist() == ["coefficient_off"] * 2
    assert units["firmness"].tolist() == [1 - 1 / tests] * 2


def test_more_area_turns_one_that_is_just_above() -> None:
    # scores 1.00, 1.02, 2, 3; quota 2 of 4 → A, B. C at 1.04: 1.04/1.03 = 1.0097 < 1.02 flags
    # it alone; the others' scores stay, so B keeps its flag in its own test.
    # A: 1/0.97 = 1.0309 is still second (B 1.02): flagged. B: 1.02/0.97 = 1.0515 > 1.04: out.
    # quota 4·0.5 = 2 exactly: no rounding turns anything
    assert flips(county([30, "30.6", "31.2", 90])) == ["", "area-3%", "area+3%", ""]


def test_in_an_area_test_the_others_keep_their_scores_even_if_the_benchmark_is_their_mean() -> None:
    # mean benchmark 160/120 = 4/3 held fixed: parts 0.75, 0.765, 0.78, 1.7; as above
    found = county(["30", "30.6", "31.2", "68.2"], **only_tax())
    assert flips(found) == ["", "area-3%", "area+3%", ""]


def test_area_tests_under_ties() -> None:
    # quota 1; A and B tie at 1: both flagged. Each with 0.97 of its land scores 1.0309 and is
    # then above the other: out.
    assert flips(county([30, 30, 60], share="0.34")) == ["area-3%", "area-3%", ""]
    # spared tie: none flagged, cut-off none; with 1.03 times the land one is alone below: in.
    # Rounding of 0.34·3 = 1.02 up gives 2 places: the tie fits, both in.
    assert flips(county([30, 30, 60], share="0.34", ties="spare")) == [
        "area+3%; rounding:ceil",
        "area+3%; rounding:ceil",
        "",
    ]


def test_area_tests_leave_a_score_divided_by_the_coefficient_to_its_land() -> None:
    # k = 1 for all; under "score" the raw ratio moves with the area as well
    found = county([30, "30.6", "31.2", 90], coefficient="score")
    assert flips(found) == ["", "area-3%", "area+3%", ""]


def test_area_tests_move_the_raw_value_that_must_be_below() -> None:
    # tax per mu 4.9 and 5.1, limit 5, quota 2: A flagged, B spared.
    # A on 0.97 of its land: 5.0515, no longer below 5. B on 1.03: 4.951, below.
    found = county([147, 153], share="1", and_below={TAX: "5"})
    units = found.units()
    assert units["reason"].tolist() == ["", "spared"]
    assert units["flips_under"].tolist() == ["area-3%", "area+3%"]


def test_last_year_alone_with_this_years_others() -> None:
    # quota 1 of 2; A 1, B 2. A had 90 (score 3 > 2: out); B had 15 (0.5 < 1: in).
    # 2 n + 6 = 8 tests with last year
    units = county([30, 60], [90, 15]).units()
    assert units["flips_under"].tolist() == ["last_year", "last_year"]
    assert units["firmness"].tolist() == [1 - 1 / 8] * 2


def test_last_year_applies_only_where_all_of_it_is_given() -> None:
    units = county([30, 60], [None, 15]).units()
    assert units["flips_under"].tolist() == ["", "last_year"]
    assert units["firmness"].tolist() == [1.0, 1 - 1 / 8]  # A: 7 tests, none turns
    last = units["last_year_tax_wan_per_mu"]
    assert np.isnan(last.iloc[0])
    assert last.iloc[1] == 0.5  # B: 15 of last year on the 30 mu of this year


def test_last_year_with_zero_energy_does_not_apply() -> None:
    figures = {"tax": 1, "output": 1, "energy_tce": 1}
    firms = [
        Firm("A", figures, [("P1", 3, 300)], years={2024: {**figures, "energy_tce": 0}}),
        Firm("B", {**figures, "tax": 2}, [("P2", 3, 300)], years={2024: figures}),
    ]
    units = County(firms, rules(min_cohort=1, share="0")).units()
    # no quota under any rounding of 0·2: nothing ever turns, but 11 and 12 tests were made
    assert units["firmness"].tolist() == [1.0, 1.0]


def test_the_other_roundings() -> None:
    # 0.5 · 3 = 1.5: floor 1 (A); half up and ceil 2 (A, B)
    assert flips(county([30, 60, 90])) == ["", "rounding:half_up; rounding:ceil", ""]
    # 0.4 · 3 = 1.2: only ceil gives 2
    assert flips(county([30, 60, 90], share="0.4")) == ["", "rounding:ceil", ""]
    # the pack rounds up: its two others are floor and half up
    found = county([30, 60, 90], share="0.4", rounding="ceil")
    assert flips(found) == ["", "rounding:floor; rounding:half_up", ""]


def two_indicators(**changes: Any) -> County:
    """Scores under weights 0.5 and 0.5: A 0.5·1.0 + 0.5·1.1 = 1.05, B 0.5·1.2 + 0.5·0.94 = 1.07."""
    pack = {
        "figures": [figure("tax", "wan"), figure("output", "wan")],
        "indicators": [
            indicator(TAX, "tax", "land", "0.5", **BY_TABLE),
            indicator("output_wan_per_mu", "output", "land", "0.5", **BY_TABLE),
        ],
    }
    firms = [
        Firm("A", {"tax": 30, "output": 33}, [("P1", 30, 300)]),
        Firm("B", {"tax": 36, "output": "28.2"}, [("P2", 30, 300)]),
    ]
    return County(firms, rules(**{**pack, "min_cohort": 1, "share": "0.5", **changes}))


def test_a_weight_is_changed_by_a_fifth_and_the_sum_kept() -> None:
    # output 0.5·1.2 = 0.6 of 1.1, scaled to 1: 6/11, tax 5/11.
    #   A 5/11 + 6.6/11 = 1.0545, B 6/11 + 5.64/11 = 1.0582: A stays the lower
    # tax 0.4 of 0.9: 4/9, output 5/9: A (4 + 5.5)/9 = 1.0556, B (4.8 + 4.7)/9 = 1.0556: a tie!
    # tie at quota 1 includes both: B comes in under tax-20 %
    # the area tests: A·1/0.97 = 1.0825 > 1.07: out; B/1.03 = 1.0388 < 1.05: in
    assert flips(two_indicators()) == [
        "area-3%",
        f"area+3%; weight:{TAX}-20%",
    ]


def test_weights_that_do_not_add_up_to_one_keep_their_own_sum() -> None:
    found = two_indicators()
    doubled = [one.model_copy(update={"weight": one.weight * 2}) for one in found.rules.indicators]
    found.rules = found.rules.model_copy(update={"indicators": tuple(doubled), "cap": "none"})
    assert flips(found) == ["area-3%", f"area+3%; weight:{TAX}-20%"]


def test_coefficient_off_recomputes_the_benchmark_of_the_whole_cohort() -> None:
    # price 600, 300, 300 on 30 mu: P0 400, k 1.5, 0.75, 0.75
    # taxes 60, 45, 90: adjusted A* 45, 22.5, 22.5: 1.333, 2, 4. Raw: 2, 1.5, 3. Quota 1.
    # With the mean as benchmark the order is the same; without coefficient B is the lowest.
    found = county([60, 45, 90], share="0.34", **only_tax())
    found.prices["benchmark_price_yuan_per_m2"] = [600.0, 300.0, 300.0]
    # 0.34·3 = 1.02: ceil 2, then A and B
    assert flips(found) == ["coefficient_off", "coefficient_off; rounding:ceil", ""]


def test_a_coefficient_on_the_score_is_switched_off_as_well() -> None:
    found = county([60, 45, 90], share="0.34", coefficient="score")
    found.prices["benchmark_price_yuan_per_m2"] = [600.0, 300.0, 300.0]
    # 2/1.5 = 1.333, 1.5/0.75 = 2, 3/0.75 = 4; off: 2, 1.5, 3
    assert flips(found) == ["coefficient_off", "coefficient_off; rounding:ceil", ""]


def test_without_a_coefficient_switching_it_off_turns_nothing_but_is_counted() -> None:
    units = county([30, 60, 90], coefficient="none").units()
    # 2·1 + 5 = 7 tests; B turns under two roundings
    assert units["firmness"].tolist() == [1.0, 1 - 2 / 7, 1.0]


def test_an_imputed_part_stays_in_the_area_tests() -> None:
    # tax weight 0.5 (benchmark 1), jobs per mu weight 0.5 (benchmark 1)
    pack = {
        "figures": [figure("tax", "wan"), figure("jobs", "person")],
        "indicators": [
            indicator(TAX, "tax", "land", "0.5", **BY_TABLE),
            indicator("jobs_person_per_mu", "jobs", "land", "0.5", **BY_TABLE),
        ],
    }
    firms = [
        Firm("A", {"tax": 30, "jobs": 30}, [("P1", 30, 300)]),
        Firm("B", {"tax": None, "jobs": 30}, [("P2", 30, 300)]),
    ]
    found = County(firms, rules(**pack, min_cohort=1, share="0.5", missing="cohort_mean"))
    # parts A 0.5 + 0.5; B 0.5 (mean of A's) + 0.5: a tie at 1, quota 1, both flagged.
    # area-3%: B 0.5 + 0.5155 > 1: out. A: 1.0309 > 1: out; its own imputed mate keeps 1.
    assert flips(found) == ["area-3%", "area-3%"]


def test_area_tests_under_minmax_keep_minimum_and_maximum() -> None:
    # per mu 1.00, 1.02, 1.04, 5: parts 20 + 80·(x − 1)/4; monotone in x, so as in the ratio form;
    # A on more land falls below the minimum, which stays 1
    found = county([30, "30.6", "31.2", 150], score_form="minmax")
    assert flips(found) == ["", "area-3%", "area+3%", ""]


def test_a_cohort_without_spread_keeps_full_marks_under_minmax() -> None:
    # all the same: all tie at 1, quota 1 of 2 includes both; on other land still full marks
    assert flips(county([30, 30], score_form="minmax")) == ["", ""]


def test_an_unranked_unit_has_no_firmness() -> None:
    units = county([30, 60], min_cohort=7).units()
    assert units["firmness"].isna().all()
    assert units["flips_under"].tolist() == ["", ""]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_test_has_words(lang) -> None:
    for rounding in ("floor", "half_up", "ceil"):
        for code in names_of_tests(rules(rounding=rounding)):
            assert in_words(code, lambda key: f"({key})", lang) != code

"""Benchmarks and score forms, each by a case worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from county import County, Firm, figure, indicator, only_tax, rules

from landuse.errors import UserError
from landuse.ranking.score import round_score

TAX = "tax_wan_per_mu"


def county(taxes: list[Any], mu: list[int] | None = None, **changes: Any) -> County:
    """Firms A, B, C … of division 17 with tax and land (default 3 mu each), one price."""
    land = mu or [3] * len(taxes)
    firms = [
        Firm(chr(65 + n), {"tax": tax}, [(f"P{n}", land[n], 300)]) for n, tax in enumerate(taxes)
    ]
    return County(firms, rules(**{**only_tax(), "min_cohort": 1, "share": "0", **changes}))


def tax(**more: Any) -> dict[str, Any]:
    return {"indicators": only_tax(**more)["indicators"]}


def scores(found: County) -> list[float]:
    return found.run().units["score"].tolist()


def test_mean_is_the_sum_of_numerators_over_the_sum_of_denominators() -> None:
    # (3 + 27) / (3 + 6) = 10/3 per mu, not the mean of 1 and 4.5
    # A: 1 / (10/3) = 0.3; B: 4.5 / (10/3) = 1.35
    assert scores(county([3, 27], [3, 6])) == [0.3, 1.35]


def test_negatives_enter_the_mean_as_they_are_and_count_zero_themselves() -> None:
    # (-3 + 9) / 6 = 1; A: -1 → 0; B: 3 → capped at 2
    assert scores(county([-3, 9])) == [0.0, 2.0]


def test_cap_and_no_cap() -> None:
    # (1 + 1 + 10) / 9 = 4/3; ratios 0.25, 0.25, 2.5
    assert scores(county([1, 1, 10])) == [0.25, 0.25, 2.0]
    assert scores(county([1, 1, 10], cap="none")) == [0.25, 0.25, 2.5]
    assert scores(county([1, 1, 10], cap="1.2")) == [0.25, 0.25, 1.2]


def test_median_of_the_adjusted_ratios() -> None:
    # per mu 1, 2, 9: median 2; of four (1, 2, 4, 9) it is 3
    assert scores(county([3, 6, 27], cap="none", **tax(benchmark="median"))) == [0.5, 1.0, 4.5]
    found = scores(county([3, 27, 12, 6], cap="none", **tax(benchmark="median")))
    assert found == [0.333333, 3.0, 1.333333, 0.666667]


def test_the_median_is_taken_after_the_coefficient() -> None:
    # prices 100, 200, 300 on equal land: P0 200, k = 0.5, 1, 1.5; tax per mu 1, 3, 3
    # adjusted 2, 3, 2: median 2
    found = county([3, 9, 9], **tax(benchmark="median"))
    found.prices["benchmark_price_yuan_per_m2"] = [100.0, 200.0, 300.0]
    assert scores(found) == [1.0, 1.5, 1.0]


def test_twice_mean_of_the_cohort() -> None:
    # mean 10/3 as above, twice 20/3: 1 ÷ 20/3 = 0.15, 4.5 ÷ 20/3 = 0.675
    assert scores(county([3, 27], [3, 6], **tax(benchmark="twice_mean"))) == [0.15, 0.675]


def test_twice_mean_of_all_cohorts() -> None:
    # all: (6 + 6 + 24) / 9 = 4, twice 8; per mu 2, 2, 8
    found = county([6, 6, 24], **tax(benchmark="twice_mean", scope="all"))
    found.enterprises["division"] = pd.Series(["13", "13", "17"], dtype="str")
    result = found.run()
    assert result.units["score"].tolist() == [0.25, 0.25, 1.0]
    assert result.cohorts["cohort"].tolist() == ["13", "17"]
    assert result.cohorts[f"benchmark_{TAX}"].tolist() == pytest.approx([8, 8])


def with_last_year(year: Any) -> County:
    firms = [
        Firm("A", {"tax": 6}, [("P1", 3, 300)], years={2024: {"tax": 3}, 2023: {"tax": 12}}),
        Firm("B", {"tax": 6}, [("P2", 6, 300)], years={2024: {"tax": 15}, 2023: {"tax": 6}}),
        Firm("C", {"tax": 3}, [("P3", 3, 300)]),  # no figures then: in no benchmark of then
    ]
    one = only_tax(benchmark="twice_mean", benchmark_year=year)
    return County(firms, rules(**one, min_cohort=1, share="0"))


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        # (3 + 15) / 9 = 2, twice 4; per mu now 2, 1, 1
        ("previous", [0.5, 0.25, 0.25]),
        (2024, [0.5, 0.25, 0.25]),
        # (12 + 6) / 9 = 2 as well; and this year (6+6+3)/12 = 1.25, twice 2.5
        (2023, [0.5, 0.25, 0.25]),
        (2025, [0.8, 0.4, 0.4]),
        (None, [0.8, 0.4, 0.4]),
    ],
)
def test_twice_mean_of_another_year_on_this_years_land(year, expected) -> None:
    assert scores(with_last_year(year)) == expected


def test_a_benchmark_year_that_nobody_has_stops_the_run() -> None:
    with pytest.raises(UserError) as caught:
        with_last_year(2020).run()
    assert "2020" in caught.value.lines("zh")[0]


def test_a_cohort_without_figures_of_the_benchmark_year_is_ungraded() -> None:
    found = with_last_year(2024)
    found.enterprises["division"] = pd.Series(["17", "17", "18"], dtype="str")
    units = found.units()
    assert units["reason"].tolist() == ["", "", "no_benchmark"]
    assert units.loc["C", "cohort"] == "18"
    assert [issue.code for issue in found.log] == ["ranking.no_benchmark"]


def test_published_by_cohort_else_all_else_ungraded() -> None:
    def run(table: dict[str, str]) -> tuple[pd.DataFrame, list[str]]:
        found = county([6, 6, 6], **tax(benchmark="published", published=table))
        found.enterprises["division"] = pd.Series(["13", "17", "17"], dtype="str")
        return found.units(), [issue.key for issue in found.log]

    units, issues = run({"13": "1", "all": "4"})
    assert units["score"].tolist() == [2.0, 0.5, 0.5]
    assert issues == []
    units, issues = run({"13": "1"})
    assert units["reason"].tolist() == ["", "no_benchmark", "no_benchmark"]
    assert units["status"].tolist() == ["ranked", "ungraded", "ungraded"]
    assert units["cohort_size"].isna().tolist() == [False, True, True]
    assert issues == ["17"]


@pytest.mark.parametrize(
    ("coefficient", "expected"),
    [
        # price 300 on 6 mu and 150 on 6 mu: P0 = 225, k = 4/3 and 2/3; tax 24 → 4 per mu
        # adjusted 3 and 6, published benchmark 6
        ("area", [0.5, 1.0]),
        ("none", [0.666667, 0.666667]),  # raw 4 / 6
        ("score", [0.5, 1.0]),  # 4/6 ÷ 4/3 and 4/6 ÷ 2/3
    ],
)
def test_published_is_compared_with_adjusted_or_raw(coefficient, expected) -> None:
    one = tax(benchmark="published", published={"all": "6"})
    found = county([24, 24], [6, 6], coefficient=coefficient, **one)
    found.prices["benchmark_price_yuan_per_m2"] = [300.0, 150.0]
    assert scores(found) == expected


def test_coefficient_on_the_score_leaves_ratios_raw() -> None:
    # raw 4 and 4 per mu, benchmark 48/12 = 4: both 1, then ÷ 4/3 and ÷ 2/3
    found = county([24, 24], [6, 6], coefficient="score")
    found.prices["benchmark_price_yuan_per_m2"] = [300.0, 150.0]
    result = found.run()
    assert result.units["score"].tolist() == [0.75, 1.5]
    assert result.indicators["compared"].tolist() == pytest.approx([4, 4])
    assert result.units[f"adjusted_{TAX}"].tolist() == pytest.approx([3, 6])


@pytest.mark.parametrize("taxes", [[-5, 3], [0, 0]])
def test_a_benchmark_that_is_not_positive_counts_zero_for_all_with_an_issue(taxes) -> None:
    found = county(taxes)
    result = found.run()
    assert result.units["score"].tolist() == [0.0, 0.0]
    assert [issue.code for issue in found.log] == ["ranking.benchmark_not_positive"]
    assert TAX in next(iter(found.log)).message("zh")


def test_a_published_zero_counts_zero_too() -> None:
    found = county([5, 3], **tax(benchmark="published", published={"all": "0"}))
    assert scores(found) == [0.0, 0.0]


def test_weights_are_used_as_written() -> None:
    # two indicators with weights 3 and 1: mean of each is its own value for equal firms
    pack = {
        "figures": [figure("tax", "wan"), figure("jobs", "person")],
        "indicators": [
            indicator(TAX, "tax", "land", "3"),
            indicator("jobs_person_per_mu", "jobs", "land", "1"),
        ],
    }
    firm = Firm("A", {"tax": 6, "jobs": 9}, [("P1", 3, 300)])
    found = County([firm], rules(**pack, min_cohort=1, share="0"))
    assert scores(found) == [4.0]  # 3·1 + 1·1, never normalised


def test_minmax_over_the_cohort() -> None:
    # weight 1: (20 + 80·(x − min)/(max − min))/100; per mu 2, 8, 20
    # min 0.2; (20 + 80·6/18)/100 = 0.466667; max 1
    assert scores(county([6, 24, 60], score_form="minmax")) == [0.2, 0.466667, 1.0]


def test_minmax_without_spread_scores_the_full_weight() -> None:
    # 10 mu is no whole number of 10⁻⁶ m²: the two ratios differ in the last place only
    assert scores(county([1, 10], [1, 10], score_form="minmax", **tax())) == [1.0, 1.0]


def test_minmax_has_no_cap() -> None:
    heavy = {"indicators": [indicator(TAX, "tax", "land", "40")]}
    assert scores(county([6, 24, 60], score_form="minmax", cap="2", **heavy))[2] == 40.0


def missing(*, form: str = "ratio", third: Any = 6) -> County:
    """A, B have tax; C lacks it: all have jobs 3 on 3 mu."""
    pack = {
        "figures": [figure("tax", "wan"), figure("jobs", "person")],
        "indicators": [
            indicator(TAX, "tax", "land", "0.5"),
            indicator("jobs_person_per_mu", "jobs", "land", "0.5"),
        ],
    }
    firms = [
        Firm("A", {"tax": 6, "jobs": 3}, [("P1", 3, 300)]),
        Firm("B", {"tax": third, "jobs": 3}, [("P2", 3, 300)]),
        Firm("C", {"tax": None, "jobs": 3}, [("P3", 3, 300)]),
    ]
    changes = {"missing": "cohort_mean", "score_form": form, "min_cohort": 1, "share": "0"}
    return County(firms, rules(**pack, **changes))


def test_a_missing_part_is_the_mean_part_of_those_who_have_it() -> None:
    # tax per mu 2 and 6: benchmark 24/6 = 4 (C not in it); parts 0.5·0.5 and 0.5·1.5
    # C: mean (0.25 + 0.75) / 2 = 0.5; jobs 0.5 for all
    result = missing(third=18).run()
    assert result.units["score"].tolist() == [0.75, 1.25, 1.0]
    assert result.units["cohort_size"].tolist() == [3, 3, 3]  # C counts in n
    tax_rows = result.indicators[result.indicators["indicator"] == TAX]
    assert tax_rows["imputed"].tolist() == [False, False, True]
    assert tax_rows["part"].tolist() == [0.25, 0.75, 0.5]
    assert np.isnan(tax_rows["compared"].iloc[2])


def test_the_imputed_part_is_a_mean_of_capped_parts() -> None:
    # tax per mu 2 and 18 of a benchmark 10: ratios 0.2 and 1.8, not capped; with cap 1.2
    # parts 0.1 and 0.6, mean 0.35; score 0.35 + 0.5
    county_ = missing(third=54)
    county_.rules = county_.rules.model_copy(update={"cap": 6 / 5})
    assert county_.run().units["score"].tolist() == [0.6, 1.1, 0.85]


def test_imputation_under_minmax() -> None:
    # A 0.5·0.2 = 0.1, B 0.5, C (0.1 + 0.5)/2 = 0.3; jobs all equal: 0.5
    assert scores(missing(form="minmax", third=18)) == [0.6, 1.0, 0.8]


@pytest.mark.parametrize("form", ["ratio", "minmax"])
def test_what_nobody_has_counts_zero(form) -> None:
    found = missing(form=form)
    found.figures["tax_wan_micro"] = pd.Series([None] * 3, dtype="Int64")
    result = found.run()
    assert result.units["score"].tolist() == [0.5, 0.5, 0.5]
    assert [issue.code for issue in found.log] == ["ranking.nobody_has_it"]


def test_without_land_price_or_industry_nothing_is_imputed() -> None:
    found = missing()
    found.prices.loc[2, "benchmark_price_yuan_per_m2"] = np.nan
    assert found.units().loc["C", "reason"] == "no_price"


def test_rounding_is_half_to_even_even_where_floats_are_just_off() -> None:
    # 0.1 + 0.7 is 0.7999999999999999; a half that sums to just below is still a half
    half = (0.1 + 0.7) / 8 + 0.0000005  # 0.1000005 in exact arithmetic
    assert round_score(np.array([half, 0.1000015, 0.10000051, 0.10000049])).tolist() == [
        100000.0, 100002.0, 100001.0, 100000.0,
    ]  # fmt: skip


def test_equal_scores_are_equal_however_they_came_about() -> None:
    # all have 1 per adjusted mu, on very different land and prices
    firms = [
        Firm("A", {"tax": 7}, [("P1", 3, 700), ("P2", 6, 350)]),
        Firm("B", {"tax": "1.4"}, [("P3", 21, 20)]),
        Firm("C", {"tax": "0.007"}, [("P4", 3, "0.7")]),
    ]
    for firm in firms:
        firm.land = [(parcel, mu, float(price)) for parcel, mu, price in firm.land]
    units = County(firms, rules(**only_tax(), min_cohort=1, share="0.4")).units()
    # Σ a·P: A 3·700 + 6·350 = 4200, tax/aP = 1/600; B 420, 1/300; C 2.1, 1/300
    assert units.loc["B", "score"] == units.loc["C", "score"]
    assert units["rank"].tolist() == [1, 2, 2]

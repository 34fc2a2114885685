"""Status and reason: the first that holds wins; who is not graded counts nowhere."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from county import AS_OF, County, Firm, indicator, only_tax, rules

from landuse import ranking
from landuse.messages import text

FULL = {"tax": 60, "output": 60, "energy_tce": 6}
ORDER = [
    "exempt_listed", "exempt_division", "exempt_new", "no_figures", "land_incomplete", "no_land",
    "area_in_dispute", "no_price", "no_industry", "missing_indicator", "no_benchmark",
]  # fmt: skip


def troubled(*, without: int) -> County:
    """Firm X with every trouble of ORDER except the first ``without``, beside a healthy firm."""
    left = ORDER[without:]
    x = Firm(
        "X",
        {} if "no_figures" in left else ({"tax": 60} if "missing_indicator" in left else FULL),
        [("P1", 0 if "no_land" in left else 10, None if "no_price" in left else 300)],
        industry="44" if "exempt_division" in left else ("" if "no_industry" in left else "9900"),
        started="2025-01-01" if "exempt_new" in left else None,
    )
    key = "output_wan_per_tce"
    table = {"17": "1"} if "no_benchmark" in left else {"17": "1", "all": "1"}
    by_table = indicator(key, "output", "energy_tce", "1", benchmark="published", published=table)
    pack = rules(indicators=[by_table], min_cohort=1)
    county = County([Firm("A", FULL, [("P2", 10, 300)]), x], pack)
    if "exempt_listed" in left:
        county.exempt("X")
    county.incomplete = {"X"} if "land_incomplete" in left else set()
    county.disputed = {"P1"} if "area_in_dispute" in left else set()
    return county


@pytest.mark.parametrize("at", range(len(ORDER)))
def test_the_first_reason_wins(at: int) -> None:
    row = troubled(without=at).units().loc["X"]
    assert row["reason"] == ORDER[at]
    assert row["status"] == ("exempt" if at < 3 else "ungraded")
    for column in ("score", "rank", "cohort_size", "quota", "cutoff_score", "margin", "firmness"):
        assert pd.isna(row[column])
    assert row["flips_under"] == row["grade_class"] == ""


def test_without_any_trouble_it_is_graded() -> None:
    assert troubled(without=len(ORDER)).units().loc["X", "status"] == "ranked"


def test_every_reason_has_words() -> None:
    for code in [*ORDER, "spared", "sample_too_small"]:
        assert text(f"ranking.reason_{code}", "zh") != text(f"ranking.reason_{code}", "en")


@pytest.mark.parametrize("trouble", ["exempt", "incomplete"])
def test_exempt_and_ungraded_are_in_no_size_and_no_benchmark(trouble: str) -> None:
    # tax per mu of A 2, B 4, X 1000; without X the benchmark is (20 + 40) / 20 = 3
    firms = [
        Firm("A", {"tax": 20}, [("P1", 10, 300)]),
        Firm("B", {"tax": 40}, [("P2", 10, 300)]),
        Firm("X", {"tax": 10000}, [("P3", 10, 300)]),
    ]
    county = County(firms, rules(**only_tax(), min_cohort=1, share="0"))
    if trouble == "exempt":
        county.exempt("X")
    else:
        county.incomplete = {"X"}
    result = county.run()
    assert result.cohorts["benchmark_tax_wan_per_mu"].tolist() == pytest.approx([3])
    units = result.units.set_index("uscc")
    assert units["cohort_size"].tolist()[:2] == [2, 2]
    assert units["score"].tolist()[:2] == [0.666667, 1.333333]  # 2/3, 4/3
    assert units.loc["X", "cohort"] == "17"  # shows its own division


@pytest.mark.parametrize(
    ("started", "as_of", "exempt"),
    [
        ("2024-06-30", dt.date(2026, 6, 29), True),
        ("2024-06-30", dt.date(2026, 6, 30), False),  # the day itself: 24 months are over
        ("2024-02-29", dt.date(2026, 2, 27), True),
        ("2024-02-29", dt.date(2026, 2, 28), False),  # no 29 Feb 2026: the month's last day
        ("2027-01-01", dt.date(2026, 6, 30), True),
        (None, dt.date(2026, 6, 30), False),  # a blank start is not exempt
    ],
)
def test_grace_is_exact_by_the_calendar(started, as_of, exempt) -> None:
    county = County([Firm("A", FULL, [("P1", 10, 300)], started=started)], rules())
    found = ranking.exempt(county.enterprises, county.exemptions, county.rules, as_of)
    assert found == ({"A": "exempt_new"} if exempt else {})


def test_grace_of_a_month_ends_on_its_last_day() -> None:
    county = County([Firm("A", FULL, started="2026-01-31")], rules(grace_months=1))
    for day, exempt in ((27, True), (28, False)):
        as_of = dt.date(2026, 2, day)
        found = ranking.exempt(county.enterprises, county.exemptions, county.rules, as_of)
        assert bool(found) is exempt


def test_divisions_of_the_pack_are_exempt() -> None:
    firms = [Firm(code, FULL, industry=code) for code in ("43", "4411", "45", "4620", "47")]
    county = County(firms, rules())
    found = ranking.exempt(county.enterprises, county.exemptions, county.rules, AS_OF)
    assert sorted(found) == ["4411", "45", "4620"]
    assert set(found.values()) == {"exempt_division"}
    none = rules(exempt_divisions=[])
    assert ranking.exempt(county.enterprises, county.exemptions, none, AS_OF) == {}


def test_figures_of_another_year_are_none_of_this_year() -> None:
    firms = [
        Firm("A", FULL, [("P1", 10, 300)]),
        Firm("B", {}, [("P2", 10, 300)], years={2024: FULL}),
    ]
    assert County(firms, rules(min_cohort=1)).units()["reason"].tolist() == ["", "no_figures"]


def test_a_county_in_which_nobody_is_graded_still_gives_its_tables() -> None:
    county = County([Firm("A", {}, [("P1", 10, 300)])], rules())
    result = county.run()
    assert result.units["reason"].tolist() == ["no_figures"]
    assert result.cohorts.empty
    assert result.indicators.empty


def test_one_row_an_enterprise_sorted_by_code() -> None:
    firms = [Firm(code, FULL, [(f"P{code}", 10, 300)]) for code in "CAB"]
    assert County(firms, rules()).run().units["uscc"].tolist() == ["A", "B", "C"]

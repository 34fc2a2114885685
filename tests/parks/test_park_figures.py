"""Figures of periods: what follows from two years, a city and a target, and what contradicts."""

from __future__ import annotations

import pandas as pd
import pytest
from park_rows import WAN, codes, rows

from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.parks import period_figures
from landuse.schema.park_tables import PERIODS
from landuse.schema.periods import Span, read_period


def line(key: str, period: str, value: float, *, scope: str = "park", row: int = 0, **more: object):
    """Value and step in 亿元 to two digits."""
    given = {"scope": scope, "key": key, "period": period, "measure": "output", "digits": 2,
             "value_micro": round(value * 10_000 * WAN), "step_micro": 100 * WAN, "bound": "exact",
             "source_file": "指标.xlsx", "source_row": row}  # fmt: skip
    return {**given, **more}


def figures(*given: dict, period: str | None = None, log: IssueLog | None = None) -> pd.DataFrame:
    found = period_figures(rows(PERIODS, *given), IssueLog() if log is None else log, period=period)
    return found.set_index(["scope", "key", "period"])


def test_share_of_the_target_as_published() -> None:
    """Output 59.5 亿 of a 115 亿 target: 51.74 %."""
    found = figures(line("甲", "2026-H1", 59.5, target_micro=1_150_000 * WAN))
    row = found.loc[("park", "甲", "2026-H1")]
    assert round(row["share_of_target"], 4) == 0.5174
    assert row["elapsed"] == 0.5
    assert (row["expected_year_micro"], row["expected_from"]) == (1_190_000 * WAN, "pace")


def test_growth_and_share_of_the_city() -> None:
    """26.5 against 25.0 a year ago: + 6 %; of the city's 53: half."""
    found = figures(line("甲", "2026-H1", 26.5), line("甲", "2025-H1", 25.0, row=1),
                    line("", "2026-06", 53.0, scope="city", cumulative=True, row=2))  # fmt: skip
    row = found.loc[("park", "甲", "2026-H1")]
    assert (row["before_micro"], row["growth"]) == (250_000 * WAN, 0.06)
    assert row["share_of_city"] == 0.5
    assert pd.isna(found.loc[("city", "", "2026-H1"), "share_of_city"])
    assert pd.isna(found.loc[("park", "甲", "2025-H1"), "growth"])


def test_two_values_of_one_figure_are_a_contradiction() -> None:
    """15.43 亿 in one paragraph, 15.44 亿 in another: both shown, none used."""
    log = IssueLog()
    found = figures(line("甲", "2026-H1", 15.43), line("甲", "2026-06", 15.44, cumulative=True,
                                                       row=7), log=log)  # fmt: skip
    row = found.loc[("park", "甲", "2026-H1")]
    assert row["conflict"] == "154300; 154400"
    assert pd.isna(row["value_micro"])
    (issue,) = log
    assert issue.code == "parks.period_conflict"
    assert "154300; 154400" in issue.message("zh")
    assert "指标.xlsx 7" in issue.message("zh")


def test_a_coarser_value_that_fits_is_no_contradiction() -> None:
    """15.4 (a step of 0.1) stands for 15.35 to 15.45: 15.43 fits, 15.46 does not."""
    coarse = line("甲", "2026-H1", 15.4, step_micro=1_000 * WAN, digits=1, row=1)
    log = IssueLog()
    found = figures(line("甲", "2026-H1", 15.43), coarse, log=log)
    assert found.loc[("park", "甲", "2026-H1"), "value_micro"] == 154_300 * WAN
    assert codes(log) == []
    figures(line("甲", "2026-H1", 15.46), coarse, log=log)
    assert codes(log) == ["parks.period_conflict"]


def test_a_hedged_value_gives_way_to_an_exact_one() -> None:
    log = IssueLog()
    about = line("甲", "2026-H1", 20.0, bound="about", row=1)
    found = figures(line("甲", "2026-H1", 15.43), about, log=log)
    assert found.loc[("park", "甲", "2026-H1"), "bound"] == "exact"
    assert figures(about).loc[("park", "甲", "2026-H1"), "bound"] == "about"
    assert codes(log) == []


def test_targets_that_differ_give_no_share() -> None:
    log = IssueLog()
    found = figures(line("甲", "2026-H1", 10, target_micro=100), line("甲", "2026-Q1", 4, row=1,
                    target_micro=200), log=log)  # fmt: skip
    assert found["share_of_target"].isna().all()
    assert codes(log) == ["parks.target_conflict"]


def test_a_part_of_the_year_has_no_pace_and_counts_have_none() -> None:
    firms = {"measure": "firms", "value_micro": 34 * WAN, "step_micro": 0}
    found = figures(line("甲", "2026-Q2", 10, target_micro=10**12), line("规上", "2026-H1", 0,
                    scope="scale", **firms), line("乙", "2026-H1", 10,
                    expected_year_micro=21 * 10**10))  # fmt: skip
    assert found["expected_from"].to_dict() == {
        ("park", "甲", "2026-Q2"): "", ("scale", "规上", "2026-H1"): "",
        ("park", "乙", "2026-H1"): "stated",
    }  # fmt: skip
    assert pd.isna(found.loc[("park", "甲", "2026-Q2"), "share_of_target"])


def test_one_period_alone() -> None:
    given = (line("甲", "2026-H1", 2), line("甲", "2025-H1", 1, row=1))
    found = figures(*given, period="2026年1-6月")
    assert found.index.tolist() == [("park", "甲", "2026-H1")]
    assert found["growth"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2026", (1, 12)), ("2026-H2", (7, 12)), ("2026-Q3", (7, 9)), ("2026-06", (6, 6)),
        ("2026年上半年", (1, 6)), ("2026 年 1—5 月", (1, 5)), ("2026年第一季度", (1, 3)),
        ("２０２６年", (1, 12)), ("2026年12月", (12, 12)), ("2026H1", (1, 6)), ("2026h2", (7, 12)),
        ("2026上半年", (1, 6)), ("２０２６Ｈ１", (1, 6)), ("2026-6", (6, 6)), ("2026/06", (6, 6)),
        ("202606", (6, 6)), ("2026年前三季度", (1, 9)), ("2026年1-3季度", (1, 9)),
        ("2026年一至三季度", (1, 9)), ("2026年1月至6月", (1, 6)), ("2026年1～6月", (1, 6)),
        ("2026年度", (1, 12)), ("2026Q4", (10, 12)),
    ],
)  # fmt: skip
def test_periods_are_read(text: str, months: tuple[int, int]) -> None:
    assert read_period(text) == Span(2026, *months)


def test_every_span_reads_back_from_its_text() -> None:
    cumulated = [Span(2026, 1, last) for last in range(1, 13)]
    months = [Span(2026, month, month) for month in range(1, 13)]
    spans = [*cumulated, *months, Span(2026, 4, 6), Span(2026, 10, 12), Span(2026, 7, 12)]
    for span in spans:
        assert read_period(span.text, cumulative=span.cumulative) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13",
        "2026-Q5",
        "26年",
        "2026-H3",
        "上半年",
        "2026.1",
        "20261",
        "-2026",
        "2026年13月",
        "2026上",
        "202613",
        "2026-00",
        "2026年0月",
        "2026年五季度",
    ],
)
def test_what_is_no_period_is_said(text: str) -> None:
    with pytest.raises(UserError, match="bad_period"):
        read_period(text)

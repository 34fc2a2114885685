"""Clusters by kind and firms by scale: sums, shares, and what does not add up."""

from __future__ import annotations

import pandas as pd
import pytest
from park_rows import WAN, codes, rows

from landuse.issues import IssueLog
from landuse.parks import cluster_sums, period_figures, scale_balance
from landuse.schema.park_tables import PERIODS

STEP = 100 * WAN
"""One unit of the second decimal of 亿元."""


def line(scope: str, key: str, value: float | None, period: str = "2026-H1", **more: object):
    """A value in 亿元 to two digits."""
    micro = None if value is None else round(value * 10_000 * WAN)
    return {"scope": scope, "key": key, "period": period, "measure": "output", "digits": 2,
            "value_micro": micro, "step_micro": STEP, "bound": "exact", "source_file": "指标.xlsx",
            **more}  # fmt: skip


def figures(*given: dict, log: IssueLog | None = None) -> pd.DataFrame:
    numbered = [{**one, "source_row": at} for at, one in enumerate(given, 2)]
    return period_figures(rows(PERIODS, *numbered), IssueLog() if log is None else log)


def kinds(*given: dict, log: IssueLog | None = None, period: str = "2026-H1") -> pd.DataFrame:
    found = cluster_sums(figures(*given, log=log))
    return found[found["period"] == period].set_index("cluster_kind")


def test_leading_clusters_as_published() -> None:
    """Textiles 43.55 and food 33.23 of 124.2 亿 above scale: (43.55 + 33.23) / 124.2 = 61.82 %."""
    found = kinds(
        line("cluster", "纺织", 43.55, cluster_kind="leading"),
        line("cluster", "食品", 33.23, cluster_kind="leading"),
        line("cluster", "竹艺", 3.22, cluster_kind="special"),
        line("scale", "规上", 124.2),
        line("city", "", 200),
    )
    leading = found.loc["leading"]
    assert leading["value_micro"] == 767_800 * WAN
    assert round(leading["share_of_above"], 4) == 0.6182
    assert leading["share_of_city"] == pytest.approx(0.3839)
    assert leading["share_of_clusters"] == pytest.approx(76.78 / 80)
    assert (found.loc["all", "clusters"], found.loc["all", "value_micro"]) == (3, 800_000 * WAN)
    assert found.index.tolist() == ["all", "leading", "special"]


def test_growth_is_of_the_same_clusters() -> None:
    """76 on 60 + 0: 4 and 12 grew to 6 and 14, together 20 on 16, a quarter more."""
    found = kinds(
        line("cluster", "甲", 6, cluster_kind="leading"),
        line("cluster", "乙", 14, cluster_kind="leading"),
        line("cluster", "甲", 4, "2025-H1"),
        line("cluster", "乙", 12, "2025-H1"),
    )
    assert found.loc["leading", "growth"] == 0.25


def test_a_cluster_without_a_usable_figure_leaves_no_sum() -> None:
    found = kinds(
        line("cluster", "甲", 6, cluster_kind="leading"),
        line("cluster", "乙", None, cluster_kind="leading", target_micro=WAN),
        line("cluster", "丙", 1.5),
        line("cluster", "丙", 1.6),  # said twice
        line("cluster", "丁", 2, bound="about"),
    )
    assert pd.isna(found.loc["leading", "value_micro"])
    assert found.loc["leading", "missing"] == "乙"
    assert found.loc["", "missing"] == "丙"
    assert found.loc["all", "clusters"] == 4
    assert found.loc["", "bound"] == ""


def test_a_kind_holds_for_the_years_that_do_not_say_it_and_two_kinds_are_none() -> None:
    log = IssueLog()
    given = (
        line("cluster", "甲", 6, cluster_kind="special"),
        line("cluster", "甲", 4, "2025"),
        line("cluster", "乙", 1, cluster_kind="leading"),
        line("cluster", "乙", 1, "2026-Q1", cluster_kind="special"),
        line("park", "甲", 9),
    )
    told = figures(*given, log=log).set_index(["scope", "key", "period"])["cluster_kind"]
    assert told["cluster", "甲", "2025"] == "special"
    assert told["cluster", "乙", "2026-H1"] == ""
    assert told["park", "甲", "2026-H1"] == ""
    assert codes(log) == ["parks.kind_conflict"]
    assert "主导" in next(iter(log)).message("zh")


def balance(*given: dict) -> dict[str, object]:
    found = scale_balance(figures(*given))
    assert len(found) == 1
    return {str(name): value for name, value in found.iloc[0].items()}


def test_above_and_below_scale_against_the_park() -> None:
    """Three figures rounded to 0.01: 69.52 + 15.20 may be 84.73, never 84.74 (1.5 steps apart)."""
    parts = (line("park_scale", "甲园|规上", 69.52), line("park_scale", "甲园|规下", 15.20))
    found = balance(*parts, line("park", "甲园", 84.73))
    assert (found["park"], found["verdict"], found["gap_micro"]) == ("甲园", "adds_up", -STEP)
    assert found["share_above"] == pytest.approx(69.52 / 84.72)
    assert balance(*parts, line("park", "甲园", 84.74))["verdict"] == "differs"
    assert balance(*parts, line("park", "甲园", 90, bound="about"))["verdict"] == "cannot_tell"
    assert balance(*parts)["verdict"] == "cannot_tell"


def test_all_firms_by_scale_against_the_city() -> None:
    found = balance(line("scale", "规上", 1), line("scale", "规下", 2), line("city", "", 4))
    assert (found["park"], found["verdict"], found["gap_micro"]) == ("", "differs", -10_000 * WAN)
    alone = balance(line("scale", "规上", 1), line("city", "", 4))
    assert alone["verdict"] == "cannot_tell"
    assert pd.isna(alone["sum_micro"])


def test_the_year_is_held_against_the_target_as_stated_and_at_the_pace() -> None:
    """59.5 in half a year: 119 at this pace; 110 are expected; the target is 115."""
    found = figures(line("park", "甲", 59.5, target_micro=1_150_000 * WAN,
                         expected_year_micro=1_100_000 * WAN)).iloc[0]  # fmt: skip
    assert (found["expected_from"], found["expected_year_micro"]) == ("stated", 1_100_000 * WAN)
    assert found["pace_year_micro"] == 1_190_000 * WAN
    assert found["expected_share_of_target"] == pytest.approx(110 / 115)
    assert found["pace_share_of_target"] == pytest.approx(119 / 115)
    quarter = figures(line("park", "甲", 30, "2026-Q2", target_micro=WAN)).iloc[0]
    assert pd.isna(quarter["pace_year_micro"])

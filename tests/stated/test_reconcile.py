"""What figures of periods say against one another; every expectation is worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from landuse.schema.park_tables import PERIODS
from landuse.stated.reconcile import reconcile

YI = 10_000 * 10**6  # 1 亿元 in 10⁻⁶ 万元


def table(*rows: dict) -> pd.DataFrame:
    blank = {
        "scope": "park", "key": "青石工业园", "cluster_kind": "", "period": "2026-H1",
        "cumulative": False, "measure": "output", "digits": 2, "step_micro": YI // 100,
        "bound": "exact",
        "growth_text": "", "share_of_city_text": "", "target_micro": pd.NA,
        "share_of_target_text": "", "expected_year_micro": pd.NA, "source_file": "指标.xlsx",
        "source_sheet": "指标", "source_row": 0,
    }  # fmt: skip
    frame = pd.DataFrame([{**blank, "source_row": at, **row} for at, row in enumerate(rows, 2)])
    frame = frame[[column.name for column in PERIODS]]
    whole = dict.fromkeys(("value_micro", "target_micro", "expected_year_micro"), "Int64")
    return PERIODS.check(frame.astype(whole))


def yi(hundredths: int) -> int:
    return hundredths * YI // 100


def rules(*rows: dict) -> list[str]:
    return reconcile(table(*rows))["rule"].tolist()


def test_quarters_make_the_half_year_within_their_rounding() -> None:
    # 10.00 + 12.35 = 22.35; two roundings allow 22.34 … 22.36, three with the sum's own
    quarters = ({"period": "2026-Q1", "value_micro": yi(1000)},
                {"period": "2026-Q2", "value_micro": yi(1235)})  # fmt: skip
    assert rules(*quarters, {"value_micro": yi(2236)}) == []
    found = reconcile(table(*quarters, {"value_micro": yi(2238)}))
    assert found["rule"].tolist() == ["sum"]
    assert found["stated"][0] == "223800 万元"
    assert found["computed"][0] == "223500 万元"
    assert found["computed_from"][0] == "指标.xlsx 指标 2; 指标.xlsx 指标 3"


def test_months_and_cumulative_figures() -> None:
    rows = [{"period": f"2026-{month:02d}", "value_micro": yi(100)} for month in (1, 2, 3)]
    assert rules(*rows, {"period": "2026-Q1", "value_micro": yi(310)}) == ["sum"]
    fewer = [
        {"period": "2026-05", "cumulative": True, "value_micro": yi(500)},
        {"period": "2026-06", "cumulative": True, "value_micro": yi(480)},
    ]
    assert rules(*fewer) == ["shrinks"]
    assert rules(*[{**row, "measure": "firms", "step_micro": 0} for row in fewer]) == []


def test_the_same_figure_said_twice() -> None:
    assert rules({"value_micro": yi(1543)}, {"value_micro": yi(1544)}) == ["same"]
    assert rules({"value_micro": yi(1543)}, {"value_micro": yi(1543)}) == []
    # 1-6月累计 is the half-year
    twin = {"period": "2026-06", "cumulative": True, "value_micro": yi(1544)}
    assert rules({"value_micro": yi(1543)}, twin) == ["same"]


@pytest.mark.parametrize(("said", "fault"), [("+16.33%", []), ("16.43%", ["growth"])])
def test_growth_against_last_year(said, fault) -> None:
    # 124.20 / 106.77 = 1.16325
    last = {"period": "2025-H1", "value_micro": yi(10677)}
    assert rules(last, {"value_micro": yi(12420), "growth_text": said}) == fault


def test_shares_of_target_and_city() -> None:
    # 24.92 / 60 = 41.53 %
    wrong = {"value_micro": yi(2492), "target_micro": yi(6000), "share_of_target_text": "39.87%"}
    assert rules(wrong) == ["share_of_target"]
    assert rules({**wrong, "share_of_target_text": "41.53%"}) == []
    city = {"scope": "city", "key": "", "value_micro": yi(5300)}
    assert rules(city, {"value_micro": yi(2650), "share_of_city_text": "50%"}) == []
    assert rules(city, {"value_micro": yi(2650), "share_of_city_text": "56%"}) == ["share_of_city"]


def test_targets_and_the_expected_year() -> None:
    first = {"period": "2026-Q1", "value_micro": yi(100), "target_micro": yi(900)}
    assert rules(first, {"value_micro": yi(300), "target_micro": yi(950)}) == ["target"]
    assert rules({"value_micro": yi(300), "expected_year_micro": yi(250)}) == ["expected"]


def test_above_and_below_scale_make_the_park() -> None:
    halves = [
        {"scope": "park_scale", "key": f"青石工业园|{half}", "value_micro": yi(value)}
        for half, value in (("规上", 800), ("规下", 150))
    ]
    assert rules(*halves, {"value_micro": yi(950)}) == []
    assert rules(*halves, {"value_micro": yi(980)}) == ["scale_parts"]


def test_hedged_figures_are_bounds() -> None:
    quarters = ({"period": "2026-Q1", "value_micro": yi(1000)},
                {"period": "2026-Q2", "value_micro": yi(1200)})  # fmt: skip
    assert rules(*quarters, {"value_micro": yi(2000), "bound": "more"}) == []
    assert rules(*quarters, {"value_micro": yi(2000), "bound": "below"}) == ["sum"]


def test_the_order_of_the_rows_does_not_show() -> None:
    frame = table({"value_micro": yi(1543)}, {"value_micro": yi(1544)},
                  {"period": "2026-Q1", "value_micro": yi(2000)})  # fmt: skip
    assert reconcile(frame).equals(reconcile(frame.iloc[::-1]))
    assert len(reconcile(frame)) == 2  # said twice; and the quarter is more than the half-year


def test_the_city_is_its_firms_above_and_below_scale() -> None:
    city = {"scope": "city", "key": "", "value_micro": yi(8295)}
    halves = [{"scope": "scale", "key": half, "value_micro": yi(value)}
              for half, value in (("规上", 6952), ("规下", 1343))]  # fmt: skip
    assert rules(city, *halves) == []
    found = reconcile(table(city, halves[0], {**halves[1], "value_micro": yi(1520)}))
    assert found["rule"].tolist() == ["scale_parts"]
    # 69.52 + 15.20 = 84.72 against 82.95 亿
    assert (found["stated"][0], found["computed"][0]) == ("829500 万元", "847200 万元")


def test_no_part_is_more_than_the_city() -> None:
    city = {"scope": "city", "key": "", "value_micro": yi(1000)}
    cluster = {"scope": "cluster", "key": "纺织", "value_micro": yi(1001)}
    assert rules(city, cluster) == []  # 10.005 rounds to both
    found = reconcile(table(city, {**cluster, "value_micro": yi(1002)}))
    assert found[["rule", "key", "stated", "computed"]].to_numpy().tolist() == [
        ["part_exceeds", "纺织", "100200 万元", "100000 万元"]
    ]
    # 6.00 + 4.03 = 10.03: more than 10.00 even where both were rounded up
    parks = [{"key": "甲", "value_micro": yi(600)}, {"key": "乙", "value_micro": yi(403)}]
    found = reconcile(table(city, *parks))
    assert found[["rule", "scope", "stated", "computed"]].to_numpy().tolist() == [
        ["part_exceeds", "city", "100300 万元", "100000 万元"]
    ]
    assert rules(city, parks[0], {"key": "乙", "value_micro": yi(401)}) == []
    firms = {"measure": "firms", "step_micro": 0, "digits": 0}
    count = {**firms, "value_micro": 35 * 10**6}
    assert rules({**city, **firms, "value_micro": 34 * 10**6}, {**cluster, **count}) == [
        "part_exceeds"
    ]


def test_a_text_beside_a_figure_never_stops_the_rest() -> None:
    last = {"period": "2025-H1", "value_micro": yi(400)}
    now = {"value_micro": yi(1000)}
    # 10 ÷ 4 = 2.5: growth of 150 %, that is 1.5 times
    assert rules(last, {**now, "growth_text": "增长1.5倍"}) == []
    assert rules(last, {**now, "growth_text": "增长1.6倍"}) == ["growth"]
    assert rules(last, {**now, "growth_text": "提高4个百分点"}) == []  # points of something else
    assert rules(last, {**now, "growth_text": "下降150%"}) == ["growth"]
    found = reconcile(table(last, {**now, "growth_text": "2025年为3%、今年5%"}))
    assert found["rule"].tolist() == ["unread"]
    assert rules(last, {**now, "growth_text": "9" * 5000 + "%"}) == ["unread"]

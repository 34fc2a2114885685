"""Figures of periods: long and wide tables, hedges, units, shares, and whose they are."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from table_files import book, project

from landuse.errors import UserError
from landuse.intake.park_figures import percent_text, stated_figure
from landuse.intake.park_tables import read_park_inputs
from landuse.issues import IssueLog


def read(tmp_path, rows, extra="", **more):
    book(tmp_path / "p.xlsx", rows, **more)
    log = IssueLog()
    text = f'[periods]\npath = "p.xlsx"\n{extra}\n'
    inputs = read_park_inputs(project(tmp_path, text), log)
    counts = inputs.counts
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    return inputs, [issue.code for issue in log]


def test_a_long_table(tmp_path):
    """15.43 亿 = 154 300 万元, one unit of its last digit is 0.01 亿 = 100 万元."""
    rows = [
        [
            "园区",
            "期间",
            "累计",
            "指标",
            "数值",
            "单位",
            "同比",
            "占全市比重",
            "全年目标",
            "完成率",
        ],
        ["甲园", "2026-06", "累计", "基础设施投资", "15.43", "亿元", "+8.2%", "", 30, "51.43 %"],
        ["甲园", dt.date(2026, 6, 30), "", "税收", "约35200", "万元", "48.9%", "50%", None, None],
        ["甲园", "2026年一季度", "", "企业数", "30多家", "", "", "", "", ""],
        ["甲园", "年中", "", "税收", 1, "万元", "", "", "", ""],
        ["甲园", "2026-06", "", "景气指数", 1, "万元", "", "", "", ""],
        ["甲园", "2026-06", "", "出口", 1, "万美元", "", "", "", ""],
        ["甲园", "2026-06", "", "税收", "若干", "万元", "", "", "", ""],
        ["", "2026-06", "", "税收", 1, "万元", "", "", "", ""],
        ["合计", "2026-06", "", "税收", 1, "万元", "", "", "", ""],
        ["全市", "2026-06", "", "税收", 1, "万元", "", "", "", ""],
    ]
    inputs, codes = read(tmp_path, rows)
    frame = inputs.periods.set_index(["scope", "measure"])
    one = frame.loc[("park", "infrastructure_investment")]
    assert (one["period"], one["value_micro"], one["digits"], one["step_micro"]) == (
        "2026-H1", 154_300 * 10**6, 2, 100 * 10**6,
    )  # fmt: skip
    assert (one["target_micro"], one["growth_text"], one["share_of_target_text"]) == (
        300_000 * 10**6, "+8.2%", "51.43 %",
    )  # fmt: skip
    tax = frame.loc[("park", "tax")]
    assert (tax["period"], tax["bound"], tax["value_micro"]) == ("2026-06", "about", 35_200 * 10**6)
    firms = frame.loc[("park", "firms")]
    assert (firms["period"], firms["value_micro"], firms["step_micro"], firms["bound"]) == (
        "2026-Q1", 30 * 10**6, 0, "more",
    )  # fmt: skip
    assert frame.loc[("city", "tax"), "key"] == ""
    assert len(frame) == 4
    assert sorted(codes) == [
        "park_tables.bad_period", "park_tables.figure_unread", "park_tables.no_figure",
        "park_tables.no_whom", "park_tables.unit_unknown", "park_tables.unknown_measure",
    ]  # fmt: skip


def test_a_wide_table_with_two_rows_of_headings(tmp_path):
    rows = [
        ["园区", "月份", "产值", "", "", "税收(万元)"],
        ["", "", "本期(亿元)", "同比(%)", "全年目标(亿元)", ""],
        ["甲园", "2026-05", 59.5, 16.33, 115, "1,200.50"],
        ["乙园", "2026-05", None, None, 20, None],
        ["丙园", "2026-05", None, None, None, None],
    ]
    inputs, codes = read(tmp_path, rows, merged=["A1:A2", "B1:B2", "C1:E1", "F1:F2"])
    frame = inputs.periods.set_index(["key", "measure"])
    assert len(frame) == 3
    one = frame.loc[("甲园", "output")]
    assert (one["value_micro"], one["digits"], one["growth_text"]) == (595_000 * 10**6, 1, "16.33%")
    assert frame.loc[("乙园", "output"), "target_micro"] == 200_000 * 10**6
    assert pd.isna(frame.loc[("乙园", "output"), "value_micro"])
    tax = frame.loc[("甲园", "tax")]
    assert (tax["value_micro"], tax["digits"], tax["step_micro"]) == (1_200_500_000, 2, 10_000)
    assert codes == ["park_tables.no_figure"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("园区", "甲园", "", "", ""), ("park", "甲园")),
        (("", "甲园", "", "规模以上", ""), ("park_scale", "甲园|规上")),
        (("", "", "", "规下", ""), ("scale", "规下")),
        (("", "", "纺织", "", ""), ("cluster", "纺织")),
        (("产业集群", "", "", "", "食品"), ("cluster", "食品")),
        (("规模", "", "", "", "规上企业"), ("scale", "规上")),
        (("全市", "", "", "", ""), ("city", "")),
        (("", "", "", "", "全县"), ("city", "")),
        (("园区规模", "", "", "", "甲园|规上"), ("park_scale", "甲园|规上")),
        (("园区", "", "", "", ""), None),
    ],
)
def test_whose_figure_it_is(tmp_path, cells, expected):
    scope, park, cluster, size, whom = cells
    rows = [
        ["范围", "园区", "产业集群", "规模", "对象", "期间", "产值(万元)"],
        [scope, park, cluster, size, whom, 2026, 5],
    ]
    inputs, _ = read(tmp_path, rows)
    found = list(zip(inputs.periods["scope"], inputs.periods["key"], strict=True))
    assert found == ([expected] if expected else [])


def test_the_same_thing_said_twice_stays_twice(tmp_path):
    """Contradictions are shown, not resolved."""
    rows = [["园区", "期间", "产值(亿元)"], ["甲园", "2026-H1", 15.43], ["甲园", "2026-H1", 15.44]]
    inputs, codes = read(tmp_path, rows)
    assert list(inputs.periods["value_micro"]) == [154_300 * 10**6, 154_400 * 10**6]
    assert codes == []


def test_a_bare_number_is_no_share(tmp_path):
    rows = [["园区", "期间", "产值(亿元)", "产值同比"], ["甲园", "2026", 1, 0.1633]]
    inputs, codes = read(tmp_path, rows)
    assert (list(inputs.periods["growth_text"]), codes) == ([""], ["park_tables.percent_unclear"])
    declared = '[periods.columns]\noutput_growth = { from = "产值同比", unit = "1" }'
    inputs, codes = read(tmp_path, rows, declared)
    assert (list(inputs.periods["growth_text"]), codes) == (["16.33%"], [])


def test_money_without_a_unit_is_not_read(tmp_path):
    inputs, codes = read(
        tmp_path, [["园区", "期间", "产值"], ["甲园", "2026", 5], ["乙", "2026", "5亿元"]]
    )
    assert list(inputs.periods["key"]) == ["乙"]
    assert codes == ["park_tables.figure_unread", "park_tables.no_figure"]


def test_a_table_without_measures_stops(tmp_path):
    with pytest.raises(UserError) as raised:
        read(tmp_path, [["园区", "期间", "备注"], ["甲园", "2026", "x"]])
    assert raised.value.issues[0].code == "intake_tables.needed_column"


@pytest.mark.parametrize("cell", ["5亿至6亿", "其中5亿", "五亿", True, "5亿美元", "$5亿", "1e400"])
def test_what_is_no_figure(cell):
    assert stated_figure(cell, "") is None


def test_finer_than_the_program_keeps():
    """0.1 + 0.2 of a formula: 17 decimals, but one unit of the last digit is never 0."""
    found = stated_figure(0.1 + 0.2, "yuan")
    assert found is not None
    assert (found.value_micro, found.digits, found.step_micro) == (30, 2, 1)


def test_points_are_no_percent():
    assert percent_text("提高4个百分点", "") == "提高4个百分点"
    assert percent_text("较快", "") is None


def test_the_kind_of_a_cluster_is_read_where_it_says_something(tmp_path):
    """A kind on a park's row is not used and said; an unknown word is blank and said."""
    rows = [
        ["园区", "产业集群", "集群类别", "期间", "产值(亿元)"],
        ["", "装备", "主导产业", "2026H1", 5],
        ["", "竹艺", "特 色", "２０２６年上半年", 1],
        ["", "食品", "", "2026上半年", 3],
        ["", "其他", "一般", "2026-H1", 3],
        ["甲园", "", "主导", "2026-H1", 3],
    ]
    inputs, codes = read(tmp_path, rows)
    kinds = inputs.periods.set_index("key")["cluster_kind"].to_dict()
    assert kinds == {"装备": "leading", "竹艺": "special", "食品": "", "其他": "", "甲园": ""}
    assert set(inputs.periods["period"]) == {"2026-H1"}
    assert sorted(codes) == ["intake_tables.unknown_word", "park_tables.kind_unused"]


@pytest.mark.parametrize("heading", ["集群类型", "产业类别", "cluster_kind"])
def test_a_long_table_has_kinds_too(tmp_path, heading):
    rows = [
        ["产业集群", heading, "期间", "指标", "数值", "单位"],
        ["装备", "special", "2026-06", "产值", 5, "亿元"],
        ["装备", "主导", "2026-06", "出口", "不足1", "亿元"],
    ]
    inputs, codes = read(tmp_path, rows)
    assert inputs.periods.set_index("measure")["cluster_kind"].to_dict() == {
        "output": "special", "exports": "leading",
    }  # fmt: skip
    assert codes == []

"""The tables about parks as people keep them: records, coded words, units, counts that add up."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from table_files import book, project

from landuse.errors import UserError
from landuse.intake.park_tables import read_park_inputs
from landuse.intake.park_words import CODES
from landuse.issues import IssueLog
from landuse.schema.park_tables import BOUNDS, ORIGINS, PARK_TABLES, SCOPES
from landuse.stated import check, read_figure
from landuse.stated.relations import RELATIONS

GOOD = "91350582MA0000015J"


def read(tmp_path, table, rows, extra="", **more):
    book(tmp_path / f"{table}.xlsx", rows)
    text = f'[{table}]\npath = "{table}.xlsx"\n{extra}\n'
    log = IssueLog()
    inputs = read_park_inputs(project(tmp_path, text, **more), log)
    counts = inputs.counts
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    return inputs, [issue.code for issue in log]


def test_register_in_its_units(tmp_path):
    """1.78 万亩 = 17 800 × 2000/3 m²; 2 万平方米 = 20 000 m²; one park twice is no park."""
    heads = ["园区", "园区类型", "已编规划", "总面积(万亩)", "已征面积(亩)", "标准厂房规划面积(万㎡)",  # noqa: E501
             "规划容积率", "主导行业", "从业人员", "工业固定资产总额(亿元)"]  # fmt: skip
    rows = [
        heads,
        ["甲园", "新兴产业", "是", 1.78, 221, 2, 1.5, "纺织业、13", 3500, 2.5],
        ["乙园", "综合", "编制中", 0.2, -5, "无", None, "奇怪业", None, None],
        ["丙园", None, None, 1, 1, 1, 1, None, None, None],
        ["丙园", None, None, 2, 1, 1, 1, None, None, None],
        ["合计", None, None, 4.98, 218, 4, None, None, None, None],
    ]
    inputs, codes = read(tmp_path, "park_register", rows)
    frame = inputs.park_register.set_index("park")
    assert list(frame.index) == ["乙园", "甲园"]
    one, two = frame.loc["甲园"], frame.loc["乙园"]
    assert one["total_area_m2_micro"] == 35_600_000_000_000 // 3 + 1  # 11 866 666.666667 m²
    assert one["expropriated_area_m2_micro"] == 147_333_333_333  # 221 × 2000/3
    assert one["factory_planned_m2_micro"] == 20_000_000_000
    assert (one["planned_plot_ratio_micro"], one["jobs"]) == (1_500_000, 3500)
    assert one["fixed_assets_wan_micro"] == 25_000_000_000
    assert (one["park_type"], one["has_plan"], one["leading_divisions"]) == (
        "emerging", "yes", "13; 17",
    )  # fmt: skip
    assert (two["park_type"], two["has_plan"], two["leading_divisions"]) == ("", "no", "")
    assert pd.isna(two["expropriated_area_m2_micro"])
    assert pd.isna(two["factory_planned_m2_micro"])
    assert sorted(codes) == [
        "intake_tables.unknown_word", "intake_tables.unknown_word", "park_tables.negative",
        "park_tables.repeated_key", "park_tables.repeated_key",
    ]  # fmt: skip
    reasons = sorted(inputs.set_aside["reason"])
    assert reasons == ["intake_tables.total_row", *["park_tables.repeated_key"] * 2]


def test_a_plan_that_is_not_stated_is_not_a_no(tmp_path):
    rows = [
        ["园区", "是否编制规划"], ["甲", "是"], ["乙", "否"], ["丙", None], ["丁", "／"],
        ["戊", "已批复"], ["己", "也许"],
    ]  # fmt: skip
    inputs, codes = read(tmp_path, "park_register", rows)
    assert inputs.park_register.set_index("park")["has_plan"].to_dict() == {
        "甲": "yes", "乙": "no", "丙": "", "丁": "", "戊": "yes", "己": "",
    }  # fmt: skip
    assert codes == ["intake_tables.unknown_word"]


def test_an_area_without_a_unit_stops(tmp_path):
    """亩 read as m² would be a six-hundredth: nobody guesses."""
    with pytest.raises(UserError) as raised:
        read(tmp_path, "park_register", [["园区", "总面积"], ["甲园", 300]])
    assert raised.value.issues[0].code == "intake_tables.unit_missing"


def test_the_area_unit_of_a_table_is_that_of_its_land(tmp_path):
    """Land in mu by declaration, floor area by its own heading."""
    heads = ["项目", "园区", "用地面积", "计划建筑面积(㎡)", "总投资(万元)", "开工日期", "竣工日期"]
    rows = [heads, ["某项目", "甲园", 3, 1200.5, 5000, "2025年3月5日", "尚未竣工"],
            ["另一项目", "甲园", 1, None, None, "春节后", None]]  # fmt: skip
    inputs, codes = read(tmp_path, "projects", rows, 'area_unit = "mu"')
    one = inputs.projects.set_index("project").loc["某项目"]
    assert (one["land_area_m2_micro"], one["planned_floor_m2_micro"]) == (2 * 10**9, 1_200_500_000)
    assert one["started_on"] == pd.Timestamp(2025, 3, 5)
    assert pd.isna(one["completed_on"])
    unread = inputs.projects.set_index("project")["unread"]
    assert (unread["某项目"], unread["另一项目"]) == ("", "started_on")
    assert codes == ["intake_tables.not_a_date"]


def test_promises_per_mu(tmp_path):
    """30 万元/亩 as such; 亩均税收(万元) means the same; 450 万元/公顷 is 30 万元/亩."""
    heads = ["企业名称", "统一社会信用代码", "来源", "来源地", "企业类别", "承诺亩均税收(万元/亩)",
             "承诺亩均产值(万元)", "承诺亩均投资(万元/公顷)", "达产年度", "链上角色"]  # fmt: skip
    rows = [heads,
            ["某公司", GOOD, "本地", "城东", "高新、瞪羚", 30, 400, 450, "2025年", "链主"],
            ["另公司", None, "外地", "", "", None, None, None, None, "配套"],
            [None, None, "外地", "", "", 1, 1, 1, None, ""]]  # fmt: skip
    inputs, codes = read(tmp_path, "promises", rows)
    one = inputs.promises.set_index("name").loc["某公司"]
    assert one["promised_tax_wan_per_mu_micro"] == 30_000_000
    assert one["promised_output_wan_per_mu_micro"] == 400_000_000
    assert one["promised_investment_wan_per_mu_micro"] == 30_000_000
    assert (one["origin"], one["kinds"], one["due_year"], one["chain_role"]) == (
        "local", "高新; 瞪羚", 2025, "leader",
    )  # fmt: skip
    assert pd.isna(inputs.promises.set_index("name").loc["另公司", "due_year"])
    assert codes == ["intake_tables.no_key"]


def test_demand_without_numbers_is_named_by_its_firm(tmp_path):
    rows = [["意向企业", "行业", "需要土地(亩)", "厂房需求(㎡)", "容积率下限", "意向园区类型"],
            ["某公司", "C1711", 15, None, "1.2", "传统产业"],
            ["某公司", "38", None, 3000, None, ""]]  # fmt: skip
    inputs, _ = read(tmp_path, "demand", rows)
    assert list(inputs.demand["demand"]) == ["某公司", "某公司-2"]
    assert list(inputs.demand["division"]) == ["17", "38"]
    assert inputs.demand.loc[0, "land_area_m2_micro"] == 10**10
    assert inputs.demand.loc[0, "least_plot_ratio_micro"] == 1_200_000
    assert inputs.demand.loc[1, "floor_m2_micro"] == 3 * 10**9


def test_stated_figures_and_what_they_rest_on(tmp_path):
    rows = [
        ["编号", "文件名称", "位置", "关系", "所述数字", "依据", "依据单位"],
        ["甲", "半年总结", "第3段", "占比", "39.87%", "24.92亿；60亿", ""],
        ["乙", "半年总结", "第3段", "合计", "", "43.55; [丙]", "亿元;"],
        ["丙", "半年总结", "第4段", "相同", "33.23亿", "33.23亿", ""],
        ["丁", "半年总结", "", "占比", "50%", "[戊]; 1,735万元", ""],
        ["戊", "半年总结", "", "相同", "855万元", "[丁]", ""],
        ["己", "半年总结", "", "猜测", "1", "1", ""],
        ["庚", "半年总结", "", "合计", "1", "", ""],
    ]
    inputs, codes = read(tmp_path, "stated", rows)
    frame = inputs.stated.set_index("claim")
    assert list(frame.index) == ["丙", "乙", "甲"]
    assert list(frame["relation"]) == ["same", "sum", "share"]
    assert (frame.loc["乙", "inputs"], frame.loc["乙", "input_units"]) == ("43.55; =丙", "亿元; ")
    assert sorted(codes) == [
        "intake_tables.unknown_word", "park_tables.no_inputs", "park_tables.no_relation",
        "park_tables.unknown_claim", "park_tables.unknown_claim",
    ]  # fmt: skip


def test_codes_are_those_of_the_rooms():
    assert set(CODES["relation"].values()) == set(RELATIONS)
    assert set(CODES["scope"].values()) == set(SCOPES)
    assert set(CODES["origin"].values()) == set(ORIGINS)
    assert check  # the checker is there to be fed


@pytest.mark.parametrize(
    ("text", "bound"),
    [("约5亿元", "about"), ("近5亿元", "near"), ("5亿多元", ""), ("5亿元以上", "more"),
     ("超5亿元", "more"), ("不足5亿元", "below"), ("5亿元以内", "below"), ("5亿元左右", "about")],
)  # fmt: skip
def test_hedges_mean_what_the_checker_means(text, bound):
    """One list of words here, one there: they may not drift apart."""
    from landuse.intake.park_figures import stated_figure

    ours = {"about": "near", "near": "at_most", "more": "at_least", "below": "at_most"}
    found = stated_figure(text, "")
    assert found is None if not bound else found.bound == bound
    assert set(ours) | {"exact"} == set(BOUNDS)
    if bound:
        assert read_figure(text).bound == ours[bound]


def test_unknown_parks_are_told_with_the_nearest(tmp_path):
    book(tmp_path / "r.xlsx", [["园区"], ["云泽经济开发区"]])
    book(tmp_path / "p.xlsx", [["项目", "园区"], ["甲", "云泽经开区"], ["乙", "云泽经济开发区"]])
    log = IssueLog()
    text = '[park_register]\npath = "r.xlsx"\n[projects]\npath = "p.xlsx"\n'
    inputs = read_park_inputs(project(tmp_path, text), log)
    (issue,) = list(log)
    assert (issue.code, issue.row) == ("park_tables.unknown_park", 2)
    assert "最接近的：云泽经济开发区" in issue.message("zh")
    assert inputs.given == {"park_register", "projects"}
    for name, table in PARK_TABLES.items():
        table.check(inputs.table(name))


def test_a_correction_of_a_park_table_is_applied_here_and_not_told_by_a_run(tmp_path):
    book(tmp_path / "r.xlsx", [["园区", "总面积(亩)"], ["甲园", 30]])
    book(
        tmp_path / "c.xlsx",
        [["表", "主键", "列", "原值", "新值"], ["园区底数", "甲园", "总面积", "30", "33"]],
    )
    text = '[park_register]\npath = "r.xlsx"\n[corrections]\npath = "c.xlsx"\n'
    inputs = read_park_inputs(project(tmp_path, text), IssueLog())
    assert list(inputs.park_register["total_area_m2_micro"]) == [22 * 10**9]
    assert list(inputs.corrections["applied"]) == [True]


def test_rows_in_another_order_are_the_same_table(tmp_path):
    heads = ["项目", "园区", "签约日期"]
    rows = [[f"项目{n}", "甲园", dt.date(2025, n, 1)] for n in range(1, 6)]
    first, _ = read(tmp_path, "projects", [heads, *rows])
    again, _ = read(tmp_path, "projects", [heads, *reversed(rows)])
    drop = ["source_row"]
    pd.testing.assert_frame_equal(
        first.projects.drop(columns=drop), again.projects.drop(columns=drop)
    )

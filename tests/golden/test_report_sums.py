"""Sums of the report of which a part is missing: what is added up, and who is not in it."""

from __future__ import annotations

import pytest
from park_files import county

from landuse.pipeline.parks import all_about_parks
from landuse.pipeline.report import report_of
from landuse.publish.report.model import CITED

CODE = "91339901MA2Q2BY52J"
TABLES = {
    "park_register": (
        ["园区名称", "标准厂房规划面积(㎡)", "建成标准厂房(㎡)", "已租标准厂房(㎡)",
         "空置标准厂房(㎡)"],
        [["甲园", 900, 500, 300, 250], ["乙园", 100, 0, 0, 0]],
    ),
    "periods": (
        ["园区", "期间", "指标", "数值", "单位"],
        [
            ["甲园", "2026年上半年", "产值", 3, "亿元"],
            ["乙园", "2026年上半年", "产值", 4, "亿元"],
            ["甲园", "2026年上半年", "出口", 1, "亿元"],
        ],
    ),
    "projects": (
        ["项目名称", "所在园区", "签约日期", "计划总投资(万元)", "累计完成投资(万元)"],
        [
            ["一", "甲园", "2026-03-01", 1000, 250],
            ["二", "甲园", "2026-03-02", 3000, None],
            ["三", "甲园", "2026-03-03", None, None],
            ["四", "乙园", None, 500, None],
        ],
    ),
    "promises": (
        ["企业名称", "统一社会信用代码", "入驻园区", "来源", "厂房面积(㎡)",
         "承诺亩均税收(万元/亩)", "达产年度", "所属产业链", "链上角色"],
        [
            ["棠楠阀门厂", CODE, "甲园", "外地", 100, 3, 2027, "阀门", "链主"],
            ["棠楠阀门公司", CODE, "甲园", "外地", None, 3, 2027, "阀门", "配套"],
            ["棠楠阀门公司", None, "乙园", "外地", 50, 3, 2027, "阀门", "配套"],
            ["乙厂", None, "乙园", None, 60, 3, 2027, "阀门", "配套"],
        ],
    ),
    "stated": (
        ["编号", "文件名称", "所述数字", "关系", "依据"],
        [["1", "总结", "2家", "相同", "[计算:签约企业]"]],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return all_about_parks(county(tmp_path_factory.mktemp("sums"), TABLES))


@pytest.fixture(scope="module")
def report(book):
    return report_of(book, "2026-H1")


@pytest.fixture(scope="module")
def said(report) -> str:
    return CITED.sub("", "\n".join(one for part in report.sections for one in part.paragraphs))


def test_planned_investment_is_of_all_projects_and_the_share_of_those_that_state_both(
    report, said
) -> None:
    table = report.book.tables["projects"]
    names = ("planned_wan", "invested", "planned_both", "invested_both", "invested_share")
    shown = [table.cell(("*",), name).text for name in names]
    assert shown == ["4500.00", "250.00", "1000.00", "250.00", "25.00"]
    assert table.cell(("乙园",), "invested") is None
    assert "计划投资4500.00万元，已完成250.00万元；两项都填报的项目计划1000.00万元" in said


def test_projects_that_are_not_signed_are_counted(report) -> None:
    table = report.book.tables["projects"]
    assert [table.cell(("*",), one).text for one in ("projects", "planned", "signed")] == [
        "4", "1", "3",
    ]  # fmt: skip
    assert table.columns["planned"] == "未签约"


def test_a_sum_says_of_how_many_parks_it_is(said) -> None:
    assert "产值7.00亿元；" in said or "产值7.00亿元。" in said
    assert "出口1.00亿元（1个园区有数）" in said


def test_what_is_not_stated_is_told_beside_the_sum(said) -> None:
    assert "期内签约项目3个，计划投资4000.00万元" in said
    assert "其中1个项目未填计划投资" in said
    assert "已签约企业2家，其中外地1家（50.0%）、本地0家（0.0%）" in said
    assert "来源未注明1家" in said
    assert "另有1份承诺未填厂房面积" in said


def test_one_code_is_one_firm_in_the_report_the_checker_and_the_chain(book, report) -> None:
    assert book.checked["verdict"].tolist() == ["right"]
    chains = report.book.tables["chains"]
    members = book.chains["members"].tolist()
    assert [chains.cell(("阀门",), "members").text] == [str(one) for one in members]
    assert len(report.book.tables["chain_firms"]) == len(book.chain_firms)
    assert {one["relation"] for one in report.book.tables["checked"].each()} == {"相同"}


def test_what_the_register_contradicts_stands_in_the_text_with_both_values(said) -> None:
    assert "标准厂房建成 500 平方米，不等于出租 300 加空置 250 平方米" in said


def test_may_and_january_to_may_are_two_periods_wherever_they_are_shown(tmp_path) -> None:
    """甲园 states May and January to May, 乙园 only the latter: 8 and 3 亿."""
    from landuse.pipeline.park_economy import last_period, park_economy
    from landuse.pipeline.park_site import ParkFigures
    from landuse.pipeline.parks import book_of, read_batch
    from landuse.web.park_view import chosen_period, periods_of

    rows = [
        ["甲园", "2026-05", None, "产值", 2, "亿元"],
        ["甲园", "2026-05", "累计", "产值", 8, "亿元"],
        ["甲园", "2026-04", "累计", "产值", 9, "亿元"],
        ["乙园", "2026-05", "累计", "产值", 3, "亿元"],
    ]
    heads = ["园区", "期间", "累计", "指标", "数值", "单位"]
    parks = TABLES["park_register"]
    tables = {"park_register": parks, "periods": (heads, rows)}
    batch = read_batch(county(tmp_path, tables))
    figures = ParkFigures(batch, book_of(batch, None), batch.computed.parcels)
    assert [period for period, _ in periods_of(figures, "zh")] == [
        "2026-01—05", "2026-05", "2026-01—04",
    ]  # fmt: skip

    def output(period: str, park: str) -> str | None:
        cell = figures.economy(period, "zh").cell(("park", park, "output"), "value_yi")
        return cell.text if cell else None

    assert [output("2026-05", one) for one in ("甲园", "乙园")] == ["2.00", None]
    assert [output("2026-01—05", one) for one in ("甲园", "乙园")] == ["8.00", "3.00"]
    assert chosen_period(figures, "2026-05", "zh", "乙园") == "2026-05"
    assert chosen_period(figures, "", "zh", "乙园") == "2026-01—05"
    mine = figures.book.figures[figures.book.figures["key"] == "甲园"]
    assert last_period(mine) == "2026-01—05"
    shown = park_economy(figures.book, "甲园", "2026-01—05", "zh")
    assert [one["value_micro"].text for one in shown.each()] == ["80000.00"]
    found = figures.book.contradictions
    assert found["period"].tolist() == ["2026-01—05"]


def test_park_show_lists_what_contradicts_with_both_values(tmp_path, capsys) -> None:
    from landuse.cli import main

    heads = ["园区", "期间", "指标", "数值", "单位", "全年目标", "全年预计"]
    rows = [["甲园", "2026-H1", "产值", 3, "亿元", 9, 2]]
    tables = {"park_register": TABLES["park_register"], "periods": (heads, rows)}
    path = county(tmp_path, tables)
    assert main(["park", "show", "甲园", "--project", str(path)]) == 0
    said = capsys.readouterr().out
    assert "数据矛盾" in said
    assert "20000 万元" in said
    assert "30000 万元" in said
    assert "标准厂房建成 500 平方米，不等于出租 300 加空置 250 平方米" in said

"""Published figures of half-years, clusters and projects, from workbooks to what contradicts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from park_files import ONE_FIGURE, county

from landuse.pipeline.parks import all_about_parks
from landuse.pipeline.report import report_of

HEADS = ["园区", "产业集群", "集群类别", "规模", "期间", "指标", "数值", "单位", "同比",
         "占全市比重", "全年目标", "完成率"]  # fmt: skip
NOW, LAST = "2026年上半年", "2025年上半年"


def book_of(folder, rows):
    whole = [[*row, *[None] * (len(HEADS) - len(row))] for row in rows]
    return all_about_parks(county(folder, {"periods": (HEADS, whole)}))


def said(book) -> list[tuple[str, str, str]]:
    rows = book.contradictions
    return sorted(zip(rows["rule"], rows["stated"], rows["computed"], strict=True))


def test_clusters_and_firms_above_scale(tmp_path) -> None:
    """34 firms above scale with 124.2 亿 (+16.33 %); 13 firms with 43.55 (+14.21 %), 22 with 33.23
    (+22.62 %). Last year: 124.2 ÷ 1.1633 = 106.77, 43.55 ÷ 1.1421 = 38.13, 33.23 ÷ 1.2262 = 27.10.
    Both together: 76.78 ÷ 124.2 = 61.82 %, and 13 + 22 = 35 firms against 34."""
    textiles, food = ("", "纺织", "主导", ""), ("", "食品", "主导", "")
    above = ("", "", "", "规上")
    book = book_of(
        tmp_path,
        [
            [*above, NOW, "产值", "124.2", "亿元", "+16.33%"],
            [*textiles, NOW, "产值", "43.55", "亿元", "+14.21%"],
            [*food, NOW, "产值", "33.23", "亿元", "+22.62%"],
            [*above, LAST, "产值", "106.77", "亿元"],
            [*textiles, LAST, "产值", "38.13", "亿元"],
            [*food, LAST, "产值", "27.10", "亿元"],
            [*above, NOW, "企业数", "34", "家"],
            [*textiles, NOW, "企业数", "13", "家"],
            [*food, NOW, "企业数", "22", "家"],
        ],
    )
    assert said(book) == []
    sums = book.clusters[book.clusters["cluster_kind"] == "leading"]
    sums = sums[sums["period"] == "2026-H1"].set_index("measure")
    assert sums.loc["output", "value_micro"] == 767_800 * 10**6
    assert round(sums.loc["output", "share_of_above"] * 100, 2) == 61.82
    assert sums.loc["firms", ["value_micro", "above_micro"]].tolist() == [35 * 10**6, 34 * 10**6]


def test_infrastructure_investment_said_twice(tmp_path) -> None:
    row = ["甲园", "", "", "", NOW, "基础设施投资"]
    book = book_of(tmp_path, [[*row, "15.43", "亿元"], [*row, "15.44", "亿元"]])
    assert said(book) == [("same", "154400 万元", "154300 万元")]
    places = book.contradictions[["stated_at", "computed_from"]].iloc[0].tolist()
    assert [place.split()[-1] for place in places] == ["3", "2"]
    figure = book.figures.set_index("measure").loc["infrastructure_investment"]
    assert figure["conflict"] == "154300; 154400"  # no value is used


TAX = ["甲园", "", "", "", NOW, "税收", "35200", "万元", "+48.9%", None]
INDUSTRIAL = ["甲园", "", "", "", NOW, "工业税收", "21869", "万元", None, "56%"]
VALUE_ADDED = ["甲园", "", "", "", NOW, "增加值", "265000", "万元", None, "50%"]


@pytest.mark.parametrize(
    ("last", "target", "city_tax", "city_value", "goal", "wrong"),
    [
        # what the shares and the growth imply
        (23640, 70400, 39052, 530000, 512600, []),
        # 35 200 ÷ 25 000 − 1 = 40.80 %; ÷ 80 000 = 44.00 %; 21 869 ÷ 45 000 = 48.60 %;
        # 26.5 ÷ 60 = 44.17 %, ÷ 50 = 53.00 %
        (25000, 80000, 45000, 600000, 500000,
         ["40.80 %", "44.00 %", "44.17 %", "48.60 %", "53.00 %"]),
    ],
)  # fmt: skip
def test_the_tax_row(tmp_path, last, target, city_tax, city_value, goal, wrong) -> None:
    city = ["全市", "", "", "", NOW]
    book = book_of(
        tmp_path,
        [
            [*TAX, target, "50%"], ["甲园", "", "", "", LAST, "税收", last, "万元"],
            INDUSTRIAL, [*VALUE_ADDED, goal, "51.7%"],
            [*city, "工业税收", city_tax, "万元"], [*city, "增加值", city_value, "万元"],
        ],
    )  # fmt: skip
    assert sorted(computed for _, _, computed in said(book)) == wrong


def test_targets_of_output_and_fixed_investment(tmp_path) -> None:
    place = ["甲园", "", "", "", NOW]
    book = book_of(
        tmp_path,
        [
            [*place, "产值", "59.5", "亿元", None, None, "115", "51.74%"],
            [*place, "固定资产投资", "24.92", "亿元", None, None, "60", "39.87%"],
        ],
    )
    assert said(book) == [("share_of_target", "39.87%", "41.53 %")]


def test_signed_projects_and_those_under_way(tmp_path) -> None:
    """25 projects: 3 of 45.3 亿 together, 5 of 34.4, 3 of 135.8, 11 of 30.3, 3 of 2.1: 247.9 亿.
    One under way: 855 of 1 735 万元 are done, 49.28 %."""
    rows = []
    for count, tenths in ((3, 453), (5, 344), (3, 1358), (11, 303), (3, 21)):
        parts = [tenths // count] * (count - 1)
        for part in [*parts, tenths - sum(parts)]:
            rows.append([f"项目{len(rows) + 1:02d}", "甲园", "2026-03-15", None, part * 1000, None])
    rows.append(["在建", "甲园", "2024-05-01", "2024-09-01", 1735, 855])
    heads = [
        "项目名称",
        "所在园区",
        "签约日期",
        "开工日期",
        "计划总投资(万元)",
        "累计完成投资(万元)",
    ]
    claims = [
        ["1", "总结", "25个", "相同", "[计算:签约项目@2026年上半年]"],
        ["2", "总结", "246.5亿", "相同", "[计算:签约投资@2026年上半年]"],
        ["3", "总结", "247.9亿", "相同", "[计算:签约投资@2026-H1]"],
        ["4", "总结", "50%", "占比", "[计算:项目完成投资]；[计算:项目计划投资]"],
        ["5", "总结", "26个", "相同", "[计算:签约项目]"],
    ]
    tables = {
        "periods": ONE_FIGURE,
        "projects": (heads, rows),
        "stated": (["编号", "文件名称", "所述数字", "关系", "依据"], claims),
    }
    book = all_about_parks(county(tmp_path, tables))
    found = book.checked
    assert list(zip(found["verdict"], found["computed"], strict=True)) == [
        ("right", "25 个"), ("contradiction", "247.9 亿"), ("right", "247.9 亿"),
        ("wrong", "49.28 %"), ("right", "26 个"),
    ]  # fmt: skip
    share = book.projects.set_index("project").loc["在建", "invested_share"]
    assert share == float(Fraction(855, 1735))
    facts = report_of(book, "2026-H1").book.tables["facts"]
    said = [facts.cell((name,), "amount").text for name in ("signed_projects", "signed_wan")]
    assert said == ["25", "2479000.00"]

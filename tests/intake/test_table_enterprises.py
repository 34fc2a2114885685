"""Enterprises from several tables in several units: every row once, every figure exact."""

# ruff: noqa: PD011 - the values of an issue are no frame
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from table_files import book, codes, project, rules_of

from landuse.errors import UserError
from landuse.intake.corrections import Corrections
from landuse.intake.enterprises import read_enterprises
from landuse.issues import IssueLog
from landuse.schema.tables import ENTERPRISES, FIGURES, SET_ASIDE, SOURCES

A, B, C = "91350582MA00000015", "91350582MA00000028", "91350582MA0000003B"
MAIN = ["统一社会信用代码", "企业名称", "行业代码", "年度", "税收(万元)", "产值(万元)"]


def read(folder, text, crs="EPSG:4549", **more):
    found = project(folder, text, **more)
    log = IssueLog()
    reading = read_enterprises(found, rules_of(found), Corrections(year=2025), log, crs=crs)
    if log.errors():
        raise UserError(log.errors())
    ENTERPRISES.check(reading.frame)
    FIGURES.check(reading.figures)
    SET_ASIDE.check(reading.set_aside)
    SOURCES.check(reading.sources)
    counts = reading.counts
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    assert len(reading.set_aside) == counts["set_aside"].sum()
    return reading, log


def fault(folder, text, **more):
    with pytest.raises(UserError) as caught:
        read(folder, text, **more)
    for issue in caught.value.issues:
        assert issue.message("zh")
        assert issue.message("en")
        assert issue.hint("zh")
    return [issue.code.split(".")[1] for issue in caught.value.issues]


def figure(reading, uscc, column, year=2025):
    frame = reading.figures
    value = frame.loc[(frame["uscc"] == uscc) & (frame["year"] == year), f"{column}_micro"].iloc[0]
    return None if pd.isna(value) else int(value)


def test_three_tables_in_three_units_with_titles_and_totals(tmp_path):
    book(
        tmp_path / "main.xlsx",
        [["企业名录"], MAIN[:4], [A, "甲", "C1713", 2025], [B, "乙", 17, 2025]],
    )
    tax = [
        ["单位：元"],
        ["纳税人识别号", "年度", "入库税收"],
        [A, 2025, 123_456.78],
        [B, 2025, "1,000"],
        ["合计", None, 124_456.78],
    ]
    book(tmp_path / "tax.xlsx", tax)
    book(
        tmp_path / "out.xlsx",
        [["信用代码", "年份", "产值（千元）"], [A, 2025, 5.5], [B, 2025, "—"]],
    )
    reading, log = read(
        tmp_path,
        """
[enterprises]
path = "main.xlsx"
[[enterprises.tables]]
path = "tax.xlsx"
[[enterprises.tables]]
path = "out.xlsx"
money_unit = "thousand_yuan"
""",
    )
    # 123 456.78 yuan = 12.345678 wan; 1 000 yuan = 0.1 wan; 5.5 thousand yuan = 0.55 wan
    assert figure(reading, A, "tax_wan") == 12_345_678
    assert figure(reading, B, "tax_wan") == 100_000
    assert figure(reading, A, "output_wan") == 550_000
    assert figure(reading, B, "output_wan") is None
    assert reading.frame["division"].tolist() == ["17", "17"]
    assert len(log) == 0
    assert reading.counts.set_index("file").loc["tax.xlsx"].tolist()[1:] == [3, 2, 1]


def test_a_unit_that_contradicts_and_one_that_is_missing(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "税收(元)", "产值"], [A, 1, 2]])
    text = '[enterprises]\npath = "a.xlsx"\n'
    assert fault(tmp_path, text) == ["unit_missing"]
    assert fault(tmp_path, text + 'money_unit = "wan"\n') == ["unit_contradicts"]
    per_column = '[enterprises.columns]\ntax = {from = "税收(元)", unit = "yuan"}\n'
    reading, _ = read(tmp_path, text + 'money_unit = "wan"\n' + per_column)
    assert figure(reading, A, "tax_wan") == 100  # 1 yuan = 0.0001 wan
    assert figure(reading, A, "output_wan") == 2_000_000


def test_energy_from_physical_quantities_over_two_tables(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "用电量(万千瓦时)"], [A, 2], [B, None], [C, 1]])
    book(
        tmp_path / "b.xlsx",
        [["统一社会信用代码", "原煤(吨)", "综合能耗"], [A, 3, None], [B, None, None], [C, 1, 200]],
    )
    text = '[enterprises]\npath = "a.xlsx"\nenergy_basis = "calorific"\n'
    text += '[[enterprises.tables]]\npath = "b.xlsx"\n'
    reading, log = read(tmp_path, text)
    # A: 20 000 kWh × 0.1229 = 2 458 kgce; 3 000 kg × 0.7143 = 2 142.9 kgce; together 4.6009 tce
    assert figure(reading, A, "energy_tce") == 4_600_900
    assert figure(reading, B, "energy_tce") is None
    # C: 10 000 × 0.1229 + 1 000 × 0.7143 = 1.9433 tce, but 200 tce is stated and counts
    assert figure(reading, C, "energy_tce") == 200_000_000
    gap = next(issue for issue in log if issue.code == "intake_tables.energy_gap")
    assert (gap.key, gap.values["computed"], gap.file) == (C, "1.943", "a.xlsx")


def test_the_basis_of_energy_is_never_guessed(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "用电量(kWh)"], [A, 1000]])
    text = '[enterprises]\npath = "a.xlsx"\n'
    assert fault(tmp_path, text) == ["energy_basis_missing"]
    text += 'energy_basis = "equivalent"\n'
    assert fault(tmp_path, text) == ["no_equivalent"]
    override = '[rules.override]\nelectricity_equivalent_kgce_per_kwh = "0.3"\n'
    reading, _ = read(tmp_path, text, rules=override)
    assert figure(reading, A, "energy_tce") == 300_000  # 1 000 kWh × 0.3 kgce = 0.3 tce


def test_electricity_without_a_unit_is_an_error(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "用电量"], [A, 1000]])
    text = '[enterprises]\npath = "a.xlsx"\nenergy_basis = "calorific"\n'
    assert fault(tmp_path, text) == ["unit_missing"]
    text += '[enterprises.columns]\nheat = {from = "用电量", unit = "kBtu"}\n'
    reading, _ = read(tmp_path, text)
    # 1 000 kBtu = 1 055.05585262 MJ × 0.03412 kgce = 35.998505… kgce
    assert figure(reading, A, "energy_tce") == 35_999


def test_repeated_keys_are_listed_and_set_aside_and_nothing_is_multiplied(tmp_path):
    book(
        tmp_path / "a.xlsx",
        [
            MAIN,
            [A, "甲", 17, 2025, 1, 1],
            [B, "乙", 17, 2025, 2, 2],
            [A, "甲", 17, 2025, 3, 3],
            [A, "甲", 17, 2024, 5, 5],
        ],
    )
    text = '[enterprises]\npath = "a.xlsx"\n'
    reading, log = read(tmp_path, text)
    told = [issue for issue in log if issue.code == "intake_tables.repeated_key"]
    assert [(issue.row, issue.key, issue.values["times"]) for issue in told] == [
        (2, A, "2025 ×2"),
        (4, A, "2025 ×2"),
    ]
    assert list(zip(reading.figures["uscc"], reading.figures["year"], strict=True)) == [
        (A, 2024),
        (B, 2025),
    ]
    assert reading.counts.iloc[0].tolist() == ["enterprises", "a.xlsx", 4, 2, 2]


@pytest.mark.parametrize(
    ("rule", "expected"), [("sum", 4_000_001), ("mean", 2_000_000), ("max", 3_000_001)]
)
def test_duplicates_are_combined_per_column(tmp_path, rule, expected):
    # 1 and 3.000001: sum 4.000001; mean 2.0000005, half to even 2.000000; max 3.000001
    rows = [MAIN, [A, "甲", 17, 2025, 1, 7], [A, "甲", 17, 2025, 3.000001, 7]]
    book(tmp_path / "a.xlsx", rows)
    text = f'[enterprises]\npath = "a.xlsx"\nduplicates = {{tax = "{rule}"}}\n'
    reading, log = read(tmp_path, text)
    assert figure(reading, A, "tax_wan") == expected
    assert figure(reading, A, "output_wan") == 7_000_000
    assert codes(log) == ["combined_key"]
    assert len(reading.sources) == 2


def test_a_figure_that_differs_without_a_rule_sets_the_key_aside(tmp_path):
    rows = [MAIN, [A, "甲", 17, 2025, 1, 7], [A, "甲", 17, 2025, 1, 8], [B, "乙", 17, 2025, 1, 1]]
    book(tmp_path / "a.xlsx", rows)
    reading, log = read(tmp_path, '[enterprises]\npath = "a.xlsx"\nduplicates = {tax = "sum"}\n')
    assert reading.frame["uscc"].tolist() == [A, B]
    assert reading.figures["uscc"].tolist() == [B]
    assert codes(log) == ["repeated_without_rule"] * 2


def test_a_table_without_codes_is_joined_by_names_that_are_unique(tmp_path):
    book(
        tmp_path / "a.xlsx",
        [
            MAIN,
            [A, "甲公司", 17, 2025, 1, 1],
            [B, "乙公司", 17, 2025, 1, 1],
            [C, "乙公司", 17, 2025, 1, 1],
        ],
    )
    rows = [["户名", "综合能耗"], ["甲 公司", 5], ["乙公司", 6], ["丙公司", 7], [None, 8]]
    book(tmp_path / "e.xlsx", rows)
    text = '[enterprises]\npath = "a.xlsx"\n[[enterprises.tables]]\npath = "e.xlsx"\n'
    reading, log = read(tmp_path, text)
    assert figure(reading, A, "energy_tce") == 5_000_000
    aside = reading.set_aside.set_index("source_row")["reason"].to_dict()
    assert aside == {
        3: "intake_tables.name_repeats",
        4: "intake_tables.name_unknown",
        5: "intake_tables.no_key",
    }
    absent = [issue.key for issue in log if issue.code == "intake_tables.absent_in_table"]
    assert absent == [B, C]


def test_a_blank_or_destroyed_code_in_a_table_with_codes_is_no_key(tmp_path):
    book(
        tmp_path / "a.xlsx",
        [
            MAIN,
            [A, "甲", 17, 2025, 1, 1],
            [None, "乙", 17, 2025, 1, 1],
            ["9.1E+17", "丙", 17, 2025, 1, 1],
            [9.1350582e17, "丁", 17, 2025, 1, 1],
        ],
    )
    reading, log = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    assert reading.frame["uscc"].tolist() == [A]
    assert sorted(codes(log)) == ["no_key", "uscc_destroyed", "uscc_destroyed"]


def test_a_blank_code_in_a_further_table_is_no_key_though_its_name_is_known(tmp_path):
    book(tmp_path / "a.xlsx", [MAIN, [A, "甲", 17, 2025, 1, 1]])
    book(tmp_path / "b.xlsx", [["统一社会信用代码", "企业名称", "综合能耗"], [None, "甲", 5]])
    text = '[enterprises]\npath = "a.xlsx"\n[[enterprises.tables]]\npath = "b.xlsx"\n'
    reading, log = read(tmp_path, text)
    assert figure(reading, A, "energy_tce") is None
    assert codes(log) == ["absent_in_table", "no_key"]


def test_an_enterprise_of_one_table_only_is_listed_with_the_table_that_lacks_it(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "税收(万元)"], [A, 1]])
    book(
        tmp_path / "b.xlsx",
        [["统一社会信用代码", "企业名称", "产值(万元)"], [A, "甲", 1], [B, "乙", 2]],
    )
    text = '[enterprises]\npath = "a.xlsx"\n[[enterprises.tables]]\npath = "b.xlsx"\n'
    reading, log = read(tmp_path, text)
    assert reading.frame["uscc"].tolist() == [A, B]
    (issue,) = [issue for issue in log if issue.code == "intake_tables.absent_in_table"]
    assert (issue.key, issue.file, issue.values["name"]) == (B, "a.xlsx", "乙")
    assert figure(reading, B, "tax_wan") is None


DIRECTORY = ["统一社会信用代码", "企业名称", "行业代码"]


def absent(log):
    found = [issue for issue in log if issue.code.removeprefix("intake_tables.").startswith("abs")]
    assert all(issue.message("zh") and issue.hint("en") for issue in found)
    return sorted((issue.code.split(".")[1], issue.file, issue.key) for issue in found)


def test_the_directory_lacks_whom_the_tax_has_and_the_tax_lacks_whom_the_directory_has(tmp_path):
    book(tmp_path / "list.xlsx", [DIRECTORY, [A, "甲", 17], [B, "乙", 17]])
    # C has tax of 2024 only: nobody lacks it in 2025
    tax = [["统一社会信用代码", "年度", "税收(万元)"], [A, 2025, 1], [C, 2024, 1]]
    book(tmp_path / "tax.xlsx", tax)
    output = [["统一社会信用代码", "产值(万元)"], [A, 2], [B, 2], ["91350582MA0000004E", 3]]
    book(tmp_path / "output.xlsx", output)
    text = '[enterprises]\npath = "list.xlsx"\n[[enterprises.tables]]\npath = "tax.xlsx"\n'
    text += '[[enterprises.tables]]\npath = "output.xlsx"\n'
    reading, log = read(tmp_path, text, head='id_scheme = "free"')
    assert absent(log) == [
        ("absent_in_directory", "list.xlsx", "91350582MA0000004E"),
        ("absent_in_table", "tax.xlsx", B),
        ("absent_in_table", "tax.xlsx", "91350582MA0000004E"),
    ]
    assert len(reading.frame) == 4


def test_a_table_of_other_years_is_told_once_and_not_for_every_enterprise(tmp_path):
    book(tmp_path / "list.xlsx", [DIRECTORY, [A, "甲", 17], [B, "乙", 17]])
    tax = [["统一社会信用代码", "年度", "税收(万元)"], [A, 2024, 1], [B, 2024, 1]]
    book(tmp_path / "tax.xlsx", tax)
    text = '[enterprises]\npath = "list.xlsx"\n[[enterprises.tables]]\npath = "tax.xlsx"\n'
    _, log = read(tmp_path, text)
    assert codes(log) == ["no_row_of_year"]


def test_an_enterprise_whose_rows_are_all_set_aside_stays_without_figures(tmp_path):
    rows = [
        MAIN,
        [A, "甲公司", 18, 2025, 1, 7],
        [A, "甲", 17, 2025, 1, 8],
        [A, None, 17, 2025, 1, 9],
        [B, "乙", 17, 2025, 1, 1],
    ]
    for order in (rows, [rows[0], *rows[:0:-1]]):
        book(tmp_path / "a.xlsx", order)
        reading, _ = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
        # the row that leaves least blank, then the smallest by name: 甲 before 甲公司
        assert reading.frame[["uscc", "name", "division"]].to_numpy().tolist() == [
            [A, "甲", "17"],
            [B, "乙", "17"],
        ]
        assert reading.figures["uscc"].tolist() == [B]
        assert reading.counts[["read", "used", "set_aside"]].to_numpy().tolist() == [[4, 1, 3]]


def test_rows_set_aside_give_a_name_but_no_industry_to_an_enterprise_with_figures(tmp_path):
    book(tmp_path / "list.xlsx", [DIRECTORY, [A, "甲", 17], [A, "甲", 18]])
    book(tmp_path / "tax.xlsx", [["统一社会信用代码", "税收(万元)"], [A, 1]])
    text = '[enterprises]\npath = "list.xlsx"\n[[enterprises.tables]]\npath = "tax.xlsx"\n'
    reading, log = read(tmp_path, text)
    assert reading.frame[["name", "division"]].to_numpy().tolist() == [["甲", ""]]
    assert figure(reading, A, "tax_wan") == 1_000_000
    assert codes(log) == ["repeated_key"] * 2


def test_years_in_headings_become_records(tmp_path):
    rows = [
        ["统一社会信用代码", "行业代码", "2024年税收(万元)", "2025年税收(万元)"],
        [A, 17, 1, 2],
        [B, 18, "—", 4],
    ]
    book(tmp_path / "a.xlsx", rows)
    reading, _ = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    assert reading.years == (2024, 2025)
    assert [figure(reading, A, "tax_wan", year) for year in (2024, 2025)] == [1_000_000, 2_000_000]
    assert figure(reading, B, "tax_wan", 2024) is None
    assert reading.counts.iloc[0].tolist() == ["enterprises", "a.xlsx", 2, 2, 0]


def test_years_twice_are_a_fault(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "年度", "2024年税收(万元)"], [A, 2024, 1]])
    assert fault(tmp_path, '[enterprises]\npath = "a.xlsx"\n') == ["year_twice"]


def test_a_table_without_a_year_is_of_the_projects_year_and_a_bad_year_no_record(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "税收(万元)"], [A, 1]])
    reading, _ = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    assert reading.figures["year"].tolist() == [2025]
    assert "intake_tables.year_assumed" in [fact.code for fact in reading.facts]
    book(tmp_path / "a.xlsx", [MAIN, [A, "甲", 17, "去年", 1, 1], [B, "乙", 17, None, 1, 1]])
    reading, log = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    assert codes(log) == ["no_year", "no_year"]
    assert reading.frame["name"].tolist() == ["甲", "乙"]
    assert len(reading.figures) == 0


def test_a_figure_without_a_year_beside_figures_with_one_is_of_the_projects_year(tmp_path):
    rows = [["统一社会信用代码", "2024年税收(万元)", "产值(万元)"], [A, 1, 5]]
    book(tmp_path / "a.xlsx", rows)
    reading, _ = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    assert figure(reading, A, "output_wan", 2025) == 5_000_000
    assert figure(reading, A, "output_wan", 2024) is None
    facts = {fact.code: fact.values for fact in reading.facts}
    told = facts["intake_tables.columns_without_year"]
    assert (told["headings"], told["value"]) == ("产值(万元)", 2025)


def test_attributes_are_of_the_projects_year_else_of_the_latest(tmp_path):
    heading = ["统一社会信用代码", "企业名称", "行业代码", "年度", "规模", "投产日期", "税收(万元)"]
    rows = [
        heading,
        [A, "旧名", "1711", 2024, "规下", "2010年5月1日", 1],
        [A, "新名", "2613", 2025, None, None, 1],
        [B, "早", "1711", 2023, "规上", None, 1],
        [B, "晚", None, 2024, "规上", None, 1],
    ]
    book(tmp_path / "a.xlsx", rows)
    reading, _ = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    first, second = reading.frame.to_dict("records")
    assert (first["name"], first["industry_code"], first["division"]) == ("新名", "2613", "26")
    assert (first["scale"], str(first["production_started_on"])[:10]) == ("规下", "2010-05-01")
    assert (second["name"], second["industry_code"], second["division"]) == ("晚", "1711", "17")


def test_a_second_table_of_which_no_row_is_known_states_nothing(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "税收(万元)"], [A, 100], [B, None]])
    book(tmp_path / "b.xlsx", [["企业名称", "税收(万元)"], ["无人认得", 102]])
    text = '[enterprises]\npath = "a.xlsx"\n[[enterprises.tables]]\npath = "b.xlsx"\n'
    reading, _ = read(tmp_path, text)
    assert figure(reading, A, "tax_wan") == 100_000_000
    assert reading.set_aside["reason"].tolist() == ["intake_tables.name_unknown"]


def test_a_figure_in_two_tables_counts_as_in_the_first_and_the_difference_is_told(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "税收(万元)"], [A, 100], [B, None]])
    book(tmp_path / "b.xlsx", [["统一社会信用代码", "税收(万元)"], [A, 102], [B, 7]])
    text = '[enterprises]\npath = "a.xlsx"\n[[enterprises.tables]]\npath = "b.xlsx"\n'
    reading, log = read(tmp_path, text)
    assert figure(reading, A, "tax_wan") == 100_000_000
    assert figure(reading, B, "tax_wan") == 7_000_000
    (issue,) = log
    assert (issue.code, issue.file, issue.value, issue.values["other"]) == (
        "intake_tables.figure_twice",
        "b.xlsx",
        "102",
        "100",
    )


def test_a_value_far_above_its_cohort_is_told_and_kept(tmp_path):
    rows = [
        MAIN,
        *([f"{n:018d}", "某", 17, 2025, 10, 1] for n in range(1, 8)),
        [A, "甲", 17, 2025, 10_001, 1],
        [B, "乙", 17, 2025, 10_000, 1],
    ]
    book(tmp_path / "a.xlsx", rows)
    reading, log = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    # median of the nine is 10; 10 001 is more than 1 000 times, 10 000 is not
    (issue,) = [issue for issue in log if issue.code == "intake_tables.outlier"]
    assert (issue.key, issue.row, issue.values["median"]) == (A, 9, "10")
    assert figure(reading, A, "tax_wan") == 10_001_000_000


@pytest.mark.parametrize("rule", ["mean", "sum", "max"])
def test_a_row_far_above_is_told_where_it_stands_though_it_is_combined(tmp_path, rule):
    rows = [
        MAIN,
        *([f"{n:018d}", "某", 17, 2025, 10, 1] for n in range(1, 8)),
        [A, "甲", 17, 2025, 1, 1],
        [A, "甲", 17, 2025, 15_001, 1],
    ]
    book(tmp_path / "a.xlsx", rows)
    text = f'[enterprises]\npath = "a.xlsx"\nduplicates = {{tax = "{rule}"}}\n'
    reading, log = read(tmp_path, text)
    # the mean, 7 501, lies below a thousand times the median of 10; the row itself does not
    (issue,) = [issue for issue in log if "outlier" in issue.code]
    assert (issue.code, issue.row) == ("intake_tables.outlier_combined", 10)
    assert (issue.key, issue.values["median"]) == (A, "10")
    kept = {"mean": 7_501, "sum": 15_002, "max": 15_001}[rule]
    assert figure(reading, A, "tax_wan") == kept * 1_000_000


def test_points_come_to_the_working_system(tmp_path):
    heading = ["统一社会信用代码", "税收(万元)", "经度", "纬度"]
    book(tmp_path / "a.xlsx", [heading, [A, 1, 120.0, 30.0], [B, 1, None, 30], [C, 1, 12.0, 30.0]])
    text = '[enterprises]\npath = "a.xlsx"\n'
    reading, log = read(tmp_path, text)
    assert codes(log) == ["points_without_crs"]
    assert reading.frame["x"].isna().all()
    reading, log = read(tmp_path, text + 'crs = "EPSG:4490"\n')
    # on the central meridian of zone 120°E the false easting is 500 000
    assert reading.frame["x"].iloc[0] == pytest.approx(500_000, abs=1e-6)
    assert reading.frame["x"].isna().tolist() == [False, True, True]
    assert codes(log) == ["point_outside"]
    waiting, _ = read(tmp_path, text + 'crs = "EPSG:4490"\n', crs=lambda: "EPSG:4549")
    assert waiting.frame.equals(reading.frame)  # who knows the system when the land is read
    mapped = '[enterprises.columns]\nx = "经度"\ny = "纬度"\n'
    assert fault(tmp_path, text + mapped) == ["points_need_crs"]


def test_a_mapped_cohort_column_comes_through(tmp_path):
    book(tmp_path / "a.xlsx", [["代码列", "组", "税收(万元)"], ["x-1", 4, 1], ["x-2", "乙组", 1]])
    text = (
        '[enterprises]\npath = "a.xlsx"\n[enterprises.columns]\nuscc = "代码列"\nland_use = "组"\n'
    )
    override = '[rules.override]\ncohort_by = ["land_use"]\n'
    reading, log = read(tmp_path, text, head='id_scheme = "free"', rules=override)
    assert reading.frame["land_use"].tolist() == ["4", "乙组"]
    assert reading.frame["uscc"].tolist() == ["x-1", "x-2"]
    assert len(log) == 0


def test_a_free_code_that_became_a_number_is_no_key_either(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "税收(万元)"], [1000010010, 1], [1.2e17, 1]])
    text = '[enterprises]\npath = "a.xlsx"\n'
    reading, log = read(tmp_path, text, head='id_scheme = "free"')
    assert reading.frame["uscc"].tolist() == ["1000010010"]
    assert codes(log) == ["uscc_destroyed"]


def test_order_of_rows_changes_nothing(tmp_path):
    rows = [[f"{n:018d}", f"企业{n % 5}", 1711 + n % 3, 2023 + n % 3, n / 7, n] for n in range(40)]
    results = []
    for order in (range(40), reversed(range(40)), np.random.default_rng(5).permutation(40)):
        book(tmp_path / "a.xlsx", [MAIN, *(rows[n] for n in order)])
        reading, _ = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
        results.append(reading)
    for other in results[1:]:
        pd.testing.assert_frame_equal(other.frame, results[0].frame)
        pd.testing.assert_frame_equal(other.figures, results[0].figures)


def test_bad_cells_cost_their_cell_only(tmp_path):
    rows = [
        MAIN,
        [A, '=cmd|"/c calc"!A1', 17, 2025, "1e400", "约5"],
        [B, "<script>", 17, 2025, True, "nan"],
    ]
    book(tmp_path / "a.xlsx", rows)
    reading, log = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    assert reading.frame["name"].tolist() == ['=cmd|"/c calc"!A1', "<script>"]
    assert reading.figures.drop(columns=["uscc", "year"]).isna().all().all()
    assert codes(log) == ["not_a_number"] * 3
    assert reading.counts.iloc[0].tolist() == ["enterprises", "a.xlsx", 2, 2, 0]


def test_structural_faults_of_all_tables_come_together(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"<html></html>")
    book(tmp_path / "b.xlsx", [["企业名称", "税收"], ["甲", 1]])
    book(tmp_path / "c.xlsx", [["年度", "税收(万元)"], [2025, 1]])
    tables = "".join(f'[[enterprises.tables]]\npath = "{name}.xlsx"\n' for name in "bc")
    found = fault(tmp_path, f'[enterprises]\npath = "a.xlsx"\n{tables}')
    assert sorted(found) == ["html", "no_joint", "unit_missing"]


def test_a_heading_without_rows_gives_empty_tables(tmp_path):
    book(tmp_path / "a.xlsx", [MAIN])
    reading, _ = read(tmp_path, '[enterprises]\npath = "a.xlsx"\n')
    assert len(reading.frame) == 0
    assert len(reading.figures) == 0

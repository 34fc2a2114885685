"""Occupancy, supply, exemptions, confirmed links and corrections."""

# ruff: noqa: PD011 - the values of an issue are no frame
from __future__ import annotations

import pandas as pd
import pytest
from table_files import book, codes, project, rules_of

from landuse.errors import UserError
from landuse.intake.corrections import Corrections
from landuse.intake.enterprises import read_enterprises
from landuse.intake.occupancy import read_occupancy
from landuse.intake.small_tables import (
    read_confirmed,
    read_corrections,
    read_exemptions,
    report_unknown,
)
from landuse.intake.supply import read_supply
from landuse.issues import IssueLog
from landuse.schema.near_codes import nearest_codes

P, Q = "350582001001GB00001", "350582001001GB00002"
A, B = "91350582MA00000015", "91350582MA00000028"


def read(reader, folder, text, **more):
    found = project(folder, text, **more)
    log = IssueLog()
    reading = reader(found, Corrections(year=2025), log)
    counts = reading.counts
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    assert len(reading.set_aside) == counts["set_aside"].sum()
    return reading, log


def occupancy(folder, rows, options='area_unit = "mu"\n', **more):
    heading = [
        "宗地代码",
        "统一社会信用代码",
        "用地关系",
        "用地面积",
        "面积类型",
        "起始日期",
        "终止日期",
    ]
    book(folder / "o.xlsx", [heading, *rows])
    return read(read_occupancy, folder, f'[occupancy]\npath = "o.xlsx"\n{options}', **more)


def test_occupancy_counts_if_in_force_on_the_last_day_of_the_year(tmp_path):
    rows = [
        [P, A, "租赁", 3, None, "2025-01-01", "2025-12-31"],
        [P, B, "自有", 3, None, "2025-12-31", None],
        [Q, A, None, 3, None, None, "2025-12-30"],
        [Q, B, None, 3, None, "2026-01-01", "长期"],
        [Q, "91350582MA0000003B", None, None, None, "2020", "2025"],
    ]
    reading, _ = occupancy(tmp_path, rows)
    assert reading.frame["parcel_id"].tolist() == [P, P, Q]
    assert reading.frame["relation"].tolist() == ["lease", "own", ""]
    reasons = reading.set_aside.set_index("source_row")["reason"].to_dict()
    assert reasons == {4: "intake_tables.ended", 5: "intake_tables.not_begun"}
    # 3 mu = 3 × 2000/3 = 2000 m²
    assert reading.frame["area_m2_micro"].tolist()[:2] == [2_000_000_000] * 2


def test_blank_zero_and_negative_areas_are_undeclared(tmp_path):
    rows = [[P, A, None, None], [P, B, None, 0], [Q, A, None, -5], [Q, B, None, "—"]]
    reading, log = occupancy(tmp_path, rows)
    assert reading.frame["area_m2_micro"].isna().all()
    assert codes(log) == ["negative_area"]


def test_two_rows_of_a_pair_are_added_and_told_land_and_floor_apart(tmp_path):
    rows = [
        [P, A, "租赁", 1.5, "土地"],
        [P, A, "自有", 1.5, None],
        [P, A, None, 300, "建筑面积"],
        [P, A, None, None, "厂房"],
    ]
    reading, log = occupancy(tmp_path, rows, options='area_unit = "m2"\n')
    frame = reading.frame.set_index("area_kind")
    assert frame.loc["land", "area_m2_micro"] == 3_000_000
    assert frame.loc["land", "relation"] == "own"
    assert frame.loc["floor", "area_m2_micro"] == 300_000_000
    assert [issue.values["rows"] for issue in log] == ["2, 3", "4, 5"]
    assert len(reading.sources) == 4


def test_rows_without_both_codes_are_set_aside(tmp_path):
    rows = [
        [P, None, None, 1],
        [None, A, None, 1],
        ["3.5E+18", A, None, 1],
        [P, 9.1e17, None, 1],
        [P, A, "借用", 1],
    ]
    reading, log = occupancy(tmp_path, rows)
    assert len(reading.frame) == 1
    assert sorted(codes(log)) == [
        "no_key", "no_key", "parcel_code_destroyed", "unknown_word", "uscc_destroyed",
    ]  # fmt: skip


def test_undeclared_area_unit_is_m2(tmp_path):
    reading, _ = occupancy(tmp_path, [[P, A, None, 5]], options="")
    assert reading.frame["area_m2_micro"].tolist() == [5_000_000]


def test_supply_with_dates_and_units(tmp_path):
    heading = [
        "电子监管号",
        "宗地代码",
        "受让人",
        "供地面积(公顷)",
        "成交价格",
        "约定交地时间",
        "约定开工时间",
        "约定竣工时间",
        "闲置原因",
    ]
    rows = [
        heading,
        ["S1", P, "甲", 1.5, 300, "2024年1月31日", "2024.7.31", 45657, "企业"],
        ["S2", Q, "乙", 0, None, None, "待定", "2026", "天气"],
        [None, Q, "丙", 1, 1, None, None, None, None],
        ["S1", P, "甲", 1.5, 300, None, None, None, None],
        ["S3", P, "丁", 2, 5, None, None, None, "政府原因"],
        ["S3", Q, "丁", 2, 5, None, None, None, None],
    ]
    book(tmp_path / "s.xlsx", rows)
    text = '[supply]\npath = "s.xlsx"\n'
    reading, log = read(read_supply, tmp_path, text + 'money_unit = "wan"\n')
    assert reading.frame["contract_no"].tolist() == ["S2", "S3", "S3"]
    assert reading.frame["cause"].tolist() == ["", "government", ""]
    # 待定 is a blank, not a date that could not be read
    assert reading.frame["unread"].tolist() == ["", "", ""]
    aside = reading.set_aside.set_index("source_row")["reason"].to_dict()
    assert aside == {
        2: "intake_supply.repeated_contract",
        4: "intake_tables.no_key",
        5: "intake_supply.repeated_contract",
    }
    assert set(codes(log)) == {"repeated_contract", "no_key", "unknown_word", "rough_date"}
    log = IssueLog()
    read_supply(project(tmp_path, text), Corrections(), log)
    assert "unit_missing" in codes(log)  # 成交价格 without a unit is never guessed


def test_a_date_that_cannot_be_read_is_no_blank(tmp_path):
    heading = ["合同编号", "宗地代码", "约定动工日期", "实际动工日期", "中止日期"]
    rows = [["S1", P, "2024-01-31", "已开工", "去年"], ["S2", Q, "2024-01-31", None, "2025-01-01"]]
    book(tmp_path / "s.xlsx", [heading, *rows])
    columns = 'actual_start = "实际动工日期"\nsuspended_since = "中止日期"\n'
    text = f'[supply]\npath = "s.xlsx"\n[supply.columns]\n{columns}'
    reading, log = read(read_supply, tmp_path, text)
    assert reading.frame["unread"].tolist() == ["actual_start; suspended_since", ""]
    assert codes(log).count("not_a_date") == 2


def test_what_has_not_happened_yet_may_be_said_in_words(tmp_path):
    heading = ["合同编号", "宗地代码", "约定动工日期", "实际动工日期", "中止日期"]
    rows = [["S1", P, "2024-01-31", " 未动工", None], ["S2", Q, "未开工", "2024-2-1", "未 停工"]]
    book(tmp_path / "s.xlsx", [heading, *rows])
    columns = 'actual_start = "实际动工日期"\nsuspended_since = "中止日期"\n'
    text = f'[supply]\npath = "s.xlsx"\n[supply.columns]\n{columns}'
    reading, log = read(read_supply, tmp_path, text)
    # an agreed start cannot be “not started”: that is no date
    assert reading.frame["unread"].tolist() == ["", "agreed_start"]
    assert reading.frame["actual_start"].isna().tolist() == [True, False]
    assert codes(log) == ["not_a_date"]


def test_supply_values(tmp_path):
    heading = ["合同编号", "供地面积(公顷)", "成交价款(万元)", "约定开工时间", "约定竣工时间"]
    book(tmp_path / "s.xlsx", [heading, ["S1", 1.5, 300.25, "2024.7.31", 45657]])
    reading, _ = read(
        read_supply,
        tmp_path,
        '[supply]\npath = "s.xlsx"\n[supply.columns]\nprice = "成交价款(万元)"\n',
    )
    (row,) = reading.frame.to_dict("records")
    assert row["area_m2_micro"] == 15_000_000_000  # 1.5 ha = 15 000 m²
    assert row["price_wan_micro"] == 300_250_000
    assert str(row["agreed_start"])[:10] == "2024-07-31"
    assert str(row["agreed_completion"])[:10] == "2024-12-31"  # Excel's day 45657
    assert pd.isna(row["actual_start"])


def test_supply_needs_a_key_column(tmp_path):
    book(tmp_path / "s.xlsx", [["供地面积(公顷)", "约定开工时间"], [1, None]])
    with pytest.raises(UserError) as caught:
        read(read_supply, tmp_path, '[supply]\npath = "s.xlsx"\n')
    assert caught.value.issues[0].code == "intake_tables.needed_column"


def test_exemptions_once_each(tmp_path):
    rows = [["统一社会信用代码", "豁免原因"], [B, "公益"], [A, "初创"], [B, "公益"], [None, "x"]]
    book(tmp_path / "e.xlsx", rows)
    reading, _ = read(read_exemptions, tmp_path, '[exemptions]\npath = "e.xlsx"\n')
    assert reading.frame["uscc"].tolist() == [A, B]
    assert reading.frame["reason"].tolist() == ["初创", "公益"]
    assert sorted(reading.set_aside["reason"]) == [
        "intake_tables.no_key",
        "intake_tables.said_twice",
    ]


def test_only_confirmed_links_come_back(tmp_path):
    rows = [
        ["宗地代码", "统一社会信用代码", "相似度", "确认"],
        [P, A, 0.9, "是"],
        [P, B, 0.8, None],
        [Q, A, 0.7, "否"],
        [Q, B, 0.6, "√"],
    ]
    book(tmp_path / "c.xlsx", rows)
    reading, _ = read(read_confirmed, tmp_path, '[confirmed_links]\npath = "c.xlsx"\n')
    pairs = list(zip(reading.frame["parcel_id"], reading.frame["uscc"], strict=True))
    assert pairs == [(P, A), (Q, B)]
    book(tmp_path / "c.xlsx", [row[:2] for row in rows])
    reading, _ = read(read_confirmed, tmp_path, '[confirmed_links]\npath = "c.xlsx"\n')
    assert len(reading.frame) == 4


def corrected(folder, rows):
    main = [
        ["统一社会信用代码", "企业名称", "行业代码", "年度", "税收(万元)", "产值(万元)"],
        [A, "甲", "1711", 2025, "1,000", 5],
        [A, "甲", "1711", 2024, 900, 4],
    ]
    book(folder / "a.xlsx", main)
    heading = ["表", "键", "列", "原值", "新值", "理由", "经办人", "更正日期"]
    book(folder / "k.xlsx", [heading, *rows])
    found = project(folder, '[enterprises]\npath = "a.xlsx"\n[corrections]\npath = "k.xlsx"\n')
    log = IssueLog()
    corrections, noted = read_corrections(found, log)
    reading = read_enterprises(found, rules_of(found), corrections, log, crs="EPSG:4549")
    return reading, corrections.report(log), noted, log


def test_corrections_apply_only_where_the_old_value_still_stands(tmp_path):
    rows = [
        ["企业", A, "tax", 1000, 10, "多写两个零", "王工", "2026-05-18"],
        ["enterprises", f"{A}/2024", "产值(万元)", 4, 40, "漏一个零", "王工", None],
        ["enterprises", A, "行业代码", 9999, 2613, "已改过", "王工", None],
        ["enterprises", B, "tax", 1, 2, "没有这家", "王工", None],
        ["enterprises", A, "利润", 1, 2, "没有这列", "王工", None],
        ["enterprises", None, "tax", 1, 2, "没写键", "王工", None],
    ]
    reading, report, noted, log = corrected(tmp_path, rows)
    figures = reading.figures.set_index("year")
    assert figures.loc[2025, "tax_wan_micro"] == 10_000_000
    assert figures.loc[2024, "output_wan_micro"] == 40_000_000
    assert figures.loc[2025, "output_wan_micro"] == 5_000_000
    assert reading.frame["industry_code"].tolist() == ["1711"]
    outcomes = report.set_index("reason")["outcome"].to_dict()
    assert outcomes == {
        "多写两个零": "applied", "漏一个零": "applied", "已改过": "old_differs",
        "没有这家": "key_not_found", "没有这列": "column_not_found",
    }  # fmt: skip
    assert report["applied"].sum() == 2
    assert noted.counts.iloc[0].tolist() == ["corrections", "k.xlsx", 6, 5, 1]
    (differs,) = [issue for issue in log if issue.code == "intake_tables.correction_old_differs"]
    assert (differs.value, differs.values["old"]) == ("1711", "9999")


def test_a_correction_of_the_key_itself_and_of_a_blank(tmp_path):
    rows = [
        ["企业", A, "uscc", A, B, "代码错", "", None],
        ["企业", A, "规模", None, "规上", "", "", None],
    ]
    reading, report, _, _ = corrected(tmp_path, rows)
    assert reading.frame["uscc"].tolist() == [A, B]  # only the project's year is meant
    assert sorted(report["outcome"]) == ["applied", "column_not_found"]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_corrections_follow_their_dates_whatever_the_order_of_the_rows(tmp_path, order):
    rows = [
        # 1 000 → 30 on the first of May, 30 → 20 on the second: the letters would say otherwise
        ["企业", A, "tax", 1000, 30, "", "", "2026-05-01"],
        ["企业", A, "税收(万元)", 30, 20, "", "", "2026-05-02"],
        # on one day, and before their dates: 5 → 9 → 7
        ["企业", A, "output", 9, 7, "", "", None],
        ["企业", A, "output", 5, 9, "", "", None],
    ]
    reading, report, _, _ = corrected(tmp_path, [rows[place] for place in order])
    figures = reading.figures.set_index("year")
    assert figures.loc[2025, "tax_wan_micro"] == 20_000_000
    assert figures.loc[2025, "output_wan_micro"] == 7_000_000
    assert report["applied"].all()
    assert report["old"].tolist() == ["5", "9", "1000", "30"]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0]])
def test_corrections_that_contradict_each_other_are_both_refused(tmp_path, order):
    rows = [
        ["企业", A, "tax", 1000, 10, "甲说", "", "2026-05-01"],
        ["enterprises", f"{A}/2025", "税收(万元)", "1,000.0", 20, "乙说", "", "2026-05-02"],
        # the same twice is no contradiction
        ["企业", A, "output", 5, 6, "一遍", "", None],
        ["企业", A, "产值(万元)", 5, "６", "两遍", "", "2026-05-01"],
    ]
    reading, report, _, log = corrected(tmp_path, [rows[place] for place in order])
    figures = reading.figures.set_index("year")
    assert figures.loc[2025, "tax_wan_micro"] == 1_000_000_000
    assert figures.loc[2025, "output_wan_micro"] == 6_000_000
    assert report.set_index("reason")["outcome"].to_dict() == {
        "甲说": "conflicts", "乙说": "conflicts", "一遍": "applied", "两遍": "applied"
    }  # fmt: skip
    told = [issue for issue in log if issue.code == "intake_tables.correction_conflicts"]
    assert len(told) == 2
    assert all("1000" in one.message("zh") or "1,000" in one.message("zh") for one in told)


def test_a_correction_of_another_year_changes_no_table_without_years(tmp_path):
    book(tmp_path / "a.xlsx", [["统一社会信用代码", "税收(万元)", "2024年产值(万元)"], [A, 1, 5]])
    heading = ["表", "键", "列", "原值", "新值"]
    rows = [
        ["企业", f"{A}/2024", "tax", 1, 2],
        ["企业", f"{A}/2024", "output", 5, 6],
        ["企业", f"{A}/2025", "税收(万元)", 1, 3],
    ]
    book(tmp_path / "k.xlsx", [heading, *rows])
    found = project(tmp_path, '[enterprises]\npath = "a.xlsx"\n[corrections]\npath = "k.xlsx"\n')
    log = IssueLog()
    corrections, _ = read_corrections(found, log)
    reading = read_enterprises(found, rules_of(found), corrections, log, crs="EPSG:4549")
    report = corrections.report(log).set_index("new")["outcome"].to_dict()
    assert report == {"2": "key_not_found", "6": "applied", "3": "applied"}
    figures = reading.figures.set_index("year")
    assert figures.loc[2025, "tax_wan_micro"] == 3_000_000
    assert figures.loc[2024, "output_wan_micro"] == 6_000_000


def test_an_exemption_of_nobody_is_named_with_the_nearest_code(tmp_path):
    code = "91350582MA0000015J"
    slip = code[:-2] + "J5"
    rows = [["统一社会信用代码", "豁免原因"], [B, "公用事业"], [slip, "抄错"], ["X", ""]]
    book(tmp_path / "x.xlsx", rows)
    reading, _ = read(read_exemptions, tmp_path, '[exemptions]\npath = "x.xlsx"\n')
    log = IssueLog()
    report_unknown(reading.frame, pd.DataFrame({"uscc": [B, code]}), log)
    told = sorted((issue.key, issue.row, issue.values["nearest"]) for issue in log)
    assert told == [(slip, 3, code), ("X", 4, "–")]
    first = next(issue for issue in log if issue.row == 3)
    assert "抄错" in first.message("zh")
    assert code in first.hint("zh")
    assert code in first.hint("en")


@pytest.mark.parametrize(
    ("strange", "near"),
    [
        ("91350582MA0000015K", "91350582MA0000015J"),  # another sign
        ("91350582MA0000051J", "91350582MA0000015J"),  # two signs swapped
        ("91350582MA000015J", "91350582MA0000015J"),  # one left out
        ("91350582MA00000015J", "91350582MA0000015J"),  # one too many
        ("91350582MA0000999J", ""),
        ("", ""),
    ],
)
def test_nearest_codes(strange, near):
    known = ["91350582MA0000015J", "91350500MB1111111X", "A1"]
    assert nearest_codes([strange], known) == {strange: near}
    assert nearest_codes([strange], []) == {strange: ""}

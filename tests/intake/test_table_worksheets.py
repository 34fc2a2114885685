"""Worksheets as they are in practice: the heading, the rows that are data, the files that read."""

# ruff: noqa: PD011 - the values of an issue are no frame
from __future__ import annotations

import os
import sys

import openpyxl
import pandas as pd
import pytest
from table_files import book, codes, raw_of

from landuse.errors import UserError
from landuse.intake.columns import Vocabulary, recognise
from landuse.intake.rows import Rows
from landuse.intake.totals import drop_decoration
from landuse.issues import IssueLog

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
HEADING = ["统一社会信用代码", "企业名称", "税收", "产值"]
ROW = ["91350582MA00000015", "甲公司", 12.5, 300]


def fault(path, table="enterprises", **source):
    with pytest.raises(UserError) as caught:
        raw_of(path, table, **source)
    for issue in caught.value.issues:
        assert issue.message("zh")
        assert issue.message("en")
        assert issue.hint("zh")
    return [issue.code.split(".")[1] for issue in caught.value.issues]


def columns_of(raw, **more):
    return recognise(raw, Vocabulary.of(raw.table, {}, **more))


def test_heading_under_title_and_unit_lines_rows_as_excel_counts(tmp_path):
    rows = [
        ["2025 年规上企业情况表"],
        ["单位：万元", None, None, "填报单位：统计局"],
        [],
        HEADING,
        ROW,
    ]
    raw = raw_of(book(tmp_path / "a.xlsx", rows))
    assert raw.headings == HEADING
    assert raw.row.tolist() == [5]
    assert raw.unit_line == ("wan",)
    assert raw.frame.iloc[0].tolist() == ROW


def test_two_and_three_merged_heading_rows_are_joined(tmp_path):
    rows = [
        ["统一社会信用代码", "企业名称", "经济指标", None],
        [None, None, "税收", None],
        [None, None, "2024年", "2025年"],
        ["91350582MA00000015", "甲公司", 1, 2],
    ]
    path = book(tmp_path / "a.xlsx", rows, merged=["A1:A3", "B1:B3", "C1:D1", "C2:D2"])
    raw = raw_of(path, yearly=("tax",))
    assert raw.headings[2:] == ["经济指标 | 税收 | 2024年", "经济指标 | 税收 | 2025年"]
    assert raw.row.tolist() == [4]
    assert columns_of(raw, yearly=("tax",)).by_year["tax"] == {
        2024: "经济指标 | 税收 | 2024年",
        2025: "经济指标 | 税收 | 2025年",
    }


def test_heading_rows_of_a_csv_are_joined_without_merge_marks(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "统一社会信用代码,能源,,年度\n,电力,天然气,\n91350582MA00000015,1,2,2025\n",
        encoding="utf-8",
    )
    found = columns_of(raw_of(path))
    assert found.theirs["gas"] == "能源 | 天然气"
    assert found.theirs["electricity"] == "能源 | 电力"


def test_lines_of_units_and_column_numbers_below_the_heading(tmp_path):
    rows = [HEADING, [None, None, "（万元）", "千元"], ["甲", "乙", 1, 2], ROW]
    raw = raw_of(book(tmp_path / "a.xlsx", rows))
    assert raw.row.tolist() == [4]
    assert columns_of(raw).units["tax"] == "wan"
    assert columns_of(raw).units["output"] == "thousand_yuan"


def test_header_row_is_taken_as_declared(tmp_path):
    rows = [HEADING, ["x", "y", "z", "w"], ROW]
    raw = raw_of(book(tmp_path / "a.xlsx", rows), header_row=2)
    assert raw.headings == ["x", "y", "z", "w"]
    assert raw.row.tolist() == [3]


def test_hidden_rows_are_read_and_said(tmp_path):
    raw = raw_of(book(tmp_path / "a.xlsx", [HEADING, ROW, ROW, ROW], hidden=[3]))
    assert len(raw) == 3
    said = [fact for fact in raw.facts if fact.code == "intake_tables.hidden_rows"]
    assert said[0].values["value"] == "3"


def test_cells_that_show_errors_are_blank_and_said(tmp_path):
    path = book(tmp_path / "a.xlsx", [HEADING, [*ROW[:2], "#DIV/0!", 5]])
    workbook = openpyxl.load_workbook(path)
    workbook.active["C2"].data_type = "e"
    workbook.save(path)
    raw = raw_of(path)
    assert raw.frame["税收"].iloc[0] is None
    said = [fact for fact in raw.facts if fact.code == "intake_tables.error_cells"]
    assert said[0].values["value"] == "C2"


def test_blank_rows_are_not_counted_and_repeated_headings_are_marked(tmp_path):
    rows = [HEADING, ROW, [], [None, " "], HEADING, ROW]
    raw = raw_of(book(tmp_path / "a.xlsx", rows))
    assert raw.row.tolist() == [2, 5, 6]
    assert raw.repeated.tolist() == [False, True, False]


def test_a_code_merged_over_rows_belongs_to_each_but_a_figure_does_not(tmp_path):
    rows = [HEADING, ROW, [None, None, None, 400]]
    path = book(tmp_path / "a.xlsx", rows, merged=["A2:A3", "B2:B3", "C2:C3"])
    frame = raw_of(path).frame
    assert frame["统一社会信用代码"].tolist() == ["91350582MA00000015"] * 2
    assert frame["税收"].tolist() == [12.5, None]


@pytest.mark.parametrize("merged", [["A1:F1"], ["F3:F4"]])
def test_cells_merged_beyond_the_last_column_are_no_column(tmp_path, merged):
    rows = [["填报表"], HEADING, ROW, [None, *ROW[1:]]]
    raw = raw_of(book(tmp_path / "a.xlsx", rows, merged=merged))
    assert [name.split(" | ")[-1] for name in raw.headings][1:] == HEADING[1:]


def test_the_only_sheet_with_known_headings_is_taken(tmp_path):
    path = book(
        tmp_path / "a.xlsx", [["说明：请如实填报"]], sheet="说明", more=[("数据", [HEADING, ROW])]
    )
    raw = raw_of(path)
    assert set(raw.sheet) == {"数据"}
    assert "intake_tables.sheet_chosen" in [fact.code for fact in raw.facts]


def test_several_likely_sheets_are_asked_about(tmp_path):
    path = book(tmp_path / "a.xlsx", [HEADING, ROW], more=[("乙", [HEADING, ROW])])
    assert fault(path) == ["which_sheet"]
    assert set(raw_of(path, sheet="乙").sheet) == {"乙"}
    assert fault(path, sheet="丙") == ["no_such_sheet"]


def test_workbooks_that_are_none(tmp_path):
    for name, content, code in (
        ("网页.xls", b"<html><table><tr><td>1</td></tr></table></html>", "html"),
        ("xml.xls", b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "html"),
        ("空.xlsx", b"", "empty_file"),
        ("锁.xlsx", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "locked"),
        ("坏.xlsx", b"PK\x03\x04" + b"\0" * 100, "damaged"),
        ("坏.xls", OLE + b"\0" * 600, "damaged"),
        ("文本.xlsx", b"a,b\n1,2\n", "wrong_suffix"),
        ("空.csv", b" \n", "empty_file"),
        ("表.csv", b"PK\x03\x04", "wrong_suffix"),
        ("二进制.csv", b"a\0b\0c\0,\0", "not_text"),
        ("坏.parquet", b"PAR1", "damaged"),
        ("图层.gpkg", b"SQLite format 3", "not_a_table"),
    ):  # fmt: skip
        path = tmp_path / name
        path.write_bytes(content)
        assert fault(path) == [code], name
    good = book(tmp_path / "好.xlsx", [HEADING, ROW])
    wrong = tmp_path / "好.xls"
    wrong.write_bytes(good.read_bytes())
    assert fault(wrong) == ["wrong_suffix"]
    assert fault(book(tmp_path / "白.xlsx", [])) == ["empty_sheet"]
    assert fault(book(tmp_path / "无头.xlsx", [["a", "b"], [1, 2]])) == ["no_heading"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = book(tmp_path / "a.xlsx", [HEADING, ROW])
    path.chmod(0)
    assert fault(path) == ["cannot_open"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_encodings_and_delimiters(tmp_path, delimiter, encoding):
    path = tmp_path / "数据 表.csv"
    lines = [
        delimiter.join(HEADING),
        delimiter.join(["91350582MA00000015", '"龍,岗;公司"', "1", "2"]),
    ]
    path.write_text("\r\n".join(lines), encoding=encoding)
    raw = raw_of(path)
    assert raw.headings == HEADING
    assert raw.frame["企业名称"].iloc[0] == "龍,岗;公司"
    said = next(fact for fact in raw.facts if fact.code == "intake_tables.csv_read_as")
    assert said.values["value"].startswith(encoding.removesuffix("-sig"))


def test_csv_declared_encoding_that_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(",".join(HEADING).encode("gb18030") + b"\nx,\xff\xff,1,2\n")
    assert fault(path, encoding="utf-8") == ["encoding"]
    assert fault(path) == ["encoding"]


def test_csv_ragged_rows_nul_and_lines_within_a_cell(tmp_path):
    path = tmp_path / "a.csv"
    body = '91350582MA00000015,"甲\n公司",1\nB,乙\0公司,2,3,多出,一格\n' + "C,丙公司,5,6\n" * 60
    path.write_text(f"{','.join(HEADING)}\n{body}", encoding="utf-8")
    raw = raw_of(path)
    # Excel puts a cell with a line break on one row: the record after it is row 3
    assert raw.row.tolist()[:2] == [2, 3]
    assert raw.frame["产值"].iloc[0] is None
    assert raw.frame["企业名称"].iloc[1] == "乙公司"
    assert raw.headings[4:] == ["[E]", "[F]"]
    assert "intake_tables.dropped_nul" in [fact.code for fact in raw.facts]


def test_csv_with_a_quote_that_never_ends(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",".join(HEADING) + '\nA,"甲' + "x" * 11_000_000, encoding="utf-8")
    assert fault(path) == ["broken_csv"]


def test_parquet_keeps_whole_numbers_exact(tmp_path):
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame({"统一社会信用代码": [914310817777777754, 1], "税收": [1.5, None]})
    frame.to_parquet(path)
    raw = raw_of(path)
    assert raw.frame["统一社会信用代码"].iloc[0] == 914310817777777754
    assert raw.frame["税收"].tolist() == [1.5, None]
    assert raw.row.tolist() == [1, 2]


def test_files_of_one_source_are_stacked_and_differences_told(tmp_path):
    from landuse.intake.project import Source
    from landuse.intake.worksheets import read_tables

    one = book(tmp_path / "1.xlsx", [HEADING, ROW])
    two = book(tmp_path / "2.xlsx", [[*HEADING[:3], "产 值 "], ["B", "乙", 1, 2]])
    three = book(tmp_path / "3.xlsx", [HEADING[:3], ["C", "丙", 1]])
    words, log = Vocabulary.of("enterprises", {}), IssueLog()
    raw = read_tables([one, two, three], tmp_path, Source(path=("*",)), words, log)
    assert raw.frame["产值"].tolist() == [300, 2, None]
    assert raw.file.tolist() == ["1.xlsx", "2.xlsx", "3.xlsx"]
    assert codes(log) == ["headings_differ"]


def decorated(tmp_path, rows, amounts=("tax", "output")):
    raw = raw_of(book(tmp_path / "a.xlsx", rows))
    kept, log = Rows(raw), IssueLog()
    drop_decoration(kept, columns_of(raw), ("uscc", "name"), amounts, log)
    return kept, log


def test_totals_are_set_aside_and_agree_with_their_columns(tmp_path):
    rows = [
        HEADING,
        ["A", "甲", 10, 1],
        ["B", "乙", 20, None],
        [None, "小  计", 30, 1],
        ["C", "丙", 5, 4],
        ["本页合计", None, 5, 4],
        ["总计：", None, "35", 5],
        ["注：本表数据为快报数"],
    ]
    kept, log = decorated(tmp_path, rows)
    assert kept.used.tolist() == [True, True, False, True, False, False, False]
    reasons = kept.set_aside()["reason"].tolist()
    assert reasons == ["intake_tables.total_row"] * 3 + ["intake_tables.note_row"]
    assert len(log) == 0
    assert kept.counts().iloc[0].tolist() == ["enterprises", "a.xlsx", 7, 3, 4]


def test_a_total_that_does_not_agree_names_both_numbers(tmp_path):
    rows = [HEADING, ["A", "甲", 10, 1], ["B", "乙", 20, 2], ["合计", None, 31, 3]]
    _, log = decorated(tmp_path, rows)
    (issue,) = log
    assert (issue.code, issue.row, issue.column) == ("intake_tables.total_differs", 4, "税收")
    assert (issue.value, issue.values["total"]) == ("31", "30")


def test_a_total_above_the_rows_and_one_rounded_for_print(tmp_path):
    rows = [HEADING, ["合计", None, 31, 3.3], ["A", "甲", 10.4, 1.11], ["B", "乙", 20.2, 2.22]]
    # 10.4 + 20.2 = 30.6, printed 31; 1.11 + 2.22 = 3.33, printed 3.3
    _, log = decorated(tmp_path, rows)
    assert len(log) == 0


def test_a_firm_whose_name_ends_like_a_total_is_a_firm(tmp_path):
    kept, _ = decorated(tmp_path, [HEADING, ["91350582MA00000015", "某某合计", 1, 2]])
    assert kept.used.all()


def test_headings_of_one_file_that_differ_in_case_stay_two_columns(tmp_path):
    from landuse.intake.project import Source
    from landuse.intake.worksheets import read_tables

    (tmp_path / "a.csv").write_text("uscc,税收,Tot,tot\n9,2,3,4\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("USCC,税收,tot,Tot\n5,6,7,8\n", encoding="utf-8")
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    words = Vocabulary.of("enterprises", {})
    log = IssueLog()
    raw = read_tables(paths, tmp_path, Source(path=("a.csv", "b.csv")), words, log)
    assert raw.headings == ["uscc", "税收", "Tot", "tot"]
    assert raw.frame.to_numpy().tolist() == [["9", "2", "3", "4"], ["5", "6", "8", "7"]]
    assert codes(log) == []

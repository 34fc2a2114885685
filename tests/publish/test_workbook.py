"""The workbook: what stands in its sheets, and that no text of a user does anything."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from publish_county import NAMES, make_run, parcel, uscc

from landuse.errors import UserError
from landuse.messages import text
from landuse.publish import sheets, write_issues
from landuse.publish.sheets import clean, row_height
from landuse.publish.workbook import open_workbook, write_workbook
from landuse.schema.frame import Column

SHEETS = [
    "汇总", "低效用地清单", "全部企业", "宗地", "未评级", "无企业宗地", "无用地企业",
    "待确认", "数据问题", "剔除记录", "更正",
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("book") / "results.xlsx"
    write_workbook(make_run(), target)
    return target


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


def rows(book, name: str, head: int = 1) -> list[dict[str, object]]:
    lines = list(book[name].iter_rows(min_row=head, values_only=True))
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_sheets_in_order(book):
    assert book.sheetnames == SHEETS


def test_flagged_list_is_one_row_a_parcel_and_user_with_reason_in_words(book, run):
    (row,) = rows(book, "低效用地清单")
    assert row["宗地代码"] == parcel(1)
    assert row["企业在该宗地的用地面积（亩）"] == 50  # its shop on parcel 12 is out of scope
    assert row["名次／参评数"] == "1 / 7"
    assert row["修正后亩均税收（万元/亩）"] == pytest.approx(9.0)  # 600 ÷ (50 × 480/360)
    assert row["距界线"] == 0
    # 2 of 11 tests flip: 9/11 = 0.82
    assert row["稳固程度"] == "较稳：2 项检验会改变结论"
    assert row["什么情况下结论会变"] == "不做地价修正；“亩均税收”权重加两成"
    # benchmark of the tax: (600+400+1500+900+2000+1000+1200) ÷ adjusted mu (4·66.67·… ) by hand:
    # areas 50,50,50,50,50,50,25 × k 4/3,2/3,… = 66.67+33.33+66.67+33.33+66.67+33.33+33.33 = 333.33
    # 7600 ÷ 333.33 = 22.8; 9 ÷ 22.8 = 39.47 %
    assert "地价修正后亩均税收 9 万元/亩（基准 22.8，达到 39.4 %）" in str(row["列入理由"])
    assert "33 金属制品业" in str(row["列入理由"])


def test_flagged_mu_add_up_to_the_total_of_the_summary(book, run):
    listed = sum(row["企业在该宗地的用地面积（亩）"] for row in rows(book, "低效用地清单"))
    assert listed == run.totals["low_efficiency_mu"]
    summary = [line for line in book["汇总"].iter_rows(values_only=True) if line[0]]
    named = {str(line[0]): line[1:3] for line in summary}
    assert named["全部宗地"] == (12, 560)
    assert named["按分类（核算面积）：疑似低效"] == (1, 50)
    assert named["疑似低效（有疑似低效企业使用的宗地；面积为这些企业的用地面积）"] == (1, 50)
    assert [line[1:5] for line in summary if line[0] == "企业"] == [("企业.xlsx", 12, 11, 1)]


def test_summary_says_what_the_project_changed(tmp_path, run):
    from landuse.rules import load

    changed = load(
        "three-indicator",
        as_of=__import__("datetime").date(2026, 6, 30),
        override={"share": "0.10"},
    )
    write_workbook(make_run(rules=changed), tmp_path / "a.xlsx")
    lines = openpyxl.load_workbook(tmp_path / "a.xlsx")["汇总"].iter_rows(values_only=True)
    marked = [line[:2] for line in lines if line[3] == "是"]
    assert [value for name, value in marked if str(name).endswith("share")] == ["0.1"]
    assert len(marked) == 1


def test_not_graded_units_have_their_reason_in_words(book):
    reasons = {row["统一社会信用代码"]: row["原因"] for row in rows(book, "未评级")}
    expected = {8: "exempt_division", 9: "no_figures", 10: "sample_too_small", 11: "no_land"}
    assert reasons == {
        uscc(n): text(f"ranking.reason_{code}", "zh") for n, code in expected.items()
    }


def test_rows_set_aside_without_an_issue_say_why_in_words(tmp_path):
    run = make_run()
    aside = run.set_aside.assign(reason="intake_tables.total_row", source_row=99)
    write_workbook(dataclasses.replace(run, set_aside=aside), tmp_path / "a.xlsx")
    (row,) = rows(openpyxl.load_workbook(tmp_path / "a.xlsx"), "剔除记录")
    assert row["说明"] == text("intake_tables.total_row", "zh")


def test_land_without_an_enterprise_and_the_other_way_round(book):
    assert [row["宗地代码"] for row in rows(book, "无企业宗地")] == [parcel(11)]
    assert [row["土地使用权人"] for row in rows(book, "无企业宗地")] == ["持有人11"]
    assert [row["统一社会信用代码"] for row in rows(book, "无用地企业")] == [uscc(11)]


def test_suggestions_have_a_column_to_fill_and_say_how_it_comes_back(book):
    sheet = book["待确认"]
    assert "[confirmed_links]" in sheet["A1"].value
    (row,) = rows(book, "待确认", head=2)
    assert row["相似度"] == 0.93
    assert row["确认"] is None
    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == '"是,否"'
    assert str(rule.sqref) == "G3"


def test_headings_of_the_suggestions_are_recognised_by_intake(book):
    from landuse.schema import headings

    known = {
        (one["table"], one["column"]): one["heading"]
        for one in headings_of(headings)
        if one["table"] == "confirmed_links"
    }
    shown = [cell.value for cell in book["待确认"][2]]
    assert {"宗地代码", "统一社会信用代码", "确认"} <= set(shown)
    assert ("confirmed_links", "confirmed") in known


def headings_of(module) -> list[dict[str, str]]:
    import csv

    path = Path(module.__file__).with_name("headings.csv")
    lines = csv.reader(path.read_text(encoding="utf-8").splitlines())
    return [{"table": one[0], "column": one[1], "heading": one[3]} for one in lines]


def test_every_text_is_a_text_cell_and_shown_as_it_is(book, path):
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n", "inlineStr"}, cell
                assert cell.hyperlink is None
    names = [row["企业名称"] for row in rows(book, "全部企业")]
    expected = list(NAMES)
    expected[3] = "甲␁␋乙\ufffd厂"  # what XML forbids is shown as a sign
    expected[8] = expected[8].replace("_x0041_", "_x005F_x0041_")  # as the file format escapes it
    assert names == expected
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if "worksheets/sheet" in name]
        for name in sheets:
            content = archive.read(name).decode("utf-8")
            assert "<f>" not in content
            assert "hyperlink" not in content
            assert "mergeCell" not in content
        assert not [name for name in archive.namelist() if "vba" in name or "external" in name]


def test_text_that_looks_like_the_writers_own_markup_is_text(tmp_path, run):
    for name in ["<r><t>rich</t></r>", "<r>broken</r>", "<r></b></r>"]:
        units = run.units.assign(name=name)
        write_workbook(make_run(units=units), tmp_path / "a.xlsx")
        found = openpyxl.load_workbook(tmp_path / "a.xlsx")["全部企业"]["B2"].value
        assert found == name


def test_ids_are_text_and_heads_stay_in_sight(book):
    for name in SHEETS[1:]:
        sheet = book[name]
        top = 3 if name == "待确认" else 2
        assert sheet.freeze_panes.endswith(str(top))
        assert sheet.auto_filter.ref.startswith(f"A{top - 1}:")
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 8  # A3
        assert sheet.print_title_rows == f"${top - 1}:${top - 1}"
        assert not sheet.merged_cells.ranges
    cell = book["全部企业"]["A2"]
    assert cell.value == uscc(1)
    assert cell.number_format == "@"


def test_numbers_are_numbers_with_a_unit_in_the_heading(book):
    heads = [cell.value for cell in book["宗地"][1]]
    assert {"核算面积（亩）", "基准地价（元/㎡）", "地价系数"} <= set(heads)
    line = rows(book, "宗地")[4]
    assert line["核算面积（亩）"] == 50
    assert line["登记面积（亩）"] is None  # missing is blank, not zero


def test_english_workbook(tmp_path):
    write_workbook(make_run(), tmp_path / "a.xlsx", lang="en")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames[:3] == ["Summary", "Low-efficiency list", "All enterprises"]
    shown = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value]
    ours = [one for one in shown if re.search("[一-鿿]", one)]
    data = {"规上", "经开区", "青阳街道", *NAMES}
    left = [one for one in ours if one not in data and "持有人" not in one and ".xlsx" not in one]
    # names, reasons of people and sources of rules are data; headings and words are English
    assert not [one for one in left if one.startswith(("疑似", "宗地（", "企业（", "亩均"))]


def test_no_output_says_that_anything_is_determined(book):
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            for cell in row:
                if isinstance(cell, str) and "认定" in cell:
                    assert "不是主管部门的认定结论" in cell or "GB/T" in cell


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\x00b", "a␀b"),
        ("\x1b[31m", "␛[31m"),
        ("x\ud800y", "x\ufffdy"),
        ("a\r\nb", "a\r\nb".replace("\r\n", "\n")),
        ("a\tb\nc", "a\tb\nc"),
        ("甲" * 32767, "甲" * 32767),
    ],
)
def test_clean(given, shown):
    assert clean(given) == shown


def test_a_text_that_no_cell_can_hold_is_cut_and_says_so():
    cut = clean("厂" * 40_000)
    assert len(cut) == 32_767
    assert cut.endswith("……（内容过长，已截断）")
    wide = clean("𠮷" * 20_000)  # two units of UTF-16 each
    assert len(wide.encode("utf-16-le")) // 2 <= 32_767
    assert wide.endswith("已截断）")


def test_more_rows_than_a_sheet_has_go_to_a_second_one(tmp_path, monkeypatch, run):
    monkeypatch.setattr(sheets, "MAX_ROWS", 6)
    write_workbook(run, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    parts = [name for name in book.sheetnames if name.startswith("宗地")]
    assert parts == ["宗地", "宗地（续 2）", "宗地（续 3）"]
    ids = [row["宗地代码"] for name in parts for row in rows(book, name)]
    assert ids == [parcel(n) for n in range(1, 13)]  # 5 + 5 + 2


def test_issues_workbook_is_ours_to_overwrite(tmp_path, run):
    target = tmp_path / "issues.xlsx"
    write_issues(run.issues, run.counts, target)
    write_issues(run.issues, None, target)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["数据问题"]
    first = rows(book, "数据问题")[0]
    assert (first["程度"], first["责任方"], first["行号"]) == ("警告", "不动产登记部门", 3)
    assert first["值"] == "=1+1"
    assert [one.name for one in tmp_path.iterdir()] == ["issues.xlsx"]


def test_issues_workbook_of_somebody_else_is_left_alone(tmp_path, run):
    target = tmp_path / "issues.xlsx"
    pd.DataFrame({"a": [1]}).to_excel(target)
    before = target.read_bytes()
    with pytest.raises(UserError) as caught:
        write_issues(run.issues, run.counts, target)
    assert caught.value.issues[0].code == "workbook.foreign_file"
    target.write_text("no workbook", encoding="utf-8")
    with pytest.raises(UserError):
        write_issues(run.issues, run.counts, target)
    assert before


def test_issues_workbook_that_is_open_is_not_touched(tmp_path, run):
    target = tmp_path / "issues.xlsx"
    write_issues(run.issues, run.counts, target)
    (tmp_path / "~$issues.xlsx").write_bytes(b"")
    with pytest.raises(UserError) as caught:
        write_issues(run.issues, run.counts, target)
    assert caught.value.issues[0].code == "publish.file_open"


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_sees_the_same_texts(path, tmp_path):
    done = subprocess.run(
        ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path), str(path)],
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = openpyxl.load_workbook(tmp_path / "results.xlsx")
    assert seen.sheetnames == SHEETS
    names = [row["企业名称"] for row in rows(seen, "全部企业")]
    assert names[0] == "=cmd|'/C calc'!A0"
    assert seen["全部企业"]["B2"].data_type == "s"
    assert "_x0041_ & <b>`${1}`" in [str(name).replace("_x005F_", "_") for name in names]


def _by_the_library(page, sheet, rows, styles, lang, first, widths):
    """Cell after cell and row after row, as the library's own manual says."""
    kinds = [sheets._kind(column, sheet, styles) for column in sheet.columns]
    columns = [sheets._values(rows[column.name], column, lang) for column in sheet.columns]
    for at, line in enumerate(zip(*columns, strict=True), first):
        if height := row_height(line, widths):
            page.set_row(at, height)
        for place, (value, kind) in enumerate(zip(line, kinds, strict=True)):
            if value is None:
                page.write_blank(at, place, None, kind)
            elif isinstance(value, str):
                page.write_string(at, place, value, kind)
            elif isinstance(value, dt.date):
                page.write_datetime(at, place, value, kind)
            else:
                page.write_number(at, place, value, kind)


@pytest.mark.parametrize("chunk", [10_000, 3])
def test_many_rows_at_once_are_the_bytes_of_cell_after_cell(tmp_path, monkeypatch, chunk):
    # everything that the library writes in a way of its own, beside what it writes as it stands
    texts = [
        "plain", "企业（集团）", "a & b", "<r>x</r>", '"', " led", "trailing\t", "two\nlines",
        "_x0041_", "\ufffe", "\x7f", "\u2028", "x" * 16_384, "\uffff", "", "plain", "甲" * 40_000,
        "泉州市青阳经济开发区五里工业园纺织机械有限公司第二分公司",
    ]  # fmt: skip
    days = ["2026-06-30", "1900-01-01", "1900-03-01", "1899-12-31", None, "2026-06-30"]
    count = [0, 7, None]
    frame = pd.DataFrame(
        {
            "name": pd.Series(texts, dtype="str"),
            "area_mu": 0.1 + 2e7 / 3,
            "flagged": [True, False] * 9,
            "n": pd.Series(count * 6, dtype="Int64"),
            "day": pd.to_datetime(pd.Series(days * 3)),
        }
    )
    frame.loc[[1, 2, 3, 4], "area_mu"] = [float("nan"), float("inf"), -0.0, 0.0]
    columns = (
        Column("name", "text", "名", "name"),
        Column("area_mu", "float", "亩", "mu", "mu"),
        Column("flagged", "bool", "否", "no"),
        Column("n", "Int64", "数", "count"),
        Column("day", "date", "日", "day"),
    )
    sheet = sheets.Sheet("一", frame, columns, note="what it is")
    empty = dataclasses.replace(sheet, name="三", frame=frame.iloc[:0])
    monkeypatch.setattr(sheets, "_CHUNK", chunk)
    made = {}
    for way in ("rows", "cells"):
        if way == "cells":
            monkeypatch.setattr(sheets, "_write_cells", _by_the_library)
        with open_workbook(tmp_path / way, "t", dt.datetime(2026, 6, 30)) as book:  # noqa: DTZ001
            styles = sheets.Styles(book)
            for one in (empty, sheet, dataclasses.replace(sheet, name="二", note="")):
                sheets.write_sheet(book, one, styles, "t", "zh")
        made[way] = (tmp_path / way).read_bytes()
    assert made["rows"] == made["cells"]

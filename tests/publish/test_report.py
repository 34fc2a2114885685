"""The draft report: every figure in its text stands in the workbook, at the cell that it names."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from report_proof import unproved

from landuse.errors import UserError
from landuse.intake.park_tables import read_park_inputs
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.pipeline.parks import ParkBook, all_about_parks, checked_figures
from landuse.pipeline.report import make_example, make_report, report_of
from landuse.publish.report.model import Book, LongRows, Number, Table
from landuse.publish.report.workbook import write_tables

pytestmark = pytest.mark.usefixtures("chinese_font")  # of the charts

HOSTILE = "厂<w:p/>&amp;{{land}}〔表1!A1〕=1+1\x01"


@pytest.fixture(scope="module")
def parks(sample) -> ParkBook:
    return all_about_parks(sample / "parks.toml")


@pytest.fixture(scope="module")
def written(parks, tmp_path_factory) -> tuple[Path, Path]:
    return make_report(parks, "2026-H1", tmp_path_factory.mktemp("report"))


def _text(path: Path) -> str:
    return "\n".join(one.text for one in docx.Document(str(path)).paragraphs)


def _cells(path: Path) -> dict[tuple[str, str], object]:
    book = openpyxl.load_workbook(path)
    return {
        (page.title, cell.coordinate): cell.value
        for page in book
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_every_number_of_the_document_is_the_cell_that_it_names(written) -> None:
    cited, left = unproved(*written)
    assert left == []
    assert cited > 600


@pytest.mark.parametrize("at", [3, 40, 200, -1])
def test_a_wrong_figure_anywhere_is_found(written, tmp_path, at) -> None:
    xml = zipfile.ZipFile(written[0]).read("word/document.xml").decode()
    figures = [m for m in re.finditer(r">([^<>]*?\d)</w:t>", xml) if "〔" not in m[1]]
    one = figures[at]
    wrong = xml[: one.end(1) - 1] + str((int(one[1][-1]) + 1) % 10) + xml[one.end(1) :]
    forged = tmp_path / "forged.docx"
    with zipfile.ZipFile(written[0]) as source, zipfile.ZipFile(forged, "w") as target:
        for name in source.namelist():
            body = wrong.encode() if name == "word/document.xml" else source.read(name)
            target.writestr(name, body)
    assert unproved(forged, written[1])[1] != []


def test_contradictions_stand_with_both_values(written) -> None:
    text = _text(written[0])
    # planted: 产值 25.68 and 25.78 亿; a growth of 16.5 % where the values give 6.67 %
    assert "257800 万元〔" in text
    assert "256800 万元〔" in text
    assert "16.5%〔" in text
    assert "6.67 %〔" in text
    assert "39.87%〔" in text
    assert "41.53 %〔" in text


def test_sections_follow_the_usual_order(written) -> None:
    heads = [
        p.text for p in docx.Document(str(written[0])).paragraphs if p.style.name[:7] == "Heading"
    ]
    assert [head[2:] for head in heads] == [
        *("土地", "经济运行", "项目建设", "招商引资", "闲置和低效用地", "存在问题", "下一步")
    ]
    with zipfile.ZipFile(written[0]) as archive:
        assert sum(name.startswith("word/media/") for name in archive.namelist()) == 4


def test_the_same_inputs_give_the_same_bytes(parks, written, tmp_path) -> None:
    again = make_report(parks, "2026年上半年", tmp_path)
    assert [one.read_bytes() for one in again] == [one.read_bytes() for one in written]


def test_nothing_is_replaced_unasked(parks, tmp_path) -> None:
    for name in ("report-2026-H1.docx", "report-2026-H1.xlsx"):
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / name).write_bytes(b"mine")
        with pytest.raises(UserError):
            make_report(parks, "2026-H1", tmp_path / "out")
        assert [one.read_bytes() for one in (tmp_path / "out").iterdir()] == [b"mine"]
        (tmp_path / "out" / name).unlink()


def test_hostile_names_stay_names(parks, tmp_path) -> None:
    figures = parks.figures.copy()
    figures.loc[figures["key"] == "青石工业园", "key"] = HOSTILE
    project = parks.project.model_copy(update={"name": HOSTILE})
    hostile = dataclasses.replace(parks, figures=figures, project=project)
    template = tmp_path / "own.docx"
    own = docx.Document()
    for said in ("抬头 {{ title }}", "前言", "{{economy}}", "结尾"):
        own.add_paragraph(said)
    cells = own.add_table(rows=1, cols=2).rows[0].cells
    cells[0].merge(cells[1]).text = "{{title}}"
    own.save(str(template))
    document, workbook = make_report(hostile, "2026-H1", tmp_path / "out", template=template)
    text = _text(document)
    shown = HOSTILE.replace("〔", "[").replace("〕", "]").replace("\x01", "␁")
    assert text.startswith(f"抬头 {shown}")
    assert text.index("前言") < text.index(f"{shown}〔") < text.index("结尾")
    assert "一、土地" not in text
    assert docx.Document(str(document)).tables[-1].rows[0].cells[0].text == text.split("\n")[0][3:]
    cells = _cells(workbook)
    assert shown in cells.values()
    assert not any(isinstance(v, str) and v.startswith("=") for v in cells.values())


@pytest.mark.parametrize(("said", "code"), [("{{lnad}}", "report.template_unknown"), ("", "")])
def test_a_wrong_template_is_a_fault(parks, tmp_path, said, code) -> None:
    template = tmp_path / "own.docx"
    if said:
        own = docx.Document()
        own.add_paragraph(said)
        own.save(str(template))
    else:
        template.write_bytes(b"no document")
        code = "report.template_unreadable"
    with pytest.raises(UserError) as fault:
        make_report(parks, "2026-H1", tmp_path / "out", template=template)
    assert fault.value.issues[0].code == code
    assert list((tmp_path / "out").iterdir()) == []


def test_a_period_without_figures_is_a_fault_with_those_that_there_are(parks) -> None:
    with pytest.raises(UserError) as fault:
        report_of(parks, "2031-H1")
    assert fault.value.issues[0].code == "report.no_period"
    said = fault.value.lines("zh")[0]
    assert all(one in said for one in ("2031年上半年", "2026-H1", "2026年6月"))
    nothing = dataclasses.replace(parks, figures=parks.figures.iloc[:0])
    with pytest.raises(UserError) as fault:
        report_of(nothing, "2026-H1")
    assert "没有任何期间" in fault.value.lines("zh")[0]


@pytest.mark.parametrize(
    ("written", "name"), [("2026年6月", "2026-06"), ("2026年一季度", "2026-Q1"), ("2025", "2025")]
)
def test_months_quarters_and_years_are_reported_as_well(parks, tmp_path, written, name) -> None:
    made = make_report(parks, written, tmp_path)
    assert [one.name for one in made] == [f"report-{name}.docx", f"report-{name}.xlsx"]
    cited, left = unproved(*made)
    assert left == []
    assert cited > 100


def test_may_is_not_january_to_may(parks) -> None:
    tables = [report_of(parks, one).book.tables["economy"] for one in ("2026-05", "2026年1-5月")]
    # planted: exports of 柳塘创业园 from January to May, beside those of May
    row = ("park", "柳塘创业园", "exports")
    month, running = (float(table.cell(row, "value").text) for table in tables)
    assert running == 10_400
    assert month < 2_600
    assert len(tables[0]) > len(tables[1])


def test_the_example_template_gives_the_report_and_no_list_of_names(parks, tmp_path) -> None:
    example = make_example(parks, "2026-H1", tmp_path)
    assert make_example(parks, "2026-H1", tmp_path / "two").read_bytes() == example.read_bytes()
    names = "".join(c.text for c in docx.Document(str(example)).tables[-1]._cells)
    known = report_of(parks, "2026-H1").book.tables
    assert all(f"rows.{key}" in names for key in known)
    assert "facts.revitalised_mu" in names
    made = make_report(parks, "2026-H1", tmp_path / "out", template=example)
    text = _text(made[0])
    assert text.index("一、土地") < text.index("七、下一步")
    assert "{" not in text
    assert "facts." not in "".join(
        c.text for table in docx.Document(str(made[0])).tables for c in table._cells
    )


def test_rows_beyond_what_a_sheet_holds_go_on_in_the_next(tmp_path) -> None:
    rows = LongRows(25, lambda a, b: [{"n": Number(str(at)), "t": f"行{at}"} for at in range(a, b)])
    book = Book("表", {"long": Table("long", "长表", {"n": "号", "t": "词"}, long=rows)})
    path = tmp_path / "long.xlsx"
    write_tables(book, "题", dt.date(2026, 6, 30), path, "zh", most_rows=12)
    pages = openpyxl.load_workbook(path).worksheets[1:]
    assert [page.title for page in pages] == ["表1", "表1-2", "表1-3"]
    assert [page.max_row for page in pages] == [12, 12, 7]  # 10 + 10 + 5 rows below two of heads
    values = [row[0] for page in pages for row in page.iter_rows(min_row=3, values_only=True)]
    assert values == list(range(25))
    assert all(page["A2"].value == "号" for page in pages)


# issue 5, section 4: relation, stated, inputs, what the checker says, what it computes
GOLDEN = [
    ("占比", "51.74%", "59.5亿；115亿", "right", "51.74 %"),
    ("占比", "39.87%", "24.92亿；60亿", "wrong", "41.53 %"),
    ("占比", "35%", "7000平方米；20000平方米", "right", "35.00 %"),
    ("合计", "386家", "80家；306家", "right", "386 家"),
    ("占比", "20.7%", "80家；386家", "right", "20.73 %"),
    ("占比", "79.3%", "306家；386家", "right", "79.27 %"),
    ("总量", "70400万元", "35200万元；50%", "right", "70400 万元"),
    ("上年", "23640万元", "35200万元；48.9%", "right", "23640 万元"),
    ("总量", "39052万元", "21869万元；56%", "right", "39052 万元"),
    ("总量", "53亿", "26.5亿；50%", "right", "53 亿"),
    ("总量", "51.26亿", "26.5亿；51.7%", "right", "51.26 亿"),
    ("占比", "23.14%", "43.55亿；33.23亿；124.2亿", "wrong", "61.82 %"),
    ("合计", "34家", "13家；22家", "wrong", "35 家"),
    ("相同", "15.44亿", "15.43亿", "contradiction", "15.43 亿"),
    ("占比", "50%", "855万元；1735万元", "wrong", "49.28 %"),
    ("合计", "271亩", "221亩；50亩", "right", "271 亩"),
    ("合计", "25个", "3个；5个；3个；11个；3个", "right", "25 个"),
    ("合计", "246.5亿", "45.3亿；34.4亿；135.8亿；30.3亿；2.1亿", "wrong", "247.9 亿"),
]


def test_published_figures_from_the_table_to_the_verdict(sample, tmp_path) -> None:
    folder = tmp_path / "county"
    shutil.copytree(sample, folder, ignore=shutil.ignore_patterns("runs", "*.db"))
    book = openpyxl.Workbook()
    book.active.append(["编号", "文件名称", "关系", "所述数字", "依据"])
    for at, (relation, stated, inputs, _, _) in enumerate(GOLDEN, 1):
        book.active.append([f"{at:02d}", "总结", relation, stated, inputs])
    book.save(folder / "stated.xlsx")
    tables = read_park_inputs(load_project(folder / "parks.toml"), IssueLog())
    found = checked_figures(tables.stated)
    assert list(zip(found["verdict"], found["computed"], strict=True)) == [
        (verdict, computed) for *_, verdict, computed in GOLDEN
    ]

"""Notices: what is put up in public and shown to firms; no money, and nothing decided."""

from __future__ import annotations

import datetime as dt
import re

import openpyxl
import pytest
from publish_county import make_run, parcel, uscc

from landuse.errors import UserError
from landuse.pipeline.notice import term_of, write_notice
from landuse.publish.notice import Term

TERM = term_of(dt.date(2026, 7, 1), None, 7, "云泽县自然资源局", "0599-1234567")
MONEY = re.compile(r"万元|亿元|(?<![\w单])元|税收入库|入库|\byuan\b|地价款")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from landuse.publish import OUTPUTS, write_run

    return write_run(make_run(), tmp_path_factory.mktemp("run") / "out", outputs=OUTPUTS[:1])


def cells(path):
    book = openpyxl.load_workbook(path)
    return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]


def words(path):
    return "\n".join(str(value) for row in cells(path) for value in row if value is not None)


@pytest.fixture
def written(folder, tmp_path):
    def write(kind, term=TERM, **options):
        path = tmp_path / f"{kind}.xlsx"
        write_notice(folder, kind, term, out=path, over=True, **options)
        return path

    return write


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["area", "list", "firm"])
def test_no_money_and_nothing_is_determined(written, kind, lang):
    said = words(written(kind, lang=lang))
    assert not MONEY.search(said)
    assert "认定" not in said
    assert "determined" not in said
    assert ("初步" if lang == "zh" else "preliminary") in said
    for figure in ("600", "5000", "2500"):  # tax, output and energy of the flagged firm
        assert not re.search(rf"(?<![\d.]){figure}(?![\d.])", said)


@pytest.mark.parametrize("kind", ["area", "list", "firm"])
def test_the_term_and_where_to_object(written, kind):
    said = words(written(kind))
    assert "2026年7月1日" in said
    assert "2026年7月7日" in said  # seven days, both ends counted
    assert "7 日" in said
    assert "云泽县自然资源局" in said
    assert "0599-1234567" in said


@pytest.mark.parametrize("kind", ["area", "list", "firm"])
def test_what_is_not_given_is_left_blank_to_fill_in(written, kind):
    assert "＿＿＿＿＿＿" in words(written(kind, Term()))


def test_every_firm_and_all_its_land_stand_in_the_check_list(written, folder):
    from landuse.publish.reader import open_run

    rows = cells(written("area"))
    head = next(n for n, row in enumerate(rows) if row[0] == "序号")
    at = {name: place for place, name in enumerate(rows[head]) if name}
    body = [row for row in rows[head + 1 :] if row[at["统一社会信用代码"]]]
    run = open_run(folder)
    links = run.table("links")
    found = sorted((row[at["统一社会信用代码"]], row[at["宗地代码"]]) for row in body)
    firms = run.table("units")["uscc"]
    without = sorted(set(firms) - set(links["uscc"]))
    expected = [*zip(links["uscc"], links["parcel_id"], strict=True)]
    assert found == sorted([*expected, *((code, "未核到用地") for code in without)])
    area = at["本企业用地面积（亩）"]
    assert sum(row[area] or 0 for row in body) == pytest.approx(links["area_mu"].sum())
    total = at["计入面积合计（亩）"]
    counted = links.loc[links["counted"], "area_mu"].sum()
    assert sum(row[total] or 0 for row in body) == pytest.approx(counted)
    assert {"企业核对意见", "企业签章、日期"} <= set(at)


def test_the_publication_list_has_the_flagged_and_no_other(written, folder):
    from landuse.publish.reader import open_run

    units = open_run(folder).table("units")
    flagged = units[units["status"] == "low_efficiency"]
    rows = cells(written("list"))
    head = next(n for n, row in enumerate(rows) if row[0] == "序号")
    body = [row for row in rows[head + 1 :] if isinstance(row[0], int)]
    assert sorted(row[2] for row in body) == sorted(flagged["uscc"])
    assert sum(row[6] for row in body) == pytest.approx(flagged["area_mu"].sum())
    assert {row[7] for row in body} == {"拟列入低效工业用地名单"}
    said = words(written("list"))
    assert f"拟列入 {len(flagged)} 家企业" in said


def test_one_page_a_firm(written, folder):
    from landuse.publish.reader import open_run

    units = open_run(folder).table("units")
    flagged = units.loc[units["status"] == "low_efficiency", "uscc"].tolist()
    path = written("firm")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert len(sheet.row_breaks.brk) == len(flagged) - 1
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    said = words(path)
    assert all(code in said for code in flagged)
    assert parcel(1) in said


def test_a_page_for_a_firm_that_is_asked_for(written):
    """Enterprise 4 is ranked and not listed."""
    path = written("firm", keys=[uscc(4), uscc(1)])
    said = words(path)
    assert uscc(4) in said
    assert "初步结果：未拟列入" in said
    assert len(openpyxl.load_workbook(path).worksheets[0].row_breaks.brk) == 1


def test_ratios_are_those_of_explain(written):
    """Worked example of the method: 9 ÷ 22.8 = 39.5 % of the benchmark, part 0.157895."""
    rows = cells(written("firm", keys=[uscc(1)]))
    (tax,) = [row for row in rows if row[0] == "亩均税收"]
    assert tax[1:4] == ["39.5 %", "0.4", "0.1579"]


@pytest.mark.parametrize("kind", ["area", "list"])
def test_lists_print_on_a3_with_repeated_heads(written, kind):
    sheet = openpyxl.load_workbook(written(kind)).worksheets[0]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    row = int(sheet.print_title_rows.split("$")[1].rstrip(":"))
    assert sheet.cell(row, 1).value == "序号"


def test_names_are_text_whatever_they_begin_with(written):
    sheet = openpyxl.load_workbook(written("area")).worksheets[0]
    formulas = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []
    assert any(str(cell.value).startswith("=cmd") for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("kind", ["area", "list", "firm"])
def test_the_same_run_gives_the_same_bytes(written, kind):
    first = written(kind).read_bytes()
    assert written(kind).read_bytes() == first


def test_it_stands_beside_the_run_folder_and_never_in_it(folder):
    done = write_notice(folder, "list", TERM, over=True)
    assert done.path.parent == folder.parent
    with pytest.raises(UserError) as caught:
        write_notice(folder, "list", TERM, out=folder / "名单.xlsx")
    assert caught.value.issues[0].code == "notice.inside_run"
    with pytest.raises(UserError) as caught:
        write_notice(folder, "list", TERM)
    assert caught.value.issues[0].code == "ledger_book.file_exists"


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ((dt.date(2026, 7, 7), dt.date(2026, 7, 1), None), "reversed"),
        ((dt.date(2026, 7, 1), dt.date(2026, 7, 8), 7), "days_differ"),
        ((None, None, 7), "days_from_when"),
        ((dt.date(2026, 7, 1), None, 0), "no_days"),
    ],
)
def test_a_term_that_cannot_be_is_refused(terms, code):
    with pytest.raises(UserError) as caught:
        term_of(*terms, "", "")
    assert caught.value.issues[0].code == f"notice.{code}"


@pytest.mark.parametrize(
    ("kind", "keys", "out", "code"),
    [
        ("map", (), "a.xlsx", "notice.unknown_kind"),
        ("list", ("X",), "a.xlsx", "notice.key_only_firm"),
        ("list", (), "a.docx", "notice.not_xlsx"),
        ("firm", ("nobody",), "a.xlsx", "publish.unknown_key"),
        ("firm", (parcel(1),), "a.xlsx", "notice.not_a_firm"),
    ],
)
def test_wishes_that_cannot_be_are_refused(folder, tmp_path, kind, keys, out, code):
    with pytest.raises(UserError) as caught:
        write_notice(folder, kind, TERM, keys=keys, out=tmp_path / out)
    assert caught.value.issues[0].code == code
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_lists_nobody_has_an_empty_list_and_no_pages(tmp_path):
    from landuse.publish import OUTPUTS, write_run

    run = make_run()
    run.units.loc[:, "status"] = "ranked"
    folder = write_run(run, tmp_path / "out", outputs=OUTPUTS[:1])
    path = tmp_path / "名单.xlsx"
    assert write_notice(folder, "list", TERM, out=path).count == 0
    assert "拟列入 0 家企业" in words(path)
    with pytest.raises(UserError) as caught:
        write_notice(folder, "firm", TERM)
    assert caught.value.issues[0].code == "notice.nobody_listed"


def test_it_is_no_run_folder(tmp_path):
    with pytest.raises(UserError) as caught:
        write_notice(tmp_path, "list", TERM)
    assert caught.value.issues[0].code == "publish.not_a_run"


@pytest.mark.parametrize("kind", ["area", "list", "firm"])
def test_a_run_of_idle_land_alone_has_no_notices_and_says_so(tmp_path, kind):
    from landuse.publish import OUTPUTS, write_run

    run = make_run()
    run.manifest["examined"] = ["idle"]
    folder = write_run(run, tmp_path / "out", outputs=OUTPUTS[:1])
    with pytest.raises(UserError) as caught:
        write_notice(folder, kind, TERM)
    assert caught.value.issues[0].code == "notice.land_only"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]

"""The ledger's workbook as people open it: lists, locks, print, and nothing that computes."""

# ruff: noqa: E501 - rows of a table are read as rows
from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile

import openpyxl
import pytest
import shapely

from landuse.errors import UserError
from landuse.publish.ledger_book import write_ledger
from landuse.publish.ledger_book_files import write_csv, write_geopackage
from landuse.publish.ledger_book_view import Key, LedgerView
from landuse.schema.ledger_book import CASES, PARTS

DAY = dt.date(2026, 6, 3)
STATES = ("found", "suspected", "closed")
WAYS = ("lease_back", "buy_back")
KINDS = ("low_efficiency", "idle", "both")
NAME = '=HYPERLINK("http://evil.example","点我")'


def case_row(number: int, **values):
    row = {
        "seq_no": number, "number": f"2026-{number:03d}", "parcels": f"35058200100{number}GB00001",
        "original_enterprises": "甲公司", "uscc": "911100006000373410", "address": "",
        "township": "城东", "park": "北园", "case_mu_e4": 123456, "floor_area_m2_e2": 440050,
        "kind": "idle", "tax_this_year": 3.25, "tax_year_before": None, "way": "lease_back",
        "state": "found", "part_mu_e4": 100000, "remaining_mu_e4": 23456,
        "responsible_unit": "", "responsible_person": "", "deadline": dt.date(2026, 6, 30),
        "issue_type": "", "problems": "", "progress": "", "notes": "",
        "publication_from": None, "publication_to": None, "part_floor_m2_e2": None,
        "receiving_enterprise": "", "started_on": None, "part_accepted_on": None,
        "finding": "", "allowed": "疑似、剔除", "several": False,
    }  # fmt: skip
    return Key(f"2026-{number:03d}", 7, "0123456789ab"), {**row, **values}


SUMS = {"cases": 2, "mu_e4": 246912, "disposed_mu_e4": 200000, "accepted_mu_e4": 0,
        "remaining_mu_e4": 46912, "floor_m2_e2": 880100}  # fmt: skip


def make_view(**changed) -> LedgerView:
    totals = {
        "by_state": {"found": SUMS}, "by_kind": {"idle": SUMS}, "by_park": {"北园": SUMS},
        "by_way": {"lease_back": {"parts": 2, "mu_e4": 200000, "floor_m2_e2": 0},
                   "none": {"parts": 0, "mu_e4": 46912, "floor_m2_e2": 880100}},
    }  # fmt: skip
    headline = {"cases": 2, "mu_e4": 246912}
    month = {"headline": headline, "by_state": {"found": SUMS}}
    less = {"headline": {"cases": 1, "mu_e4": 123456}, "by_state": {"found": SUMS}}
    fields = {
        "day": DAY,
        "cases": [
            case_row(1),
            case_row(2, original_enterprises=NAME, way=WAYS, several=True, notes="+1 @a -x"),
        ],
        "parts": [],
        "idle": [],
        "due": [{"seq_no": 1, "on": dt.date(2026, 5, 1), "days_left": -33, "what": "处置完成时限",
                 "number": "2026-001", "state": "found", "park": "北园"}],
        "totals": totals,
        "months": {"this": month, "last": less, "change": less, "last_day": "2026-05-31"},
        "states": STATES, "ways": WAYS, "kinds": KINDS,
        "moves": [("摸排", "疑似、剔除", "")],
    }  # fmt: skip
    return LedgerView(**{**fields, **changed})


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "台账.xlsx"
    write_ledger(make_view(), path)
    return path


@pytest.fixture
def book(path):
    return openpyxl.load_workbook(path)


def columns(sheet):
    return {cell.value: cell.column for cell in sheet[3] if cell.value}


def test_sheets_in_their_order_the_helpers_hidden(book):
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("处置台账", "visible"), ("处置明细", "visible"), ("汇总", "visible"),
        ("临近时限", "visible"), ("填表说明", "visible"), ("选项", "hidden"),
        ("landuse", "veryHidden"),
    ]  # fmt: skip


def test_the_columns_officials_expect(book):
    wanted = ["序号", "宗地代码", "企业", "统一社会信用代码", "坐落", "园区", "面积（亩）", "低效/闲置类型",
              "上年度亩均税收（万元/亩）", "上上年度亩均税收（万元/亩）", "处置方式", "当前状态",
              "处置面积（亩）", "剩余面积（亩）", "责任单位", "包保责任人", "完成时限", "进展", "备注"]  # fmt: skip
    heads = list(columns(book["处置台账"]))
    assert [head for head in heads if head in wanted] == wanted


def test_cells_are_typed(book):
    sheet = book["处置台账"]
    at = columns(sheet)
    row = {head: sheet.cell(4, place) for head, place in at.items()}
    assert row["统一社会信用代码"].data_type == "s"  # digits only, and still text
    assert row["面积（亩）"].value == 12.3456
    assert row["建筑面积（平方米）"].value == 4400.5
    assert row["完成时限"].value == dt.datetime.fromisoformat("2026-06-30")
    assert row["完成时限"].number_format == "yyyy-mm-dd"
    assert (row["当前状态"].value, row["处置方式"].value) == ("摸排", "返租共管")
    assert row["低效/闲置类型"].value == "闲置"
    assert sheet.cell(5, at["处置方式"]).value == "返租共管、依法回购"


def test_nothing_in_it_computes(path):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.startswith("xl/worksheets/sheet"):
                assert not re.search(rb"<f[ >]", content), name
                assert b"hyperlink" not in content.replace(b"HYPERLINK(", b""), name
        assert not [name for name in archive.namelist() if "externalLink" in name]


def test_a_name_that_looks_like_a_formula_is_text(book):
    cell = book["处置台账"].cell(5, 4)
    assert (cell.value, cell.data_type) == (NAME, "s")


def test_computed_cells_are_locked_and_others_are_not(book):
    sheet = book["处置台账"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    at = columns(sheet)
    for column in CASES:
        cell = sheet.cell(4, at[column.heading("zh")])
        assert cell.protection.locked == (column.role == "computed"), column.name
    assert sheet.cell(5, at["处置方式"]).protection.locked  # several ways
    assert not sheet.cell(4, at["处置方式"]).protection.locked
    assert not sheet.cell(5, at["备注"]).protection.locked


def test_new_rows_below_can_be_filled_in(path):
    """The columns themselves are unlocked; only cells with a value of ours are not."""
    sheet = openpyxl.load_workbook(path)["处置台账"]
    assert not sheet.column_dimensions["A"].protection.locked


def test_drop_down_lists_for_state_and_way(book):
    sheet = book["处置台账"]
    at = {place: head for head, place in columns(sheet).items()}
    found = {}
    for rule in sheet.data_validations.dataValidation:
        assert rule.type == "list"
        assert rule.showErrorMessage
        for area in rule.sqref.ranges:
            assert area.min_row == 4
            assert area.max_row > 100  # new rows too
            found[at[area.min_col]] = rule.formula1
    assert found == {
        "当前状态": "'选项'!$A$2:$A$4", "处置方式": "'选项'!$B$2:$B$3",
        "低效/闲置类型": "'选项'!$C$2:$C$4",
    }  # fmt: skip
    lists = book["选项"]
    assert [lists.cell(row, 1).value for row in (2, 3, 4)] == ["摸排", "疑似", "销号"]


def test_every_row_has_a_hidden_key_and_revision(book):
    sheet = book["处置台账"]
    at = columns(sheet)
    for head, value in {"landuse:case": "2026-001", "landuse:revision": 7,
                        "landuse:check": "0123456789ab"}.items():  # fmt: skip
        assert sheet.cell(4, at[head]).value == value
        letters = openpyxl.utils.get_column_letter(at["landuse:case"])
        assert sheet.column_dimensions[letters].hidden
    assert [cell.value for cell in book["landuse"]["A"]] == [
        "landuse:exported", "2026-001", "2026-002",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["处置台账", "处置明细", "汇总", "临近时限", "填表说明"])
def test_a3_landscape(book, name):
    setup = book[name].page_setup
    assert (setup.paperSize, setup.orientation) == (8, "landscape")
    assert book[name].sheet_properties.pageSetUpPr.fitToPage
    assert (setup.fitToWidth in (None, 1), setup.fitToHeight) == (True, 0)  # 1 where not said


def test_heads_are_repeated_and_panes_frozen(book):
    sheet = book["处置台账"]
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.freeze_panes == "E4"
    printed = sum(column.printed for column in CASES)
    assert sheet.print_area.endswith(f"{openpyxl.utils.get_column_letter(printed)}$5")
    assert sheet.auto_filter.ref.startswith("A3:")


def test_the_summary_adds_up(book):
    sheet = book["汇总"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    blocks = [n for n, row in enumerate(rows) if row[0] == "合计"]
    assert len(blocks) == 5
    for end in blocks:
        start = end - 1
        while rows[start - 1][0] is not None and rows[start - 1][1] is not None:
            start -= 1
        body = [row for row in rows[start:end] if not isinstance(row[1], str)]
        for place in range(1, 7):
            if rows[end][place] is not None:
                assert rows[end][place] == pytest.approx(sum(row[place] for row in body))
    assert rows[4][:4] == ["指标", "本月", "上月", "增减"]
    assert rows[5][:4] == ["台账宗数", 2, 1, 1]


def test_what_is_overdue_is_red(book):
    cell = book["临近时限"]["B4"]
    assert cell.value == dt.datetime.fromisoformat("2026-05-01")
    assert cell.font.color.rgb == "FFC00000"


def test_the_same_view_gives_the_same_bytes(path, tmp_path):
    other = tmp_path / "2.xlsx"
    write_ledger(make_view(), other)
    assert other.read_bytes() == path.read_bytes()


def test_an_existing_file_is_not_overwritten(path):
    before = path.read_bytes()
    with pytest.raises(UserError) as caught:
        write_ledger(make_view(cases=[]), path)
    assert caught.value.issues[0].code == "ledger_book.file_exists"
    assert path.read_bytes() == before
    write_ledger(make_view(cases=[]), path, over=True)
    assert path.read_bytes() != before


def test_whole_or_not_at_all(path, tmp_path):
    before = path.read_bytes()
    broken = make_view(due=[{"on": "no day"}])
    with pytest.raises(KeyError):
        write_ledger(broken, path, over=True)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("lock", ["~$台账.xlsx", ".~lock.台账.xlsx#"])
def test_a_file_that_is_open_elsewhere_is_left_alone(path, lock):
    path.with_name(lock).write_text("")
    with pytest.raises(UserError) as caught:
        write_ledger(make_view(), path, over=True)
    assert caught.value.issues[0].code == "publish.file_open"


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UserError) as caught:
        write_ledger(make_view(), tmp_path / "无" / "台账.xlsx")
    assert caught.value.issues[0].code == "ledger_book.no_folder"


def test_an_empty_ledger_can_be_written(tmp_path):
    path = tmp_path / "空.xlsx"
    write_ledger(make_view(cases=[], due=[]), path)
    assert openpyxl.load_workbook(path)["处置台账"]["A3"].value == "序号"


def test_in_english(tmp_path):
    path = tmp_path / "ledger.xlsx"
    write_ledger(make_view(), path, lang="en")
    sheet = openpyxl.load_workbook(path)["Ledger"]
    heads = list(columns(sheet))
    assert heads[:9] == [column.heading("en") for column in CASES][:9]
    assert len(columns(openpyxl.load_workbook(path)["Parts"])) == len(PARTS) + 3


def test_days_before_1900_and_signs_without_shape(tmp_path):
    path = tmp_path / "怪.xlsx"
    odd = case_row(1, deadline=dt.date(1899, 5, 1), progress="a\x01\x0bb", notes="长" * 40000)
    write_ledger(make_view(cases=[odd]), path)
    sheet = openpyxl.load_workbook(path)["处置台账"]
    at = columns(sheet)
    assert sheet.cell(4, at["完成时限"]).value == "1899-05-01"
    assert sheet.cell(4, at["进展"]).value == "a␁␋b"
    assert len(sheet.cell(4, at["备注"]).value) <= 32767


def test_the_csv_has_a_bom_exact_areas_and_no_formula(tmp_path):
    path = tmp_path / "台账.csv"
    write_csv(make_view(), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    at = {head: place for place, head in enumerate(rows[0])}
    assert rows[1][at["面积（亩）"]] == "12.3456"
    assert rows[2][at["企业"]] == f"'{NAME}"
    assert rows[2][at["备注"]] == "'+1 @a -x"
    assert not [cell for row in rows for cell in row if cell[:1] in "=+@\t" and cell]
    assert not [head for head in rows[0] if head.startswith("landuse:")]


def test_the_geopackage_has_one_feature_a_case(tmp_path):
    import pyogrio

    def square(x, srid=4549):
        return shapely.set_srid(shapely.box(x, 3_000_000, x + 100, 3_000_100), srid)

    shapes = {"2026-001": [square(500_000), square(500_200)]}
    path = tmp_path / "台账.gpkg"
    write_geopackage(make_view(shapes=shapes), path)
    frame = pyogrio.read_dataframe(path)
    assert frame["number"].tolist() == ["2026-001", "2026-002"]
    assert frame.geometry.iloc[0].area == 20_000
    assert frame.geometry.iloc[1] is None
    assert frame.crs.to_epsg() == 4549
    assert frame["case_mu"].tolist() == [12.3456, 12.3456]
    first = path.read_bytes()
    write_geopackage(make_view(shapes=shapes), path, over=True)
    assert path.read_bytes() == first


def test_parcels_in_two_systems_come_together(tmp_path):
    """The same ground with and without the number of the zone: far apart in numbers only."""
    import pyogrio

    one = shapely.set_srid(shapely.box(500_000, 3_000_000, 500_100, 3_000_100), 4549)
    two = shapely.set_srid(shapely.box(40_500_000, 3_000_000, 40_500_100, 3_000_100), 4528)
    path = tmp_path / "台账.gpkg"
    write_geopackage(make_view(shapes={"2026-001": [one], "2026-002": [two]}), path)
    left, right = pyogrio.read_dataframe(path).geometry
    assert left.hausdorff_distance(right) < 1e-4


def test_without_any_outline_there_is_no_map(tmp_path):
    with pytest.raises(UserError) as caught:
        write_geopackage(make_view(), tmp_path / "台账.gpkg")
    assert caught.value.issues[0].code == "ledger_book.no_outline"
    assert list(tmp_path.iterdir()) == []

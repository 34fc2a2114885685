"""The workbook goes out, people edit it, it comes back: on SQLite and PostGIS."""

# ruff: noqa: E501 - rows of a table are read as rows
from __future__ import annotations

import copy
from datetime import date, timedelta

import openpyxl
import pytest
from book_desk import (
    AREA,
    BACK,
    DISPOSED,
    HEAD,
    MAIN,
    PARTS,
    STARTED,
    STATE,
    WAY,
    Desk,
    Edit,
    codes,
    copy_cell,
    fates,
    notes,
    said,
)
from case_life import NOW, found, mu, opened, run

from landuse.errors import UserError
from landuse.ledger import cases, papers
from landuse.ledger.acts import find_case
from landuse.ledger.events import mark_found
from landuse.ledger.store import open_ledger


@pytest.fixture
def desk(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.fill()
    return desk


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_handed_back_as_it_is_changes_nothing(desk, lang):
    path = desk.export(lang=lang)
    before = desk.events()
    preview = desk.back(path)
    assert (preview.rows, preview.unchanged, preview.missing) == ([], 5, [])
    assert desk.hand_in(path).backup is None
    assert desk.events() == before


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_stands_in_a_text_comes_back_as_it_was(ledger, tmp_path, seed):
    desk = Desk(ledger, tmp_path)
    desk.fill_wildly(seed)
    preview = desk.back(desk.export())
    assert (preview.rows, preview.unchanged, preview.notes) == ([], 60, [])


def test_saved_by_another_program_and_shuffled_changes_nothing(desk):
    edit = Edit(desk.export())
    sheet = edit.sheet
    rows = [[copy.copy(cell.value) for cell in row] for row in sheet.iter_rows(min_row=HEAD + 1)]
    for at, row in enumerate(reversed(rows), HEAD + 1):  # sorted the other way round
        for place, value in enumerate(row, 1):
            copy_cell(sheet, at, place, value)
    sheet.row_dimensions[HEAD + 2].hidden = True  # filtered
    sheet.column_dimensions["F"].hidden = True
    sheet.title = "给领导看的"
    preview = desk.back(edit.save())
    assert (preview.rows, preview.unchanged) == ([], 5)


def test_columns_moved_and_inserted_change_nothing(desk):
    edit = Edit(desk.export())
    sheet = edit.sheet
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEAD)]
    order = [7, 0, 3, *(n for n in range(len(rows[0])) if n not in (7, 0, 3))]
    fresh = edit.book.create_sheet("新排的", 0)
    fresh.append(["某区台账"])
    for at, row in enumerate(rows):
        mine = "领导批示" if at == 0 else f"批{at}"
        cells = [row[order[0]], mine, *(row[n] for n in order[1:])]
        for place, value in enumerate(cells, 1):
            copy_cell(fresh, at + 2, place, value)
    del edit.book[MAIN]
    preview = desk.back(edit.save())
    assert (preview.rows, preview.unchanged, preview.notes) == ([], 5, [])


def test_what_a_person_writes_is_written_with_who_when_and_why(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 进展="已约谈", 责任单位="经开区", 完成时限="2026年9月1日")
    edit.put("2026-001", 坐落="１号路", 本次变更理由="例会议定")
    applied = desk.hand_in(edit.save())
    assert (applied.changed, applied.new, applied.refused) == (1, [], 0)
    case, event = desk.case("2026-001"), desk.last_event("2026-001")
    assert (case.progress, case.responsible_unit, case.address) == ("已约谈", "经开区", "１号路")
    assert case.deadline == date(2026, 9, 1)
    assert (event.by, event.at, event.why) == ("赵六", BACK, "例会议定")
    assert desk.faults() == []
    assert applied.backup.name.endswith("-import.db")


def test_the_reason_of_the_command_or_the_file_stands_where_no_cell_gives_one(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 备注="一")
    path = edit.save()
    desk.hand_in(path)
    assert desk.last_event("2026-001").why == "工作簿交回：台账1.xlsx"
    edit.put("2026-001", 备注="二")
    again = Edit(desk.export())
    again.put("2026-001", 备注="二")
    desk.hand_in(again.save(), why="月报")
    assert desk.last_event("2026-001").why == "月报"


def test_a_move_with_what_it_needs_is_one_row(desk):
    edit = Edit(desk.export())
    edit.set("2026-003", {STATE: "处置中", STARTED: "2026.3.5", DISPOSED: "３０亩"})
    preview = desk.back(edit.save())
    assert said(preview, "2026-003") == {
        "state": "in_disposal", "started_on": date(2026, 3, 5), "part_mu_e4": 300000,
    }  # fmt: skip
    desk.hand_in(edit.path)
    case = desk.case("2026-003")
    assert (case.state, case.parts[0].mu_e4) == ("in_disposal", 300000)
    assert desk.faults() == []


def test_the_whole_life_of_a_case_by_workbook(desk):
    """One step a month; the last carries the rest to a new case: 10 mu = 6 + 4."""
    steps = [
        {STATE: "疑似", "本次依据（文书、异议或摸排记录）": "现场停产"},
        {STATE: "公示", "公示开始": "2026-03-02", "公示结束": "2026-03-09"},
        {STATE: "异议复核", "本次依据（文书、异议或摸排记录）": "面积有误"},
        {STATE: "公示", "公示开始": "2026-03-10", "公示结束": "2026-03-11"},
        {STATE: "认定", "本次依据（文书、异议或摸排记录）": "认定书1号"},
        {STATE: "暂缓", "本次变更理由": "法院查封"},
        {STATE: "认定"},
        {STATE: "制定方案", WAY: "依法回购", "责任单位": "管委会", "包保责任人": "李四",
         "完成时限": "2026年底"},
        {STATE: "处置中", STARTED: "2026-03-11"},
        {STATE: "待验收", DISPOSED: 6, "承接企业": "乙公司"},
        {STATE: "销号", "验收日期": "2026-03-11",
         "本次依据（文书、异议或摸排记录）": "剩余结转"},
    ]  # fmt: skip
    for cells in steps:
        edit = Edit(desk.export())
        edit.set("2026-001", cells)
        assert desk.hand_in(edit.save()).changed == 1, cells
    case, rest = desk.case("2026-001"), desk.case("2026-006")
    assert (case.state, case.case_mu_e4, case.accepted_on) == ("closed", 60000, date(2026, 3, 11))
    assert (rest.state, rest.case_mu_e4, rest.carried_from) == ("confirmed", 40000, case.id)
    assert [paper.kind for paper in case.documents] == ["survey_note", "objection", "confirmation"]
    assert case.parts[0].receiving_enterprise == "乙公司"
    assert desk.faults() == []


def test_illegal_moves_are_refused_and_nothing_else_is_written(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 当前状态="认定", 备注="不该写入")
    edit.put("2026-002", 备注="可以")
    preview = desk.back(edit.save())
    assert fates(preview) == {"2026-001": "illegal", "2026-002": "change"}
    assert codes(preview) == ["move_refused"]
    (row,) = preview.refused
    assert row.places == ((MAIN, 4),)
    assert "疑似、剔除" in row.issues[0].message()
    before = desk.events()
    with pytest.raises(UserError) as caught:
        desk.hand_in(edit.path)
    assert [issue.code for issue in caught.value.issues][-1] == "ledger_book.refused"
    assert caught.value.issues[0].row == 4
    assert desk.events() == before
    applied = desk.hand_in(edit.path, only_legal=True)
    assert (applied.changed, applied.refused) == (1, 1)
    assert (desk.case("2026-001").notes, desk.case("2026-002").notes) == ("", "可以")
    assert desk.faults() == []


def test_a_refused_row_leaves_no_trace_of_its_other_cells(desk):
    """Its notes and its part would be legal; the sum of its parts is not: 41 mu of 40."""
    edit = Edit(desk.export()).put("2026-004", 备注="先写")
    edit.use(PARTS).set("2026-004/1", {DISPOSED: 35.5})
    preview = desk.back(edit.save())
    assert codes(preview) == ["parts_exceed_case"]
    desk.hand_in(edit.path, only_legal=True)
    case = desk.case("2026-004")
    assert (case.notes, case.parts[0].mu_e4) == ("", 150000)
    assert desk.faults() == []


def test_what_somebody_else_changed_meanwhile_is_a_conflict(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 备注="我写的")
    edit.put("2026-002", 备注="我也写")
    path = edit.save()
    with desk.ledger.write() as session:
        case = find_case(session, "2026-001")
        cases.describe(session, case, by="钱七", at=NOW + timedelta(days=1), progress="谈妥")
    preview = desk.back(path)
    assert fates(preview) == {"2026-001": "conflict", "2026-002": "change"}
    words = preview.refused[0].issues[0].message()
    assert "钱七" in words
    assert "进展" in words
    assert "谈妥" in words
    assert preview.refused[0].issues[0].row == 4
    desk.hand_in(path, only_legal=True)
    assert (desk.case("2026-001").notes, desk.case("2026-001").progress) == ("", "谈妥")
    assert desk.case("2026-002").notes == "我也写"


def test_a_row_that_nobody_edited_is_no_conflict(desk):
    path = desk.export()
    with desk.ledger.write() as session:
        case = find_case(session, "2026-001")
        cases.describe(session, case, by="钱七", at=NOW, progress="谈妥", park="新园")
    preview = desk.back(path)
    assert (preview.rows, preview.unchanged) == ([], 5)


def test_the_same_change_by_two_people_is_done_already(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 备注="一样")
    path = edit.save()
    desk.hand_in(path)
    before = desk.events()
    preview = desk.back(path)
    assert (preview.rows, preview.unchanged) == ([], 5)
    assert desk.hand_in(path).changed == 0
    assert desk.events() == before


def test_what_a_run_noted_meanwhile_is_no_conflict(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 备注="我写的")
    with desk.ledger.write() as session:
        mark_found(
            session, find_case(session, "2026-001"), 1, found=False, by="程序", at=NOW, why="r2"
        )
    assert desk.hand_in(edit.save()).changed == 1


def test_changed_and_changed_back_is_no_conflict(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 备注="我写的")
    for words in ("改", ""):
        with desk.ledger.write() as session:
            cases.describe(
                session, find_case(session, "2026-001"), by="钱七", at=NOW, progress=words
            )
    assert desk.hand_in(edit.save()).changed == 1


def test_a_change_between_preview_and_writing_stops_it(desk):
    from landuse.pipeline.ledger_book_import import apply_import

    edit = Edit(desk.export())
    edit.put("2026-001", 备注="我写的")
    preview = desk.back(edit.save())
    with desk.ledger.write() as session:
        cases.describe(session, find_case(session, "2026-001"), by="钱七", at=NOW, progress="谈妥")
    before = desk.events()
    with pytest.raises(UserError) as caught:
        apply_import(desk.ledger, preview)
    assert caught.value.issues[0].code == "ledger_book.changed_meanwhile"
    assert desk.events() == before


def test_a_preview_writes_nothing(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 备注="我写的")
    edit.set(edit.next_row, {"宗地代码": "P9", AREA: 3, "低效/闲置类型": "闲置"})
    before = desk.events()
    assert len(desk.back(edit.save()).applicable) == 2
    assert desk.events() == before
    assert not (desk.folder / "backups").exists()


def test_a_row_without_key_is_a_new_case(desk):
    edit = Edit(desk.export())
    edit.set(edit.next_row, {"宗地代码": "P9、P10", "企业": "新公司", AREA: "12.3456",
                             "低效/闲置类型": "闲置", "园区": "北园", "完成时限": "2026-12-31"})  # fmt: skip
    preview = desk.back(edit.save())
    assert fates(preview) == {"P9、P10": "new"}
    applied = desk.hand_in(edit.path)
    assert applied.new == ["2026-006"]
    case = desk.case("2026-006")
    assert (case.kind, case.state, case.case_mu_e4, case.park) == ("idle", "found", 123456, "北园")
    assert [row.parcel_id for row in case.parcels] == ["P9", "P10"]
    assert case.original_enterprises == "新公司"
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"企业": "没有宗地", AREA: 3, "低效/闲置类型": "闲置"}, "new_incomplete"),
        ({"宗地代码": "P9", "低效/闲置类型": "闲置"}, "new_incomplete"),
        ({"宗地代码": "P9", AREA: 3}, "new_incomplete"),
        ({"宗地代码": "P1", AREA: 3, "低效/闲置类型": "低效"}, "already_open"),
        ({"宗地代码": "P9", AREA: 3, "低效/闲置类型": "低效", STATE: "认定"}, "new_state"),
        ({"宗地代码": "P9", AREA: 3, "低效/闲置类型": "低效", WAY: "依法回购"}, "new_disposal"),
        ({"宗地代码": "P9", AREA: 3.00001, "低效/闲置类型": "低效"}, "too_many_decimals"),
        ({"宗地代码": "P9", AREA: 3, "低效/闲置类型": "怪"}, "unknown_kind"),
    ],
)
def test_a_new_case_that_cannot_be_is_refused(desk, cells, code):
    edit = Edit(desk.export())
    edit.set(edit.next_row, cells)
    preview = desk.back(edit.save())
    assert codes(preview) == [code]
    assert preview.refused[0].places == ((MAIN, 9),)


def test_totals_and_signatures_below_are_no_cases(desk):
    edit = Edit(desk.export())
    edit.set(edit.next_row, {"宗地代码": "合计", AREA: 150})
    edit.sheet.cell(edit.next_row + 1, 2).value = "填表人：王某"
    preview = desk.back(edit.save())
    assert preview.rows == []
    assert [note.code for note in preview.notes] == ["ledger_book.line_not_read"] * 2


def test_a_missing_row_never_deletes_and_is_listed(desk):
    edit = Edit(desk.export())
    edit.sheet.delete_rows(edit.row_of("2026-002"))
    edit.put("2026-003", 备注="还在")
    preview = desk.back(edit.save())
    assert preview.missing == ["2026-002"]
    desk.hand_in(edit.path)
    assert desk.case("2026-002").state == "found"
    assert Desk.back(desk, desk.export()).unchanged == 5


def test_only_what_was_exported_is_missed(desk):
    from landuse.ledger.reading import Wanted

    path = desk.folder / "北园.xlsx"
    from landuse.pipeline.ledger_book import export_ledger

    done = export_ledger(desk.ledger, path, Wanted(park="北园"), at=NOW)
    assert (done.cases, done.mu_e4) == (2, mu("40"))
    assert desk.back(path).missing == []


def test_a_key_that_stands_twice_is_refused(desk):
    edit = Edit(desk.export())
    row = [cell.value for cell in edit.sheet[edit.row_of("2026-002")]]
    at = edit.next_row
    for place, value in enumerate(row, 1):
        copy_cell(edit.sheet, at, place, value)
    edit.put(at, 备注="抄了一行")
    preview = desk.back(edit.save())
    assert codes(preview) == ["key_twice"]
    assert "5、9" in preview.refused[0].issues[0].message()


def test_a_copied_sheet_is_refused_rather_than_guessed(desk):
    edit = Edit(desk.export())
    edit.book.copy_worksheet(edit.sheet)
    preview = desk.back(edit.save())
    assert codes(preview) == ["key_twice"] * 5


def test_computed_cells_are_told_and_not_taken(desk):
    edit = Edit(desk.export())
    edit.set("2026-001", {AREA: 99, "宗地代码": "别的", "剩余面积（亩）": 1, "序号": 77})
    edit.set("2026-001", {"低效/闲置类型": "闲置", "最近识别情况": "随便写"})
    preview = desk.back(edit.save())
    assert notes(preview) == ["computed_changed"] * 4
    assert preview.applicable == []
    before = desk.events()
    desk.hand_in(edit.path)
    assert desk.events() == before


def test_more_decimals_than_the_form_are_refused(desk):
    edit = Edit(desk.export())
    edit.set("2026-003", {DISPOSED: 1.23456})
    preview = desk.back(edit.save())
    assert codes(preview) == ["too_many_decimals"]
    (issue,) = preview.refused[0].issues
    assert (issue.row, issue.column) == (6, DISPOSED)


def test_words_that_mean_nothing_are_refused_with_their_place(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 当前状态="差不多了")
    edit.put("2026-002", 完成时限="尽快")
    edit.set("2026-003", {WAY: "想想办法", STARTED: "2026年3月"})
    preview = desk.back(edit.save())
    assert codes(preview) == ["unknown_state", "not_a_date", "unknown_way", "rough_date"]
    assert [row.places[0][1] for row in preview.refused] == [4, 5, 6]


def test_blanking_what_a_state_rests_on_is_refused(desk):
    edit = Edit(desk.export())
    edit.put("2026-003", 责任单位=None)
    edit.put("2026-001", 当前状态=None)
    preview = desk.back(edit.save())
    assert sorted(codes(preview)) == ["blank_state", "need_taken_away"]


def test_dates_of_publication_and_a_basis_go_with_a_move_only(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 公示开始="2026-03-01")
    edit.set("2026-002", {"本次依据（文书、异议或摸排记录）": "批文"})
    preview = desk.back(edit.save())
    assert codes(preview) == ["publication_without_move", "basis_without_move"]


def test_deferral_and_removal_need_the_reason_of_the_row_or_the_command(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 当前状态="剔除")
    path = edit.save()
    assert codes(desk.back(path)) == ["needs_missing"]
    assert desk.hand_in(path, why="重复登记").changed == 1
    assert desk.last_event("2026-001").why == "重复登记"


def test_a_floor_area_is_filled_in_freely_and_corrected_with_a_reason(desk):
    edit = Edit(desk.export())
    edit.set("2026-001", {"建筑面积（平方米）": "4,400.55"})
    edit.set("2026-004", {"建筑面积（平方米）": 1000})
    path = edit.save()
    assert codes(desk.back(path)) == ["resize_without_reason"]
    desk.hand_in(path, only_legal=True)
    assert desk.case("2026-001").floor_area_m2_e2 == 440055
    again = Edit(desk.export())
    again.set("2026-004", {"建筑面积（平方米）": 1000, "本次变更理由": "复测"})
    desk.hand_in(again.save())
    assert desk.case("2026-004").floor_area_m2_e2 == 100000


def test_parts_are_changed_added_and_taken_out_in_their_own_sheet(desk):
    edit = Edit(desk.export(), PARTS)
    edit.set("2026-004/1", {DISPOSED: 10, "承接企业": "甲"})
    edit.set("2026-004/2", {WAY: None, DISPOSED: None, "处置建筑面积（平方米）": None,
                            "本次变更理由": "改走司法程序"})  # fmt: skip
    edit.set(edit.next_row, {"台账编号": "2026-004", WAY: "置换", DISPOSED: 7.5})
    path = edit.save()
    assert desk.hand_in(path).changed == 1
    live = [part for part in desk.case("2026-004").parts if not part.removed]
    assert [(part.way, part.mu_e4, part.receiving_enterprise) for part in live] == [
        ("auction", 100000, "甲"), ("swap", 75000, ""),
    ]  # fmt: skip
    assert desk.faults() == []


def test_a_new_part_handed_back_twice_is_added_once(desk):
    edit = Edit(desk.export(), PARTS)
    edit.set(edit.next_row, {"台账编号": "2026-004", WAY: "置换", DISPOSED: 7.5})
    path = edit.save()
    desk.hand_in(path)
    preview = desk.back(path)
    assert preview.applicable == []
    assert len(desk.case("2026-004").parts) == 3


def test_taking_a_part_out_needs_a_reason(desk):
    edit = Edit(desk.export(), PARTS)
    edit.set("2026-004/1", {WAY: None, DISPOSED: None})
    assert codes(desk.back(edit.save())) == ["drop_without_reason"]


def test_a_part_without_a_way_is_refused(desk):
    edit = Edit(desk.export())
    edit.set("2026-003", {WAY: None, DISPOSED: 5})
    assert codes(desk.back(edit.save())) == ["way_blank"]


def test_several_parts_are_not_edited_in_the_ledger_sheet(desk):
    edit = Edit(desk.export())
    assert edit.get("2026-004", WAY) == "司法拍卖、政府收储"
    assert edit.get("2026-004", DISPOSED) == 20.5
    edit.set("2026-004", {DISPOSED: 30, WAY: "依法回购"})
    preview = desk.back(edit.save())
    assert notes(preview) == ["several_parts"] * 2
    assert preview.applicable == []


def test_several_ways_do_not_fit_one_cell(desk):
    edit = Edit(desk.export())
    edit.set("2026-003", {WAY: "依法回购、司法拍卖"})
    assert codes(desk.back(edit.save())) == ["several_ways"]


def test_both_sheets_may_say_the_same_but_not_different_things(desk):
    edit = Edit(desk.export())
    edit.set("2026-003", {DISPOSED: 12})
    edit.use(PARTS).set("2026-003/1", {DISPOSED: 12})
    assert desk.back(edit.save()).refused == []
    edit.set("2026-003/1", {DISPOSED: 13})
    assert codes(desk.back(edit.save())) == ["two_answers"]


def test_an_acceptance_is_not_blanked(desk):
    first = Edit(desk.export())
    first.set("2026-003", {STATE: "处置中", STARTED: "2026-03-02", DISPOSED: 30,
                           "验收日期": "2026-03-05"})  # fmt: skip
    desk.hand_in(first.save())
    assert desk.case("2026-003").parts[0].accepted_on == date(2026, 3, 5)
    second = Edit(desk.export())
    second.set("2026-003", {"验收日期": None})
    assert codes(desk.back(second.save())) == ["cannot_unaccept"]


def test_a_workbook_of_another_ledger_is_refused(desk, tmp_path):
    other = open_ledger(tmp_path / "other.db", backups=tmp_path / "b")
    with other.write() as session:
        for parcel in ("A1", "A2"):
            form = cases.CaseForm("idle", (cases.ParcelForm(parcel),), mu_e4=10000)
            cases.open_case(session, form, by="别人", at=NOW + timedelta(seconds=1))
    strange = Desk(other, tmp_path / "x")
    strange.folder.mkdir()
    edit = Edit(strange.export())
    edit.put("2026-001", 备注="写错了账")
    preview = desk.back(edit.save())
    assert codes(preview) == ["other_ledger"] * 2
    other.close()


def test_a_workbook_from_before_a_restore_is_refused(desk, tmp_path):
    from landuse.ledger.backup import backup, restore

    kept = tmp_path / "kept.db"
    backup(desk.ledger, kept)
    first = Edit(desk.export())
    first.put("2026-001", 备注="恢复前")
    desk.hand_in(first.save())
    second = Edit(desk.export())
    second.put("2026-001", 进展="接着写")
    url = desk.ledger.url.render_as_string(hide_password=False)
    restore(url, kept, backups=tmp_path / "b")
    preview = desk.back(second.save())
    assert codes(preview) == ["other_ledger"]


def test_an_unknown_case_and_a_spoilt_key_are_refused(desk):
    edit = Edit(desk.export())
    one, two = edit.row_of("2026-001"), edit.row_of("2026-002")
    edit.set(one, {"landuse:case": "2026-099"})
    edit.set(two, {"landuse:case": "改过"})
    preview = desk.back(edit.save())
    assert sorted(codes(preview)) == ["bad_key", "unknown_case"]
    assert preview.missing == ["2026-001", "2026-002"]


def test_without_hidden_columns_it_is_no_ledger(desk):
    edit = Edit(desk.export())
    edit.sheet.delete_cols(edit.columns["landuse:case"], 3)
    with pytest.raises(UserError) as caught:
        desk.back(edit.save())
    assert caught.value.issues[0].code == "ledger_book.not_ours"
    edit = Edit(desk.export())
    edit.sheet.delete_cols(edit.columns["landuse:revision"])
    with pytest.raises(UserError) as caught:
        desk.back(edit.save())
    assert caught.value.issues[0].code == "ledger_book.hidden_gone"


def test_a_renamed_heading_is_not_read_and_said(desk):
    edit = Edit(desk.export())
    edit.put("2026-001", 备注="丢了", 进展="还在")
    edit.sheet.cell(HEAD, edit.columns["备注"]).value = "领导意见"
    preview = desk.back(edit.save())
    assert [note.code for note in preview.notes] == ["ledger_book.column_absent"]
    assert said(preview, "2026-001") == {"progress": "还在"}


def test_a_heading_that_stands_twice_is_refused(desk):
    edit = Edit(desk.export())
    edit.sheet.cell(HEAD, edit.sheet.max_column + 1).value = "备注"
    with pytest.raises(UserError) as caught:
        desk.back(edit.save())
    assert caught.value.issues[0].code == "ledger_book.heading_twice"


def test_cells_that_only_look_blank_are_not_taken_as_blank(desk):
    edit = Edit(desk.export())
    edit.put("2026-002", 备注="=A1&B1")  # openpyxl computes nothing
    sheet = edit.sheet
    sheet.merge_cells(start_row=4, end_row=5, start_column=edit.columns[DISPOSED],
                      end_column=edit.columns[DISPOSED])  # fmt: skip
    preview = desk.back(edit.save())
    assert sorted(codes(preview)) == ["merged", "merged", "no_result"]


def test_words_merged_over_rows_hold_for_each(desk):
    edit = Edit(desk.export())
    place = edit.columns["责任单位"]
    edit.put("2026-001", 责任单位="经开区")
    edit.sheet.merge_cells(start_row=4, end_row=5, start_column=place, end_column=place)
    preview = desk.back(edit.save())
    assert said(preview, "2026-002") == {"responsible_unit": "经开区"}


def test_the_years_tax_codes_and_findings_stand_beside_the_cases(desk):
    with desk.ledger.write() as session:
        for year, tax in ((2025, 3.5), (2024, 2.25)):
            of = run(session, f"r{year}", date(year + 1, 2, 28))
            of.year = year
            found(session, of, "P1", "low_efficiency", tax_wan_per_mu=tax, score=0.5, rank=2,
                  cohort_size=20)  # fmt: skip
        of = run(session, "idle", date(2026, 2, 28))
        found(session, of, "P5", "idle", finding="not_started", base_on="2024-06-01",
              one_year_on="2025-06-01", fee_wan_e6=12500000, contract_no="C-1")  # fmt: skip
    edit = Edit(desk.export())
    assert edit.get("2026-001", "上年度亩均税收（万元/亩）") == 3.5
    assert edit.get("2026-001", "上上年度亩均税收（万元/亩）") == 2.25
    assert "第 2 名/共 20 家" in edit.get("2026-001", "最近识别情况")
    idle = edit.book["闲置台账"]
    heads = {cell.value: cell.column for cell in idle[HEAD]}
    assert idle.cell(4, heads["台账编号"]).value == "2026-005"
    assert idle.cell(4, heads["闲置费测算（万元）"]).value == 12.5
    assert idle.cell(4, heads["满一年日"]).value.date() == date(2025, 6, 1)
    assert desk.back(edit.path).rows == []


def test_codes_stand_below_each_other_and_come_back_unchanged(desk):
    from landuse.ledger.models import Finding

    with desk.ledger.write() as session:
        found(session, run(session), "P1", "low_efficiency")
        session.query(Finding).one().enterprises_json = [
            {"uscc": "911100006000373410", "name": "甲", "area_mu_e4": 2},
            {"uscc": "91350582MA0000001X", "name": "乙", "area_mu_e4": 1},
        ]
    edit = Edit(desk.export())
    assert edit.get("2026-001", "统一社会信用代码") == "911100006000373410、\n91350582MA0000001X"
    preview = desk.back(edit.path)
    assert (preview.rows, preview.unchanged) == ([], 5)
    edit.put("2026-001", 统一社会信用代码="911100006000373410")
    assert notes(desk.back(edit.save())) == ["computed_changed"]


def test_what_is_due_names_its_paper_and_what_a_contract_lacks_is_asked(desk):
    with desk.ledger.write() as session:
        of = run(session)
        found(session, of, "P5", "idle", finding="not_started", missing="cause; delivered_on")
        case = cases.find_case(session, "2026-005")
        for kind, name in (("investigation_notice", "调查1号"), ("other", "催告函")):
            paper = papers.Paper(name, kind, deadline=date(2026, 4, 1))
            papers.record(session, case, paper, by="王工", at=NOW)
    book = Edit(desk.export()).book
    due = {row[3].value for row in book["临近时限"].iter_rows(min_row=4)}
    assert {"用地单位应提供说明材料（调查1号）", "文书期限（催告函）"} <= due
    sheet = book["闲置台账"]
    idle = {head.value: cell.value for head, cell in zip(sheet[3], sheet[4], strict=True)}
    assert idle["建议处置"] == "待查明补填：闲置原因；实际交地日期"
    assert idle["文书进度"] == "闲置土地调查通知书；催告函"


def test_the_year_before_is_what_the_only_run_knows_of_it(desk):
    with desk.ledger.write() as session:
        of = run(session, "r2025", date(2026, 2, 28))
        of.year = 2025
        found(session, of, "P1", "low_efficiency", tax_wan_per_mu=3.5, last_year_tax_wan_per_mu=4.75,
              score=0.5, rank=2, cohort_size=20)  # fmt: skip
    edit = Edit(desk.export())
    assert edit.get("2026-001", "上年度亩均税收（万元/亩）") == 3.5
    assert edit.get("2026-001", "上上年度亩均税收（万元/亩）") == 4.75


def test_a_new_case_takes_the_outline_that_a_run_found(desk):
    import shapely

    from landuse.ledger.models import Finding

    shape = shapely.set_srid(shapely.box(0, 0, 10, 10), 4549)
    with desk.ledger.write() as session:
        of = run(session)
        found(session, of, "P9", "low_efficiency")
        session.flush()
        row = session.query(Finding).filter_by(parcel_id="P9").one()
        row.geometry = shape
    edit = Edit(desk.export())
    edit.set(edit.next_row, {"宗地代码": "P9", AREA: 3, "低效/闲置类型": "低效"})
    desk.hand_in(edit.save())
    with desk.ledger.read() as session:
        case = find_case(session, "2026-006")
        assert case.parcels[0].geometry.equals(shape)


def test_many_cases_are_told_apart(desk):
    """Two hundred more cases, every second edited."""
    with desk.ledger.write() as session:
        for n in range(200):
            opened(session, f"Q{n:03d}", "1")
    edit = Edit(desk.export())
    for n in range(6, 206, 2):
        edit.put(f"2026-{n:03d}", 进展=f"第{n}件")
    applied = desk.hand_in(edit.save())
    assert applied.changed == 100
    assert desk.case("2026-204").progress == "第204件"
    assert desk.case("2026-205").progress == ""
    assert desk.faults() == []


def test_the_same_ledger_gives_the_same_bytes(desk):
    assert desk.export().read_bytes() == desk.export().read_bytes()


def test_openpyxl_reads_what_the_ledger_holds(desk):
    sheet = openpyxl.load_workbook(desk.export())[MAIN]
    heads = {cell.value: cell.column for cell in sheet[HEAD]}
    areas = [sheet.cell(row, heads[AREA]).value for row in range(4, 9)]
    assert areas == [10, 20.1234, 30, 40, 50]
    assert sheet.cell(5, heads["企业"]).value == "=1+1"
    assert sheet.cell(5, heads["企业"]).data_type == "s"

"""The ledger that an office already keeps, taken over."""

from __future__ import annotations

from datetime import date, timedelta

import openpyxl
import pytest
from book_desk import fates
from case_life import NOW, mu, opened, run
from case_life import found as finding

from landuse.errors import UserError
from landuse.ledger.models import Case, Finding
from landuse.ledger.totals import totals
from landuse.ledger.verify import verify
from landuse.pipeline.ledger_book_import import apply_import
from landuse.pipeline.ledger_book_new import preview_office

# ruff: noqa: E501 - rows of a table are read as rows
HEADS = ["序号", "编号", "宗地编号", "企业名称", "统一社会信用代码", "占地面积（亩）", "类型", "处置措施",
         "状态", "已盘活面积", "剩余面积", "责任单位", "包保领导", "完成时限", "工作进展", "验收时间",
         "领导批示"]  # fmt: skip
ROWS = [
    [1, "低-1", "P1", "甲公司", "91350582MA0000001X", 41, "低效用地", "协议收回", "处置中", 10, 31,
     "管委会", "张三", "2026年底", "谈判", None, "抓紧"],
    [2, "低-2", "P2", "乙公司", None, "30.5", "低效", "司法拍卖", "已销号", 30.5, 0, "管委会", "李四",
     "2025-12-31", None, "2025年12月1日", None],
    [3, None, "P3、P4", "丙公司", None, 20, "闲置土地", None, "正在谈判", None, 20, "管委会", "李四",
     None, None, None, None],
]  # fmt: skip


@pytest.fixture
def office(tmp_path):
    def write(rows=ROWS, heads=HEADS, unit="单位：亩"):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "2026年台账"
        sheet.append(["某县低效闲置用地处置台账"])
        sheet.append(["填报单位：资规局", None, None, None, None, unit])
        sheet.append(heads)
        for row in rows:
            sheet.append(row)
        sheet.append(["合计", None, None, None, None, 91.5])
        sheet.append(["填表人：王某"])
        path = tmp_path / "老台账.xlsx"
        book.save(path)
        return path

    return write


@pytest.fixture
def look(ledger):
    def preview(path, **more):
        return preview_office(ledger, path, by="赵六", at=NOW, **more)

    return preview


def test_headings_and_words_are_recognised_and_shown(look, office):
    found = look(office()).office
    assert found.headings["parcels"] == "宗地编号"
    assert found.headings["part_mu_e4"] == "已盘活面积"
    assert found.kept == ("序号", "编号", "领导批示")
    named = [head for head in HEADS if head not in found.kept]
    assert list(found.headings.values()) == named  # in the order of the file
    assert found.dropped == 2
    words = {(word.group, word.word): (word.code, word.count) for word in found.words}
    assert words["way", "协议收回"] == ("buy_back", 1)
    assert words["state", "已销号"] == ("closed", 1)
    assert words["kind", "闲置土地"] == ("idle", 1)
    assert [(word.group, word.word) for word in found.unknown] == [("state", "正在谈判")]


def test_an_unknown_word_is_asked_and_its_rows_wait(look, office, ledger):
    preview = look(office())
    assert fates(preview) == {"P1": "new", "P2": "new", "": "illegal"}
    assert preview.refused[0].issues[0].code == "ledger_book.word_unknown"
    assert preview.refused[0].places == (("2026年台账", 6),)
    with pytest.raises(UserError):
        apply_import(ledger, preview)
    with ledger.read() as session:
        assert session.query(Case).count() == 0


def test_cases_are_opened_after_the_preview(look, office, ledger):
    preview = look(office(), answers={"正在谈判": "制定方案"})
    assert preview.refused == []
    applied = apply_import(ledger, preview)
    assert applied.new == ["2026-001", "2026-002", "2026-003"]
    with ledger.read() as session:
        one, two, three = session.query(Case).order_by(Case.id).all()
        assert (one.state, one.deadline, one.parts[0].way) == (
            "in_disposal", date(2026, 12, 31), "buy_back",
        )  # fmt: skip
        assert one.parts[0].mu_e4 == mu("10")
        assert one.notes == "序号：1；编号：低-1；领导批示：抓紧"
        assert one.original_enterprises == "甲公司（91350582MA0000001X）"
        assert (two.state, two.accepted_on) == ("closed", date(2025, 12, 1))
        assert [row.parcel_id for row in three.parcels] == ["P3", "P4"]
        assert (three.kind, three.state) == ("idle", "planned")
        sums = totals(session)
        # 41 + 30.5 + 20 = 91.5 mu; only the auction of 30.5 is accepted
        assert (sums["cases"], sums["mu_e4"]) == (3, mu("91.5"))
        assert sums["headline"]["revitalised_mu_e4"] == mu("30.5")
        assert verify(session) == []


def test_a_word_may_be_said_to_mean_nothing(look, office):
    preview = look(office(), answers={"正在谈判": "-"})
    assert preview.refused == []
    assert preview.rows[2].changes[0].column.name == "original_enterprises"
    assert all(one.column.name != "state" for one in preview.rows[2].changes)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({5: None}, "new_incomplete"),
        ({2: None}, "new_incomplete"),
        ({5: 1.00001}, "too_many_decimals"),
        ({6: None}, "new_incomplete"),
        ({9: 50, 10: None}, "parts_exceed_case"),
        ({8: "已销号"}, "something_remains"),
        ({13: "尽快"}, "not_a_date"),
        ({7: "协议收回、司法拍卖"}, "ways_share_area"),
        ({7: "征收闲置费"}, "not_idle_case"),
    ],
)
def test_rows_that_cannot_be_cases_are_refused_one_by_one(look, office, change, code):
    row = list(ROWS[0])
    for place, value in change.items():
        row[place] = value
    preview = look(office([row, ROWS[1]]))
    assert [issue.code.partition(".")[2] for issue in preview.refused[0].issues] == [code]
    assert [row.kind for row in preview.rows] == ["illegal", "new"]


def test_a_parcel_that_has_an_open_case_is_refused(look, office, ledger):
    with ledger.write() as session:
        opened(session, "P1", "1")
    preview = look(office(ROWS[:2]))
    assert [row.kind for row in preview.rows] == ["illegal", "new"]
    assert preview.refused[0].issues[0].code == "ledger_cases.already_open"


def test_of_two_rows_with_one_parcel_the_second_is_refused(look, office):
    again = [*ROWS[:2], [*ROWS[0][:3], "丁公司", *ROWS[0][4:]]]
    preview = look(office(again))
    assert [row.kind for row in preview.rows] == ["new", "new", "illegal"]
    assert preview.refused[0].places == (("2026年台账", 6),)


def test_the_kind_may_be_given_for_all(look, office):
    heads = [head if head != "类型" else "随便" for head in HEADS]
    path = office(ROWS[:1], heads)
    assert [row.kind for row in look(path).rows] == ["illegal"]
    preview = look(path, kind="low_efficiency")
    assert [row.kind for row in preview.rows] == ["new"]


def test_an_area_without_unit_is_asked_for(look, office):
    heads = [head.replace("（亩）", "") for head in HEADS]
    path = office(ROWS[:1], heads, unit=None)
    with pytest.raises(UserError) as caught:
        look(path)
    assert {issue.code for issue in caught.value.issues} == {"ledger_book.unit_missing"}
    assert any("--area-unit" in line for line in caught.value.lines("zh"))
    preview = look(path, area_unit="mu")
    assert preview.rows[0].kind == "new"


def test_hectares_become_mu_and_square_metres_too(look, office):
    """2 ha = 30 mu; 1000 m² = 1.5 mu; 1 m² = 0.0015 mu."""
    heads = [head.replace("占地面积（亩）", "占地面积（公顷）") for head in HEADS]
    heads[heads.index("已盘活面积")] = "已盘活面积（平方米）"
    row = list(ROWS[0])
    row[5], row[9], row[10] = 2, 1001, None
    preview = look(office([row], heads))
    found = {one.column.name: one.after for one in preview.rows[0].changes}
    assert (found["case_mu_e4"], found["part_mu_e4"]) == (mu("30"), mu("1.5015"))


def test_a_remaining_area_that_does_not_fit_is_said(look, office):
    row = list(ROWS[0])
    row[10] = 30
    preview = look(office([row]))
    (note,) = [one for one in preview.rows[0].notes if one.code == "ledger_book.rest_differs"]
    assert (note.value, note.values["rest"]) == ("30", "31")


def test_without_a_column_of_states_all_begin_as_found(look, office, ledger):
    heads = [head if head != "状态" else "某列" for head in HEADS]
    preview = look(office(ROWS[:1], heads))
    assert "ledger_book.no_state_column" in {note.code for note in preview.notes}
    apply_import(ledger, preview)
    with ledger.read() as session:
        assert session.query(Case).one().state == "found"


def test_what_was_taken_over_goes_on_in_the_round_trip(look, office, ledger, tmp_path):
    from book_desk import STATE, Desk, Edit

    apply_import(ledger, look(office(ROWS[:2])))
    desk = Desk(ledger, tmp_path)
    edit = Edit(desk.export())
    edit.set("2026-001", {STATE: "待验收", "处置开始日期": "2026-01-05"})
    assert desk.hand_in(edit.save(), at=NOW + timedelta(days=1)).changed == 1
    assert desk.case("2026-001").state == "awaiting_acceptance"
    sheet = openpyxl.load_workbook(desk.export()).worksheets[0]
    heads = [cell.value for cell in sheet[3]]
    assert sheet.cell(4, heads.index("统一社会信用代码") + 1).value == "91350582MA0000001X"
    assert desk.faults() == []


def test_a_csv_is_read_too(look, tmp_path):
    path = tmp_path / "台账.csv"
    path.write_text("宗地代码,企业名称,面积(亩),类型,状态\nP1,甲,5,低效,摸排\n", encoding="gb18030")
    assert fates(look(path)) == {"P1": "new"}


@pytest.mark.parametrize(
    ("name", "code", "held", "told"),
    [
        ("甲厂", "91350582MA0000001X", "甲厂（91350582MA0000001X）", ["uscc_known"]),
        ("乙厂", " ９1350582ma0000001X", "乙厂（91350582MA0000001X）", ["uscc_named_otherwise"]),
        (None, "91350582MA0000001X", "甲厂（91350582MA0000001X）", ["uscc_known"]),
        ("丙厂", "91350582MA0000009X", "丙厂（91350582MA0000009X）", []),
        (None, "91350582MA0000009X", "91350582MA0000009X", []),
        ("丁厂（91350582MA0000001X）", "91350582MA0000001X", "丁厂（91350582MA0000001X）",
         ["uscc_named_otherwise"]),
    ],
)  # fmt: skip
def test_a_credit_code_stays_with_its_enterprise(look, office, ledger, name, code, held, told):
    with ledger.write() as session:
        finding(session, run(session), "P9")
        session.query(Finding).one().enterprises_json = [
            {"uscc": "91350582MA0000001X", "name": "甲厂"}
        ]
    row = [*ROWS[0][:3], name, code, *ROWS[0][5:]]
    preview = look(office([row]))
    assert preview.refused == []
    codes = [note.code.partition(".")[2] for note in preview.rows[0].notes]
    assert [one for one in codes if one.startswith("uscc")] == told
    apply_import(ledger, preview)
    with ledger.read() as session:
        assert session.query(Case).one().original_enterprises == held


def test_our_own_computed_columns_are_not_kept_as_notes(look, office):
    heads = [*HEADS, "最近识别情况", "上年度亩均税收（万元/亩）"]
    row = [*ROWS[0], "基准日……", 3.1]
    assert look(office([row], heads)).office.kept == ("序号", "编号", "领导批示")

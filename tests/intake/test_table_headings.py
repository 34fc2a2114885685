"""Which of the user's columns is which of ours, and in what unit."""

# ruff: noqa: PD011 - the values of an issue are no frame
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landuse.errors import UserError
from landuse.intake.columns import Vocabulary, recognise, unit_for
from landuse.intake.project import ColumnRef
from landuse.intake.raw import Raw
from landuse.issues import IssueLog
from landuse.schema.headings import fold, known, split_unit, unit_named
from landuse.units import UNITS


def raw(*headings, table="enterprises", unit_line=()):
    frame = pd.DataFrame([[None] * len(headings)], columns=list(headings), dtype=object)
    place = np.array(["a.xlsx"], dtype=object)
    return Raw(table, frame, place, np.array([""], object), np.array([2]), unit_line=unit_line)


def found(*headings, table="enterprises", declared=None, needed=(), unit_line=(), **more):
    columns = {name: ColumnRef(**ref) for name, ref in (declared or {}).items()}
    words = Vocabulary.of(table, columns, **more)
    return recognise(raw(*headings, table=table, unit_line=unit_line), words, needed=needed)


def faults(*headings, **more):
    with pytest.raises(UserError) as caught:
        found(*headings, **more)
    return caught.value.issues


@pytest.mark.parametrize(
    ("heading", "name", "table"),
    [
        ("DKBM", "parcel_id", "parcels"),
        ("ZDDM", "parcel_id", "parcels"),
        ("宗 地 代 码", "parcel_id", "parcels"),
        ("ｄｋｂｍ", "parcel_id", "parcels"),
        ("TDSYQR", "holder", "parcels"),
        ("YDDW", "holder", "parcels"),
        ("TDMJ", "registered_area", "parcels"),
        ("DJMJ", "registered_area", "parcels"),
        ("土地面积（公顷）", "registered_area", "parcels"),
        ("DKJZDJ", "benchmark_price_yuan_per_m2", "parcels"),
        ("HYDM", "industry_code", "enterprises"),
        ("所属行业", "industry_code", "enterprises"),
        ("工业总产值（现价）", "", "enterprises"),
        ("税收(含免抵)", "", "enterprises"),
        ("实缴税金/万元", "tax", "enterprises"),
        ("综合能耗(吨标准煤)", "energy_tce", "enterprises"),
        ("约定开工时间", "agreed_start", "supply"),
        ("Agreed start time", "agreed_start", "supply"),
        ("确认", "confirmed", "confirmed_links"),
    ],
)
def test_known_headings(heading, name, table):
    assert Vocabulary.of(table, {}).knows(heading) == name


def test_no_heading_means_two_things_in_one_table():
    from landuse.schema.headings import _rows

    seen: dict[tuple[str, str], str] = {}
    for row in _rows("headings.csv"):
        key = (row["table"], fold(row["heading"]))
        assert seen.setdefault(key, row["name"]) == row["name"], key
    assert {table for table, _ in seen} >= {"parcels", "enterprises", "occupancy", "supply"}


def test_every_unit_name_is_a_unit_of_the_program():
    from landuse.schema.headings import _rows

    prices = {"yuan/m2", "yuan/mu", "wan/mu", "wan/ha"}
    assert {row["unit"] for row in _rows("unit_names.csv")} <= set(UNITS) | prices
    assert all(unit_named(code) == code for code in UNITS if code != "1")


def test_every_known_name_has_a_chinese_and_an_english_heading():
    assert known("enterprises")[fold("税收")].name == "tax"
    assert split_unit("税收：万元") == ("税收", "wan")


def test_a_weak_heading_gives_way_to_a_proper_one():
    columns = found("面积", "登记面积", "宗地代码", table="parcels")
    assert columns.theirs["registered_area"] == "登记面积"
    assert columns.unread == ("面积",)
    assert found("面积", "宗地代码", table="parcels").theirs["registered_area"] == "面积"


def test_two_proper_headings_are_never_chosen_between():
    (issue,) = faults("税收", "实缴税金", "统一社会信用代码")
    assert issue.code == "intake_tables.ambiguous_heading"
    assert issue.values["headings"] == "税收, 实缴税金"
    columns = found("税收", "实缴税金", declared={"tax": {"from": "实缴税金"}})
    assert columns.theirs["tax"] == "实缴税金"
    assert columns.unread == ("税收",)


def test_a_mapped_heading_that_is_not_there_names_the_nearest():
    (issue,) = faults("统一社会信用代码", "实缴税金(万元)", declared={"tax": {"from": "实缴税额"}})
    assert issue.code == "intake_tables.mapped_heading_absent"
    assert "实缴税金(万元)" in issue.values["nearest"]


def test_a_needed_column_that_is_absent():
    (issue,) = faults("税收", needed=("uscc",))
    assert issue.code == "intake_tables.needed_column"


def test_all_faults_come_together():
    issues = faults("税收", "实缴税金", declared={"name": {"from": "无此列"}}, needed=("uscc",))
    assert {issue.code.split(".")[1] for issue in issues} == {
        "ambiguous_heading", "mapped_heading_absent", "needed_column",
    }  # fmt: skip


def test_years_in_headings_make_columns_of_years():
    headings = ("2023年税收(万元)", "2024 | 税收(万元)", "CZ2025", "产值（2024年）")
    columns = found(*headings, yearly=("tax", "output"))
    assert columns.by_year["tax"] == {2023: headings[0], 2024: headings[1]}
    assert columns.by_year["output"] == {2025: "CZ2025", 2024: "产值（2024年）"}
    assert "tax" not in columns.theirs
    assert columns.units["tax"] == "wan"


def test_a_declared_name_covers_its_years():
    columns = found("2024缴款", "2025缴款", declared={"tax": {"from": "缴款"}}, yearly=("tax",))
    assert columns.by_year["tax"] == {2024: "2024缴款", 2025: "2025缴款"}


def test_units_that_differ_over_the_years_are_a_fault():
    for second in ("2024年税收(元)", "2024年税收"):
        (issue,) = faults("2023年税收(万元)", second, yearly=("tax",))
        assert issue.code == "intake_tables.units_differ"


def unit(*headings, unit_line=(), name="tax", target="wan", **more):
    table = raw(*headings, unit_line=unit_line)
    columns = recognise(table, Vocabulary.of("enterprises", {}))
    log = IssueLog()
    given = {"declared": None, **more}
    code = unit_for(table, columns, name, target, log=log, **given)
    return code, [issue.code.split(".")[1] for issue in log]


def test_the_unit_comes_from_the_heading_else_from_the_unit_line():
    assert unit("税收(元)") == ("yuan", [])
    assert unit("税收", unit_line=("wan", "mu")) == ("wan", [])
    assert unit("税收(元)", unit_line=("wan",)) == ("yuan", [])


def test_a_declared_unit_that_the_heading_contradicts_is_an_error():
    assert unit("税收(元)", general="wan")[1] == ["unit_contradicts"]
    assert unit("税收", unit_line=("yuan",), declared="wan")[1] == ["unit_contradicts"]
    assert unit("税收(万元)", general="wan") == ("wan", [])
    assert unit("税收(元)", declared="yuan", general="wan") == ("yuan", [])


def test_money_without_a_unit_is_never_guessed():
    assert unit("税收")[1] == ["unit_missing"]
    assert unit("税收", general="m2")[1] == ["unit_missing"]
    assert unit("税收", unit_line=("yuan", "wan"))[1] == ["unit_missing"]
    assert unit("税收", default="wan") == ("wan", [])


def test_a_unit_of_another_kind():
    assert unit("税收(亩)")[1] == ["unit_of_another_kind"]


def test_a_column_by_our_name_or_by_theirs():
    columns = found("统一社会信用代码", "税收(万元)")
    assert (
        columns.name_of("tax") == columns.name_of("税收") == columns.name_of("税收(万元)") == "tax"
    )
    assert columns.name_of("利润") == ""


def test_a_declared_heading_as_it_is_written_wins_over_its_twin_in_other_case():
    both = ("统一社会信用代码", "税收", "AssessTot", "assesstot")
    columns = found(*both, declared={"output": {"from_": "assesstot"}})
    assert columns.heading("output") == "assesstot"
    columns = found(*both, declared={"output": {"from_": "AssessTot"}})
    assert columns.heading("output") == "AssessTot"
    (issue,) = faults(*both, declared={"output": {"from_": "ASSESSTOT"}})
    assert issue.code == "intake_tables.ambiguous_heading"
    assert issue.values["headings"] == "AssessTot, assesstot"

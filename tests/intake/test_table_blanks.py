"""A blank is missing, never zero, unless the project says that it means none."""

# ruff: noqa: PD011 - the values of an issue are no frame
from __future__ import annotations

import pandas as pd
import pytest
from table_files import book, codes, project, rules_of

from landuse.errors import UserError
from landuse.intake.corrections import Corrections
from landuse.intake.enterprises import read_enterprises
from landuse.issues import IssueLog

A, B, C = "91350582MA00000015", "91350582MA00000028", "91350582MA0000003B"
HEAD = ["统一社会信用代码", "企业名称", "用电量(万千瓦时)", "烧煤"]
TEXT = '[enterprises]\npath = "a.xlsx"\nenergy_basis = "calorific"\n'
COAL = '[enterprises.columns]\ncoal = {{from = "烧煤", unit = "t"{}}}\n'


def read(folder, text):
    found = project(folder, text)
    log = IssueLog()
    return read_enterprises(found, rules_of(found), Corrections(year=2025), log, crs=""), log


def energies(reading):
    found = reading.figures.set_index("uscc")["energy_tce_micro"]
    return {uscc: None if pd.isna(value) else int(value) for uscc, value in found.items()}


def test_an_energy_that_is_left_blank_makes_the_whole_missing(tmp_path):
    # A uses no coal and says so, B leaves it blank, C says nothing of any energy
    rows = [HEAD, [A, "甲", 2, 0], [B, "乙", 2, None], [C, "丙", None, "—"]]
    book(tmp_path / "a.xlsx", rows)
    reading, log = read(tmp_path, TEXT + COAL.format(""))
    # 20 000 kWh × 0.1229 kgce = 2.458 tce
    assert energies(reading) == {A: 2_458_000, B: None, C: None}
    (issue,) = list(log)
    assert (issue.code, issue.key, issue.row, issue.column) == (
        "intake_tables.energy_blank", B, 3, "烧煤"
    )  # fmt: skip
    assert "“烧煤”空白" in issue.message("zh")
    assert 'coal = {from = "烧煤", unit = "t", blank = "zero"}' in issue.hint("zh")


def test_the_project_may_declare_that_a_blank_means_none(tmp_path):
    rows = [HEAD, [A, "甲", 2, 1], [B, "乙", 2, None], [C, "丙", None, 1]]
    book(tmp_path / "a.xlsx", rows)
    reading, log = read(tmp_path, TEXT + COAL.format(', blank = "zero"'))
    # A: 2.458 + 1 t × 0.7143 = 3.1723 tce; of C the electricity is not known
    assert energies(reading) == {A: 3_172_300, B: 2_458_000, C: None}
    assert [(issue.key, issue.column) for issue in log] == [(C, "用电量(万千瓦时)")]
    assert 'electricity = {from = "用电量(万千瓦时)", unit = "10000kWh"' in next(iter(log)).hint(
        "en"
    )


@pytest.mark.parametrize(("blank", "expected"), [("", None), (', blank = "zero"', 2_458_000)])
def test_who_is_not_in_the_table_of_a_fuel_is_blank_too(tmp_path, blank, expected):
    book(tmp_path / "a.xlsx", [HEAD[:3], [A, "甲", 2], [B, "乙", 2]])
    book(tmp_path / "b.xlsx", [["统一社会信用代码", "烧煤"], [A, 1]])
    text = TEXT + '[[enterprises.tables]]\npath = "b.xlsx"\n'
    reading, log = read(tmp_path, text + COAL.format(blank).replace("s.c", "s.tables.c"))
    assert energies(reading) == {A: 3_172_300, B: expected}
    told = ["absent_in_table", *(["energy_blank"] if expected is None else [])]
    assert sorted(codes(log)) == told


def test_a_stated_energy_needs_no_parts(tmp_path):
    book(tmp_path / "a.xlsx", [[*HEAD, "综合能耗"], [A, "甲", 2, None, 7]])
    reading, log = read(tmp_path, TEXT + COAL.format(""))
    assert energies(reading) == {A: 7_000_000}
    assert len(log) == 0


@pytest.mark.parametrize(
    ("rule", "blank", "expected", "code"),
    [
        ("sum", "", None, "combined_blank_sum"),
        ("mean", "", 3_000_000, "combined_blank_some"),
        ("max", "", 3_000_000, "combined_blank_some"),
        ("sum", ', blank = "zero"', 3_000_000, ""),
        ("mean", ', blank = "zero"', 1_500_000, ""),
    ],
)
def test_a_blank_among_rows_that_are_combined(tmp_path, rule, blank, expected, code):
    rows = [["统一社会信用代码", "缴税"], [A, 3], [A, None], [B, None], [B, None], [C, 1]]
    text = f'[enterprises]\npath = "a.xlsx"\nduplicates = {{tax = "{rule}"}}\n'
    text += f'[enterprises.columns]\ntax = {{from = "缴税", unit = "wan"{blank}}}\n'
    for order in (rows, [rows[0], *rows[:0:-1]]):
        book(tmp_path / "a.xlsx", order)
        reading, log = read(tmp_path, text)
        tax = reading.figures.set_index("uscc")["tax_wan_micro"]
        assert (None if pd.isna(tax[A]) else tax[A]) == expected
        assert pd.isna(tax[B]) != bool(blank)
        # B states nothing in either row: there is nothing to combine and nothing to tell
        told = [issue for issue in log if "blank" in issue.code]
        assert [issue.code for issue in told] == ([f"intake_tables.{code}"] if code else [])
        for issue in told:
            assert (issue.key, issue.column) == (A, "缴税")
            assert "缴税" in issue.message("zh")
            assert issue.hint("en")


@pytest.mark.parametrize(
    ("table", "name", "code"),
    [
        ("enterprises", "coal", ""),
        ("enterprises", "tax", ""),
        ("enterprises", "name", "no_blank_here"),
        ("parcels", "registered_area", "no_blank_here"),
    ],
)
def test_only_figures_may_be_zero_where_they_are_blank(tmp_path, table, name, code):
    text = f'[{table}.columns]\n{name} = {{from = "x", blank = "zero"}}\n'
    if not code:
        assert project(tmp_path, TEXT + text).enterprises.columns[name].blank == "zero"
        return
    with pytest.raises(UserError) as caught:
        project(tmp_path, TEXT + text)
    (issue,) = caught.value.issues
    assert issue.code == f"project.{code}"
    assert name in issue.message("zh")
    assert "tax" in issue.hint("en") or table == "parcels"


def test_another_word_for_a_blank_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        project(tmp_path, TEXT + '[enterprises.columns]\ncoal = {from = "x", blank = "null"}\n')
    assert caught.value.issues[0].values["where"] == "enterprises.columns.coal.blank"

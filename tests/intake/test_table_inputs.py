"""All inputs of the shipped sample, and of real files, through the one door."""

# ruff: noqa: PD011 - the values of an issue are no frame
from __future__ import annotations

import datetime as dt
import shutil
import tomllib

import pandas as pd
import pytest
from table_files import codes, project, rules_of

from landuse.errors import UserError
from landuse.intake import read_inputs
from landuse.intake.corrections import Corrections
from landuse.intake.enterprises import read_enterprises
from landuse.intake.project import load_project
from landuse.intake.supply import read_supply
from landuse.issues import IssueLog
from landuse.messages import text
from landuse.rules import load
from landuse.schema import tables


@pytest.fixture(scope="module")
def county(sample):
    if not (sample / "project.toml").exists():
        pytest.skip("the sample is not made yet")
    found = load_project(sample / "project.toml")
    rules = load(found.rules.pack, as_of=dt.date(2026, 6, 30), override=found.rules.override)
    log, seen = IssueLog(), []
    inputs = read_inputs(found, rules, log, seen.append)
    planted = tomllib.loads((sample / "planted.toml").read_text(encoding="utf-8"))["trouble"]
    return inputs, log, seen, planted


def test_every_table_is_as_promised_and_every_row_is_accounted_for(county):
    inputs, _, seen, _ = county
    assert seen[:2] == ["parcels", "price_zones"]
    for table, frame in (
        (tables.PARCELS, inputs.parcels),
        (tables.ENTERPRISES, inputs.enterprises),
        (tables.FIGURES, inputs.figures),
        (tables.OCCUPANCY, inputs.occupancy),
        (tables.SUPPLY, inputs.supply),
        (tables.ZONES, inputs.price_zones),
        (tables.PARKS, inputs.parks),
        (tables.EXEMPTIONS, inputs.exemptions),
        (tables.CONFIRMED, inputs.confirmed_links),
        (tables.SET_ASIDE, inputs.set_aside),
        (tables.SOURCES, inputs.sources),
        (tables.LOST_PARCELS, inputs.lost_parcels),
    ):
        table.check(frame)
    counts = inputs.counts
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    assert counts["set_aside"].sum() == len(inputs.set_aside)
    assert {file.path for file in inputs.files} >= set(counts["file"])
    assert inputs.years == (2023, 2024, 2025)
    assert inputs.crs == "EPSG:4549"


def test_every_planted_trouble_of_the_tables_is_found(county):
    inputs, log, _, planted = county
    told = {(issue.code.split(".")[1], issue.key or issue.file) for issue in log}
    aside = {(row.source_file, row.source_row) for row in inputs.set_aside.itertuples()}
    expected = {
        "outlier": "outlier",
        "repeated_row": "repeated_key",
        "repeated_row_registry": "repeated_key",
        "wrong_check_character": "uscc_check",
        "unknown_industry": "industry_unknown",
        "firm_not_in_table": "absent_in_table",
    }
    for trouble in planted:
        code = expected.get(trouble["kind"])
        if code:
            assert (code, trouble["key"]) in told, trouble
        if trouble["kind"] in {"scientific_notation", "code_as_number"}:
            assert (trouble["file"], trouble["row"]) in aside, trouble
        if trouble["kind"] == "total_does_not_fit":
            assert ("total_differs", "energy.xlsx") in told
        if trouble["kind"] == "hidden_row":
            rows = [f.values["value"] for f in inputs.facts if f.code.endswith("hidden_rows")]
            assert str(trouble["row"]) in rows


def test_figures_agree_with_a_plain_reading_of_the_workbook(county, sample):
    inputs, _, _, _ = county
    plain = pd.read_excel(sample / "tax.xlsx", header=2, dtype=object, engine="openpyxl")
    plain = plain[plain["纳税人识别号"].notna()]
    figures = inputs.figures.set_index(["uscc", "year"])["tax_wan_micro"]
    compared = 0
    for uscc, year, tax in zip(
        plain["纳税人识别号"], plain["年度"], plain["入库税收(元)"], strict=True
    ):
        key = (str(uscc).strip(), year)
        if isinstance(tax, float | int) and key in figures.index and tax == tax:
            value = figures[key]
            if not pd.isna(value):
                assert abs(value - tax * 100) <= 0.5 + 1e-6  # yuan → 10⁻⁶ wan
                compared += 1
    assert compared > 1000


def test_facts_and_issues_can_be_said_in_both_languages(county):
    inputs, log, _, _ = county
    for fact in inputs.facts:
        assert text(fact.code, "zh", **fact.values)
        assert text(fact.code, "en", **fact.values)
    for issue in log:
        assert issue.message("zh")
        assert issue.hint("en") is not None


def test_structural_faults_of_several_tables_come_together(sample, tmp_path):
    folder = tmp_path / "含 空格"
    shutil.copytree(sample, folder, ignore=shutil.ignore_patterns("generator", "runs"))
    if not (folder / "project.toml").exists():
        pytest.skip("the sample is not made yet")
    (folder / "occupancy.xlsx").write_bytes(b"<html>")
    (folder / "exemptions.xlsx").write_bytes(b"")
    found = load_project(folder / "project.toml")
    rules = load(found.rules.pack, as_of=dt.date(2026, 6, 30))
    with pytest.raises(UserError) as caught:
        read_inputs(found, rules, IssueLog())
    assert {issue.code for issue in caught.value.issues} == {
        "intake_tables.html",
        "intake_tables.empty_file",
    }


def test_real_supply_of_a_province(shared_data, tmp_path):
    path = shared_data("china_land_supply", "supply_3677.xlsx")
    shutil.copy(path, tmp_path / "s.xlsx")
    text_ = (
        '[supply]\npath = "s.xlsx"\nmoney_unit = "wan"\n[supply.columns]\ncontract_no = "序号"\n'
    )
    found = project(tmp_path, text_ + 'parcel_id = "项目名称"\n', head='id_scheme = "free"')
    log = IssueLog()
    reading = read_supply(found, Corrections(), log)
    assert reading.counts.iloc[0]["read"] == 3677
    assert reading.counts.iloc[0]["used"] + reading.counts.iloc[0]["set_aside"] == 3677
    plain = pd.read_excel(path, dtype=str, engine="openpyxl")["约定开工时间"]
    stated = reading.frame["source_row"].map(lambda row: plain.iloc[row - 2])
    given = stated[stated.notna() & (stated.str.len() == 11)]
    days = pd.to_datetime(given, format="%Y年%m月%d日")
    assert len(days) > 2500
    assert (reading.frame.loc[days.index, "agreed_start"] == days).all()
    assert reading.frame.loc[stated.isna(), "agreed_start"].isna().all()
    assert "area" in reading.has
    assert "not_a_date" not in codes(log)


def test_real_supply_with_english_headings(shared_data, tmp_path):
    path = shared_data("china_land_supply", "supply_189.xlsx")
    shutil.copy(path, tmp_path / "s.xlsx")
    found = project(tmp_path, '[supply]\npath = "s.xlsx"\n', head='id_scheme = "free"')
    log = IssueLog()
    reading = read_supply(found, Corrections(), log)
    assert reading.counts.iloc[0].tolist()[2] == 189
    assert {"contract_no", "area", "price", "agreed_delivery"} <= reading.has
    # the first row: 284.5022 ten thousand yuan, delivered by 27 June 2019
    row = reading.frame.set_index("contract_no").loc["1101002019B01585"]
    assert row["price_wan_micro"] == 284_502_200
    assert "unit_missing" not in codes(log)


PACK_COLUMNS = """
[enterprises]
path = "energy_by_lot.csv"
energy_basis = "calorific"
money_unit = "yuan"
{duplicates}
[enterprises.columns]
uscc = "BBL"
tax = "AssessLand"
land_use = "LandUse"
heat = {{from = "Weather Normalized Site Energy Use (kBtu)", unit = "kBtu"}}
"""


@pytest.mark.parametrize("duplicates", ["", 'duplicates = {tax = "max", heat = "sum"}'])
def test_real_energy_with_repeated_keys(shared_data, tmp_path, duplicates):
    path = shared_data("nyc_energy", "energy_by_lot.csv")
    shutil.copy(path, tmp_path / path.name)
    text_ = PACK_COLUMNS.format(duplicates=duplicates)
    override = '[rules.override]\ncohort_by = ["land_use"]\n'
    found = project(tmp_path, text_, head='id_scheme = "free"', rules=override)
    log = IssueLog()
    reading = read_enterprises(found, rules_of(found), Corrections(year=2025), log, crs="")
    plain = pd.read_csv(path, dtype={"BBL": str})
    repeats = plain["BBL"].value_counts()
    counts = reading.counts.iloc[0]
    assert counts["read"] == len(plain) == 8711
    assert (repeats > 1).sum() == 468
    assert reading.figures["uscc"].is_unique
    if duplicates:
        assert counts["used"] == 8711
        assert len(reading.figures) == len(repeats)
        heat = pd.to_numeric(plain["Weather Normalized Site Energy Use (kBtu)"])
        sums = heat.groupby(plain["BBL"]).sum(min_count=1)
        ours = reading.figures.set_index("uscc")["energy_tce_micro"]
        scale = 1.05505585262 * 0.03412 / 1000
        gap = (ours.astype(float) / 1e6 - sums.reindex(ours.index) * scale).abs()
        assert gap.max() < 1
    else:
        assert counts["set_aside"] == repeats[repeats > 1].sum()
        told = {issue.key for issue in log if issue.code.endswith("repeated_key")}
        assert told == set(repeats[repeats > 1].index)
    # the value of 10 billion kBtu stands in one of two rows of its lot
    code = "outlier_combined" if duplicates else "outlier_set_aside"
    (far,) = [issue for issue in log if issue.code == f"intake_tables.{code}"]
    assert (far.key, far.values["title_en"]) == ("1013640022", "energy")

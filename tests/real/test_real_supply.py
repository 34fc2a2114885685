"""Land supply results of China, real worksheets, beside vacant industrial land of Philadelphia."""

# ruff: noqa: PD011 - the values of a fact are no frame

from __future__ import annotations

import datetime as dt
import re
import shutil
import unicodedata
from collections import Counter

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from real_batch import batch, write

PROJECT = """[project]
name = "Philadelphia"
year = 2025
as_of = 2018-06-30
id_scheme = "free"
[parcels]
path = "industrial_vacant_land.gpkg"
[parcels.columns]
parcel_id = "opa_id"
uscc = "opa_id"
township = "council_district"
[supply]
path = "{book}"
{more}
[enterprises]
path = "firms.csv"
[enterprises.columns]
uscc = "opa_id"
zone = "zoning_base_district"
perimeter = "feet"
[rules]
pack = "{{pack}}/zones.toml"
[rules.override]
coefficient = "none"
"""
BIG = 'money_unit = "wan"\n[supply.columns]\ncontract_no = "项目名称"\nparcel_id = "土地坐落"'
DATES = {
    "agreed_delivery": ("约定交地时间", "Agreed land delivery time"),
    "agreed_start": ("约定开工时间", "Agreed start time"),
    "agreed_completion": ("约定竣工时间", "Agreed completion time"),
}


@pytest.fixture(scope="module")
def folder(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("供地")
    for name in ("supply_3677.xlsx", "supply_189.xlsx"):
        shutil.copy(shared_data("china_land_supply", name), folder)
    land = shared_data("philadelphia_vacant", "industrial_vacant_land.gpkg")
    shutil.copy(land, folder)
    lots = gpd.read_file(land)
    firms = lots[lots["opa_id"].notna()].assign(feet=lots.length.round(3))[::10]
    firms[["opa_id", "zoning_base_district", "feet"]].to_csv(folder / "firms.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def province(folder):
    text = PROJECT.format(book="supply_3677.xlsx", more=BIG)
    return batch(write(folder, text, "province.toml"))


@pytest.fixture(scope="module")
def capital(folder):
    text = PROJECT.format(book="supply_189.xlsx", more="")
    return batch(write(folder, text, "capital.toml"))


def rows_of(path):
    """The worksheet by openpyxl alone: heading → cell for each row, by Excel's row number."""
    sheet = openpyxl.load_workbook(path).active
    heading, *rows = sheet.iter_rows(values_only=True)
    return {
        number: dict(zip(heading, row, strict=True)) for number, row in enumerate(rows, start=2)
    }


def words(cell):
    text = " ".join(unicodedata.normalize("NFKC", str(cell or "")).split())
    return "" if text == "-" else text


def day(cell):
    found = re.fullmatch(r"(\d{4})年(\d\d)月(\d\d)日", str(cell))
    return dt.date(*map(int, found.groups())) if found else None


def expected_keys(rows):
    """Rows without a project, rows that say the same project and place again, and the others."""
    pairs = {n: (words(row["项目名称"]), words(row["土地坐落"])) for n, row in rows.items()}
    no_key = {n for n, pair in pairs.items() if not pair[0]}
    times = Counter(pair for n, pair in pairs.items() if n not in no_key)
    again = {n for n, pair in pairs.items() if n not in no_key and times[pair] > 1}
    return no_key, again, set(pairs) - no_key - again


def test_every_row_of_the_province_is_used_or_set_aside(province, folder):
    no_key, again, used = expected_keys(rows_of(folder / "supply_3677.xlsx"))
    assert province.counts["supply_3677.xlsx"] == (3677, len(used), len(no_key) + len(again))
    # 94 blanks and two dashes
    assert (len(no_key), len(again)) == (96, 408)
    supply = province.computed.inputs.supply
    assert set(supply["source_row"]) == used
    assert {issue.row for issue in province.issues("no_key") if issue.table == "supply"} == no_key
    assert {issue.row for issue in province.issues("repeated_contract")} == again


def test_areas_prices_and_dates_of_the_province(province, folder):
    rows = rows_of(folder / "supply_3677.xlsx")
    supply = province.computed.inputs.supply.set_index("source_row")
    mine = pd.DataFrame.from_dict({n: rows[n] for n in supply.index}, orient="index")
    hectares = mine["面积(公顷)"].astype(float)
    assert np.allclose(supply["area_m2_micro"].astype(float) / 1e6, hectares * 1e4, atol=1e-6)
    price = mine["成交价格"].astype(float)
    ours = supply["price_wan_micro"].astype(float) / 1e6
    assert (ours.isna() == price.isna()).all()  # a blank is missing
    assert np.allclose(ours.dropna(), price.dropna(), rtol=0, atol=1e-6)
    assert (ours == 0).sum() == (price == 0).sum() > 200  # a zero is a zero
    for name, (heading, _) in DATES.items():
        stated = mine[heading].map(day)
        assert stated.notna().sum() > 2000
        assert (pd.to_datetime(stated) == supply[name])[stated.notna()].all()
        assert supply.loc[stated.isna(), name].isna().all()
    assert supply["holder"].tolist() == [words(rows[n]["土地使用权人"]) for n in supply.index]


def test_the_column_that_stands_twice_stays_two(province):
    (unread,) = [
        fact for fact in province.computed.inputs.facts
        if fact.code == "intake_tables.unread" and fact.values["table"] == "supply"
    ]  # fmt: skip
    assert {"土地用途", "土地用途.1", "总面积"} <= set(str(unread.values["value"]).split(", "))


def test_the_capital_with_english_headings(capital, folder):
    rows = rows_of(folder / "supply_189.xlsx")
    assert capital.counts["supply_189.xlsx"] == (189, 189, 0)
    supply = capital.computed.inputs.supply.set_index("source_row")
    assert set(supply.index) == set(rows)
    mine = pd.DataFrame.from_dict(rows, orient="index").loc[supply.index]
    assert (supply["contract_no"] == mine["Electronic supervision number"]).all()
    hectares = mine["Area (hectare)"].astype(float)
    assert np.allclose(supply["area_m2_micro"].astype(float) / 1e6, hectares * 1e4, atol=1e-6)
    price = mine["Transaction price (ten thousand yuan)"].astype(float)
    ours = supply["price_wan_micro"].astype(float) / 1e6
    assert np.allclose(ours, price, rtol=0, atol=1e-6, equal_nan=True)
    for name, (_, heading) in DATES.items():
        stated = mine[heading].map(day)
        assert (pd.to_datetime(stated) == supply[name])[stated.notna()].all()
        assert supply.loc[stated.isna(), name].isna().all()


def test_vacant_land_as_parcels_in_feet(province, folder):
    assert province.counts["industrial_vacant_land.gpkg"] == (1071, 1068, 3)
    lots = gpd.read_file(folder / "industrial_vacant_land.gpkg")
    lots = lots[lots["opa_id"].notna()].set_index("opa_id")
    parcels = province.computed.parcels.set_index("parcel_id")
    assert set(parcels.index) == set(lots.index)
    measured = lots.make_valid().area.loc[parcels.index] * (1200 / 3937) ** 2 / (2000 / 3)
    assert np.allclose(parcels["accounting_area_mu"], measured, rtol=1e-9, atol=1e-8)
    firms = pd.read_csv(folder / "firms.csv", dtype=str)
    vacant = parcels["land_class"] == "no_enterprise"
    assert set(parcels.index[~vacant]) == set(firms["opa_id"])
    assert (parcels["township"] == lots["council_district"].loc[parcels.index]).all()

"""Urban-plan zones of Taiwan: as parcels with a declared area, and as zones that tell the grade."""

from __future__ import annotations

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from real_batch import MU, Ratio, batch, compare, ranking, sums_to_whole, write

PLANS = {"F0302": 398, "H0304": 260, "L0301": 733}
GRADES = {"零星工業區": 0.5, "乙種工業區": 1.25}
INDUSTRY = "工業區"
PROJECT = """[project]
name = "台灣都市計畫"
year = 2025
as_of = 2026-06-30
id_scheme = "free"
[parcels]
path = "{plan}.json"
area_unit = "m2"
[parcels.columns]
parcel_id = "OBJECTID"
uscc = "OBJECTID"
registered_area = "參考面"
[price_zones]
path = "{zones}"
[price_zones.columns]
grade = "使用分"
{price}
[enterprises]
path = "{plan}.csv"
[enterprises.columns]
uscc = "OBJECTID"
zone = "使用分"
perimeter = "Shape_Leng"
[rules]
pack = "{{pack}}/zones.toml"
[rules.override]
{override}
"""


@pytest.fixture(scope="module")
def folder(shared_data, tmp_path_factory):
    """The plans as they are, and a table with one row for each industrial zone of a plan."""
    folder = tmp_path_factory.mktemp("都市 計畫")
    for plan in PLANS:
        shutil.copy(shared_data("taiwan_zoning", f"{plan}.json"), folder)
        zones = gpd.read_file(folder / f"{plan}.json")
        firms = zones[zones["使用分"].isin(GRADES)] if plan != "F0302" else zones[:40]
        firms[["OBJECTID", "使用分", "Shape_Leng"]].to_csv(folder / f"{plan}.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def runs(folder):
    known = {}

    def run(plan):
        if plan not in known:
            # the industrial grades; in F0302, which has none, every grade that firms stand on
            grades = GRADES if plan != "F0302" else dict.fromkeys(plain(folder, plan)["使用分"], 1)
            listed = ", ".join(f'"{name}" = "{k}"' for name, k in grades.items())
            override = f"grade_coefficients = {{{listed}}}"
            text = PROJECT.format(plan=plan, zones=f"{plan}.json", price="", override=override)
            known[plan] = batch(write(folder, text, f"{plan}.toml"))
        return known[plan]

    return run


def plain(folder, plan):
    zones = gpd.read_file(folder / f"{plan}.json")
    return zones.assign(OBJECTID=zones["OBJECTID"].astype(str)).set_index("OBJECTID")


@pytest.mark.parametrize("plan", PLANS)
def test_every_zone_is_used_or_set_aside(runs, plan):
    run = runs(plan)
    counts = run.computed.inputs.counts
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    read = counts.set_index("table")["read"]
    assert read["parcels"] == read["price_zones"] == PLANS[plan]
    assert run.computed.inputs.crs == "EPSG:3826"
    sums_to_whole(run.computed.parcels)


@pytest.mark.parametrize("plan", PLANS)
def test_declared_against_measured_area(runs, folder, plan):
    run, zones = runs(plan), plain(folder, plan)
    parcels = run.computed.parcels.set_index("parcel_id")
    zones = zones.loc[parcels.index]
    declared = zones["參考面"].astype(float)
    assert np.allclose(parcels["registered_area_mu"] * MU, declared, rtol=0, atol=1e-5)
    measured = zones.make_valid().area
    assert np.allclose(parcels["geometry_area_mu"] * MU, measured, rtol=1e-9, atol=1e-5)
    gap = (declared - measured).abs()
    odd = (gap > 0.01 * declared) & (gap > MU / 2)
    dispute = (declared > 2 * measured) | (measured > 2 * declared)
    assert {i.key for i in run.issues("area_gap")} == set(zones.index[odd & ~dispute])
    assert {i.key for i in run.issues("area_in_dispute")} == set(zones.index[dispute])
    expected = {"F0302": (0, 0), "H0304": (3, 0), "L0301": (3, 2)}[plan]
    assert ((odd & ~dispute).sum(), dispute.sum()) == expected


def test_grades_of_zones_give_the_coefficient(runs, folder):
    run, zones = runs("H0304"), plain(folder, "H0304")
    firms = zones[zones["使用分"].isin(GRADES)]
    assert firms["使用分"].value_counts().to_dict() == {"零星工業區": 39, "乙種工業區": 11}
    prices = run.computed.prices.set_index("parcel_id").loc[firms.index]
    assert (prices["grade"] == firms["使用分"]).all()
    k = firms["使用分"].map(GRADES)
    assert np.allclose(prices["grade_coefficient"], k, atol=1e-6)
    units = run.units.loc[firms.index]
    declared = firms["參考面"].astype(float) / MU
    assert np.allclose(units["area_mu"], declared, atol=1e-8)
    assert np.allclose(units["adjusted_area_mu"], declared * k, rtol=1e-6)
    # the grade of a cohort is one: it cancels out of its scores
    table = pd.DataFrame(
        {"zone": firms["使用分"], "mu": declared, "perimeter": firms["Shape_Leng"].astype(float)}
    )
    compare(run.units, ranking(table, [Ratio("perimeter", "mu", 1.0)], cohort="zone"))


def test_a_zone_needs_no_price_where_its_grade_counts_and_other_grades_are_named(runs, folder):
    run = runs("H0304")
    assert run.codes["zone_without_price"] == 0
    unknown = {issue.value for issue in run.issues("grade_unknown")}
    assert unknown == set(plain(folder, "H0304")["使用分"]) - set(GRADES)


def test_prices_by_zone_name_are_weighted_by_overlap(folder):
    """A price table joined to the zones: 480 and 240 yuan/m², others have none."""
    zones = gpd.read_file(folder / "H0304.json")
    price = zones["使用分"].map({"零星工業區": 240.0, "乙種工業區": 480.0})
    zones[["使用分", "geometry"]].assign(地價=price).to_file(folder / "地價.gpkg")
    column = 'benchmark_price_yuan_per_m2 = "地價"'
    text = PROJECT.format(plan="H0304", zones="地價.gpkg", price=column, override="")
    run = batch(write(folder, text, "prices.toml"))
    assert run.codes["zone_without_price"] == price.isna().sum()
    firms = plain(folder, "H0304")
    firms = firms[firms["使用分"].isin(GRADES)]
    own = firms["使用分"].map({"零星工業區": 240.0, "乙種工業區": 480.0})
    parcels = run.computed.parcels.set_index("parcel_id").loc[firms.index]
    assert np.allclose(parcels["benchmark_price_yuan_per_m2"], own, rtol=1e-6)
    area = firms["參考面"].astype(float)
    mean = (own * area).sum() / area.sum()
    assert run.computed.evaluation.reference_price == pytest.approx(mean, rel=1e-6)
    assert np.allclose(run.units.loc[firms.index, "price_coefficient"], own / mean, rtol=1e-6)

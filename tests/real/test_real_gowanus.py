"""Gowanus, Brooklyn: 16 188 lots, assessments of 1 699 of them, energy of 75, one zone."""

from __future__ import annotations

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from real_batch import (
    KBTU_TCE,
    MU,
    SQUARE_FOOT,
    Ratio,
    batch,
    compare,
    ranking,
    sums_to_whole,
    write,
)

ENERGY = "Weather Normalized Site Energy Use (kBtu)"
RATIOS = [Ratio("assessed", "mu", 0.5), Ratio("assessed", "tce", 0.5)]
PROJECT = f"""[project]
name = "Gowanus"
year = 2022
as_of = 2026-06-30
id_scheme = "free"
[parcels]
path = "lots.gpkg"
area_unit = "ft2"
[parcels.columns]
parcel_id = "lot_id"
uscc = "bbl"
land_use_code = "LandUse"
registered_area = "geom_area_sqft"
[parks]
path = "ibz.gpkg"
[enterprises]
path = "bid_assessment_by_bbl.csv"
money_unit = "yuan"
[enterprises.columns]
uscc = "bbl"
building_class = "bldgclass"
assessed = "assesstot"
[[enterprises.tables]]
path = "ll84_energy_by_bbl.csv"
energy_basis = "calorific"
[enterprises.tables.columns]
uscc = "BBL"
heat = {{from = "{ENERGY}", unit = "kBtu"}}
[rules]
pack = "{{pack}}/gowanus.toml"
[rules.override]
missing = "%s"
"""
FILES = ("lots.gpkg", "ibz.gpkg", "bid_assessment_by_bbl.csv", "ll84_energy_by_bbl.csv")


@pytest.fixture(scope="module")
def folder(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gowanus")
    for name in FILES:
        shutil.copy(shared_data("nyc_gowanus", name), folder / name)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    return batch(write(folder, PROJECT % "cohort_mean"))


@pytest.fixture(scope="module")
def table(folder):
    """All lots with a key and an assessment or an energy, by pandas alone."""
    bid = pd.read_csv(folder / FILES[2], dtype={"bbl": str}).set_index("bbl")
    energy = pd.read_csv(folder / FILES[3], dtype={"BBL": str}).set_index("BBL")
    lots = gpd.read_file(folder / FILES[0])
    lots = lots[lots["bbl"].notna()].set_index("bbl")
    keys = bid.index.union(energy.index)
    return pd.DataFrame(
        {
            "building_class": bid["bldgclass"].reindex(keys),
            "assessed": bid["assesstot"].reindex(keys) / 1e4,
            "tce": energy[ENERGY].reindex(keys) * KBTU_TCE,
            "mu": lots["geom_area_sqft"].reindex(keys) * SQUARE_FOOT / MU,
        }
    )


def test_every_row_is_used_or_set_aside(run, table):
    assert run.counts == {
        "lots.gpkg": (16_188, 16_181, 7),
        "ibz.gpkg": (1, 1, 0),
        "bid_assessment_by_bbl.csv": (1699, 1699, 0),
        "ll84_energy_by_bbl.csv": (75, 75, 0),
    }
    # five lots are empty multipolygons, two change by more than 0.1 % when they are repaired
    assert run.codes["geometry_missing"] == 5
    assert run.codes["repair_too_large"] == 2
    assert set(run.units.index) == set(table.index)
    sums_to_whole(run.computed.parcels)


def test_of_two_headings_that_differ_in_case_the_one_that_is_written_counts(run, folder):
    bid = pd.read_csv(folder / FILES[2], dtype={"bbl": str}).set_index("bbl")
    assert (bid["assesstot"] != bid["AssessTot"]).sum() > 1000
    ours = run.units["assessed_wan"].reindex(bid.index)
    assert np.allclose(ours, bid["assesstot"] / 1e4, rtol=0, atol=1e-6)


def test_a_firm_that_one_table_lacks_is_listed_with_it(run, table):
    absent = run.issues("absent_in_table")
    energy = {issue.key for issue in absent if issue.file == FILES[3]}
    assessed = {issue.key for issue in absent if issue.file == FILES[2]}
    assert energy == set(table.index[table["tce"].isna()])
    assert assessed == set(table.index[table["assessed"].isna()])


def test_sparse_energy_is_filled_by_the_mean_of_the_cohort(run, table):
    graded = table[table["mu"].notna() & table["building_class"].notna()]
    compare(run.units, ranking(graded, RATIOS, cohort="building_class"))
    parts = run.computed.evaluation.indicators
    per_tce = parts[parts["indicator"] == "assessed_wan_per_tce"].set_index("unit_id")
    # 23 lots stand in both tables; all others take the mean of their cohort
    has = graded.index[graded["tce"].notna() & graded["assessed"].notna()]
    assert set(per_tce.index[~per_tce["imputed"]]) == set(has)
    for cohort in run.computed.evaluation.cohorts["cohort"]:
        members = run.units.index[run.units["cohort"] == cohort]
        mine = per_tce[per_tce.index.isin(members) & per_tce["part"].notna()]
        known = mine.loc[~mine["imputed"], "part"]
        mean = known.mean() if len(known) else 0.0
        assert np.allclose(mine.loc[mine["imputed"], "part"], mean)


def test_without_it_only_lots_with_all_figures_are_graded(folder, table):
    run = batch(write(folder, PROJECT % "ungraded", "ungraded.toml"))
    land = table["mu"].notna() & table["building_class"].notna()
    has = table[land & table["tce"].notna() & table["assessed"].notna()]
    graded = run.units[run.units["reason"].isin(["", "sample_too_small"])]
    assert set(graded.index) == set(has.index)
    compare(run.units, ranking(has, RATIOS, cohort="building_class"))
    lacking = run.units.loc[table.index[land & ~table.index.isin(has.index)], "reason"]
    assert set(lacking) == {"missing_indicator"}


def test_the_boundary_of_the_industrial_zone_as_park(run, folder):
    parcels = run.computed.parcels.set_index("parcel_id")
    lots = gpd.read_file(folder / FILES[0]).set_index("lot_id").loc[parcels.index]
    zone = gpd.read_file(folder / FILES[1]).geometry.iloc[0]
    overlap = lots.make_valid().intersection(zone).area
    clear = (overlap > 0.01) | (overlap == 0)  # square feet
    inside = parcels["park"] == "ibz"
    assert (inside == (overlap > 0))[clear].all()
    # what the city itself says of each lot
    assert inside[lots["in_ibz"]].all()
    assert lots["in_ibz"].sum() == 372
    (issue,) = run.issues("park_named_by_file")
    assert (issue.file, issue.value) == ("ibz.gpkg", "ibz")


def test_land_without_an_assessment_is_land_without_an_enterprise(run, table, folder):
    parcels = run.computed.parcels.set_index("parcel_id")
    lots = gpd.read_file(folder / FILES[0]).set_index("lot_id").loc[parcels.index]
    linked = lots["bbl"].isin(table.index)
    assert ((parcels["enterprise_count"] > 0) == linked).all()
    assert (parcels["land_class"] == "no_enterprise").sum() == (~linked).sum()

"""New York: 8 187 lots, a table of 8 711 rows in which 468 keys repeat, an absurd energy value."""

# ruff: noqa: PD011 - the values of an issue are no frame
from __future__ import annotations

import json
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from real_batch import (
    KBTU_TCE,
    MU,
    SQUARE_FOOT,
    SURVEY_FOOT,
    Ratio,
    batch,
    compare,
    ranking,
    sums_to_whole,
    write,
)

from landuse.pipeline.identify import identify

ENERGY = "Weather Normalized Site Energy Use (kBtu)"
ABSURD = "1013640022"
"""The lot with 10 088 860 259 kBtu in line 628, beside a row of 15 million."""
RATIOS = [
    Ratio("land_value", "mu", 0.40),
    Ratio("floor", "mu", 0.30),
    Ratio("floor", "tce", 0.30),
]
PROJECT = f"""[project]
name = "New York lots"
year = 2019
as_of = 2026-06-30
id_scheme = "free"
[parcels]
path = "lots.gpkg"
area_unit = "ft2"
[parcels.columns]
parcel_id = "BBL"
uscc = "BBL"
registered_area = "LotArea"
[enterprises]
path = "energy_by_lot.csv"
energy_basis = "calorific"
duplicates = %s
[enterprises.columns]
uscc = "BBL"
land_use = "LandUse"
land_value = {{from = "AssessLand", unit = "yuan"}}
floor_area = {{from = "BldgArea", unit = "ft2"}}
heat = {{from = "{ENERGY}", unit = "kBtu"}}
[rules]
pack = "{{pack}}/lots.toml"
[rules.override]
min_cohort = %d
"""
COMBINED = {"error": '"error"', "mean": '{heat = "mean"}', "max": '{heat = "max"}'}


@pytest.fixture(scope="module")
def folder(shared_data, tmp_path_factory):
    """The lots with the area of the land beside the polygon, and the table as it is."""
    table = shared_data("nyc_energy", "energy_by_lot.csv")
    folder = tmp_path_factory.mktemp("nyc")
    shutil.copy(table, folder / table.name)
    lots = gpd.read_file(shared_data("nyc_energy", "buildings.gpkg"))
    areas = plain(folder).groupby("BBL", as_index=False)["LotArea"].first()
    lots.merge(areas, on="BBL").to_file(folder / "lots.gpkg")
    return folder


@pytest.fixture(scope="module")
def runs(folder):
    """The batch by way of combining and smallest cohort, each computed once."""
    known = {}

    def run(duplicates, smallest=7):
        if (duplicates, smallest) not in known:
            text = PROJECT % (COMBINED[duplicates], smallest)
            known[duplicates, smallest] = batch(write(folder, text, f"{duplicates}{smallest}.toml"))
        return known[duplicates, smallest]

    return run


def plain(folder):
    return pd.read_csv(folder / "energy_by_lot.csv", dtype={"BBL": str})


def repeated(folder):
    """Keys that stand in several rows."""
    rows = plain(folder)["BBL"].value_counts()
    return set(rows[rows > 1].index)


def graded(folder, duplicates):
    """The lots that can be graded, one a row, by pandas alone."""
    rows = plain(folder)
    if duplicates == "error":
        rows = rows[~rows["BBL"].isin(repeated(folder))]
    how = "max" if duplicates == "max" else "mean"
    table = rows.groupby("BBL").agg(
        land_use=("LandUse", "first"), lot=("LotArea", "first"), floor=("BldgArea", "first"),
        land_value=("AssessLand", "first"), kbtu=(ENERGY, how),
    )  # fmt: skip
    table["mu"] = table["lot"] * SQUARE_FOOT / MU
    table["tce"] = table["kbtu"] * KBTU_TCE
    lots = gpd.read_file(folder / "lots.gpkg").set_index("BBL")
    measured = (lots.area * SURVEY_FOOT**2).reindex(table.index)
    stated = table["lot"] * SQUARE_FOOT
    # no polygon: no land; off by more than a factor of 2: the area is in dispute
    return table[(stated <= 2 * measured) & (measured <= 2 * stated)]


def test_repeated_keys_are_listed_and_set_aside(runs, folder):
    run = runs("error")
    keys = repeated(folder)
    rows = plain(folder)["BBL"].isin(keys)
    assert (len(keys), rows.sum()) == (468, 980)
    assert run.counts == {"energy_by_lot.csv": (8711, 7731, 980), "lots.gpkg": (8187, 8187, 0)}
    told = run.issues("repeated_key")
    assert {issue.key for issue in told} == keys
    # row numbers as the file counts its lines: the heading is the first
    assert sorted(issue.row for issue in told) == (np.flatnonzero(rows) + 2).tolist()
    aside = run.computed.inputs.set_aside
    assert set(aside["reason"]) == {"intake_tables.repeated_key"}
    assert set(aside["key"]) == keys
    # they stay enterprises without figures: their lots are no land without an enterprise
    assert len(run.units) == 8199
    left = run.units.loc[sorted(keys)]
    assert set(zip(left["status"], left["reason"], strict=True)) == {("ungraded", "no_figures")}
    assert left["energy_tce"].isna().all()
    assert not run.issues("absent_in_table")


@pytest.mark.parametrize("duplicates", ["mean", "max"])
def test_repeated_keys_are_combined_as_the_project_says(runs, folder, duplicates):
    run = runs(duplicates)
    assert run.counts == {"energy_by_lot.csv": (8711, 8711, 0), "lots.gpkg": (8187, 8187, 0)}
    assert {issue.key for issue in run.issues("combined_key")} == repeated(folder)
    assert len(run.units) == 8199
    assert run.units.index.is_unique
    tce = plain(folder).groupby("BBL")[ENERGY].agg(duplicates) * KBTU_TCE
    ours = run.units["energy_tce"]
    # each row is rounded to 1e-6 tce before the mean is
    assert (ours - tce.reindex(ours.index)).abs().max() < 2e-6


@pytest.mark.parametrize("duplicates", COMBINED)
def test_no_row_is_multiplied(runs, duplicates):
    run = runs(duplicates)
    links, parcels = run.computed.links, run.computed.parcels
    assert not links.duplicated(["parcel_id", "uscc"]).any()
    assert (links["parcel_id"] == links["uscc"]).all()
    assert len(parcels) == 8187
    assert len(links) == len(set(run.units.index) & set(parcels["parcel_id"]))
    assert (run.units["parcel_count"] <= 1).all()
    sums_to_whole(parcels)
    none = run.units[run.units["parcel_count"] == 0]
    assert len(none) == 12  # lots of the table without a polygon
    assert set(none["reason"]) == {"no_land"}


@pytest.mark.parametrize("duplicates", COMBINED)
def test_the_absurd_energy_is_told_with_its_lot_and_line(runs, folder, duplicates):
    run = runs(duplicates)
    (issue,) = [issue for issue in run.log if "outlier" in issue.code]
    how = "set_aside" if duplicates == "error" else "combined"
    assert issue.code == f"intake_tables.outlier_{how}"
    assert (issue.key, issue.file, issue.row) == (ABSURD, "energy_by_lot.csv", 628)
    assert issue.values["title_en"] == "energy"
    for lang in ("zh", "en"):
        assert issue.message(lang)
        assert issue.hint(lang)
    if duplicates == "mean":  # nobody would see it any more: less than 1 000 times the median
        tce = graded(folder, "mean")
        group = tce.loc[tce["land_use"] == 3, "tce"]
        assert run.units.loc[ABSURD, "energy_tce"] < 1000 * group.median()


@pytest.mark.parametrize("duplicates", COMBINED)
def test_scores_ranks_and_flags_equal_a_second_computation(runs, folder, duplicates):
    table = graded(folder, duplicates)
    run = runs(duplicates)
    compare(run.units, ranking(table, RATIOS, cohort="land_use"))
    ours = run.units.loc[table.index]
    assert np.allclose(ours["area_mu"], table["mu"], rtol=0, atol=1e-8)
    assert np.allclose(ours["floor_area_m2"], table["floor"] * SQUARE_FOOT, rtol=0, atol=1e-6)
    assert np.allclose(ours["land_value_wan_per_mu"], table["land_value"] / 1e4 / table["mu"])
    disputed = run.units[run.units["reason"] == "area_in_dispute"]
    unused = 468 if duplicates == "error" else 0
    assert len(table) + len(disputed) + 12 + unused == len(run.units)
    # beside other issues, a gap or a dispute is told for every such lot, used or not
    assert len(run.issues("area_in_dispute")) == 27


@pytest.mark.parametrize(
    ("smallest", "sizes", "status"),
    [
        # 10 (3 lots) and 9 (1 lot) make a pool of 4: too small to be ranked
        (7, {"7": 7, "10": 4, "9": 4}, "sample_too_small"),
        # a pool of 4 is large enough: ranked, quota floor(0.6) = 0
        (4, {"7": 7, "10": 4, "9": 4}, "ranked"),
        # 7 joins them: 11, quota floor(1.65) = 1
        (8, {"7": 11, "10": 11, "9": 11}, None),
        # three are a cohort of their own, one is a pool of one: too small
        (3, {"7": 7, "10": 3, "9": 1}, None),
    ],
)
def test_groups_of_seven_three_and_one(runs, folder, smallest, sizes, status):
    run = runs("mean", smallest)
    units = run.units
    assert plain(folder).groupby("LandUse")["BBL"].nunique()[[7, 10, 9]].tolist() == [7, 3, 1]
    for group, size in sizes.items():
        own = units[units["land_use"] == group]
        assert set(own["cohort_size"]) == {size}
        pool = group != "7" if smallest in (4, 7) else smallest == 8 or group == "9"
        assert set(own["cohort"]) == ({"pool"} if pool else {group})
        if status and group != "7":
            assert set(own["status"]) == {status}
    cohorts = run.computed.evaluation.cohorts.set_index("cohort")
    assert cohorts.loc["7", "quota"] == 1 if smallest < 8 else cohorts.loc["pool", "quota"] == 1
    assert ("pool_too_small" in run.codes) == (smallest in (7, 3))
    compare(units, ranking(graded(folder, "mean"), RATIOS, cohort="land_use", smallest=smallest))


def test_the_whole_batch_is_written(folder, tmp_path):
    project = write(folder, PROJECT % (COMBINED["error"], 7), "whole.toml")
    run = identify(project, out=tmp_path / "run", lang="en")
    units = pd.read_parquet(run.folder / "units.parquet")
    parcels = gpd.read_parquet(run.folder / "parcels.parquet")
    told = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert len(units) == 8199
    assert (units["reason"] == "no_figures").sum() == 468
    assert "no_enterprise" not in set(parcels["land_class"])
    assert len(parcels) == 8187
    assert parcels.crs.to_epsg() == 2263
    assert told["totals"]["units"] == units["status"].value_counts().to_dict()
    issues = pd.read_parquet(run.folder / "issues.parquet")
    assert (issues["code"] == "intake_tables.repeated_key").sum() == 980
    assert (run.folder / "map.html").stat().st_size > 1_000_000

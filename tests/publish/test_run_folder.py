"""What a run folder holds, and that the same run gives the same bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from publish_county import make_run, parcel, uscc

from landuse.errors import InternalError
from landuse.publish import OUTPUTS, write_run
from landuse.publish.columns import tables_of

TABLES = OUTPUTS[:1]
WITHOUT_MAP = OUTPUTS[:3]


def hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_same_run_same_bytes(run, tmp_path, monkeypatch):
    first = write_run(run, tmp_path / "a", outputs=WITHOUT_MAP)
    # nothing may come from the clock or from the order in which the rows were made
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    second = write_run(make_run(), tmp_path / "b", outputs=WITHOUT_MAP)
    assert hashes(first) == hashes(second)
    assert len(hashes(first)) == 17 + 2 + 1  # tables, GeoPackage and workbook, run.json


def test_every_table_is_there_with_its_columns_and_types(run, write_small):
    folder = write_small(run)
    for table in tables_of(run.rules):
        back = pq.read_table(folder / f"{table.name}.parquet")
        assert back.schema.names == table.names
        assert back.num_rows == len(getattr(run, table.name))
        field = back.schema.field(table.columns[0].name)
        assert field.metadata[b"zh"].decode() == table.columns[0].zh


def test_parcels_are_geoparquet_in_the_working_crs(run, write_small):
    frame = gpd.read_parquet(write_small(run) / "parcels.parquet")
    assert frame.crs.to_epsg() == 4549
    # east before north: 500 300 m east, 2 700 000 m north
    assert frame.geometry.iloc[0].bounds[:2] == pytest.approx((500300, 2700000))
    assert frame.geometry.area.sum() == pytest.approx((11 * 50 + 10) * 2000 / 3)


def test_geopackage_has_both_layers_and_the_day_of_the_run(run, tmp_path):
    folder = write_run(run, tmp_path / "out", outputs=OUTPUTS[:2])
    path = folder / "results.gpkg"
    assert sorted(name for name, _ in pyogrio.list_layers(path)) == ["low_efficiency", "parcels"]
    flagged = gpd.read_file(path, layer="low_efficiency")
    assert flagged["parcel_id"].tolist() == [parcel(1)]
    assert len(gpd.read_file(path, layer="parcels")) == 12
    with sqlite3.connect(path) as database:
        stamps = database.execute("select distinct last_change from gpkg_contents").fetchall()
    assert stamps == [("2026-06-30T00:00:00.000Z",)]


def test_missing_numbers_are_nulls_not_zeros(run, write_small):
    back = pq.read_table(write_small(run) / "parcels.parquet").to_pylist()
    assert back[4]["registered_area_mu"] is None
    units = {
        row["uscc"]: row
        for row in pq.read_table(write_small(run, "b") / "units.parquet").to_pylist()
    }
    assert units[uscc(9)]["score"] is None
    assert units[uscc(9)]["rank"] is None


def test_manifest_lists_every_other_file_and_has_no_clock(run, write_small):
    folder = write_small(run)
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    others = {p.name for p in folder.iterdir()} - {"run.json"}
    assert set(manifest["files"]) == others
    for name, one in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert one == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert list(manifest) == sorted(manifest)
    assert manifest["pack"]["share"] == "3/20"
    assert not {"time", "date", "created", "host", "user"} & set(manifest)


def test_numbers_that_json_has_not_become_null(run, write_small):
    strange = {"mu": float("nan"), "n": np.int64(3), "none": pd.NA, "list": [float("inf")]}
    changed = dataclasses.replace(run, manifest={**run.manifest, "totals": strange})
    text = (write_small(changed) / "run.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert "Infinity" not in text
    assert json.loads(text)["totals"] == {"mu": None, "n": 3, "none": None, "list": [None]}


def test_a_table_that_breaks_its_promise_is_our_fault(run, tmp_path):
    broken = dataclasses.replace(run, units=run.units.drop(columns="score"))
    with pytest.raises(InternalError, match="score absent"):
        write_run(broken, tmp_path / "out", outputs=TABLES)
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_any_row_is_written(run, tmp_path):
    empty = {table.name: getattr(run, table.name).iloc[:0] for table in tables_of(run.rules)}
    totals = {**run.totals, "classes": {}, "units": {}}
    nothing = dataclasses.replace(run, **empty, totals=totals)
    folder = write_run(nothing, tmp_path / "out", outputs=WITHOUT_MAP)
    assert len(gpd.read_parquet(folder / "parcels.parquet")) == 0
    assert len(gpd.read_file(folder / "results.gpkg", layer="parcels")) == 0


def test_progress_names_each_output(run, tmp_path):
    seen: list[tuple[int, int, str]] = []
    write_run(run, tmp_path / "out", outputs=WITHOUT_MAP, progress=lambda *step: seen.append(step))
    assert seen == [(0, 3, "units.parquet"), (1, 3, "results.gpkg"), (2, 3, "results.xlsx")]


def test_a_name_with_spaces_and_chinese(run, tmp_path):
    folder = write_run(run, tmp_path / "结果 2026" / "一 批", outputs=WITHOUT_MAP)
    assert (folder / "results.gpkg").exists()

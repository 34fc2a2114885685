"""Big Parquet tables are read in parts: the bytes of the ordinary run, in bounded memory."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import dirty_county
import geopandas as gpd
import numpy as np
import pandas as pd
import parity
import pytest

from landuse.engines.parts.frames import load, save
from landuse.engines.reading import agreed
from landuse.engines.reading.prepared import Cuts
from landuse.schema.tables import SOURCES

LIMIT = 1 << 30
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
HEADS = {"enterprises": 1, "tax": 1, "output": 1, "energy": 2, "occupancy": 1}
"""The rows of headings below title and unit."""


@pytest.fixture
def county(tmp_path, monkeypatch):
    """Random counties whose big tables are Parquet, and how their inputs were read."""
    read = parity.how_read(monkeypatch)

    def made(seed, **more):
        kind = dirty_county._County
        layer, file = kind._layer, kind._file
        with monkeypatch.context() as patch:
            patch.setattr(
                kind,
                "_layer",
                lambda self, folder, name, rows, said, kinds: layer(
                    self, folder, name, rows, said, ("parquet",) if name == "parcels" else kinds
                ),
            )
            patch.setattr(
                kind,
                "_file",
                lambda self, folder, name, rows, _="": file(self, folder, name, rows, "parquet"),
            )
            patch.setattr(
                kind,
                "_table",
                lambda self, folder, name, rows, said: self.text.append(
                    f'[{name}]\npath = "{self._file(folder, name, rows)}"\n{said}'
                ),
            )
            return dirty_county.make(tmp_path / str(seed), seed, **more)

    made.read = read
    return made


@pytest.mark.parametrize("seed", [1, 4, 7])
def test_random_counties_in_parts_anywhere(county, tmp_path, seed):
    made = county(seed, lots=14)
    one = parity.ordinary(made.project, tmp_path / "one")
    cuts = replace(parity.some_cuts(Random(seed), made.parcels, made.firms, 3), memory=LIMIT)
    parity.agree(one, parity.in_parts(made.project, tmp_path / "two", cuts))


def test_rows_are_scattered_by_the_limit(county, tmp_path):
    made = county(3, lots=24, free=False, dirt=0.0)
    one = parity.ordinary(made.project, tmp_path / "one")
    two = parity.in_parts(made.project, tmp_path / "two", Cuts(rows=9, memory=LIMIT))
    assert parity.agree(one, two)
    assert county.read == ["parts"]


def test_sorted_files_are_merged_where_keys_cross(tmp_path):
    def rows(keys):
        count = len(keys)
        frame = {"table": ["occupancy"] * count, "key": keys, "year": np.zeros(count, np.int64),
                 "columns": [""] * count, "source_file": ["a"] * count,
                 "source_sheet": [""] * count,
                 "source_row": np.arange(count, dtype=np.int64)}  # fmt: skip
        return pd.DataFrame(frame).astype(SOURCES.empty().dtypes.to_dict())

    parts = [["AB/1", "AB/9"], [], ["AB-1/1", "B/1"]]
    paths = [tmp_path / f"{number}.parquet" for number in range(len(parts))]
    for path, keys in zip(paths, parts, strict=True):
        save(rows(keys), path)
    firsts = [keys[0] if keys else None for keys in parts]
    agreed.stream(agreed.merged(paths, firsts, SOURCES), tmp_path / "all.parquet", SOURCES.empty())
    assert load(tmp_path / "all.parquet")["key"].tolist() == ["AB-1/1", "AB/1", "AB/9", "B/1"]


def sample_in_parquet(folder):
    """The sample county, its big tables as Parquet files without rows of totals."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("generator"))
    land = gpd.read_file(folder / "宗地.shp", encoding="gb18030")
    land.to_parquet(folder / "land.parquet")
    text = (folder / "project.toml").read_text("utf-8").replace('"宗地.shp"', '"land.parquet"')
    for name, rows in HEADS.items():
        cells = pd.read_excel(folder / f"{name}.xlsx", header=None, dtype=str, engine="openpyxl")
        heads = cells.iloc[2 : 2 + rows].ffill(axis=1).fillna("").iloc[-1]
        heads = heads.where(heads != "", cells.iloc[2])
        body = cells.iloc[2 + rows :].set_axis([*heads], axis=1)
        words = body.iloc[:, 0].fillna("") + body.iloc[:, 1].fillna("")
        body = body[~words.str.contains("[计注填]|统一社会") & body.iloc[:, 1].notna()]
        body.to_parquet(folder / f"{name}.parquet", index=False)
        text = text.replace(f'"{name}.xlsx"', f'"{name}.parquet"')
    (folder / "project.toml").write_text(text, encoding="utf-8")
    return folder / "project.toml"


def test_the_sample_county_in_parquet(county, tmp_path):
    project = sample_in_parquet(tmp_path / "county")
    one = parity.ordinary(project, tmp_path / "one")
    two = parity.in_parts(project, tmp_path / "two", Cuts(rows=150, memory=LIMIT))
    assert parity.agree(one, two), one
    assert county.read == ["parts"]


def test_rows_go_to_the_parts_of_their_corrected_codes(county, tmp_path):
    """All years of the first enterprise become rows of the last, the first parcel the last."""
    made = county(3, lots=24, free=False, dirt=0.0)
    names = (("enterprises", "uscc", made.firms), ("parcels", "parcel_id", made.parcels))
    wrong = [
        {"table": table, "key": codes[0] + year, "column": column, "old": codes[0],
         "new": codes[-1], "reason": "错", "by": "甲", "on": "2026-01-01"}
        for table, column, codes in names
        for year in (("/2024", "/2025") if column == "uscc" else ("",))
    ]  # fmt: skip
    pd.DataFrame(wrong).to_parquet(made.project.parent / "corrections.parquet")
    one = parity.ordinary(made.project, tmp_path / "one")
    assert pd.read_parquet(one / "corrections.parquet")["applied"].any()
    two = parity.in_parts(made.project, tmp_path / "two", Cuts(rows=9, memory=LIMIT))
    assert parity.agree(one, two)
    assert county.read == ["parts"]

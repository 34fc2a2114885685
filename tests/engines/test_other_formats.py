"""Tables that are no Parquet are read in parts too: the bytes of the ordinary run."""

from __future__ import annotations

import json
import shutil
import warnings

import dirty_county
import geopandas as gpd
import pandas as pd
import parity
import pytest
from test_bounded_intake import sample_in_parquet

from landuse.engines.reading.prepared import Cuts

LIMIT = 1 << 30
SHORT = {"parcel_id": "宗地代码", "uscc": "信用代码", "holder": "使用权人",
         "registered_area": "登记面积", "land_use_code": "地类编码",
         "benchmark_price_yuan_per_m2": "基准地价", "built_area_m2": "建筑面积",
         "township": "乡镇"}  # fmt: skip
"""Headings that fit the ten bytes of a shapefile."""


@pytest.fixture
def county(tmp_path, monkeypatch):
    """Random counties in some formats, and how their inputs were read."""
    read = parity.how_read(monkeypatch)

    def made(seed, land, rows, **more):
        kind = dirty_county._County
        with monkeypatch.context() as patch:
            layer, file = kind._layer, kind._file

            def write_layer(self, folder, name, cells, said, kinds):
                if name != "parcels":
                    layer(self, folder, name, cells, said, kinds)
                    return
                frame = gpd.GeoDataFrame(cells, geometry="geometry", crs=dirty_county.CRS)
                _write_land(frame, folder, land)
                self.text.append(f'[parcels]\npath = "parcels.{land}"\n{said}')

            def write_table(self, folder, name, cells, said):
                half = len(cells) // 2 if len(cells) > 3 and seed % 2 else len(cells)
                pieces = [piece for piece in (cells[:half], cells[half:]) if piece]
                files = [file(self, folder, f"{name}{n}", piece, rows)
                         for n, piece in enumerate(pieces)]  # fmt: skip
                self.text.append(f"[{name}]\npath = {json.dumps(files)}\n{said}")

            patch.setattr(kind, "_layer", write_layer)
            patch.setattr(kind, "_table", write_table)
            patch.setattr(kind, "_file", lambda *given: file(*given[:-1], rows))
            return dirty_county.make(tmp_path / str(seed), seed, **more)

    made.read = read
    return made


def _write_land(frame, folder, land):
    path = folder / f"parcels.{'shp' if land == 'zip' else land}"
    if land in {"shp", "zip"}:
        frame = frame.rename(columns=SHORT)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GBK has no sign for
            frame.to_file(path, encoding="GBK")
    else:
        frame.to_file(path)
    if land == "zip":
        parts = folder / "parts"
        parts.mkdir()
        for part in folder.glob("parcels.*"):
            part.rename(parts / part.name)
        shutil.make_archive(str(folder / "parcels"), "zip", parts)


@pytest.mark.parametrize(
    ("land", "rows", "seed"),
    [("zip", "csv", 2), ("gpkg", "xlsx", 13), ("fgb", "csv", 7)],
)
def test_random_counties_in_other_formats(county, tmp_path, land, rows, seed):
    made = county(seed, land, rows, lots=14, free=False)
    one = parity.ordinary(made.project, tmp_path / "one")
    two = parity.in_parts(made.project, tmp_path / "two", Cuts(rows=6, memory=LIMIT))
    assert parity.agree(one, two), one
    assert county.read == ["parts"]
    assert not [path for path in tmp_path.glob("**/*") if path.suffix in {".json", ".arrow"}
                and "one" not in path.parts and "two" not in path.parts]  # fmt: skip


def test_the_sample_shapefile(county, tmp_path):
    """The sample's shapefile (GB18030) and its tables as CSV."""
    project = sample_in_parquet(tmp_path / "county")
    text = project.read_text("utf-8").replace('"land.parquet"', '"宗地.shp"')
    for path in project.parent.glob("*.parquet"):
        if path.stem != "land":
            pd.read_parquet(path).to_csv(path.with_suffix(".csv"), index=False, encoding="gb18030")
            text = text.replace(f'"{path.name}"', f'"{path.stem}.csv"')
    project.write_text(text, encoding="utf-8")
    one = parity.ordinary(project, tmp_path / "one")
    two = parity.in_parts(project, tmp_path / "two", Cuts(rows=150, memory=LIMIT))
    assert parity.agree(one, two), one
    assert county.read == ["parts"]


@pytest.mark.parametrize("fault", ["text", "layer", "rows"])
def test_damaged_files_end_the_run_with_the_same_words(county, tmp_path, fault):
    made = county(2, "gpkg", "csv", lots=8, free=False)
    folder = made.project.parent
    layer, table = folder / "parcels.gpkg", next(folder.glob("enterprises0.csv"))
    if fault == "layer":
        layer.write_bytes(layer.read_bytes()[:5000])
    elif fault == "text":
        table.write_bytes(table.read_bytes() + b"\xff\xff\xff")
    else:
        table.write_text(table.read_text("utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    one = parity.ordinary(made.project, tmp_path / "one")
    two = parity.in_parts(made.project, tmp_path / "two", Cuts(rows=6, memory=LIMIT))
    assert parity.agree(one, two) is (fault == "rows")


def test_a_heading_that_stands_twice_needs_the_whole(county, tmp_path):
    made = county(2, "gpkg", "csv", lots=8, free=False)
    table = next(made.project.parent.glob("enterprises0.csv"))
    lines = table.read_text("utf-8").splitlines()
    table.write_text("".join(f"{line},{'备注' if not n else ''},{n or '备注'}\n"
                             for n, line in enumerate(lines)), encoding="utf-8")  # fmt: skip
    one = parity.ordinary(made.project, tmp_path / "one")
    two = parity.in_parts(made.project, tmp_path / "two", Cuts(rows=6, memory=LIMIT))
    assert parity.agree(one, two), one
    assert county.read == ["whole"]

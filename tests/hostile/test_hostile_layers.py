"""Layer files whose parts or systems cannot be what they say."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pytest
from hostile_county import HEADINGS, book, firms, parcels, plain, project

from landuse import intake
from landuse.errors import UserError
from landuse.intake.inputs import Inputs
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.rules import load


@pytest.fixture
def shapefile(tmp_path: Path) -> Path:
    """A project on ``p.shp``."""
    parcels().to_file(tmp_path / "p.shp")
    book(tmp_path / "enterprises.xlsx", [HEADINGS, *firms()])
    return project(tmp_path, parcels="p.shp")


def read(file: Path) -> Inputs:
    given = load_project(file)
    assert given.as_of is not None
    return intake.read_inputs(given, load(given.rules.pack, as_of=given.as_of), IssueLog())


def refused(file: Path) -> list[str]:
    with pytest.raises(UserError) as error:
        read(file)
    return [issue.code for issue in error.value.issues]


@pytest.mark.parametrize("index", [True, False], ids=["with shx", "without shx"])
@pytest.mark.parametrize("count", [10, 23, 25])
def test_a_table_of_another_export_is_refused(shapefile: Path, count: int, index: bool) -> None:
    # GDAL reads as many rows as the shorter part has: rows would be lost without a word
    folder = shapefile.parent
    shapes = [parcels().geometry[0]] * count
    other = gpd.GeoDataFrame({"DKBM": ["x"] * count}, geometry=shapes, crs="EPSG:4549")
    other.to_file(folder / "q.shp")
    (folder / "q.dbf").replace(folder / "p.dbf")
    if not index:
        (folder / "p.shx").unlink()
    assert refused(shapefile) == ["intake_layers.parts_differ"]


def test_a_table_cut_short_is_refused(shapefile: Path) -> None:
    table = shapefile.parent / "p.dbf"
    data = table.read_bytes()
    table.write_bytes(data[: len(data) * 2 // 3])
    assert refused(shapefile) == ["intake_layers.table_cut"]


def test_a_whole_shapefile_without_index_is_read(shapefile: Path) -> None:
    (shapefile.parent / "p.shx").unlink()
    assert len(read(shapefile).parcels) == 24


def test_a_projection_that_nobody_knows_is_named(shapefile: Path) -> None:
    prj = shapefile.parent / "p.prj"
    prj.write_text(re.sub(r'PROJECTION\["\w+"', 'PROJECTION["Gau99s_Kruger"', prj.read_text()))
    assert refused(shapefile) == ["crs.unreadable"]


def test_a_stream_of_rows_that_breaks_off_is_an_unreadable_file(tmp_path: Path) -> None:
    # GDAL finds the fault only while the rows are read, and pyarrow tells it
    book(tmp_path / "enterprises.xlsx", [HEADINGS, *firms()])
    path = tmp_path / "p.fgb"
    parcels().to_file(path)
    data = bytearray(path.read_bytes())
    data[-1500:-200] = b"\xff" * 1300
    path.write_bytes(data)
    assert refused(project(tmp_path, parcels="p.fgb")) == ["intake_layers.unreadable_file"]


@pytest.mark.parametrize("price", [1e300, 1e-300, 2e6, 0.001])
def test_a_price_that_can_be_none_is_blank_and_said(tmp_path: Path, price: float) -> None:
    file = plain(tmp_path)
    parcels(DKJZDJ=[price] + [300.0] * 23).to_file(tmp_path / "parcels.gpkg")
    given = load_project(file)
    assert given.as_of is not None
    log = IssueLog()
    inputs = intake.read_inputs(given, load(given.rules.pack, as_of=given.as_of), log)
    assert [issue.code for issue in log] == ["intake_layers.bad_number"]
    assert inputs.parcels["benchmark_price_yuan_per_m2"].isna().sum() == 1

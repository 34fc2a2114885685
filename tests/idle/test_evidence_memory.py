"""Neither the order of the parcels nor the memory allowed shows in a single bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from evidence_rasters import CELL, CRS, LEFT, RULES, TOP, image, parcels, write

from landuse.idle import evidence_cells
from landuse.idle.evidence import MAX_MEMORY, zonal
from landuse.idle.evidence_raster import Band
from landuse.issues import IssueLog

SIZE = 700


@pytest.fixture(scope="module")
def raster(tmp_path_factory):
    rng = np.random.default_rng(1)
    values = rng.normal(300, 20, (SIZE, SIZE)).astype("float32")
    values[rng.random((SIZE, SIZE)) < 0.05] = np.nan
    turned = Affine.translation(LEFT, TOP) @ Affine.rotation(3) @ Affine.scale(CELL, -CELL)
    folder = tmp_path_factory.mktemp("raster")
    tiles = {"tiled": True, "blockxsize": 128, "blockysize": 128, "compress": "deflate"}
    return write(folder / "a.tif", values, transform=turned, **tiles)


@pytest.fixture(scope="module")
def frame():
    """A thousand parcels from 1 m² to the whole raster, in no order."""
    rng = np.random.default_rng(2)
    middle = np.column_stack(
        [LEFT + rng.uniform(-100, 7200, 1000), TOP - rng.uniform(-100, 7200, 1000)]
    )
    radius = np.exp(rng.uniform(0, 5.5, 1000))
    radius[:4] = (900, 2000, 3000, 6000)
    sides = rng.integers(1, 6, 1000)
    shapes = [
        shapely.buffer(point, reach, quad_segs=int(side))
        for point, reach, side in zip(shapely.points(middle), radius, sides, strict=True)
    ]
    return parcels(*shapes)


def statistics(frame, raster, **options):
    return zonal(frame, [image(raster, "mean")], CRS, RULES, IssueLog(), **options)


def same_bits(one: pd.DataFrame, two: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    for name in ("value", "covered_share"):
        assert one[name].to_numpy().tobytes() == two[name].to_numpy().tobytes()


@pytest.fixture(scope="module")
def usual(frame, raster):
    return statistics(frame, raster)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_the_order_of_the_parcels_does_not_show(frame, raster, usual, seed):
    shuffled = frame.sample(frac=1, random_state=seed)
    same_bits(statistics(shuffled, raster), usual)


def test_the_other_parcels_do_not_show(frame, raster, usual):
    some = frame.iloc[::37]
    alone = statistics(some, raster)
    expected = usual[usual["parcel_id"].isin(some["parcel_id"])].reset_index(drop=True)
    same_bits(alone, expected)


@pytest.mark.parametrize("memory", [1 << 19, 1 << 20, 1 << 22, 1 << 30])
def test_the_memory_allowed_does_not_show(frame, raster, usual, memory):
    same_bits(statistics(frame, raster, max_memory=memory), usual)


@pytest.mark.parametrize("batch", [1, 7, 333])
def test_the_batches_do_not_show(frame, raster, usual, batch, monkeypatch):
    monkeypatch.setattr(evidence_cells, "_BATCH", batch)
    few = frame.iloc[::11]
    expected = usual[usual["parcel_id"].isin(few["parcel_id"])].reset_index(drop=True)
    same_bits(statistics(few, raster), expected)


def test_the_way_the_file_is_stored_does_not_show(frame, raster, usual, tmp_path):
    import rasterio

    with rasterio.open(raster) as source:
        values, transform = source.read(1), source.transform
    stripes = write(tmp_path / "a.tif", values, transform=transform)
    same_bits(statistics(frame, stripes), usual)


@pytest.mark.parametrize("memory", [1 << 19, 1 << 22, MAX_MEMORY])
def test_never_more_cells_at_a_time_than_allowed(frame, raster, usual, memory, monkeypatch):
    """Windows as they are read; a parcel that alone is larger comes in pieces of fixed size."""
    windows = []
    read = Band.read

    def noted(self, x, y, width, height, **options):
        windows.append(width * height)
        return read(self, x, y, width, height, **options)

    monkeypatch.setattr(Band, "read", noted)
    monkeypatch.setattr(evidence_cells, "_PIECE", 50_000)
    statistics(frame, raster, max_memory=memory)
    allowed = max(memory // evidence_cells._BYTES_PER_CELL, evidence_cells._FEWEST_CELLS)
    assert max(windows) <= max(allowed, 50_000)
    assert len(windows) < 1000  # parcels that lie together are read together


def test_a_parcel_in_pieces_is_the_parcel_in_one(frame, raster, usual, monkeypatch):
    """The pieces are summed by the library in floats; their number shows in the last digits only,
    which is why it is fixed."""
    monkeypatch.setattr(evidence_cells, "_PIECE", 50_000)
    pieces = statistics(frame, raster)
    assert pieces["value"].to_numpy() == pytest.approx(
        usual["value"].to_numpy(), rel=1e-9, nan_ok=True
    )
    assert pieces["covered_share"].to_numpy() == pytest.approx(
        usual["covered_share"].to_numpy(), abs=1e-6
    )


def test_memory_stays_far_below_the_size_of_the_raster(tmp_path):
    """2000 x 2000 cells as 64-bit numbers are 32 MB; 4 MB are allowed for cells, and the parcels
    with their results need less than as much again."""
    import tracemalloc

    rng = np.random.default_rng(6)
    tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256}
    path = write(tmp_path / "a.tif", rng.random((2000, 2000), dtype="float32"), **tiles)
    middle = np.column_stack([LEFT + rng.uniform(0, 2e4, 500), TOP - rng.uniform(0, 2e4, 500)])
    many = parcels(*shapely.buffer(shapely.points(middle), 80, quad_segs=2))
    statistics(many, path, max_memory=4 << 20)  # what is loaded once is not counted
    tracemalloc.start()
    try:
        statistics(many, path, max_memory=4 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def test_the_benchmark_in_small(tmp_path):
    """Tiles, stripes and other amounts of memory give the same bits."""
    import importlib.util

    path = Path(__file__).parents[1] / "benchmarks" / "evidence.py"
    spec = importlib.util.spec_from_file_location("benchmark_of_evidence", path)
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    benchmark.make(tmp_path, 300, 200)
    jobs = [("built_tiles", 1 << 28), ("built_tiles", 1 << 20), ("built_stripes", 1 << 28)]
    found = [benchmark.child(tmp_path, name, "built_up", memory) for name, memory in jobs]
    assert len({one["digest"] for one in found}) == 1

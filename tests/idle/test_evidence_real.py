"""Real lots on a real image: small parcels are where cell-centre rules fail."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely
from evidence_rasters import RULES, by_shapely, image
from rasterio.features import geometry_mask

from landuse.idle.evidence import zonal
from landuse.issues import IssueLog

SCALE, OFFSET = 0.00341802, 149.0
"""From stored numbers to kelvin, as the note beside the data says."""


@pytest.fixture(scope="module")
def lots(shared_data):
    import geopandas as gpd

    found = gpd.read_file(shared_data("nyc_gowanus", "lots.gpkg"))
    frame = found.rename(columns={"lot_id": "parcel_id"})[["parcel_id", "geometry"]]
    return frame.assign(geometry=frame["geometry"].to_numpy())


@pytest.fixture(scope="module")
def heat(shared_data):
    return shared_data("nyc_gowanus", "lst_median_2020_2022.tif")


@pytest.fixture(scope="module")
def found(lots, heat):
    # the lots are on NAD83, the image on WGS 84: that they may be laid over each other is for
    # the user to say
    settings = image(heat, "mean", crs="EPSG:4269", scale=SCALE, offset=OFFSET)
    return zonal(lots, [settings], "EPSG:2263", RULES, IssueLog()).set_index("parcel_id")


def in_degrees(lots):
    from landuse.crs import parse, reproject

    shapes = lots["geometry"].to_numpy(dtype=object)
    return reproject(shapes, parse("EPSG:2263"), parse("EPSG:4269"))


def test_no_real_lot_is_lost(lots, found):
    """16 188 lots, 5 of them without a shape (which intake sets aside)."""
    drawn = ~shapely.is_empty(lots["geometry"].to_numpy())
    assert (len(lots), int((~drawn).sum())) == (16_188, 5)
    lost = found["verdict"].loc[lots["parcel_id"]].to_numpy() == "no_evidence"
    assert (lost == ~drawn).all()
    assert found.loc[lots["parcel_id"][:300], "value"].notna().all()
    assert found["value"].between(280, 330).sum() == drawn.sum()  # a summer's ground in kelvin


def test_cell_centres_lose_most_of_the_small_ones(lots, heat, found):
    """Of the first 300 lots 214 hold no centre of a cell; every one of them has a value here."""
    with rasterio.open(heat) as source:
        shape, transform = source.shape, source.transform
    lost = [
        not geometry_mask([lot], shape, transform, invert=True).any()
        for lot in in_degrees(lots[:300])
    ]
    assert sum(lost) == 214
    assert found.loc[lots["parcel_id"][:300][lost], "value"].notna().all()


def test_how_many_lots_hold_no_centre_of_a_cell(lots, heat):
    """The figure of the README: 10 892 of the 16 183 lots that are drawn."""
    shapes = in_degrees(lots)
    drawn = shapes[~shapely.is_empty(shapes)]
    with rasterio.open(heat) as source:
        rows, columns = np.indices(source.shape).reshape(2, -1)
        centres = shapely.points(*(source.transform * (columns + 0.5, rows + 0.5)))
    held, _ = shapely.STRtree(centres).query(drawn, predicate="contains")
    assert (len(drawn), len(drawn) - len(np.unique(held))) == (16_183, 10_892)


def test_lots_at_the_water_cells_without_value(lots, heat, found):
    """NaN cells are declared nowhere; a mean that took them up would be NaN."""
    with rasterio.open(heat) as source:
        assert source.nodata is None
        assert np.isnan(source.read(1)).sum() == 553
    partly = found["covered_share"].between(1e-6, 1 - 1e-6)
    assert found.loc[partly, "value"].notna().all()


def test_real_lots_against_exact_intersection(lots, heat, found):
    """Every 400th lot, cell by cell with shapely in the grid of the image."""
    with rasterio.open(heat) as source:
        values, transform = source.read(1), source.transform
    inverse = ~transform
    for at, lot in list(zip(lots["parcel_id"], in_degrees(lots), strict=True))[::400]:
        if lot.is_empty:
            continue
        left, top = inverse @ (lot.bounds[0], lot.bounds[3])
        right, bottom = inverse @ (lot.bounds[2], lot.bounds[1])
        x, y = max(int(left), 0), max(int(top), 0)
        window = values[y : int(bottom) + 1, x : int(right) + 1]
        moved = transform @ rasterio.Affine.translation(x, y)
        mean, covered = by_shapely(lot, window, moved)
        assert found.loc[at, "covered_share"] == pytest.approx(covered, abs=2e-6)
        assert found.loc[at, "value"] == pytest.approx(mean * SCALE + OFFSET, abs=1e-4)

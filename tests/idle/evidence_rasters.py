"""Small rasters for the tests, and the slow way to the same answer: cut every cell with shapely."""

from __future__ import annotations

import datetime as dt
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from landuse.idle.evidence import Image
from landuse.rules import load

RULES = load("three-indicator", as_of=dt.date(2026, 6, 30))
CRS = "EPSG:4549"  # CGCS2000, central meridian 120°E, metres
LEFT, TOP, CELL = 500_000.0, 3_000_000.0, 10.0
NORTH_UP = Affine(CELL, 0, LEFT, 0, -CELL, TOP)


@contextmanager
def quiet():
    """Some of these rasters lie nowhere on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def write(
    path: Path,
    values,
    *,
    transform=NORTH_UP,
    crs=CRS,
    nodata=None,
    scale=None,
    offset=None,
    mask=None,
    **options,
) -> Path:
    """A raster of one band, or of several where ``values`` has three dimensions."""
    bands = np.atleast_3d(np.asarray(values).T).T
    profile = {
        "driver": "GTiff",
        "width": bands.shape[2],
        "height": bands.shape[1],
        "count": bands.shape[0],
        "dtype": bands.dtype,
        "crs": crs,
        "transform": transform,
        "nodata": nodata,
        **options,
    }
    path.unlink(missing_ok=True)
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True, GDAL_PAM_ENABLED=False),
        quiet(),
        rasterio.open(path, "w", **profile) as target,
    ):
        target.write(bands)
        if scale is not None:
            target.scales = [scale] * len(bands)
        if offset is not None:
            target.offsets = [offset] * len(bands)
        if mask is not None:
            target.write_mask(np.asarray(mask))
    return path


def image(path: Path, kind="built_up", label="2024", **options) -> Image:
    return Image(path=path, name=path.name, label=label, kind=kind, **options)


def parcels(*shapes, ids=None) -> pd.DataFrame:
    names = ids or [f"P{number:05d}" for number in range(len(shapes))]
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return pd.DataFrame({"parcel_id": pd.Series(names, dtype="str"), "geometry": geometry})


def cells_box(left, top, right, bottom):
    """A rectangle in cells of ``NORTH_UP``, counted from the upper left corner."""
    return shapely.box(
        LEFT + CELL * left, TOP - CELL * bottom, LEFT + CELL * right, TOP - CELL * top
    )


def by_shapely(shape, values, transform) -> tuple[float, float]:
    """Mean weighted by the exact area of each cell within ``shape``, and the share covered."""
    height, width = values.shape
    weight, weighted = 0.0, 0.0
    for row in range(height):
        for column in range(width):
            if np.isnan(values[row, column]):
                continue
            corners = ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1))
            cell = shapely.Polygon([transform @ corner for corner in corners])
            part = shape.intersection(cell).area
            weight += part
            weighted += part * float(values[row, column])
    return (weighted / weight if weight else float("nan")), weight / shape.area

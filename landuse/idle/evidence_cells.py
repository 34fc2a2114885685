"""Cells and parcels: how much of each cell lies in each parcel, in bounded memory.

Works in the raster's own cells: a parcel becomes a polygon in columns and rows, so that the grid
has whole numbers, turned and skewed rasters are no special case, and the result of a parcel
depends on nothing but the parcel and the raster.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.crs import reproject

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyproj

    from landuse.idle.evidence_extract import Cells
    from landuse.idle.evidence_raster import Band

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]
    Shapes = npt.NDArray[np.object_]

__all__ = ["Share", "Window", "Zonal", "extract"]

Window = tuple[int, int, int, int]
"""Left column, top row, width and height, in cells."""
_BATCH: Final = 50_000
"""Parcels that are moved to the raster's cells at a time."""
_BYTES_PER_CELL: Final = 32
"""A value as stored, as float64, its mask, and the copies made on the way."""
_FEWEST_CELLS: Final = 1 << 14
_PIECE: Final = 1 << 22
"""Cells of one parcel that are looked at together. Fixed: were it to follow the memory allowed,
the last bit of a sum could too."""
_FIELDS: Final = ("mean", "count", "min", "max")


@dataclass(frozen=True, slots=True)
class Share:
    """Which stored values of a band mean built-up."""

    built_values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Zonal:
    """For each parcel: mean over the covered cells (NaN if none), the share of the parcel that is
    covered, and the smallest and largest value (0 where nothing is covered)."""

    mean: Floats
    covered: Floats
    low: Floats
    high: Floats


def extract(
    shapes: Shapes,
    system: pyproj.CRS,
    target: pyproj.CRS,
    band: Band,
    share: Share | None,
    max_memory: int,
) -> Zonal:
    """Statistics of the band's values, or with ``share`` of 1 (built-up) and 0, for each shape.

    ``shapes`` are polygons in ``system``; the raster is in ``target``. A shape that cannot be
    reached by the projection is not covered.
    """
    from landuse.idle.evidence_extract import Cells

    count = len(shapes)
    sums = np.zeros((count, len(_FIELDS)))
    sums[:, 0] = np.nan
    area = np.ones(count)
    source = Cells(band, share)
    order = _along_curve(shapes)
    for start in range(0, count, _BATCH):
        batch = order[start : start + _BATCH]
        cells = _in_cells(shapes[batch], system, target, band)
        area[batch] = np.maximum(shapely.area(cells), np.finfo(float).tiny)
        for part, window in _chunks(cells, band, max_memory):
            source.hold(window)
            sums[batch[part]] = _statistics(source, cells[part])
    mean, covered, low, high = sums.T
    return Zonal(mean, covered / area, low, high)


def _in_cells(shapes: Shapes, system: pyproj.CRS, target: pyproj.CRS, band: Band) -> Shapes:
    """Shapes in columns and minus rows (y upwards, as polygons are)."""
    moved = reproject(shapely.force_2d(shapes), system, target)
    cells: Shapes = shapely.transform(moved, band.affine.to_cells)
    reached = np.isfinite(shapely.bounds(cells)).all(axis=1)
    cells[~reached] = shapely.Polygon()
    return cells


def _along_curve(shapes: Shapes) -> Indices:
    """Indices along a Z-order curve, so that what is read together lies together."""
    if not len(shapes):
        return np.zeros(0, dtype=np.intp)
    box = shapely.bounds(shapes)
    middle = np.nan_to_num((box[:, :2] + box[:, 2:]) / 2)
    low, high = middle.min(axis=0), middle.max(axis=0)
    place = ((middle - low) / np.where(high > low, high - low, 1.0) * 0xFFFF).astype(np.uint64)
    return np.argsort(_spread(place[:, 0]) | (_spread(place[:, 1]) << np.uint64(1)), kind="stable")


def _spread(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """16 bits with a zero between each two.

    >>> _spread(np.array([3, 0xFFFF], dtype=np.uint64)).tolist() == [5, 0x55555555]
    True
    """
    steps = ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555))
    for shift, mask in steps:
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits


def _chunks(cells: Shapes, band: Band, max_memory: int) -> Iterator[tuple[Indices, Window | None]]:
    """Shapes that touch the raster, in groups with the window of cells that holds each group.

    A shape too large for the memory comes alone and without a window: it is read in pieces.
    """
    allowed = max(max_memory // _BYTES_PER_CELL, _FEWEST_CELLS)
    side = max(math.isqrt(allowed) // 2, 1)
    box = shapely.bounds(cells)
    x0, x1 = np.floor(box[:, 0]), np.ceil(box[:, 2])
    y0, y1 = np.floor(-box[:, 3]), np.ceil(-box[:, 1])
    with np.errstate(invalid="ignore"):
        touches = (x1 > 0) & (y1 > 0) & (x0 < band.width) & (y0 < band.height)
    hit = np.flatnonzero(touches)
    x0, y0 = np.maximum(x0[hit], 0), np.maximum(y0[hit], 0)
    x1, y1 = np.minimum(x1[hit], band.width), np.minimum(y1[hit], band.height)
    large = (x1 - x0 > side) | (y1 - y0 > side)
    for index in hit[large]:
        yield np.array([index]), None
    small = np.flatnonzero(~large)
    tile = np.floor(y0[small] / side) * (band.width // side + 1) + np.floor(x0[small] / side)
    small = small[np.argsort(tile, kind="stable")]
    for group in np.split(small, np.flatnonzero(np.diff(np.sort(tile))) + 1):
        if len(group):
            left, top = int(x0[group].min()), int(y0[group].min())
            size = int(x1[group].max()) - left, int(y1[group].max()) - top
            yield hit[group], (left, top, *size)


def _statistics(source: Cells, cells: Shapes) -> Floats:
    """The fields of each shape, one row a shape, in their order."""
    from landuse.idle.evidence_extract import rows

    written = rows(source, shapely.to_wkb(cells).tolist(), _FIELDS, _PIECE)
    found = np.array([[row.get(name) for name in _FIELDS] for row in written], dtype=float)
    found[:, 1] = np.nan_to_num(found[:, 1])
    empty = found[:, 1] == 0
    found[empty, 0] = np.nan
    found[empty, 2:] = 0.0
    return found

"""Polygons as they lie in a file: bounds and areas from the coordinates, geometries for a few."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

__all__ = ["Outlines", "outlines"]

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]
Indices = npt.NDArray[np.intp]

_PLAIN: Final = bytes.fromhex("010300000001000000")
"""How WKB of a polygon of one ring without heights begins: byte order, kind, number of rings."""
_HEAD: Final = 13
"""Bytes before the coordinates: the above and the number of points."""
_POINT: Final = 16
_LEAST: Final = _HEAD + 4 * _POINT
_LONGEST: Final = 2**31 - 1
_TOGETHER: Final = 4096
"""Polygons looked at together: what is made of them stays in the cache and is used again."""


class Outlines:
    """Polygons of one ring each: an :class:`landuse.overlay.Layer` made of their WKB.

    ``area`` is the planar area as GEOS has it up to the last bits: a sum in another order.
    """

    def __init__(self, wkb: pa.ChunkedArray, bounds: Floats, area: Floats) -> None:
        self._wkb, self.bounds, self.area = wkb, bounds, area

    def shapes(self, rows: Indices) -> Geometries:
        """The geometries of some, decoded now."""
        some: Geometries = shapely.from_wkb(self._wkb.take(pa.array(rows)).to_numpy())
        return some


def outlines(wkb: pa.ChunkedArray) -> Outlines | None:
    """The polygons of a column of WKB, or ``None`` where one has holes, parts, heights or another
    byte order, or is missing: then only geometries can tell."""
    pieces = [
        chunk.slice(start, _TOGETHER)
        for chunk in wkb.chunks
        for start in range(0, len(chunk), _TOGETHER)
    ]
    with ThreadPoolExecutor(max_workers=2) as both:
        told = list(both.map(_measured, pieces))
    known = [one for one in told if one is not None]
    if not known or len(known) < len(told):
        return None
    bounds, area = zip(*known, strict=True)
    return Outlines(wkb, np.concatenate(bounds), np.concatenate(area))


def _measured(wkb: pa.BinaryArray) -> tuple[Floats, Floats] | None:
    """Bounds and areas; x counts from each polygon's first point, as large numbers lose digits."""
    found = _points(wkb)
    if found is None:
        return None
    points, starts = found
    first, last = starts[:-1], starts[1:] - 1
    low = np.minimum.reduceat(points, first)
    high = np.maximum.reduceat(points, first)
    across = points[:, 0] - np.repeat(points[first, 0], np.diff(starts))
    across[1:-1] *= points[:-2, 1] - points[2:, 1]
    across[first] = across[last] = 0.0
    area = np.abs(np.add.reduceat(across, first)) / 2.0
    return np.hstack([low, high]), area


def _points(wkb: pa.BinaryArray) -> tuple[Floats, Indices] | None:
    """The coordinates of all, and where those of each begin (one more: the end)."""
    if wkb.null_count or pc.unique(pc.binary_slice(wkb, 0, len(_PLAIN))).to_pylist() != [_PLAIN]:
        return None
    length = pc.binary_length(wkb).to_numpy()
    if length.min() < _LEAST or (length % _POINT != _HEAD).any():
        return None
    # without their heads the polygons lie side by side, and the coordinates are read in place
    bare = pc.binary_slice(wkb, _HEAD, _LONGEST)
    ends = np.frombuffer(bare.buffers()[1], np.int32, len(bare) + 1, bare.offset * 4)
    points = np.frombuffer(bare.buffers()[2], np.float64, ends[-1] // 8).reshape(-1, 2)
    return points, (ends // _POINT).astype(np.intp)

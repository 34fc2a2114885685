"""Polygons as they lie in a file: bounds and areas from the coordinates, geometries for a few."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

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


class _Block(NamedTuple):
    """Coordinates of some polygons, and where each begins (one more: the end)."""

    points: Floats
    starts: Indices


class Outlines:
    """Polygons of one ring each: an :class:`landuse.overlay.Layer` made of their WKB.

    ``area`` is the planar area as GEOS has it up to the last bits: a sum in another order.
    """

    def __init__(self, wkb: Iterable[pa.BinaryArray], blocks: list[_Block]) -> None:
        self._wkb = pa.chunked_array(list(wkb), pa.binary())
        with ThreadPoolExecutor(max_workers=2) as both:
            told = list(both.map(_measured, blocks))
        self.bounds: Floats = np.concatenate([bounds for bounds, _ in told])
        self.area: Floats = np.concatenate([area for _, area in told])

    def shapes(self, rows: Indices) -> Geometries:
        """The geometries of some, decoded now."""
        some: Geometries = shapely.from_wkb(self._wkb.take(pa.array(rows)).to_numpy())
        return some


def outlines(wkb: pa.ChunkedArray) -> Outlines | None:
    """The polygons of a column of WKB, or ``None`` where one has holes, parts, heights or another
    byte order, or is missing: then only geometries can tell."""
    blocks = [_block(chunk) for chunk in wkb.chunks if len(chunk)]
    found = [block for block in blocks if block is not None]
    return Outlines(wkb.chunks, found) if found and len(found) == len(blocks) else None


def _block(wkb: pa.BinaryArray) -> _Block | None:
    if wkb.null_count or pc.unique(pc.binary_slice(wkb, 0, len(_PLAIN))).to_pylist() != [_PLAIN]:
        return None
    length = pc.binary_length(wkb).to_numpy()
    if length.min() < _LEAST or (length % _POINT != _HEAD).any():
        return None
    # without their heads the polygons lie side by side, and the coordinates are read in place
    bare = pc.binary_slice(wkb, _HEAD, _LONGEST)
    ends = np.frombuffer(bare.buffers()[1], np.int32, len(bare) + 1, bare.offset * 4)
    points = np.frombuffer(bare.buffers()[2], np.float64, ends[-1] // 8).reshape(-1, 2)
    return _Block(points, (ends // _POINT).astype(np.intp))


def _measured(block: _Block) -> tuple[Floats, Floats]:
    """Bounds and areas; x counts from each polygon's first point, as large numbers lose digits."""
    points, starts = block
    first, last = starts[:-1], starts[1:] - 1
    low = np.minimum.reduceat(points, first)
    high = np.maximum.reduceat(points, first)
    across = points[:, 0] - np.repeat(points[first, 0], np.diff(starts))
    up = np.empty(len(points))
    np.subtract(points[:-2, 1], points[2:, 1], out=up[1:-1])
    up[first] = up[last] = 0.0
    area = np.abs(np.add.reduceat(across * up, first)) / 2.0
    return np.hstack([low, high]), area

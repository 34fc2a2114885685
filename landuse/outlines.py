"""Polygons as they lie in a file: bounds and areas from the coordinates, geometries for a few;
and polygons laid out as in a file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landuse.edges import common_area, edges_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Outlines", "geometries", "outlines", "written"]

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]
Indices = npt.NDArray[np.intp]

_PLAIN: Final = bytes.fromhex("010300000001000000")
"""How WKB of a polygon of one ring without heights begins: byte order, kind, number of rings."""
_POLYGON: Final = 3
"""What GEOS calls the kind."""
_HEAD: Final = 13
"""Bytes before the coordinates: the above and the number of points."""
_POINT: Final = 16
_LEAST: Final = _HEAD + 4 * _POINT
_LONGEST: Final = 2**31 - 1
_TOGETHER: Final = 4096
"""Polygons looked at together: what is made of them stays in the cache and is used again."""
_PAIRS: Final = 1 << 17
"""Pairs of a polygon and an edge of a large one looked at together, for the same reason."""


class Outlines:
    """Polygons of one ring each: an :class:`landuse.overlay.Layer` made of their WKB.

    Areas are planar and those of GEOS up to the last bits: sums in another order.
    """

    def __init__(self, wkb: pa.ChunkedArray, bounds: Floats, area: Floats) -> None:
        self._wkb, self.bounds, self.area = wkb, bounds, area

    def shapes(self, rows: Indices) -> Geometries:
        """The geometries of some, decoded now."""
        some: Geometries = shapely.from_wkb(self._wkb.take(pa.array(rows)).to_numpy())
        return some

    def common(self, rows: Indices, large: Geometries, zone: Indices) -> Floats:
        """The area that each of ``rows`` has in common with its ``zone``, a position in ``large``:
        see :mod:`landuse.edges`."""
        area = np.empty(len(rows))
        ends = np.cumsum([len(chunk) for chunk in self._wkb.chunks])
        place = np.searchsorted(ends, rows, "right")
        order = np.argsort(place * len(large) + zone)
        bounds = np.searchsorted(place[order], np.arange(len(ends) + 1))
        for chunk, end, here in zip(self._wkb.chunks, ends, pairwise(bounds), strict=True):
            some = order[slice(*here)]
            wkb = chunk.take(pa.array(rows[some] - (end - len(chunk))))
            area[some] = self._by_zone(rows[some], wkb, large, zone[some])
        return area

    def _by_zone(
        self, rows: Indices, wkb: pa.BinaryArray, large: Geometries, zone: Indices
    ) -> Floats:
        """The same for rows in the order of their zones, and their ``wkb``."""
        area = np.empty(len(rows))
        starts = np.flatnonzero(np.diff(zone, prepend=-1))
        for start, end in pairwise([*starts.tolist(), len(rows)]):
            edges = edges_of(large[zone[start]])
            step = _PAIRS // (len(edges.y) + 1) + 1
            for at in range(start, end, step):
                block = slice(at, min(at + step, end))
                here, theirs = rows[block], wkb[block]
                area[block] = common_area(
                    self.bounds[here],
                    self.area[here],
                    partial(_points_of, theirs),
                    edges,
                )
        return area


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
    if not _are_plain(wkb):
        return None
    points, starts = _points(wkb)
    first, last = starts[:-1], starts[1:] - 1
    low = np.minimum.reduceat(points, first)
    high = np.maximum.reduceat(points, first)
    across = points[:, 0] - np.repeat(points[first, 0], np.diff(starts))
    across[1:-1] *= points[:-2, 1] - points[2:, 1]
    across[first] = across[last] = 0.0
    area = np.abs(np.add.reduceat(across, first)) / 2.0
    return np.hstack([low, high]), area


def _are_plain(wkb: pa.BinaryArray) -> bool:
    """Whether all are polygons of one ring without heights."""
    if wkb.null_count or pc.unique(pc.binary_slice(wkb, 0, len(_PLAIN))).to_pylist() != [_PLAIN]:
        return False
    length = pc.binary_length(wkb).to_numpy()
    return bool(length.min() >= _LEAST and (length % _POINT == _HEAD).all())


def _points_of(wkb: pa.BinaryArray, some: Indices) -> tuple[Floats, Indices]:
    return _points(wkb.take(pa.array(some)))


def _points(wkb: pa.BinaryArray) -> tuple[Floats, Indices]:
    """The coordinates of all, and where those of each begin (one more: the end)."""
    # without their heads the polygons lie side by side, and the coordinates are read in place
    bare = pc.binary_slice(wkb, _HEAD, _LONGEST)
    ends = np.frombuffer(bare.buffers()[1], np.int32, len(bare) + 1, bare.offset * 4)
    points = np.frombuffer(bare.buffers()[2], np.float64, ends[-1] // 8).reshape(-1, 2)
    return points, (ends // _POINT).astype(np.intp)


def geometries(wkb: Iterable[pa.BinaryArray]) -> Geometries:
    """The geometries of a column of WKB, ``None`` for none or for one that cannot be built.

    A chunk at a time: its bytes lie in memory once more while they are read.
    """
    found = [
        shapely.from_wkb(chunk.to_numpy(zero_copy_only=False), on_invalid="ignore") for chunk in wkb
    ]
    return np.concatenate([np.zeros(0, dtype=object), *found])


def written(shapes: Geometries) -> pa.ChunkedArray:
    """The shapes as WKB of ISO; the bytes of GEOS, put together from the coordinates of many."""
    pieces = [
        _written(shapes[start : start + _TOGETHER]) for start in range(0, len(shapes), _TOGETHER)
    ]
    return pa.chunked_array(pieces, pa.binary())


def _written(shapes: Geometries) -> pa.BinaryArray:
    count = shapely.get_num_coordinates(shapes)
    plain = (shapely.get_type_id(shapes) == _POLYGON) & (count > 0)
    plain &= shapely.get_num_interior_rings(shapes) == 0
    plain &= ~(shapely.has_z(shapes) | shapely.has_m(shapes))
    if not plain.any():
        return pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary())
    heads = np.empty(len(shapes), dtype=[("plain", f"S{len(_PLAIN)}"), ("count", "<u4")])
    heads["plain"], heads["count"] = _PLAIN, count
    points = shapely.get_coordinates(shapes).astype("<f8", copy=False)
    joined = pc.binary_join_element_wise(
        _cut(heads, np.full(len(shapes), _HEAD)), _cut(points, count * _POINT), b""
    )
    if plain.all():
        return joined
    others = pa.array(shapely.to_wkb(shapes[~plain], flavor="iso"), pa.binary())
    return pc.replace_with_mask(joined, pa.array(~plain), others)


def _cut(content: npt.NDArray[Any], lengths: npt.NDArray[np.integer[Any]]) -> pa.BinaryArray:
    """Bytes of so many lengths, one after another, without a copy."""
    ends = np.cumsum([0, *lengths], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.binary(), len(lengths), buffers)

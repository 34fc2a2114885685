"""How much of each polygon lies in each of a few large ones: geometry without land policy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["GRAIN_M2", "Layer", "Overlaps", "Shapes", "overlaps", "self_overlaps"]

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]
Indices = npt.NDArray[np.intp]
Overlaps = tuple[Indices, Indices, Floats]
GRAIN_M2: Final = 1e-6
"""Smaller overlaps are rounding of coordinates, not land: the grain of every area here."""

_MANY: Final = 20_000
"""From so many pairs on both cores are worth a second set of prepared polygons."""
_CELL: Final = 16
"""Neighbours that are asked about together: one such cell in eight lies on a border."""


class Layer(Protocol):
    """Polygons of which geometries are made only where they are needed."""

    @property
    def bounds(self) -> Floats:
        """West, south, east and north of each; ``NaN`` where there is nothing."""

    @property
    def area(self) -> Floats:
        """The planar area of each in m²."""

    def shapes(self, rows: Indices) -> Geometries:
        """The geometries of some."""

    def common(self, rows: Indices, large: Geometries, zone: Indices) -> Floats:
        """The area that each of ``rows`` has in common with its ``zone``, a position in ``large``;
        these are prepared."""


class Shapes:
    """Geometries as a layer."""

    def __init__(self, shapes: Geometries) -> None:
        self._shapes = shapes
        self.bounds: Floats = shapely.bounds(shapes)
        self.area: Floats = shapely.area(shapes)

    def shapes(self, rows: Indices) -> Geometries:
        """The geometries of some."""
        some: Geometries = self._shapes[rows]
        return some

    def common(self, rows: Indices, large: Geometries, zone: Indices) -> Floats:
        """The area that each of ``rows`` has in common with its ``zone``."""
        small = self._shapes[rows]
        if len(rows) < _MANY:
            return _common(small, large, zone)
        # GEOS leaves the interpreter's lock; a prepared polygon is nobody else's meanwhile
        half = len(rows) // 2
        own = shapely.from_wkb(shapely.to_wkb(large))
        with ThreadPoolExecutor(max_workers=1) as other:
            later = other.submit(_common, small[half:], own, zone[half:])
            first = _common(small[:half], large, zone[:half])
            return np.concatenate([first, later.result()])


def overlaps(small: Layer | Geometries, large: Geometries) -> Overlaps:
    """Pairs that overlap: index in ``small``, index in ``large``, planar area in m².

    A polygon covered by a large one needs no intersection, and where the box of a cell of
    neighbours is covered, or lies outside, none of them is looked at; only those on a border are
    cut. Sorted by the two indices.
    """
    layer = Shapes(small) if isinstance(small, np.ndarray) else small
    order, boxes = _cells(layer.bounds)
    zone, cell = shapely.STRtree(boxes).query(large)
    shapely.prepare(large)
    inside = shapely.covers(large[zone], boxes[cell])
    border = np.flatnonzero(~inside)
    border = border[shapely.intersects(large[zone[border]], boxes[cell[border]])]
    whole, pair = _members(cell[inside], len(order))
    whole = order[whole]
    cut = _cut(layer, large, order, zone[border], cell[border])
    parcel = np.concatenate([whole, cut[0]])
    zone = np.concatenate([zone[inside][pair], cut[1]])
    area = np.concatenate([layer.area[whole], cut[2]])
    real = area >= GRAIN_M2
    parcel, zone, area = parcel[real], zone[real], area[real]
    rows = np.lexsort((zone, parcel))
    return parcel[rows], zone[rows], area[rows]


def _cells(bounds: Floats) -> tuple[Indices, Geometries]:
    """An order in which :data:`_CELL` polygons each are neighbours, and the box of each cell."""
    rows = np.flatnonzero(~np.isnan(bounds[:, 0]))
    if not len(rows):
        return rows, np.zeros(0, dtype=object)
    box = bounds[rows]
    slabs = int(np.ceil(np.sqrt(len(rows) / _CELL)))
    slab = np.empty(len(rows), dtype=np.int64)
    slab[np.argsort(box[:, 0] + box[:, 2])] = np.arange(len(rows)) * slabs // len(rows)
    up = box[:, 1] + box[:, 3]
    up -= up.min()
    # one number to sort by: who stands beside whom is a matter of speed, not of the answer
    order = np.argsort(slab + up / (2.0 * up.max() + 1.0))
    starts = np.arange(0, len(order), _CELL)
    low = np.minimum.reduceat(box[order, :2], starts)
    high = np.maximum.reduceat(box[order, 2:], starts)
    boxes: Geometries = np.asarray(shapely.box(*low.T, *high.T), dtype=object)
    return rows[order], boxes


def _members(cells: Indices, rows: int) -> tuple[Indices, Indices]:
    """The places of all members of some cells among ``rows``, and whose each is."""
    place = cells[:, np.newaxis] * _CELL + np.arange(_CELL)
    there = place < rows
    return place[there], np.nonzero(there)[0]


def _cut(layer: Layer, large: Geometries, order: Indices, zone: Indices, cell: Indices) -> Overlaps:
    """The overlaps of the members of ``cell``s that lie on the border of a ``zone`` each."""
    place, pair = _members(cell, len(order))
    parcel, theirs = order[place], zone[pair]
    own, box = layer.bounds[parcel], shapely.bounds(large)[theirs]
    met = np.flatnonzero(((own[:, :2] <= box[:, 2:]) & (box[:, :2] <= own[:, 2:])).all(axis=1))
    parcel, theirs = parcel[met], theirs[met]
    return parcel, theirs, layer.common(parcel, large, theirs)


def _common(small: Geometries, large: Geometries, zone: Indices) -> Floats:
    """The area that each of ``small`` has in common with its ``zone``, a position in ``large``."""
    shapely.prepare(large)
    theirs = large[zone]
    inside = shapely.covers(theirs, small)
    area = np.zeros(len(zone))
    area[inside] = shapely.area(small[inside])
    cut = np.flatnonzero(~inside)
    cut = cut[shapely.intersects(theirs[cut], small[cut])]
    area[cut] = shapely.area(shapely.intersection(small[cut], theirs[cut]))
    return area


def self_overlaps(polygons: Geometries, above_m2: float) -> Overlaps:
    """Pairs ``i < j`` of one layer whose common area exceeds ``above_m2``, with that area in m²."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    area = shapely.area(shapely.intersection(polygons[left], polygons[right]))
    more = area > above_m2
    left, right, area = left[more], right[more], area[more]
    order = np.lexsort((right, left))
    return left[order], right[order], area[order]

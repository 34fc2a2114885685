"""The area that polygons have in common with a large one, from pairs of their edges.

What lies below an edge counts for or against a polygon, as the edge runs west or east; so two
polygons have in common the sum, over all pairs of an edge of one and an edge of the other, of what
lies below both. Nothing is noded, edges that coincide are no special case, and the areas are those
of GEOS up to the last bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["Edges", "common_area", "edges_of", "edges_of_rings"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Rings = tuple[Floats, Indices]
"""Points of closed rings side by side, and where those of each begin (one more: the end)."""

_TINY: Final = float(np.finfo(np.float64).tiny)


class Edges(NamedTuple):
    """Edges that are not vertical, west end first; ``sign`` is 1 where what lies below counts."""

    west: Floats
    east: Floats
    y: Floats
    slope: Floats
    sign: Floats

    def at(self, x: Floats) -> Floats:
        """The height of each at its ``x``."""
        return self.y + (x - self.west) * self.slope

    def take(self, some: Indices) -> Edges:
        """Some of them, or some several times."""
        return Edges(*(column[some] for column in self))

    def seen_from(self, corner: Floats) -> Edges:
        """In coordinates that count from a corner for each, as large numbers lose digits."""
        x, y = corner.T
        return self._replace(west=self.west - x, east=self.east - x, y=self.y - y)


def edges_of_rings(points: Floats, starts: Indices) -> tuple[Edges, Indices]:
    """The edges of closed rings with land on their left, and which ring each belongs to."""
    x, y = points.T
    slanted = x[:-1] != x[1:]
    slanted[starts[1:-1] - 1] = False
    tail = np.flatnonzero(slanted)
    to_west = x[tail] > x[tail + 1]
    west, east = tail + to_west, tail + ~to_west
    slope = (y[east] - y[west]) / (x[east] - x[west])
    whose = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[tail]
    return Edges(x[west], x[east], y[west], slope, np.where(to_west, 1.0, -1.0)), whose


def edges_of(polygon: shapely.Geometry) -> Edges:
    """The edges of a polygon of any parts and holes."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    return edges_of_rings(points, np.searchsorted(ring, np.arange(len(rings) + 1)))[0]


def common_area(
    boxes: Floats, areas: Floats, rings: Callable[[Indices], Rings], edges: Edges
) -> Floats:
    """What each polygon of one ring has in common with the polygon of ``edges``, in m².

    Of all polygons bounds and areas are known; ``rings`` gives the rings of some. An edge above
    the whole polygon has all of it below; only those that may cut it are compared with its own.

    >>> square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]])
    >>> rings = lambda some: (square, np.array([0, 5]))
    >>> half = edges_of(shapely.box(1.0, -9.0, 9.0, 9.0))
    >>> common_area(np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([4.0]), rings, half).tolist()
    [2.0]
    """
    which, edge = np.nonzero((boxes[:, :1] < edges.east) & (edges.west < boxes[:, 2:3]))
    near = edges.take(edge).seen_from(boxes[which, :2])
    width, height = (boxes[which, 2:] - boxes[which, :2]).T
    ends = near.at(np.maximum(near.west, 0.0)), near.at(np.minimum(near.east, width))
    above = (np.minimum(*ends) >= height) & (near.west <= 0.0) & (near.east >= width)
    common = np.bincount(which[above], near.sign[above], len(boxes)) * areas
    cutting = np.flatnonzero(~above & (np.maximum(*ends) > 0.0))
    if len(cutting):
        asked, whose = np.unique(which[cutting], return_inverse=True)
        common[asked] += _compared(rings(asked), boxes[asked, :2], whose, near.take(cutting))
    return common


def _compared(rings: Rings, corners: Floats, whose: Indices, edges: Edges) -> Floats:
    """For each ring what lies below ``edges``, which are seen from its corner, and its own."""
    own, ring = edges_of_rings(*rings)
    own = own.seen_from(corners[ring])
    first = np.searchsorted(ring, np.arange(len(corners) + 1))
    count = np.diff(first)[whose]
    pair = np.repeat(np.arange(len(whose)), count)
    mine = np.arange(len(pair)) + (first[whose] - np.cumsum(count) + count)[pair]
    west = np.maximum(own.west[mine], edges.west[pair])
    east = np.minimum(own.east[mine], edges.east[pair])
    beside = np.flatnonzero(west < east)
    pair = pair[beside]
    one, other = own.take(mine[beside]), edges.take(pair)
    below = _below_both(one, other, west[beside], east[beside]) * one.sign * other.sign
    signed = own.sign * (own.at(own.west) + own.at(own.east)) * (own.east - own.west)
    turned = np.sign(np.bincount(ring, signed, len(corners)))
    return turned * np.bincount(whose[pair], below, len(corners))


def _below_both(one: Edges, other: Edges, west: Floats, east: Floats) -> Floats:
    """The area below the lower of two edges from ``west`` to ``east``."""
    left, right = (one.at(west), other.at(west)), (one.at(east), other.at(east))
    apart, later = left[0] - left[1], right[0] - right[1]
    crossing = np.maximum(-apart * later, 0.0) / np.maximum(np.abs(apart - later), _TINY)
    return (np.minimum(*left) + np.minimum(*right) + crossing) * ((east - west) / 2.0)

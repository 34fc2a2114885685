"""Polygons that are seen whole from the middle of their box: one ring, and surely a valid one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["are_star_shaped"]

_LEAST: Final = 1e-12
"""Share of its box that the triangle of an edge and the middle must have at least: a thousand
times what rounding can take from it."""


def are_star_shaped(polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Which polygons run once round the middle of their box and never turn back as seen from it.

    Such a ring meets itself nowhere, so the polygon is valid, and it has no other ring: that would
    run once more round the middle, or turn back. Of the others (``None`` among them) nothing is
    said. Most parcels are of this kind.

    >>> square = shapely.box(0, 0, 1, 1)
    >>> are_star_shaped(np.array([square, shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])]))
    array([ True, False])
    """
    out = np.zeros(len(polygons), dtype=bool)
    count = shapely.get_num_coordinates(polygons)
    some = np.flatnonzero(count)
    if not len(some):
        return out
    shapes, count = polygons[some], count[some]
    box = shapely.bounds(shapes)
    last = np.cumsum(count) - 1
    first = last - count + 1
    with np.errstate(over="ignore", invalid="ignore"):
        middle = (box[:, :2] + box[:, 2:]) / 2
        least = np.prod(box[:, 2:] - box[:, :2], axis=1) * _LEAST
        x, y = (shapely.get_coordinates(shapes) - np.repeat(middle, count, axis=0)).T
        turn = np.empty(len(x))
        turn[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
        turn[last] = turn[first]  # no edge leads from one polygon to the next
        steady = np.minimum.reduceat(turn, first) > least
        steady |= np.maximum.reduceat(turn, first) < -least
    passes = np.zeros(len(y), dtype=np.intp)
    passes[:-1] = (y[:-1] < 0) & (y[1:] >= 0)
    passes[last] = 0
    out[some] = steady & (np.add.reduceat(passes, first) == 1)
    return out

"""How much of each polygon lies in each of a few large ones: geometry without land policy."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["GRAIN_M2", "Overlaps", "overlaps", "self_overlaps"]

Indices = npt.NDArray[np.intp]
Overlaps = tuple[Indices, Indices, npt.NDArray[np.float64]]
GRAIN_M2: Final = 1e-6
"""Smaller overlaps are rounding of coordinates, not land: the grain of every area here."""


def overlaps(small: npt.NDArray[np.object_], large: npt.NDArray[np.object_]) -> Overlaps:
    """Pairs that overlap: index in ``small``, index in ``large``, planar area in m².

    A polygon covered by a large one needs no intersection, so only those on a border are cut.
    Sorted by the two indices.
    """
    tree = shapely.STRtree(small)
    shapely.prepare(large)
    zone_in, parcel_in = tree.query(large, predicate="covers")
    zone, parcel = tree.query(large, predicate="intersects")
    inside = np.isin(parcel * len(large) + zone, parcel_in * len(large) + zone_in)
    area = np.zeros(len(zone))
    area[inside] = shapely.area(small[parcel[inside]])
    cut = ~inside
    area[cut] = shapely.area(shapely.intersection(small[parcel[cut]], large[zone[cut]]))
    real = area >= GRAIN_M2
    parcel, zone, area = parcel[real], zone[real], area[real]
    order = np.lexsort((zone, parcel))
    return parcel[order], zone[order], area[order]


def self_overlaps(polygons: npt.NDArray[np.object_], above_m2: float) -> Overlaps:
    """Pairs ``i < j`` of one layer whose common area exceeds ``above_m2``, with that area in m²."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    area = shapely.area(shapely.intersection(polygons[left], polygons[right]))
    more = area > above_m2
    left, right, area = left[more], right[more], area[more]
    order = np.lexsort((right, left))
    return left[order], right[order], area[order]

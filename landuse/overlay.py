"""How much of each polygon lies in each of a few large ones: geometry without land policy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["GRAIN_M2", "Overlaps", "overlaps", "self_overlaps"]

Indices = npt.NDArray[np.intp]
Overlaps = tuple[Indices, Indices, npt.NDArray[np.float64]]
GRAIN_M2: Final = 1e-6
"""Smaller overlaps are rounding of coordinates, not land: the grain of every area here."""


_MANY: Final = 20_000
"""From so many pairs on both cores are worth a second set of prepared polygons."""


def overlaps(small: npt.NDArray[np.object_], large: npt.NDArray[np.object_]) -> Overlaps:
    """Pairs that overlap: index in ``small``, index in ``large``, planar area in m².

    A polygon covered by a large one needs no intersection, so only those on a border are cut.
    Sorted by the two indices.
    """
    zone, parcel = shapely.STRtree(small).query(large)
    if len(zone) < _MANY:
        area = _common(small[parcel], large, zone)
    else:
        # GEOS leaves the interpreter's lock; a prepared polygon is nobody else's meanwhile
        half = len(zone) // 2
        own = shapely.from_wkb(shapely.to_wkb(large))
        with ThreadPoolExecutor(max_workers=1) as other:
            later = other.submit(_common, small[parcel[half:]], own, zone[half:])
            first = _common(small[parcel[:half]], large, zone[:half])
            area = np.concatenate([first, later.result()])
    real = area >= GRAIN_M2
    parcel, zone, area = parcel[real], zone[real], area[real]
    order = np.lexsort((zone, parcel))
    return parcel[order], zone[order], area[order]


def _common(
    small: npt.NDArray[np.object_], large: npt.NDArray[np.object_], zone: Indices
) -> npt.NDArray[np.float64]:
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

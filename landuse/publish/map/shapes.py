"""Outlines of plots as whole numbers for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["STEP", "degrees", "outlines"]

STEP: Final = 1e-6
"""Resolution of the drawn outlines in degrees: 0.11 m, less than a pixel at the closest zoom."""
_POLYGON: Final = 3


def outlines(geometry: NDArray[np.object_], crs: str) -> dict[str, list[int]]:
    """Rings of every plot: ``rings`` per plot, ``points`` per ring, ``xy`` as differences.

    ``geometry`` holds shapely objects in ``crs``; the result is in longitude and latitude of that
    CRS's own datum (CGCS2000 and WGS 84 count as one for display; no grid, no network), in whole
    :data:`STEP`. Outer rings run counter-clockwise, inner ones clockwise, none is closed, and a
    point equal to the one before it is left out. A plot that cannot be placed has 0 rings.

    Raises :class:`landuse.errors.UserError` if ``crs`` has no place on the earth.
    """
    rings, owner = _rings(geometry)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.rint(degrees(crs)(xy) / STEP)
    lost = np.unique(owner[ring[~np.isfinite(steps).all(axis=1)]])
    placed = ~np.isin(owner, lost)
    keep = placed[ring] & _useful(steps, ring)
    kept, ring = steps[keep].astype(np.int64), ring[keep]
    count = np.bincount(owner[placed], minlength=len(geometry))
    points = np.bincount(ring, minlength=len(rings))[placed]
    return {
        "rings": count.tolist(),
        "points": points.tolist(),
        "xy": np.diff(kept, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist(),
    }


def _rings(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """All rings of the polygons, and the plot that each belongs to."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # a multipolygon in a collection
    owner = owner[inner]
    polygon = (shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)
    parts, owner = shapely.orient_polygons(shapely.force_2d(parts[polygon])), owner[polygon]
    rings, part = shapely.get_rings(parts, return_index=True)
    return rings, owner[part]


def _useful(steps: NDArray[np.float64], ring: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Points that differ from the one before; of each ring the first, and not the closing one."""
    if not len(ring):
        return np.zeros(0, bool)
    first = np.append(True, ring[1:] != ring[:-1])
    last = np.append(ring[1:] != ring[:-1], True)
    differs = np.append(True, (steps[1:] != steps[:-1]).any(axis=1))
    useful: NDArray[np.bool_] = first | (differs & ~last)
    return useful


def degrees(crs: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """What turns positions in ``crs`` into longitude and latitude of its own datum.

    Raises :class:`landuse.errors.UserError` if ``crs`` has no place on the earth.
    """
    import pyproj

    source = pyproj.CRS.from_user_input(crs)
    target = source.geodetic_crs
    if target is None:
        raise UserError.of("map.no_place", value=source.name)
    turn = pyproj.Transformer.from_crs(source, target, always_xy=True)

    def placed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):
            longitude, latitude = turn.transform(xy[:, 0], xy[:, 1])
        return np.column_stack([longitude, latitude])

    return placed

"""Where an area may be measured, and the area there, in m² (method, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely

from landuse.crs.ellipsoid import ellipsoid_area
from landuse.crs.systems import (
    FIRST_ZONE,
    LAST_ZONE,
    datum_of,
    fault,
    is_web_mercator,
    label,
    metres_per_unit,
    one_frame,
    zone_crs,
    zone_in,
    zone_of,
)
from landuse.crs.transform import reproject, to_lonlat

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import pyproj

__all__ = ["ELSEWHERE", "Ground", "area_m2", "choose_ground", "ground_by", "in_zones",
           "zone_counts", "zones_at"]  # fmt: skip

ELSEWHERE: Final = -1
"""Instead of a zone: in none of China's."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the areas of one layer are measured.

    ``crs``: the one projected system for all of it, or ``None``: each polygon in the CGCS2000
    3-degree zone of its centroid. ``zones``: that zone for each polygon (empty with ``crs``).
    ``ellipsoid``: on the ellipsoid instead of in a plane.
    """

    crs: pyproj.CRS | None
    zones: npt.NDArray[np.int64]
    ellipsoid: bool = False

    def counts(self) -> dict[int, int]:
        """The zones in order with the number of polygons in each."""
        counted = np.bincount(self.zones)
        return {zone: int(counted[zone]) for zone in np.flatnonzero(counted).tolist()}


def choose_ground(
    centres: npt.NDArray[np.float64],
    crs: pyproj.CRS,
    project_crs: pyproj.CRS | None,
    method: Literal["planar", "ellipsoid"] = "planar",
) -> Ground:
    """Where to measure polygons with these centroids (shape (n, 2), NaN allowed) in ``crs``.

    CGCS2000 and WGS 84 data in China: the 3-degree zone of each centroid. Else the layer's own
    projection, else ``project_crs`` if it is on the same datum. Raises
    :class:`landuse.crs.CrsFault` where that leaves only degrees or Web Mercator.
    """
    asked = method == "planar" and in_zones(crs)
    zones = zones_at(centres, crs) if asked else np.zeros(0, dtype=np.int64)
    ground = ground_by(zone_counts(zones), crs, project_crs, method)
    if not len(ground.zones):
        return ground
    return Ground(None, np.where(zones > 0, zones, ground.zones))


def ground_by(
    zones: Mapping[int, int],
    crs: pyproj.CRS,
    project_crs: pyproj.CRS | None,
    method: Literal["planar", "ellipsoid"] = "planar",
) -> Ground:
    """As :func:`choose_ground`, from :func:`zone_counts` of all polygons, wherever they were
    counted. Of ``zones`` there is one, the modal: that of polygons which lie in none.
    """
    none = np.zeros(0, dtype=np.int64)
    if method == "ellipsoid":
        return Ground(None, none, ellipsoid=True)
    if in_zones(crs):
        inside = {zone: many for zone, many in zones.items() if zone > 0}
        if sum(inside.values()) >= zones.get(ELSEWHERE, 0):
            modal = min(inside, key=lambda zone: (-inside[zone], zone), default=0)
            return Ground(None, np.array([modal], dtype=np.int64))
    for candidate in (crs, project_crs):
        if candidate is not None and _plane(candidate) and one_frame(candidate, crs):
            return Ground(candidate, none)
    raise fault("crs.degrees_of_old_datum", source=label(crs), source_datum=datum_of(crs))


def in_zones(crs: pyproj.CRS) -> bool:
    """Whether areas of a layer in ``crs`` may be measured in the CGCS2000 3-degree zones."""
    return datum_of(crs) in {"cgcs2000", "wgs84"}


def zones_at(centres: npt.NDArray[np.float64], crs: pyproj.CRS) -> npt.NDArray[np.int64]:
    """The zone of China in which each centroid lies; :data:`ELSEWHERE`, or 0 where there is none.

    >>> import pyproj
    >>> zones_at(np.array([[120.0, 30.0], [0.0, 50.0], [np.nan, 0.0]]), pyproj.CRS(4490)).tolist()
    [40, -1, 0]
    """
    longitude = to_lonlat(centres, crs)[:, 0]
    finite = np.isfinite(longitude)
    zones = np.zeros(len(longitude), dtype=np.int64)
    zones[finite] = zone_of(longitude[finite])
    zones[finite & ((zones < FIRST_ZONE) | (zones > LAST_ZONE))] = ELSEWHERE
    return zones


def zone_counts(zones: npt.NDArray[np.int64]) -> dict[int, int]:
    """How many polygons lie in each zone, of :func:`zones_at`."""
    counted = np.bincount(zones - ELSEWHERE)
    return {at + ELSEWHERE: int(counted[at]) for at in np.flatnonzero(counted).tolist()}


def _plane(crs: pyproj.CRS) -> bool:
    return bool(crs.is_projected) and not crs.is_bound and not is_web_mercator(crs)


def area_m2(
    shapes: npt.NDArray[np.object_], crs: pyproj.CRS, ground: Ground
) -> npt.NDArray[np.float64]:
    """Area of each shape (given in ``crs``) in m², measured where ``ground`` says; 0 for None."""
    if ground.ellipsoid:
        return _on_ellipsoid(shapes, crs)
    if ground.crs is not None:
        planar = shapely.area(reproject(shapes, crs, ground.crs))
        return np.nan_to_num(planar) * metres_per_unit(ground.crs) ** 2
    areas = np.zeros(len(shapes))
    zones = ground.counts()
    for zone in zones:
        here = np.flatnonzero(ground.zones == zone) if len(zones) > 1 else slice(None)
        if zone_in(crs) == zone:
            moved = shapes[here]
        elif FIRST_ZONE <= zone <= LAST_ZONE:
            moved = reproject(shapes[here], crs, zone_crs(zone))
        else:
            continue  # nothing but missing shapes
        areas[here] = np.nan_to_num(shapely.area(moved))
    return areas


def _on_ellipsoid(shapes: npt.NDArray[np.object_], crs: pyproj.CRS) -> npt.NDArray[np.float64]:
    degrees = shapely.transform(shapes, lambda xy: to_lonlat(xy, crs))
    if in_zones(crs):
        return ellipsoid_area(degrees)
    body = crs.ellipsoid
    if body is None:  # every system on the earth has one; kept for the type checker
        return ellipsoid_area(degrees)
    return ellipsoid_area(degrees, body.semi_major_metre, body.inverse_flattening)

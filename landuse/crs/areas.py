"""Where an area may be measured, and the area there, in m² (method, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

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
    import numpy.typing as npt
    import pyproj

__all__ = ["Ground", "area_m2", "choose_ground"]


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
    none = np.zeros(0, dtype=np.int64)
    if method == "ellipsoid":
        return Ground(None, none, ellipsoid=True)
    if datum_of(crs) in {"cgcs2000", "wgs84"}:
        zones, share = _zones(to_lonlat(centres, crs)[:, 0])
        if share >= 0.5:
            return Ground(None, zones)
    for candidate in (crs, project_crs):
        if candidate is not None and _plane(candidate) and one_frame(candidate, crs):
            return Ground(candidate, none)
    raise fault("crs.degrees_of_old_datum", source=label(crs), source_datum=datum_of(crs))


def _plane(crs: pyproj.CRS) -> bool:
    return bool(crs.is_projected) and not crs.is_bound and not is_web_mercator(crs)


def _zones(longitude: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], float]:
    """Zone of each longitude, and the share that lies in a zone of China; others get the modal."""
    finite = np.isfinite(longitude)
    zones = np.zeros(len(longitude), dtype=np.int64)
    zones[finite] = zone_of(longitude[finite])
    inside = finite & (zones >= FIRST_ZONE) & (zones <= LAST_ZONE)
    if not finite.any():
        return zones, 1.0
    if inside.any():
        zones[~inside] = np.bincount(zones[inside]).argmax()
    return zones, float(inside.sum() / finite.sum())


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
    if datum_of(crs) in {"cgcs2000", "wgs84"}:
        return ellipsoid_area(degrees)
    body = crs.ellipsoid
    if body is None:  # every system on the earth has one; kept for the type checker
        return ellipsoid_area(degrees)
    return ellipsoid_area(degrees, body.semi_major_metre, body.inverse_flattening)

"""Warnings about secrecy: how much land a map covers, and how finely an image shows it.

The thresholds are those of what the ministry tells the public of large-scale data (up to 25 km²
outside military land is no secret) and of the list of state secrets in surveying and mapping of
2020 (images finer than 0.5 m over more than 25 km²). A warning is a reminder to have a product
reviewed; whether it is a secret is not for a program to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.messages import Lang, text
from landuse.publish.map.shapes import degrees

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["covered_km2", "photo_warning", "plots_warning"]

LIMIT_KM2: Final = 25.0
FINEST_METRES: Final = 0.5


def covered_km2(geometry: NDArray[np.object_], crs: str) -> float:
    """Square kilometres of the rectangle around all shapes, on the ellipsoid; 0 without a shape.

    The rectangle is what a map of them shows, and never less than the land they take.
    Raises :class:`landuse.errors.UserError` if ``crs`` has no place on the earth.
    """
    west, south, east, north = place_of(geometry, crs)
    return box_km2(west, south, east, north)


def place_of(geometry: NDArray[np.object_], crs: str) -> tuple[float, float, float, float]:
    """West, south, east, north of all shapes in degrees; not a number without a shape."""
    known = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    if not len(known):
        return np.nan, np.nan, np.nan, np.nan
    west, south, east, north = shapely.total_bounds(known)
    edge = np.array(
        [(x, y) for x in np.linspace(west, east, 5) for y in np.linspace(south, north, 5)]
    )
    xy = degrees(crs)(edge)
    low, high = xy.min(axis=0), xy.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def box_km2(west: float, south: float, east: float, north: float) -> float:
    """Square kilometres of a rectangle in degrees, on the ellipsoid of CGCS2000."""
    import pyproj

    if not np.isfinite([west, south, east, north]).all():
        return 0.0
    ring = shapely.segmentize(shapely.box(west, south, east, north), 0.05)
    area, _ = pyproj.Geod(ellps="GRS80").geometry_area_perimeter(ring)
    return abs(float(area)) / 1e6


def plots_warning(geometry: NDArray[np.object_], crs: str, lang: Lang) -> str:
    """What to say where the plots extend over more than 25 km²; blank otherwise."""
    km2 = covered_km2(geometry, crs)
    if km2 <= LIMIT_KM2:
        return ""
    return text("map_public.wide", lang, km2=f"{km2:,.0f}", limit=f"{LIMIT_KM2:g}")


def photo_warning(km2: float, metres: float, lang: Lang) -> str:
    """What to say of an image finer than 0.5 m over more than 25 km²; blank otherwise."""
    if km2 <= LIMIT_KM2 or metres >= FINEST_METRES:
        return ""
    return text(
        "map_public.fine_photo", lang, km2=f"{km2:,.0f}", metres=f"{metres:.2g}",
        finest=f"{FINEST_METRES:g}", limit=f"{LIMIT_KM2:g}",
    )  # fmt: skip

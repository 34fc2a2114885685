"""Whether coordinates lie where their system says, and what they look like if they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from landuse.crs.systems import (
    FIRST_ZONE,
    LAST_ZONE,
    CrsFault,
    central_meridian,
    datum_of,
    false_easting,
    fault,
    label,
    zone_of,
)
from landuse.crs.transform import to_lonlat

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyproj

__all__ = ["check_extent", "is_settled", "missing_system", "outside"]

_CHINA: Final = (73.0, 3.0, 136.0, 54.0)
_CHINESE: Final = frozenset({"cgcs2000", "xian80", "beijing54", "new_beijing"})
_ZONE_REACH: Final = 4.5
"""Degrees from the central meridian: a province drawn in one 3-degree zone still fits."""
_MARGIN: Final = 3.0
_MILLION: Final = 1_000_000.0
_EASTING: Final = (100_000.0, 900_000.0)
_NORTHING: Final = (300_000.0, 6_000_000.0)
_HIGH_LATITUDE: Final = 72.0
_HALF: Final = 0.5
_SAMPLES: Final = 9
"""Points on each side of a box by which it is placed on the earth."""
_PADDING: Final = 0.1
"""Share of a box by which its sides may bend beyond these points."""


def _expected(crs: pyproj.CRS) -> tuple[float, float, float, float]:
    """West, south, east, north (degrees) within which coordinates of ``crs`` are believed."""
    meridian = central_meridian(crs)
    if datum_of(crs) in _CHINESE:
        west, south, east, north = _CHINA
        if meridian is not None:
            return meridian - _ZONE_REACH, south, meridian + _ZONE_REACH, north
        return west, south, east, north
    area = crs.area_of_use
    if area is not None and area.west < area.east:
        return area.west - _MARGIN, area.south - _MARGIN, area.east + _MARGIN, area.north + _MARGIN
    if meridian is not None:
        return meridian - 2 * _MARGIN, -85.0, meridian + 2 * _MARGIN, 85.0
    return -180.0, -90.0, 180.0, 90.0


def _fits(points: npt.NDArray[np.float64], crs: pyproj.CRS) -> npt.NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        return _believed(points if crs.is_geographic else to_lonlat(points, crs), crs)


def _believed(lonlat: npt.NDArray[np.float64], crs: pyproj.CRS) -> npt.NDArray[np.bool_]:
    west, south, east, north = _expected(crs)
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside = np.isfinite(lon) & np.isfinite(lat) & (lon >= west) & (lon <= east)
    inside &= (lat >= max(south, -90.0)) & (lat <= min(north, 90.0))
    if crs.is_geographic and datum_of(crs) == "wgs84":
        inside &= ~((np.abs(lat) > _HIGH_LATITUDE) & _in_china(lat, lon))
    return inside


def _in_china(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    west, south, east, north = _CHINA
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def outside(points: npt.NDArray[np.float64], crs: pyproj.CRS) -> npt.NDArray[np.bool_]:
    """Which points (shape (n, 2)) lie where coordinates of ``crs`` cannot be; NaN is not asked."""
    known = np.isfinite(points).all(axis=1)
    found = np.zeros(len(points), dtype=bool)
    found[known] = ~_fits(points[known], crs)
    return found


def is_settled(box: npt.NDArray[np.float64], crs: pyproj.CRS) -> bool:
    """Whether a whole box (west, south, east, north) lies where coordinates of ``crs`` can be, and
    in one 3-degree zone: where in it a polygon stands then makes no difference.
    """
    if not np.isfinite(box).all():
        return False
    x, y = np.meshgrid(*np.linspace(box[:2], box[2:], _SAMPLES).T)
    points = np.column_stack([x.ravel(), y.ravel()])
    with np.errstate(all="ignore"):
        lonlat = points if crs.is_geographic else to_lonlat(points, crs)
    if not np.isfinite(lonlat).all():
        return False
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    low, high = low - (high - low) * _PADDING, high + (high - low) * _PADDING
    corners = np.array([(lon, lat) for lon in (low[0], high[0]) for lat in (low[1], high[1])])
    west, east = zone_of(corners[[0, -1], 0])
    return bool(west == east and _believed(corners, crs).all())


def check_extent(points: npt.NDArray[np.float64], crs: pyproj.CRS) -> None:
    """Refuse a layer of which more than half the points lie where ``crs`` cannot be.

    Raises :class:`landuse.crs.CrsFault` that says what the coordinates look like instead: swapped
    axes, a zone prefix too many or too few, degrees, or simply elsewhere.
    """
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points) or _fits(points, crs).mean() >= _HALF:
        return
    raise _explain(points, crs)


def _explain(points: npt.NDArray[np.float64], crs: pyproj.CRS) -> CrsFault:
    x, y = (float(value) for value in np.median(points, axis=0))
    place = {"source": label(crs), "x": f"{x:.3f}", "y": f"{y:.3f}"}
    swapped = points[:, ::-1]
    if _fits(swapped, crs).mean() >= _HALF:
        return fault("crs.axes_swapped", **place)
    if not crs.is_geographic:
        for given, code in ((points, "crs.zone_prefix"), (swapped, "crs.axes_swapped_and_prefix")):
            shifted = _with_prefix(given, _prefix(false_easting(crs)))
            # Without its prefix every zone fits every other: say what the numbers carry.
            if _looks_projected(given) and _fits(shifted, crs).mean() >= _HALF:
                carried = _prefix(float(np.median(given[:, 0])))
                return fault(
                    code,
                    carried=carried or "-",
                    expected=_prefix(false_easting(crs)) or "-",
                    suggestion=_suggest(carried, central_meridian(crs)),
                    **place,
                )
    if crs.is_geographic and np.abs(points).max() > 360:
        return fault("crs.metres_as_degrees", **place)
    if not crs.is_geographic and _in_china(*points.T).mean() >= _HALF:
        return fault("crs.degrees_as_metres", **place)
    return fault("crs.outside", **place)


def _looks_projected(points: npt.NDArray[np.float64]) -> bool:
    x, y = (float(value) for value in np.median(points, axis=0))
    return _EASTING[0] <= x % _MILLION <= _EASTING[1] and _NORTHING[0] <= y <= _NORTHING[1]


def _prefix(easting: float) -> int:
    """The zone number before the six digits of an easting; 0 if there is none."""
    return int(easting // _MILLION) if easting > 0 else 0


def _with_prefix(points: npt.NDArray[np.float64], prefix: int) -> npt.NDArray[np.float64]:
    """The same points as if their eastings carried ``prefix`` (0: none)."""
    return np.column_stack([points[:, 0] % _MILLION + prefix * _MILLION, points[:, 1]])


def _suggest(prefix: int, meridian: float | None) -> str:
    """The CGCS2000 systems whose eastings carry ``prefix`` (0: none)."""
    if FIRST_ZONE <= prefix <= LAST_ZONE:
        return f"EPSG:{4513 + prefix - FIRST_ZONE}"
    if 13 <= prefix <= 23:
        return f"EPSG:{4491 + prefix - 13}"
    if meridian is not None and meridian % 3 == 0 and 75 <= meridian <= 135:
        return f"EPSG:{4534 + round(meridian / 3) - FIRST_ZONE}"
    return "EPSG:4534-4554"


def missing_system(points: npt.NDArray[np.float64]) -> CrsFault:
    """The fault of a layer without a coordinate system, naming what its numbers look like."""
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return fault("crs.missing_unknown", x="-", y="-")
    x, y = (float(value) for value in np.median(points, axis=0))
    place = {"x": f"{x:.3f}", "y": f"{y:.3f}"}
    for given, note in ((points, ""), (points[:, ::-1], "_swapped")):
        if _in_china(*given.T).mean() >= _HALF:
            return fault(f"crs.missing_degrees{note}", suggestion="EPSG:4490", **place)
        if not _looks_projected(given):
            continue
        prefix = _prefix(float(np.median(given[:, 0])))
        if prefix == 0:
            return fault(f"crs.missing_unprefixed{note}", **place)
        suggestion = _suggest(prefix, None)
        if suggestion != "EPSG:4534-4554":
            return fault(f"crs.missing_prefixed{note}", suggestion=suggestion, zone=prefix, **place)
    return fault("crs.missing_unknown", **place)

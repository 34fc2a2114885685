"""What a coordinate system is: its datum, its 3-degree zone, its unit."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import pyproj
from pyproj.exceptions import CRSError

from landuse.issues import Issue

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "FIRST_ZONE",
    "LAST_ZONE",
    "CrsFault",
    "code_of",
    "datum_of",
    "fault",
    "is_web_mercator",
    "label",
    "metres_per_unit",
    "one_frame",
    "parse",
    "zone_crs",
    "zone_in",
    "zone_of",
]

FIRST_ZONE: Final = 25
LAST_ZONE: Final = 45
"""CGCS2000 3-degree zones: central meridians 75°E to 135°E."""
_EPSG_UNPREFIXED: Final = 4534
_OFFSET_SYSTEMS: Final = re.compile(r"gcj[-_ ]?02|bd[-_ ]?09|火星|百度|高德", re.IGNORECASE)
_CLOSE: Final = frozenset({"cgcs2000", "wgs84"})
"""Both are realisations of the same frame; they differ by less than what a survey measures."""
_DATUMS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("cgcs2000", re.compile(r"china.*2000|cgcs.?2000")),
    ("wgs84", re.compile(r"world geodetic system 1984|wgs.?(19)?84")),
    ("new_beijing", re.compile(r"new.?beijing")),
    ("beijing54", re.compile(r"beijing.?(19)?54")),
    ("xian80", re.compile(r"xi.?an.?(19)?80")),
)


class CrsFault(Exception):  # noqa: N818 - a fault of the material, carried to whoever can say where
    """A coordinate system that cannot be used; ``issue`` says why (without file and table)."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        super().__init__(issue.code)


def fault(code: str, **values: object) -> CrsFault:
    """A :class:`CrsFault` with the sentence ``code`` and its values."""
    return CrsFault(Issue(code, values=MappingProxyType(values)))


def parse(text: str) -> pyproj.CRS:
    """The horizontal system that ``text`` names: ``EPSG:4549``, ``4549``, WKT or a PROJ string.

    Raises :class:`CrsFault` for what is no system, and for the shifted systems of web maps
    (GCJ-02, BD-09), whose shift cannot be undone exactly.
    """
    wish = text.strip()
    if _OFFSET_SYSTEMS.search(wish):
        raise fault("crs.offset_system", value=wish)
    try:
        found = pyproj.CRS.from_user_input(int(wish) if wish.isdecimal() else wish)
    except CRSError as error:
        raise fault("crs.unreadable", value=wish[:80]) from error
    return horizontal(found)


def horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    """The horizontal part of ``crs``; :class:`CrsFault` if it has none on the earth."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.geodetic_crs is None or not (crs.is_projected or crs.is_geographic):
        raise fault("crs.not_on_earth", value=crs.name)
    return crs if crs.is_bound else crs.to_2d()


@lru_cache(maxsize=256)
def datum_of(crs: pyproj.CRS) -> str:
    """A short name of the datum: cgcs2000, wgs84, xian80, beijing54, or the name as it stands.

    A system with a transformation to WGS 84 of its own (``+towgs84``, a bound WKT) counts as
    ``wgs84``: its owner has said how to get there.
    """
    if crs.is_bound:
        return "wgs84"
    geodetic = crs.geodetic_crs
    name = geodetic.datum.name if geodetic is not None and geodetic.datum is not None else crs.name
    plain = name.lower().replace("_", " ")
    for short, pattern in _DATUMS:
        if pattern.search(plain):
            return short
    return name


def one_frame(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """Whether ``a`` and ``b`` can be joined without a datum transformation.

    CGCS2000 and WGS 84 count as one (they agree within decimetres).
    """
    left, right = datum_of(a), datum_of(b)
    return left == right or {left, right} <= _CLOSE


def is_web_mercator(crs: pyproj.CRS) -> bool:
    """Whether ``crs`` is the projection of web maps, in which areas are meaningless."""
    operation = crs.coordinate_operation
    method = "" if operation is None or crs.is_geographic else operation.method_name
    return "Pseudo Mercator" in method or "Pseudo-Mercator" in crs.name


def metres_per_unit(crs: pyproj.CRS) -> float:
    """How many metres one unit of a projected system is (a US survey foot is 0.3048006…)."""
    return float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0


def code_of(crs: pyproj.CRS) -> str:
    """``EPSG:n`` where the system has a code, else its WKT."""
    epsg = _epsg(crs)
    return f"EPSG:{epsg}" if epsg else str(crs.to_wkt())


def label(crs: pyproj.CRS) -> str:
    """The system as a person calls it: code, if any, and name."""
    epsg = _epsg(crs)
    return f"EPSG:{epsg} {crs.name}" if epsg else crs.name


@lru_cache(maxsize=256)
def _epsg(crs: pyproj.CRS) -> int | None:
    if crs.is_bound:
        return None
    found = crs.to_epsg(min_confidence=100) or crs.to_epsg()
    return None if found is None else int(found)


def zone_of(longitude: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Number of the 3-degree zone of each longitude (central meridian = 3° x number).

    >>> zone_of(np.array([118.49, 118.5, 120.0])).tolist()
    [39, 40, 40]
    """
    return np.floor((longitude + 1.5) / 3.0).astype(np.int64)


@lru_cache(maxsize=64)
def zone_crs(zone: int) -> pyproj.CRS:
    """CGCS2000 3-degree Gauss-Kruger zone ``zone`` (25 to 45), easting without zone prefix.

    >>> zone_crs(40).to_epsg()
    4549
    """
    return pyproj.CRS.from_epsg(_EPSG_UNPREFIXED + zone - FIRST_ZONE)


@lru_cache(maxsize=256)
def zone_in(crs: pyproj.CRS) -> int | None:
    """The number of the CGCS2000 3-degree zone that ``crs`` is, with or without prefix, or None.

    >>> zone_in(pyproj.CRS.from_epsg(4528)), zone_in(pyproj.CRS.from_epsg(4549))
    (40, 40)
    """
    if datum_of(crs) != "cgcs2000" or crs.is_bound or not crs.is_projected:
        return None
    meridian = central_meridian(crs)
    if meridian is None or metres_per_unit(crs) != 1.0:
        return None
    plain = _parameter(crs, "Scale factor") == 1.0 and _parameter(crs, "Latitude of") == 0.0
    zone = round(meridian / 3)
    plain = plain and false_easting(crs) in {500_000.0, zone * 1_000_000.0 + 500_000.0}
    return zone if plain and zone * 3 == meridian and FIRST_ZONE <= zone <= LAST_ZONE else None


def central_meridian(crs: pyproj.CRS) -> float | None:
    """Longitude of the central meridian of a transverse Mercator system, else None."""
    base = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    operation = base.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return _parameter(base, "Longitude of")


def false_easting(crs: pyproj.CRS) -> float:
    """False easting of a projected system in its own unit, 0 if it has none."""
    base = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    return _parameter(base, "False easting") or 0.0


def _parameter(crs: pyproj.CRS, beginning: str) -> float | None:
    operation = crs.coordinate_operation
    for parameter in () if operation is None else operation.params:
        if parameter.name.startswith(beginning):
            return float(parameter.value)
    return None

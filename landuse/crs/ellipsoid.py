"""Area on the ellipsoid by the survey's published series.

Source: 国土调查办发〔2008〕32号, 图幅理论面积与图斑椭球面积计算公式及要求. A polygon is the signed
sum of the trapezoids between its edges and a meridian; edges are straight in (latitude, longitude).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["CGCS2000_AXIS", "CGCS2000_INVERSE_FLATTENING", "ellipsoid_area"]

CGCS2000_AXIS: Final = 6_378_137.0
CGCS2000_INVERSE_FLATTENING: Final = 298.257222101


def _coefficients(e2: float) -> tuple[float, ...]:
    """A to E of the series, to the eighth power of the first eccentricity."""
    e4, e6, e8 = e2**2, e2**3, e2**4
    return (
        1 + 3 / 6 * e2 + 30 / 80 * e4 + 35 / 112 * e6 + 630 / 2304 * e8,
        1 / 6 * e2 + 15 / 80 * e4 + 21 / 112 * e6 + 420 / 2304 * e8,
        3 / 80 * e4 + 7 / 112 * e6 + 180 / 2304 * e8,
        1 / 112 * e6 + 45 / 2304 * e8,
        5 / 2304 * e8,
    )


def ellipsoid_area(
    shapes: npt.NDArray[np.object_],
    axis: float = CGCS2000_AXIS,
    inverse_flattening: float = CGCS2000_INVERSE_FLATTENING,
) -> npt.NDArray[np.float64]:
    """Area in m² of polygons given in degrees (longitude, latitude); 0 for ``None``.

    As a planar area does, a ring that crosses itself counts its signed area, a hole is taken off,
    and the parts of a multi-part polygon are added.

    >>> cell = shapely.box(117.0, 30.0, 117.01, 30.01)
    >>> float(ellipsoid_area(np.array([cell]))[0].round(4))
    1069521.1733
    """
    flattening = 1 / inverse_flattening
    b2 = (axis * (1 - flattening)) ** 2
    series = _coefficients(flattening * (2 - flattening))
    total = np.zeros(len(shapes))
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return total
    signed = np.abs(_ring_areas(rings, b2, series))
    first = np.r_[True, ring_part[1:] != ring_part[:-1]]
    np.add.at(total, part_of[ring_part], np.where(first, signed, -signed))
    return total


def _ring_areas(
    rings: npt.NDArray[np.object_], b2: float, series: tuple[float, ...]
) -> npt.NDArray[np.float64]:
    """Signed sum of the trapezoids of each closed ring."""
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    edge = ring[1:] == ring[:-1]
    start = xy[np.searchsorted(ring, ring)]
    # Longitudes from the ring's own first point: the sum is the same, the rounding far smaller.
    lon = np.radians(xy[:, 0] - start[:, 0])
    lat = np.radians(xy[:, 1])
    width = (lon[1:] + lon[:-1])[edge] / 2
    rise = (lat[1:] - lat[:-1])[edge]
    middle = (lat[1:] + lat[:-1])[edge] / 2
    strip = np.zeros(len(width))
    for power, coefficient in enumerate(series):
        odd, sign = 2 * power + 1, (-1) ** power
        strip += sign * coefficient * np.sin(odd / 2 * rise) * np.cos(odd * middle)
    areas = np.zeros(len(rings))
    np.add.at(areas, ring[1:][edge], 2 * b2 * width * strip)
    return areas

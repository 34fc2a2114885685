"""Moving coordinates between systems of one frame: projections only, never a guessed datum shift.

PROJ knows several transformations for the old Chinese datums, all off by metres somewhere; which
one holds is for the survey to say. So the way from one system to another goes through longitude
and latitude by the two projections alone, and a datum is shifted only where the system itself
carries its parameters (``+towgs84``, a bound WKT). The network is off.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from pyproj import network
from pyproj.exceptions import ProjError

from landuse.crs.systems import datum_of, fault, label, one_frame

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["from_lonlat", "reproject", "same_system", "to_lonlat"]


@lru_cache(maxsize=256)
def same_system(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """Whether the numbers of ``a`` and ``b`` mean the same points (x east, y north in both)."""
    return bool(a.equals(b, ignore_axis_order=True))


@lru_cache(maxsize=64)
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    try:
        return pyproj.Transformer.from_crs(
            source, target, always_xy=True, allow_ballpark=False, only_best=True
        )
    except ProjError as error:  # a projection that only its author knows
        odd = source if source.is_projected else target
        raise fault("crs.unreadable", value=label(odd)) from error


def _geographic(crs: pyproj.CRS) -> pyproj.CRS:
    if crs.is_bound:
        return pyproj.CRS.from_epsg(4326)
    geodetic = crs.geodetic_crs
    return crs if geodetic is None else geodetic.to_2d()


def to_lonlat(xy: npt.NDArray[np.float64], crs: pyproj.CRS) -> npt.NDArray[np.float64]:
    """Longitude and latitude (degrees, on the datum of ``crs``) of points, shape (n, 2).

    Points that the projection cannot reach become infinite. Raises
    :class:`landuse.crs.CrsFault` for a projection that PROJ does not know.
    """
    if crs.is_geographic and not crs.is_bound:
        return xy
    lon, lat = _transformer(crs, _geographic(crs)).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def from_lonlat(lonlat: npt.NDArray[np.float64], crs: pyproj.CRS) -> npt.NDArray[np.float64]:
    """Coordinates in ``crs`` of longitudes and latitudes on its own datum, shape (n, 2)."""
    if crs.is_geographic and not crs.is_bound:
        return lonlat
    x, y = _transformer(_geographic(crs), crs).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y])


def reproject(
    shapes: npt.NDArray[np.object_], source: pyproj.CRS, target: pyproj.CRS
) -> npt.NDArray[np.object_]:
    """Shapes (``None`` allowed) moved from ``source`` to ``target``.

    Raises :class:`landuse.crs.CrsFault` where the two are on different datums and the source
    carries no transformation.
    """
    if same_system(source, target):
        return shapes
    if not one_frame(source, target):
        base = source.source_crs if source.is_bound and source.source_crs else source
        raise fault(
            "crs.datum_differs",
            source=label(source),
            target=label(target),
            source_datum=datum_of(source),
            target_datum=datum_of(target),
            proj=_proj_text(base),
        )

    def move(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return from_lonlat(to_lonlat(xy, source), target)

    moved: npt.NDArray[np.object_] = shapely.transform(shapes, move)
    return moved


def _proj_text(crs: pyproj.CRS) -> str:
    """The system as a PROJ string, to which a person can add ``+towgs84``."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return crs.to_proj4().replace(" +type=crs", "")

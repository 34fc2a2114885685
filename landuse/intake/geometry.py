"""Polygons as they came → polygons that can be measured and overlaid, or the reason why not.

Repair follows the rings: their own structure, shells less holes. What it changes is measured
against the signed area of the rings as they came (method, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.crs import Ground, area_m2
from landuse.intake.star_shaped import are_star_shaped
from landuse.intake.threads import in_threads

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy.typing as npt
    import pyproj

__all__ = ["Mended", "centres", "mend", "same_shape", "valid"]

_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7
_TENTH_OF_A_MILLIMETRE: Final = 1e-4
_LARGEST_M2: Final = 1e12
"""A million km²: nothing that a county has is as large; broken coordinates are."""
_TOGETHER: Final = 2048
"""Polygons looked at together: what is made of them stays in the cache and is used again."""


@dataclass(frozen=True, slots=True)
class Mended:
    """Aligned arrays: valid polygons (``None`` where there is a fault), the sentence of the fault
    (``""`` none), area and change by repair in m², the area of the rings as they came, and which
    were repaired.
    """

    shapes: npt.NDArray[np.object_]
    fault: npt.NDArray[np.object_]
    area_m2: npt.NDArray[np.float64]
    before_m2: npt.NDArray[np.float64]
    repaired: npt.NDArray[np.bool_]

    @property
    def change_m2(self) -> npt.NDArray[np.float64]:
        """Area after repair less area before; 0 where nothing was repaired."""
        return np.where(self.repaired, self.area_m2 - self.before_m2, 0.0)


def centres(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Centroids, shape (n, 2); NaN without geometry. Where the rings of a broken polygon cancel
    out, the middle of its box.
    """
    out = np.full((len(shapes), 2), np.nan)
    boxes = shapely.bounds(shapes)
    with np.errstate(invalid="ignore", over="ignore"):
        middles = in_threads(shapely.centroid, shapes)
        xy, owner = shapely.get_coordinates(middles, return_index=True)
        out[owner] = xy
        astray = ((out < boxes[:, :2]) | (out > boxes[:, 2:]) | ~np.isfinite(out)).any(axis=1)
    out[astray] = (boxes[astray, :2] + boxes[astray, 2:]) / 2
    return out


def mend(
    shapes: npt.NDArray[np.object_], crs: pyproj.CRS, ground: Ground, limit: Fraction
) -> Mended:
    """Polygons of ``shapes`` (in ``crs``), repaired where they are invalid.

    ``limit``: the share of its area by which repair may change a polygon.
    """
    count = len(shapes)
    fault = np.full(count, "", dtype=object)
    kept = shapes.copy()
    kinds = shapely.get_type_id(kept)
    absent = (kinds < 0) | shapely.is_empty(kept) | _infinite(kept, kinds)
    fault[absent] = "intake_layers.geometry_missing"
    other = ~absent & ~np.isin(kinds, [_POLYGON, _MULTIPOLYGON, _COLLECTION])
    fault[other] = "intake_layers.geometry_not_polygon"
    kept[absent | other] = None
    for index in np.flatnonzero(shapely.get_type_id(kept) == _COLLECTION):
        kept[index] = _polygons(kept[index])
        if kept[index] is None:
            fault[index] = "intake_layers.geometry_not_polygon"
    with np.errstate(over="ignore", invalid="ignore"):
        before = area_m2(kept, crs, ground)
        mended, repaired = valid(kept)
        after = before.copy()
        if repaired.any():
            rebuilt = mended.copy()
            rebuilt[~repaired] = None
            after = np.where(repaired, area_m2(rebuilt, crs, ground), before)
    collapsed = (fault == "") & (after <= 0)
    fault[collapsed] = "intake_layers.geometry_collapsed"
    fault[(fault == "") & ~(after <= _LARGEST_M2)] = "intake_layers.geometry_beyond"
    large = (fault == "") & (np.abs(after - before) > float(limit) * before)
    fault[large] = "intake_layers.repair_too_large"
    mended[fault != ""] = None
    after[~(after <= _LARGEST_M2)] = 0
    return Mended(mended, fault, after, before, repaired)


def valid(
    shapes: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """The same polygons, the invalid ones rebuilt from their rings (``None`` where nothing is
    left), and which those are.
    """
    out: npt.NDArray[np.object_] = shapes.copy()
    invalid: npt.NDArray[np.bool_] = ~in_threads(_are_valid, shapes)
    invalid &= ~shapely.is_missing(shapes)
    for index in np.flatnonzero(invalid):
        rebuilt = shapely.make_valid(shapes[index], method="structure", keep_collapsed=False)
        out[index] = _polygons(rebuilt)
    return out, invalid


def _are_valid(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """As GEOS says, which is asked only where a look at the corners does not tell already."""
    sure = [
        are_star_shaped(shapes[start : start + _TOGETHER])
        for start in range(0, len(shapes), _TOGETHER)
    ]
    out = np.concatenate([np.zeros(0, dtype=bool), *sure])
    asked = np.flatnonzero(~out)
    out[asked] = shapely.is_valid(shapes[asked])
    return out


def same_shape(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    """Whether two polygons cover the same ground, wherever their rings begin."""
    left, right = shapely.normalize(a), shapely.normalize(b)
    close = shapely.equals_exact(left, right, tolerance=_TENTH_OF_A_MILLIMETRE)
    return bool(close) or bool(shapely.equals(a, b))


def _infinite(
    shapes: npt.NDArray[np.object_], kinds: npt.NDArray[np.integer]
) -> npt.NDArray[np.bool_]:
    """Which shapes have a coordinate that is no number; the area of such a polygon is none."""
    out = np.zeros(len(shapes), dtype=bool)
    is_polygon = (kinds == _POLYGON) | (kinds == _MULTIPOLYGON)
    with np.errstate(over="ignore", invalid="ignore"):
        asked = np.flatnonzero(~is_polygon | ~np.isfinite(in_threads(shapely.area, shapes)))
    xy, owner = shapely.get_coordinates(shapes[asked], return_index=True)
    out[asked[owner[~np.isfinite(xy).all(axis=1)]]] = True
    return out


def _polygons(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The polygons of a shape as one, without lines and points; ``None`` if it has none."""
    if shape is None or shapely.is_empty(shape):
        return None
    if shapely.get_type_id(shape) in {_POLYGON, _MULTIPOLYGON}:
        return shape
    flat = shapely.get_parts(shapely.get_parts([shape]))
    found = [part for part in flat if shapely.get_type_id(part) == _POLYGON]
    if not found:
        return None
    return found[0] if len(found) == 1 else shapely.MultiPolygon(found)

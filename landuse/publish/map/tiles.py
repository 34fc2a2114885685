"""Plots as PMTiles, for maps of more plots than a page can hold as outlines.

One zoom level is enough: the page draws the tiles itself, larger or smaller, and plots that are a
few pixels wide as blocks of their place and size, which it has for every plot. So no plot is
thinned away at any zoom, and a tile carries nothing but shapes and the number of each plot. What
GDAL loses for being smaller than a step of the tile is found by reading the file again.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.errors import InternalError
from landuse.issues import Issue
from landuse.publish.geopackage import gdal_options
from landuse.publish.map.shapes import degrees

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LAYER", "Tiles", "write_tiles"]

LAYER: Final = "plots"
_RADIUS: Final = 6378137.0
_WORLD: Final = 2 * math.pi * _RADIUS
_ACROSS: Final = 36
"""Plots that lie side by side across a tile: about a thousand of them in each."""
_ZOOMS: Final = (10, 16)
_STEP: Final = 0.2
"""Metres to which the corners in a tile are rounded at most."""
_NUMBER: Final = "n"


@dataclass(frozen=True, slots=True)
class Tiles:
    """A PMTiles file: its place, its one zoom level, and the plots that are not in it."""

    path: Path
    zoom: int
    lost: tuple[int, ...]


def write_tiles(
    geometry: NDArray[np.object_], numbers: NDArray[np.int64], crs: str, path: Path
) -> Tiles:
    """Write ``geometry`` (in ``crs``), each with its number, as PMTiles to ``path``.

    ``lost`` names those that no tile holds: too small for its step, or without a place on the
    earth. Raises ``OSError`` if the file cannot be written, :class:`landuse.errors.InternalError`
    if GDAL warns of a tile that it has thinned out, and :class:`landuse.errors.UserError` if
    ``crs`` has no place on the earth.
    """
    import pyogrio

    shapes = _mercator(geometry, crs)
    zoom = _zoom(shapes)
    options = _options(zoom)
    path.unlink(missing_ok=True)
    try:
        # several threads would put the plots of a tile in an order of their own
        with gdal_options({"GDAL_NUM_THREADS": "1"}), warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            _write(shapes, numbers, path, options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise OSError(str(fault)) from fault
    if heard:  # GDAL says so when it has thinned out a tile
        said = sorted({str(one.message) for one in heard})
        raise InternalError([Issue("map_command.tiles_warned", value="; ".join(said[:5]))])
    lost = np.setdiff1d(numbers, _found(path, zoom))
    return Tiles(path, zoom, tuple(int(one) for one in lost))


def _options(zoom: int) -> dict[str, str]:
    side = _WORLD / 2**zoom
    extent = 4096
    while side / extent > _STEP and extent < 65536:
        extent *= 2
    return {
        "NAME": LAYER,
        "DESCRIPTION": "",
        "MINZOOM": str(zoom),
        "MAXZOOM": str(zoom),
        "EXTENT": str(extent),
        "BUFFER": str(extent // 64),
        "SIMPLIFICATION": "0",
        # GDAL would leave plots out of a tile larger than this
        "MAX_SIZE": str(1 << 30),
        "MAX_FEATURES": str(1 << 30),
    }


def _mercator(geometry: NDArray[np.object_], crs: str) -> NDArray[np.object_]:
    """The shapes in metres of EPSG:3857, from degrees as the page has them (no datum shift)."""
    place = degrees(crs)

    def turn(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        longitude, latitude = np.radians(place(xy)).T
        with np.errstate(invalid="ignore"):
            north = np.arcsinh(np.tan(np.clip(latitude, -1.48, 1.48)))
        return _RADIUS * np.column_stack([longitude, north])

    placed: NDArray[np.object_] = shapely.transform(shapely.force_2d(geometry), turn)
    placed[~np.isfinite(shapely.bounds(placed)).all(axis=1)] = shapely.Polygon()
    return placed


def _zoom(shapes: NDArray[np.object_]) -> int:
    """The level at which a tile is some plots wide."""
    box = shapely.bounds(shapes[~shapely.is_empty(shapes)])
    if not len(box):
        return _ZOOMS[1]
    wide = float(np.median(np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])))
    zoom = round(math.log2(_WORLD / (_ACROSS * max(wide, 1.0))))
    return min(max(zoom, _ZOOMS[0]), _ZOOMS[1])


def _write(
    shapes: NDArray[np.object_], numbers: NDArray[np.int64], path: Path, options: dict[str, str]
) -> None:
    import pyarrow as pa
    import pyogrio

    content = pa.table(
        {
            _NUMBER: pa.array(numbers.astype(np.int32)),
            "geometry": pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary()),
        }
    )
    pyogrio.write_arrow(
        content,
        path,
        layer=LAYER,
        driver="PMTiles",
        geometry_name="geometry",
        geometry_type="Unknown",
        crs="EPSG:3857",
        dataset_options=options,
    )


def _found(path: Path, zoom: int) -> NDArray[np.int64]:
    """The numbers of all plots that some tile holds."""
    import pyogrio

    _, table = pyogrio.read_arrow(
        path, layer=LAYER, columns=[_NUMBER], read_geometry=False, ZOOM_LEVEL=str(zoom)
    )
    found: NDArray[np.int64] = np.unique(table[_NUMBER].to_numpy()).astype(np.int64)
    return found

"""An orthophoto as one picture under the plots: cut to them, in Web Mercator, with cover.

Read in strips of the size that the page shows (the image's own overviews serve where it has them),
so that memory stays bounded however large the file is.
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.errors import UserError
from landuse.publish.map.secrecy import box_km2
from landuse.publish.sheet.photo import opened

if TYPE_CHECKING:
    import pyproj

__all__ = ["Picture", "facts_of", "picture_of"]

MOST_CELLS: Final = 24_000_000
"""Cells of the picture: some 96 MB in the browser."""
LONGEST: Final = 8192
"""Cells of a side; graphics cards take no more."""
MOST_BYTES: Final = 24_000_000
_MARGIN: Final = 0.05
_STRIP: Final = 512
_SAMPLE: Final = 1024
_QUALITY: Final = 80
_COLOURS: Final = 3


@dataclass(frozen=True)
class Picture:
    """A WebP; ``bounds`` are south, west, north, east in degrees of the plots' datum.

    ``metres`` is the size of a cell of the image itself on the ground, ``shown_metres`` that of the
    picture; ``km2`` the land that the picture covers.
    """

    webp: bytes
    bounds: tuple[float, float, float, float]
    metres: float
    shown_metres: float
    km2: float

    def base64(self) -> str:
        """The picture as it stands in the page."""
        return base64.b64encode(self.webp).decode()


def picture_of(path: Path, here: tuple[float, float, float, float], crs: str) -> Picture:
    """The image at ``path`` around the plots, which lie ``here`` (west, south, east, north).

    Raises :class:`landuse.errors.UserError`: rasterio is absent, the file cannot be read, has no
    place, lies elsewhere, or makes the page too large.
    """
    import pyproj

    try:
        import rasterio  # noqa: F401 - said before anything else
    except ImportError as fault:
        raise UserError.of("map_public.no_raster_extra") from fault
    plots = pyproj.CRS.from_user_input(crs)
    plane = _mercator(plots)
    with opened(path, plane) as photo:
        turn = pyproj.Transformer.from_crs(plane.geodetic_crs, plane, always_xy=True)
        frame = _frame(photo.source, plane, _grown(turn.transform_bounds(*here)), turn, path, here)
        west, south, east, north = turn.transform_bounds(*frame, direction="INVERSE")
        shrink = math.cos(math.radians((south + north) / 2))
        metres = _cell(photo.source, plane, frame) * shrink
        across, down, step = _size(frame, metres / shrink)
        cells, share = _read(photo.source, plane, frame, across, down)
    km2 = box_km2(west, south, east, north) * share
    webp = _webp(cells)
    if len(webp) > MOST_BYTES:
        size, most = f"{len(webp) / 1e6:.0f}", f"{MOST_BYTES / 1e6:.0f}"
        raise UserError.of("map_public.photo_too_large", value=path.name, mb=size, most=most)
    return Picture(webp, (south, west, north, east), metres, round(step * shrink, 3), km2)


def facts_of(path: Path, crs: str) -> tuple[float, float]:
    """Square kilometres that the image at ``path`` covers in all, and the metres of its cells.

    Raises :class:`landuse.errors.UserError` where it cannot be read or has no place.
    """
    import pyproj
    from rasterio.warp import transform_bounds

    plane = _mercator(pyproj.CRS.from_user_input(crs))
    with opened(path, plane) as photo:
        left, bottom, right, top = transform_bounds(
            photo.source.crs, plane.to_wkt(), *photo.source.bounds
        )
        turn = pyproj.Transformer.from_crs(plane.geodetic_crs, plane, always_xy=True)
        west, south, east, north = turn.transform_bounds(
            left, bottom, right, top, direction="INVERSE"
        )
        cell = _cell(photo.source, plane, (left, bottom, right, top))
    return box_km2(west, south, east, north), cell * math.cos(math.radians((south + north) / 2))


def _mercator(plots: pyproj.CRS) -> pyproj.CRS:
    """Web Mercator on the datum of the plots, so that nothing is shifted against them."""
    import pyproj
    from pyproj.crs import ProjectedCRS

    if plots.geodetic_crs is None:
        raise UserError.of("map.no_place", value=plots.name)
    way = pyproj.CRS.from_epsg(3857).coordinate_operation
    return ProjectedCRS(conversion=way, geodetic_crs=plots.geodetic_crs)


Frame = tuple[float, float, float, float]


def _grown(box: Frame) -> Frame:
    west, south, east, north = box
    more = _MARGIN * max(east - west, north - south) + 50
    return west - more, south - more, east + more, north + more


def _frame(
    source: Any,  # noqa: ANN401 - rasterio's reader
    plane: pyproj.CRS,
    wanted: Frame,
    turn: pyproj.Transformer,
    path: Path,
    here: Frame,
) -> Frame:
    """What image and plots share, in metres of ``plane``."""
    from rasterio.errors import CRSError
    from rasterio.warp import transform_bounds

    try:
        there = transform_bounds(source.crs, plane.to_wkt(), *source.bounds)
    except CRSError as fault:
        raise UserError.of("sheet.photo_no_place", value=path.name) from fault
    low = np.maximum(wanted[:2], there[:2])
    high = np.minimum(wanted[2:], there[2:])
    if not (low < high).all():
        left, bottom, right, top = there
        place = turn.transform_bounds(left, bottom, right, top, direction="INVERSE")
        said = {name: _said(box) for name, box in (("there", place), ("here", here))}
        raise UserError.of("map_public.photo_elsewhere", value=path.name, **said)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _said(box: Frame) -> str:
    west, south, east, north = box
    return f"{west:.2f}～{east:.2f}, {south:.2f}～{north:.2f}"


def _cell(source: Any, plane: pyproj.CRS, frame: Frame) -> float:  # noqa: ANN401
    """The side of a cell of the image in metres of ``plane``, in the middle of the frame."""
    from rasterio.warp import transform

    x, y = (frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2
    (own_x,), (own_y,) = transform(plane.to_wkt(), source.crs, [x], [y])
    across, down = source.transform.column_vectors[:2]
    corners = [(own_x, own_y), *((own_x + dx, own_y + dy) for dx, dy in (across, down))]
    xs, ys = transform(source.crs, plane.to_wkt(), *zip(*corners, strict=True))
    sides = [math.hypot(xs[i] - xs[0], ys[i] - ys[0]) for i in (1, 2)]
    return min(sides)


def _size(frame: Frame, cell: float) -> tuple[int, int, float]:
    """Cells across and down, and their side: those of the image, or as many as a page can show."""
    wide, tall = frame[2] - frame[0], frame[3] - frame[1]
    step = max(cell, max(wide, tall) / LONGEST, math.sqrt(wide * tall / MOST_CELLS))
    return max(1, round(wide / step)), max(1, round(tall / step)), step


def _read(
    source: Any,  # noqa: ANN401
    plane: pyproj.CRS,
    frame: Frame,
    across: int,
    down: int,
) -> tuple[np.ndarray[Any, Any], float]:
    """Red, green, blue and cover; and what share of the frame is covered."""
    from rasterio.enums import ColorInterp, Resampling
    from rasterio.transform import from_bounds
    from rasterio.vrt import WarpedVRT
    from rasterio.windows import Window

    cells = np.zeros((down, across, 4), dtype=np.uint8)
    with WarpedVRT(
        source, crs=plane.to_wkt(), transform=from_bounds(*frame, across, down), width=across,
        height=down, resampling=Resampling.bilinear, warp_mem_limit=64,
        add_alpha=ColorInterp.alpha not in source.colorinterp,
    ) as turned:  # fmt: skip
        bands = [1, 2, 3] if turned.count > _COLOURS else [1, 1, 1]
        ends = _ends(turned, bands)
        for top in range(0, down, _STRIP):
            window = Window(0, top, across, min(_STRIP, down - top))
            colours = turned.read(bands, window=window)
            part = cells[top : top + _STRIP]
            part[..., 3] = turned.dataset_mask(window=window)
            for at, band in enumerate(colours):
                part[..., at] = _bytes(band, *ends[at])
    cells[cells[..., 3] == 0] = 0
    return cells, float((cells[..., 3] > 0).mean())


def _ends(turned: Any, bands: list[int]) -> list[tuple[float, float]]:  # noqa: ANN401
    """Darkest and brightest value of each band; of bytes 0 and 255, else by 2 and 98 percent."""
    if all(turned.dtypes[band - 1] == "uint8" for band in bands):
        return [(0.0, 255.0)] * _COLOURS
    small = (min(_SAMPLE, turned.height), min(_SAMPLE, turned.width))
    sample = turned.read(bands, out_shape=(len(bands), *small)).astype(np.float64)
    cover = turned.dataset_mask(out_shape=small) > 0
    found = []
    for band in sample:
        seen = band[cover & np.isfinite(band)]
        low, high = np.quantile(seen, [0.02, 0.98]) if len(seen) else (0.0, 1.0)
        found.append((float(low), float(max(high, low + 1e-9))))
    return found


def _bytes(band: np.ndarray[Any, Any], low: float, high: float) -> np.ndarray[Any, Any]:
    if band.dtype == np.uint8:
        return band
    scaled = (np.nan_to_num(band.astype(np.float32)) - low) / (high - low)
    stretched: np.ndarray[Any, Any] = (np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return stretched


def _webp(cells: np.ndarray[Any, Any]) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(cells, "RGBA").save(file, "WEBP", quality=_QUALITY, method=4)
    return file.getvalue()

"""An orthophoto, cut to the frame of a plot and turned into the map's own coordinate system."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.errors import UserError

if TYPE_CHECKING:
    import pyproj

    from landuse.publish.sheet.scale import Frame

__all__ = ["Photo", "opened"]

_DRIVERS: Final = {".tif": "GTiff", ".tiff": "GTiff", ".img": "HFA", ".jp2": "JP2OpenJPEG"}
_PER_MM: Final = 6
"""Cells a millimetre of paper (about 150 a inch): what a page needs, however fine the photo is."""
_COLOURS: Final = 3
_QUIET: Final = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64,
}


@dataclass(frozen=True)
class Photo:
    """An open image; only what a page shows is ever read."""

    name: str
    source: Any
    wkt: str

    def picture(self, frame: Frame, width: float, height: float) -> np.ndarray[Any, Any] | None:
        """Red, green, blue and cover of the frame, north up; ``None`` where nothing is covered."""
        from rasterio.enums import Resampling
        from rasterio.transform import from_bounds
        from rasterio.vrt import WarpedVRT

        across, down = round(width * _PER_MM), round(height * _PER_MM)
        place = from_bounds(frame.left, frame.bottom, frame.right, frame.top, across, down)
        with WarpedVRT(
            self.source, crs=self.wkt, transform=place, width=across, height=down,
            resampling=Resampling.bilinear, add_alpha=not _has_alpha(self.source),
        ) as turned:  # fmt: skip
            bands = [1, 2, 3] if turned.count > _COLOURS else [1, 1, 1]
            colours = turned.read(bands)
            cover = turned.dataset_mask()
        if not cover.any():
            return None
        return np.dstack([*(_bytes(one, cover) for one in colours), cover])


def _has_alpha(source: Any) -> bool:  # noqa: ANN401 - rasterio's reader
    from rasterio.enums import ColorInterp

    return ColorInterp.alpha in source.colorinterp


def _bytes(band: np.ndarray[Any, Any], cover: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A band as bytes; one of another type is stretched between its 2nd and 98th percentile."""
    if band.dtype == np.uint8:
        return band
    seen = band[cover > 0].astype(np.float64)
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return np.zeros(band.shape, dtype=np.uint8)
    low, high = np.quantile(seen, [0.02, 0.98])
    scaled = (np.nan_to_num(band.astype(np.float64)) - low) / max(high - low, 1e-9)
    stretched: np.ndarray[Any, Any] = (np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return stretched


@contextlib.contextmanager
def opened(path: Path, crs: pyproj.CRS) -> Iterator[Photo]:
    """The image at ``path``, to be cut in the system ``crs``.

    Raises :class:`landuse.errors.UserError`: rasterio is not installed, the file is no image of a
    known kind, is damaged, or has no place on the earth.
    """
    try:
        import rasterio
        from rasterio.errors import NotGeoreferencedWarning, RasterioError
    except ImportError as fault:
        raise UserError.of("sheet.no_raster_extra") from fault
    driver = _DRIVERS.get(path.suffix.lower())
    if driver is None or not path.is_file():
        raise UserError.of("sheet.no_photo", value=str(path))
    with rasterio.Env(**_QUIET), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            source = rasterio.open(path.absolute(), driver=driver)
        except (RasterioError, ValueError) as fault:
            raise UserError.of("sheet.photo_unreadable", value=path.name) from fault
        with source:
            if source.crs is None or source.transform.is_identity:
                raise UserError.of("sheet.photo_no_place", value=path.name)
            try:
                yield Photo(path.name, source, crs.to_wkt())
            except RasterioError as fault:
                raise UserError.of("sheet.photo_unreadable", value=path.name) from fault

"""Opening a raster so that nothing but that file is read and nothing is written beside it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from landuse.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from rasterio.io import DatasetReader

    from landuse.idle.evidence import Image
    from landuse.issues import IssueLog

    Floats = npt.NDArray[np.float64]

__all__ = ["DRIVERS", "Affine", "Band", "opened"]

DRIVERS: Final = {".tif": "GTiff", ".tiff": "GTiff", ".img": "HFA"}
"""The only drivers that are used, by the ending of the file: a VRT under such a name (which could
name any other file or address) is refused."""
WORLD_FILES: Final = (".tfw", ".tifw", ".tiffw")
_UNREAD: Final = (".aux.xml", ".msk")
_CACHE_MB: Final = 64
_QUIET: Final = {
    # the file alone: no companions looked for, none (statistics) written
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "PROJ_NETWORK": "OFF",
    "GDAL_CACHEMAX": _CACHE_MB,
}


@dataclass(frozen=True, slots=True)
class Affine:
    """From cells to the raster's system: x = a·col + b·row + c, y = d·col + e·row + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def to_cells(self, xy: Floats) -> Floats:
        """Columns and minus rows (fractions of cells) of points, shape (n, 2).

        The origin is taken off first, so that large coordinates lose no digits.
        """
        x, y = xy[:, 0] - self.c, xy[:, 1] - self.f
        with np.errstate(over="ignore", invalid="ignore"):  # cells of no size in a damaged file
            if self.b == 0 and self.d == 0:
                return np.column_stack([x / self.a, -(y / self.e)])
            size = self.a * self.e - self.b * self.d
            column = (self.e * x - self.b * y) / size
            row = (self.a * y - self.d * x) / size
            return np.column_stack([column, -row])


@dataclass(frozen=True)
class Band:
    """One band of an open raster: its size in cells, its place and its values."""

    width: int
    height: int
    affine: Affine
    wkt: str
    image: Image
    source: DatasetReader
    nodata: float | None
    masked: bool
    scale: float
    offset: float

    def read(self, x: int, y: int, width: int, height: int, *, stored: bool) -> Floats:
        """The values of a window of cells, NaN where there is none; ``stored``: not scaled.

        Raises :class:`landuse.errors.UserError` where the file is damaged.
        """
        from rasterio.errors import RasterioError
        from rasterio.windows import Window

        window = Window(x, y, width, height)
        try:
            raw = self.source.read(self.image.band, window=window)
            mask = self.source.read_masks(self.image.band, window=window) if self.masked else None
        except (RasterioError, MemoryError) as error:
            raise _unreadable(self.image, error) from error
        values: Floats = raw.astype(np.float64)
        if self.nodata is not None:
            # in the type of the band: a 32-bit float declares its own rounding of the value
            is_float = np.issubdtype(raw.dtype, np.floating)
            missing = raw == (raw.dtype.type(self.nodata) if is_float else self.nodata)
            values[missing] = np.nan
        if mask is not None:
            values[mask == 0] = np.nan
        values[~np.isfinite(values)] = np.nan
        if not stored and (self.scale, self.offset) != (1.0, 0.0):
            values = values * self.scale + self.offset
        return values


@contextmanager
def opened(image: Image, max_memory: int, log: IssueLog) -> Iterator[Band]:
    """The band that ``image`` names, open for reading.

    Raises :class:`landuse.errors.UserError`: no raster of that kind, damaged, no such band, no
    place on the earth, or stored in blocks larger than the memory that may be used.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    driver = DRIVERS.get(image.path.suffix.lower())
    if driver is None or not image.path.is_file():  # an address or a virtual path is no file
        raise UserError.of("evidence.no_raster", table="evidence", file=image.name)
    for ending in _UNREAD:
        beside = image.path.with_name(image.path.name + ending)
        if beside.is_file():
            place = {"table": "evidence", "file": image.name}
            log.add("evidence.beside_not_read", **place, value=beside.name)
    with rasterio.Env(**_QUIET), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            source = rasterio.open(image.path.absolute(), driver=driver)
        except (RasterioError, ValueError) as error:
            raise _unreadable(image, error) from error
        with source:
            yield _band(image, source, max_memory)


def _band(image: Image, source: DatasetReader, max_memory: int) -> Band:
    from rasterio.enums import Interleaving

    place = {"table": "evidence", "file": image.name}
    if image.band > source.count:
        raise UserError.of("evidence.no_band", **place, value=image.band, n=source.count)
    at = image.band - 1
    kind = np.dtype(source.dtypes[at]) if "complex" not in source.dtypes[at] else None
    if kind is None or kind.kind not in "iuf":
        raise UserError.of("evidence.no_numbers", **place, value=source.dtypes[at])
    rows, columns = source.block_shapes[at]
    together = source.count if source.interleaving == Interleaving.pixel else 1
    if rows * columns * kind.itemsize * together > max_memory:
        value = f"{columns} × {rows}"
        raise UserError.of("evidence.block_too_large", **place, value=value)
    flags = {flag.name for flag in source.mask_flag_enums[at]}
    scale, offset = source.scales[at], source.offsets[at]
    return Band(
        width=source.width,
        height=source.height,
        affine=_affine(image, source),
        wkt=source.crs.to_wkt() if source.crs else "",
        image=image,
        source=source,
        nodata=_nodata(image, source.nodatavals[at]),
        masked="per_dataset" in flags and image.nodata is None,
        scale=scale if image.scale is None else image.scale,
        offset=offset if image.offset is None else image.offset,
    )


def _nodata(image: Image, declared: float | None) -> float | None:
    value = declared if image.nodata is None else image.nodata
    return None if value is None or value == "none" or math.isnan(value) else float(value)


def _affine(image: Image, source: DatasetReader) -> Affine:
    found = Affine(*source.transform[:6])
    if found == Affine(1.0, 0.0, 0.0, 0.0, 1.0, 0.0):
        world = [path for path in image.companions if path.suffix.lower() in WORLD_FILES]
        found = _world(image, world[0]) if world else found
    size = found.a * found.e - found.b * found.d
    sound = all(math.isfinite(value) for value in (found.c, found.f, size)) and size != 0
    if not sound or found == Affine(1.0, 0.0, 0.0, 0.0, 1.0, 0.0):
        raise UserError.of("evidence.no_place", table="evidence", file=image.name)
    return found


def _world(image: Image, path: Path) -> Affine:
    """The six lines of a world file, which gives the middle of the first cell."""
    try:
        a, d, b, e, x, y = (float(line) for line in path.read_text("ascii").split())
    except (OSError, ValueError) as error:
        raise UserError.of("evidence.no_place", table="evidence", file=image.name) from error
    return Affine(a, b, x - (a + b) / 2, d, e, y - (d + e) / 2)


def _unreadable(image: Image, error: BaseException) -> UserError:
    reason = str(error.__cause__ or error).replace(str(image.path.absolute()), image.path.name)
    return UserError.of("evidence.unreadable", table="evidence", file=image.name, value=reason)

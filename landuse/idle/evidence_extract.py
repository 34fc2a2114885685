"""The classes through which exactextract is given cells and polygons, and gives results back.

Imported only when rasters are read: it needs the extra ``raster``. exactextract reads one polygon
after another, and for each only the window in which it lies, so that the answer for one does not
depend on the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import RasterSource
from exactextract.writer import Writer

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.idle.evidence_cells import Share, Window
    from landuse.idle.evidence_raster import Band

    Floats = npt.NDArray[np.float64]

__all__ = ["Cells", "rows"]


def rows(
    cells: Cells, wkb: Sequence[bytes], fields: Sequence[str], piece: int
) -> list[dict[str, float]]:
    """The ``fields`` of each polygon (columns and minus rows of ``cells``), in their order.

    At most ``piece`` cells of one polygon are read at a time.
    """
    out = _Rows()
    exact_extract(cells, _Polygons(wkb), list(fields), max_cells_in_memory=piece, output=out)
    return out.rows


class Cells(RasterSource):  # type: ignore[misc]
    """The whole raster in cells of 1 x 1, of which one window is held in memory."""

    def __init__(self, band: Band, share: Share | None) -> None:
        super().__init__()
        self.band, self.share = band, share
        self.held: Floats | None = None
        self.corner = (0, 0)

    def hold(self, window: Window | None) -> None:
        """Read ``window`` and keep it; ``None``: every window is read when it is asked for."""
        self.held = None
        if window is not None:
            self.held, self.corner = self._read(*window), window[:2]

    def res(self) -> tuple[float, float]:
        """Size of a cell."""
        return 1.0, 1.0

    def extent(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top."""
        return 0.0, -float(self.band.height), float(self.band.width), 0.0

    def srs_wkt(self) -> None:
        """Cells have no reference system."""

    def nodata_value(self) -> None:
        """Missing cells are NaN."""

    def read_window(self, x: int, y: int, width: int, height: int) -> Floats:
        """Values of a window; from memory where it is held."""
        left, top = x - self.corner[0], y - self.corner[1]
        if self.held is not None and left >= 0 and top >= 0:
            part = self.held[top : top + height, left : left + width]
            if part.shape == (height, width):
                return part
        return self._read(x, y, width, height)

    def _read(self, x: int, y: int, width: int, height: int) -> Floats:
        if width == 0 or height == 0:
            return np.zeros((height, width))
        values = self.band.read(x, y, width, height, stored=self.share is not None)
        if self.share is None:
            return values
        built = np.isin(values, self.share.built_values).astype(np.float64)
        built[np.isnan(values)] = np.nan
        return built


class _Polygon(Feature):  # type: ignore[misc]
    """One polygon as WKB, and what was found for it."""

    def __init__(self, wkb: bytes = b"") -> None:
        Feature.__init__(self)
        self.wkb = wkb
        self.found: dict[str, float] = {}

    def geometry(self) -> bytes:
        return self.wkb

    def set_geometry(self, geometry: object) -> None:
        """Results carry no geometry."""

    def set_geometry_format(self) -> str:
        return "wkb"

    def fields(self) -> list[str]:
        return []

    def get(self, name: str) -> float:
        return self.found[name]

    def set(self, name: str, value: float) -> None:
        self.found[name] = value


class _Polygons(FeatureSource):  # type: ignore[misc]
    def __init__(self, wkb: Sequence[bytes]) -> None:
        super().__init__()
        self.wkb = wkb

    def count(self) -> int:
        return len(self.wkb)

    def __iter__(self) -> Iterator[_Polygon]:
        return map(_Polygon, self.wkb)

    def srs_wkt(self) -> None:
        return None


class _Rows(Writer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, float]] = []

    def add_operation(self, operation: object) -> None:
        """Every operation is written as it comes."""

    def write(self, feature: Any) -> None:  # noqa: ANN401 - a class of the library
        copy = _Polygon()
        feature.copy_to(copy)
        self.rows.append(copy.found)

    def finish(self) -> None:
        """Nothing is open."""

    def features(self) -> list[dict[str, float]]:
        return self.rows

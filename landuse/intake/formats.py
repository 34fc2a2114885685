"""Opening a layer file only as what its name says it is.

GDAL would take any file by its content: a list of other files behind a ``.gpkg`` name, a script
behind a ``.json`` name. So the first bytes are looked at before GDAL sees the file, and the
driver that answers must be the one of the format.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from landuse.errors import UserError

__all__ = [
    "DRIVERS",
    "PARQUET",
    "Layer",
    "gdal",
    "gdal_name",
    "is_shapefile",
    "layers_in",
    "prove_all_read",
    "prove_format",
]

Kind = Literal["polygon", "unknown", "other", "none"]
PARQUET: Final = frozenset({".parquet", ".geoparquet"})
"""Endings of the names of Parquet files."""
DRIVERS: Final[dict[str, str]] = {
    ".shp": "ESRI Shapefile",
    ".gpkg": "GPKG",
    ".gdb": "OpenFileGDB",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
}
_MAGIC: Final[dict[str, bytes]] = {
    "ESRI Shapefile": b"\x00\x00\x27\x0a",
    "GPKG": b"SQLite format 3\x00",
    "FlatGeobuf": b"fgb\x03",
    "GeoParquet": b"PAR1",
}
_OPTIONS: Final[dict[str, str]] = {
    "SHAPE_RESTORE_SHX": "YES",  # the file is a private copy
    "OGR_ARC_STEPSIZE": "0.5",  # degrees: an arc loses 1e-5 of its area, not 1e-3
    "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
    "OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES",  # its own writes over shapes before one without
    "CPL_LOG_ERRORS": "OFF",
}


class Layer(NamedTuple):
    """A layer of a file: its name, and whether it holds polygons."""

    name: str
    kind: Kind


def is_shapefile(path: Path) -> bool:
    """Whether ``path`` is named as a shapefile."""
    return path.suffix.lower() == ".shp"


def prove_format(path: Path, file: str) -> str:
    """The driver of the format that ``path`` is named and proved to be.

    Raises :class:`landuse.errors.UserError` where its content is something else. ``file`` is the
    name that the message shows.
    """
    suffix = path.suffix.lower()
    driver = DRIVERS.get(suffix)
    if driver is None:
        raise UserError.of("intake_layers.not_a_layer_file", file=file, value=suffix)
    if driver == "OpenFileGDB":
        proved = path.is_dir() and any(path.glob("*.gdbtable"))
    else:
        with path.open("rb") as stream:
            head = stream.read(512)
        if driver == "GeoJSON":
            proved = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
        else:
            proved = head.startswith(_MAGIC[driver])
    if not proved:
        raise UserError.of("intake_layers.other_format", file=file, value=driver)
    return driver


def gdal_name(path: Path, driver: str) -> str:
    """The path as GDAL is asked for it: JSON could be several drivers', so it is told which."""
    return f"GEOJSON:{path}" if driver == "GeoJSON" else str(path)


@contextmanager
def gdal(file: str) -> Iterator[None]:
    """GDAL with our options, its chatter off and its failures as messages."""
    import pyarrow as pa
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

    broken = (
        *(DataSourceError, DataLayerError, FeatureError, FieldError, UnicodeError),
        *(pa.ArrowException, OSError),  # what comes through the stream of rows
    )
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
    pyogrio.set_gdal_config_options(_OPTIONS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except broken as error:
        raise UserError.of("intake_layers.unreadable_file", file=file, value=str(error)) from error
    finally:
        pyogrio.set_gdal_config_options(before)


def prove_all_read(name: str, layer: str, rows: int, file: str) -> None:
    """Raise :class:`landuse.errors.UserError` where fewer ``rows`` were read than the layer has.

    GDAL ends a FlatGeobuf without a word where it finds a feature broken.
    """
    import pyogrio

    if Path(name).suffix.lower() != ".fgb":
        return
    with gdal(file):
        told = int(pyogrio.read_info(name, layer=layer)["features"])
    if rows < told:
        raise UserError.of("intake_layers.unreadable_file", file=file, value=f"{rows} < {told}")


def layers_in(path: Path, file: str) -> list[Layer]:
    """The layers of a file that is no GeoParquet, in its own order."""
    import pyogrio

    driver = prove_format(path, file)
    name = gdal_name(path, driver)
    with gdal(file):
        listed = pyogrio.list_layers(name)
        info: dict[str, Any] = {}
        if len(listed):
            # as Latin-1 no byte can be wrong; the text's encoding is decided elsewhere
            how = {"encoding": "ISO-8859-1"} if is_shapefile(path) else {}
            info = pyogrio.read_info(name, layer=str(listed[0][0]), **how)
    if info and info["driver"] != driver:
        raise UserError.of("intake_layers.other_format", file=file, value=driver)
    return [Layer(str(layer), _kind(geometry)) for layer, geometry in listed]


def _kind(geometry: object) -> Kind:
    if geometry is None:
        return "none"
    text = str(geometry)
    if "Polygon" in text or "Surface" in text:
        return "polygon"
    return "unknown" if text in {"Unknown", "GeometryCollection"} else "other"

"""The parcels as a GeoPackage, the same bytes for the same run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.publish.parquet import arrow_table
from landuse.publish.run_tables import RunTables

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

__all__ = ["LAYERS", "gdal_options", "write_geopackage"]

LAYERS: Final = ("parcels", "low_efficiency")
_STAMP: Final = "T00:00:00.000Z"


def write_geopackage(run: RunTables, path: Path) -> None:
    """Layers ``parcels`` (all) and ``low_efficiency`` (those that a flagged unit uses).

    GDAL stamps the time of writing into the file; it gets the day of the run instead. Raises
    ``OSError`` if the file cannot be written.
    """
    import pyogrio

    frame = next(frame for table, frame in run.tables() if table.name == "parcels")
    flagged = frame[frame["is_low_efficiency"]].reset_index(drop=True)
    options = {
        "OGR_CURRENT_DATE": f"{run.manifest['project']['as_of']}{_STAMP}",
        # a second thread would build the spatial index in its own order
        "OGR_GPKG_ALLOW_THREADED_RTREE": "NO",
    }
    try:
        with gdal_options(options):
            for layer, rows in zip(LAYERS, (frame, flagged), strict=True):
                _write_layer(run, rows, path, layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise OSError(str(fault)) from fault


@contextlib.contextmanager
def gdal_options(options: dict[str, str]) -> Iterator[None]:
    """GDAL options for the time of the block."""
    import pyogrio

    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _write_layer(run: RunTables, frame: pd.DataFrame, path: Path, layer: str) -> None:
    import pyarrow as pa
    import pyogrio
    import shapely

    content = arrow_table(frame.drop(columns="geometry"), run.table("parcels"))
    shapes = pa.array(
        shapely.to_wkb(_multi(frame["geometry"].to_numpy()), flavor="iso"), pa.binary()
    )
    pyogrio.write_arrow(
        content.replace_schema_metadata(None).append_column("geometry", shapes),
        path,
        layer=layer,
        driver="GPKG",
        geometry_name="geometry",
        geometry_type="MultiPolygon",
        crs=run.crs,
        layer_options={"GEOMETRY_NAME": "geometry", "FID": "fid"},
    )


def _multi(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Every shape as a multipolygon: a layer has one type."""
    import shapely

    result = shapes.copy()
    single = shapely.get_type_id(shapes) == 3
    result[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
    return result

"""The parcels as a GeoPackage, the same bytes for the same run."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.publish.parquet import arrow_table, regrouped
from landuse.publish.run_tables import RunTables

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from landuse.publish.reader import RunFolder

__all__ = ["LAYERS", "copy_geopackage", "gdal_options", "write_geopackage"]

LAYERS: Final = ("parcels", "low_efficiency")
_STAMP: Final = "T00:00:00.000Z"


def write_geopackage(run: RunTables, path: Path) -> None:
    """Layers ``parcels`` (all) and ``low_efficiency`` (those that a flagged unit uses).

    GDAL stamps the time of writing into the file; it gets the day of the run instead. Raises
    ``OSError`` if the file cannot be written.
    """
    frame = next(frame for table, frame in run.tables() if table.name == "parcels")
    schema = run.table("parcels")

    def layer(frame: pd.DataFrame) -> Iterator[pa.Table]:
        import pyarrow as pa
        import shapely

        content = arrow_table(frame.drop(columns="geometry"), schema)
        shapes = shapely.to_wkb(_multi(frame["geometry"].to_numpy()), flavor="iso")
        yield content.append_column("geometry", pa.array(shapes, pa.binary()))

    flagged = frame[frame["is_low_efficiency"]].reset_index(drop=True)
    layers = [partial(layer, one) for one in (frame, flagged)]
    _write(path, layers, run.manifest["project"]["as_of"], run.crs)


def copy_geopackage(run: RunFolder, path: Path) -> None:
    """The same from a run folder, however large: a row group is held at a time.

    Raises ``OSError`` if the file cannot be written, :class:`landuse.errors.UserError` where the
    table of parcels is absent or broken.
    """
    import pyarrow.compute as pc

    def layer(flagged: bool) -> Iterator[pa.Table]:
        for rows in run.row_groups("parcels"):
            yield _as_multi(rows.filter(pc.field("is_low_efficiency")) if flagged else rows)

    project = run.manifest["project"]
    _write(path, [partial(layer, one) for one in (False, True)], project["as_of"], project["crs"])


def _write(
    path: Path, layers: Sequence[Callable[[], Iterator[pa.Table]]], day: str, crs: str
) -> None:
    import pyogrio

    options = {
        "OGR_CURRENT_DATE": f"{day}{_STAMP}",
        # a second thread would build the spatial index in its own order
        "OGR_GPKG_ALLOW_THREADED_RTREE": "NO",
    }
    try:
        with gdal_options(options):
            for name, rows in zip(LAYERS, layers, strict=True):
                _write_layer(rows(), path, name, crs)
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


def _write_layer(rows: Iterator[pa.Table], path: Path, layer: str, crs: str) -> None:
    import pyarrow as pa
    import pyogrio

    groups = regrouped(one.replace_schema_metadata(None) for one in rows)
    first = next(groups)
    batches = (batch for one in itertools.chain([first], groups) for batch in one.to_batches())
    pyogrio.write_arrow(  # a batch is a transaction, and each is counted in the file
        pa.RecordBatchReader.from_batches(first.schema, batches),
        path,
        layer=layer,
        driver="GPKG",
        geometry_name="geometry",
        geometry_type="MultiPolygon",
        crs=crs,
        layer_options={"GEOMETRY_NAME": "geometry", "FID": "fid"},
    )


def _as_multi(rows: pa.Table) -> pa.Table:
    import pyarrow as pa
    import shapely

    shapes = shapely.from_wkb(rows["geometry"].to_numpy(zero_copy_only=False))
    wkb = pa.array(shapely.to_wkb(_multi(shapes), flavor="iso"), pa.binary())
    return rows.set_column(rows.column_names.index("geometry"), "geometry", wkb)


def _multi(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Every shape as a multipolygon: a layer has one type."""
    import shapely

    result = shapes.copy()
    single = shapely.get_type_id(shapes) == 3
    result[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
    return result

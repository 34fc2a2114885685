"""Layer files → :class:`landuse.intake.raw.Raw`: attributes as they stand, polygons, system.

Takes one file of any format that the method names; gives its rows with their geometry (``None``
where it has none or an unreadable one). Nothing is written beside the user's file, no bad ring
stops the reading, and every decision is a fact that the run reports.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from landuse.crs import CrsFault, label, parse, same_system
from landuse.errors import UserError
from landuse.intake.attributes import attributes
from landuse.intake.formats import (
    PARQUET,
    Layer,
    gdal,
    gdal_name,
    is_shapefile,
    layers_in,
    prove_all_read,
    prove_format,
)
from landuse.intake.raw import Fact, Raw, everywhere
from landuse.intake.safety import working_copy
from landuse.intake.shapefile_parts import prove_parts
from landuse.issues import IssueLog
from landuse.schema.headings import known, split_unit
from landuse.stores import Place, local

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa
    import pyproj

    from landuse.intake.parquet import ByColumn
    from landuse.intake.project import Source

__all__ = ["Chosen", "chosen_layer", "copied_layer", "parquet_layer", "placed", "read_layer"]


def read_layer(
    path: Path,
    *,
    table: str,
    file: str,
    log: IssueLog,
    layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    typed: bool = False,
) -> Raw:
    """One layer of ``path`` as it stands; ``typed``: columns as the file has typed them.

    ``table`` is our name of the input (its headings help to choose among several layers), ``file``
    the name that messages show; ``layer``, ``encoding`` and ``crs`` are what the user declares.
    ``Raw.crs`` is ``None`` where neither file nor user names a system.

    Raises :class:`landuse.errors.UserError`: another format than its name says, unreadable, no
    polygons, several layers to choose from, no encoding that fits, a system that is none.
    """
    with working_copy(path, layer) as private:
        if private.suffix.lower() in PARQUET:
            return _parquet(private, table, file, crs, log, typed=typed)
        return _gdal(private, table, file, layer, encoding, crs, log, typed=typed)


def _gdal(
    path: Path,
    table: str,
    file: str,
    layer: str | None,
    encoding: str | None,
    crs: str | None,
    log: IssueLog,
    *,
    typed: bool,
) -> Raw:
    import pyogrio

    chosen = chosen_layer(path, table, file, layer)
    with gdal(file):
        meta, rows = pyogrio.read_arrow(chosen.path, layer=chosen.layer, encoding=chosen.encoding)
    prove_all_read(chosen.path, chosen.layer, len(rows), file)
    column = meta["geometry_name"] or "wkb_geometry"
    shapes = _shapes(rows, column, chosen.path, chosen.layer, file)
    frame, facts = attributes(
        rows.drop_columns([column]), path, table, file, encoding, log, typed=typed
    )
    system, crs_facts = _system(meta["crs"], crs, table, file, log)
    return _raw(table, frame, file, chosen.sheet, shapes, system, (*facts, *crs_facts))


class Chosen(NamedTuple):
    """The layer to read of a file: ``path`` and ``encoding`` as GDAL is asked for it; ``sheet``:
    its name where the file has others too.
    """

    path: str
    layer: str
    sheet: str
    encoding: str | None


def chosen_layer(path: Path, table: str, file: str, wish: str | None) -> Chosen:
    """The layer of a working copy that :func:`read_layer` takes; raises what it raises."""
    layers = layers_in(path, file)
    if is_shapefile(path):
        prove_parts(path, file)
    name = gdal_name(path, prove_format(path, file))
    chosen = _choose_layer(layers, wish, name, table, file)
    # as Latin-1 no byte is lost before the encoding is chosen
    encoding = "ISO-8859-1" if is_shapefile(path) else None
    return Chosen(name, chosen, chosen if len(layers) > 1 else "", encoding)


def copied_layer(
    rows: pa.Table,
    column: str,
    sheet: str,
    own: str | None,
    source: Source,
    table: str,
    file: str,
    log: IssueLog,
) -> Raw:
    """Rows that were copied out of a layer, its text as text: ``column`` has the polygons, ``own``
    is the system that the file states.
    """
    import shapely

    blobs = rows.column(column).to_numpy(zero_copy_only=False)
    shapes = _flat(shapely.from_wkb(blobs, on_invalid="ignore"))
    frame, _ = attributes(
        rows.drop_columns([column]), Path("copy.parquet"), table, file, None, IssueLog(), typed=True
    )
    system, facts = _system(own, source.crs, table, file, log)
    return _raw(table, frame, file, sheet, shapes, system, facts)


def _raw(
    table: str,
    frame: pd.DataFrame,
    file: str,
    sheet: str,
    shapes: npt.NDArray[np.object_],
    system: pyproj.CRS | None,
    facts: tuple[Fact, ...],
) -> Raw:
    count = len(shapes)
    return Raw(
        table,
        frame,
        everywhere(file, count),
        everywhere(sheet, count),
        np.arange(1, count + 1, dtype=np.int64),
        shapes,
        system,
        facts,
    )


def _choose_layer(layers: list[Layer], wish: str | None, name: str, table: str, file: str) -> str:
    """The layer to read: the declared one, else the only one that can be meant."""
    listed = ", ".join(entry.name for entry in layers)
    if not layers:
        raise UserError.of("intake_layers.no_layer", table=table, file=file)
    by_file = len(layers) == 1 and Path(name).stem == wish  # one of several in an archive
    if wish is not None and not by_file:
        if wish not in {entry.name for entry in layers}:
            raise UserError.of(
                "intake_layers.layer_absent", table=table, file=file, value=wish, listed=listed
            )
        layers = [entry for entry in layers if entry.name == wish]
    fitting = [entry for entry in layers if entry.kind in {"polygon", "unknown"}]
    if not fitting:
        raise UserError.of("intake_layers.no_polygons", table=table, file=file, listed=listed)
    if len(fitting) > 1:
        speaking = [entry for entry in fitting if _recognised(name, entry.name, table, file)]
        fitting = speaking if len(speaking) == 1 else fitting
    if len(fitting) > 1:
        listed = ", ".join(entry.name for entry in fitting)
        raise UserError.of("intake_layers.several_layers", table=table, file=file, listed=listed)
    return fitting[0].name


def _recognised(name: str, layer: str, table: str, file: str) -> bool:
    """Whether a layer has at least one heading that is known for this table."""
    import pyogrio

    with gdal(file):
        fields = pyogrio.read_info(name, layer=layer)["fields"]
    return any(split_unit(field)[0] in known(table) for field in fields)


def _shapes(
    rows: pa.Table, column: str, name: str, layer: str, file: str
) -> npt.NDArray[np.object_]:
    """Geometries in two dimensions; ``None`` for none, or for one that cannot be built."""
    import pyogrio
    import shapely

    blobs = rows.column(column).to_numpy(zero_copy_only=False)
    try:
        found = shapely.from_wkb(blobs, on_invalid="ignore")
    except NotImplementedError:  # arcs: GDAL's other reader draws them as short chords
        with gdal(file):
            blobs = pyogrio.raw.read(name, layer=layer, columns=[])[2]
        found = shapely.from_wkb(blobs, on_invalid="ignore")
    return _flat(found)


def _flat(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Shapes in two dimensions; those that are so already are not copied."""
    import shapely

    if not (shapely.has_z(shapes) | shapely.has_m(shapes)).any():
        return shapes
    flat: npt.NDArray[np.object_] = shapely.force_2d(shapes)
    return flat


def _system(
    found: str | None, declared: str | None, table: str, file: str, log: IssueLog
) -> tuple[pyproj.CRS | None, tuple[Fact, ...]]:
    """The declared system, else the file's; an issue where the two contradict each other."""
    try:
        own = parse(found) if found else None
    except CrsFault as fault:
        if declared is None:
            raise placed(fault, table, file) from fault
        own = None
    if declared is None:
        fact = Fact("intake_layers.fact_crs_file", file, {"crs": label(own)}) if own else None
        return own, (fact,) if fact else ()
    try:
        system = parse(declared)
    except CrsFault as fault:
        raise placed(fault, table, file) from fault
    if own is not None and not same_system(own, system):
        log.add(
            "intake_layers.crs_contradicts",
            table=table, file=file, value=label(own), declared=label(system),
        )  # fmt: skip
    return system, (Fact("intake_layers.fact_crs_declared", file, {"crs": label(system)}),)


def placed(fault: CrsFault, table: str, file: str) -> UserError:
    """A fault of a coordinate system with the file in which it was met."""
    from dataclasses import replace

    return UserError([replace(fault.issue, table=table, file=file)])


def _parquet(
    path: Path, table: str, file: str, crs: str | None, log: IssueLog, *, typed: bool
) -> Raw:
    import pyarrow as pa

    from landuse.intake.parquet import ByColumn

    prove_format(path, file)
    try:
        with ByColumn(path) as rows:
            return parquet_layer(rows, path, table, file, crs, log, typed=typed)
    except (pa.ArrowException, OSError) as error:
        raise UserError.of("intake_layers.unreadable_file", file=file, value=str(error)) from error


def parquet_layer(
    rows: pa.Table | ByColumn,
    path: Place,
    table: str,
    file: str,
    crs: str | None,
    log: IssueLog,
    *,
    typed: bool,
) -> Raw:
    """Rows of a GeoParquet file, read by pyarrow: GDAL's wheels have no driver for it.

    ``rows`` are all that the file has, or some of them with its metadata. Raises
    :class:`landuse.errors.UserError` for another kind of Parquet.
    """
    primary, entry = _geo_metadata(rows.schema, table, file)
    shapes = _parquet_shapes(rows, primary, entry, path)
    told = [field.name for field in rows.schema if field.name != primary and not _is_box(field)]
    name = Path(path.name)
    frame, facts = attributes(rows.select(told), name, table, file, None, log, typed=typed)
    system, crs_facts = _system(_parquet_crs(entry), crs, table, file, log)
    return _raw(table, frame, file, "", shapes, system, (*facts, *crs_facts))


def _geo_metadata(schema: pa.Schema, table: str, file: str) -> tuple[str, dict[str, Any]]:
    try:
        geo = json.loads((schema.metadata or {})[b"geo"])
        primary = str(geo["primary_column"])
        entry: dict[str, Any] = geo["columns"][primary]
    except (KeyError, ValueError) as error:
        raise UserError.of(
            "intake_layers.no_polygons", table=table, file=file, listed=""
        ) from error
    if primary not in schema.names:
        raise UserError.of("intake_layers.no_polygons", table=table, file=file, listed="")
    return primary, entry


def _is_box(field: pa.Field) -> bool:
    """The bounding boxes that GeoParquet keeps for its own use."""
    import pyarrow as pa

    return pa.types.is_struct(field.type) and {"xmin", "ymax"} <= {part.name for part in field.type}


def _parquet_shapes(
    rows: pa.Table | ByColumn, primary: str, entry: dict[str, Any], path: Place
) -> npt.NDArray[np.object_]:
    if entry.get("encoding", "WKB") == "WKB":
        from landuse.intake.parquet import chunks_of
        from landuse.outlines import geometries

        return _flat(geometries(chunks_of(rows, primary)))
    import geopandas as gpd

    return _flat(gpd.read_parquet(local(path), columns=[primary]).geometry.to_numpy())


def _parquet_crs(entry: dict[str, Any]) -> str | None:
    """PROJJSON; longitude and latitude where the key is absent; None where it is null."""
    if "crs" not in entry:
        return "OGC:CRS84"
    return json.dumps(entry["crs"]) if entry["crs"] else None

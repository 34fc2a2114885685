"""The run folder of a batch over parts: the tables of the ordinary one, written part by part."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from landuse.publish.columns import tables_of
from landuse.publish.folder import digest, replacing
from landuse.publish.manifest import MANIFEST, PARTITIONED, dump, table_files
from landuse.publish.parquet import arrow_table, regrouped, write_geoparquet, write_groups
from landuse.rules.model import as_written

if TYPE_CHECKING:
    from landuse.rules.model import Rules
    from landuse.schema.frame import Table

__all__ = ["Extent", "Frames", "Written", "ordered", "write_folder"]

_POLYGON: Final = 3

Frames = Callable[[], Iterable[pd.DataFrame]]
Written = dict[str, dict[str, Any]]
"""Files of parts by their name in the run folder: ``bytes``, ``sha256``, and ``from``, the path
where the file lies (:mod:`landuse.engines.output.outputs`)."""


class Extent:
    """Bounds and kinds of all shapes of a layer, which its file states at its head."""

    def __init__(self, parts: Iterable[dict[str, Any]]) -> None:
        told = list(parts)
        boxes = np.array([one["bounds"] for one in told], dtype=np.float64)
        self._box = shapely.box(
            np.nanmin(boxes[:, 0]), np.nanmin(boxes[:, 1]),
            np.nanmax(boxes[:, 2]), np.nanmax(boxes[:, 3]),
        )  # fmt: skip
        self._kinds = sorted({kind for one in told for kind in one["kinds"]})

    def example(self) -> list[shapely.Geometry]:
        """Shapes with the same bounds and kinds."""
        box = self._box
        return [box if kind == _POLYGON else shapely.MultiPolygon([box]) for kind in self._kinds]


def write_folder(
    folder: Path,
    frames: dict[str, Frames],
    extent: Extent,
    manifest: dict[str, Any],
    crs: str,
    rules: Rules,
    parts: Written | None = None,
) -> Path:
    """Write every published table and ``run.json``, all or nothing; few rows are held at a time.

    ``frames`` gives the rows of each table in their order. Every table has the bytes that the
    ordinary run gives it, but for those of which ``parts`` are written already: the files are
    copied, because what somebody does to a run must not reach what the next run goes on from.
    """
    known = parts or {}
    with replacing(folder) as new:
        _take(known, new)
        for table in tables_of(rules):
            if table_files(known, table.name):
                continue
            example = extent.example() if table.name == "parcels" else None
            _write(new / f"{table.name}.parquet", table, frames[table.name](), crs, example)
        files = {
            path.name: {"bytes": path.stat().st_size, "sha256": digest(path)}
            for path in sorted(new.iterdir())
            if path.is_file()
        }
        files |= {
            name: {"bytes": one["bytes"], "sha256": one["sha256"]} for name, one in known.items()
        }
        layout = {"format": PARTITIONED} if known else {}
        described = {**manifest, **layout, "pack": as_written(rules), "files": files}
        (new / MANIFEST).write_bytes(dump(described))
    return folder


def _take(parts: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    for name, one in parts.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(one["from"], target)


def _write(
    path: Path,
    table: Table,
    frames: Iterable[pd.DataFrame],
    crs: str,
    example: list[shapely.Geometry] | None,
) -> None:
    if "geometry" in table.names and example is None:  # a small layer: parks and grades
        whole = ordered(pd.concat(list(frames), ignore_index=True), table)
        write_geoparquet(whole, table, crs, path)
        return
    checked = (ordered(frame, table) for frame in frames)
    parts = _arrow(checked, table, example is not None)
    first = next(parts)
    schema = first.schema if example is None else _geo_schema(first, table, crs, path, example)
    write_groups(_groups(first, parts, schema), path)


def ordered(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """A checked frame with its columns in the order of the schema, others behind by name."""
    checked = table.check(frame)
    extra = sorted(str(name) for name in checked.columns if name not in set(table.names))
    return checked[[*table.names, *extra]].reset_index(drop=True)


def _arrow(frames: Iterable[pd.DataFrame], table: Table, shapes: bool) -> Iterator[pa.Table]:
    for frame in frames:
        if not shapes:
            yield arrow_table(frame, table)
            continue
        content = arrow_table(frame.drop(columns="geometry"), table)
        wkb = pa.array(shapely.to_wkb(frame["geometry"].to_numpy(), flavor="iso"), pa.binary())
        yield content.append_column(pa.field("geometry", pa.binary()), wkb)


def _geo_schema(
    first: pa.Table, table: Table, crs: str, path: Path, example: list[shapely.Geometry]
) -> pa.Schema:
    """The schema with the head that the ordinary writer gives a layer of such shapes."""
    rows = first.slice(0, 1).drop_columns("geometry").to_pandas()
    rows = pd.concat([rows] * len(example), ignore_index=True)
    shapes = np.empty(len(example), dtype=object)
    shapes[:] = example
    write_geoparquet(rows.assign(geometry=shapes), table, crs, path)
    head = pq.read_schema(path).metadata
    return first.schema.with_metadata({**(first.schema.metadata or {}), b"geo": head[b"geo"]})


def _groups(first: pa.Table, rest: Iterator[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows as the ordinary writer groups them, however many each part has."""
    return regrouped(
        part.replace_schema_metadata(schema.metadata).cast(schema)
        for part in itertools.chain([first], rest)
    )

"""The run folder of a batch over parts: the tables of the ordinary one, written part by part."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse.engines.output.stored import as_published, ordered
from landuse.publish.columns import tables_of
from landuse.publish.folder import digest, replacing
from landuse.publish.manifest import MANIFEST, PARTITIONED, dump, table_files
from landuse.publish.parquet import geo_head, regrouped, write_geoparquet, write_groups
from landuse.rules.model import as_written

if TYPE_CHECKING:
    from landuse.rules.model import Rules
    from landuse.schema.frame import Table

__all__ = ["Extent", "Frames", "Written", "write_folder", "write_rows"]

Frames = Callable[[], Iterable[pd.DataFrame | pa.Table]]
Written = dict[str, dict[str, Any]]
"""Files of parts by their name in the run folder: ``bytes``, ``sha256``, and ``from``, where
the file lies (:mod:`landuse.engines.output.outputs`)."""


class Extent:
    """Bounds and kinds of all shapes of a layer, which its file states at its head."""

    def __init__(self, parts: Iterable[dict[str, Any]]) -> None:
        told = list(parts)
        boxes = np.array([one["bounds"] for one in told], dtype=np.float64)
        boxes = boxes[~np.isnan(boxes).any(axis=1)]  # of parts that have any shapes
        corners = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)] if len(boxes) else []
        self._bounds = [float(one) for one in corners] or [float("nan")] * 4
        self._kinds = sorted({kind for one in told for kind in one["kinds"]})

    def head(self, crs: str) -> bytes:
        """As the ordinary writer states it of all shapes at once."""
        return geo_head(self._kinds, self._bounds, crs)


def write_folder(
    folder: Path,
    frames: dict[str, Frames],
    extent: Extent,
    manifest: dict[str, Any],
    crs: str,
    rules: Rules,
    parts: Written | None = None,
    at_once: int = 1,
) -> Path:
    """Write every published table and ``run.json``, all or nothing; few rows are held at a time.

    ``frames`` gives the rows of each table in their order. Every table has the bytes that the
    ordinary run gives it, but for those of which ``parts`` are written already: the files are
    copied, because what somebody does to a run must not reach what the next run goes on from.
    ``at_once`` tables are written side by side (encoding leaves the interpreter to others), each of
    which may hold a row group twice.
    """
    known = parts or {}
    with replacing(folder) as new:
        _take(known, new)
        own = [table for table in tables_of(rules) if not table_files(known, table.name)]

        def write(table: Table) -> tuple[str, dict[str, Any]]:
            path = new / f"{table.name}.parquet"
            shapes = extent if table.name == "parcels" else None
            _write(path, table, frames[table.name](), crs, shapes)
            return path.name, {"bytes": path.stat().st_size, "sha256": digest(path)}

        with ThreadPoolExecutor(at_once) as pool:
            files = dict(sorted(pool.map(write, own)))
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
    frames: Iterable[pd.DataFrame | pa.Table],
    crs: str,
    extent: Extent | None,
) -> None:
    if "geometry" in table.names and extent is None:  # a small layer: parks and grades
        whole = ordered(pd.concat(list(frames), ignore_index=True), table)
        write_geoparquet(whole, table, crs, path)
        return
    parts = (rows if isinstance(rows, pa.Table) else as_published(rows, table) for rows in frames)
    write_rows(parts, path, crs, extent)


def write_rows(
    parts: Iterator[pa.Table], path: Path, crs: str = "", extent: Extent | None = None
) -> None:
    """Write published rows as the ordinary writer groups them, however many each part has."""
    first = next(parts)
    schema = first.schema
    if extent is not None:
        head = {**(schema.metadata or {}), b"geo": extent.head(crs)}
        schema = schema.with_metadata(head)
    write_groups(
        regrouped(
            part.replace_schema_metadata(schema.metadata).cast(schema)
            for part in itertools.chain([first], parts)
        ),
        path,
    )

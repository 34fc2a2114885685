"""Frames between stages as Parquet files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from landuse.publish.parquet import repeated_texts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from landuse.stores import Place

__all__ = ["arrow_of", "bounds", "frame_of", "load", "load_all", "matching_rows", "row_groups",
           "save"]  # fmt: skip

_KINDS: Final = b"landuse_kinds"
_GROUP_ROWS: Final = 65_536


def save(frame: pd.DataFrame, path: Path) -> None:
    """Write ``frame``; :func:`load` gives the same back, types included.

    Shapes become WKB, which keeps every bit of their coordinates. The same frame gives the same
    bytes.
    """
    content = arrow_of(frame)
    pq.write_table(
        content, path, compression="zstd", row_group_size=_GROUP_ROWS,
        use_dictionary=repeated_texts(content.schema),
    )  # fmt: skip


def arrow_of(frame: pd.DataFrame) -> pa.Table:
    """A frame as it is written; :func:`frame_of` makes it one again."""
    kinds = {str(name): str(kind) for name, kind in frame.dtypes.items()}
    if "geometry" in frame:
        frame = frame.assign(geometry=shapely.to_wkb(frame["geometry"].to_numpy(), flavor="iso"))
        kinds["geometry"] = "geometry"
    content = pa.Table.from_pandas(frame, preserve_index=False)
    return content.replace_schema_metadata({_KINDS: json.dumps(kinds).encode()})


def load(
    path: Place,
    columns: Sequence[str] | None = None,
    between: tuple[str, str, str] | None = None,
) -> pd.DataFrame:
    """Read a frame, or some of its columns.

    ``between`` = (column, from, below): only rows whose text lies there; ``below = ""`` has no
    end. A file sorted by that column is read only where such rows are.
    """
    return load_all([path], columns, between)


def load_all(
    paths: Iterable[Place],
    columns: Sequence[str] | None = None,
    between: tuple[str, str, str] | None = None,
) -> pd.DataFrame:
    """The frames of several files of one table as one; at least one file."""
    filters = None
    if between is not None:
        column, low, high = between
        filters = [(column, ">=", low), *([(column, "<", high)] if high else [])]
    found = [pq.read_table(path, columns=columns, filters=filters) for path in paths]
    return frame_of(pa.concat_tables(found))


def row_groups(path: Place) -> Iterator[pd.DataFrame]:
    """The frame of a file, some rows at a time; at least once."""
    with pq.ParquetFile(path) as file:
        if not file.num_row_groups:
            yield frame_of(file.schema_arrow.empty_table())
        for group in range(file.num_row_groups):
            yield frame_of(file.read_row_group(group))


def matching_rows(
    paths: Iterable[Place],
    column: str,
    wanted: npt.ArrayLike,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The rows of several files whose ``column`` is one of ``wanted``, looked for in one row
    group at a time."""
    known = pa.array(wanted, pa.large_string())
    found = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            empty = file.schema_arrow.empty_table()
            found.append(empty.select(columns or empty.column_names))
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, columns=columns)
                here = pc.is_in(rows[column].cast(pa.large_string()), value_set=known)
                found.append(rows.filter(here))
    return frame_of(pa.concat_tables(found))


def frame_of(content: pa.Table) -> pd.DataFrame:
    """The frame of which :func:`arrow_of` made ``content``, or some of its columns and rows."""
    kinds = json.loads((content.schema.metadata or {})[_KINDS])
    content = content.replace_schema_metadata(None)
    exact = {pa.int64(): pd.Int64Dtype()}
    frame: pd.DataFrame = content.to_pandas(types_mapper=exact.get)
    shapes = {name for name, kind in kinds.items() if kind == "geometry"} & set(frame.columns)
    plain = {
        name: kind
        for name, kind in kinds.items()
        if name in frame.columns and name not in shapes and str(frame[name].dtype) != kind
    }
    if plain:
        frame = frame.astype(plain)
    for name in shapes:
        frame[name] = pd.Series(shapely.from_wkb(frame[name].to_numpy()), dtype=object)
    return frame


def bounds(shapes: npt.NDArray[np.object_]) -> list[float]:
    """West, south, east and north of ``shapes``; ``NaN`` where a part has none."""
    if not len(shapes):
        return [float("nan")] * 4
    found: list[float] = shapely.total_bounds(shapes).tolist()
    return found

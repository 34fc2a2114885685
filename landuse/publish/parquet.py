"""Parquet and GeoParquet whose bytes depend on nothing but the table."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd
    import pyarrow as pa

    from landuse.schema.frame import Table

__all__ = [
    "GROUP_ROWS",
    "arrow_table",
    "geo_head",
    "regrouped",
    "repeated_texts",
    "write_geoparquet",
    "write_groups",
    "write_parquet",
]

GROUP_ROWS: Final = 131_072
_EACH_ITS_OWN: Final = frozenset({"parcel_id", "uscc", "unit_id", "name", "holder", "key"})
"""Texts that hardly repeat: a dictionary of them is work for nothing, and makes files larger. So
do numbers, which have none either."""


def write_parquet(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """``frame`` as Parquet; each field carries its unit and its Chinese and English heading."""
    write_groups((arrow_table(rows, table) for rows in _groups(frame)), path)


def write_geoparquet(frame: pd.DataFrame, table: Table, crs: str, path: Path) -> None:
    """``frame`` with ``geometry`` in ``crs`` as GeoParquet 1.1 (WKB, x before y, PROJJSON)."""
    import numpy as np
    import shapely

    shapes = frame["geometry"].to_numpy()
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    kinds = np.unique(shapely.get_type_id(shapes)) if len(shapes) else np.zeros(0, np.intp)
    about = geo_head(kinds.tolist(), bounds.tolist(), crs)
    write_groups((_with_shapes(rows, table, about) for rows in _groups(frame)), path)


def _groups(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of each row group: no copy of the whole is made; a table without rows has one."""
    for start in range(0, max(len(frame), 1), GROUP_ROWS):
        yield frame.iloc[start : start + GROUP_ROWS]


def _with_shapes(rows: pd.DataFrame, table: Table, about: bytes) -> pa.Table:
    import pyarrow as pa

    from landuse.outlines import written

    content = arrow_table(rows.drop(columns="geometry"), table)
    wkb = written(rows["geometry"].to_numpy())
    content = content.append_column(pa.field("geometry", pa.binary()), wkb)
    return content.replace_schema_metadata({**(content.schema.metadata or {}), b"geo": about})


def geo_head(kinds: Iterable[int], bounds: Sequence[float], crs: str) -> bytes:
    """What a GeoParquet file says of its shapes: which ``kinds`` there are (type ids of shapely),
    and their ``bounds``, unless these are no numbers."""
    import pyproj

    names = {3: "Polygon", 6: "MultiPolygon"}
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted(names[kind] for kind in kinds if kind in names),
        "crs": pyproj.CRS.from_user_input(crs).to_json_dict(),
        "edges": "planar",
    }
    if all(bound == bound for bound in bounds):  # NaN differs from itself
        column["bbox"] = list(bounds)
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return json.dumps(geo, sort_keys=True).encode()


def arrow_table(frame: pd.DataFrame, table: Table) -> pa.Table:
    """``frame`` in Arrow; text as plain strings, missing numbers as nulls."""
    import pyarrow as pa

    content = pa.Table.from_pandas(frame, preserve_index=False)
    known = {column.name: column for column in table}
    fields = []
    for field in content.schema:
        column = known.get(field.name)
        kind = pa.string() if pa.types.is_large_string(field.type) else field.type
        if column is not None and column.dtype == "date":
            kind = pa.date32()
        labels = {"zh": column.zh, "en": column.en, "unit": column.unit} if column else None
        fields.append(pa.field(field.name, kind, metadata=labels))
    return content.cast(pa.schema(fields, metadata=content.schema.metadata))


def regrouped(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The rows of ``tables`` in groups of :data:`GROUP_ROWS`, however many each table has; the last
    group, which has the rest, also where there is none. No more than a group is held, twice."""
    import pyarrow as pa

    held: list[pa.Table] = []
    rows = 0
    for more in tables:
        rest = more
        while rows + rest.num_rows > GROUP_ROWS:
            held.append(rest.slice(0, GROUP_ROWS - rows))
            rest = rest.slice(GROUP_ROWS - rows)
            group = pa.concat_tables(held).combine_chunks()
            held.clear()
            rows = 0
            yield group
        held.append(rest)
        rows += rest.num_rows
    yield pa.concat_tables(held).combine_chunks()


def repeated_texts(schema: pa.Schema) -> list[str]:
    """The columns of which a dictionary is worth its work."""
    import pyarrow as pa

    return [
        field.name
        for field in schema
        if (pa.types.is_string(field.type) or pa.types.is_large_string(field.type))
        and field.name not in _EACH_ITS_OWN
    ]


def write_groups(groups: Iterator[pa.Table], path: Path) -> None:
    """Row groups of :data:`GROUP_ROWS` rows, the last of fewer, as one file; at least one group."""
    import pyarrow.parquet as pq

    first = next(groups)
    repeated = repeated_texts(first.schema)
    with pq.ParquetWriter(
        path, first.schema, compression="zstd", use_dictionary=repeated
    ) as writer:
        for rows in itertools.chain([first], groups):
            # how a column lies in memory would show in where its pages end
            writer.write_table(rows.combine_chunks(), row_group_size=GROUP_ROWS)

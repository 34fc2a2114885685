"""Parquet and GeoParquet whose bytes depend on nothing but the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from landuse.schema.frame import Table

__all__ = ["arrow_table", "write_geoparquet", "write_parquet"]

_GROUP_ROWS: Final = 131_072


def write_parquet(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """``frame`` as Parquet; each field carries its unit and its Chinese and English heading."""
    _write(arrow_table(frame, table), path)


def write_geoparquet(frame: pd.DataFrame, table: Table, crs: str, path: Path) -> None:
    """``frame`` with ``geometry`` in ``crs`` as GeoParquet 1.1 (WKB, x before y, PROJJSON)."""
    import numpy as np
    import pyarrow as pa
    import shapely

    shapes = frame["geometry"].to_numpy()
    plain = frame.drop(columns="geometry")
    content = arrow_table(plain, table)
    wkb = pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary())
    content = content.append_column(pa.field("geometry", pa.binary()), wkb)
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": _geo_column(shapes, bounds.tolist(), crs)},
    }
    metadata = {**(content.schema.metadata or {}), b"geo": json.dumps(geo, sort_keys=True).encode()}
    _write(content.replace_schema_metadata(metadata), path)


def _geo_column(
    shapes: npt.NDArray[np.object_], bounds: list[float], crs: str
) -> dict[str, object]:
    import numpy as np
    import pyproj
    import shapely

    kinds = {3: "Polygon", 6: "MultiPolygon"}
    found = np.unique(shapely.get_type_id(shapes)).tolist() if len(shapes) else []
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted(kinds[kind] for kind in found if kind in kinds),
        "crs": pyproj.CRS.from_user_input(crs).to_json_dict(),
        "edges": "planar",
    }
    if all(bound == bound for bound in bounds):  # NaN differs from itself
        column["bbox"] = bounds
    return column


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


def _write(content: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(content, path, compression="zstd", row_group_size=_GROUP_ROWS)

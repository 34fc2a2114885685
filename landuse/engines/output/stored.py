"""Published rows on their way from the stage that makes them to the run folder.

Who makes the rows checks them and stores them as they will be published: Arrow, with the columns,
types and headings of the published table, shapes as WKB. Who writes the run folder puts them into
row groups and decodes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa

from landuse.outlines import written
from landuse.publish.parquet import arrow_table

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

    from landuse.schema.frame import Table

__all__ = ["as_published", "ordered", "pieces", "store", "stored"]

_PIECE_ROWS: Final = 16_384
"""Rows that are held at once while the run folder is written, of each table."""


def ordered(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """A checked frame with its columns in the order of the schema, others behind by name."""
    checked = table.check(frame)
    extra = sorted(str(name) for name in checked.columns if name not in set(table.names))
    return checked[[*table.names, *extra]].reset_index(drop=True)


def as_published(frame: pd.DataFrame, table: Table) -> pa.Table:
    """The rows of ``frame`` as the ordinary writer publishes them; shapes may be WKB already."""
    content = ordered(frame, table)
    if "geometry" not in content:
        return arrow_table(content, table)
    shapes = content.pop("geometry").to_numpy()
    is_wkb = not len(shapes) or isinstance(shapes[0], bytes)
    wkb = pa.array(shapes, pa.binary()) if is_wkb else written(shapes)
    rows = arrow_table(content, table)
    return rows.append_column(pa.field("geometry", pa.binary()), wkb)


def store(rows: pa.Table, path: Path) -> None:
    """Keep published rows until the run folder is written."""
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_file(file, rows.schema, options=options) as writer,
    ):
        writer.write_table(rows, max_chunksize=_PIECE_ROWS)


def stored(path: os.PathLike[str]) -> pa.Table:
    """The rows that :func:`store` kept."""
    return pa.concat_tables(pieces(path))


def pieces(path: os.PathLike[str]) -> Iterator[pa.Table]:
    """The rows that :func:`store` kept, few at a time; at least one table."""
    with pa.OSFile(path.__fspath__(), "rb") as file, pa.ipc.open_file(file) as content:
        if not content.num_record_batches:
            yield content.schema.empty_table()
        for number in range(content.num_record_batches):
            yield pa.Table.from_batches([content.get_batch(number)])

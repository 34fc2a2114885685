"""A Parquet file of this machine, read a column at a time: what is not yet needed takes no memory.

Read as a whole, a file lies in memory twice while its columns become those of the program.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

__all__ = ["ByColumn", "chunks_of"]


class ByColumn:
    """The file as a table whose columns are read when they are asked for.

    Made, and asked, it raises :class:`pyarrow.ArrowException` or :class:`OSError` where the file
    is damaged, or where two of its columns have one name.
    """

    def __init__(self, path: Path) -> None:
        with contextlib.ExitStack() as opened:
            self._file = opened.enter_context(pq.ParquetFile(path))
            self.schema: pa.Schema = self._file.schema_arrow
            self.num_rows: int = self._file.metadata.num_rows
            twice = [name for name, count in Counter(self.schema.names).items() if count > 1]
            if twice:
                raise pa.ArrowInvalid(f"2 × {', '.join(twice)}")
            opened.pop_all()

    def __enter__(self) -> ByColumn:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def column(self, place: int) -> pa.ChunkedArray:
        """The column at a place of the schema."""
        return self._named(self.schema.names[place])

    def select(self, names: Sequence[str]) -> pa.Table:
        """The table of some columns."""
        return self._file.read(columns=list(names)).select(list(names))

    def chunks(self, name: str) -> Iterator[pa.Array]:
        """A column, row group by row group."""
        for group in range(self._file.num_row_groups):
            yield from self._named(name, group).chunks

    def _named(self, name: str, group: int | None = None) -> pa.ChunkedArray:
        """A column by its name: ``a.b`` beside ``a`` is none of its parts."""
        if group is None:
            return self._file.read(columns=[name]).column(name)
        return self._file.read_row_group(group, columns=[name]).column(name)


def chunks_of(rows: pa.Table | ByColumn, name: str) -> Iterable[pa.Array]:
    """A column in pieces; those of a file are read one after another."""
    return rows.chunks(name) if isinstance(rows, ByColumn) else rows.column(name).chunks

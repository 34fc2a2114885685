"""Parquet files wherever they lie: of one in a store nothing is fetched but what is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

import pyarrow.parquet as pq

from landuse.stores.place import Place, Stored

__all__ = ["parquet_file"]

_AHEAD: Final = 1 << 20
"""Bytes of a column that are read from a disk at once: never all that a row group has of it."""


@contextlib.contextmanager
def parquet_file(place: Place) -> Iterator[pq.ParquetFile]:
    """The file, to be asked for its schema, its counts and some of its row groups.

    Of a row group that is read in batches, a file of a disk holds some pages, one in a store all
    the columns that are asked.
    """
    if isinstance(place, Stored):
        with place.reading() as remote, pq.ParquetFile(remote, pre_buffer=True) as file:
            yield file
    else:
        with pq.ParquetFile(place, pre_buffer=False, buffer_size=_AHEAD) as file:
            yield file

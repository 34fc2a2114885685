"""Parquet files wherever they lie: of one in a store nothing is fetched but what is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pyarrow.parquet as pq

from landuse.stores.place import Place, Stored

__all__ = ["parquet_file"]


@contextlib.contextmanager
def parquet_file(place: Place) -> Iterator[pq.ParquetFile]:
    """The file, to be asked for its schema, its counts and some of its row groups."""
    if isinstance(place, Stored):
        with place.reading() as remote, pq.ParquetFile(remote, pre_buffer=True) as file:
            yield file
    else:
        with pq.ParquetFile(place) as file:
            yield file

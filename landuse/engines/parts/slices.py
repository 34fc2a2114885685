"""Rows that one part has for each of the others: one file a part, one slice of it a reader.

What every part of one stage must tell every part of the next goes through such files: who writes
sorts once, who reads takes its own slice and nothing else of each file. There are as many slices
as parts × parts, most of them small or empty, so a slice must cost next to nothing: it is one
compressed block, and its place is found without reading anything else.

A file is a table of places (position and plain size of each block, 16 bytes), then the blocks:
the Arrow schema, and for each reader his rows as one Arrow record batch, or nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from landuse.engines.parts.frames import arrow_of, frame_of
from landuse.stores import Stored

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from landuse.stores import Place

__all__ = ["bucket_of", "load_slice", "save_slices"]

_PLACE: Final = np.dtype("<i8")
_WIDTH: Final = 2 * _PLACE.itemsize
_AT_ONCE: Final = 16
"""Files of a store that are asked at the same time: an answer takes longer than its bytes."""


def save_slices(
    frame: pd.DataFrame, target: npt.NDArray[np.intp], targets: int, path: Path
) -> None:
    """Write the rows of ``frame`` for ``targets`` readers; ``target`` says whose each row is.

    The rows of one reader keep their order.
    """
    order = np.argsort(target, kind="stable")
    ends = np.searchsorted(target[order], np.arange(targets + 1))
    content = arrow_of(frame.take(order)).combine_chunks()
    codec = pa.Codec("zstd", compression_level=1)
    places = np.zeros((targets + 2, 2), dtype=_PLACE)
    with path.open("wb") as file:
        file.seek(places.nbytes)
        for block, plain in enumerate(_blocks(content, ends)):
            places[block] = file.tell(), len(plain)
            if len(plain):
                file.write(codec.compress(plain))
        places[-1] = file.tell(), 0
        file.seek(0)
        file.write(places.tobytes())


def _blocks(content: pa.Table, ends: npt.NDArray[np.intp]) -> Iterable[pa.Buffer | bytes]:
    yield content.schema.serialize()
    batch = next(iter(content.to_batches()), None)
    for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        yield b"" if low == high or batch is None else batch.slice(low, high - low).serialize()


def load_slice(places: Iterable[Place], reader: int, numbered: str | None = None) -> pd.DataFrame:
    """What several files hold for one reader, in the order of the files; at least one file.

    ``numbered`` names one more column: the number of the file from which each row is.
    """
    files = list(places)
    schema = pa.ipc.read_schema(_block(files[0], 0))
    found: list[pa.RecordBatch] = []
    source: list[int] = []
    for number, rows in enumerate(_blocks_of(files, reader + 1)):
        if rows is not None:
            found.append(pa.ipc.read_record_batch(rows, schema))
            source.append(number)
    frame = frame_of(pa.Table.from_batches(found, schema))
    if numbered is not None:
        frame[numbered] = np.repeat(
            np.array(source, dtype=np.intp), [batch.num_rows for batch in found]
        )
    return frame


def _blocks_of(files: Sequence[Place], number: int) -> Iterator[pa.Buffer | None]:
    """The same block of several files; a store is asked for several at a time."""
    if not isinstance(files[0], Stored):
        yield from (_block(file, number) for file in files)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(partial(_block, number=number), files)


def _block(place: Place, number: int) -> pa.Buffer | None:
    """A block of a file, ``None`` for an empty one; nothing else of the file is read."""
    with _ranges(place) as read:
        places = np.frombuffer(read(number * _WIDTH, 2 * _WIDTH), dtype=_PLACE)
        start, size, end = places[:3].tolist()
        if start == end:
            return None
        return pa.Codec("zstd").decompress(read(start, end - start), decompressed_size=size)


@contextlib.contextmanager
def _ranges(place: Place) -> Iterator[Callable[[int, int], bytes]]:
    """A function that gives some bytes of a file, by position and number."""
    if isinstance(place, Stored):
        yield place.read_range
        return
    with Path(place).open("rb") as file:

        def read(start: int, many: int) -> bytes:
            file.seek(start)
            return file.read(many)

        yield read


def bucket_of(texts: pd.Series[str], buckets: int) -> npt.NDArray[np.intp]:
    """A number below ``buckets`` for each text, the same for equal texts, wherever it is asked.

    >>> import pandas as pd
    >>> bucket_of(pd.Series(["a", "a"], dtype="str"), 1).tolist()
    [0, 0]
    """
    from pandas.util import hash_array

    found = hash_array(texts.to_numpy(dtype=object), categorize=False)
    return (found % np.uint64(buckets)).astype(np.intp)

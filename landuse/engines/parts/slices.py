"""Rows that one part has for each of the others: one file a part, one slice of it a reader.

What every part of one stage must tell every part of the next goes through such files: who writes
sorts once, who reads takes its own slice and nothing else of each file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from landuse.engines.parts.frames import arrow_of, frame_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

__all__ = ["bucket_of", "load_slice", "save_slices"]


def save_slices(
    frame: pd.DataFrame, target: npt.NDArray[np.intp], targets: int, path: Path
) -> None:
    """Write the rows of ``frame`` for ``targets`` readers; ``target`` says whose each row is.

    The rows of one reader keep their order.
    """
    order = np.argsort(target, kind="stable")
    ends = np.searchsorted(target[order], np.arange(targets + 1))
    content = arrow_of(frame.take(order))
    batches = content.combine_chunks().to_batches()
    batch = batches[0] if batches else pa.RecordBatch.from_pylist([], schema=content.schema)
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_file(file, content.schema, options=options) as writer,
    ):
        for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            writer.write_batch(batch.slice(low, high - low))


def load_slice(paths: Iterable[Path], reader: int) -> pd.DataFrame:
    """What several files hold for one reader, in the order of the files; at least one file."""
    return frame_of(pa.concat_tables(_slice(path, reader) for path in paths))


def _slice(path: Path, reader: int) -> pa.Table:
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_file(file) as content:
        return pa.Table.from_batches([content.get_batch(reader)])


def bucket_of(texts: pd.Series[str], buckets: int) -> npt.NDArray[np.intp]:
    """A number below ``buckets`` for each text, the same for equal texts, wherever it is asked.

    >>> import pandas as pd
    >>> bucket_of(pd.Series(["a", "a"], dtype="str"), 1).tolist()
    [0, 0]
    """
    from pandas.util import hash_array

    found = hash_array(texts.to_numpy(dtype=object), categorize=False)
    return (found % np.uint64(buckets)).astype(np.intp)

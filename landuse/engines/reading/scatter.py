"""Rows of big files, brought as they stand to the parts of their keys, few held at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from landuse.engines.parts.cuts import part_of

if TYPE_CHECKING:
    from landuse.intake.streamed import Pieces
    from landuse.intake.typed import Texts

__all__ = ["part_rows", "scatter"]

_OPTIONS: Final = {"compression": "zstd"}


def scatter(
    pieces: Iterable[tuple[int, pa.Table]],
    keys: Callable[[int, pa.Table], Texts],
    starts: Sequence[str],
    folder: Path,
    held: int,
) -> None:
    """Write the rows of every file of a table into ``folder``, each for the part of its key.

    ``keys`` gives the key of each row of a piece; about ``held`` bytes are held before they are
    written. Rows of one part keep the order of the files.
    """
    waiting: defaultdict[tuple[int, int], list[pa.Table]] = defaultdict(list)
    size = times = 0
    for number, rows in pieces:
        part = part_of(keys(number, rows).to_numpy(zero_copy_only=False), starts)
        order = np.argsort(part, kind="stable")
        part = part[order]
        sorted_rows = rows.take(order)
        first = np.flatnonzero(np.append(True, part[1:] != part[:-1])[: len(part)])
        for low, high in zip(first, np.append(first[1:], len(part)), strict=True):
            waiting[int(part[low]), number].append(sorted_rows.slice(low, high - low))
        size += rows.nbytes
        if size > held:
            _write(waiting, folder, times)
            size, times = 0, times + 1
    _write(waiting, folder, times)


def _write(waiting: dict[tuple[int, int], list[pa.Table]], folder: Path, times: int) -> None:
    options = pa.ipc.IpcWriteOptions(**_OPTIONS)
    for (part, number), tables in waiting.items():
        rows = pa.concat_tables(tables).combine_chunks()
        path = folder / f"{part:05}-{times:05}-{number:05}.arrow"
        with (
            pa.OSFile(str(path), "wb") as file,
            pa.ipc.new_file(file, rows.schema, options=options) as writer,
        ):
            writer.write_table(rows)
    waiting.clear()


def part_rows(folder: Path, part: int, pieces: Pieces, extra: pa.Schema) -> list[pa.Table]:
    """The rows of one part by file, in their order; ``extra`` are the columns that were added."""
    found: defaultdict[int, list[pa.Table]] = defaultdict(list)
    for path in sorted(folder.glob(f"{part:05}-*.arrow")):
        with pa.OSFile(str(path), "rb") as file:
            found[int(path.stem[-5:])].append(pa.ipc.open_file(file).read_all())
    return [
        pa.concat_tables(found[number]).combine_chunks()
        if number in found
        else _with(pieces.empty(number), extra)
        for number in range(len(pieces.paths))
    ]


def _with(rows: pa.Table, extra: pa.Schema) -> pa.Table:
    for field in extra:
        rows = rows.append_column(field, pa.array([], field.type))
    return rows

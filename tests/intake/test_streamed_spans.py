"""Spans of files (:mod:`landuse.intake.streamed`): every row once, in the order of the files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from landuse.errors import UserError
from landuse.intake.project import Source
from landuse.intake.streamed import ROW, Pieces, Span


def _pieces(folder: Path, *files: tuple[int, int]) -> Pieces:
    """Files of some rows in row groups of so many, numbered through."""
    paths, start = [], 0
    for number, (rows, group) in enumerate(files):
        path = folder / f"{number}.parquet"
        table = pa.table({"n": list(range(start, start + rows)), "t": ["x"] * rows})
        pq.write_table(table, path, row_group_size=group)
        paths.append(path)
        start += rows
    names = tuple(path.name for path in paths)
    source = Source(path=names)
    return Pieces(
        "enterprises", source, tuple(paths), names, layer=False, copies=(None,) * len(names)
    )


def test_spans_are_whole_row_groups_of_one_file(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, (25, 10), (0, 10), (7, 3))
    assert pieces.spans(20) == [
        Span(0, 0, 2, 1, 20), Span(0, 2, 3, 21, 5), Span(2, 0, 3, 1, 7)
    ]  # fmt: skip
    assert pieces.spans(6) == [
        Span(0, 0, 1, 1, 10), Span(0, 1, 2, 11, 10), Span(0, 2, 3, 21, 5),
        Span(2, 0, 2, 1, 6), Span(2, 2, 3, 7, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [1, 4, 12, 100])
def test_spans_together_are_all_rows_in_their_order(tmp_path: Path, rows: int) -> None:
    pieces = _pieces(tmp_path, (25, 10), (0, 10), (7, 3))
    read = [
        (span.file, table)
        for span in pieces.spans(rows)
        for table in pieces.read(span, ["n"])
    ]  # fmt: skip
    assert [n for _, table in read for n in table["n"].to_pylist()] == list(range(32))
    assert all(table.column_names == ["n", ROW] for _, table in read)
    numbers = [(file, row) for file, table in read for row in table[ROW].to_pylist()]
    assert numbers == [(0, row) for row in range(1, 26)] + [(2, row) for row in range(1, 8)]


def test_a_damaged_span_names_its_file(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, (25, 10))
    (span, *_) = pieces.spans(10)
    content = bytearray(pieces.paths[0].read_bytes())
    content[4:40] = bytes(36)
    pieces.paths[0].write_bytes(content)
    with pytest.raises(UserError) as found:
        list(pieces.read(span))
    assert [(one.code, one.file) for one in found.value.issues] == [
        ("intake_tables.damaged", "0.parquet")
    ]


def test_a_large_row_group_is_never_held_as_a_whole(tmp_path: Path) -> None:
    many, long, path = 16_000, 4_096, tmp_path / "0.parquet"
    ends = pa.py_buffer((np.arange(many + 1) * long).astype(np.int32))
    cells = pa.Array.from_buffers(
        pa.binary(), many, [None, ends, pa.py_buffer(os.urandom(many * long))]
    )
    pq.write_table(pa.table({"b": cells}), path, use_dictionary=False, compression="none")
    del cells
    pieces = Pieces("enterprises", Source(path=("0.parquet",)), (path,), ("0.parquet",),
                    layer=False, copies=(None,))  # fmt: skip
    (span,) = pieces.spans(many)
    before, most, read = pa.total_allocated_bytes(), 0, 0
    for rows in pieces.read(span):
        most, read = max(most, pa.total_allocated_bytes() - before), read + len(rows)
    assert read == many
    assert most < many * long / 2


def test_want_of_memory_is_no_fault_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = _pieces(tmp_path, (25, 10))

    def nothing_left(*_: object) -> None:
        raise pa.ArrowMemoryError

    monkeypatch.setattr(pieces.__class__, "_prove", nothing_left)
    with pytest.raises(MemoryError):
        list(pieces.read(pieces.spans(10)[0]))

"""Copies a CSV table into Parquet, some rows at a time, as the ordinary reader takes it.

What that decides from all rows must be clear from the first of them here: columns without a
heading, headings that stand twice. Where it is not, the table is read as a whole.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse.intake.delimited import flow_delimited
from landuse.intake.grid import DEEPEST, SEARCHED, Sheet, find_heading, is_blank, letter, unit_line
from landuse.intake.staged import REPEATED, ROW, Copy, Writer
from landuse.intake.strange import because
from landuse.intake.worksheets import facts_of_text, heading_fact, no_heading, repeated_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from landuse.intake.columns import Vocabulary
    from landuse.intake.grid import Heading
    from landuse.intake.project import Source

__all__ = ["copy_text"]

_BLOCK: Final = 8_192
Row = list[object]


def copy_text(source: Source, path: Path, file: str, words: Vocabulary, copy: Copy) -> Copy:
    """Write the rows of a CSV table into ``copy``; raises what the ordinary reader raises, and
    :class:`landuse.intake.strange.Strange`.
    """
    flow = flow_delimited(path, file, source.encoding)
    if flow is None:
        raise because("read_whole.text")
    head = list(islice(flow.rows, max(SEARCHED, source.header_row or 0) + 4 * DEEPEST))
    sheet = Sheet("", head)
    heading = find_heading(sheet, words.knows, source.header_row)
    if heading is None:
        if all(is_blank(cell) for row in head for cell in row):
            raise because("read_whole.no_heading", n=len(head))
        raise no_heading([sheet], file, words)
    kept = _kept(sheet, heading)
    rows = enumerate(chain(head[heading.data :], flow.rows), heading.data + 1)
    schema = pa.schema([
        *((name, pa.large_string()) for name in kept.values()),
        (REPEATED, pa.bool_()), (ROW, pa.int64()),
    ])  # fmt: skip
    with Writer(copy.rows, schema) as writer:
        while block := list(islice(rows, _BLOCK)):
            writer.write(_block(block, sheet, heading, kept, schema))
    facts = (*facts_of_text(flow.encoding, flow.delimiter, file),
             heading_fact(heading, sheet, file))  # fmt: skip
    return replace(copy, facts=facts, units=unit_line(sheet, heading.first))


def _kept(sheet: Sheet, heading: Heading) -> dict[int, str]:
    """The columns that have a heading, or cells though they have none; and their names."""
    below = [row for row in sheet.cells[heading.data :] if not all(map(is_blank, row))]
    names = {
        column: name or f"[{letter(column)}]"
        for column, name in enumerate(heading.names)
        if name or any(len(row) > column and row[column] is not None for row in below)
    }
    if len({*names.values()}) < len(names):
        twice = next(name for name in names.values() if [*names.values()].count(name) > 1)
        raise because("read_whole.headings", value=twice)
    return names


def _block(
    block: Sequence[tuple[int, Row]],
    sheet: Sheet,
    heading: Heading,
    kept: dict[int, str],
    schema: pa.Schema,
) -> pa.Table:
    """Some rows that are not blank."""
    filled = [(number, row) for number, row in block if not all(map(is_blank, row))]
    columns = list(zip_longest(*(row for _, row in filled)))
    nothing = (None,) * len(filled)
    for column, below in enumerate(columns):
        if column not in kept and any(below):
            row = next(number for (number, _), cell in zip(filled, below, strict=True) if cell)
            raise because("read_whole.no_name", value=letter(column), row=row)
    width = max(sheet.width, len(columns))
    cells = {n: columns[n] if n < len(columns) else nothing for n in range(width)}
    frame = pd.DataFrame(cells, index=range(len(filled)), dtype=object)
    marks = repeated_in(frame, sheet, heading)
    rows = np.array([number for number, _ in filled], dtype=np.int64)
    arrays = [pa.array(cells[column], pa.large_string()) for column in kept]
    return pa.table([*arrays, pa.array(marks), pa.array(rows)], schema=schema)

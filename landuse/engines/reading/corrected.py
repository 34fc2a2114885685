"""Corrections of big tables: the few rows that they name are gathered and corrected in one process.

What a correction becomes depends on the rows of its key alone. The cells that changed go with
whoever reads these rows later, to the part of their corrected key.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.engines.reading.listing import pieces_of
from landuse.engines.reading.scatter import Slices, slices_of
from landuse.engines.reading.spans import done, spans_of, told_strange
from landuse.intake.corrected import Cells
from landuse.intake.corrections import key_headings, row_keys
from landuse.intake.raw import stack
from landuse.intake.streamed import ROW
from landuse.intake.worksheets import as_one
from landuse.issues import IssueLog

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from landuse.engines.parts.job import Crew, Job
    from landuse.intake.columns import Columns
    from landuse.intake.corrections import Corrections
    from landuse.intake.project import Project

__all__ = ["corrected_cells"]


def corrected_cells(
    job: Job,
    crew: Crew,
    project: Project,
    kind: str,
    columns: Sequence[Columns],
    corrections: Corrections,
) -> tuple[Cells, ...]:
    """Apply the corrections of a kind of table, whose outcomes these then know; the cells that
    changed in each table. ``columns`` are those of the tables, whose spans are known.
    """
    tables, keys = pieces_of(kind, job, project), corrections.keys_of(kind)
    if not keys:
        return tuple(Cells() for _ in tables)
    task = partial(_gather, job=job, project=project, kind=kind, columns=columns, keys=keys)
    for _ in done(crew, task, len(spans_of(job, kind))):
        pass
    found = []
    for table, pieces in enumerate(tables):
        raws = pieces.raws(slices_of(job, f"named_{kind}", kind, table, 0, pieces), IssueLog())
        before = stack(raws) if pieces.layer else as_one(raws, IssueLog())
        found.append(Cells.of(before, corrections.apply(before, columns[table])))
    return tuple(found)


def _gather(
    number: int,
    job: Job,
    project: Project,
    kind: str,
    columns: Sequence[Columns],
    keys: Collection[str],
) -> dict[str, Any]:
    """The rows of a span that corrections name."""
    piece = spans_of(job, kind)[number]
    pieces, span = pieces_of(kind, job, project)[piece.table], piece.span
    headings = key_headings(kind, columns[piece.table])

    def work(folder: Path) -> dict[str, Any]:
        named: list[int] = []
        wanted = pieces.shaped(span.file, headings, bare=True)
        for rows in pieces.read(span, wanted) if wanted else ():
            raw = pieces.plain(span.file, rows, headings)
            said = row_keys(raw, columns[piece.table])
            named += [int(raw.row[at]) for at, key in enumerate(said) if key in keys]
        with Slices(folder) as slices:
            for rows in pieces.read(span) if named else ():
                mine = rows.filter(pc.is_in(rows.column(ROW), pa.array(named, pa.int64())))
                if len(mine):
                    slices.take(mine, np.zeros(len(mine), dtype=np.intp))
        return {"rows": len(named)}

    return job.once(f"named_{kind}", number, told_strange(work))

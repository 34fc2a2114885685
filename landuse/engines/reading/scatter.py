"""Rows of big files, brought as they stand to the parts of their keys: a file of slices a span.

One round a kind of table. Each span is read by one worker, few of its rows held at once, and
written sorted by part, so there are as many files as spans, however many parts there are; a part
reads its slices of every span and finds its rows in the order of the files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from landuse.engines.parts.cuts import part_of
from landuse.engines.parts.places import opened
from landuse.engines.reading.grounds import EXTRA
from landuse.engines.reading.listing import pieces_of
from landuse.engines.reading.spans import shapes_of, spans_of, told_strange

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from landuse.engines.parts.job import Job
    from landuse.engines.reading.spans import Key, Piece
    from landuse.intake.project import Project
    from landuse.intake.streamed import Pieces
    from landuse.stores import Place

__all__ = [
    "Slices",
    "part_rows",
    "scatter_firms",
    "scatter_land",
    "scatter_occupancy",
    "slices_of",
]

_OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="zstd")
_ROWS: Final = "rows.arrow"
_PARTS: Final = "parts.npy"
_NO_EXTRA: Final = pa.schema([])


def scatter_land(
    number: int, job: Job, project: Project, key: Key, told: Mapping[str, Any], held: int
) -> dict[str, Any]:
    """A span of the parcels, with what the survey knows of each (``told``).

    About ``held`` bytes wait before they are written, here and in the other rounds.
    """
    piece = spans_of(job, "parcels")[number]
    zones, astray = _known(job, number, piece, told)

    def more(rows: pa.Table, first: int) -> pa.Table:
        last = first + len(rows)
        columns = (pa.array(zones[first:last]), pa.array(astray[first:last]))
        for field, column in zip(EXTRA, columns, strict=True):
            rows = rows.append_column(field, column)
        return rows

    return _Span(job, project, "parcels", number, key).scatter(job.land, held, more)


def _known(
    job: Job, number: int, piece: Piece, told: Mapping[str, Any]
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
    """The zones of the parcels of a span, and which of them lie astray."""
    file, many = piece.span.file, piece.span.rows
    kind, zone = told["grounds"][str(file)]
    zones, astray = np.full(many, zone, dtype=np.int16), np.zeros(many, dtype=bool)
    if file in told["spread"]:
        folder = job.path("survey_zones", number)
        astray = np.load(folder / "astray.npy")
        if kind == "zones":
            own = np.load(folder / "zones.npy")
            zones = np.where(own > 0, own, zones)
    return zones, astray


def scatter_firms(number: int, job: Job, project: Project, key: Key, held: int) -> dict[str, Any]:
    """A span of one of the tables of enterprises."""
    return _Span(job, project, "enterprises", number, key).scatter(job.firms, held)


def scatter_occupancy(
    number: int, job: Job, project: Project, key: Key, held: int
) -> dict[str, Any]:
    """A span of the occupancy, to the parts of its parcels."""
    return _Span(job, project, "occupancy", number, key).scatter(job.land, held)


class _Span:
    """One span to be scattered."""

    def __init__(self, job: Job, project: Project, kind: str, number: int, key: Key) -> None:
        self._job, self._project, self._kind, self._number = job, project, kind, number
        self._key, self._piece = key, spans_of(job, kind)[number]
        self._pieces = pieces_of(kind, job, project)[self._piece.table]

    def scatter(
        self,
        starts: Sequence[str],
        held: int,
        more: Callable[[pa.Table, int], pa.Table] | None = None,
    ) -> dict[str, Any]:
        """Write the rows by part; ``more`` adds columns to those from the given on."""

        def work(folder: Path) -> dict[str, Any]:
            with Slices(folder) as slices:
                first = 0
                for rows in self._pieces.read(self._piece.span):
                    keys = self._key.texts(self._pieces, self._piece, rows, self._project)
                    part = part_of(keys.to_numpy(zero_copy_only=False), starts)
                    slices.take(rows if more is None else more(rows, first), part)
                    first += len(rows)
                    if slices.bytes > held:
                        slices.write()
            return {"rows": first}

        return self._job.once(f"scattered_{self._kind}", self._number, told_strange(work))


class Slices:
    """A file of slices: rows are taken, and sometimes written, each part's together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[tuple[pa.Table, npt.NDArray[np.intp]]] = []
        self._parts: list[int] = []
        self._writer: pa.RecordBatchFileWriter | None = None
        self.bytes = 0

    def __enter__(self) -> Slices:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.write()
            np.save(self._folder / _PARTS, np.array(self._parts, dtype=np.int32))
        if self._writer is not None:
            self._writer.close()

    def take(self, rows: pa.Table, part: npt.NDArray[np.intp]) -> None:
        """Rows that wait, and the part of each."""
        self._waiting.append((rows, part))
        self.bytes += rows.nbytes

    def write(self) -> None:
        """Write what waits, in the order of the parts."""
        if not self._waiting:
            return
        tables, parts = zip(*self._waiting, strict=True)
        self._waiting.clear()
        self.bytes = 0
        rows, part = pa.concat_tables(tables), np.concatenate(parts)
        if (part[1:] < part[:-1]).any():
            order = np.argsort(part, kind="stable")
            rows, part = rows.take(order), part[order]
        (batch,) = rows.combine_chunks().to_batches()
        if self._writer is None:
            path = str(self._folder / _ROWS)
            self._writer = pa.ipc.new_file(path, rows.schema, options=_OPTIONS)
        first = np.flatnonzero(np.append(True, part[1:] != part[:-1]))
        for low, high in zip(first, np.append(first[1:], len(part)), strict=True):
            self._writer.write_batch(batch.slice(low, high - low))
            self._parts.append(int(part[low]))


def part_rows(job: Job, kind: str, table: int, part: int, pieces: Pieces) -> dict[int, pa.Table]:
    """The rows of one part by file, in their order, each with what the survey knows of it;
    ``table``: which of its kind.
    """
    extra = EXTRA if kind == "parcels" else _NO_EXTRA
    return slices_of(job, f"scattered_{kind}", kind, table, part, pieces, extra)


def slices_of(
    job: Job,
    stage: str,
    kind: str,
    table: int,
    part: int,
    pieces: Pieces,
    extra: pa.Schema = _NO_EXTRA,
) -> dict[int, pa.Table]:
    """The rows that the spans of a kind have written for a part in a ``stage``, by file.

    Every heading is there, in the order of all files: of those with the same columns, the first is
    there without rows if it has none; of the land only such that have rows at all, since others
    lie nowhere.
    """  # fmt: skip
    found: defaultdict[int, list[pa.RecordBatch]] = defaultdict(list)
    for number, piece in enumerate(spans_of(job, kind)):
        if piece.table == table:
            found[piece.span.file] += _slices(job.path(stage, number), part)
    shapes = shapes_of(job, kind, table)
    rows = {number: pa.Table.from_batches(some).combine_chunks()
            for number, some in found.items() if some}  # fmt: skip
    there: set[int] = set()
    for number in sorted(found) if kind == "parcels" else range(len(shapes)):
        if shapes[number] not in there and number not in rows:
            rows[number] = _with(pieces.empty(number), extra)
        there.add(shapes[number])
    return rows


def _slices(folder: Place, part: int) -> Iterator[pa.RecordBatch]:
    mine = np.flatnonzero(np.load(folder / _PARTS) == part)
    if not len(mine):
        return
    with opened(folder / _ROWS) as file, pa.ipc.open_file(file) as content:
        for at in mine.tolist():
            yield content.get_batch(at)


def _with(rows: pa.Table, extra: pa.Schema) -> pa.Table:
    for field in extra:
        rows = rows.append_column(field, pa.array([], field.type))
    return rows

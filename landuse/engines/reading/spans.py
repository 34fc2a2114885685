"""What lies in the files of a table, span by span: rounds before the parts of an input are known.

A span (:class:`landuse.intake.streamed.Span`) is done by one worker, which writes what it found or
tells it where it is small: a box, one key of many, counts. Who decides
(:mod:`landuse.engines.reading.survey`) never reads the rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landuse.crs import in_zones, outside, zone_counts, zones_at
from landuse.engines.parts.notes import facts_of, told_facts
from landuse.engines.parts.places import MARK
from landuse.engines.reading.listing import pieces_of
from landuse.intake.geometry import centres
from landuse.intake.key_columns import form_of, key_texts
from landuse.intake.parcels import parcel_keys
from landuse.intake.strange import Strange
from landuse.intake.streamed import Pieces, Span
from landuse.outlines import outlines

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.engines.parts.job import Crew, Job
    from landuse.intake.columns import Columns
    from landuse.intake.corrected import Cells
    from landuse.intake.project import Project
    from landuse.intake.raw import Raw
    from landuse.intake.typed import Texts

__all__ = [
    "Key",
    "Piece",
    "Sample",
    "around",
    "done",
    "shapes_of",
    "share_spans",
    "spans_of",
    "survey_firms",
    "survey_land",
    "survey_zones",
]

_MOST: Final = 1024
"""Spans of a table, beyond which they have more rows than a part."""
_STRANGE: Final = "strange"
_TURN: Final = (5**0.5 - 1) / 2
"""Multiples of it lie evenly between whole numbers, and never come back."""


class Piece(NamedTuple):
    """A span and the number of its table, among those of one kind (``spans_of``)."""

    table: int
    span: Span


class Key(NamedTuple):
    """The columns in which the keys of the tables of one kind stand."""

    columns: Columns | None
    """Of the parcels; ``None`` where there is no key."""
    headings: tuple[str, ...] = ()
    """Of other tables, one each."""
    name: str = ""
    """What these keys are: ``uscc`` or ``parcel_id``."""
    cells: tuple[Cells, ...] = ()
    """Corrected, of each table, once they are known."""

    def names(self, table: int) -> list[str]:
        """The headings of the columns to be read for the keys."""
        if self.name:
            return [self.headings[table]]
        return [] if self.columns is None else [_parcel_heading(self.columns)]

    def texts(self, pieces: Pieces, piece: Piece, rows: pa.Table, project: Project) -> Texts:
        """The keys of some rows of a span."""
        if self.name:
            heading = self.headings[piece.table]
            cells = self._read(pieces, piece, rows, heading).cells(heading)
            form = form_of(self.name, project.id_scheme)
            return key_texts(cells, form, destroyed="destroyed").texts
        assert self.columns is not None
        raw = self._read(pieces, piece, rows, _parcel_heading(self.columns))
        return parcel_keys(raw, self.columns, project)[1].texts

    def _read(self, pieces: Pieces, piece: Piece, rows: pa.Table, heading: str) -> Raw:
        raw = pieces.plain(piece.span.file, rows, [heading])
        return self.cells[piece.table].put(raw) if self.cells else raw


def _parcel_heading(columns: Columns) -> str:
    return columns.heading("parcel_id") or columns.heading("unit_no")


def share_spans(job: Job, project: Project, kind: str, rows: int) -> list[Piece]:
    """Cut the files of a kind into spans of at least about ``rows`` rows, for all workers."""

    def work(folder: Path) -> dict[str, Any]:
        found, shapes = [], []
        for table, pieces in enumerate(pieces_of(kind, job, project)):
            most = max(rows, sum(pieces.counts()) // _MOST)
            found += [(table, *span) for span in pieces.spans(most)]
            shapes.append(pieces.shapes())
        np.save(folder / "spans.npy", np.array(found, dtype=np.int64).reshape(-1, 6))
        return {"spans": len(found), "shapes": shapes}

    job.once("spans", kind, work)
    return spans_of(job, kind)


def spans_of(job: Job, kind: str) -> list[Piece]:
    """The spans of all tables of a kind in the order of their rows."""
    found = np.load(job.path("spans", kind) / "spans.npy").tolist()
    return [Piece(table, Span(*span)) for table, *span in found]


def shapes_of(job: Job, kind: str, table: int) -> list[int]:
    """For each file of a table the first that has the same columns."""
    told = json.loads((job.path("spans", kind) / MARK).read_text("utf-8"))
    found: list[int] = told["shapes"][table]
    return found


def done(crew: Crew, task: Callable[[int], dict[str, Any]], many: int) -> Iterator[dict[str, Any]]:
    """What every span told, in order. Raises :class:`landuse.intake.strange.Strange` where the
    text of one is: workers tell it, as only faults of users travel."""
    for told in crew.each(task, many):
        if _STRANGE in told:
            raise Strange(*facts_of(told[_STRANGE]))
        yield told


def told_strange(
    work: Callable[[Path], dict[str, Any]],
) -> Callable[[Path], dict[str, Any]]:
    """``work`` that tells :class:`landuse.intake.strange.Strange` instead of raising it."""

    def told(folder: Path) -> dict[str, Any]:
        try:
            return work(folder)
        except Strange as other:
            return {_STRANGE: told_facts(other.reasons)}

    return told


def survey_land(number: int, job: Job, project: Project, key: Key, step: int) -> dict[str, Any]:
    """The box of a span of the parcels, and one of ``step`` of its codes."""
    piece, sampled = _counted(job, "parcels", number, step)

    def work(_: Path) -> dict[str, Any]:
        (pieces,) = pieces_of("parcels", job, project)
        box = np.full(4, np.nan)
        wanted = pieces.shaped(piece.span.file, key.names(0))
        for rows in pieces.read(piece.span, wanted):
            if key.columns is not None:
                sampled.take(key.texts(pieces, piece, rows, project))
            box = around(box, _box(pieces, piece, rows))
        return {"box": box.tolist(), "sample": sampled.codes}

    return job.once("survey_land", number, told_strange(work))


def survey_firms(number: int, job: Job, project: Project, key: Key, step: int) -> dict[str, Any]:
    """One of ``step`` of the codes in a span of a table of enterprises."""
    piece, sampled = _counted(job, "enterprises", number, step)

    def work(_: Path) -> dict[str, Any]:
        pieces = pieces_of("enterprises", job, project)[piece.table]
        wanted = pieces.shaped(piece.span.file, key.names(piece.table))
        for rows in pieces.read(piece.span, wanted):
            sampled.take(key.texts(pieces, piece, rows, project))
        return {"sample": sampled.codes}

    return job.once("survey_firms", number, told_strange(work))


def survey_zones(part: int, job: Job, project: Project, files: Collection[int]) -> dict[str, Any]:
    """The middles of the polygons of a span, the zone of each and which lie astray.

    ``files`` are those whose land is not in one zone; the spans of these alone are counted.
    """
    asked = [n for n, one in enumerate(spans_of(job, "parcels")) if one.span.file in files]
    span = spans_of(job, "parcels")[asked[part]].span

    def work(folder: Path) -> dict[str, Any]:
        (pieces,) = pieces_of("parcels", job, project)
        crs, found = None, [np.zeros((0, 2))]
        for rows in pieces.read(span, pieces.shaped(span.file, [])):
            raw = pieces.bare(span.file, rows)
            assert raw.geometry is not None
            crs = raw.crs
            found.append(centres(raw.geometry))
        middles = np.concatenate(found)
        np.save(folder / "middles.npy", middles)
        if crs is None:
            return {}
        astray = outside(middles, crs)
        zones = zones_at(middles, crs) if in_zones(crs) else np.zeros(0, dtype=np.int64)
        np.save(folder / "astray.npy", astray)
        np.save(folder / "zones.npy", zones.astype(np.int16))
        known = int(np.isfinite(middles).all(axis=1).sum())
        counts = list(zone_counts(zones).items())
        return {"known": known, "astray": int(astray.sum()), "zones": counts}

    return job.once("survey_zones", asked[part], told_strange(work))


def around(
    one: Sequence[float] | npt.NDArray[np.float64], two: Sequence[float] | npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The box around two, of which either may be of nothing (NaN)."""
    left, right = np.asarray(one), np.asarray(two)
    return np.concatenate([np.fmin(left[:2], right[:2]), np.fmax(left[2:], right[2:])])


def _box(pieces: Pieces, piece: Piece, rows: pa.Table) -> npt.NDArray[np.float64]:
    """The box of some polygons, from their coordinates where these alone tell it."""
    column = pieces.wkb(rows)
    plain = outlines(column) if pa.types.is_binary(column.type) else None
    if plain is not None and np.isfinite(plain.bounds).all():
        low, high = plain.bounds.min(axis=0), plain.bounds.max(axis=0)
        return np.concatenate([low[:2], high[2:]])
    raw = pieces.bare(piece.span.file, rows)
    found: npt.NDArray[np.float64] = shapely.total_bounds(raw.geometry)
    return found


def _counted(job: Job, kind: str, number: int, step: int) -> tuple[Piece, Sample]:
    """A span, and what samples its codes."""
    spans = spans_of(job, kind)
    return spans[number], Sample(step, sum(piece.span.rows for piece in spans[:number]))


class Sample:
    """One code of ``step`` rows, ``before`` of which were seen already (by whomever).

    Of all rows together as many are taken as there are steps in them, in however small pieces they
    come: a piece that a step ends in gives one. Its place among the sorted codes of the piece is
    another each time, so that pieces that are alike do not all give the same.
    """

    def __init__(self, step: int, before: int = 0) -> None:
        self._step, self._seen = step, before
        self.codes: list[str] = []

    def take(self, texts: Texts) -> None:
        """Sample the next rows; blank codes are left out."""
        first, many = self._seen // self._step, len(texts)
        self._seen += many
        asked = self._seen // self._step - first
        if not asked:
            return
        shift = first * _TURN % 1
        places = ((np.arange(asked) + shift) * (many / asked)).astype(np.int64)
        order = pc.array_sort_indices(texts)
        found = texts.take(order.take(pa.array(np.minimum(places, many - 1)))).to_pylist()
        self.codes += [text for text in found if text]

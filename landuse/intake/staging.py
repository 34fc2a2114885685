"""Copies big tables of other formats into Parquet, some rows at a time (``intake.staged``).

Every decision is taken by the functions that the ordinary readers take it with. Where one of them
needs all rows at once, there is no copy, and the table is read as a whole.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.errors import UserError
from landuse.intake.attributes import candidates_of, distinct_bytes, is_text, settle, width_of
from landuse.intake.encoding import Trial, decode
from landuse.intake.formats import PARQUET, gdal, is_shapefile, prove_all_read
from landuse.intake.layers import chosen_layer
from landuse.intake.safety import working_copy
from landuse.intake.staged import REPEATED, ROW, SHAPE, Copy, Writer, as_texts
from landuse.intake.staging_texts import copy_text
from landuse.intake.strange import Strange, because
from landuse.intake.worksheets import BOOKS, LAYERS, TEXTS, read_one
from landuse.issues import IssueLog

if TYPE_CHECKING:
    from landuse.intake.columns import Vocabulary
    from landuse.intake.encoding import Choice
    from landuse.intake.layers import Chosen
    from landuse.intake.project import Source
    from landuse.stores import Place

__all__ = ["can_stage", "stage"]

_BATCH: Final = 8_192
_ODD: Final = 100_000
_PLAIN: Final = ("cp", "iso8859", "latin", "koi8", "mac")
"""Beginnings of the names of encodings in which every value can be read apart from the others."""
_BASE: Final = 400 << 20
_UNFOLDED: Final = 8
"""Bytes of memory that reading a workbook takes for each byte of its unfolded parts."""


def can_stage(path: Place, *, layer: bool) -> bool:
    """Whether a file may be copied."""
    return path.suffix.lower() in (LAYERS if layer else BOOKS | TEXTS)


def stage(
    table: str, source: Source, path: Path, file: str, words: Vocabulary | None, limit: int,
    folder: Path,
) -> Copy:  # fmt: skip
    """Copy one file into ``folder``; what is wrong with it is kept with the copy.

    ``words`` are the headings of a table that is no layer, ``limit`` how many bytes of memory
    there are.
    """
    copy = Copy(folder)
    try:
        if words is None:
            copy = _copy_layer(table, source, path, file, copy)
        elif path.suffix.lower() in TEXTS:
            copy = copy_text(source, path, file, words, copy)
        else:
            copy = _copy_book(source, path, file, words, limit, copy)
    except MemoryError:  # also that of Arrow
        raise
    except UserError as error:
        copy = Copy(folder, faults=tuple(error.issues))
    except Strange as other:
        copy = Copy(folder, strange=other.of(table, file))
    except (pa.ArrowException, UnicodeError) as error:
        found = because("read_whole.unread", value=str(error) or type(error).__name__)
        copy = Copy(folder, strange=found.of(table, file))
    copy.save(folder)
    return copy


def _copy_layer(table: str, source: Source, path: Path, file: str, copy: Copy) -> Copy:
    log = IssueLog()
    with working_copy(path, source.layer) as private:
        if private.suffix.lower() in PARQUET:
            raise because("read_whole.archive")
        chosen = chosen_layer(private, table, file, source.layer)
        wording = _Wording(private, source.encoding)
        if is_shapefile(private):  # its text is known once all of it was seen
            for _, rows in _rows(chosen, file, shapes=False):
                wording.see(rows)
            choice, facts = wording.settle(table, file, log)
            system = _write_layer(chosen, file, copy.rows, choice, None)
        else:
            system = _write_layer(chosen, file, copy.rows, None, wording)
            choice, facts = wording.settle(table, file, log)
            if choice.codec != "utf-8":
                raise because("read_whole.codec", value=choice.codec)
    return replace(copy, facts=facts, issues=tuple(log), sheet=chosen.sheet, crs=system)


def _write_layer(
    chosen: Chosen, file: str, path: Place, choice: Choice | None, wording: _Wording | None
) -> str | None:
    """Write the rows; the system that the layer states.

    The text is decoded by ``choice``, or only shown to ``wording``.
    """
    stream = _rows(chosen, file)
    meta, first = next(stream)
    shape = meta["geometry_name"] or "wkb_geometry"
    with Writer(path, _told(first, shape, choice).schema) as writer:
        for _, rows in stream:
            if wording is not None:
                wording.see(rows.drop_columns([shape]))
            writer.write(_told(rows, shape, choice))
    system: str | None = meta["crs"]
    return system


def _rows(chosen: Chosen, file: str, *, shapes: bool = True) -> Iterator[tuple[Any, pa.Table]]:
    """The layer's description and rows, some at a time; at first none."""
    import pyogrio

    with (
        gdal(file),
        pyogrio.open_arrow(
            chosen.path, layer=chosen.layer, encoding=chosen.encoding, use_pyarrow=True,
            batch_size=_BATCH,
            read_geometry=shapes,
        ) as (meta, reader),
    ):  # fmt: skip
        yield meta, reader.schema.empty_table()
        count = 0
        for batch in reader:
            count += len(batch)
            yield meta, pa.Table.from_batches([batch])
    prove_all_read(chosen.path, chosen.layer, count, file)


def _told(rows: pa.Table, shape: str, choice: Choice | None) -> pa.Table:
    """Rows with their text as text, under the headings that the ordinary reader gives."""
    columns: dict[str, pa.ChunkedArray | pa.Array] = {SHAPE: rows.column(shape)}
    for field, column in zip(rows.schema, rows.columns, strict=True):
        if field.name == shape or pa.types.is_binary(field.type):
            continue
        name, cells = field.name, column
        if choice is not None:
            name = decode(name.encode("latin-1"), choice.codec)
            cells = _decoded(column, choice.codec) if is_text(field.type) else column
        if not name:
            raise because("read_whole.nameless")
        if name in columns:
            raise because("read_whole.headings", value=name)
        columns[name] = cells
    return pa.table(columns)


def _decoded(column: pa.ChunkedArray, codec: str) -> pa.Array:
    """Text whose bytes were taken as Latin-1."""
    if pc.all(pc.string_is_ascii(column), min_count=0).as_py():
        return column.cast(pa.large_string())
    values, which = distinct_bytes(column, latin=True)
    texts = [None if value is None else decode(value, codec) for value in values]
    return pa.array(texts, pa.large_string()).take(pa.array(which))


class _Wording:
    """The encoding of a layer, from rows that come some at a time."""

    def __init__(self, path: Path, declared: str | None) -> None:
        self._path = path
        self._ordered, self._unknown = candidates_of(path, declared)
        self._trial = Trial(self._ordered)
        self._named = self._has_text = False
        for one in self._ordered:
            if one.codec not in {"utf-8", "gb18030"} and not one.codec.startswith(_PLAIN):
                raise because("read_whole.codec", value=one.codec)

    def see(self, rows: pa.Table) -> None:
        """Take in the headings and values of some rows."""
        is_shp = is_shapefile(self._path)
        fields = [field for field in rows.schema if not pa.types.is_binary(field.type)]
        if not self._named:
            self._named = True
            for number, field in enumerate(fields, -len(fields)):
                name = field.name.encode("latin-1" if is_shp else "utf-8")
                self._trial.feed([name], column=number)
        for number, field in enumerate(fields):
            if not is_text(field.type):
                continue
            self._has_text = True
            column = rows.column(field.name)
            column = column.filter(pc.invert(pc.string_is_ascii(column)))
            width = width_of(field) if is_shp else math.inf
            values = [value for value in distinct_bytes(column, latin=is_shp)[0] if value]
            full = [value for value in values if len(value) >= width]
            self._trial.feed([value for value in values if len(value) < width], full, number)
        if self._trial.held > _ODD:
            raise because("read_whole.odd_text", n=_ODD)

    def settle(self, table: str, file: str, log: IssueLog) -> Any:  # noqa: ANN401 - as settle
        """The choice, and what the run reports of it."""
        choice = self._trial.choice()
        return settle(
            choice, self._ordered, self._unknown, self._path, table, file, log,
            has_text=self._has_text,
        )  # fmt: skip


def _copy_book(
    source: Source, path: Path, file: str, words: Vocabulary, limit: int, copy: Copy
) -> Copy:
    """A worksheet has at most 1 048 576 rows, and its reader takes it as a whole."""
    needed = _BASE + _UNFOLDED * _unfolded(path)
    if needed > limit:
        raise because("read_whole.workbook", n=needed >> 20)
    log = IssueLog()
    raw = read_one(path, file, source, words, log).with_types()
    columns: dict[str, pa.Array] = {}
    mixed = []
    for name in raw.headings:
        cells = raw.frame[name]
        if cells.dtype == object:
            texts = as_texts(cells.to_list())
            if texts is None:
                raise because("read_whole.cells", value=name, sheet=str(raw.sheet[0]))
            mixed.append(name)
            columns[name] = pa.array(texts, pa.large_string())
        else:
            columns[name] = pa.array(raw.cells(name))
    repeated = np.zeros(len(raw), dtype=bool) if raw.repeated is None else raw.repeated
    rows = pa.table({**columns, REPEATED: pa.array(repeated), ROW: pa.array(raw.row)})
    with Writer(copy.rows, rows.schema) as writer:
        writer.write(rows)
    sheet = str(raw.sheet[0]) if len(raw) else ""
    return replace(copy, facts=raw.facts, issues=tuple(log), sheet=sheet, units=raw.unit_line,
                   mixed=tuple(mixed))  # fmt: skip


def _unfolded(path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(info.file_size for info in archive.infolist())
    except (OSError, zipfile.BadZipFile):  # the old XLS, or what is said when it is read
        return path.stat().st_size

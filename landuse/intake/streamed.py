"""Big tables some rows at a time: pieces of their Parquet files.

A table that is read so gives the rows that the ordinary readers of this room would give.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from landuse.errors import UserError
from landuse.intake.attributes import is_text
from landuse.intake.formats import PARQUET
from landuse.intake.layers import parquet_layer
from landuse.intake.project import files_of
from landuse.intake.raw import Fact
from landuse.intake.staged import ROW, SHAPE, Copy
from landuse.intake.staging import can_stage
from landuse.intake.strange import because
from landuse.intake.worksheets import parquet_table, shown
from landuse.issues import IssueLog
from landuse.schema.headings import fold
from landuse.stores import Stored, local
from landuse.stores.parquet import parquet_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from landuse.intake.project import Project, Source
    from landuse.intake.raw import Raw
    from landuse.issues import Issue
    from landuse.stores import Place

__all__ = ["ROW", "Pieces", "Span", "mark_of", "why_whole"]

_ROWS: Final = 1 << 16
_LEAST: Final = 1 << 10
_BYTES: Final = 8 << 20
"""Of rows that are read at once, as long as they are; beside at most and at least so many rows."""
_HEAD: Final = 64
_ODD: Final = "[\u0080-\u009f\ue000-\uf8ff]"
"""Signs that the reader of layers counts in the whole file, or takes for another encoding."""


class Span(NamedTuple):
    """Rows of one file: the number of the file, its row groups ``start`` to before ``stop``, the
    number of the first row as the file counts (from 1), and how many rows they are."""

    file: int
    start: int
    stop: int
    first: int
    rows: int


def why_whole(table: str, source: Source | None, project: Project) -> list[Fact]:
    """Why a table cannot be read some rows at a time: it can where its files are Parquet with
    plain, distinct columns, or such that can be copied into that (:mod:`landuse.intake.staging`).
    """
    if source is None:
        return []
    layer, found, rows = source is project.parcels, [], 0
    paths = files_of(source, project)

    def add(path: Place, code: str, **values: object) -> None:
        found.append(Fact(code, shown(path, project.base), {"table": table, **values}))

    for path in paths:
        if path.suffix.lower() not in PARQUET:
            rows += 1
            if not can_stage(path, layer=layer):
                add(path, "read_whole.format", value=path.suffix)
            continue
        try:
            odd = _oddness(_schema_of(path))
            rows += _about(path).num_rows
        except MemoryError:  # also that of Arrow
            raise
        except (pa.ArrowException, OSError) as error:
            add(path, "read_whole.unread", value=str(error))
            continue
        if odd is not None:
            code, name = odd
            add(path, code, value=name)
    if not rows and not found:
        add(paths[0], "read_whole.no_rows")
    return found


def _oddness(schema: pa.Schema) -> tuple[str, str] | None:
    """Why a Parquet file cannot be read some rows at a time, and the column that it is about."""
    if not all(schema.names) or not schema.names:
        return "read_whole.nameless", ""
    for name, kind in zip(schema.names, schema.types, strict=True):
        if schema.names.count(name) > 1:
            return "read_whole.headings", str(name)
        coded = pa.types.is_dictionary(kind)
        if coded and not (is_text(kind.value_type) or pa.types.is_integer(kind.value_type)):
            return "read_whole.columns", str(name)
    if b'"WKB"' not in (schema.metadata or {}).get(b"geo", b'"WKB"'):
        return "read_whole.not_wkb", ""
    return None


def _schema_of(place: Place) -> pa.Schema:
    with parquet_file(place) as file:
        return file.schema_arrow


def _about(place: Place) -> pq.FileMetaData:
    with parquet_file(place) as file:
        return file.metadata


def _uncoded(schema: pa.Schema) -> pa.Schema:
    """A schema with the values themselves for codes of values (the categories of pandas)."""
    for number, field in enumerate(schema):
        if pa.types.is_dictionary(field.type):
            schema = schema.set(number, field.with_type(field.type.value_type))
    return schema


@dataclass(frozen=True)
class Pieces:
    """The files of one table; ``layer``: with polygons (parcels); ``copies``: of those that are no
    Parquet; ``marks``: :func:`mark_of` each file when they were listed.
    """

    table: str
    source: Source
    paths: tuple[Place, ...]
    files: tuple[str, ...]
    layer: bool
    copies: tuple[Copy | None, ...] | Mapping[int, Copy | None]
    marks: tuple[str, ...] = ()

    def _place(self, number: int) -> Place:
        """The Parquet file to read for a file."""
        copy = self.copies[number]
        return self.paths[number] if copy is None else copy.rows

    def _schema(self, number: int) -> pa.Schema:
        return _uncoded(_schema_of(self._place(number)))

    def spans(self, rows: int) -> list[Span]:
        """The rows of all files in their order, in spans of about ``rows`` rows.

        A span is whole row groups of one file: one row group is never two spans, and files
        without rows have none.
        """
        found: list[Span] = []
        for number in range(len(self.paths)):
            meta, first, start, held = _about(self._place(number)), 1, 0, 0
            for group in range(meta.num_row_groups):
                more = meta.row_group(group).num_rows
                if held and held + more > rows:
                    found.append(Span(number, start, group, first, held))
                    first, start, held = first + held, group, 0
                held += more
            if held:
                found.append(Span(number, start, meta.num_row_groups, first, held))
        return found

    def read(self, span: Span, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """The rows of a span in their order with :data:`ROW`, some at a time.

        ``columns``: only these. Raises :class:`landuse.errors.UserError` where the file is
        damaged or was changed since it was listed, :class:`landuse.intake.strange.Strange` where
        its text is.
        """
        self._prove_same(span.file)
        first, wanted = span.first, None if columns is None else list(columns)
        try:
            with parquet_file(self._place(span.file)) as file:
                if wanted is not None and ROW in file.schema_arrow.names:
                    wanted.append(ROW)
                for batch in _batches(file, wanted, range(span.start, span.stop)):
                    rows = _table(batch, file.schema_arrow)
                    if self.copies[span.file] is None:
                        self._prove(rows, self.files[span.file])
                    yield _numbered(rows, first)
                    first += len(rows)
            self._prove_same(span.file)
        except MemoryError:  # also that of Arrow
            raise
        except (pa.ArrowException, OSError) as error:
            code = "intake_layers.unreadable_file" if self.layer else "intake_tables.damaged"
            raise UserError.of(code, file=self.files[span.file], value=str(error)) from error

    def _prove_same(self, number: int) -> None:
        if self.marks and self.copies[number] is None:
            found = mark_of(self.paths[number])
            if found != self.marks[number]:
                raise UserError.of("engines.input_changed", file=self.files[number])

    def _prove(self, rows: pa.Table, file: str) -> None:
        for name, column in zip(rows.column_names, rows.columns, strict=True):
            if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
                continue
            try:
                column.validate(full=True)
            except pa.ArrowInvalid as error:
                raise because("read_whole.signs", file, table=self.table, value=name) from error
            plain = pc.all(pc.string_is_ascii(column), min_count=0).as_py()
            if self.layer and not plain and pc.any(pc.match_substring_regex(column, _ODD)).as_py():
                raise because("read_whole.signs", file, table=self.table, value=name)

    def shaped(self, number: int, headings: Sequence[str], *, bare: bool = False) -> list[str]:
        """The columns of a file that have these headings, and its polygons unless ``bare``."""
        schema = self._schema(number)
        names = [found for _, found in _found(schema, headings)]
        return [*names, *([_primary(schema)] if self.layer and not bare else [])]

    def wkb(self, rows: pa.Table) -> pa.ChunkedArray:
        """The polygons of some rows of a layer, as they lie in the file."""
        return rows.column(_primary(rows.schema))

    def bare(self, number: int, rows: pa.Table) -> Raw:
        """The polygons of some rows of a layer, with nothing beside them."""
        return self.raw(number, rows.select([_primary(rows.schema), ROW]), IssueLog())

    def plain(self, number: int, rows: pa.Table, headings: Sequence[str]) -> Raw:
        """Some columns of some rows of a file, all of them; blank where the file has none."""
        own = dict(_found(rows.schema, headings))
        rows, row = rows.select([*own.values(), ROW]), rows.column(ROW).to_numpy()
        for heading in dict.fromkeys(headings):
            if heading not in own:
                rows = rows.append_column(heading, pa.nulls(len(rows), pa.large_string()))
        copy = self.copies[number]
        if copy is None:
            raw = parquet_table(rows, self.files[number], self.table)
        else:
            raw = copy.table(rows, self.table, self.files[number])
        spelled = {name: heading for heading, name in own.items()}
        return replace(raw.with_frame(raw.frame.rename(columns=spelled)), row=row)

    def counts(self) -> list[int]:
        """Rows of each file."""
        return [_about(self._place(n)).num_rows for n in range(len(self.paths))]

    def heads(self, log: IssueLog) -> list[Raw]:
        """The first rows of every file as they stand.

        Raises :class:`landuse.errors.UserError` with the faults of all files.
        """
        found, faults = [], []
        for number in range(len(self.paths)):
            try:
                found.append(self.head(number, log))
            except UserError as error:
                faults += [self.named(issue, number) for issue in error.issues]
        if faults:
            raise UserError(faults)
        return found

    def named(self, issue: Issue, number: int) -> Issue:
        """An issue of one file."""
        return replace(issue, table=issue.table or self.table, file=self.files[number])

    def head(self, number: int, log: IssueLog) -> Raw:
        """The first rows of one file; says what its reader says of the whole."""
        copy = self.copies[number]
        if copy is not None:
            copy.prove()
            log.extend(copy.issues)
        return self.raw(number, self._head(self._place(number)), log)

    @staticmethod
    def _head(path: Place) -> pa.Table:
        with parquet_file(path) as file:
            counts = (file.metadata.row_group(n).num_rows for n in range(file.num_row_groups))
            filled = [n for n, rows in enumerate(counts) if rows][:1]
            for batch in file.iter_batches(_HEAD, row_groups=filled):  # without: reads them all
                rows = _table(batch, file.schema_arrow)
                break
            else:
                rows = _uncoded(file.schema_arrow).empty_table()
        return _numbered(rows, 1)

    def empty(self, number: int) -> pa.Table:
        """No rows of a file."""
        return _numbered(self._schema(number).empty_table(), 1)

    def shapes(self) -> list[int]:
        """For each file the first that has the same columns: where neither has rows, either may
        stand for both. A copied table stands for itself alone (its line of units)."""
        found: list[tuple[pa.Schema, int]] = []
        first = []
        for number in range(len(self.paths)):
            schema, alone = self._schema(number), self.copies[number] is not None and not self.layer
            same = (at for one, at in found if one.equals(schema, check_metadata=not self.layer))
            at = number if alone else next(same, number)
            if at == number and not alone:
                found.append((schema, number))
            first.append(at)
        return first

    def raws(self, rows: Mapping[int, pa.Table], log: IssueLog) -> list[Raw]:
        """Rows of some files, in the order of the files, as they stand there."""
        return [self.raw(number, rows[number], log) for number in sorted(rows)]

    def raw(self, number: int, rows: pa.Table, log: IssueLog) -> Raw:
        """Rows of one file as they stand there."""
        row = rows.column(ROW).to_numpy()
        rows, file, copy = rows.drop_columns([ROW]), self.files[number], self.copies[number]
        if copy is not None and self.layer:
            raw = copy.layer(rows, self.source, self.table, file, log)
        elif copy is not None:
            raw = copy.table(rows, self.table, file).with_types()
        elif self.layer:
            raw = parquet_layer(
                rows, self.paths[number], self.table, file, self.source.crs, log, typed=True
            )
        else:
            raw = parquet_table(rows, file, self.table).with_types()
        return replace(raw, row=row[raw.row - 1])


def mark_of(place: Place) -> str:
    """What tells a file of a disk from one that replaces it, as far as its folder tells: bytes and
    time; blank for an object of a store, whose name has a mark of its own, and for none."""
    if isinstance(place, Stored):
        return ""
    try:
        told = local(place).stat()
    except OSError:
        return ""
    return f"{told.st_size} {int(told.st_mtime)}"


def _batches(
    file: pq.ParquetFile, columns: list[str] | None, groups: Iterable[int]
) -> Iterator[pa.RecordBatch]:
    """The rows of some row groups, one after the other: asked at once, all would be fetched.

    Rows that are long come in smaller batches, so that a large row group is not held as a whole.
    """
    for group in groups:
        about = file.metadata.row_group(group)
        long = about.total_byte_size // max(about.num_rows, 1)
        rows = min(max(_BYTES // max(long, 1), _LEAST), _ROWS)
        yield from file.iter_batches(rows, row_groups=[group], columns=columns)


def _table(batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    """A batch with the metadata of its file, its codes as the values that they stand for."""
    rows = pa.Table.from_batches([batch]).replace_schema_metadata(schema.metadata)
    return rows.cast(_uncoded(rows.schema))


def _numbered(rows: pa.Table, first: int) -> pa.Table:
    """Rows with their numbers as the last column: those that a copy has, else from ``first``."""
    if ROW in rows.column_names:
        others = [name for name in rows.column_names if name != ROW]
        return rows.select([*others, ROW])
    row = pa.array(np.arange(first, first + len(rows), dtype=np.int64))
    return rows.append_column(ROW, row)


def _found(schema: pa.Schema, headings: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Headings of a table and how a file spells them (``USCC`` for ``uscc``), which has them."""
    for heading in headings:
        if heading in schema.names:
            yield heading, heading
            continue
        alike = [name for name in schema.names if fold(name) == fold(heading)]
        if len(alike) == 1:
            yield heading, alike[0]


def _primary(schema: pa.Schema) -> str:
    if SHAPE in schema.names:
        return SHAPE
    return str(json.loads(schema.metadata[b"geo"])["primary_column"])

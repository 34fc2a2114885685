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
from landuse.intake.staged import ROW, SHAPE, Copy, Strange
from landuse.intake.staging import can_stage
from landuse.intake.worksheets import parquet_table
from landuse.issues import IssueLog
from landuse.stores import Stored, local
from landuse.stores.parquet import parquet_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from landuse.intake.project import Project, Source
    from landuse.intake.raw import Raw
    from landuse.issues import Issue
    from landuse.stores import Place

__all__ = ["ROW", "Pieces", "Span", "Strange", "mark_of", "streams"]

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


def streams(source: Source | None, project: Project) -> bool:
    """Whether a table can be read some rows at a time: Parquet with plain, distinct columns, or
    files that can be copied into such (:mod:`landuse.intake.staging`).
    """
    if source is None:
        return True
    layer = source is project.parcels
    paths = files_of(source, project)
    own = [path for path in paths if path.suffix.lower() in PARQUET]
    if not all(path in own or can_stage(path, layer=layer) for path in paths):
        return False
    try:
        schemas = [_schema_of(path) for path in own]
        some = len(own) < len(paths) or any(_about(path).num_rows for path in own)
    except MemoryError:  # also that of Arrow
        raise
    except (pa.ArrowException, OSError):
        return False
    return some and all(_is_plain(schema) for schema in schemas)


def _is_plain(schema: pa.Schema) -> bool:
    distinct = len(set(schema.names)) == len(schema.names) > 0 and all(schema.names)
    coded = [kind.value_type for kind in schema.types if pa.types.is_dictionary(kind)]
    simple = all(is_text(kind) or pa.types.is_integer(kind) for kind in coded)
    geo = (schema.metadata or {}).get(b"geo", b'"WKB"')
    return distinct and simple and b'"WKB"' in geo


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
        damaged or was changed since it was listed, :class:`Strange` where its text is.
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
                        self._prove(rows)
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

    def _prove(self, rows: pa.Table) -> None:
        for column in rows.columns:
            if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
                continue
            try:
                column.validate(full=True)
            except pa.ArrowInvalid as error:
                raise Strange from error
            plain = pc.all(pc.string_is_ascii(column), min_count=0).as_py()
            if self.layer and not plain and pc.any(pc.match_substring_regex(column, _ODD)).as_py():
                raise Strange

    def shaped(self, number: int, headings: Sequence[str]) -> list[str]:
        """The columns of a file that have these headings, and its polygons."""
        schema = self._schema(number)
        names = [name for name in headings if name in schema.names]
        return [*names, *([_primary(schema)] if self.layer else [])]

    def wkb(self, rows: pa.Table) -> pa.ChunkedArray:
        """The polygons of some rows of a layer, as they lie in the file."""
        return rows.column(_primary(rows.schema))

    def bare(self, number: int, rows: pa.Table) -> Raw:
        """The polygons of some rows of a layer, with nothing beside them."""
        return self.raw(number, rows.select([_primary(rows.schema), ROW]), IssueLog())

    def plain(self, number: int, rows: pa.Table, heading: str) -> Raw:
        """One column of some rows of a file, all of them; blank where the file has none."""
        if heading not in rows.column_names:
            rows = rows.append_column(heading, pa.nulls(len(rows), pa.large_string()))
        rows, copy = rows.select([heading, ROW]), self.copies[number]
        if copy is None:
            return parquet_table(rows, self.files[number], self.table)
        return copy.table(rows, self.table, self.files[number])

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


def _primary(schema: pa.Schema) -> str:
    if SHAPE in schema.names:
        return SHAPE
    return str(json.loads(schema.metadata[b"geo"])["primary_column"])

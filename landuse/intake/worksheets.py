"""Tables in files → :class:`~landuse.intake.raw.Raw`: which sheet, which rows, which cells."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.errors import UserError
from landuse.intake.books import read_book
from landuse.intake.delimited import read_delimited
from landuse.intake.grid import Heading, Sheet, find_heading, is_blank, letter, unit_line
from landuse.intake.raw import Fact, Raw, everywhere, named_apart, stack
from landuse.intake.typed import kept_typed
from landuse.intake.unread_cells import report_unread
from landuse.schema.headings import fold, nearest
from landuse.stores import Place, Stored, local

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt
    import pyarrow as pa

    from landuse.intake.columns import Vocabulary
    from landuse.intake.parquet import ByColumn
    from landuse.intake.project import Source
    from landuse.issues import IssueLog

__all__ = [
    "as_one",
    "facts_of_text",
    "heading_fact",
    "no_heading",
    "parquet_table",
    "read_one",
    "read_tables",
    "repeated_in",
    "shown",
]

BOOKS: Final = frozenset({".xlsx", ".xlsm", ".xls"})
TEXTS: Final = frozenset({".csv", ".tsv", ".txt"})
LAYERS: Final = frozenset({".shp", ".zip", ".gpkg", ".gdb", ".geojson", ".json", ".fgb"})
_ON_LAYERS: Final = frozenset({"supply"})
"""Tables that may be columns of a layer: the parcels' own (method, section 2)."""
_KEYS: Final = frozenset({"uscc", "name", "parcel_id"})
_DECISIVE: Final = {"confirmed_links": "confirmed"}
"""The column that tells a table's sheet from others with the same keys (a whole results.xlsx)."""
_SHOWN_ROWS: Final = 20


def shown(path: Place, base: Path) -> str:
    """A path as messages and outputs name it: relative to the project file, forward slashes; an
    object of a store by its address."""
    if isinstance(path, Stored):
        return str(path)
    path = local(path)
    try:
        return path.resolve().relative_to(base.resolve()).as_posix()
    except ValueError:
        pass
    try:
        return os.path.relpath(path, base).replace(os.sep, "/")
    except ValueError:  # another drive
        return path.as_posix()


def read_tables(
    paths: Sequence[Place],
    base: Path,
    source: Source,
    words: Vocabulary,
    log: IssueLog,
    *,
    typed: bool = False,
) -> Raw:
    """All files of one source as one table; ``typed``: columns as their file has typed them.

    Raises :class:`landuse.errors.UserError` with the faults of all files. A heading that stands
    in one file and not in another is an issue; its cells are blank where it is absent.
    """
    parts: list[Raw] = []
    faults = []
    for path in paths:
        try:
            part = read_one(local(path), shown(path, base), source, words, log)
            parts.append(part.with_types() if typed else part.with_cells())
            if not len(parts[-1]):
                log.add("intake_tables.no_rows", table=words.table, file=shown(path, base))
        except UserError as error:
            faults += [replace(issue, table=words.table) for issue in error.issues]
    if faults:
        raise UserError(faults)
    return as_one(parts, log)


def as_one(parts: list[Raw], log: IssueLog) -> Raw:
    """Several files of one source as one table, headings that differ in case alone as one."""
    return stack(_same_headings(parts, log))


def read_one(path: Path, file: str, source: Source, words: Vocabulary, log: IssueLog) -> Raw:
    """One file of a source; raises :class:`landuse.errors.UserError`."""
    suffix = path.suffix.lower()
    if suffix in LAYERS and words.table in _ON_LAYERS:
        from landuse.intake.layers import read_layer

        return read_layer(
            path, table=words.table, file=file, log=log, layer=source.layer,
            encoding=source.encoding, crs=source.crs,
        )  # fmt: skip
    if suffix == ".parquet":
        return _parquet(path, file, words.table)
    if suffix in BOOKS:
        sheets = read_book(path, file)
        sheet, heading = _chosen(sheets, file, source, words)
        report_unread(sheet, heading, file, words, log)
        return _raw(sheet, heading, file, words, _facts(sheet, heading, sheets, file))
    if suffix not in TEXTS:
        raise UserError.of("intake_tables.not_a_table", file=file, value=suffix)
    text = read_delimited(path, file, source.encoding)
    only = find_heading(text.sheet, words.knows, source.header_row)
    if only is None:
        raise no_heading([text.sheet], file, words)
    facts = facts_of_text(text.encoding, text.delimiter, file)
    if text.dropped_nul:
        facts.append(Fact("intake_tables.dropped_nul", file, {"value": text.dropped_nul}))
    facts.append(heading_fact(only, text.sheet, file))
    return _raw(text.sheet, only, file, words, facts)


def facts_of_text(encoding: str, delimiter: str, file: str) -> list[Fact]:
    """How a text table was read."""
    values = {"value": encoding, "delimiter": {"\t": "Tab"}.get(delimiter, delimiter)}
    return [Fact("intake_tables.csv_read_as", file, values)]


def _chosen(
    sheets: list[Sheet], file: str, source: Source, words: Vocabulary
) -> tuple[Sheet, Heading]:
    if source.sheet is not None:
        named = [sheet for sheet in sheets if fold(sheet.name) == fold(source.sheet)]
        if not named:
            titles = [sheet.name for sheet in sheets]
            close = nearest(source.sheet, titles) or titles
            values = {"value": source.sheet, "nearest": ", ".join(close)}
            raise UserError.of("intake_tables.no_such_sheet", file=file, **values)
        sheets = named
    filled = [sheet for sheet in sheets if any(not is_blank(c) for row in sheet.cells for c in row)]
    if not filled:
        raise UserError.of("intake_tables.empty_sheet", file=file, sheet=source.sheet or "")
    found = [
        (sheet, heading)
        for sheet in filled
        if (heading := find_heading(sheet, words.knows, source.header_row))
    ]
    found = [pair for pair in found if pair[0].visible] or found
    best = max((heading.score for _, heading in found), default=0)
    likely = [pair for pair in found if pair[1].score * 2 >= best]
    if not likely:
        raise no_heading(filled, file, words)
    decisive = _DECISIVE.get(words.table, "")
    sure = [pair for pair in likely if decisive in map(words.knows, pair[1].names)]
    likely = sure if decisive and len(sure) == 1 else likely
    if len(likely) > 1:
        names = ", ".join(sheet.name for sheet, _ in likely)
        raise UserError.of("intake_tables.which_sheet", file=file, value=names, name=words.table)
    return likely[0]


def no_heading(sheets: list[Sheet], file: str, words: Vocabulary) -> UserError:
    """The fault of a file in which no heading is known."""
    rows = (row for sheet in sheets for row in sheet.cells)
    first = next((row for row in rows if any(not is_blank(cell) for cell in row)), ())
    seen = ", ".join(str(cell).strip() for cell in first[:8] if not is_blank(cell))
    name = sheets[0].name if len(sheets) == 1 else ""
    return UserError.of(
        "intake_tables.no_heading", file=file, sheet=name, value=seen, name=words.table
    )


def heading_fact(heading: Heading, sheet: Sheet, file: str) -> Fact:
    """Where the heading stands."""
    rows = f"{heading.first + 1}"
    rows += f"–{heading.last + 1}" if heading.last > heading.first else ""
    return Fact("intake_tables.heading_row", file, {"value": rows, "sheet": sheet.name})


def _facts(sheet: Sheet, heading: Heading, sheets: list[Sheet], file: str) -> list[Fact]:
    facts = [heading_fact(heading, sheet, file)]
    others = [other.name for other in sheets if other is not sheet]
    if others:
        values = {"value": sheet.name, "others": ", ".join(others)}
        facts.append(Fact("intake_tables.sheet_chosen", file, values))
    if not sheet.visible:
        facts.append(Fact("intake_tables.hidden_sheet", file, {"value": sheet.name}))
    hidden = sorted(row + 1 for row in sheet.hidden if heading.data <= row < len(sheet.cells))
    if hidden:
        rows = ", ".join(map(str, hidden[:_SHOWN_ROWS])) + " …" * (len(hidden) > _SHOWN_ROWS)
        more: dict[str, object] = {"n": len(hidden), "value": rows, "sheet": sheet.name}
        facts.append(Fact("intake_tables.hidden_rows", file, more))
    if sheet.errors:
        listed = ", ".join(sheet.errors[:_SHOWN_ROWS]) + " …" * (len(sheet.errors) > _SHOWN_ROWS)
        values = {"value": listed, "sheet": sheet.name}
        facts.append(Fact("intake_tables.error_cells", file, values))
    return facts


def _raw(sheet: Sheet, heading: Heading, file: str, words: Vocabulary, facts: list[Fact]) -> Raw:
    width = sheet.width
    kept = [
        row
        for row in range(heading.data, len(sheet.cells))
        if not all(is_blank(cell) for cell in sheet.cells[row])
    ]
    rows = [list(sheet.cells[row]) + [None] * (width - len(sheet.cells[row])) for row in kept]
    frame = pd.DataFrame(rows, columns=range(width), dtype=object)
    repeated = repeated_in(frame, sheet, heading)
    filled = _fill_keys(frame, kept, sheet, heading, words)
    if filled:
        facts = [*facts, Fact("intake_tables.merged_keys", file, {"n": filled})]
    count = len(kept)
    return Raw(
        words.table,
        _named(frame, heading.names),
        everywhere(file, count),
        everywhere(sheet.name, count),
        np.array(kept, dtype=np.int64) + 1,
        facts=tuple(facts),
        unit_line=unit_line(sheet, heading.first),
        repeated=repeated,
    )


def _named(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Columns by their headings, made unique; a column that has neither heading nor cells goes."""
    kept = [column for column, name in enumerate(names) if name or not frame[column].isna().all()]
    headings = [names[column] or f"[{letter(column)}]" for column in kept]
    cells = [frame[column] for column in kept]
    return frame[kept].set_axis(named_apart(headings, [*map(letter, kept)], cells), axis=1)


def _fill_keys(
    frame: pd.DataFrame, kept: list[int], sheet: Sheet, heading: Heading, words: Vocabulary
) -> int:
    """A key merged over several rows belongs to each of them: fill in place, and count.

    Figures are never filled: a merged figure is one figure.
    """
    place = {row: index for index, row in enumerate(kept)}
    filled = 0
    for (top, left), (bottom, right) in sheet.merged:
        if top < heading.data or bottom == top or left >= len(heading.names):
            continue
        if words.knows(heading.names[left]) not in _KEYS:
            continue
        for row in range(top + 1, bottom + 1):
            if row in place and right == left:
                frame.iloc[place[row], left] = sheet.cells[top][left]  # type: ignore[call-overload]
                filled += 1
    return filled


def repeated_in(frame: pd.DataFrame, sheet: Sheet, heading: Heading) -> npt.NDArray[np.bool_]:
    """Rows that say the heading again, as where pages were pasted together."""
    repeated = np.zeros(len(frame), dtype=bool)
    filled = frame.notna().to_numpy().sum(axis=1)
    for row in range(heading.first, heading.last + 1):
        said = {column: cell for column, cell in enumerate(sheet.cells[row]) if not is_blank(cell)}
        equal = np.zeros(len(frame), dtype=np.int64)
        for column, cell in said.items():
            equal += np.asarray(frame[column].to_numpy() == cell, dtype=bool)
        repeated |= (equal >= min(2, len(said))) & (equal * 2 > filled)
    return repeated


def _parquet(path: Path, file: str, name: str) -> Raw:
    import pyarrow as pa

    from landuse.intake.parquet import ByColumn

    try:
        with ByColumn(path) as table:
            return parquet_table(table, file, name)
    except (pa.ArrowException, OSError) as error:
        raise UserError.of("intake_tables.damaged", file=file, value=str(error)) from error


def parquet_table(table: pa.Table | ByColumn, file: str, name: str) -> Raw:
    """Rows of a Parquet file, numbered from 1, since it has no heading row; blank ones go.

    ``name`` is our name of the table. Raises :class:`landuse.errors.UserError` where text is none.
    """
    import pyarrow as pa

    keep = [n for n, one in enumerate(table.schema) if not pa.types.is_binary(one.type)]
    names = tuple(table.schema.names[n] for n in keep)
    try:
        columns = {place: _column(table.column(n)) for place, n in enumerate(keep)}
    except pa.ArrowInvalid as error:
        raise UserError.of("intake_tables.damaged", file=file, value=str(error)) from error
    frame = _named(pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows), copy=False), names)
    kept = np.zeros(len(frame), dtype=bool)
    for heading in frame.columns:
        kept |= frame[heading].notna().to_numpy()
        if kept.all():
            break
    return Raw(
        name,
        frame,
        everywhere(file, len(frame)),
        everywhere("", len(frame)),
        np.arange(1, len(frame) + 1, dtype=np.int64),
    ).take(kept)


def _column(column: pa.ChunkedArray) -> pd.Series:
    """One column of a Parquet file: typed where it is text or numbers, else cells."""
    import pyarrow as pa

    typed = kept_typed(column)
    if typed is not None:
        return typed
    one = pa.table({"column": column})
    cells = one.to_pandas(date_as_object=True, integer_object_nulls=True)["column"].astype(object)
    return pd.Series(cells.where(cells.notna(), None))


def _same_headings(parts: list[Raw], log: IssueLog) -> list[Raw]:
    """The parts with one spelling of each heading; a heading that only some have is an issue.

    Headings of one file that differ in nothing but case (assesstot, AssessTot) stay two columns.
    """
    twins = {
        folded
        for part in parts
        for folded, count in Counter(map(fold, part.headings)).items()
        if count > 1
    }
    spelling: dict[str, str] = {}
    for heading in (heading for part in parts for heading in part.headings):
        spelling.setdefault(_distinct(heading, twins), heading)
    out: list[Raw] = []
    for part in parts:
        own = [_distinct(heading, twins) for heading in part.headings]
        absent = [heading for key, heading in spelling.items() if key not in own]
        if absent:
            file = str(part.file[0]) if len(part) else ""
            value = ", ".join(absent)
            log.add("intake_tables.headings_differ", table=part.table, file=file, value=value)
        renamed = [spelling[key] for key in own]
        out.append(part.with_frame(part.frame.set_axis(renamed, axis=1)))
    return out


def _distinct(heading: str, twins: set[str]) -> str:
    """What tells a heading from the others of its file."""
    folded = fold(heading)
    return heading if folded in twins else folded

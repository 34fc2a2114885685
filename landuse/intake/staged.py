"""A big table of another format, copied once into a Parquet file: what the copy is, how it is read.

The copy holds the very cells that the ordinary readers of this room give (their headings, their
text, the numbers of their rows), and beside it what these readers decided and said of the file.
:mod:`landuse.intake.staging` makes it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from landuse.errors import UserError
from landuse.intake.layers import copied_layer
from landuse.intake.raw import Fact, everywhere
from landuse.intake.strange import Strange, because
from landuse.intake.typed import typed_cells
from landuse.intake.worksheets import parquet_table
from landuse.issues import Issue, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

    import numpy.typing as npt

    from landuse.intake.project import Source
    from landuse.intake.raw import Raw
    from landuse.issues import IssueLog
    from landuse.stores import Place

__all__ = ["REPEATED", "ROW", "SHAPE", "Copy", "Writer", "as_texts", "copy_name"]

ROW: Final = "landuse:row"
"""The column that numbers rows as they stand in the file, from 1."""
SHAPE: Final = "landuse:shape"
"""The polygons of a layer as WKB."""
REPEATED: Final = "landuse:repeated"
"""Whether a row says the heading again."""
_GROUP: Final = 1 << 16
_HELD: Final = 32 << 20
_ROWS: Final = "rows.parquet"
_ABOUT: Final = "about.json"
_WAYS_BACK: Final = {
    "s": str,
    "f": float,
    "i": int,
    "b": lambda text: text == "True",
    "t": dt.datetime.fromisoformat,
    "d": dt.date.fromisoformat,
}


@dataclass(frozen=True)
class Copy:
    """The copy of one file in a ``folder``, or why there is none.

    ``faults`` end the reading of the file; ``strange`` says why it must be read as a whole.
    ``mixed`` are columns whose cells are of several kinds, kept as text (:func:`as_texts`);
    ``crs`` is the system that a layer states.
    """

    folder: Place
    facts: tuple[Fact, ...] = ()
    issues: tuple[Issue, ...] = ()
    faults: tuple[Issue, ...] = ()
    strange: tuple[Fact, ...] = ()
    sheet: str = ""
    crs: str | None = None
    units: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()

    @classmethod
    def at(cls, folder: Place) -> Copy:
        """The copy that :meth:`save` described."""
        told = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        return cls(
            folder,
            facts=tuple(Fact(**one) for one in told.pop("facts")),
            issues=tuple(Issue(**one) for one in told.pop("issues")),
            faults=tuple(Issue(**one) for one in told.pop("faults")),
            strange=tuple(Fact(**one) for one in told.pop("strange")),
            units=tuple(told.pop("units")),
            mixed=tuple(told.pop("mixed")),
            **told,
        )

    def save(self, folder: Path) -> None:
        """Describe the copy beside its rows; there are none where it is no copy."""
        if self.faults or self.strange:
            (folder / _ROWS).unlink(missing_ok=True)
        told = {name: value for name, value in vars(self).items() if name != "folder"}
        for name in ("facts", "issues", "faults", "strange"):
            told[name] = [
                {part: _plain(getattr(one, part)) for part in one.__dataclass_fields__}
                for one in told[name]
            ]
        (folder / _ABOUT).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")

    @property
    def rows(self) -> Place:
        """The Parquet file."""
        return self.folder / _ROWS

    def prove(self) -> None:
        """Raise the faults of the file (:class:`landuse.errors.UserError`), or :class:`Strange`."""
        if self.faults:
            raise UserError(list(self.faults))
        if self.strange:
            raise Strange(*self.strange)

    def layer(self, rows: pa.Table, source: Source, table: str, file: str, log: IssueLog) -> Raw:
        """Rows of a layer as they stood in the file."""
        try:
            raw = copied_layer(rows, SHAPE, self.sheet, self.crs, source, table, file, log)
        except NotImplementedError as error:  # arcs: GDAL draws them, all of a file at once
            raise because("read_whole.arcs", file, table=table) from error
        return replace(raw, facts=(*self.facts, *raw.facts))

    def table(self, rows: pa.Table, table: str, file: str) -> Raw:
        """Rows of a table as they stood in the file."""
        marks = None
        if REPEATED in rows.column_names:
            marks = rows.column(REPEATED).to_numpy()
            rows = rows.drop_columns([REPEATED])
        raw = parquet_table(rows, file, table)
        back = {name: _as_cells(raw.frame[name]) for name in self.mixed if name in raw.frame}
        return replace(
            raw.with_frame(raw.frame.assign(**back)),
            sheet=everywhere(self.sheet, len(raw)),
            facts=self.facts,
            unit_line=self.units,
            repeated=None if marks is None else marks[raw.row - 1],
        )


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return plain(value)


class Writer:
    """Writes rows as they come into row groups that are neither tiny nor large in memory."""

    def __init__(self, path: Place, schema: pa.Schema) -> None:
        self._waiting: list[pa.Table] = []
        self._schema = pa.schema([pa.field(one.name, one.type) for one in schema])
        texts = [one.name for one in self._schema if one.name != SHAPE]
        self._file = pq.ParquetWriter(
            path, self._schema, compression="zstd", use_dictionary=texts, write_statistics=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._file.close()

    def write(self, rows: pa.Table) -> None:
        """Add some rows."""
        self._waiting.append(rows.replace_schema_metadata(None).cast(self._schema))
        many = sum(map(len, self._waiting))
        if many >= _GROUP or sum(one.nbytes for one in self._waiting) >= _HELD:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.concat_tables(self._waiting), row_group_size=_GROUP)
            self._waiting.clear()


def copy_name(table: str, source: Source, file: str) -> str:
    """The folder of a file's copy: by whatever decides how the file is read."""
    ways = {"layer", "sheet", "header_row", "encoding", "columns"}
    settings = source.model_dump(mode="json", include=ways)
    told = json.dumps([table, file, settings], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def as_texts(cells: Sequence[object]) -> list[str | None] | None:
    """Cells of any kind as texts from which they come back; ``None`` where one is of no such kind.

    >>> as_texts(["7", 7, None, dt.date(2026, 1, 2)])
    ['s7', 'i7', None, 'd2026-01-02']
    """
    kinds = {str: "s", float: "f", int: "i", bool: "b", dt.datetime: "t", dt.date: "d"}
    found: list[str | None] = []
    for cell in cells:
        kind = kinds.get(type(cell))
        if cell is not None and kind is None:
            return None
        text = cell.isoformat() if isinstance(cell, dt.date) else str(cell)
        found.append(None if cell is None else f"{kind}{text}")
    return found


def _as_cells(texts: pd.Series) -> pd.Series:
    cells: npt.NDArray[np.object_] = np.full(len(texts), None, dtype=object)
    for place, text in enumerate(texts.to_numpy(object)):
        if isinstance(text, str):
            cells[place] = _WAYS_BACK[text[0]](text[1:])  # type: ignore[operator]
    return typed_cells(pd.Series(cells, index=texts.index, dtype=object))

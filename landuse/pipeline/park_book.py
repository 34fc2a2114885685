"""The park tables in the database: a workbook in, compared first, and out again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse.errors import UserError
from landuse.intake.park_book import read_park_book
from landuse.intake.park_tables import read_park_inputs
from landuse.intake.project import load_project
from landuse.intake.safety import digest
from landuse.issues import Issue, IssueLog
from landuse.ledger import park_book
from landuse.ledger.park_book import BookRow, Change
from landuse.schema.park_tables import PARK_TABLES

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from landuse.intake.park_tables import ParkInputs
    from landuse.ledger.store import Ledger
    from landuse.messages import Lang
    from landuse.schema.frame import Table

__all__ = [
    "ParkPreview",
    "apply_parks",
    "book_rows",
    "export_parks",
    "frames_of",
    "kept_tables",
    "preview_parks",
    "project_tables",
    "with_frames",
    "with_kept",
]

_SOURCE: Final = ("source_file", "source_sheet", "source_row")
_KEYS: Final = {
    "periods": ("scope", "key", "period", "cumulative", "measure"),
    "promises": ("uscc", "name", "park"),
}
"""What a row without a key of its own is known by; equal ones are numbered by what they say."""


@dataclass(frozen=True, slots=True)
class ParkPreview:
    """What an import would do: the changes, the rows read and set aside, and what is odd."""

    path: Path
    sha256: str
    tables: tuple[str, ...]
    changes: tuple[Change, ...]
    unchanged: int
    counts: pd.DataFrame
    issues: tuple[Issue, ...]

    def tally(self) -> dict[tuple[str, str], int]:
        """Number of changes by table and kind (added, changed, removed)."""
        return dict(Counter((change.table, change.kind) for change in self.changes))


def preview_parks(ledger: Ledger, path: Path, *, remove: bool = False) -> ParkPreview:
    """What importing the workbook ``path`` would change; nothing is written.

    ``remove``: rows of a sheet's table that the sheet does not name are removed. Raises
    :class:`landuse.errors.UserError` for structural faults of the file.
    """
    log = IssueLog()
    inputs = read_park_book(path, log)
    rows = book_rows(inputs)
    tables = tuple(name for name in PARK_TABLES if name in inputs.given)
    with ledger.read() as session:
        changes = park_book.compare(session, rows, tables, remove=remove)
    touched = sum(change.after is not None for change in changes)
    return ParkPreview(
        path, digest(path), tables, tuple(changes), len(rows) - touched, inputs.counts, tuple(log)
    )


def apply_parks(ledger: Ledger, found: ParkPreview, *, by: str, at: datetime, why: str = "") -> int:
    """Write what a preview showed; the number of the import.

    Raises :class:`landuse.errors.UserError` where the file or one of the rows has changed since.
    """
    if digest(found.path) != found.sha256:
        raise UserError.of("park_book.file_changed", file=found.path.name)
    with ledger.write() as session:
        return park_book.record(
            session,
            found.changes,
            source_name=found.path.name,
            source_sha256=found.sha256,
            by=by,
            at=at,
            why=why,
        )


def book_rows(inputs: ParkInputs) -> list[BookRow]:
    """The frames of the tables that were given as rows of the book."""
    rows = []
    for name in PARK_TABLES:
        if name in inputs.given:
            rows += list(_rows(PARK_TABLES[name], inputs.table(name)))
    return rows


def _rows(table: Table, frame: pd.DataFrame) -> list[BookRow]:
    key = table.key or _KEYS[table.name]
    bodies = [
        {name: _plain(row[name]) for name in table.names if name not in _SOURCE}
        for row in frame.to_dict("records")
    ]
    said = ["|".join(str(body[name]) for name in key) for body in bodies]
    order = sorted(range(len(said)), key=lambda at: (said[at], _order(bodies[at])))
    again: Counter[str] = Counter()
    found = []
    for at in order:
        again[said[at]] += 1
        number = again[said[at]]
        place = f"{said[at]}#{number}" if number > 1 else said[at]
        sheet, row = frame["source_sheet"].iloc[at], int(frame["source_row"].iloc[at])
        found.append(BookRow(table.name, place, bodies[at], "", str(sheet), row))
    return found


def _order(body: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in body.values())


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a frame as JSON has it
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool) or str(type(value).__name__) == "bool_":
        return bool(value)
    return None if value != value else int(value)


def frames_of(session: Session) -> dict[str, pd.DataFrame]:
    """Every park table of the database that has rows, as the intake would give it."""
    listed: dict[str, list[BookRow]] = {}
    for row in park_book.current(session):
        listed.setdefault(row.table, []).append(row)
    return {name: _frame(PARK_TABLES[name], rows) for name, rows in sorted(listed.items())}


def _frame(table: Table, rows: list[BookRow]) -> pd.DataFrame:
    """Rows of the book as a frame; a column that an older row lacks is blank."""
    kinds = table.empty().dtypes
    data: dict[str, object] = {}
    for column in table:
        if column.name in _SOURCE:
            continue
        values = [row.body.get(column.name) for row in rows]
        if column.dtype == "text":
            values = [_text(value) for value in values]
        elif column.dtype in ("int", "bool"):
            values = [value or 0 for value in values]
        array = (
            pd.to_datetime(pd.Series(values, dtype=object)) if column.dtype == "date" else values
        )
        data[column.name] = pd.Series(array).astype(kinds[column.name])
    data["source_file"] = pd.Series([row.file for row in rows], dtype="str")
    data["source_sheet"] = pd.Series([row.sheet for row in rows], dtype="str")
    data["source_row"] = pd.Series([row.row for row in rows], dtype="int64")
    return table.check(pd.DataFrame(data)[table.names])


def _text(value: object) -> str:
    """A text as the book has it. An older book kept a yes as ``true``; its ``false`` was a blank as
    well as a no, so that it says nothing."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value or "")


def with_kept(inputs: ParkInputs, session: Session) -> ParkInputs:
    """``inputs`` with the database's tables in place of those that the project does not give."""
    return with_frames(inputs, frames_of(session))


def with_frames(inputs: ParkInputs, frames: Mapping[str, pd.DataFrame]) -> ParkInputs:
    """``inputs`` with ``frames`` (by table) in place of the tables that the project does not give.

    A table that the project gives is the project's alone: the two are never mixed.
    """
    kept: dict[str, Any] = {n: frame for n, frame in frames.items() if n not in inputs.given}
    return replace(inputs, **kept, given=inputs.given | kept.keys())


def kept_tables(ledger: Ledger | None) -> set[str]:
    """The park tables of which the database has rows."""
    if ledger is None:
        return set()
    with ledger.read() as session:
        return set(frames_of(session))


def project_tables(path: Path) -> dict[str, pd.DataFrame]:
    """The park tables that the project file ``path`` gives, by name; none where there is no such
    file. Raises :class:`landuse.errors.UserError` for structural faults."""
    if not path.is_file():
        return {}
    inputs = read_park_inputs(load_project(path, land_only=True), IssueLog())
    return {name: inputs.table(name) for name in PARK_TABLES if name in inputs.given}


def export_parks(
    ledger: Ledger | None,
    path: Path,
    *,
    lang: Lang = "zh",
    over: bool = False,
    own: Mapping[str, pd.DataFrame] | None = None,
) -> dict[str, int]:
    """Write every park table of the database to a workbook that can be handed back; rows by table.

    ``own``: tables of a project file (:func:`project_tables`), for those that the database does not
    have. Importing the workbook again changes nothing. Raises :class:`landuse.errors.UserError`.
    """
    from landuse.pipeline.park_sheets import sheet_of
    from landuse.publish.park_sheets import write_park_book

    if path.suffix.lower() != ".xlsx":
        raise UserError.of("park_book.not_a_workbook", file=path.name, value=path.suffix)
    frames = dict(own or {})
    if ledger is not None:
        with ledger.read() as session:
            frames |= frames_of(session)
    sheets = [
        sheet_of(table, frames.get(name, table.empty()), lang)
        for name, table in PARK_TABLES.items()
    ]
    write_park_book(sheets, path, lang=lang, over=over)
    return {name: len(frame) for name, frame in frames.items()}

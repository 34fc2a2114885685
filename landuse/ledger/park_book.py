"""The parks' book: the park tables as they stand, what an import would change, and every import.

Rows are known by a key; a row is a mapping of our columns to plain values. Nothing is ever
overwritten: a change is a new row, and each says by whose import it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from landuse.errors import UserError
from landuse.ledger import canonical
from landuse.ledger.park_models import ParkImport, ParkRow

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.orm import Session

__all__ = [
    "BookRow",
    "Change",
    "Import",
    "compare",
    "current",
    "imports",
    "record",
    "versions_of",
]

_SHOWN: Final = 20
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BookRow:
    """One row: its table, its key, its values, and where it stood in the file."""

    table: str
    key: str
    body: Body
    file: str = ""
    sheet: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to a row: ``before`` is ``None`` for a new one, ``after`` for a removed
    one."""

    table: str
    key: str
    before: Body | None
    after: Body | None
    sheet: str = ""
    row: int = 0

    @property
    def kind(self) -> str:
        """``added``, ``changed`` or ``removed``."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def columns(self) -> list[str]:
        """The columns that differ."""
        return _differing(self.before or {}, self.after or {})


def _differing(old: Body, new: Body) -> list[str]:
    """The columns in which two rows differ. A column that an older program did not know is as good
    as a blank one."""
    blank = (None, "")
    return [
        name
        for name in {**old, **new}
        if old.get(name) != new.get(name)
        and not (old.get(name) in blank and new.get(name) in blank)
    ]


@dataclass(frozen=True, slots=True)
class Import:
    """One import: who, when, why, which file, and how many rows it brought."""

    number: int
    at: datetime
    by: str
    why: str
    source_name: str
    source_sha256: str
    rows: int


def current(session: Session, tables: Iterable[str] | None = None) -> Iterator[BookRow]:
    """The rows as they stand (of ``tables``, or of all), by table and key."""
    newest = select(func.max(ParkRow.id)).group_by(ParkRow.table_name, ParkRow.row_key)
    query = (
        select(ParkRow, ParkImport.source_name)
        .join(ParkImport, ParkImport.id == ParkRow.import_id)
        .where(ParkRow.id.in_(newest), ParkRow.body_json.is_not(None))
        .order_by(ParkRow.table_name, ParkRow.row_key)
    )
    if tables is not None:
        query = query.where(ParkRow.table_name.in_(list(tables)))
    found = [
        BookRow(
            row.table_name, row.row_key, row.body_json or {}, name, row.source_sheet, row.source_row
        )
        for row, name in session.execute(query)
    ]
    return iter(sorted(found, key=lambda one: (one.table, one.key)))


def compare(
    session: Session, rows: Iterable[BookRow], tables: Iterable[str], *, remove: bool = False
) -> list[Change]:
    """What ``rows`` (all that a file says of ``tables``) change in the book, by table and key.

    A row that the file does not name stays, unless ``remove``.
    """
    there = {(one.table, one.key): one.body for one in current(session, tables)}
    changes, named = [], set()
    for one in rows:
        place = (one.table, one.key)
        named.add(place)
        before = there.get(place)
        if before is None or _differing(before, one.body):
            changes.append(Change(*place, before, one.body, one.sheet, one.row))
    if remove:
        gone = [place for place in there if place not in named]
        changes += [Change(*place, there[place], None) for place in gone]
    return sorted(changes, key=lambda change: (change.table, change.key))


def record(
    session: Session,
    changes: Iterable[Change],
    *,
    source_name: str,
    source_sha256: str,
    by: str,
    at: datetime,
    why: str = "",
) -> int:
    """Append ``changes`` under one import and give its number.

    Raises :class:`landuse.errors.UserError` where a row is no longer what the changes saw: then
    nothing is written.
    """
    listed = list(changes)
    there = {
        (one.table, one.key): dict(one.body)
        for one in current(session, {change.table for change in listed})
    }
    moved = [
        change
        for change in listed
        if there.get((change.table, change.key))
        != (None if change.before is None else dict(change.before))
    ]
    if moved:
        keys = "、".join(change.key for change in moved[:_SHOWN])
        raise UserError.of("park_book.changed_meanwhile", value=keys, n=len(moved))
    taken = ParkImport(at=at, by=by, why=why, source_name=source_name, source_sha256=source_sha256)
    session.add(taken)
    session.flush()
    table: Table = ParkRow.__table__  # type: ignore[assignment]
    columns: dict[str, list[Any]] = {
        "import_id": [taken.id] * len(listed),
        "table_name": [change.table for change in listed],
        "row_key": [change.key for change in listed],
        "body_json": [None if c.after is None else dict(c.after) for c in listed],
        "source_sheet": [change.sheet for change in listed],
        "source_row": [change.row for change in listed],
    }
    if listed:
        canonical.insert_columns(session.connection(), table, columns)
        canonical.advance_keys(session.connection(), [table.name])
    return taken.id


def imports(session: Session) -> list[Import]:
    """Every import, the first first."""
    count = func.count(ParkRow.id)
    query = (
        select(ParkImport, count)
        .outerjoin(ParkRow, ParkRow.import_id == ParkImport.id)
        .group_by(ParkImport.id)
        .order_by(ParkImport.id)
    )
    return [
        Import(one.id, one.at, one.by, one.why, one.source_name, one.source_sha256, rows)
        for one, rows in session.execute(query)
    ]


def versions_of(session: Session, table: str, key: str) -> list[tuple[int, Body | None]]:
    """What each import made of one row: number of the import and the row after it."""
    query = (
        select(ParkRow.import_id, ParkRow.body_json)
        .where(ParkRow.table_name == table, ParkRow.row_key == key)
        .order_by(ParkRow.id)
    )
    return [(number, body) for number, body in session.execute(query)]

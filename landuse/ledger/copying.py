"""All rows of one ledger into another, proved equal: counts, sums, every byte, and the replay."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import canonical, replay, urls, words
from landuse.ledger.store import Ledger, open_ledger

__all__ = ["Tally", "copy", "copy_rows", "is_empty", "refuse_differences", "tallies"]

_SUMMED: Final = ("_mu_e4", "mu_e4", "_wan_e6", "_m2_e2")


@dataclass
class Tally:
    """What a table holds: its rows, the sums of its scaled integers, a digest of every row."""

    rows: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    digest: str = ""


def copy(ledger: Ledger, to_url: str | Path) -> dict[str, Tally]:
    """Copy the ledger into the empty database ``to_url``; what each table then holds.

    Either everything is copied and agrees with its source, or nothing is. Raises
    :class:`~landuse.errors.UserError` where the target holds anything already.
    """
    if urls.parse(to_url) == ledger.url:
        raise UserError.of("ledger.target_is_source", value=ledger.shown)
    with open_ledger(to_url, backups=ledger.backups) as target:
        with target.write() as into:
            connection = into.connection()
            if not is_empty(connection):
                raise UserError.of("ledger.target_not_empty", value=target.shown)
            with ledger.read() as source:
                told = copy_rows(source.connection(), connection, target.url)
            refuse_differences(into)
        return told


def copy_rows(source: Connection, target: Connection, url: URL) -> dict[str, Tally]:
    """Copy every table and read it back; raises where the two do not agree.

    Both must be of the same version, the target empty; ``url`` is the target's.
    """
    told: dict[str, Tally] = {}
    if target.dialect.name == "sqlite":
        target.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for table in canonical.tables(source):
        columns = canonical.table_columns(source, table)
        sent = Tally()
        rows = _counted(canonical.read(source, table, columns), columns, sent)
        canonical.insert(target, table, columns, rows)
        told[table] = _tally(target, table, columns)
        if told[table] != sent:
            raise UserError.of("ledger.copy_differs", value=urls.shown(url), table=table)
    canonical.advance_keys(target, told)
    return told


def tallies(connection: Connection) -> dict[str, Tally]:
    """What every table holds now."""
    return {
        table: _tally(connection, table, canonical.table_columns(connection, table))
        for table in canonical.tables(connection)
    }


def is_empty(connection: Connection) -> bool:
    """Whether no table holds a row."""
    return not any(
        connection.exec_driver_sql(f'SELECT 1 FROM "{table}" LIMIT 1').first()  # noqa: S608
        for table in canonical.tables(connection)
    )


def refuse_differences(session: Session) -> None:
    """Raise where the rows are not what the events lead to, naming the first twenty fields."""
    found = [
        words.difference_issue(*one) for one in itertools.islice(replay.differences(session), 20)
    ]
    if found:
        raise UserError(found)


def _tally(connection: Connection, table: str, columns: Sequence[str]) -> Tally:
    told = Tally()
    for _ in _counted(canonical.read(connection, table, columns), columns, told):
        pass
    return told


def _counted(
    rows: Iterable[tuple[Any, ...]], columns: Sequence[str], told: Tally
) -> Iterator[tuple[Any, ...]]:
    """The rows as they are, counted into ``told`` on the way."""
    summed = [(at, name) for at, name in enumerate(columns) if name.endswith(_SUMMED)]
    told.sums = {name: 0 for _, name in summed}
    digest = hashlib.sha256()
    for row in rows:
        told.rows += 1
        for at, name in summed:
            told.sums[name] += row[at] or 0
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
        yield row
    told.digest = digest.hexdigest()

"""Rows of either database in one plain form: what SQLite stores.

Moments and dates are text, truth is 0 or 1, geometry is (E)WKB bytes, JSON is text. In this form
rows are inserted in bulk (COPY on PostgreSQL), copied between databases whatever their version,
and compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Boolean, Connection, Date, Table, inspect, text

from landuse.ledger import types

__all__ = [
    "GUARDED",
    "TABLES",
    "advance_keys",
    "insert",
    "insert_columns",
    "insert_mappings",
    "plain",
    "read",
    "table_columns",
    "tables",
]

TABLES: Final = (
    "runs",
    "findings",
    "cases",
    "case_parcels",
    "parts",
    "documents",
    "events",
    "corrections",
    "meetings",
    "reviews",
    "accounts",
    "sessions",
    "logins",
    "park_imports",
    "park_rows",
    "run_units",
)
"""Every table, in an order in which each refers only to former ones."""

GUARDED: Final = ("events", "reviews", "logins", "park_imports", "park_rows")
"""Append-only tables; on PostgreSQL the guard of each is its trigger ``<table>_no_change``."""

_AS_STORED: Final = {
    "bool": "{0}::int",
    "timestamptz": """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "date": "to_char({0}, 'YYYY-MM-DD')",
    "geometry": "ST_AsEWKB({0}, 'NDR')",
}
_BATCH: Final = 5000


def tables(connection: Connection) -> list[str]:
    """Those of :data:`TABLES` that the database has: an older version may lack some."""
    there = inspect(connection)
    return [table for table in TABLES if there.has_table(table)]


def table_columns(connection: Connection, table: str) -> list[str]:
    """The columns that the database really has, by name."""
    return sorted(column["name"] for column in inspect(connection).get_columns(table))


def read(
    connection: Connection, table: str, columns: Sequence[str], *, where: str = "true"
) -> Iterator[tuple[Any, ...]]:
    """Rows (all, or those of an SQL condition) by key, without holding them all in memory."""
    if connection.dialect.name == "postgresql":
        kinds = _kinds(connection, table)
        chosen = ", ".join(
            _AS_STORED.get(kinds[name], "{0}").format(f'"{name}"') for name in columns
        )
    else:
        chosen = ", ".join(f'"{name}"' for name in columns)
    result = connection.exec_driver_sql(
        f'SELECT {chosen} FROM "{table}" WHERE {where} ORDER BY id',  # noqa: S608
        execution_options={"stream_results": True, "yield_per": _BATCH},
    )
    for row in result:
        yield tuple(row)


def _kinds(connection: Connection, table: str) -> dict[str, str]:
    query = text(
        "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = CAST(:name AS regclass) AND a.attnum > 0 AND NOT a.attisdropped"
    )
    return {row.attname: row.typname for row in connection.execute(query, {"name": table})}


def insert(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Put plain rows into a table: COPY on PostgreSQL, ``executemany`` on SQLite."""
    names = ", ".join(f'"{name}"' for name in columns)
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    if connection.dialect.name != "postgresql":
        marks = ", ".join("?" * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608
        return
    with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([x.hex() if isinstance(x, bytes) else x for x in row])


def insert_mappings(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Put rows of Python values into a table; every row gives the same columns."""
    if not rows:
        return
    names = list(rows[0])
    columns = {name: [row[name] for row in rows] for name in names}
    insert_columns(connection, table, columns)


def insert_columns(
    connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]]
) -> None:
    """Put columns of Python values (all of one length) into a table."""
    stored = [plain(table.columns[name].type, values) for name, values in columns.items()]
    insert(connection, table.name, list(columns), zip(*stored, strict=True))


def plain(kind: object, values: Sequence[Any]) -> Sequence[Any]:
    """Values of one column in the plain form; bytes of a geometry stay."""
    if isinstance(kind, types.Json):
        return [None if x is None else types.dump(x) for x in values]
    if isinstance(kind, types.Utc):
        moments = {x: _moment(x) for x in set(values)}
        return [moments[x] for x in values]
    if isinstance(kind, types.Shape):
        shapes = [None if isinstance(x, bytes) else x for x in values]
        stored = types.all_to_stored(shapes)
        return [x if isinstance(x, bytes) else y for x, y in zip(values, stored, strict=True)]
    if isinstance(kind, Date):
        return [None if x is None else x.isoformat() for x in values]
    if isinstance(kind, Boolean):
        return [None if x is None else int(x) for x in values]
    return values


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def advance_keys(connection: Connection, tables: Iterable[str]) -> None:
    """Let the next key of each table follow its greatest one (SQLite does so by itself)."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), m)"  # noqa: S608
            f' FROM (SELECT max(id) AS m FROM "{table}") AS x WHERE m IS NOT NULL'
        )

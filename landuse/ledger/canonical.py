"""Rows of either database in one plain form: what SQLite stores.

Moments and dates are text, truth is 0 or 1, geometry is (E)WKB bytes, JSON is text. In this form
rows are inserted in bulk (COPY on PostgreSQL), copied between databases whatever their version,
and compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Table, inspect, text

from landuse.ledger import types

__all__ = [
    "TABLES",
    "advance_keys",
    "insert",
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
)
"""Every table, in an order in which each refers only to former ones."""

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


def read(connection: Connection, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """All rows in the order of their keys, without holding them all in memory."""
    if connection.dialect.name == "postgresql":
        kinds = _kinds(connection, table)
        chosen = ", ".join(
            _AS_STORED.get(kinds[name], "{0}").format(f'"{name}"') for name in columns
        )
    else:
        chosen = ", ".join(f'"{name}"' for name in columns)
    result = connection.exec_driver_sql(
        f'SELECT {chosen} FROM "{table}" ORDER BY id',  # noqa: S608
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
    connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Put rows of Python values into a table; every row gives the same columns."""
    rows = list(rows)
    if not rows:
        return
    columns = list(rows[0])
    is_json = [isinstance(table.columns[name].type, types.Json) for name in columns]
    insert(
        connection,
        table.name,
        columns,
        (
            [plain(row[name], json=json) for name, json in zip(columns, is_json, strict=True)]
            for row in rows
        ),
    )


def plain(value: object, *, json: bool = False) -> object:
    """One Python value in the plain form."""
    if value is None:
        return None
    if json:
        return types.dump(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None)
        return moment.isoformat(timespec="microseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, BaseGeometry):
        return types.to_stored(value)
    return value


def advance_keys(connection: Connection, tables: Iterable[str]) -> None:
    """Let the next key of each table follow its greatest one (SQLite does so by itself)."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), m)"  # noqa: S608
            f' FROM (SELECT max(id) AS m FROM "{table}") AS x WHERE m IS NOT NULL'
        )

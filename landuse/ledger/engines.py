"""Connections: how each database is opened, and what every connection is told first."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from landuse.errors import UserError
from landuse.ledger import readonly
from landuse.ledger.urls import secrets_of

__all__ = ["SCHEMA", "WRITER", "make_engine", "make_reader"]

WRITER: Final = "landuse_writer"
"""Execution option of connections that write: they take the writer's lock as they begin."""
SCHEMA: Final = "landuse"
"""Schema of the ledger's tables on PostgreSQL, apart from other programs' tables."""
_LOCK: Final = 0x6C616E64757365  # "landuse": key of the advisory lock


def make_engine(url: URL, wait_seconds: float) -> Engine:
    """An engine for ``url`` whose users wait ``wait_seconds`` for one another, then give up."""
    if url.get_backend_name() == "sqlite":
        arguments = {"timeout": wait_seconds, "isolation_level": None}
        return _sqlite(create_engine(url, hide_parameters=True, connect_args=arguments))
    return _postgres(url, wait_seconds)


def make_reader(file: Path, wait_seconds: float) -> Engine:
    """An engine for an SQLite file that cannot be written; each session looks at it afresh."""
    return _sqlite(
        create_engine(
            "sqlite://",
            hide_parameters=True,
            poolclass=NullPool,
            creator=lambda: readonly.connect(file, wait_seconds),
        )
    )


def _sqlite(engine: Engine) -> Engine:

    @event.listens_for(engine, "connect")
    def _tell(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get(WRITER))
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres(url: URL, wait_seconds: float) -> Engine:
    _need_drivers()
    secrets = secrets_of(url)  # an engine shows its URL, with all parameters
    arguments: dict[str, Any] = {"client_encoding": "utf8", **secrets}
    if "connect_timeout" not in url.query:
        arguments["connect_timeout"] = 10
    url = url.difference_update_query(secrets)
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _tell(connection: Any, _record: object) -> None:  # noqa: ANN401 - psycopg may be absent
        connection.autocommit = True
        connection.execute(
            "SELECT set_config('search_path', %s || ', ' || current_setting('search_path'), false),"
            " set_config('lock_timeout', %s, false)",
            (SCHEMA, str(round(wait_seconds * 1000))),
        )
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(WRITER):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return
        # At READ COMMITTED what is read after the lock is what the former writer committed.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    return engine


def _need_drivers() -> None:
    try:
        import geoalchemy2  # noqa: F401
        import psycopg  # noqa: F401
    except ImportError:
        raise UserError.of("ledger.postgis_not_installed") from None

"""Bringing a database to the version that this program knows, by Alembic, without network."""

from __future__ import annotations

import logging
import threading
from importlib import resources
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from landuse.errors import UserError
from landuse.ledger.engines import SCHEMA, WRITER
from landuse.ledger.urls import shown

__all__ = [
    "VERSION_TABLE",
    "current_version",
    "newest_version",
    "refuse_others",
    "upgrade",
    "upgrade_on",
    "versions",
]

VERSION_TABLE: Final = "landuse_version"
_ONE_AT_A_TIME: Final = threading.Lock()  # Alembic keeps its context in a module


def _config() -> Config:
    folder = Path(str(resources.files("landuse.ledger"))) / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def versions() -> list[str]:
    """All versions, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return [step.revision for step in script.walk_revisions()][::-1]


def newest_version() -> str:
    """The version of :mod:`landuse.ledger.models`."""
    return versions()[-1]


def current_version(connection: Connection) -> str | None:
    """The version of the database; ``None`` where it holds no ledger yet."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def upgrade(engine: Engine, url: URL, to: str = "head") -> None:
    """Bring the database to version ``to`` in one transaction of one writer.

    Raises :class:`~landuse.errors.UserError` where the database belongs to a newer program or to
    another one, or where PostGIS cannot be had.
    """
    with engine.execution_options(**{WRITER: True}).connect() as connection, connection.begin():
        upgrade_on(connection, url, to)


def upgrade_on(connection: Connection, url: URL, to: str = "head") -> None:
    """:func:`upgrade` inside a transaction that the caller began and will end."""
    if connection.dialect.name == "postgresql":
        _prepare_postgres(connection, url)
    current = current_version(connection)
    known = versions()
    if current is not None and current not in known:
        raise UserError.of("ledger.newer_version", value=shown(url), version=current)
    if current is None:
        refuse_others(connection, url)
    if current == (known[-1] if to == "head" else to):
        return
    with _ONE_AT_A_TIME:
        config = _config()
        config.attributes["connection"] = connection
        logging.getLogger("alembic").setLevel(logging.WARNING)
        command.upgrade(config, to)


def refuse_others(connection: Connection, url: URL) -> None:
    """An SQLite file that another program filled is not ours to write into."""
    if connection.dialect.name != "sqlite":
        return
    if inspect(connection).get_table_names():
        raise UserError.of("ledger.not_a_ledger", value=shown(url))


def _prepare_postgres(connection: Connection, url: URL) -> None:
    if not _has(connection, "SELECT 1 FROM pg_extension WHERE extname = 'postgis'"):
        try:
            with connection.begin_nested():
                connection.exec_driver_sql("CREATE EXTENSION postgis")
        except DBAPIError:
            raise UserError.of("ledger.no_postgis", value=shown(url)) from None
    if not _has(connection, f"SELECT 1 FROM pg_namespace WHERE nspname = '{SCHEMA}'"):  # noqa: S608
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")


def _has(connection: Connection, query: str) -> bool:
    return connection.execute(text(query)).first() is not None

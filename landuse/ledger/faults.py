"""What a database says when it fails, in words that a planner can act on."""

from __future__ import annotations

import contextlib
import errno
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from landuse.errors import LanduseError, UserError
from landuse.ledger.urls import masked, shown

__all__ = ["is_passing", "speaking", "translated"]

# SQLite: primary result codes (Python 3.11 gives them on the exception)
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: "ledger.locked",
    sqlite3.SQLITE_LOCKED: "ledger.locked",
    sqlite3.SQLITE_FULL: "ledger.disk_full",
    sqlite3.SQLITE_READONLY: "ledger.read_only",
    sqlite3.SQLITE_PERM: "ledger.read_only",
    sqlite3.SQLITE_CANTOPEN: "ledger.cannot_open_file",
    sqlite3.SQLITE_NOTADB: "ledger.not_a_database",
    sqlite3.SQLITE_CORRUPT: "ledger.damaged",
    sqlite3.SQLITE_IOERR: "ledger.io_fault",
}
# SQLite: extended result codes that say more
_SQLITE_EXTENDED: Final = {
    sqlite3.SQLITE_READONLY_ROLLBACK: "ledger.read_only_unfinished",
    sqlite3.SQLITE_READONLY_RECOVERY: "ledger.read_only_unfinished",
    sqlite3.SQLITE_READONLY_CANTINIT: "ledger.read_only_unfinished",
}
_POSTGRES: Final = {
    "28P01": "ledger.wrong_password",
    "28000": "ledger.wrong_password",
    "3D000": "ledger.no_such_database",
    "42501": "ledger.no_right",
    "25006": "ledger.read_only_server",
    "53100": "ledger.disk_full_server",
    "53300": "ledger.too_many_connections",
    "57014": "ledger.cancelled_server",
    "55P03": "ledger.locked",
    "40001": "ledger.locked",
    "40P01": "ledger.locked",
    "57P01": "ledger.connection_lost",
    "57P02": "ledger.connection_lost",
    "57P05": "ledger.connection_lost",
    "25P03": "ledger.connection_lost",
    "57P03": "ledger.unreachable",
    "42P07": "ledger.tables_of_others",
}
_LEAST_BYTES: Final = 128 * 1024
_PASSING: Final = frozenset({"40001", "40P01"})
_SPOKEN: Final = (DBAPIError, sqlite3.Error, OSError, StaleDataError, PoolTimeoutError)
_OS: Final = {
    errno.ENOSPC: "ledger.disk_full",
    errno.EDQUOT: "ledger.disk_full",
    errno.EROFS: "ledger.read_only",
    errno.EACCES: "ledger.read_only",
    errno.EPERM: "ledger.read_only",
}


def is_passing(fault: BaseException) -> bool:
    """Whether the same transaction may well succeed if it is done again."""
    cause = fault.orig if isinstance(fault, DBAPIError) else fault
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return getattr(cause, "sqlstate", None) in _PASSING or isinstance(fault, StaleDataError)


def translated(fault: BaseException, url: URL) -> UserError | None:
    """``fault`` as a message for the user; ``None`` where it is none that the user can mend."""
    place = {"value": shown(url)}
    cause = fault.orig if isinstance(fault, DBAPIError) else fault
    if isinstance(fault, StaleDataError | PoolTimeoutError):
        return UserError.of("ledger.locked", **place)
    if isinstance(cause, sqlite3.Error):
        whole = getattr(cause, "sqlite_errorcode", 0)
        code = _SQLITE_EXTENDED.get(whole) or _SQLITE.get(_sqlite_code(cause))
        if code == "ledger.io_fault" and _is_full(url):
            code = "ledger.disk_full"
        return UserError.of(code, **place) if code else None
    if isinstance(cause, OSError):
        code = _OS.get(cause.errno or 0)
        return UserError.of(code, value=cause.filename or place["value"]) if code else None
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRES:
        return UserError.of(_POSTGRES[state], **place)
    if _is_postgres(fault) and state is None:
        return UserError.of("ledger.connection_lost", **place)
    if isinstance(fault, OperationalError | InterfaceError):
        return _connection(str(cause), place, lost=getattr(fault, "connection_invalidated", False))
    return None


def _is_postgres(fault: BaseException) -> bool:
    """Whether the driver itself says it, as in a bulk load, where SQLAlchemy does not listen."""
    psycopg = sys.modules.get("psycopg")
    return psycopg is not None and isinstance(fault, psycopg.OperationalError)


def _is_full(url: URL) -> bool:
    """Whether the disk has no room even for what SQLite needs beside a file to read it."""
    try:
        return shutil.disk_usage(Path(url.database or ".").parent).free < _LEAST_BYTES
    except OSError:
        return False


def _sqlite_code(fault: sqlite3.Error) -> int:
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF


def _connection(words: str, place: dict[str, str], *, lost: bool) -> UserError:
    lower = words.lower()
    if lost:
        return UserError.of("ledger.connection_lost", **place)
    if "password" in lower or "authentication" in lower or "role" in lower or "密码" in lower:
        return UserError.of("ledger.wrong_password", **place)
    if "database" in lower and "does not exist" in lower:
        return UserError.of("ledger.no_such_database", **place)
    if "too many" in lower:
        return UserError.of("ledger.too_many_connections", **place)
    reason = masked(" ".join(words.split()))[:300]
    return UserError.of("ledger.unreachable", reason=reason, **place)


@contextlib.contextmanager
def speaking(url: URL) -> Iterator[None]:
    """Turn what the database says inside the block into a :class:`UserError` where one fits."""
    try:
        yield
    except LanduseError:
        raise
    except Exception as fault:
        if not isinstance(fault, _SPOKEN) and not _is_postgres(fault):
            raise
        said = translated(fault, url)
        if said is None:
            raise
        raise said from None  # the chain could show a connection string

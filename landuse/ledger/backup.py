"""Backups: always one SQLite file, whatever the ledger lives in; and back from it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete
from sqlalchemy.engine import URL

from landuse.errors import UserError
from landuse.ledger import canonical, copying, filesystems, migrating, readonly, urls
from landuse.ledger.engines import WRITER, make_engine
from landuse.ledger.faults import speaking, translated
from landuse.ledger.review_models import SignIn
from landuse.ledger.store import Ledger, open_ledger

__all__ = ["KEPT", "backup", "restore", "safety_backup"]

KEPT: Final = 10
"""How many automatic backups of one ledger are kept."""
_BROKEN: Final = frozenset({"ledger.damaged", "ledger.not_a_database"})
_WAIT: Final = 30.0
_STEP: Final = 0.25
_COMPANIONS: Final = ("", "-journal", "-wal", "-shm")


def backup(ledger: Ledger, file: Path) -> dict[str, int]:
    """Write the whole ledger into the new file ``file``; rows by table.

    The file is complete and checked before it gets its name. Raises
    :class:`~landuse.errors.UserError` where it exists already or cannot be written.
    """
    file = file.expanduser().absolute()
    if file.exists():
        raise UserError.of("ledger.backup_exists", value=str(file))
    if not file.parent.is_dir():
        raise UserError.of("ledger.no_folder", value=str(file.parent))
    with _saying(file), _unfinished(file) as part:
        counts = _write(ledger, part)
        _claim(part, file)
    return counts


def safety_backup(ledger: Ledger, reason: str) -> Path | None:
    """An automatic backup before ``reason`` (``migration``, ``import``, ``restore``).

    Kept in ``ledger.backups``, the last :data:`KEPT` of this ledger. ``None`` where the ledger
    holds nothing yet.
    """
    with ledger.engine.connect() as connection:
        if migrating.current_version(connection) is None or copying.is_empty(connection):
            return None
    folder, stem = ledger.backups, _stem(ledger.url)
    with _saying(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, rf"{re.escape(stem)}-\d{{5,}}-[a-z]+\.db")
        number = max(_numbered(folder, stem), default=0) + 1
        with _unfinished(folder / f"{stem}-{number:05d}-{reason}.db") as part:
            _write(ledger, part)
            while True:
                file = folder / f"{stem}-{number:05d}-{reason}.db"
                try:
                    _claim(part, file)
                    break
                except FileExistsError:
                    number += 1
        for old in sorted(_numbered(folder, stem).items())[:-KEPT]:
            for kept in old[1]:
                kept.unlink(missing_ok=True)
    return file


def restore(
    url: str | Path, file: Path, *, backups: Path | None = None, wait_seconds: float = _WAIT
) -> dict[str, int]:
    """Put the backup ``file`` in the place of the ledger at ``url``; rows by table.

    What is there now is backed up first. The backup itself is never written to; an older one is
    brought to our version on the way. Nobody is signed in afterwards: who had left by then must
    not come back with the backup. Either all of it is restored or nothing changes. Raises
    :class:`~landuse.errors.UserError`.
    """
    file = file.expanduser().absolute()
    if not file.is_file():
        raise UserError.of("ledger.backup_absent", value=str(file))
    with tempfile.TemporaryDirectory(prefix="landuse-restore-") as folder:
        source = Path(folder) / "backup.db"
        _check_and_take(file, source)
        with open_ledger(source, backups=Path(folder)) as prepared:
            with prepared.write() as session:
                session.execute(delete(SignIn))
            _put_aside(url, backups)
            with open_ledger(url, backups=backups, wait_seconds=wait_seconds) as target:
                safety_backup(target, "restore")
                if target.file is None:
                    return _restore_rows(prepared, target)
                _restore_file(source, target, wait_seconds)
        with open_ledger(url, backups=backups) as again, again.read() as session:
            return _counts(session.connection())


def _put_aside(url: str | Path, backups: Path | None) -> None:
    """A file that is damaged beyond opening makes room under another name, never deleted."""
    try:
        open_ledger(url, backups=backups).close()
    except UserError as fault:
        file = urls.file_of(urls.parse(url))
        if file is None or fault.issues[0].code not in _BROKEN:
            raise
    else:
        return
    number = 1
    while (aside := file.with_name(f"{file.name}.damaged-{number}")).exists():
        number += 1
    with _saying(file):
        for ending in reversed(_COMPANIONS):
            part = file.with_name(file.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))


def _restore_rows(source: Ledger, target: Ledger) -> dict[str, int]:
    with source.read() as from_, target.write() as into:
        connection = into.connection()
        _guard(connection, "DISABLE")
        connection.exec_driver_sql(f"TRUNCATE {', '.join(canonical.TABLES)}")
        told = copying.copy_rows(from_.connection(), connection, target.url)
        _guard(connection, "ENABLE")
    return {table: tally.rows for table, tally in told.items()}


def _guard(connection: Connection, verb: str) -> None:
    for table in canonical.GUARDED:
        connection.exec_driver_sql(f"ALTER TABLE {table} {verb} TRIGGER {table}_no_change")


def _restore_file(source: Path, target: Ledger, wait_seconds: float) -> None:
    """Page by page through SQLite's own transaction, so that others see the old or the new."""
    assert target.file is not None
    target.engine.dispose()
    with speaking(target.url), contextlib.ExitStack() as stack:
        left = stack.enter_context(contextlib.closing(sqlite3.connect(source)))
        right = stack.enter_context(contextlib.closing(sqlite3.connect(target.file, timeout=0)))
        _copy_pages(left, right, target.url, wait_seconds)


def _copy_pages(
    left: sqlite3.Connection, right: sqlite3.Connection, shared: URL, wait_seconds: float = _WAIT
) -> None:
    """Copy a database; ``Connection.backup`` would wait for the one that is shared for ever."""
    waited = 0

    def watch(status: int, _remaining: int, _total: int) -> None:
        nonlocal waited
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            waited += 1
            if waited * _STEP > wait_seconds:
                raise UserError.of("ledger.locked", value=urls.shown(shared))

    left.backup(right, progress=watch, sleep=_STEP)


def _write(ledger: Ledger, part: Path) -> dict[str, int]:
    if ledger.file is not None:
        with contextlib.ExitStack() as stack:
            left = stack.enter_context(_source(ledger, ledger.file))
            right = stack.enter_context(contextlib.closing(sqlite3.connect(part)))
            _copy_pages(left, right, ledger.url)
            right.execute("PRAGMA journal_mode = DELETE")  # one file, no companions
    else:
        _write_from_server(ledger, part)
    return _checked(part)


@contextlib.contextmanager
def _source(ledger: Ledger, file: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.ExitStack() as stack:
        if ledger.unwritable:
            stack.enter_context(readonly.undisturbed(file))
            connection = readonly.connect(file, _WAIT)
        else:
            connection = sqlite3.connect(file)
        yield stack.enter_context(contextlib.closing(connection))


def _write_from_server(ledger: Ledger, part: Path) -> None:
    url = _file_url(part)
    engine = make_engine(url, _WAIT)
    try:
        with ledger.engine.connect() as source:
            version = migrating.current_version(source)
            migrating.upgrade(engine, url, version or "head")
            with engine.execution_options(**{WRITER: True}).begin() as target:
                copying.copy_rows(source, target, url)
    finally:
        engine.dispose()


def _checked(part: Path) -> dict[str, int]:
    """Rows by table of a finished backup; raises where SQLite finds it unsound."""
    with contextlib.closing(sqlite3.connect(part)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone():
            raise UserError.of("ledger.backup_bad", value=str(part))
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        there = {name for (name,) in connection.execute(query)}
        return {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
            for table in canonical.TABLES
            if table in there
        }


def _check_and_take(file: Path, copy: Path) -> None:
    """A private copy of a backup, once it is known to be one."""
    try:
        with contextlib.ExitStack() as stack:
            uri = f"{file.as_uri()}?mode=ro"
            left = stack.enter_context(contextlib.closing(sqlite3.connect(uri, uri=True)))
            left.execute(f"SELECT 1 FROM {migrating.VERSION_TABLE}")  # noqa: S608
            right = stack.enter_context(contextlib.closing(sqlite3.connect(copy)))
            _copy_pages(left, right, _file_url(file))
        _checked(copy)
    except sqlite3.Error as fault:
        said = translated(fault, _file_url(copy))
        if said is not None and said.issues[0].code == "ledger.disk_full":
            raise said from None
        raise UserError.of("ledger.backup_bad", value=str(file)) from None


def _counts(connection: Connection) -> dict[str, int]:
    return {
        table: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one())  # noqa: S608
        for table in canonical.TABLES
    }


@contextlib.contextmanager
def _unfinished(file: Path) -> Iterator[Path]:
    """A name beside ``file`` for what is not finished; nothing of it stays."""
    _sweep(file.parent, re.escape(file.name))
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        yield part
    finally:
        for ending in _COMPANIONS:
            part.with_name(part.name + ending).unlink(missing_ok=True)


def _sweep(folder: Path, name: str) -> None:
    """Remove what programs that were killed left unfinished under names that match ``name``.

    On a network file system the writer may live on another machine: there it stays.
    """
    pattern = re.compile(rf"\.{name}\.(\d+)\.part(-journal|-wal|-shm)?")
    left = [(one, pattern.fullmatch(one.name)) for one in folder.iterdir()]
    dead = [one for one, match in left if match and not _is_alive(int(match[1]))]
    if dead and not filesystems.network_type(folder):
        for one in dead:
            with contextlib.suppress(OSError):  # litter; Windows keeps what somebody has open
                one.unlink()


def _is_alive(process: int) -> bool:
    if os.name == "nt":
        return False  # asking would end it; a file that it has open cannot be removed anyhow
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _claim(part: Path, file: Path) -> None:
    """Give the finished file its name, which must be free, in one step."""
    with part.open("rb+") as handle:
        os.fsync(handle.fileno())
    try:
        file.hardlink_to(part)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # FAT and some network drives know no second name
        if file.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(file)) from None
        part.rename(file)
    if os.name != "nt":
        _sync_names(file.parent)


def _sync_names(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _saying(place: Path) -> Iterator[None]:
    with speaking(_file_url(place)):
        yield


def _file_url(place: Path) -> URL:
    return URL.create("sqlite", database=str(place))


def _stem(url: URL) -> str:
    file = urls.file_of(url)
    if file is not None:
        return file.stem
    name = f"{url.host or 'localhost'}-{url.port or 5432}-{url.database or url.username}"
    return re.sub(r"[^\w.-]", "_", name)


def _numbered(folder: Path, stem: str) -> dict[int, list[Path]]:
    pattern = re.compile(re.escape(stem) + r"-(\d{5,})-[a-z]+\.db")
    found: dict[int, list[Path]] = {}
    for file in folder.glob("*.db"):
        match = pattern.fullmatch(file.name)
        if match:
            found.setdefault(int(match[1]), []).append(file)
    return found

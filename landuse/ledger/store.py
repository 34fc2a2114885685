"""Opening the ledger; its readers and its one writer at a time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from landuse.errors import InternalError, UserError
from landuse.issues import Issue, IssueLog
from landuse.ledger import filesystems, migrating, readonly, urls
from landuse.ledger.engines import WRITER, make_engine, make_reader
from landuse.ledger.faults import is_passing, speaking

__all__ = ["Ledger", "open_ledger"]

T = TypeVar("T")
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
_WAIT_SECONDS: Final = 30.0
_UNWRITABLE: Final = {
    "ledger.read_only": "ledger.read_only",
    "ledger.cannot_open_file": "ledger.read_only",
    "ledger.disk_full": "ledger.disk_full",
}
"""Why a ledger did not open → why it cannot be written, if it can be read all the same."""


@dataclass(frozen=True, repr=False)
class Ledger:
    """An open ledger. ``issues`` holds what the user should know about the place it is in;
    ``unwritable`` is the message with which every writer is refused, ``""`` where none is."""

    engine: Engine
    url: URL
    backups: Path
    issues: IssueLog = field(default_factory=IssueLog)
    unwritable: str = ""
    wait_seconds: float = _WAIT_SECONDS
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _writing: threading.local = field(default_factory=threading.local)

    def __repr__(self) -> str:
        return f"Ledger({self.shown!r})"

    @property
    def shown(self) -> str:
        """Its place in words, without a password."""
        return urls.shown(self.url)

    @property
    def file(self) -> Path | None:
        """Its file; ``None`` on a server."""
        return urls.file_of(self.url)

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the ledger and cannot write."""
        with speaking(self.url), contextlib.ExitStack() as stack:
            if self.unwritable and self.file is not None:
                stack.enter_context(readonly.undisturbed(self.file))
            yield stack.enter_context(Session(self.engine, expire_on_commit=False))

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction, alone among all writers; committed at the end of the block.

        Nothing of it stays if the block raises. Raises :class:`~landuse.errors.UserError` where
        another program holds the lock for too long, the disk is full, and so on.
        """
        with speaking(self.url), self._transaction() as session:
            yield session

    def transact(self, work: Callable[[Session], T]) -> T:
        """The result of ``work`` in a :meth:`write`, done again where a passing conflict broke it.

        ``work`` must not keep anything from a former try.
        """
        with speaking(self.url):
            for pause in _PAUSES:
                try:
                    with self._transaction() as session:
                        return work(session)
                except (DBAPIError, StaleDataError) as fault:
                    if not is_passing(fault):
                        raise
                    time.sleep(pause)
            with self._transaction() as session:
                return work(session)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Session]:
        if getattr(self._writing, "now", False):
            raise InternalError([Issue("ledger.nested_write")])
        if self.unwritable:
            raise UserError.of(self.unwritable, value=self.shown)
        # Threads of one process queue here: a database's own lock is not fair, and a writer that
        # waits for it holds a connection that readers need.
        if not self._turn.acquire(timeout=self.wait_seconds):
            raise UserError.of("ledger.locked", value=self.shown)
        self._writing.now = True
        writer = self.engine.execution_options(**{WRITER: True})
        try:
            with Session(writer, expire_on_commit=False) as session:
                session.connection()  # takes the lock before anything is read
                yield session
                session.flush()
                _commit(session)
        finally:
            self._writing.now = False
            self._turn.release()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()


def _commit(session: Session) -> None:
    """Commit; without WAL a reader can hold that up, and then only the commit is done again."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for pause in _PAUSES:
            try:
                connection.exec_driver_sql("COMMIT")
                break
            except DBAPIError as fault:
                if not is_passing(fault):
                    raise
                time.sleep(pause)
    session.commit()


def open_ledger(
    url: str | Path,
    *,
    create: bool = True,
    backups: Path | None = None,
    wait_seconds: float = _WAIT_SECONDS,
) -> Ledger:
    """The ledger at ``url`` (a path, ``sqlite:///...`` or ``postgresql://...``), at our version.

    Where its file cannot be written, or the disk is full, it is opened for reading only.
    An older version is migrated, after a backup into ``backups`` (default: ``backups`` beside the
    database file; for a server ``.landuse/backups`` in the user's home). With ``create=False`` a
    ledger that does not exist is an error. Raises :class:`~landuse.errors.UserError`.
    """
    parsed = urls.parse(url)
    file = urls.file_of(parsed)
    kept = backups or _backups(file)
    if file is None:
        server = Ledger(make_engine(parsed, wait_seconds), parsed, kept, wait_seconds=wait_seconds)
        return _opened(server, create=create)
    try:
        _check_file(file, create=create)
    except PermissionError:
        raise UserError.of("ledger.cannot_open_file", value=str(file)) from None

    def reader(why: str) -> Ledger:
        engine = make_reader(file, wait_seconds)
        return _opened(Ledger(engine, parsed, kept, unwritable=why), create=False)

    if file.exists() and not readonly.may_write(file):
        return reader("ledger.read_only")
    try:
        engine = make_engine(parsed, wait_seconds)
        ledger = Ledger(engine, parsed, kept, wait_seconds=wait_seconds)
        return _opened(ledger, create=create)
    except UserError as fault:
        code = fault.issues[0].code
        if code not in _UNWRITABLE or not file.exists():
            raise
        with contextlib.suppress(UserError):
            return reader(_UNWRITABLE[code])
        raise


def _opened(ledger: Ledger, *, create: bool) -> Ledger:
    try:
        with speaking(ledger.url):
            if ledger.unwritable:
                _look(ledger)
            else:
                _bring_up(ledger, create=create)
    except BaseException:
        ledger.close()
        raise
    return ledger


def _check_file(file: Path, *, create: bool) -> None:
    if file.is_dir():
        raise UserError.of("ledger.path_is_folder", value=str(file))
    if not file.exists():
        if not create:
            raise UserError.of("ledger.no_ledger", value=str(file))
        if not file.parent.is_dir():
            raise UserError.of("ledger.no_folder", value=str(file.parent))


def _backups(file: Path | None) -> Path:
    if file is not None:
        return file.parent / "backups"
    return Path.home() / ".landuse" / "backups"


def _journal(ledger: Ledger, file: Path) -> None:
    """WAL on local file systems; on the network the classic journal, and a warning."""
    kind = filesystems.network_type(file)
    if kind:
        ledger.issues.add("ledger.network_file_system", value=str(file), kind=kind)
    connection = ledger.engine.raw_connection()
    try:
        connection.cursor().execute(f"PRAGMA journal_mode = {'DELETE' if kind else 'WAL'}")
    finally:
        connection.close()


def _look(ledger: Ledger) -> None:
    """A ledger that cannot be written can be read only at our version."""
    with ledger.engine.connect() as connection:
        current = migrating.current_version(connection)
        if current is None:
            migrating.refuse_others(connection, ledger.url)
            raise UserError.of("ledger.no_ledger", value=ledger.shown)
    if current == migrating.newest_version():
        return
    code = "read_only_old" if current in migrating.versions() else "newer_version"
    raise UserError.of(f"ledger.{code}", value=ledger.shown, version=current)


def _bring_up(ledger: Ledger, *, create: bool) -> None:
    with ledger.engine.connect() as connection:
        current = migrating.current_version(connection)
        if current is None:
            migrating.refuse_others(connection, ledger.url)
    if current is None and not create:
        raise UserError.of("ledger.no_ledger", value=ledger.shown)
    if ledger.file is not None:
        _journal(ledger, ledger.file)
    if current == migrating.newest_version():
        return
    if current in migrating.versions():
        from landuse.ledger.backup import safety_backup

        safety_backup(ledger, "migration")
    migrating.upgrade(ledger.engine, ledger.url)

"""A ledger in a place where nothing can be written: how it is read all the same.

In WAL mode SQLite writes beside the file even to read it. Where that is not allowed the file is
opened as one that nobody changes, and every reading proves afterwards that nobody did.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from landuse.errors import UserError

__all__ = ["connect", "may_write", "undisturbed"]

_HEAD: Final = 20
_WAL_VERSION: Final = 2  # byte 19 of the header: https://www.sqlite.org/fileformat.html, 1.3


def may_write(file: Path) -> bool:
    """Whether the system says that ``file`` and its folder can be written.

    Windows says so of folders that it then refuses to write in; only trying shows that.
    """
    effective = os.access in os.supports_effective_ids
    return all(os.access(place, os.W_OK, effective_ids=effective) for place in (file, file.parent))


def connect(file: Path, wait_seconds: float) -> sqlite3.Connection:
    """A connection that cannot write and leaves no trace beside the file.

    Raises :class:`~landuse.errors.UserError` where the file may not be read, or where a program
    died while it wrote here: what it had saved is beside the file, and only a writer can bring it
    in.
    """
    try:
        how = "mode=ro" if _guarded(file) else "immutable=1"
    except PermissionError:
        raise UserError.of("ledger.cannot_open_file", value=str(file)) from None
    if how == "immutable=1" and _size(file, "-wal"):
        raise UserError.of("ledger.read_only_unfinished", value=str(file))
    uri = f"{file.as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, timeout=wait_seconds, isolation_level=None)


@contextlib.contextmanager
def undisturbed(file: Path) -> Iterator[None]:
    """Refuse what was read inside the block if somebody wrote meanwhile where no lock tells."""
    before = None if _guarded(file) else _stamp(file)
    yield
    if before is not None and _stamp(file) != before:
        raise UserError.of("ledger.changed_while_read", value=str(file))


def _guarded(file: Path) -> bool:
    """Whether SQLite's locks work for a reader who cannot write: they are in the file itself, or
    in the ``-shm`` file of a writer whose ``-wal`` is in use."""
    with file.open("rb") as handle:
        head = handle.read(_HEAD)
    in_wal_mode = len(head) == _HEAD and head[-1] == _WAL_VERSION
    return not in_wal_mode or (bool(_size(file, "-wal")) and _size(file, "-shm") is not None)


def _size(file: Path, ending: str) -> int | None:
    try:
        return file.with_name(file.name + ending).stat().st_size
    except FileNotFoundError:
        return None


def _stamp(file: Path) -> tuple[int, int, int]:
    said = file.stat()
    return said.st_size, said.st_mtime_ns, _size(file, "-wal") or 0

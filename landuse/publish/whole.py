"""One file outside a run folder, written whole or not at all, never over somebody's work."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from landuse.errors import UserError
from landuse.publish.folder import user_errors
from landuse.publish.swap import sync_file, sync_folder

__all__ = ["whole_file"]


@contextlib.contextmanager
def whole_file(path: Path, *, over: bool = False) -> Iterator[Path]:
    """Give a name to write to; at the end of the block that file takes the name ``path``.

    If the block raises, nothing is at ``path`` that was not there before. Raises
    :class:`landuse.errors.UserError` where the file exists (unless ``over``), is open in another
    program, or cannot be written.
    """
    with user_errors(path):
        if path.is_dir():
            raise UserError.of("ledger_book.path_is_folder", value=str(path))
        if not path.parent.is_dir():
            raise UserError.of("ledger_book.no_folder", value=str(path.parent))
        if path.exists() and not over:
            raise UserError.of("ledger_book.file_exists", value=str(path))
        _not_open(path)
        part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
        try:
            yield part
            sync_file(part)
            if not over and path.exists():  # somebody was quicker
                raise UserError.of("ledger_book.file_exists", value=str(path))
            part.replace(path)
            sync_folder(path.parent)
        finally:
            for ending in ("", "-journal", "-wal", "-shm"):
                part.with_name(part.name + ending).unlink(missing_ok=True)


def _not_open(path: Path) -> None:
    """Lock files that Excel, WPS and LibreOffice put beside a workbook they have open."""
    for lock in (f"~${path.name}", f".~lock.{path.name}#"):
        if path.with_name(lock).exists():
            raise UserError.of("publish.file_open", value=str(path))

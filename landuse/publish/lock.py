"""One writer at a time for one output folder, by a lock that dies with its process."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["BusyError", "hold"]

_HELD: Final = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})


class BusyError(Exception):
    """Another process holds the lock."""


@contextlib.contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` for the time of the block; it is gone afterwards.

    Raises :class:`BusyError`, or ``OSError`` where the file cannot be made. On file systems without
    locks (some network shares) the block runs without one.
    """
    handle = _open_locked(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if os.name != "nt":  # while it is held: nobody can have it open as theirs
                path.unlink()
        os.close(handle)
        with contextlib.suppress(OSError):
            if os.name == "nt":
                path.unlink()


def _open_locked(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(handle)
        except OSError as fault:
            os.close(handle)
            if fault.errno in _HELD:
                raise BusyError from fault
            raise
        # the former holder may have removed the file between our open and our lock
        with contextlib.suppress(FileNotFoundError):
            if os.name == "nt" or os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        os.close(handle)


def _lock(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        if fault.errno not in {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS}:
            raise

"""Putting a new folder in the place of an old one: whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Final

__all__ = ["exchange", "rename_new", "sync_file", "sync_folder"]

_AT_FDCWD: Final = -100
_EXCHANGE: Final = 2
_UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def exchange(one: Path, two: Path) -> bool:
    """Swap the names of two folders in one step; ``False`` where the system cannot.

    Linux with a file system that knows ``RENAME_EXCHANGE`` (ext4, xfs, btrfs, tmpfs, overlayfs).
    Raises ``OSError`` for every other failure; nothing has changed then.
    """
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:  # an old C library
        return False
    done = call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(two), ctypes.c_uint(_EXCHANGE))
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(two))


def rename_new(source: Path, target: Path) -> None:
    """Rename to a name that must be free (a free name is not overwritten by this)."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def sync_file(path: Path) -> None:
    """Make sure that the content of a file is on the disk."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def sync_folder(path: Path) -> None:
    """Make sure that the names in a folder are on the disk (nothing to do on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

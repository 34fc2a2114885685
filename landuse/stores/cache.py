"""Copies of objects on this machine: bounded, of one process, gone with it.

The copies that were used last are kept. Those of a process that was killed go when another one
makes its first.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final
from uuid import uuid4

__all__ = ["Cache", "cache_of", "drop_copies"]

ROOM: Final = 4 << 30
"""Bytes of copies that a process keeps of one address, besides the last one."""


class Cache:
    """Copies below a folder, by the key of their object."""

    def __init__(self, folder: Path, room: int = ROOM) -> None:
        self.folder, self._room = folder, room
        self._kept: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def path(self, key: str) -> Path:
        """Where the copy lies, if there is one."""
        return self.folder / "objects" / key

    def get(self, key: str) -> Path | None:
        """The copy, which counts as used; ``None`` where there is none."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
        return self.path(key)

    @contextlib.contextmanager
    def making(self, key: str) -> Iterator[Path]:
        """A path to write a copy to; it is kept when the block ends."""
        part = self.new()
        try:
            yield part
            self.keep(key, part)
        finally:
            part.unlink(missing_ok=True)

    def new(self) -> Path:
        """A path that nobody else has, beside the copies: dropping these leaves it alone."""
        beside = self.folder.with_name(f"{self.folder.name}.new")
        beside.mkdir(parents=True, exist_ok=True)
        return beside / uuid4().hex

    def keep(self, key: str, part: Path) -> None:
        """Take ``part`` as the copy of ``key``; the copies used longest ago make room."""
        target, size = self.path(key), part.stat().st_size
        with self._lock:
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
            self._kept[key] = size
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(self._kept.values()) > self._room:
                old, _ = self._kept.popitem(last=False)
                with contextlib.suppress(OSError):
                    self.path(old).unlink()

    def drop(self, key: str = "") -> None:
        """Remove the copies below ``key``."""
        with self._lock:
            for one in [one for one in self._kept if not key or one.startswith(f"{key}/")]:
                del self._kept[one]
            shutil.rmtree(self.path(key) if key else self.folder, ignore_errors=True)


_CACHES: Final[dict[str, Cache]] = {}
_GUARD: Final = threading.Lock()


def cache_of(url: str) -> Cache:
    """The copies of this process of what lies below ``url``."""
    with _GUARD:
        if url not in _CACHES:
            _CACHES[url] = Cache(Path(_folder().name) / uuid4().hex)
        return _CACHES[url]


def drop_copies(url: str, key: str = "") -> None:
    """Remove the copies that this process has of what lies below ``url``, or ``key`` there; what
    is being copied meanwhile, and what others copied from elsewhere, stays."""
    with _GUARD:
        found = _CACHES.get(url)
    if found is not None:
        found.drop(key)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """The folder of this process; a worker of dask has it where its own files are, which dask
    removes after it, however it ended."""
    base = None
    if "distributed" in sys.modules:
        with contextlib.suppress(Exception):  # this is no worker
            base = str(sys.modules["distributed"].get_worker().local_directory)
    prefix = _prefix()
    _sweep(Path(base or tempfile.gettempdir()), prefix)
    return tempfile.TemporaryDirectory(
        prefix=f"{prefix}{os.getpid()}-", dir=base, ignore_cleanup_errors=True
    )


def _prefix() -> str:
    """The start of names of processes of this machine, or of this container of it."""
    space = ""
    with contextlib.suppress(OSError):
        space = "".join(filter(str.isdigit, str(Path("/proc/self/ns/pid").readlink())))
    return f"landuse-copies-{socket.gethostname()}-{space}-"


def _sweep(base: Path, prefix: str) -> None:
    """Remove what processes left in ``base`` that were killed."""
    if os.name != "posix":  # elsewhere asking for a process may end it
        return
    for left in base.glob(f"{glob.escape(prefix)}*"):
        process = left.name.removeprefix(prefix).partition("-")[0]
        if process.isdigit() and not _lives(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True

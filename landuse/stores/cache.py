"""Copies of objects on this machine: bounded, of one process, gone with it.

The copies that were used last are kept.
"""

from __future__ import annotations

import contextlib
import shutil
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
        """A path in the folder that nobody else has."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / uuid4().hex

    def keep(self, key: str, part: Path) -> None:
        """Take ``part`` as the copy of ``key``; the copies used longest ago make room."""
        target, size = self.path(key), part.stat().st_size
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
        with self._lock:
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


def drop_copies() -> None:
    """Remove every copy that this process has."""
    with _GUARD:
        _CACHES.clear()
        for one in Path(_folder().name).iterdir():
            shutil.rmtree(one, ignore_errors=True)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """The folder of this process; a worker of dask has it where its own files are, which dask
    removes after it, however it ended."""
    base = None
    if "distributed" in sys.modules:
        with contextlib.suppress(Exception):  # this is no worker
            base = str(sys.modules["distributed"].get_worker().local_directory)
    return tempfile.TemporaryDirectory(
        prefix="landuse-copies-", dir=base, ignore_cleanup_errors=True
    )

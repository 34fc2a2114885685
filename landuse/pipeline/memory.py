"""Memory that a batch gives back is kept for what it asks for next.

A large batch asks for some forty columns of ten to a hundred megabytes after one another. Taken
from the system each time, their pages are wiped each time: a sixth of all its work. Nor are its
objects looked through for rings that nobody uses: a million shapes are none, and to look at them
is a fiftieth of all its work.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

__all__ = ["kept_for_reuse"]

_TRIM_THRESHOLD: Final = -1
_TOP_PAD: Final = -2
_MMAP_THRESHOLD: Final = -3
_MMAP_MAX: Final = -4
_ARENA_MAX: Final = -8
"""Names of what ``mallopt`` of glibc sets (malloc.h)."""
_MEGABYTE: Final = 1 << 20
_KEPT: Final = {_TRIM_THRESHOLD: -1, _TOP_PAD: 64 * _MEGABYTE, _MMAP_MAX: 0, _ARENA_MAX: 1}
"""One heap, which nothing is returned from and all is taken from, large or small."""
_ORDINARY: Final = {
    _TRIM_THRESHOLD: 64 * _MEGABYTE,
    _TOP_PAD: _MEGABYTE // 8,
    _MMAP_THRESHOLD: 32 * _MEGABYTE,
    _MMAP_MAX: 65536,
    _ARENA_MAX: 0,
}
"""What glibc comes to by itself in a process that has had large blocks."""
_LOCK: Final = threading.Lock()
_POOLS: Final[list[pa.MemoryPool]] = []
"""The pool that each block of now found; the first one found that of before."""
_LOOKING: Final[list[bool]] = []
"""Whether each block of now found the search for unused rings at work."""


@contextlib.contextmanager
def kept_for_reuse() -> Iterator[None]:
    """Within the block memory is kept, at its end what is free goes back to the system.

    Of blocks that overlap, in several threads, the last one to end gives it back. The memory only
    where the C library is glibc.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    with _no_search():
        if library is None or not hasattr(library, "mallopt"):  # another C library
            yield
            return
        _enter(library)
        try:
            yield
        finally:
            _leave(library)


@contextlib.contextmanager
def _no_search() -> Iterator[None]:
    """Python looks for no unused rings of objects until the last of such blocks ends."""
    with _LOCK:
        _LOOKING.append(gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _LOCK:
            before = _LOOKING.pop()
            if before and not _LOOKING:
                gc.enable()


def _enter(library: ctypes.CDLL) -> None:
    import pyarrow as pa

    with _LOCK:
        if not _POOLS:
            _set(library, _KEPT)
        _POOLS.append(pa.default_memory_pool())
        pa.set_memory_pool(pa.system_memory_pool())


def _leave(library: ctypes.CDLL) -> None:
    import pyarrow as pa

    with _LOCK:
        before = _POOLS.pop()
        if not _POOLS:
            pa.set_memory_pool(before)
            _set(library, _ORDINARY)
            library.malloc_trim(0)


def _set(library: ctypes.CDLL, values: dict[int, int]) -> None:
    for name, value in values.items():
        library.mallopt(name, value)

"""A file in an object store, read by range: what the store answers meanwhile comes in words."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Ranges"]


class Ranges(io.RawIOBase):
    """``file`` of fsspec, to be read; ``answering`` is a block that holds each call of its store.

    Only these calls are in such blocks: what a reader makes of the bytes is none of the store.
    """

    def __init__(
        self, file: BinaryIO, answering: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._file, self._answering = file, answering

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next ``size`` bytes, or all that follow."""
        with self._answering():
            return self._file.read(size)

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill ``buffer`` as far as there are bytes."""
        room = memoryview(buffer).cast("B")
        found = self.read(len(room))
        room[: len(found)] = found
        return len(found)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on from there; nothing is fetched yet."""
        with self._answering():
            return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._file.tell()

    def close(self) -> None:
        """Let the object go."""
        self._file.close()
        super().close()

"""A file or folder in an object store, for code that was written for paths.

It can be opened by any library that takes an :class:`os.PathLike`: the object is then fetched into
a copy on this machine. What reads little of a big object opens it by range (:meth:`Stored.open`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, cast

from landuse.errors import UserError
from landuse.stores.address import in_words, open_store, shown, told
from landuse.stores.cache import Cache, cache_of
from landuse.stores.ranges import Ranges

if TYPE_CHECKING:
    from typing import Self

__all__ = ["MARK", "Place", "Stored", "local"]

MARK: Final = "told.json"
"""The object of a folder that is written last: without it the folder is not there."""
_AHEAD: Final = 1 << 14
"""Bytes asked at once where few are needed."""


class Place(Protocol):
    """As much of a path as rooms need that read files: a path of a disk, or :class:`Stored`.

    Whatever takes an :class:`os.PathLike` can read it. Nothing is written by one.
    """

    def __fspath__(self) -> str:
        """A file of this machine with the content."""

    def __truediv__(self, name: str) -> Self:
        """What is called ``name`` in this folder."""

    @property
    def name(self) -> str:
        """The last part of its name."""

    @property
    def suffix(self) -> str:
        """The ending of its name, with the dot."""

    def is_file(self) -> bool:
        """Whether the file is there."""

    def is_dir(self) -> bool:
        """Whether the folder is there."""

    def read_text(self, encoding: str) -> str:
        """The content of a small file."""


@dataclass(frozen=True, order=True)
class Stored:
    """The place ``key`` below the address ``url``; it travels between machines as these texts."""

    url: str
    key: str = ""
    version: str = ""
    """Tells an object that may be replaced from the one that replaces it."""

    def __truediv__(self, name: str) -> Stored:
        return Stored(self.url, f"{self.key}/{name}" if self.key else name, self.version)

    def __str__(self) -> str:
        return "/".join(filter(None, (shown(self.url).rstrip("/"), self.key)))

    def __fspath__(self) -> str:
        return os.fspath(self.fetched())

    @property
    def name(self) -> str:
        """The last part of the name."""
        return str(self).rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The ending of the name, with its dot."""
        return PurePosixPath(self.name).suffix

    @property
    def _store(self) -> Any:  # noqa: ANN401 - a file system of fsspec
        return open_store(self.url)[0]

    @property
    def _path(self) -> str:
        root = open_store(self.url)[1]
        return f"{root}/{self.key}" if self.key else root

    @property
    def identity(self) -> tuple[Any, str]:
        """The same for one object under two addresses (``s3://``, ``s3a://``)."""
        return self._store, self._path.strip("/")

    @property
    def _copy(self) -> str:
        """The name of the copy."""
        return f"{self.version}/{self.key}" if self.version else self.key

    @property
    def _copies(self) -> Cache:
        return cache_of(self.url)

    def is_file(self) -> bool:
        """Whether the object is there: the store is asked each time."""
        with in_words(self.url):
            return bool(self._store.isfile(self._path))

    def is_dir(self) -> bool:
        """Whether a folder is there and whole."""
        return (self / MARK).is_file()

    def size(self) -> int:
        """Bytes of the object."""
        with self._answering():
            return int(self._store.size(self._path))

    def read_bytes(self) -> bytes:
        """The content as it is now; ``FileNotFoundError`` where there is none."""
        with self._answering():
            return cast(bytes, self._store.cat_file(self._path))

    def read_text(self, encoding: str = "utf-8") -> str:
        """The content as text, as it is now."""
        return self.read_bytes().decode(encoding)

    @contextlib.contextmanager
    def reading(self, ahead: int = _AHEAD) -> Iterator[Any]:
        """The object as a binary file of which only what is read is fetched, ``ahead`` bytes more
        at a time; from the copy on this machine where there is one."""
        with self._opened_copy() or self._opened(ahead) as file:
            yield file

    def _opened_copy(self) -> BinaryIO | None:
        copy = self._copies.get(self._copy)
        if copy is not None:
            with contextlib.suppress(FileNotFoundError):  # it has just made room for another
                return copy.open("rb")
        return None

    def _opened(self, ahead: int) -> Ranges:
        with self._answering():
            file = self._store.open(self._path, "rb", block_size=ahead, cache_type="readahead")
        return Ranges(file, self._answering)

    @contextlib.contextmanager
    def _answering(self, disk: Path | None = None) -> Iterator[None]:
        """What the store answers in words; so, too, that an input has gone since it was found."""
        try:
            with in_words(self.url, disk):
                yield
        except FileNotFoundError as fault:
            if not self.version:
                raise
            raise UserError.of("stores.gone", value=str(self)) from fault

    def read_range(self, start: int, many: int) -> bytes:
        """Some bytes of the object; from the copy on this machine where there is one."""
        copy = self._opened_copy()
        if copy is not None:
            with copy:
                copy.seek(start)
                return copy.read(many)
        with self._answering():
            return cast(bytes, self._store.cat_file(self._path, start=start, end=start + many))

    def fetched(self) -> os.PathLike[str]:
        """The copy on this machine; the object is fetched where there is none."""
        found = self._copies.get(self._copy)
        if found is not None:
            return found
        with self._copies.making(self._copy) as part:
            self.fetch(part)
        return self._copies.path(self._copy)

    def fetch(self, path: Path) -> None:
        """Write the object, as it is now, to ``path`` on this machine."""
        with self._answering(path.parent):
            self._store.get_file(self._path, str(path))

    def names(self) -> list[str]:
        """The objects of a folder and of its folders, seen from here, sorted; none: nothing."""
        with in_words(self.url):
            try:
                found = self._store.find(self._path)
            except FileNotFoundError:
                return []
        start = self._path.strip("/") + "/"
        return sorted(
            name.removeprefix(start)
            for name in (str(one).strip("/") for one in found)
            if name.startswith(start)
        )

    def create(self, content: bytes) -> bool:
        """Write the object if there is none, in one step; whether it was written."""
        try:
            with in_words(self.url):
                self._store.pipe_file(self._path, content, mode="create")
        except FileExistsError:
            return False
        except FileNotFoundError as fault:
            raise self._no_bucket(fault) from fault
        return True

    def write_bytes(self, content: bytes) -> None:
        """Write the object, whole or not at all."""
        try:
            with in_words(self.url):
                self._store.pipe_file(self._path, content)
        except FileNotFoundError as fault:
            raise self._no_bucket(fault) from fault

    def send(self, paths: Sequence[os.PathLike[str]], names: Sequence[str]) -> None:
        """Write files of this machine under ``names`` in this folder, several at a time."""
        if not paths:
            return
        try:
            with in_words(self.url):
                self._store.put(
                    [os.fspath(path) for path in paths], [f"{self._path}/{one}" for one in names]
                )
        except FileNotFoundError as fault:
            raise self._no_bucket(fault) from fault

    @contextlib.contextmanager
    def filling(self) -> Iterator[Path]:
        """A folder to fill on this machine; when the block ends it is sent, :data:`MARK` last.

        If the block raises or the process dies, this folder is not there (:meth:`is_dir`).
        """
        folder = self._copies.new()
        folder.mkdir()
        try:
            yield folder
            found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
            files = {name: path for name, path in sorted(found.items()) if path.is_file()}
            mark = files.pop(MARK).read_bytes()
            self.send(list(files.values()), list(files))
            (self / MARK).write_bytes(mark)
            for name, path in files.items():
                self._copies.keep(f"{self._copy}/{name}", path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def unlink(self) -> None:
        """Remove the object; where it is not there, nothing."""
        with in_words(self.url), contextlib.suppress(FileNotFoundError):
            self._store.rm_file(self._path)

    def remove(self, first: str) -> None:
        """Remove this folder with everything in it, what is called ``first`` before the rest."""
        marks = [name for name in self.names() if name.rpartition("/")[2] == first]
        self._copies.drop(self._copy)
        with in_words(self.url), contextlib.suppress(FileNotFoundError):
            if marks:
                self._store.rm([f"{self._path}/{name}" for name in marks])
            self._store.rm(self._path, recursive=True)

    def _no_bucket(self, fault: FileNotFoundError) -> UserError:
        return UserError.of("stores.no_bucket", value=shown(self.url), detail=told(fault))


def local(place: Place) -> Path:
    """A file of this machine with the content of ``place``: that itself, or its copy."""
    return place if isinstance(place, Path) else Path(os.fspath(place))

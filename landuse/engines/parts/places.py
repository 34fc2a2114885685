"""Where the parts of a run lie: a folder of a disk, or an object store (:mod:`landuse.stores`).

A part is there whole or not at all. On a disk it is filled beside its place and renamed into it. A
store has no rename: a part is filled on this machine and sent, and what it told (``told.json``)
goes last; without that the part is not there, whatever else is, and is done again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from landuse.publish.folder import user_errors
from landuse.stores import Stored, is_url
from landuse.stores.place import MARK

if TYPE_CHECKING:
    from typing import Self

__all__ = ["MARK", "Place", "filled", "names_in", "place_of", "remove"]


class Place(Protocol):
    """As much of a path as stages need of what lies in the folder of work.

    Whatever takes an :class:`os.PathLike` can read it; a folder is there when it is whole.
    """

    def __fspath__(self) -> str:
        """A file of this machine with the content."""

    def __truediv__(self, name: str) -> Self:
        """What is called ``name`` in this folder."""

    @property
    def name(self) -> str:
        """The last part of its name."""

    def is_file(self) -> bool:
        """Whether the file is there."""

    def is_dir(self) -> bool:
        """Whether the folder is there."""

    def read_text(self, encoding: str) -> str:
        """The content of a small file."""


def place_of(work: Path | str) -> Path | Stored:
    """The place that the user means: an address of a store, or a folder."""
    text = str(work)
    return Stored(text.rstrip("/")) if is_url(text) else Path(work).resolve()


@contextlib.contextmanager
def filled(target: Place, work: Place) -> Iterator[Path]:
    """A folder to fill on this machine; when the block ends, it is ``target``.

    If the block raises or the process dies, ``target`` is not there. Two workers that do the same
    part at once write the same bytes. Raises :class:`landuse.errors.UserError` for what the disk
    or store of ``work`` answers.
    """
    if isinstance(target, Stored):
        with target.filling() as folder, user_errors(folder):
            yield folder
        return
    with user_errors(Path(work)), _renamed(Path(target)) as folder:
        yield folder


@contextlib.contextmanager
def _renamed(target: Path) -> Iterator[Path]:
    """A folder that takes the name ``target`` by one rename; the first rename stands."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.{uuid4().hex[:8]}")
    part.mkdir()
    try:
        yield part
        with contextlib.suppress(OSError):
            part.rename(target)
        if not target.is_dir():
            part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def names_in(folder: Place) -> list[str]:
    """The files of a folder and of its folders, seen from there, sorted; none of parts that are
    being filled."""
    if isinstance(folder, Stored):
        return folder.names()
    place = Path(folder)
    found = (path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    return sorted(name for name in found if not name.startswith("."))


def remove(folder: Place) -> None:
    """Remove a folder with everything in it; no part of it is there half at any moment."""
    if isinstance(folder, Stored):
        folder.remove(MARK)
    else:
        shutil.rmtree(folder, ignore_errors=True)

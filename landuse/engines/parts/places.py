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
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa

from landuse.engines.parts.lease import still_held
from landuse.publish.folder import user_errors
from landuse.stores import MARK, Stored, is_url, one_place

if TYPE_CHECKING:
    from landuse.stores import Place

__all__ = ["MARK", "filled", "opened", "place_of", "remove"]


def place_of(work: Path | str) -> Path | Stored:
    """The place that the user means: an address of a store, or a folder.

    Raises :class:`landuse.errors.UserError` where the address holds keys, or a wildcard.
    """
    text = str(work)
    return Stored(one_place(text).rstrip("/")) if is_url(text) else Path(work).resolve()


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
            still_held(target)
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


@contextlib.contextmanager
def opened(place: Place) -> Iterator[pa.NativeFile]:
    """A file for readers of Arrow; of one in a store nothing is fetched but what is read, since
    others read the rest."""
    if isinstance(place, Stored):
        with place.reading() as remote, pa.PythonFile(remote, "r") as file:
            yield file
    else:
        with pa.OSFile(os.fspath(place), "rb") as file:
            yield file


def remove(folder: Place) -> None:
    """Remove a folder with everything in it; no part of it is there half at any moment."""
    if isinstance(folder, Stored):
        still_held(folder)
        folder.remove(MARK)
    else:
        shutil.rmtree(folder, ignore_errors=True)

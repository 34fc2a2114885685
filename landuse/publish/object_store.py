"""A run folder on an object store and back (fsspec: ``s3://``, ``oss://``, ``abfs://`` …).

A store has no rename, so the manifest goes last, in one piece: as long as ``run.json`` is not
there, there is no run, whatever else lies beside it. A run that is there is never changed; one
that was cut off is sent again. Names of files come from the manifest and are checked before they
are used.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from landuse.errors import UserError
from landuse.publish.folder import digest, replacing
from landuse.publish.manifest import MANIFEST
from landuse.publish.reader import open_run
from landuse.stores.address import in_words, open_store

if TYPE_CHECKING:
    from landuse.publish.reader import RunFolder

__all__ = ["get_run", "put_run"]

_NAME: Final = re.compile(r"[\w-][\w.-]*|[\w-]+/part-[0-9]{5,}\.parquet")


class _Place(NamedTuple):
    """A place on a store; ``store`` is a file system of fsspec."""

    store: Any
    root: str

    def of(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes | None:
        """The content of an object; ``None`` where there is none."""
        try:
            content: bytes = self.store.cat_file(self.of(name))
        except FileNotFoundError:
            return None
        return content

    def names(self) -> set[str]:
        """The objects that lie there."""
        root = self.root.strip("/")
        found = self.store.find(self.root) if self.store.exists(self.root) else []
        return {str(one).strip("/").removeprefix(root).strip("/") for one in found}


def put_run(run: RunFolder, url: str) -> int:
    """Send the files of ``run`` to ``url``, its manifest last; how many bytes were sent.

    Nothing is sent where this very run lies there. Raises :class:`landuse.errors.UserError` where
    something else does, a file is not as the run wrote it, or the store cannot be used.
    """
    files = _files(run.manifest, str(run.path))
    whole = (run.path / MANIFEST).read_bytes()
    with _place(url) as place:
        there = place.read(MANIFEST)
        if there == whole:
            return 0
        if there is not None or place.names() - set(files):
            raise UserError.of("export.place_taken", value=url)
        for name, written in files.items():
            if digest(run.path / name) != written.get("sha256"):
                raise UserError.of("publish.folder_changed", value=str(run.path), names=name)
            place.store.makedirs(place.of(name).rpartition("/")[0], exist_ok=True)
            place.store.put_file(str(run.path / name), place.of(name))
        place.store.pipe_file(place.of(MANIFEST), whole)
    return len(whole) + sum(int(one["bytes"]) for one in files.values())


def get_run(url: str, folder: Path) -> int:
    """Bring the run at ``url`` into ``folder``, whole or not at all; its bytes.

    Raises :class:`landuse.errors.UserError` where no run lies there, a file differs from the
    manifest, ``folder`` may not be replaced, or the store cannot be used.
    """
    with _place(url) as place:
        content = place.read(MANIFEST)
        manifest = _manifest(content, url)
        files = _files(manifest, url)
        with replacing(folder) as new:
            for name, written in files.items():
                (new / name).parent.mkdir(exist_ok=True)
                place.store.get_file(place.of(name), str(new / name))
                if digest(new / name) != written.get("sha256"):
                    raise UserError.of("export.object_changed", value=url, names=name)
            (new / MANIFEST).write_bytes(content or b"")
            open_run(new)
    return sum(int(one["bytes"]) for one in files.values())


def _manifest(content: bytes | None, url: str) -> dict[str, Any]:
    try:
        manifest = json.loads(content or b"")
    except (ValueError, RecursionError) as fault:
        raise UserError.of("publish.not_a_run", value=url) from fault
    if not isinstance(manifest, dict):
        raise UserError.of("publish.not_a_run", value=url)
    return manifest


def _files(manifest: dict[str, Any], where: str) -> dict[str, dict[str, Any]]:
    """The files that a manifest lists, if their names stay in their folder."""
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(
        _NAME.fullmatch(name) and isinstance(one, dict) and isinstance(one.get("bytes"), int)
        for name, one in files.items()
    ):
        raise UserError.of("publish.not_a_run", value=where)
    return files


@contextlib.contextmanager
def _place(url: str) -> Iterator[_Place]:
    """The place on its store; what the store answers in words."""
    store, root = open_store(url)
    try:
        with in_words(url):
            yield _Place(store, root)
    except FileNotFoundError as fault:
        raise UserError.of("stores.no_bucket", value=url, detail=str(fault)[:200]) from fault

"""A run folder on an object store and back (fsspec: ``s3://``, ``oss://``, ``abfs://`` …).

A store has no rename, so the manifest goes last, in one piece: as long as ``run.json`` is not
there, there is no run, whatever else lies beside it. A run that is there is never changed; one
that was cut off is sent again. Names of files come from the manifest and are checked before they
are used.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.publish.folder import digest, replacing
from landuse.publish.manifest import MANIFEST
from landuse.publish.reader import open_run
from landuse.stores import Stored, one_place

if TYPE_CHECKING:
    from landuse.publish.reader import RunFolder

__all__ = ["get_run", "put_run"]

_NAME: Final = re.compile(r"[\w-][\w.-]*|[\w-]+/part-[0-9]{5,}\.parquet")


def put_run(run: RunFolder, url: str) -> int:
    """Send the files of ``run`` to ``url``, its manifest last; how many bytes were sent.

    Nothing is sent where this very run lies there. Raises :class:`landuse.errors.UserError` where
    something else does, a file is not as the run wrote it, or the store cannot be used.
    """
    files = _files(run.manifest, str(run.path))
    whole = (run.path / MANIFEST).read_bytes()
    place = Stored(one_place(url))
    there = _content(place / MANIFEST)
    if there == whole:
        return 0
    if there or set(place.names()) - set(files):
        raise UserError.of("export.place_taken", value=url)
    for name, written in files.items():
        if digest(run.path / name) != written.get("sha256"):
            raise UserError.of("publish.folder_changed", value=str(run.path), names=name)
        place.send([run.path / name], [name])
    (place / MANIFEST).write_bytes(whole)
    return len(whole) + sum(int(one["bytes"]) for one in files.values())


def get_run(url: str, folder: Path) -> int:
    """Bring the run at ``url`` into ``folder``, whole or not at all; its bytes.

    Raises :class:`landuse.errors.UserError` where no run lies there, a file differs from the
    manifest, ``folder`` may not be replaced, or the store cannot be used.
    """
    place = Stored(one_place(url))
    content = _content(place / MANIFEST)
    files = _files(_manifest(content, url), url)
    with replacing(folder) as new:
        for name, written in files.items():
            (new / name).parent.mkdir(exist_ok=True)
            try:
                (place / name).fetch(new / name)
            except FileNotFoundError as fault:
                raise UserError.of("stores.gone", value=str(place / name)) from fault
            if digest(new / name) != written.get("sha256"):
                raise UserError.of("export.object_changed", value=url, names=name)
        (new / MANIFEST).write_bytes(content)
        open_run(new)
    return sum(int(one["bytes"]) for one in files.values())


def _content(place: Stored) -> bytes:
    """The content of an object; nothing where there is none."""
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return b""


def _manifest(content: bytes, url: str) -> dict[str, Any]:
    try:
        manifest = json.loads(content)
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

"""Inputs that lie in an object store: which objects an address means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.stores.address import GLOB, HOSTS, in_words, open_store, refuse_secrets, told
from landuse.stores.place import Stored

__all__ = ["objects_of"]

_SUFFIXES: Final = (".parquet", ".geoparquet")
_SHOWN: Final = 5


def objects_of(written: str) -> list[Stored]:
    """The Parquet files that ``written`` means: one object, a pattern, or a folder of parts.

    Raises :class:`landuse.errors.UserError` where there is none, one is of another kind (those are
    brought to a disk first), or the folder has folders in it: what their names say (``year=2025``)
    is in no file.
    """
    refuse_secrets(written)
    where = written.rstrip("/")
    try:
        with in_words(where):
            listed = dict(_listed(where))
    except FileNotFoundError as fault:
        raise UserError.of("stores.no_bucket", value=where, detail=told(fault)) from fault
    folders = sorted(path for path, about in listed.items() if about["type"] == "directory")
    if folders and not GLOB.search(where):
        names = [path.rstrip("/").rpartition("/")[2] for path in folders]
        more = " …" if len(names) > _SHOWN else ""
        raise UserError.of(
            "stores.folders_inside", file=written, names=", ".join(names[:_SHOWN]) + more
        )
    found = [
        _place(where, path, about)
        for path, about in sorted(listed.items())
        if about["type"] == "file"
    ]
    if not found:
        raise UserError.of("project.nothing_fits", file=written, value=where.rpartition("/")[0])
    _refuse_kinds(found)
    return found


def _listed(where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What lies there and is no secret of whoever wrote it (``_SUCCESS``, ``.crc``)."""
    store, path = open_store(where)
    if GLOB.search(where):
        listed = store.glob(path, detail=True)
    else:
        listed = store.find(path, maxdepth=1, withdirs=True, detail=True)
        if isinstance(listed, list):  # of one object Azure's package gives the bare name
            listed = {name: store.info(name) for name in listed}
    for name, about in listed.items():
        is_mark = not about.get("size") and name.strip("/") == path.strip("/")
        if not is_mark and not name.rstrip("/").rpartition("/")[2].startswith((".", "_")):
            yield str(name), about


def _refuse_kinds(places: list[Stored]) -> None:
    log = IssueLog()
    for place in places:
        if place.suffix.lower() not in _SUFFIXES:
            log.add("stores.other_kind", file=str(place), value=place.suffix.lower() or place.name)
    if len(log):
        raise UserError(list(log))


def _place(where: str, path: str, about: dict[str, Any]) -> Stored:
    """An object below its bucket, with what tells it from a later one of this name."""
    protocol, _, rest = where.partition("://")
    bucket, _, key = path.strip("/").partition("/")
    authority = rest.partition("/")[0]
    if protocol.lower() in HOSTS:
        bucket, key = authority, path.strip("/")
    elif "@" in authority:  # a container and the account that has it
        bucket = authority
    return Stored(f"{protocol}://{bucket}", key, _version(about))


def _version(about: dict[str, Any]) -> str:
    """Of the content where the store tells it, else of its size and time; however it was listed."""
    names = {name.lower().replace("-", ""): name for name in about}
    known = [about[names[name]] for name in ("etag", "contentmd5", "md5hash") if name in names]
    if not known:
        times = ("lastmodified", "mtime", "modified", "modificationtime", "created", "updated")
        known = [about.get("size"), *(about[names[name]] for name in times if name in names)]
    return hashlib.sha256(repr([str(one) for one in known]).encode()).hexdigest()[:16]

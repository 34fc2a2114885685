"""Inputs that lie in an object store: which objects an address means."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.stores.address import in_words, open_store
from landuse.stores.place import Stored

__all__ = ["objects_of"]

_SUFFIXES: Final = (".parquet", ".geoparquet")
_GLOB: Final = re.compile(r"[*?\[]")


def objects_of(written: str) -> list[Stored]:
    """The Parquet files that ``written`` means: one object, a pattern, or a folder of parts.

    Raises :class:`landuse.errors.UserError` where there is none, or one is of another kind: those
    are brought to a disk first.
    """
    where = written.rstrip("/")
    if not _GLOB.search(where) and "." in where.rpartition("/")[2]:
        _refuse_kinds([where])
    try:
        with in_words(where):
            found = dict(_found(where))
    except FileNotFoundError as fault:
        raise UserError.of("stores.no_bucket", value=where, detail=str(fault)[:200]) from fault
    if not found:
        raise UserError.of("project.nothing_fits", file=written, value=where.rpartition("/")[0])
    _refuse_kinds(sorted(found))
    return [_place(where, path, found[path]) for path in sorted(found)]


def _found(where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    store, path = open_store(where)
    if _GLOB.search(where):
        found = store.glob(path, detail=True)
    else:
        found = store.find(path, maxdepth=1, detail=True)
    for name, told in found.items():
        if told["type"] == "file" and not name.rpartition("/")[2].startswith((".", "_")):
            yield str(name), told


def _refuse_kinds(names: list[str]) -> None:
    log = IssueLog()
    for name in names:
        suffix = "." + name.rpartition("/")[2].rpartition(".")[2].lower()
        if suffix not in _SUFFIXES:
            log.add("stores.other_kind", file=name, value=suffix)
    if len(log):
        raise UserError(list(log))


def _place(where: str, path: str, told: dict[str, Any]) -> Stored:
    """An object below its bucket, with what tells it from a later one of this name."""
    start = where.partition("://")[0]
    bucket, _, key = path.strip("/").partition("/")
    version = hashlib.sha256(repr(sorted(told.items(), key=str)).encode()).hexdigest()[:16]
    return Stored(f"{start}://{bucket}", key, version)

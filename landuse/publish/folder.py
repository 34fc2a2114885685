"""Replacing an output folder: what may be replaced, and how nothing is ever half written.

The new folder is built beside the target under a name of ours, synced to the disk, and swapped in
by one rename. A process killed at any moment leaves the old output or the new one under the
target's name; what it leaves beside it is removed by the next run.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from landuse.errors import UserError
from landuse.publish.lock import BusyError, hold
from landuse.publish.manifest import MADE_BY, MANIFEST
from landuse.publish.swap import exchange, rename_new, sync_file, sync_folder
from landuse.stores.address import shown

__all__ = ["digest", "ready", "replacing", "user_errors"]

_LITTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_SHOWN: Final = 5
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[/\\]")
"""An address as a path has it: its slashes are one."""


def ready(folder: Path, inputs: Iterable[Path] = ()) -> None:
    """Whether ``folder`` may be written or replaced; nothing is touched.

    Raises :class:`UserError`: it is a file, holds what we did not write or what was changed since,
    lies around or inside an input, or a file in it is open in another program.
    """
    if _ADDRESS.match(str(folder)):
        raise UserError.of("publish.out_is_address", value=_address(folder))
    target = folder.resolve()
    _apart(target, inputs)
    with user_errors(folder):
        if not target.exists():
            return
        if not target.is_dir():
            raise UserError.of("publish.folder_is_a_file", value=str(folder))
        _not_open(target)
        _only_ours(target, target, changed=True)


def _address(folder: Path) -> str:
    """The address that was made a path, without what may be secret in it."""
    return shown(re.sub(r":[/\\]+", "://", str(folder), count=1))


def _apart(target: Path, inputs: Iterable[Path]) -> None:
    for one in inputs:
        real = one.resolve()
        if real == target or target in real.parents or real in target.parents:
            raise UserError.of("publish.input_inside", value=str(target), file=str(one))


def _not_open(folder: Path) -> None:
    """Lock files that Excel, WPS and LibreOffice put beside a workbook they have open."""
    for name in sorted(entry.name for entry in folder.iterdir()):
        opened = ""
        if name.startswith("~$"):
            opened = name.removeprefix("~$")
        elif name.startswith(".~lock.") and name.endswith("#"):
            opened = name.removeprefix(".~lock.").removesuffix("#")
        if opened:
            raise UserError.of("publish.file_open", value=str(folder / opened))


def _only_ours(folder: Path, named: Path, *, changed: bool) -> None:
    """Refuse a folder with anything that no run of ours wrote; ``changed``: compare contents."""
    if all(entry.name in _LITTER for entry in folder.iterdir()):
        return
    files = _files_of(folder)
    if files is None:
        raise UserError.of("publish.folder_not_ours", value=str(named))
    entries = _entries(folder, {name.partition("/")[0] for name in files if "/" in name})
    strange = sorted(
        name
        for name, entry in entries.items()
        if (name not in files and name != MANIFEST) or entry.is_symlink() or not entry.is_file()
    )
    if strange:
        raise UserError.of("publish.folder_has_more", value=str(named), names=_some(strange))
    if not changed:
        return
    edited = sorted(
        name for name in files if name in entries and not _is_as_written(entries[name], files[name])
    )
    if edited:
        raise UserError.of("publish.folder_changed", value=str(named), names=_some(edited))


def _entries(folder: Path, tables: set[str]) -> dict[str, Path]:
    """What lies in ``folder``, and in those of its folders that hold the parts of ``tables``."""
    found: dict[str, Path] = {}
    for entry in folder.iterdir():
        if entry.name in tables and entry.is_dir() and not entry.is_symlink():
            found |= {f"{entry.name}/{name}": one for name, one in _entries(entry, set()).items()}
        elif entry.name not in _LITTER:
            found[entry.name] = entry
    return found


def _files_of(folder: Path) -> dict[str, Any] | None:
    """The list of files in our manifest there; ``None`` if there is none of ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(manifest, dict) or manifest.get("made_by") != MADE_BY:
        return None
    files = manifest.get("files")
    return files if isinstance(files, dict) else None


def _is_as_written(path: Path, written: dict[str, Any]) -> bool:
    return path.stat().st_size == written.get("bytes") and digest(path) == written.get("sha256")


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _some(names: list[str]) -> str:
    more = f" … (+{len(names) - _SHOWN})" if len(names) > _SHOWN else ""
    return "、".join(names[:_SHOWN]) + more


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write in; at the end of the block it takes the place of ``folder``.

    If the block raises, ``folder`` is as it was. Raises :class:`UserError` where the folder may not
    be replaced (:func:`ready`), is being written by another run, or cannot be swapped.
    """
    target = folder.resolve()
    new, old = _beside(target, "new"), _beside(target, "old")
    with user_errors(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target, folder):
            _recover(target, new, old)
            ready(folder)
            new.mkdir()
            try:
                yield new
                _sync(new)
                _put(new, old, target)
            finally:
                _discard(new)
                _discard(old)


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.{MADE_BY}-{what}")


@contextlib.contextmanager
def _alone(target: Path, named: Path) -> Iterator[None]:
    try:
        with hold(_beside(target, "lock")):
            yield
    except BusyError as fault:
        raise UserError.of("publish.folder_busy", value=str(named)) from fault


def _recover(target: Path, new: Path, old: Path) -> None:
    """Mend what a killed run left; we hold the lock, so whoever made it is dead."""
    if old.exists() and not target.exists():
        rename_new(old, target)
    _discard(new)
    _discard(old)


def _discard(folder: Path) -> None:
    """Remove a temporary folder of ours, if there is one."""
    if not folder.is_dir() or folder.is_symlink():
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    folder.rmdir()


def _sync(folder: Path) -> None:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            _sync(entry)
        else:
            sync_file(entry)
    sync_folder(folder)


def _put(new: Path, old: Path, target: Path) -> None:
    """The one moment in which the output changes."""
    if not target.exists():
        rename_new(new, target)
        sync_folder(target.parent)
        return
    _not_open(target)
    if exchange(new, target):
        try:  # what was saved into the old folder while we wrote is not ours to delete
            _only_ours(new, target, changed=False)
        except UserError:
            exchange(new, target)
            raise
    else:
        _only_ours(target, target, changed=False)
        rename_new(target, old)
        try:
            rename_new(new, target)
        except OSError:
            rename_new(old, target)
            raise
    sync_folder(target.parent)


@contextlib.contextmanager
def user_errors(folder: Path) -> Iterator[None]:
    """Turn what the disk answers into words: full, read-only, open elsewhere."""
    try:
        yield
    except OSError as fault:
        raise _in_words(fault, folder) from fault


def _in_words(fault: OSError, folder: Path) -> UserError:
    where = str(folder)
    if fault.errno in {errno.ENOSPC, errno.EDQUOT} or _is_full(folder):
        return UserError.of("publish.disk_full", value=where)
    if os.name == "nt" and isinstance(fault, PermissionError):
        return UserError.of("publish.file_open", value=str(fault.filename or where))
    if fault.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return UserError.of("publish.not_writable", value=where)
    return UserError.of("publish.cannot_write", value=where, detail=str(fault.strerror or fault))


def _is_full(folder: Path) -> bool:
    """Writers in C say only that a write failed; ask the disk."""
    try:
        place = next((one for one in (folder, *folder.parents) if one.exists()), None)
        return place is not None and shutil.disk_usage(place).free < 1 << 16
    except OSError:
        return False

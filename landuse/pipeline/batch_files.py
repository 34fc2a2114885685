"""Files that somebody hands in through the pages: which are taken, and where they are put.

A batch is a folder of its own beside the project file; nothing of it is ever written elsewhere,
and its runs lie inside it. Raises :class:`landuse.errors.UserError` for what cannot be taken.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from landuse.errors import UserError
from landuse.intake.safety import LAYER_SUFFIXES, TABLE_SUFFIXES
from landuse.issues import IssueLog

__all__ = [
    "PROJECT",
    "Batch",
    "batch_at",
    "batches_in",
    "discard",
    "main_files",
    "plain_name",
    "put_batch",
]

PROJECT: Final = "project.toml"
_PARTS: Final = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj")
_IGNORED: Final = (".sbn", ".sbx", ".qpj")
_TAKEN: Final = frozenset({*LAYER_SUFFIXES, *TABLE_SUFFIXES, *_PARTS}) - {".gdb"}
_KEY: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
_BAD: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch: its folder, its files (those that are inputs by themselves), its runs."""

    key: str
    folder: Path
    files: tuple[Path, ...]
    runs: tuple[Path, ...]

    @property
    def project(self) -> Path:
        """Its project file; absent until the files have been looked at."""
        return self.folder / PROJECT


def plain_name(written: str) -> str:
    r"""The name under which an uploaded file is kept: its last part, as its author wrote it.

    Raises :class:`landuse.errors.UserError` for a name that no system takes as a plain file.

    >>> plain_name("C:\\数据\\宗地.shp")
    '宗地.shp'
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", written)[-1]).strip()
    odd = _BAD.search(name) or _DEVICES.fullmatch(name) or name.startswith(("~$", "."))
    if not name or odd or name.endswith(".") or len(name.encode()) > _LONGEST * 2:
        raise UserError.of("batch.odd_name", value=ascii(written[:_LONGEST]))
    if Path(name).suffix.lower() not in _TAKEN:
        known = " ".join(sorted(_TAKEN - set(_IGNORED)))
        raise UserError.of("batch.not_taken", file=name, known=known)
    return name


def put_batch(root: Path, key: str, files: Sequence[tuple[str, IO[bytes]]]) -> Batch:
    """Keep uploaded ``files`` (name and content) as the batch ``key`` under ``root``.

    Whole or not at all. Raises :class:`landuse.errors.UserError` with every file that is not
    taken.
    """
    names = _names([name for name, _ in files])
    target, part = root / key, root / f".{key}.part"
    try:
        part.mkdir(parents=True)
        for name, (_, content) in zip(names, files, strict=True):
            with (part / name).open("xb") as sink:
                shutil.copyfileobj(content, sink, 1 << 20)
        part.rename(target)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise UserError.of("batch.not_kept", value=error.strerror or str(error)) from error
    return batch_at(root, key)


def _names(written: Iterable[str]) -> list[str]:
    log, names = IssueLog(), []
    seen: set[str] = set()
    for one in written:
        try:
            name = plain_name(one)
        except UserError as error:
            log.extend(error.issues)
            continue
        if name.casefold() in seen:
            log.add("batch.twice", file=name)
        seen.add(name.casefold())
        names.append(name)
    if not names and not len(log):
        log.add("batch.no_files")
    if len(log):
        raise UserError(list(log))
    return names


def batch_at(root: Path, key: str) -> Batch:
    """The batch ``key``. Raises :class:`landuse.errors.UserError` where there is none."""
    folder = root / key
    if not _KEY.fullmatch(key) or not folder.is_dir():
        raise UserError.of("batch.no_batch", value=key[:_LONGEST])
    runs = folder / "runs"
    found = sorted(runs.iterdir()) if runs.is_dir() else []
    return Batch(key, folder, tuple(main_files(folder)), tuple(found))


def batches_in(root: Path) -> list[Batch]:
    """Every batch, the newest first."""
    keys = [path.name for path in root.iterdir()] if root.is_dir() else []
    return [batch_at(root, key) for key in sorted(keys, reverse=True) if _KEY.fullmatch(key)]


def main_files(folder: Path) -> list[Path]:
    """The files of a batch that are inputs by themselves (not the parts of a shapefile)."""
    ours = {PROJECT, "issues.xlsx"}
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix.lower() not in _PARTS and path.name not in ours
    )


def discard(batch: Batch) -> None:
    """Remove a batch of which nothing came. Raises :class:`landuse.errors.UserError` where it has
    runs: what people decided may rest on them."""
    if batch.runs:
        raise UserError.of("batch.has_runs", value=batch.key)
    gone = batch.folder.with_name(f".{batch.key}.gone")
    try:
        os.replace(batch.folder, gone)  # noqa: PTH105 - from then on nobody sees half of it
    except OSError as error:
        raise UserError.of("batch.not_kept", value=error.strerror or str(error)) from error
    shutil.rmtree(gone, ignore_errors=True)

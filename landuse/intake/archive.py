"""Zip archives from strangers: extracted into a private folder, or refused with the reason.

No entry may lie outside the archive (absolute or ``..`` names, drive letters, links), and the
whole may grow to at most 20 times its size or 4 GiB, whichever comes first.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Final

from landuse.errors import UserError

__all__ = ["GROWTH", "LARGEST", "entry_name", "extract"]

GROWTH: Final = 20
LARGEST: Final = 4 * 1024**3
_ENTRIES: Final = 100_000
_CHUNK: Final = 1 << 20
_DATA: Final = (".shp", ".gpkg", ".geojson", ".json", ".fgb", ".parquet", ".geoparquet")
_UTF8_FLAG: Final = 0x800
_OWN_THREE_BYTES: Final = 0x800


def extract(archive: Path, folder: Path, layer: str | None = None) -> Path:
    """Extract ``archive`` into ``folder``; gives the path of the data set in it.

    ``layer`` names one (without suffix) where there are several. Raises
    :class:`landuse.errors.UserError`: a broken, locked or hostile archive, no data set, several.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            _unpack(opened, archive, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UserError.of("project.broken_archive", file=archive.name) from error
    return _data_set(archive, folder, layer)


def entry_name(info: zipfile.ZipInfo) -> str:
    """The name of an entry as its author wrote it.

    Windows archivers write GBK without saying so, and zipfile then reads code page 437; some
    others write UTF-8 without the flag, recognised by a character of three bytes.
    """
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    try:
        text = raw.decode("utf-8")
        if raw.isascii() or any(ord(char) >= _OWN_THREE_BYTES for char in text):
            return text
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return info.filename


def _unpack(opened: zipfile.ZipFile, archive: Path, folder: Path) -> None:
    entries = opened.infolist()
    limit = min(GROWTH * archive.stat().st_size, LARGEST)
    if len(entries) > _ENTRIES:
        raise UserError.of("project.archive_entries", file=archive.name, value=str(len(entries)))
    targets: dict[str, zipfile.ZipInfo] = {}
    for info in entries:
        name = _inside(info, archive)
        if name.casefold() in targets:
            raise UserError.of("project.archive_repeats", file=archive.name, value=name)
        if info.flag_bits & 0x1:
            raise UserError.of("project.archive_locked", file=archive.name)
        if not info.is_dir() and not name.endswith("/"):
            targets[name.casefold()] = info
    left = limit
    for info in targets.values():
        target = folder / _inside(info, archive)
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(info) as source, target.open("xb") as sink:
            left = _pour(source, sink, left)
        if left < 0:
            megabytes = f"{limit / 1024**2:.1f}"
            raise UserError.of("project.archive_grows", file=archive.name, limit=megabytes)


def _pour(source: IO[bytes], sink: IO[bytes], left: int) -> int:
    """Copy what is there while it fits; gives what may still come (negative: too much)."""
    while left >= 0 and (chunk := source.read(_CHUNK)):
        left -= len(chunk)
        if left >= 0:
            sink.write(chunk)
    return left


def _inside(info: zipfile.ZipInfo, archive: Path) -> str:
    """The entry's name if it stays inside the archive and is an ordinary file or folder."""
    name = entry_name(info).replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    parts = PurePosixPath(name).parts
    outside = name.startswith("/") or ".." in parts or ":" in name or "\0" in name or not parts
    if outside or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UserError.of("project.archive_outside", file=archive.name, value=name)
    return name


def _data_set(archive: Path, folder: Path, layer: str | None) -> Path:
    inside = [path for path in sorted(folder.rglob("*")) if "__MACOSX" not in path.parts]
    bases = [path for path in inside if path.is_dir() and path.suffix.lower() == ".gdb"]
    files = [path for path in inside if path.is_file() and path.suffix.lower() in _DATA]
    found = bases + [path for path in files if not any(base in path.parents for base in bases)]
    if len(found) > 1 and layer is not None:
        found = [path for path in found if path.stem == layer] or found
    if not found:
        raise UserError.of("project.archive_without_layer", file=archive.name)
    if len(found) > 1:
        names = ", ".join(path.relative_to(folder).as_posix() for path in found)
        raise UserError.of("project.archive_several", file=archive.name, value=names)
    return found[0]

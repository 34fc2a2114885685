"""Which files may be opened, and how nothing is ever written beside them.

Takes paths as the user wrote them; gives files that exist and are of a kind the program reads,
private working copies, and digests. The network is used for inputs in object stores that the user
names; other addresses are refused.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from landuse.errors import UserError
from landuse.intake.archive import extract
from landuse.issues import IssueLog
from landuse.messages import LANGUAGES, text
from landuse.stores import Place, Stored, is_store, local, objects_of
from landuse.stores.address import shown

__all__ = [
    "LAYER_SUFFIXES",
    "RASTER_SUFFIXES",
    "TABLE_SUFFIXES",
    "checked_path",
    "digest",
    "expand",
    "parts_of",
    "size_of",
    "working_copy",
]

LAYER_SUFFIXES: Final = (
    ".shp",
    ".zip",
    ".gpkg",
    ".gdb",
    ".geojson",
    ".json",
    ".parquet",
    ".geoparquet",
    ".fgb",
)
TABLE_SUFFIXES: Final = (".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt", ".parquet")
RASTER_SUFFIXES: Final = (".tif", ".tiff", ".img")
_SIDECARS: Final = {
    ".tif": (".tfw", ".tifw"),
    ".tiff": (".tfw", ".tiffw"),
    ".img": (".ige",),
    ".shp": (".shx", ".dbf", ".prj", ".cpg"),
    ".gpkg": (".gpkg-wal", ".gpkg-shm", ".gpkg-journal"),
}
_NOT_COUNTED: Final = (".gpkg-shm", ".lock")
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_GLOB: Final = re.compile(r"[*?\[]")
_MANIFEST: Final = "run.json"
_AHEAD: Final = 8 << 20
"""Bytes of an object that are fetched at once where all of it is read."""
_MARK: Final = b"<Company>landuse</Company>"
_COPIED: Final = frozenset({".shp", ".gpkg", ".gdb"})


def checked_path(
    written: str, base: Path, suffixes: tuple[str, ...] = (*LAYER_SUFFIXES, *TABLE_SUFFIXES)
) -> Path:
    """The file that ``written`` means, seen from the folder ``base``.

    Raises :class:`landuse.errors.UserError`: an address or virtual path, a kind of file that is
    not read, or no such file.
    """
    _refuse_address(written)
    path = base / written
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        is_image = suffixes == RASTER_SUFFIXES
        code = "evidence.unknown_suffix" if is_image else "project.unknown_suffix"
        known = " ".join(dict.fromkeys(suffixes))
        raise UserError.of(code, file=written, value=suffix, known=known)
    try:
        is_there = path.is_dir() if suffix == ".gdb" else path.is_file()
    except OSError as error:  # a name too long, a folder that may not be entered
        raise UserError.of(
            "project.file_closed", file=written, value=error.strerror or str(error)
        ) from error
    if not is_there:
        raise UserError.of("project.file_absent", file=written, value=str(path.parent))
    return path


def _refuse_address(written: str) -> None:
    written, plain = shown(written), written.strip().replace("\\", "/")
    if plain.startswith("//"):
        raise UserError.of("project.network_path", file=written, value=written)
    if _ADDRESS.match(plain) or plain.lower().startswith("/vsi") or "\0" in plain:
        raise UserError.of("project.address", file=written, value=written)


def expand(paths: Iterable[str], base: Path) -> list[Place]:
    """All files that ``paths`` mean: globs expanded, each once, sorted, those in stores last.

    Raises :class:`landuse.errors.UserError` with every path that cannot be used; a glob that
    fits nothing is a fault.
    """
    log = IssueLog()
    found: set[Path] = set()
    stored: dict[object, Stored] = {}
    for written in paths:
        try:
            if is_store(written):
                stored |= {one.identity: one for one in objects_of(written)}
            elif _GLOB.search(written) and not _exists(base / written):
                found |= _fitting(written, base)
            else:
                found.add(checked_path(written, base))
        except UserError as error:
            log.extend(error.issues)
    if len(log):
        raise UserError(list(log))
    # one file under two names is still one file
    files = sorted({path.resolve(): path for path in sorted(found, reverse=True)}.values())
    return [*files, *sorted(stored.values())]


def _fitting(pattern: str, base: Path) -> set[Path]:
    _refuse_address(pattern)
    absolute = Path(pattern)
    root = Path(absolute.anchor) if absolute.is_absolute() else base
    relative = str(absolute.relative_to(absolute.anchor)) if absolute.is_absolute() else pattern
    try:
        hits = [path for path in root.glob(relative) if not path.name.startswith(("~$", "."))]
    except (ValueError, NotImplementedError, OSError):  # a**b, an unfinished [, a name too long
        hits = []
    if not hits:
        raise UserError.of("project.nothing_fits", file=pattern, value=str(base))
    others = [path for path in hits if not _is_output(path)]
    return {checked_path(str(path), base) for path in others or hits}


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _is_output(path: Path) -> bool:
    """Whether this program wrote the file: a pattern that means inputs does not mean outputs.

    A file of a run folder, or a list of issues that bears our mark; copies of other workbooks of
    ours are filled in by people and come back.
    """
    if _exists(path.parent / _MANIFEST):
        return True
    if path.suffix.lower() != ".xlsx":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            core = archive.read("docProps/core.xml")
            is_list = any(
                f"<dc:title>{text('workbook.sheet_issues', lang)}<".encode() in core
                for lang in LANGUAGES
            )
            return is_list and _MARK in archive.read("docProps/app.xml")
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return False


def parts_of(path: Path) -> list[Path]:
    """Every file that belongs to an input, the main one first, the rest sorted.

    A shapefile has its ``.dbf``, ``.shx``, ``.prj`` and ``.cpg`` in any case of letters, a
    geodatabase the files in its folder.
    """
    if path.is_dir():
        inside = (part for part in path.rglob("*") if part.is_file() and not part.is_symlink())
        return sorted(part for part in inside if part.suffix.lower() not in _NOT_COUNTED)
    sidecars = _SIDECARS.get(path.suffix.lower(), ())
    found: dict[str, Path] = {}
    if sidecars:
        for other in sorted(path.parent.iterdir()):
            suffix = other.suffix.lower()
            if other.stem != path.stem or suffix not in sidecars or not other.is_file():
                continue
            # beside X.SHP the name in capitals is meant, beside x.shp the other
            if suffix not in found or other.suffix.isupper() == path.suffix.isupper():
                found[suffix] = other
    return [path, *(found[suffix] for suffix in sidecars if suffix in found)]


def digest(path: Place) -> str:
    """SHA-256 of an input as hexadecimal text; of one file, that of its bytes.

    Where several files belong together it is taken over their digests with their suffixes (in a
    geodatabase: their names), so that renaming the input changes nothing.
    """
    if isinstance(path, Stored):
        with path.reading(_AHEAD) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    path = local(path)
    parts = [part for part in parts_of(path) if part.suffix.lower() not in _NOT_COUNTED]
    if parts == [path]:
        return _sha256(path)
    lines = sorted(f"{_role(part, path)} {_sha256(part)}\n" for part in parts)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def size_of(path: Place) -> int:
    """Bytes of an input with everything that belongs to it."""
    if isinstance(path, Stored):
        return path.size()
    return sum(part.stat().st_size for part in parts_of(local(path)))


def _role(part: Path, path: Path) -> str:
    return part.relative_to(path).as_posix() if path.is_dir() else part.suffix.lower()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _closed(path, error) from error


def _closed(path: Path, error: OSError) -> UserError:
    return UserError.of("project.file_closed", file=path.name, value=error.strerror or str(error))


@contextmanager
def working_copy(path: Path, layer: str | None = None) -> Iterator[Path]:
    """A path to read ``path`` from, such that no reader can write beside the user's file.

    Kinds whose drivers write sidecars or locks (shapefile, GeoPackage, geodatabase) are copied
    with all their parts into a private folder; archives are extracted there; others are opened
    where they are, since nothing is ever written beside them. The folder is gone afterwards.
    ``layer`` chooses among several data sets in one archive.
    """
    suffix = path.suffix.lower()
    if suffix not in _COPIED and suffix != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="landuse-", ignore_cleanup_errors=True) as folder:
        try:
            copy = extract(path, Path(folder), layer) if suffix == ".zip" else path
            if suffix != ".zip":
                copy = _copy(path, Path(folder))
        except OSError as error:
            raise _closed(path, error) from error
        yield copy


def _copy(path: Path, folder: Path) -> Path:
    """``path`` with its parts in ``folder``, suffixes in small letters, writable."""
    if path.is_dir():
        target = folder / path.name
        for part in parts_of(path):
            inside = target / part.relative_to(path)
            inside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(part, inside)
        return target
    for part in parts_of(path):
        shutil.copyfile(part, folder / f"{path.stem}{part.suffix.lower()}")
    return folder / f"{path.stem}{path.suffix.lower()}"

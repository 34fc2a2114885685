"""Local raster tiles under the plots: those around them, in the page or in one file beside it."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_BYTES", "LocalTiles", "found_tiles"]

MOST_BYTES: Final = 24_000_000
"""Bytes of tiles that a page can hold."""
_DEEPEST: Final = 22
_TMS: Final = "tilemapresource.xml"
_KINDS: Final = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"RIFF", "webp"),
)
_LARGEST: Final = 4_000_000


@dataclass(frozen=True)
class LocalTiles:
    """Zoom, column, row (counted from the north) and file of each tile."""

    tiles: tuple[tuple[int, int, int, Path], ...]
    zooms: tuple[int, int]

    def embedded(self) -> dict[str, Any]:
        """``index``: place of a tile → kind of picture and its base64."""
        return {"index": {key: [kind, base64.b64encode(content).decode()]
                          for key, kind, content in self._read()}}  # fmt: skip

    def written(self, folder: Path) -> dict[str, Any]:
        """Write all tiles into one file of ``folder``.

        ``file``: its place as the page beside the folder sees it; ``index``: place of a tile → kind
        of picture, where it begins, its bytes.
        """
        folder.mkdir(exist_ok=True)
        part, index, digest, at = folder / "base.bin.new", {}, hashlib.sha256(), 0
        with part.open("wb") as file:
            for key, kind, content in self._read():
                file.write(content)
                digest.update(content)
                index[key] = [kind, at, len(content)]
                at += len(content)
        path = part.replace(folder / f"base-{digest.hexdigest()[:12]}.bin")
        return {"file": f"{folder.name}/{path.name}", "index": index}

    def _read(self) -> Iterator[tuple[str, str, bytes]]:
        for zoom, column, row, path in self.tiles:
            content = path.read_bytes()
            kind = next((one for start, one in _KINDS if content.startswith(start)), "")
            if kind:  # whatever else bears the name of a picture is none
                yield f"{zoom}/{column}/{row}", kind, content


def found_tiles(
    folder: Path, here: tuple[float, float, float, float], *, beside: bool
) -> LocalTiles:
    """The tiles of ``folder`` that meet ``here`` (west, south, east, north in degrees).

    Raises :class:`landuse.errors.UserError`: there are none, none meets the plots, or (without
    ``beside``) they are more than a page can hold.
    """
    levels = _levels(folder)
    if not levels:
        raise UserError.of("map_public.no_tiles", value=str(folder))
    flipped = (folder / _TMS).is_file()
    if not all(math.isfinite(one) for one in here):
        raise UserError.of("map_public.tiles_elsewhere", value=str(folder))
    kept = [one for zoom in levels for one in _around(folder, zoom, here, flipped=flipped)]
    if not kept:
        raise UserError.of("map_public.tiles_elsewhere", value=str(folder))
    size = sum(path.stat().st_size for *_, path in kept)
    if size > MOST_BYTES and not beside:
        mb, most = f"{size / 1e6:.0f}", f"{MOST_BYTES / 1e6:.0f}"
        raise UserError.of("map_public.tiles_too_large", mb=mb, most=most)
    depths = [zoom for zoom, *_ in kept]
    return LocalTiles(tuple(kept), (min(depths), max(depths)))


def _levels(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    names = [one.name for one in folder.iterdir() if one.name.isascii() and one.name.isdigit()]
    return sorted({int(name) for name in names if int(name) <= _DEEPEST and str(int(name)) == name})


def _around(
    folder: Path, zoom: int, here: tuple[float, float, float, float], *, flipped: bool
) -> Iterator[tuple[int, int, int, Path]]:
    """The tiles of a level that meet the plots or lie beside one that does."""
    side = 2**zoom
    west, south, east, north = here
    columns = range(max(0, _column(west, side) - 1), min(side, _column(east, side) + 2))
    rows = range(max(0, _row(north, side) - 1), min(side, _row(south, side) + 2))
    place = folder / str(zoom)
    for name in sorted(_numbers(place)):
        if name not in columns:
            continue
        files = {path.stem: path for path in sorted((place / str(name)).iterdir())}
        for row in rows:
            path = files.get(str(side - 1 - row if flipped else row))
            if path is not None and path.is_file() and 0 < path.stat().st_size <= _LARGEST:
                yield zoom, name, row, path


def _numbers(place: Path) -> list[int]:
    found = (one for one in place.iterdir() if one.is_dir())
    return [int(one.name) for one in found if one.name.isascii() and one.name.isdigit()]


def _column(longitude: float, side: int) -> int:
    return math.floor((longitude / 360 + 0.5) * side)


def _row(latitude: float, side: int) -> int:
    sine = math.sin(math.radians(latitude))
    return math.floor((0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * side)

"""Whether the parts of a shapefile belong together.

A reader takes as many rows as the shortest part has, so a ``.dbf`` of another state of the layer
loses rows without a word, or gives every polygon the owner of another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["prove_parts"]

_HEAD: Final = 100
_SHX_RECORD: Final = 8
_DBF_HEAD: Final = 32


def prove_parts(path: Path, file: str) -> None:
    """Raises :class:`landuse.errors.UserError` where the geometry (by the ``.shx``, else the
    ``.shp``) and the ``.dbf`` have different numbers of records, or the ``.dbf`` is cut short.
    """
    table = path.with_suffix(".dbf")
    if not table.is_file():
        return  # then no code is found, and that is said
    index = path.with_suffix(".shx")
    shapes = _in_index(index) if index.is_file() else None
    if shapes is None:
        shapes = _in_shapes(path)
    stated, there = _in_table(table)
    if there < stated:
        values = {"value": stated, "n": there}
        raise UserError.of("intake_layers.table_cut", file=file, **values)
    if shapes != stated:
        values = {"value": stated, "n": shapes}
        raise UserError.of("intake_layers.parts_differ", file=file, **values)


def _in_index(index: Path) -> int | None:
    """Records of a ``.shx``; ``None`` where it is no whole number of them."""
    records, rest = divmod(index.stat().st_size - _HEAD, _SHX_RECORD)
    return records if records >= 0 and rest == 0 else None


def _in_shapes(path: Path) -> int:
    """Records of a ``.shp``, counted one by one."""
    count, at, size = 0, _HEAD, path.stat().st_size
    with path.open("rb") as stream:
        while at + _SHX_RECORD <= size:
            stream.seek(at)
            words = int.from_bytes(stream.read(_SHX_RECORD)[4:], "big")
            at += _SHX_RECORD + 2 * words
            count += 1
    return count


def _in_table(table: Path) -> tuple[int, int]:
    """Records that a ``.dbf`` states, and those that are there as a whole."""
    with table.open("rb") as stream:
        head = stream.read(_DBF_HEAD)
    stated = int.from_bytes(head[4:8], "little")
    start = int.from_bytes(head[8:10], "little")
    width = int.from_bytes(head[10:12], "little")
    there = max(0, table.stat().st_size - start) // width if width else 0
    return stated, there

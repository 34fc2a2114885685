"""A polygon shapefile byte by byte, so that no library version shows in it.

ESRI Shapefile Technical Description (July 1998); the DBF has language byte 0 and GBK text unless
told otherwise, as the survey software of county offices leaves it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from generator.shapes import Point, signed_area

Field = tuple[str, str, int, int]
"""Name (at most 10 bytes), type C or N, width, decimals."""
_NULL, _POLYGON = 0, 5


def write(
    path: Path,
    shapes: Sequence[Sequence[Sequence[Point]] | None],
    fields: Sequence[Field],
    rows: Sequence[Sequence[object]],
    *,
    prj: str,
    encoding: str = "gbk",
    cpg: str | None = None,
) -> None:
    """Write .shp, .shx, .dbf, .prj and, where ``cpg`` is given, .cpg.

    A shape is a list of open rings: counter-clockwise ones are outer, clockwise ones holes;
    ``None`` is a null shape. A ring whose area is nearly nothing (a bow-tie) stays as it is.
    """
    contents = [_content(shape) for shape in shapes]
    box = _box([ring for shape in shapes if shape for ring in shape])
    shp, shx, offset = [], [], 50
    for number, content in enumerate(contents, 1):
        words = len(content) // 2
        shp.append(struct.pack(">2i", number, words) + content)
        shx.append(struct.pack(">2i", offset, words))
        offset += 4 + words
    path.with_suffix(".shp").write_bytes(_head(offset, box) + b"".join(shp))
    path.with_suffix(".shx").write_bytes(_head(50 + 4 * len(shx), box) + b"".join(shx))
    path.with_suffix(".dbf").write_bytes(_dbf(fields, rows, encoding))
    path.with_suffix(".prj").write_bytes(prj.encode("ascii"))
    if cpg is not None:
        path.with_suffix(".cpg").write_bytes(cpg.encode("ascii"))


def _head(words: int, box: tuple[float, float, float, float]) -> bytes:
    return (
        struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words)
        + struct.pack("<2i", 1000, _POLYGON)
        + struct.pack("<8d", *box, 0, 0, 0, 0)
    )


def _box(rings: Sequence[Sequence[Point]]) -> tuple[float, float, float, float]:
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _content(shape: Sequence[Sequence[Point]] | None) -> bytes:
    if shape is None:
        return struct.pack("<i", _NULL)
    # A shapefile turns outer rings clockwise.
    closed = [[*reversed(ring), ring[-1]] for ring in shape]
    starts, points = [], []
    for ring in closed:
        starts.append(len(points))
        points += ring
    head = struct.pack("<i4d2i", _POLYGON, *_box(shape), len(closed), len(points))
    body = struct.pack(f"<{len(starts)}i", *starts)
    return head + body + b"".join(struct.pack("<2d", x, y) for x, y in points)


def _dbf(fields: Sequence[Field], rows: Sequence[Sequence[object]], encoding: str) -> bytes:
    length = 1 + sum(width for _, _, width, _ in fields)
    head = struct.pack("<4BIHH20x", 3, 126, 6, 30, len(rows), 33 + 32 * len(fields), length)
    columns = b"".join(
        struct.pack("<11sc4xBB14x", name.encode(encoding), kind.encode("ascii"), width, decimals)
        for name, kind, width, decimals in fields
    )
    body = b"".join(
        b" "
        + b"".join(_cell(value, field, encoding) for value, field in zip(row, fields, strict=True))
        for row in rows
    )
    return head + columns + b"\r" + body + b"\x1a"


def _cell(value: object, field: Field, encoding: str) -> bytes:
    name, kind, width, decimals = field
    if kind == "N":
        text = "" if value is None else f"{value:.{decimals}f}"
        return text.rjust(width).encode("ascii")
    raw = str(value or "").encode(encoding)
    if len(raw) > width:
        raise ValueError(f"{name}: {value} needs {len(raw)} bytes")
    return raw.ljust(width)


__all__ = ["Field", "signed_area", "write"]

"""Small layer files made for tests: parcels of known size in a known place."""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse.intake.project import Project, load_project
from landuse.rules import Rules, load

EAST, NORTH = 500_000.0, 3_300_000.0
"""On the central meridian of the 3-degree zone 40 (120°E), about 29.8°N: scale 1."""


def box(x: float, y: float, width: float = 100.0, height: float = 50.0) -> shapely.Polygon:
    """A box of ``width`` x ``height`` m whose corner lies x, y m from the origin above."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def code(number: int) -> str:
    """A parcel code of the form of GB/T 37346."""
    return f"350582001001GB{number:05d}"


def frame(count: int = 3, crs: int | None = 4549, **columns: object) -> gpd.GeoDataFrame:
    """``count`` parcels of 5 000 m² in a row, 10 m apart."""
    data: dict[str, object] = {"ZDDM": [code(number) for number in range(1, count + 1)], **columns}
    shapes = [box(110.0 * number, 0.0) for number in range(count)]
    return gpd.GeoDataFrame(data, geometry=shapes, crs=crs)


def project(folder: Path, text: str) -> Project:
    """A project file in ``folder`` with the given tables beside those that must be there."""
    head = '[project]\nname = "试验"\nyear = 2025\nas_of = 2026-06-30\n'
    head = text if "[project]" in text else head + text
    file = folder / "project.toml"
    rest = (
        '\n[enterprises]\npath = "e.xlsx"\nmoney_unit = "wan"\n[rules]\npack = "three-indicator"\n'
    )
    file.write_text(head + rest, encoding="utf-8")
    return load_project(file)


def rules(**override: object) -> Rules:
    """The default pack with overrides."""
    return load("three-indicator", as_of=dt.date(2026, 6, 30), override=override)


def fingerprint(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file of a folder with its time of change and its content."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_dbf(
    path: Path,
    fields: list[tuple[bytes, int]],
    rows: list[list[bytes]],
    language_byte: int = 0,
) -> None:
    """A DBF with text fields, byte for byte as given."""
    size = 1 + sum(width for _, width in fields)
    head = bytearray(
        struct.pack("<BBBBIHH20x", 3, 124, 1, 1, len(rows), 33 + 32 * len(fields), size)
    )
    head[29] = language_byte
    for name, width in fields:
        head += name.ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([width, 0]) + b"\0" * 14
    head += b"\r"
    for row in rows:
        cells = (cell.ljust(width) for cell, (_, width) in zip(row, fields, strict=True))
        head += b" " + b"".join(cells)
    path.write_bytes(bytes(head) + b"\x1a")


def shapefile(
    folder: Path,
    fields: list[tuple[bytes, int]],
    rows: list[list[bytes]],
    *,
    language_byte: int = 0,
    cpg: str | None = None,
) -> Path:
    """A shapefile whose attribute table is exactly ``rows``."""
    path = folder / "宗地.shp"
    shapes = [box(110.0 * number, 0.0) for number in range(len(rows))]
    gpd.GeoDataFrame({"a": np.arange(len(rows))}, geometry=shapes, crs=4549).to_file(path)
    path.with_suffix(".cpg").unlink()
    write_dbf(path.with_suffix(".dbf"), fields, rows, language_byte)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, encoding="ascii")
    return path


def table_of(reading_frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """The named columns as rows, for comparison."""
    return list(reading_frame[list(columns)].itertuples(index=False, name=None))

"""``run.json``: what went into a run and what came out, without a clock.

The pipeline makes the content: ``made_by``, ``format``, ``run_id``, ``lang``, ``project`` (name,
year, as_of, crs, id_scheme), ``inputs`` (path, sha256, bytes), ``counts`` (table, file, read, used,
set_aside), ``facts``, ``rules`` (pack, version, digest, titles, ``overridden``, ``values`` as
group, name, value, unit, source), ``reference_price_yuan_per_m2``, ``totals``, ``versions``. The
writer adds ``pack`` (the rules in full) and ``files`` (bytes and sha256 of every other file).

A table is one file (``parcels.parquet``), or in a partitioned run several of the same columns
whose rows follow each other (``parcels/part-00000.parquet``, …; names are relative to the folder).
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from typing import Final

__all__ = [
    "FORMAT",
    "KNOWN_FORMATS",
    "MADE_BY",
    "MANIFEST",
    "PARTITIONED",
    "dump",
    "part_name",
    "plain",
    "table_files",
]

MADE_BY: Final = "landuse"
FORMAT: Final = 1
"""The layout of run folders: each table one file."""
PARTITIONED: Final = 2
"""The layout whose large tables are several files, which earlier programs must not read."""
KNOWN_FORMATS: Final = (FORMAT, PARTITIONED)
"""The layouts that this version reads."""
MANIFEST: Final = "run.json"


def part_name(table: str, part: int) -> str:
    """The file of one part of a partitioned table; names in order are rows in order."""
    return f"{table}/part-{part:05}.parquet"


def table_files(files: Mapping[str, object], table: str) -> list[str]:
    """The files of ``table`` among those of a manifest, in the order of their rows; maybe none."""
    if f"{table}.parquet" in files:
        return [f"{table}.parquet"]
    part = re.compile(re.escape(table) + r"/part-[0-9]{5,}\.parquet")
    return sorted((name for name in files if part.fullmatch(name)), key=lambda one: (len(one), one))


def plain(value: object) -> object:
    """``value`` as JSON can hold it: dates as ISO, no NaN, whatever else as text."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return None if not math.isfinite(value) else value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if value is None or type(value).__name__ == "NAType":  # a missing Int64
        return None
    if isinstance(value, bool | int | str):
        return value
    item = getattr(value, "item", None)  # numpy scalars
    return plain(item()) if callable(item) else str(value)


def dump(manifest: Mapping[str, object]) -> bytes:
    """The manifest as bytes: UTF-8, sorted keys, one final newline."""
    content = json.dumps(
        plain(manifest), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False
    )
    # a lone surrogate (from a broken file name) cannot be UTF-8; it is written as its escape
    return (content + "\n").encode("utf-8", "backslashreplace")

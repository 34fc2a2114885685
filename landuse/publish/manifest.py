"""``run.json``: what went into a run and what came out, without a clock.

The pipeline makes the content: ``made_by``, ``format``, ``run_id``, ``lang``, ``project`` (name,
year, as_of, crs, id_scheme), ``inputs`` (path, sha256, bytes), ``counts`` (table, file, read, used,
set_aside), ``facts``, ``rules`` (pack, version, digest, titles, ``overridden``, ``values`` as
group, name, value, unit, source), ``reference_price_yuan_per_m2``, ``totals``, ``versions``. The
writer adds ``pack`` (the rules in full) and ``files`` (bytes and sha256 of every other file).
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Final

__all__ = ["FORMAT", "MADE_BY", "MANIFEST", "dump", "plain"]

MADE_BY: Final = "landuse"
FORMAT: Final = 1
"""The layout of run folders that this version reads."""
MANIFEST: Final = "run.json"


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

"""A project file written from its data: only values, no comments."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from landuse.pipeline.draft import quoted

__all__ = ["as_toml"]

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(data: Mapping[str, Any]) -> str:
    """``data`` as TOML reads it back.

    >>> print(as_toml({"a": {"b": 1, "columns": {"x": {"from": "列", "unit": "mu"}}}}))
    [a]
    b = 1
    <BLANKLINE>
    [a.columns]
    x = { from = "列", unit = "mu" }
    <BLANKLINE>
    """
    parts: list[str] = []
    for name, value in data.items():
        _table((name,), value, parts)
    return "\n\n".join(parts) + "\n"


def _table(path: tuple[str, ...], value: Any, parts: list[str], repeated: str = "") -> None:  # noqa: ANN401 - whatever stands there
    if isinstance(value, list):
        for entry in value:
            _table(path, entry, parts, repeated="yes")
        return
    inside = {name: one for name, one in value.items() if _is_table(name, one, path)}
    lines = [f"{_key(name)} = {_value(one)}" for name, one in value.items() if name not in inside]
    head = ".".join(map(_key, path))
    if lines or repeated or not inside:
        parts.append("\n".join([f"[[{head}]]" if repeated else f"[{head}]", *lines]))
    for name, one in inside.items():
        _table((*path, name), one, parts)


def _is_table(name: str, value: object, path: tuple[str, ...]) -> bool:
    """What stands under a heading of its own; a column with its unit stands in one line."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, Mapping) for one in value)
    return isinstance(value, Mapping) and path[-1:] != ("columns",) and bool(name)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else quoted(name)


def _value(value: Any) -> str:  # noqa: ANN401 - whatever stands there
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(name)} = {_value(one)}' for name, one in value.items())} }}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    assert isinstance(value, str | int | dt.date)
    return quoted(value)

"""The values that a project file may hold: what is taken for a path, a day, a number."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from landuse.rules.document import Fractional

__all__ = [
    "Day",
    "Paths",
    "Row",
    "Text",
    "Year",
    "as_column",
    "as_number",
    "as_number_or_none",
    "as_values",
]


def as_paths(value: object) -> object:
    """One path or several; a blank is none."""
    paths = [value] if isinstance(value, str) else value
    if not isinstance(paths, list | tuple) or not paths:
        raise PydanticCustomError("project.path_form", "a path or a list of paths is expected")
    if not all(isinstance(path, str) and path.strip() for path in paths):
        raise PydanticCustomError("project.path_form", "a path or a list of paths is expected")
    return tuple(paths)


def as_column(value: object) -> object:
    """A heading alone, or a table with its heading and unit."""
    return {"from": value} if isinstance(value, str) else value


def as_day(value: object) -> object:
    """A day as TOML writes it, or the same in quotes; no time of day."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise PydanticCustomError("rules.not_a_date", "a day is expected")


def as_year(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and 1949 <= value <= 2100:
        return value
    raise PydanticCustomError("project.bad_year", "a year is expected")


def as_row(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise PydanticCustomError("project.bad_row", "a row from 1 is expected")


def as_text(value: object) -> object:
    """Text that is not blank; a name that is a number keeps its digits (sheet = 2025)."""
    if isinstance(value, str) and value.strip():
        return value
    raise PydanticCustomError("rules.not_text", "text is expected")


def as_number(value: object) -> object:
    """A number as it is written, whole or not; ``none`` where the field knows the word."""
    if isinstance(value, Fractional):
        value = float(value.written.replace("_", ""))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise PydanticCustomError("evidence.not_a_number", "a number is expected")


def as_number_or_none(value: object) -> object:
    """A number, or the word none."""
    return value if value == "none" else as_number(value)


def as_values(value: object) -> object:
    """One cell value or several."""
    values = value if isinstance(value, list | tuple) else [value]
    try:
        return tuple(as_number(entry) for entry in values) if values else as_number("")
    except PydanticCustomError:
        raise PydanticCustomError("evidence.no_values", "cell values are expected") from None


Paths = Annotated[tuple[str, ...], BeforeValidator(as_paths)]
Day = Annotated[dt.date, BeforeValidator(as_day)]
Year = Annotated[int, BeforeValidator(as_year)]
Row = Annotated[int, BeforeValidator(as_row)]
Text = Annotated[str, BeforeValidator(as_text)]

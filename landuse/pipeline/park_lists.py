"""Frames about parks and firms as tables that people read, under the headings of their schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import pandas as pd

from landuse.messages import text
from landuse.parks.shown import half_up, mu_text, number
from landuse.publish.report.model import Cell, Number, Table, plain
from landuse.schema.frame import Column
from landuse.schema.park_columns import FLOORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from landuse.messages import Lang
    from landuse.schema.frame import Table as Schema

__all__ = ["PERCENT", "framed"]

PERCENT: Final = "percent"
"""Unit of a column whose shares are shown in percent."""
_UNIT: Final = {
    "1e-6 m2": "mu", "1e-6 wan": "wan", "1e-4 mu": "mu", "wan/mu": "wan_per_mu",
    PERCENT: "percent", "1e-6 m2 of floors": "m2",
}  # fmt: skip
_FLOOR: Final = "1e-6 m2 of floors"
_EITHER: Final = "1e-6 wan or unit"
_PLACES: Final = {"1e-6 wan": 6, "1e-4 mu": 4, "1e-6": 6, _FLOOR: 6, _EITHER: 6}
Words = Mapping[str, "Callable[[str, Lang], str]"]


def framed(
    frame: pd.DataFrame,
    schema: Schema,
    names: Iterable[str],
    lang: Lang,
    words: Words | None = None,
) -> Table:
    """The columns ``names`` of ``frame``; ``words``: column → what its codes are called.

    Shares (``"1"``) are shown in percent; counts of firms among figures of periods in firms.
    """
    said = words or {}
    columns = [_as_shown(schema.column(name)) for name in names]
    heads = {one.name: _head(one, lang) for one in columns}
    table = Table(schema.name, schema.label(lang), heads)
    for at, row in enumerate(frame.to_dict("records")):
        counted = row.get("measure") == "firms"
        table.rows[str(at),] = {
            one.name: _cell(one, row[one.name], lang, said, counted=counted) for one in columns
        }
    return table


def _as_shown(column: Column) -> Column:
    """A column with the unit in which it is shown, where that is not what its unit says: shares in
    percent, floor space in m²."""
    unit = column.unit
    if column.dtype == "float" and unit == "1":
        unit = PERCENT
    elif column.name.removesuffix("_m2_micro") in FLOORS:
        unit = _FLOOR
    return Column(column.name, column.dtype, column.zh, column.en, unit)


def _head(column: Column, lang: Lang) -> str:
    label = column.label(lang)
    if column.unit == _EITHER:
        unit = text("park_cli.unit_either", lang)
    elif column.unit in _UNIT:
        unit = text(f"report.unit_{_UNIT[column.unit]}", lang)
    else:
        return label
    return text("report.with_unit", lang, label=label, unit=unit)


def _cell(column: Column, value: object, lang: Lang, words: Words, *, counted: bool) -> Cell:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, str):
        word = words.get(column.name)
        return word(value, lang) if word else plain(value)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool):
        return text(f"workbook.{'yes' if value else 'no'}", lang)
    if isinstance(value, float):
        return Number(half_up(Fraction(value) * (100 if column.unit == PERCENT else 1), 2))
    whole = number(value) or 0
    if column.unit == "1e-6 m2":
        return Number(mu_text(whole))
    places = _PLACES.get(column.unit, 0)
    shown = Fraction(whole, 10**places)
    return Number(half_up(shown, 0 if counted or not places else 2))

"""The columns of a park table as columns of the program; bad cells become issues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.intake.codes import industry
from landuse.intake.dates import years
from landuse.intake.park_words import CODES, coded, entries
from landuse.intake.table_columns import (
    amount,
    date_column,
    declared_unit,
    text_column,
    to_date,
    to_int64,
    to_text,
)
from landuse.intake.zones import park_type
from landuse.schema.park_columns import FLOORS, LISTS, UNIT_OF, kind_of, name_of
from landuse.units import MICRO, UNITS

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.opened import Opened
    from landuse.issues import IssueLog
    from landuse.schema.frame import Column

__all__ = ["column_of", "lists", "words"]

_FIGURES: Final = frozenset({"inputs", "input_units"})


def column_of(opened: Opened, column: Column, log: IssueLog) -> Any:  # noqa: ANN401 - a Series or array
    """One column of the frame; missing where the file has none."""
    kind, name = kind_of(column), name_of(column)
    if kind in UNIT_OF:
        return _quantity(opened, name, kind, log)
    if kind == "date":
        return to_date(date_column(opened, name, log))
    if kind == "year":
        return _years(opened, name, log)
    if name in LISTS:
        return to_text(lists(opened, name, log))
    if name in CODES:
        return to_text(words(opened, name, log))
    if name in ("park_type", "division"):
        return to_text(_recognised(opened, name, log))
    return to_text(text_column(opened, name))


def _quantity(opened: Opened, name: str, kind: Any, log: IssueLog) -> pd.Series:  # noqa: ANN401
    count = len(opened.raw)
    if not opened.columns.heading(name):
        return pd.Series(pd.array([pd.NA] * count, dtype="Int64"))
    target = UNIT_OF[kind]
    if kind == "per_mu" and _says_money(opened, name):
        target = "wan"  # 亩均税收(万元): the heading says per mu, the unit says only the money
    if name in FLOORS:
        source = opened.source.model_copy(update={"area_unit": None})
        opened = replace(opened, source=source)
    default = target if kind in ("ratio", "count") else None
    read = amount(opened, name, target, log, default=default)
    negative = np.flatnonzero(read.present & (read.micro < 0) & opened.rows.used)
    opened.rows.tell(negative, "park_tables.negative", log, column=opened.columns.heading(name))
    series = to_int64(read._replace(present=read.present & (read.micro >= 0)))
    return series // MICRO if kind == "count" else series


def _says_money(opened: Opened, name: str) -> bool:
    said = declared_unit(opened, name) or opened.columns.units.get(name, "")
    if not said:
        return opened.source.money_unit is not None
    return said in UNITS and UNITS[said].dimension == "money"


def _years(opened: Opened, name: str, log: IssueLog) -> pd.Series:
    heading = opened.columns.heading(name)
    if not heading:
        return pd.Series(pd.array([pd.NA] * len(opened.raw), dtype="Int64"))
    found = years(opened.raw.frame[heading].to_numpy())
    bad = np.flatnonzero((found < 0) & opened.rows.used)
    opened.rows.tell(bad, "intake_tables.not_a_date", log, column=heading)
    return pd.Series(pd.arrays.IntegerArray(np.maximum(found, 0), found <= 0))


def words(opened: Opened, name: str, log: IssueLog) -> npt.NDArray[np.object_]:
    """A column of words as our codes; a word that nobody knows is an issue and blank."""
    written = text_column(opened, name)
    known = {word: coded(name, word) for word in set(written)}
    odd = np.array([known[word] is None for word in written], dtype=bool)
    _tell_unknown(opened, name, odd, ", ".join(dict.fromkeys(CODES[name].values())), log)
    return np.array([known[word] or "" for word in written], dtype=object)


def _recognised(opened: Opened, name: str, log: IssueLog) -> npt.NDArray[np.object_]:
    written = text_column(opened, name)
    read = park_type if name == "park_type" else lambda text: industry(text).division
    known = {word: read(word) if word else "" for word in set(written)}
    odd = np.array([word != "" and not known[word] for word in written], dtype=bool)
    shown = "emerging, traditional, employment" if name == "park_type" else "GB/T 4754-2017"
    _tell_unknown(opened, name, odd, shown, log)
    return np.array([known[word] for word in written], dtype=object)


def lists(opened: Opened, name: str, log: IssueLog) -> npt.NDArray[np.object_]:
    """A column whose cells list several entries, joined by "; ", divisions as their codes."""
    written = text_column(opened, name)
    known = {word: entries(word, figures=name in _FIGURES) for word in set(written)}
    if name == "leading_divisions":
        codes = {
            word: sorted({industry(one).division for one in found}) for word, found in known.items()
        }
        odd = np.array(["" in codes[word] for word in written], dtype=bool)
        _tell_unknown(opened, name, odd, "GB/T 4754-2017", log)
        known = {word: [code for code in found if code] for word, found in codes.items()}
    return np.array(["; ".join(known[word]) for word in written], dtype=object)


def _tell_unknown(
    opened: Opened, name: str, odd: npt.NDArray[np.bool_], shown: str, log: IssueLog
) -> None:
    opened.rows.tell(
        np.flatnonzero(odd & opened.rows.used), "intake_tables.unknown_word", log,
        column=opened.columns.heading(name), shown={"words": shown},
    )  # fmt: skip

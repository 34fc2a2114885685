"""Columns of a layer as amounts, prices and codes; a cell that is none is blank and an issue."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.intake.cells import texts
from landuse.intake.numbers import numbers, to_millionths, too_large_together

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from landuse.intake.columns import Columns
    from landuse.intake.raw import Raw
    from landuse.issues import IssueLog

__all__ = ["amounts", "cells_of", "folded_texts", "land_use_codes", "prices"]

_CODE: Final = re.compile(r"(?<![0-9A-Z])(\d{3,6}[A-Z]?\d?|[A-Z]\d{0,2})(?![0-9A-Z])")
_NAMED_USES: Final[dict[str, str]] = {
    "工业用地": "0601",
    "工业": "0601",
    "采矿用地": "0602",
    "仓储用地": "0604",
    "物流仓储用地": "0508",
    "一类工业用地": "100101",
    "二类工业用地": "100102",
    "三类工业用地": "100103",
}
"""GB/T 21010-2017, the working classification of the Third Survey, and the 2023 classification."""
_SHORT: Final = 3
_PRICES: Final = (0.01, 1e6)


def cells_of(raw: Raw, columns: Columns, name: str) -> npt.NDArray[np.object_]:
    """The cells of one of our columns; all blank where the layer has none."""
    if name not in columns:
        return np.full(len(raw), None, dtype=object)
    cells: npt.NDArray[np.object_] = raw.frame[columns.heading(name)].to_numpy(dtype=object)
    return cells


def amounts(
    raw: Raw, columns: Columns, name: str, unit: str, target: str, log: IssueLog
) -> pd.Series:
    """A column in millionths of ``target`` (``Int64``); all missing where the layer has none."""
    if name not in columns:
        return pd.Series(pd.NA, index=range(len(raw)), dtype="Int64")
    cells = cells_of(raw, columns, name)
    values, present, bad = to_millionths(numbers(cells), unit, target)
    _report_bad(raw, columns.heading(name), cells, bad, log)
    if too_large_together(values, present):
        index = int(np.argmax(np.where(present, np.abs(values), -1)))
        place = {**raw.place(index), "column": columns.heading(name), "value": str(cells[index])}
        log.add("intake_tables.column_too_large", **place)
    return pd.Series(pd.arrays.IntegerArray(values, ~present))


def prices(raw: Raw, columns: Columns, log: IssueLog) -> npt.NDArray[np.float64]:
    """Benchmark prices in yuan/m²; NaN for blank, for what is not above 0, and for what can be no
    price of land (a fen, or a million yuan): such a cell is an issue.
    """
    name = "benchmark_price_yuan_per_m2"
    cells = cells_of(raw, columns, name)
    read = numbers(cells)
    found = read.values  # noqa: PD011 - no frame
    absurd = (found > 0) & ((found < _PRICES[0]) | (found > _PRICES[1]))
    _report_bad(raw, columns.heading(name), cells, read.bad | absurd, log)
    return np.where((found > 0) & ~absurd, found, np.nan)


def _report_bad(
    raw: Raw,
    heading: str,
    cells: npt.NDArray[np.object_],
    bad: npt.NDArray[np.bool_],
    log: IssueLog,
) -> None:
    for index in np.flatnonzero(bad):
        log.add(
            "intake_layers.bad_number",
            **raw.place(int(index)), column=heading, value=str(cells[index]),
        )  # fmt: skip


def folded_texts(cells: npt.NDArray[np.object_]) -> pd.Series:
    """Codes as they stand, folded by width, in capitals; several may share a cell."""
    return _mapped(texts(cells), lambda text: unicodedata.normalize("NFKC", text).upper())


def land_use_codes(cells: npt.NDArray[np.object_]) -> pd.Series:
    """Land-use codes: ``0601``, also out of ``0601 工业用地`` or of the name alone.

    A number has lost its leading zero (601 is 0601). What is neither stays as it stands.
    """
    plain = texts(cells)
    is_number = np.fromiter((type(cell) in {int, float} for cell in cells), bool, len(cells))
    for index in np.flatnonzero(is_number):
        if len(plain[index]) == _SHORT:
            plain[index] = f"0{plain[index]}"
    return _mapped(plain, _land_use)


def _land_use(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip().upper()
    if match := _CODE.search(folded):
        return match[1]
    return _NAMED_USES.get(re.sub(r"\s", "", folded), folded)


def _mapped(values: npt.NDArray[np.object_], convert: Callable[[str], str]) -> pd.Series:
    """``convert`` computed once for each distinct text."""
    which, distinct = pd.factorize(values)
    converted = np.array([convert(text) for text in distinct], dtype=object)
    return pd.Series(converted[which] if len(distinct) else [], dtype="str")

"""Columns of a layer as amounts, prices and codes; a cell that is none is blank and an issue."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.intake.cells import text_column
from landuse.intake.numbers import Large, numbers, to_millionths, together
from landuse.intake.typed import distinct, mapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from landuse.intake.columns import Columns
    from landuse.intake.raw import Raw
    from landuse.intake.typed import Cells, Texts
    from landuse.issues import IssueLog

__all__ = [
    "amounts",
    "cells_of",
    "folded_texts",
    "land_use_codes",
    "prices",
    "texts_of",
    "uses_counted",
    "uses_read_as",
]

_CODE: Final = re.compile(
    r"(?<![0-9A-Z])(\d{3,6}[A-Z]?\d?|[A-Z]\d{1,2}|[MW]|[A-Z](?!\s*[类级型等区座栋号]))(?![0-9A-Z年])"
    r"|^(\d{2})(?![0-9A-Z年])"
)
"""A code anywhere in the cell, or a class of two digits at its start; A类 is a rank, no code."""
_NAMED_USES: Final[dict[str, str]] = {
    "工业用地": "0601",
    "工业": "0601",
    "普通工业用地": "0601",
    "工矿仓储用地": "0601",
    "工矿仓储": "0601",
    "工矿用地": "0601",
    "工业仓储用地": "0601",
    "采矿用地": "0602",
    "采矿": "0602",
    "仓储用地": "0604",
    "仓储": "0604",
    "物流仓储用地": "0508",
    "物流仓储": "0508",
    "一类工业用地": "100101",
    "二类工业用地": "100102",
    "三类工业用地": "100103",
    "新型产业用地": "M0",
}
"""GB/T 21010-2017, the working classification of the Third Survey, and the 2023 classification."""
_RANKED: Final = re.compile(r"[A-Z0-9一二三四甲乙丙丁]+[类级型等]工业用地")
_OLD_CODES: Final[dict[str, str]] = {"06": "0601", "061": "0601", "062": "0602", "063": "0604"}
"""GB/T 21010-2007 and its class 06 工矿仓储用地, in the codes of 2017 that scopes are made of."""
_SHORT: Final = 3
_LISTED: Final = 12
_PRICES: Final = (0.01, 1e6)


def cells_of(raw: Raw, columns: Columns, name: str) -> Cells:
    """One of our columns as it was read; all blank where the layer has none."""
    if name not in columns:
        return pa.nulls(len(raw), pa.large_string())
    return raw.cells(columns.heading(name))


def texts_of(raw: Raw, columns: Columns, name: str) -> Texts:
    """One of our columns as text, ``""`` where it is blank or absent."""
    return text_column(cells_of(raw, columns, name))


def amounts(
    raw: Raw, columns: Columns, name: str, unit: str, target: str, log: IssueLog
) -> tuple[pd.Series, Large]:
    """A column in millionths of ``target`` (``Int64``; all missing where the layer has none), and
    how much it is together.
    """
    if name not in columns:
        return pd.Series(pd.NA, index=range(len(raw)), dtype="Int64"), Large(0.0, -1, {})
    read = numbers(cells_of(raw, columns, name))
    values, present, bad = to_millionths(read, unit, target)
    _report_bad(raw, columns.heading(name), bad, log)
    heading = columns.heading(name)

    def place(index: int) -> dict[str, object]:
        return {**raw.place(index), "column": heading, "value": str(raw.cell(index, heading))}

    return pd.Series(pd.arrays.IntegerArray(values, ~present)), together(values, present, place)


def prices(raw: Raw, columns: Columns, log: IssueLog) -> npt.NDArray[np.float64]:
    """Benchmark prices in yuan/m²; NaN for blank, for what is not above 0, and for what can be no
    price of land (a fen, or a million yuan): such a cell is an issue.
    """
    name = "benchmark_price_yuan_per_m2"
    if name not in columns:
        return np.full(len(raw), np.nan)
    read = numbers(cells_of(raw, columns, name))
    found = read.values  # noqa: PD011 - no frame
    absurd = (found > 0) & ((found < _PRICES[0]) | (found > _PRICES[1]))
    _report_bad(raw, columns.heading(name), read.bad | absurd, log)
    return np.where((found > 0) & ~absurd, found, np.nan)


def _report_bad(
    raw: Raw,
    heading: str,
    bad: npt.NDArray[np.bool_],
    log: IssueLog,
) -> None:
    for index in np.flatnonzero(bad):
        log.add(
            "intake_layers.bad_number",
            **raw.place(int(index)), column=heading, value=str(raw.cell(int(index), heading)),
        )  # fmt: skip


def folded_texts(cells: Cells) -> Texts:
    """Codes as they stand, folded by width, in capitals; several may share a cell."""
    plain = text_column(cells)
    is_ascii = pc.string_is_ascii(plain)
    capital = pc.ascii_upper(plain)
    if pc.all(is_ascii, min_count=0).as_py():
        return capital
    rest = pc.invert(is_ascii)
    folded = mapped(plain.filter(rest), lambda text: unicodedata.normalize("NFKC", text).upper())
    return pc.replace_with_mask(capital, rest, folded)


def land_use_codes(cells: Cells) -> Texts:
    """Land-use codes: ``0601``, also out of ``0601 工业用地`` or of the name alone.

    A number has lost its leading zero (601 is 0601, 61 is 061). Codes of 2007 become those of
    2017. What is neither stays as it stands, and is named where it is out of scope.

    >>> cells = np.array(["0601工业", "工矿仓储用地", 61.0, "A类工业用地", "商住"], dtype=object)
    >>> land_use_codes(cells).to_pylist()
    ['0601', '0601', '0601', '0601', '商住']
    """
    plain = text_column(cells)
    if not isinstance(cells, np.ndarray):
        return mapped(plain, _land_use)
    is_number = np.ones(len(cells), dtype=bool)
    if cells.dtype == object:
        is_number = np.fromiter((type(cell) in {int, float} for cell in cells), bool, len(cells))
    short = pa.array(is_number & np.asarray(pc.less_equal(pc.utf8_length(plain), _SHORT)))
    numbered = mapped(plain.filter(short), lambda text: text if text in {"", "0"} else f"0{text}")
    return mapped(pc.replace_with_mask(plain, short, numbered), _land_use)


def uses_counted(texts: Texts, codes: Texts) -> Counter[tuple[str, str]]:
    """How often each word or code was written and became a code."""
    written, words = distinct(texts)
    which, found = distinct(codes)
    place, pairs = pd.factorize(written * (len(found) + 1) + which)
    counts = np.bincount(place, minlength=len(pairs))
    said = [
        (words[int(pair) // (len(found) + 1)].as_py(), found[int(pair) % (len(found) + 1)].as_py())
        for pair in pairs
    ]
    return Counter(dict(zip(said, counts.tolist(), strict=True)))


def uses_read_as(counted: Mapping[tuple[str, str], int]) -> str:
    """Words and old codes that became codes, for the run's report: ``工业用地 → 0601 ×3``."""
    shown = [
        f"{text} → {code} ×{count}"
        for (text, code), count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        if text and code not in unicodedata.normalize("NFKC", text).upper()
    ]
    return "; ".join(shown[:_LISTED]) + "; …" * (len(shown) > _LISTED)


def _land_use(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip().upper()
    plain = re.sub(r"\s", "", folded)
    if plain in _NAMED_USES:
        return _NAMED_USES[plain]
    if match := _CODE.search(folded):
        code = str(match[1] or match[2])
        return _OLD_CODES.get(code, code)
    return "0601" if _RANKED.fullmatch(plain) else folded

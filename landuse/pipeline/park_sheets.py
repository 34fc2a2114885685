"""The park tables as people read them: headings with units, words for codes, exact figures.

What is written here is read by :mod:`landuse.intake.park_tables` to the same millionth.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse.intake.park_words import CODES
from landuse.publish.park_sheets import ParkSheet
from landuse.schema.headings import usual
from landuse.schema.park_columns import FLOORS, columns_read, kind_of, name_of
from landuse.units import MICRO, UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.messages import Lang
    from landuse.schema.frame import Column, Table

__all__ = ["sheet_of", "stated_text"]

_UNIT_WORDS: Final = {
    "mu": ("亩", "mu"), "m2": ("平方米", "m2"), "wan": ("万元", "wan"),
    "wan/mu": ("万元/亩", "wan/mu"),
}  # fmt: skip
_MONEY: Final = {"亿元": "yi", "百万元": "million_yuan", "万元": "wan", "千元": "thousand_yuan",
                 "元": "yuan"}  # fmt: skip
_HEDGES: Final = {"exact": "{}", "about": "约{}", "near": "近{}", "more": "超{}", "below": "不足{}"}
_PARK_TYPES: Final = {"emerging": "新兴产业", "traditional": "传统产业", "employment": "就业型"}
_UNCLEAR: Final = ("日期待核", "date unclear")
"""In place of a date that could not be read: it is no date, and not blank."""
_PERIODS: Final = (
    "scope", "whom", "cluster_kind", "period", "cumulative", "measure", "value", "unit", "growth",
    "share_of_city", "target", "share_of_target", "expected_year",
)  # fmt: skip


def sheet_of(table: Table, frame: pd.DataFrame, lang: Lang) -> ParkSheet:
    """The sheet of one table: its headings and its rows of cells."""
    if table.name == "periods":
        headings = tuple(usual("periods", name, lang) for name in _PERIODS)
        rows = [_period(row, lang) for row in frame.to_dict("records")]
        return ParkSheet(table.label(lang), headings, tuple(rows))
    columns = columns_read(table)
    headings = tuple(_heading(table, column, lang) for column in columns)
    rows = [
        tuple(
            _UNCLEAR[lang == "en"]
            if column.name in str(row.get("unread", "")).split("; ")
            else _cell(column, row[column.name], lang)
            for column in columns
        )
        for row in frame.to_dict("records")
    ]
    return ParkSheet(table.label(lang), headings, tuple(rows))


def _unit(column: Column) -> str:
    kind, name = kind_of(column), name_of(column)
    if kind == "area":
        return "m2" if name in FLOORS else "mu"
    return {"money": "wan", "per_mu": "wan/mu"}.get(kind, "")


def _heading(table: Table, column: Column, lang: Lang) -> str:
    heading, unit = usual(table.name, name_of(column), lang), _unit(column)
    return f"{heading}({_UNIT_WORDS[unit][lang == 'en']})" if unit else heading


def _cell(column: Column, value: Any, lang: Lang) -> Any:  # noqa: ANN401 - what a cell holds
    kind, name = kind_of(column), name_of(column)
    if value is None or value is pd.NaT or value is pd.NA or value == "":
        return None
    if kind in ("area", "money", "per_mu", "ratio"):
        unit = _unit(column)
        scale = UNITS[unit].in_base if unit == "mu" else Fraction(1)
        return _number(shortest(int(value), scale))
    if kind in ("count", "year"):
        return int(value)
    if kind == "date":
        return value.date()
    if name in CODES:
        return _word(name, str(value), lang)
    if name == "park_type" and lang == "zh":
        return _PARK_TYPES.get(value, value)
    if name == "inputs":
        return "; ".join(f"[{p[1:]}]" if p.startswith("=") else p for p in value.split("; "))
    return value


def shortest(micro: int, scale: Fraction) -> Decimal:
    """The shortest decimal of a unit of ``scale`` that is read as ``micro`` again.

    >>> shortest(147_333_333_333, UNITS["mu"].in_base), shortest(1_500_000, Fraction(1))
    (Decimal('221'), Decimal('1.5'))
    """
    exact = Fraction(micro, MICRO) / scale
    for digits in range(16):
        scaled = round(exact * 10**digits)
        if round(Fraction(scaled, 10**digits) * scale * MICRO) == micro:
            return Decimal(scaled).scaleb(-digits)
    raise AssertionError(micro)


def _number(value: Decimal) -> float | str:
    """A number where a spreadsheet keeps all its digits, else text."""
    return float(value) if len(value.as_tuple().digits) <= 15 else f"{value:f}"


def _word(column: str, code: str, lang: Lang) -> str:
    """The Chinese word of a code: the first that the reader knows it by."""
    if lang == "en":
        return code
    words = [word for word, meaning in CODES[column].items() if meaning == code and word != code]
    return words[0]


def _period(row: Mapping[Any, Any], lang: Lang) -> tuple[Any, ...]:
    counted = row["measure"] == "firms"
    unit, code = ("家", "") if counted else _money_unit(row)
    scale = Fraction(1) if counted else UNITS[code].in_base

    def aside(name: str) -> Any:  # noqa: ANN401 - what a cell holds
        micro = row[f"{name}_micro"]
        return None if pd.isna(micro) else _number(shortest(int(micro), scale))

    return (
        _word("scope", row["scope"], lang),
        row["key"] or None,
        _word("cluster_kind", row["cluster_kind"], lang) if row["cluster_kind"] else None,
        row["period"],
        _word("cumulative", "yes", lang) if row["cumulative"] else None,
        usual("periods", row["measure"], lang),
        None if pd.isna(row["value_micro"]) else stated_text(row, scale),
        unit,
        row["growth_text"] or None,
        row["share_of_city_text"] or None,
        aside("target"),
        row["share_of_target_text"] or None,
        aside("expected_year"),
    )


def _money_unit(row: Mapping[Any, Any]) -> tuple[str, str]:
    """The unit in which a figure was stated: its last digit is worth one step."""
    for word, code in _MONEY.items():
        if UNITS[code].in_base * MICRO == int(row["step_micro"]) * 10 ** int(row["digits"]):
            return word, code
    return "万元", "wan"


def stated_text(row: Mapping[Any, Any], scale: Fraction) -> str:
    """A figure as it was stated: all its digits, and its hedge."""
    value = Fraction(int(row["value_micro"]), MICRO) / scale
    digits = int(row["digits"])
    whole = Decimal(round(value * 10**digits)).scaleb(-digits)
    return _HEDGES[row["bound"]].format(f"{whole:f}")

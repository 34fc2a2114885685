"""The published tables of a run under a rule pack: fixed columns and those the pack names."""

from __future__ import annotations

from landuse.rules.model import Figure, Indicator, Rules
from landuse.schema import published, tables
from landuse.schema.frame import Column, Table

__all__ = [
    "adjusted_columns",
    "benchmark_columns",
    "figure_columns",
    "last_year_columns",
    "raw_columns",
    "tables_of",
]


def figure_columns(rules: Rules) -> list[Column]:
    """One column a figure, in the pack's unit."""
    return [_figure(figure) for figure in rules.figures]


def _figure(figure: Figure) -> Column:
    return Column(figure.column, "float", figure.title_zh, figure.title_en, figure.unit)


def raw_columns(rules: Rules) -> list[Column]:
    """One column an indicator, as it is before the land price is considered."""
    return [_indicator(one, one.key, "{}", "{}") for one in rules.indicators]


def adjusted_columns(rules: Rules) -> list[Column]:
    """One column an indicator on land, corrected by the land price."""
    return [
        _indicator(one, f"adjusted_{one.key}", "修正后{}", "{}, adjusted")
        for one in rules.indicators
        if one.on_land
    ]


def last_year_columns(rules: Rules) -> list[Column]:
    """One column an indicator: last year's figures on this year's land, before the land price."""
    return [
        _indicator(one, f"last_year_{one.key}", "上年{}", "{}, last year")
        for one in rules.indicators
    ]


def benchmark_columns(rules: Rules) -> list[Column]:
    """One column an indicator: the value that units of a cohort are compared with."""
    return [
        _indicator(one, f"benchmark_{one.key}", "{}基准", "{}, benchmark")
        for one in rules.indicators
    ]


def _indicator(one: Indicator, name: str, zh: str, en: str) -> Column:
    # both languages of the unit stand in one text; words.unit() takes the reader's half
    unit = f"{one.unit_zh}|{one.unit_en}"
    return Column(name, "float", zh.format(one.title_zh), en.format(one.title_en), unit)


def tables_of(rules: Rules) -> list[Table]:
    """Every published table, in the order in which it is written."""
    figures = figure_columns(rules)
    return [
        published.units_table(
            figures, raw_columns(rules), [*adjusted_columns(rules), *last_year_columns(rules)]
        ),
        published.RUN_PARCELS,
        published.RUN_LINKS,
        published.ISSUES,
        published.INDICATORS,
        published.cohorts_table(benchmark_columns(rules)),
        tables.SUGGESTIONS,
        published.UNMATCHED_PARCELS,
        published.unmatched_enterprises_table(figures),
        tables.SOURCES,
        tables.SET_ASIDE,
        published.COUNTS,
        tables.PRICE_PARTS,
        published.RUN_IDLE,
        published.RUN_AREAS,
        tables.EVIDENCE,
        published.CORRECTIONS,
    ]

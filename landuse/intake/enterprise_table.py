"""One table of enterprises as records: an enterprise, a year, its figures and attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse.errors import UserError
from landuse.intake.codes import industry
from landuse.intake.columns import Vocabulary
from landuse.intake.dates import years as parse_years
from landuse.intake.energy import ENERGY, contributions, energy_names
from landuse.intake.numbers import numbers
from landuse.intake.opened import Opened, Opener, open_table
from landuse.intake.raw import Fact
from landuse.intake.table_columns import (
    amount,
    date_column,
    distinct_in,
    keys_in,
    texts_in,
    to_date,
    to_int64,
    to_text,
)
from landuse.units import UNITS

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.corrections import Corrections
    from landuse.intake.project import EnterpriseTable, Project
    from landuse.issues import IssueLog
    from landuse.rules import Figure, Rules

__all__ = ["TEXTS", "Piece", "enterprise_words", "read_piece"]

TEXTS: Final = ("name", "industry_code", "division", "scale")
_ATTRIBUTES: Final = ("uscc", "name", "industry_code", "year", "production_started_on", "scale")
_POINTS: Final = ("x", "y")
_NAMED_UNITS: Final = frozenset({"coal", "count", "number"})
"""Dimensions whose unit is the column's own name or none: no unit need be declared."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The records of one table: ``records`` has ``row`` (position in the raw table), ``uscc``,
    ``name``, ``year``, the attributes, and an ``Int64`` column for each of ``amounts``.

    ``names`` are our columns that the table has.
    """

    opened: Opened
    records: pd.DataFrame
    amounts: tuple[str, ...]
    names: tuple[str, ...]
    facts: tuple[Fact, ...]

    @property
    def file(self) -> str:
        """The file or files, for messages."""
        return self.opened.file


def read_piece(
    source: EnterpriseTable,
    project: Project,
    rules: Rules,
    corrections: Corrections,
    log: IssueLog,
    *,
    main: bool,
    opener: Opener = open_table,
) -> Piece:
    """One of the enterprise tables; ``main``: it must have the credit codes itself.

    Raises :class:`landuse.errors.UserError` for structural faults.
    """
    figures = {figure.key: figure for figure in rules.figures}
    yearly = _yearly(rules)
    texts = _texts(rules)
    opened = opener(
        source, project, enterprise_words(source, rules), corrections, log,
        keys=("uscc", "name"), amounts=yearly, needed=("uscc",) if main else (), typed=True,
    )  # fmt: skip
    if not main and "uscc" not in opened.columns and "name" not in opened.columns:
        headings = ", ".join(opened.raw.headings)
        place = {"table": "enterprises", "file": ", ".join(source.path)}
        raise UserError.of("intake_tables.no_joint", **place, headings=headings)
    table = _attributes(opened, project, texts, log)
    if main:
        opened.rows.reject((table["uscc"] == "").to_numpy(), "intake_tables.no_key", log)
    records, facts = _by_year(opened, source, rules, table, project, log)
    columns = [str(name) for name in records.columns]
    amounts = tuple(n for n in columns if n in figures or n.startswith("tce_from_"))
    names = tuple(sorted({*opened.columns.theirs, *opened.columns.by_year}))
    return Piece(opened, records, amounts, names, (*opened.facts, *facts))


def _yearly(rules: Rules) -> tuple[str, ...]:
    return (*(figure.key for figure in rules.figures), *energy_names(rules))


def _texts(rules: Rules) -> tuple[str, ...]:
    return tuple(name for name in rules.cohort_by if name not in TEXTS)


def enterprise_words(source: EnterpriseTable, rules: Rules) -> Vocabulary:
    """The headings that a table of enterprises may have."""
    yearly = _yearly(rules)
    extra = {title: f.key for f in rules.figures for title in (f.title_zh, f.title_en)}
    extra |= {e.title_zh: e.key for e in rules.energy if e.key in yearly}
    names = (*_ATTRIBUTES, *_POINTS, *yearly, *_texts(rules))
    return Vocabulary.of("enterprises", source.columns, names=names, extra=extra, yearly=yearly)


def _attributes(
    opened: Opened, project: Project, texts: tuple[str, ...], log: IssueLog
) -> pd.DataFrame:
    """Everything of a row that is no figure, for every row of the table."""
    uscc = keys_in(opened, "uscc", project.id_scheme, log)
    opened.rows.keys = uscc
    code, division = _industries(opened, project, log)
    data: dict[str, object] = {
        "row": np.arange(len(opened.raw)),
        "uscc": to_text(uscc),
        "name": to_text(texts_in(opened, "name")),
        "scale": to_text(texts_in(opened, "scale")),
        "industry_code": code,
        "division": division,
        "production_started_on": to_date(date_column(opened, "production_started_on", log)),
    }
    data |= {name: to_text(texts_in(opened, name)) for name in texts}
    data |= {name: _coordinate(opened, name, log) for name in _POINTS}
    return pd.DataFrame(data, copy=False)


def _industries(opened: Opened, project: Project, log: IssueLog) -> tuple[pd.Series, pd.Series]:
    rows = opened.rows
    which, words = distinct_in(opened, "industry_code")
    known = [industry(word, project.id_scheme) for word in words.to_pylist()]
    is_faulty = np.array([one.fault != "" for one in known], dtype=bool)
    odd = np.flatnonzero(is_faulty[which] & rows.used)
    said = pd.DataFrame({"key": rows.keys_at(odd).to_pylist(), "word": which[odd]})
    for index in odd[~said.duplicated().to_numpy()]:
        sentence = f"intake_tables.{known[which[index]].fault}"
        heading = opened.columns.heading("industry_code")
        rows.tell(np.array([index]), sentence, log, column=heading)
    place = pa.array(which)
    code = pa.array([one.code for one in known], pa.large_string())
    division = pa.array([one.division for one in known], pa.large_string())
    return to_text(code.take(place)), to_text(division.take(place))


def _coordinate(opened: Opened, name: str, log: IssueLog) -> npt.NDArray[np.float64]:
    heading = opened.columns.heading(name)
    if not heading:
        return np.full(len(opened.raw), np.nan)
    read = numbers(opened.raw.cells(heading))
    bad = np.flatnonzero(read.bad & opened.rows.used)
    opened.rows.tell(bad, "intake_tables.not_a_number", log, column=heading)
    return np.where(np.isfinite(read.values), read.values, np.nan)


def _by_year(
    opened: Opened,
    source: EnterpriseTable,
    rules: Rules,
    table: pd.DataFrame,
    project: Project,
    log: IssueLog,
) -> tuple[pd.DataFrame, list[Fact]]:
    """One record a row and year: from a year column, from years in headings, or the project's."""
    columns, rows = opened.columns, opened.rows
    if "year" not in columns:
        return _wide(opened, source, rules, table, project, log)
    heading = columns.heading("year")
    if columns.by_year:
        headings = [text for texts in columns.by_year.values() for text in texts.values()]
        place = {"table": "enterprises", "file": ", ".join(source.path), "column": heading}
        raise UserError.of("intake_tables.year_twice", **place, headings=", ".join(headings))
    found = parse_years(opened.raw.cells(heading))
    rows.reject(found <= 0, "intake_tables.no_year", log, column=heading)
    amounts = _amounts(opened, source, rules, log, None)
    return table.assign(year=np.maximum(found, 0), **amounts), []


def _wide(
    opened: Opened,
    source: EnterpriseTable,
    rules: Rules,
    table: pd.DataFrame,
    project: Project,
    log: IssueLog,
) -> tuple[pd.DataFrame, list[Fact]]:
    """A record a row for each year in the headings; what states no year is the project's."""
    columns = opened.columns
    years = {year for headings in columns.by_year.values() for year in headings}
    facts: list[Fact] = []
    if not years:
        values: dict[str, object] = {"value": project.year, "table": "enterprises"}
        facts.append(Fact("intake_tables.year_assumed", ", ".join(source.path), values))
    quantities = {figure.key for figure in rules.figures} | set(energy_names(rules))
    undated = [columns.heading(name) for name in sorted(quantities & set(columns.theirs))]
    if years and undated:
        shown = {"value": project.year, "table": "enterprises", "headings": ", ".join(undated)}
        facts.append(Fact("intake_tables.columns_without_year", ", ".join(source.path), shown))
    if not years or undated:
        years.add(project.year)
    parts = []
    for year in sorted(years):
        plain = year == project.year
        amounts = _amounts(opened, source, rules, log, year, plain=plain)
        parts.append(table.assign(year=year, **amounts))
    return pd.concat(parts, ignore_index=True), facts


def _amounts(
    opened: Opened,
    source: EnterpriseTable,
    rules: Rules,
    log: IssueLog,
    year: int | None,
    *,
    plain: bool = True,
) -> dict[str, pd.Series]:
    """The figures of one year; ``plain``: columns without a year in the heading count too."""
    columns = opened.columns
    found = {}
    for figure in rules.figures:
        stated = year is not None and year in columns.by_year.get(figure.key, {})
        if stated or (plain and figure.key in columns.theirs):
            found[figure.key] = amount(
                opened, figure.key, figure.unit, log,
                year=year if stated else None, default=_default(figure),
            )  # fmt: skip
    found |= contributions(opened, source, rules, log, year, plain=plain)
    return {name: to_int64(value) for name, value in found.items()}


def _default(figure: Figure) -> str | None:
    """The unit of a column that states none: only where its name or kind says it."""
    if figure.key == ENERGY or UNITS[figure.unit].dimension in _NAMED_UNITS:
        return figure.unit
    return None

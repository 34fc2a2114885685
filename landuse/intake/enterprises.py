"""Enterprises and their figures of each year, from any number of tables in any units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse.errors import UserError
from landuse.intake.absences import Absence, absences, only_set_aside, report_absent
from landuse.intake.energy import ENERGY, contribution, energy_names
from landuse.intake.energy_sum import report_blank_energies, sum_of_parts
from landuse.intake.enterprise_attributes import attributes
from landuse.intake.enterprise_join import joined, resolve_names, unique_records
from landuse.intake.enterprise_table import TEXTS, Piece, read_piece
from landuse.intake.identities import WHO, identify
from landuse.intake.inputs import Reading
from landuse.intake.opened import Opener, open_table
from landuse.intake.outliers import (
    Suspects,
    in_units,
    medians_of,
    report_outliers,
    single_rows,
    suspects,
)
from landuse.intake.points import place_points
from landuse.issues import IssueLog
from landuse.schema.tables import ENTERPRISES, FIGURES, SET_ASIDE, SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.intake.columns import Columns
    from landuse.intake.corrections import Corrections
    from landuse.intake.identities import Identities
    from landuse.intake.opened import Asked
    from landuse.intake.points import System
    from landuse.intake.project import EnterpriseTable, Project
    from landuse.rules import Rules

__all__ = [
    "Checked",
    "Places",
    "check_enterprises",
    "enterprise_sources",
    "outline_enterprises",
    "read_enterprises",
]

_GAP: Final = 0.01


def read_enterprises(
    project: Project, rules: Rules, corrections: Corrections, log: IssueLog, *, crs: System
) -> Reading:
    """ENTERPRISES as ``frame``, FIGURES as ``figures``; points in the working CRS ``crs``.

    An enterprise of any table is one, with the attributes of the project's year, else of its
    latest; figures are joined on code and year, and by name where a table has no codes and the
    name is unique on both sides. Raises :class:`landuse.errors.UserError` with the structural
    faults of all tables.
    """
    found = check_enterprises(project, rules, corrections, log, crs=crs)
    for one in found.absent:
        report_absent([one], project.year, log)
    used, _, cohort = found.suspects
    medians = medians_of(used, cohort, (figure.micro for figure in rules.figures))
    report_outliers(found.suspects, medians, rules, project.year, found.places, log)
    return found.reading


class Checked(NamedTuple):
    """Enterprises that are read and checked, and what can only be said of all of them together:
    who is ``absent`` in a table, which values stand out; ``asked`` of each table.
    """

    reading: Reading
    absent: Sequence[Absence]
    suspects: Suspects
    places: Places
    asked: Sequence[Asked | None]


def check_enterprises(
    project: Project,
    rules: Rules,
    corrections: Corrections,
    log: IssueLog,
    *,
    crs: System,
    opener: Opener = open_table,
) -> Checked:
    """All enterprises, or those whose rows ``opener`` gives: every row of one enterprise is there.

    As :func:`read_enterprises`, but for what ``Checked`` names.
    """
    sources = _inheriting(project)
    pieces = _pieces(sources, project, rules, corrections, log, opener)
    resolved = resolve_names(pieces, log)
    placed = [
        place_points(piece, frame, source, crs, log)
        for piece, frame, source in zip(pieces, resolved, sources, strict=True)
    ]
    who, placed = identify(placed)
    records = [
        unique_records(piece, frame, who, source, log)
        for piece, frame, source in zip(pieces, placed, sources, strict=True)
    ]
    titles = {figure.key: figure.title_zh for figure in rules.figures}
    figures = joined(pieces, records, who, titles, log)
    absent = absences(pieces, placed, who, project.year)
    texts = [name for name in rules.cohort_by if name not in TEXTS]
    unused = only_set_aside(pieces, placed, records, texts)
    enterprises = attributes(records, unused, who, project.year, texts)
    places = Places(pieces, records, who)
    figures = _with_energy(figures, rules, pieces, places, project.year, log)
    rows = single_rows(pieces, placed, who, rules, project.year)
    found = suspects(figures, enterprises, rows, rules, project.year)
    years = sorted(pd.unique(figures["year"]).tolist())
    names = {name for piece in pieces for name in piece.names}
    _report_absent_cohorts(rules, names, pieces, log)
    _report_late_starts(enterprises, figures, project.year, log)
    reading = Reading(
        ENTERPRISES.check(enterprises[[*ENTERPRISES.names, *texts]]),
        pd.concat([piece.opened.rows.counts() for piece in pieces], ignore_index=True),
        pd.concat([piece.opened.rows.set_aside() for piece in pieces], ignore_index=True),
        pd.concat(
            [_sources(p, frame, who) for p, frame in zip(pieces, placed, strict=True)],
            ignore_index=True,
        ),
        tuple(fact for piece in pieces for fact in piece.facts),
        tuple(path for piece in pieces for path in piece.opened.paths),
        frozenset(names),
        figures=FIGURES.check(figures.drop(columns=WHO)),
        years=tuple(years),
    )
    return Checked(reading, absent, found, places, [piece.opened.asked for piece in pieces])


def outline_enterprises(
    project: Project, rules: Rules, corrections: Corrections, log: IssueLog, opener: Opener
) -> tuple[Reading, list[Columns]]:
    """What the heads of all tables say, without their rows, and the columns of each.

    Raises :class:`landuse.errors.UserError` with the structural faults of all tables.
    """
    pieces = _pieces(_inheriting(project), project, rules, corrections, log, opener)
    names = {name for piece in pieces for name in piece.names}
    _report_absent_cohorts(rules, names, pieces, log)
    reading = Reading(
        ENTERPRISES.empty(),
        pd.concat([piece.opened.rows.counts() for piece in pieces]).iloc[:0],
        SET_ASIDE.empty(),
        SOURCES.empty(),
        tuple(fact for piece in pieces for fact in piece.facts),
        tuple(path for piece in pieces for path in piece.opened.paths),
        frozenset(names),
    )
    return reading, [piece.opened.columns for piece in pieces]


def enterprise_sources(project: Project) -> list[EnterpriseTable]:
    """The tables of enterprises in the order in which they are opened."""
    return [project.enterprises, *project.enterprises.tables]


def _report_absent_cohorts(
    rules: Rules, names: set[str], pieces: list[Piece], log: IssueLog
) -> None:
    """An error for each column of ``cohort_by`` that no table has: nobody could be graded."""
    for name in rules.cohort_by:
        if name != "division" and name not in names:
            headings = ", ".join(dict.fromkeys(h for p in pieces for h in p.opened.raw.headings))
            place = {"table": "enterprises", "file": pieces[0].file}
            log.add("intake_tables.needed_column", **place, name=name, headings=headings)


def _report_late_starts(
    enterprises: pd.DataFrame, figures: pd.DataFrame, year: int, log: IssueLog
) -> None:
    """An issue for each start of production after a year for which there are figures already."""
    late = enterprises["production_started_on"] >= np.datetime64(f"{year + 1}-01-01")
    if not late.any():
        return
    stated = figures[figures["year"] == year].drop(columns=["year", WHO]).set_index("uscc")
    active = stated.index[stated.notna().any(axis=1)]
    for row in enterprises[late & enterprises["uscc"].isin(active)].itertuples():
        day = str(row.production_started_on)[:10]
        place = {"table": "enterprises", "key": str(row.uscc), "value": day}
        log.add("intake_tables.starts_after_year", **place, name=row.name, year=year)


def _inheriting(project: Project) -> list[EnterpriseTable]:
    """All tables; a further one takes the energy basis and ``duplicates`` of the main one."""
    main = project.enterprises
    common = {"energy_basis": main.energy_basis, "duplicates": main.duplicates}
    return [
        main,
        *(
            table.model_copy(update={n: v for n, v in common.items() if getattr(table, n) is None})
            for table in main.tables
        ),
    ]


def _pieces(
    sources: list[EnterpriseTable],
    project: Project,
    rules: Rules,
    corrections: Corrections,
    log: IssueLog,
    opener: Opener,
) -> list[Piece]:
    """Every table; the structural faults of all of them at once."""
    pieces: list[Piece] = []
    faults = []
    for number, source in enumerate(sources):
        own = IssueLog()
        try:
            piece = read_piece(
                source, project, rules, corrections, own, main=number == 0, opener=opener
            )
            pieces.append(piece)
        except UserError as error:
            faults += error.issues
        faults += own.errors()
        log.extend(own)
    if faults:
        raise UserError(faults)
    return pieces


class Places:
    """Finds the row of a table that states a figure of an enterprise and year."""

    def __init__(self, pieces: list[Piece], records: list[pd.DataFrame], who: Identities) -> None:
        self._tables = list(zip(pieces, records, strict=True))
        self._who = who
        self._rows: dict[int, pd.Series] = {}

    def __call__(self, uscc: str, year: int, figure: str) -> dict[str, object]:
        """The keywords of ``IssueLog.add``; energy may be stated by its parts."""
        wanted = pd.DataFrame({WHO: [self._who.number(uscc)], "year": [year]})
        for number in self._stating(figure):
            row = self._row_of(number).get(int(self._who.keys(wanted)[0]))
            if row is not None:
                return {**self._tables[number][0].opened.raw.place(int(row)), "key": uscc}
        return {"table": "enterprises", "key": uscc}

    def frame(self, records: pd.DataFrame, figure: str) -> pd.DataFrame:
        """``file`` (missing: none), ``sheet`` and ``row`` of a figure in many ``records``."""
        keys = self._who.keys(records)
        out = pd.DataFrame({"file": None, "sheet": "", "row": 0}, index=range(len(keys)))
        for number in reversed(self._stating(figure)):
            rows = self._row_of(number).reindex(keys)
            at, raw = np.flatnonzero(rows.notna()), self._tables[number][0].opened.raw
            index = rows.to_numpy()[at].astype(np.intp)
            for name, column in (("file", raw.file), ("sheet", raw.sheet), ("row", raw.row)):
                out.loc[at, name] = column[index]
        return out

    def _stating(self, figure: str) -> list[int]:
        names = (figure, contribution("")) if figure == ENERGY else (figure,)
        return [
            number
            for number, (piece, _) in enumerate(self._tables)
            if any(name.startswith(names) for name in piece.amounts)
        ]

    def _row_of(self, number: int) -> pd.Series:
        """The rows of one table by the number of their enterprise and year."""
        if number not in self._rows:
            frame = self._tables[number][1]
            self._rows[number] = pd.Series(frame["row"].to_numpy(), self._who.keys(frame))
        return self._rows[number]


def _with_energy(
    figures: pd.DataFrame,
    rules: Rules,
    pieces: list[Piece],
    places: Places,
    year: int,
    log: IssueLog,
) -> pd.DataFrame:
    """FIGURES from the joined amounts: the stated coal equivalent, else the sum of its parts."""
    out = figures[["uscc", "year", WHO]]
    has_parts = any(contribution(name) in figures for name in energy_names(rules))
    for figure in rules.figures:
        column = figures.get(figure.key)
        if column is None:
            column = pd.Series(pd.NA, index=figures.index, dtype="Int64")
        if figure.key == ENERGY and has_parts:
            computed = sum_of_parts(figures, rules, pieces)
            _report_gap(column, computed, figures, places, log)
            column = column.fillna(computed)
            report_blank_energies(figures, column, rules, pieces, places, year, log)
        out[figure.micro] = column.astype("Int64")
    return out


def _report_gap(
    stated: pd.Series,
    computed: pd.Series,
    figures: pd.DataFrame,
    places: Places,
    log: IssueLog,
) -> None:
    gap = ((stated - computed).abs() > stated.abs() * _GAP).fillna(value=False).to_numpy(bool)
    for index in np.flatnonzero(gap):
        key = (str(figures["uscc"].iloc[index]), int(figures["year"].iloc[index]))
        values = {"value": in_units(int(stated[index])), "computed": in_units(int(computed[index]))}
        log.add("intake_tables.energy_gap", **places(*key, ENERGY), **values, year=key[1])


def _sources(piece: Piece, records: pd.DataFrame, who: Identities) -> pd.DataFrame:
    """Every row whose record is used, with the year and columns that it gave, by code and row."""
    rows = piece.opened.rows
    row, number = records["row"].to_numpy(np.intp), records[WHO].to_numpy()
    order = np.argsort(number * (len(rows.raw) + 1) + row, kind="stable")
    if not rows.used.all():
        order = order[rows.used[row[order]]]
    return rows.sources(
        row[order],
        ", ".join(piece.names),
        keys=who.codes.take(pa.array(number[order])),
        years=records["year"].to_numpy(np.int64)[order],
    )

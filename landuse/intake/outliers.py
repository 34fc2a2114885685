"""Values that are far above those of their cohort: most likely a slip of unit or decimal point."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from landuse.intake.energy import ENERGY, contribution, energy_names
from landuse.intake.identities import WHO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from landuse.intake.enterprise_table import Piece
    from landuse.intake.identities import Identities
    from landuse.issues import IssueLog
    from landuse.rules import Figure, Rules

__all__ = ["Suspects", "in_units", "medians_of", "report_outliers", "single_rows", "suspects"]


class Suspects(NamedTuple):
    """Figures of the evaluated year: those that count, and ``rows`` (from :func:`single_rows`);
    each with the columns ``cohort`` that its median is of.
    """

    used: pd.DataFrame
    rows: pd.DataFrame
    cohort: list[str]


def suspects(
    figures: pd.DataFrame, enterprises: pd.DataFrame, rows: pd.DataFrame, rules: Rules, year: int
) -> Suspects:
    """What :func:`report_outliers` looks at; the cohort is that of ``rules.cohort_by``."""
    cohort = [name for name in rules.cohort_by if name in enterprises] or ["division"]
    used = _of_year(figures, enterprises, cohort, year)
    return Suspects(used, _with_cohort(rows, enterprises[["uscc", *cohort]], cohort), cohort)


def medians_of(used: pd.DataFrame, cohort: list[str], figures: Iterable[str]) -> pd.DataFrame:
    """The median of each of some columns in each cohort, by cohort."""
    grouped = used.groupby(cohort, sort=True)
    group, labels = grouped.ngroup().to_numpy(), grouped.size().index
    medians = {name: used[name].astype("Float64").groupby(group).median().array for name in figures}
    return pd.DataFrame(medians, index=labels)


def report_outliers(
    found: Suspects,
    medians: pd.DataFrame,
    rules: Rules,
    year: int,
    places: Callable[[str, int, str], dict[str, object]],
    log: IssueLog,
) -> None:
    """Values of ``year`` above ``outlier_factor`` times the median of their cohort.

    Values that count are kept. Those of ``found.rows`` are told by themselves: rows set aside for
    another reason, and rows that were combined with others, where a mean would hide what is wrong.
    """
    used, rows, cohort = found
    grouped = used.groupby(cohort, sort=True)
    mine = medians.index.get_indexer(grouped.size().index)[grouped.ngroup().to_numpy()]
    for figure in rules.figures:
        values = used[figure.micro].astype("Float64")
        told: set[str] = set()
        if figure.micro in rows and len(rows):
            told = _report_rows(figure, rows, medians[figure.micro], cohort, rules, log)
        middle = pd.Series(medians[figure.micro].array.take(mine), index=used.index)
        for index in np.flatnonzero(_far(values, middle, rules)).tolist():
            uscc = str(used["uscc"].iloc[index])
            if uscc not in told:
                shown = _shown(figure, values, middle, used[cohort], index)
                log.add("intake_tables.outlier", **{**places(uscc, year, figure.key), **shown})


def _of_year(
    figures: pd.DataFrame, enterprises: pd.DataFrame, cohort: list[str], year: int
) -> pd.DataFrame:
    """The figures of one year with the cohort of their enterprise."""
    mine = figures.iloc[np.flatnonzero((figures["year"] == year).to_numpy())].reset_index(drop=True)
    who = enterprises[WHO].to_numpy()
    place = np.searchsorted(who, mine[WHO].to_numpy())
    return mine.assign(**{name: pd.Series(enterprises[name].array.take(place)) for name in cohort})


def _with_cohort(rows: pd.DataFrame, groups: pd.DataFrame, cohort: list[str]) -> pd.DataFrame:
    """Rows with the cohort of their enterprise; what is in no enterprise keeps its own."""
    if rows.empty:
        return rows
    known = groups.drop_duplicates("uscc").set_index("uscc").reindex(rows["uscc"])
    filled = {}
    for name in cohort:
        own = rows[name] if name in rows else pd.Series("", index=rows.index)
        filled[name] = pd.Series(known[name].array, index=rows.index).fillna(own)
    return rows.assign(**filled)


def _report_rows(
    figure: Figure,
    rows: pd.DataFrame,
    medians: pd.Series,
    cohort: list[str],
    rules: Rules,
    log: IssueLog,
) -> set[str]:
    """Tell the rows that are far off; the codes of those that count, combined with others."""
    values = rows[figure.micro].astype("Float64")
    combined: set[str] = set()
    middle = _middle(rows, medians, cohort)
    for index in np.flatnonzero(_far(values, middle, rules)).tolist():
        shown = _shown(figure, values, middle, rows[cohort], index)
        place = dict(rows["place"].iloc[index])
        if rows["counts"].iloc[index]:
            combined.add(str(rows["uscc"].iloc[index]))
            log.add("intake_tables.outlier_combined", **{**place, **shown})
        else:
            log.add("intake_tables.outlier_set_aside", **{**place, **shown})
    return combined


def _far(
    values: pd.Series, middle: pd.Series, rules: Rules
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    far = (values > middle * float(rules.outlier_factor)) & (middle > 0)
    return np.asarray(far.fillna(value=False), dtype=bool)


def _middle(frame: pd.DataFrame, medians: pd.Series, cohort: list[str]) -> pd.Series:
    """The median of each row's cohort, missing where nobody else is in it."""
    keys = (
        pd.MultiIndex.from_frame(frame[cohort]) if len(cohort) > 1 else pd.Index(frame[cohort[0]])
    )
    return pd.Series(medians.reindex(keys).array, index=frame.index)


def _shown(
    figure: Figure, values: pd.Series, middle: pd.Series, cohorts: pd.DataFrame, index: int
) -> dict[str, object]:
    return {
        "value": in_units(int(values.iloc[index])),
        "median": in_units(int(middle.iloc[index])),
        "title": figure.title_zh,
        "title_en": figure.title_en,
        "unit": figure.unit,
        "cohort": " ".join(str(name) for name in cohorts.iloc[index]),
    }


def in_units(micro: int) -> str:
    """Millionths as a person reads them.

    >>> in_units(1_234_500_000)
    '1,234.5'
    """
    return f"{micro / 1e6:,.3f}".rstrip("0").rstrip(".")


def single_rows(
    pieces: Sequence[Piece],
    records: Sequence[pd.DataFrame],
    who: Identities,
    rules: Rules,
    year: int,
) -> pd.DataFrame:
    """The records of ``year`` that do not count as they stand, with their place.

    Those that have a key but were set aside, and those that were combined with others of their
    key (``counts``).
    """
    parts = []
    energies = [contribution(name) for name in energy_names(rules)]
    for piece, frame in zip(pieces, records, strict=True):
        rows = piece.opened.rows
        there = who.named(frame[WHO].to_numpy()) & (frame["year"] == year).to_numpy()
        index = np.flatnonzero(there)
        counts = rows.used[frame["row"].to_numpy()[index]]
        number = frame[WHO].to_numpy()[index]
        several = np.bincount(number[counts], minlength=len(who.codes)) > 1
        told = ~counts | several[number]
        mine = frame.iloc[index[told]].reset_index(drop=True).assign(counts=counts[told])
        stated = [name for name in energies if name in mine]
        for figure in rules.figures:
            if figure.key in mine:
                mine[figure.micro] = mine[figure.key]
            elif figure.key == ENERGY and stated:
                mine[figure.micro] = mine[stated].sum(axis=1, min_count=1)
        places = [
            {**rows.raw.place(int(row)), "key": str(key)}
            for row, key in zip(mine["row"], mine["uscc"], strict=True)
        ]
        parts.append(mine.assign(place=pd.Series(places, dtype=object)))
    whole: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return whole

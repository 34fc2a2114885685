"""Values that are far above those of their cohort: most likely a slip of unit or decimal point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.intake.energy import ENERGY, contribution, energy_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landuse.intake.enterprise_table import Piece
    from landuse.issues import IssueLog
    from landuse.rules import Figure, Rules

__all__ = ["in_units", "report_outliers", "set_aside_values"]


def report_outliers(
    figures: pd.DataFrame,
    enterprises: pd.DataFrame,
    aside: pd.DataFrame,
    rules: Rules,
    year: int,
    places: Callable[[str, int, str], dict[str, object]],
    log: IssueLog,
) -> None:
    """Values of ``year`` above ``outlier_factor`` times the median of their cohort.

    The cohort is that of ``rules.cohort_by``. Values that count are kept; those of ``aside``
    (from :func:`set_aside_values`), which were set aside for another reason, are told as well.
    """
    cohort = [name for name in rules.cohort_by if name in enterprises] or ["division"]
    used = figures[figures["year"] == year].merge(enterprises[["uscc", *cohort]], on="uscc")
    for figure in rules.figures:
        values = used[figure.micro].astype("Float64")
        medians = values.groupby([used[name] for name in cohort]).median()
        own = _far(used, values, medians, cohort, rules)
        for index in np.flatnonzero(own):
            uscc = str(used["uscc"].iloc[index])
            shown = _shown(figure, values, medians, used, cohort, int(index))
            log.add("intake_tables.outlier", **{**places(uscc, year, figure.key), **shown})
        if figure.micro in aside:
            others = aside[figure.micro].astype("Float64")
            for index in np.flatnonzero(_far(aside, others, medians, cohort, rules)):
                shown = _shown(figure, others, medians, aside, cohort, int(index))
                place = dict(aside["place"].iloc[index])
                log.add("intake_tables.outlier_set_aside", **{**place, **shown})


def _far(
    frame: pd.DataFrame, values: pd.Series, medians: pd.Series, cohort: list[str], rules: Rules
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    middle = _middle(frame, medians, cohort)
    far = (values > middle * float(rules.outlier_factor)) & (middle > 0)
    return np.asarray(far.fillna(value=False), dtype=bool)


def _middle(frame: pd.DataFrame, medians: pd.Series, cohort: list[str]) -> pd.Series:
    """The median of each row's cohort, missing where nobody else is in it."""
    keys = (
        pd.MultiIndex.from_frame(frame[cohort]) if len(cohort) > 1 else pd.Index(frame[cohort[0]])
    )
    return pd.Series(medians.reindex(keys).array, index=frame.index)


def _shown(
    figure: Figure,
    values: pd.Series,
    medians: pd.Series,
    frame: pd.DataFrame,
    cohort: list[str],
    index: int,
) -> dict[str, object]:
    return {
        "value": in_units(int(values.iloc[index])),
        "median": in_units(int(_middle(frame, medians, cohort).iloc[index])),
        "title": figure.title_zh,
        "title_en": figure.title_en,
        "unit": figure.unit,
        "cohort": " ".join(str(frame[name].iloc[index]) for name in cohort),
    }


def in_units(micro: int) -> str:
    """Millionths as a person reads them.

    >>> in_units(1_234_500_000)
    '1,234.5'
    """
    return f"{micro / 1e6:,.3f}".rstrip("0").rstrip(".")


def set_aside_values(
    pieces: Sequence[Piece], records: Sequence[pd.DataFrame], rules: Rules, year: int
) -> pd.DataFrame:
    """The records of ``year`` that have a key but were set aside, with their place."""
    parts = []
    for piece, frame in zip(pieces, records, strict=True):
        rows = piece.opened.rows
        lost = ~rows.used[frame["row"].to_numpy()] & (frame["uscc"] != "").to_numpy()
        mine = frame[lost & (frame["year"] == year).to_numpy()].reset_index(drop=True)
        energies = [contribution(name) for name in energy_names(rules)]
        stated = [name for name in energies if name in mine]
        for figure in rules.figures:
            if figure.key in mine:
                mine[figure.micro] = mine[figure.key]
            elif figure.key == ENERGY and stated:
                mine[figure.micro] = mine[stated].sum(axis=1, min_count=1)
        mine["place"] = [
            {**rows.raw.place(int(row)), "key": str(key)}
            for row, key in zip(mine["row"], mine["uscc"], strict=True)
        ]
        parts.append(mine)
    whole: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return whole

"""The energy of an enterprise as the sum of what it uses: complete, or missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.intake.columns import unit_for
from landuse.intake.energy import ENERGY, contribution, energy_names
from landuse.intake.table_columns import blank_is_zero, declared_unit
from landuse.issues import IssueLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landuse.intake.enterprise_table import Piece
    from landuse.rules import Energy, Rules

__all__ = ["report_blank_energies", "sum_of_parts"]


def sum_of_parts(figures: pd.DataFrame, rules: Rules, pieces: Sequence[Piece]) -> pd.Series:
    """10⁻⁶ tce of all physical quantities together (``Int64``), one a row of ``figures``.

    A blank is missing, never zero (method, section 2): where one quantity is stated and another
    that any table has is blank, the sum is missing, unless the project declares that the blank
    means zero. The same holds for who is not in the table of a quantity.
    """
    given = _given(figures, rules)
    if given.empty:
        return pd.Series(pd.NA, index=figures.index, dtype="Int64")
    some = given.notna().any(axis=1)
    for name in given.columns:
        if any(_is_zero(piece, str(name)) for piece in pieces):
            given[name] = given[name].mask(some & given[name].isna(), 0)
    total = given.sum(axis=1, min_count=1).astype("Int64")
    return total.where(given.notna().all(axis=1))


def _given(figures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    names = [contribution(name) for name in energy_names(rules)]
    return figures[[name for name in names if name in figures]].copy()


def _is_zero(piece: Piece, part: str) -> bool:
    return part in piece.amounts and blank_is_zero(
        piece.opened.source, part.removeprefix(contribution(""))
    )


def report_blank_energies(
    figures: pd.DataFrame,
    energy: pd.Series,
    rules: Rules,
    pieces: Sequence[Piece],
    places: Callable[[str, int, str], dict[str, object]],
    year: int,
    log: IssueLog,
) -> None:
    """One issue for each enterprise whose ``energy`` of ``year`` is missing for a blank part."""
    given = _given(figures, rules)
    if given.empty:
        return
    some, blank = given.notna().any(axis=1), given.isna()
    for part in given.columns:
        if any(_is_zero(piece, str(part)) for piece in pieces):
            blank[part] = False
    wanted = some & blank.any(axis=1) & energy.isna() & (figures["year"] == year)
    parts = {contribution(one.key): one for one in rules.energy}
    for index in np.flatnonzero(wanted.to_numpy(bool)):
        lacking = [parts[str(part)] for part in given.columns[blank.iloc[index].to_numpy(bool)]]
        shown = [_shown(one, pieces, year) for one in lacking]
        place = places(str(figures["uscc"].iloc[index]), year, ENERGY)
        headings = ", ".join(heading for heading, _ in shown)
        log.add(
            "intake_tables.energy_blank",
            **{**place, "column": headings, "name": lacking[0].key, "year": year},
            headings=headings, example=shown[0][0], unit=shown[0][1],
        )  # fmt: skip


def _shown(energy: Energy, pieces: Sequence[Piece], year: int) -> tuple[str, str]:
    """The user's heading of a quantity and the unit that it is read in."""
    for piece in pieces:
        columns = piece.opened.columns
        heading = columns.by_year.get(energy.key, {}).get(year, "") or columns.heading(energy.key)
        if heading:
            unit = unit_for(
                piece.opened.raw, columns, energy.key, energy.unit,
                declared=declared_unit(piece.opened, energy.key), log=IssueLog(),
            )  # fmt: skip
            return heading, unit
    return energy.title_zh, energy.unit

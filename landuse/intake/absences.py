"""Enterprises that a table does not have, or has only in rows that were set aside.

Nobody may vanish: who stands in a table of enterprises is one, whatever became of the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from landuse.intake.enterprise_table import TEXTS
from landuse.intake.identities import WHO

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from landuse.intake.enterprise_table import Piece
    from landuse.intake.identities import Identities
    from landuse.issues import IssueLog

__all__ = ["Absence", "absences", "only_set_aside", "report_absent"]

_KEYED: Final = (
    "intake_tables.repeated_key",
    "intake_tables.repeated_without_rule",
    "intake_tables.no_year",
)
"""Reasons for which the row of an enterprise is set aside although its code is known."""


def only_set_aside(
    pieces: Sequence[Piece],
    resolved: Sequence[pd.DataFrame],
    records: Sequence[pd.DataFrame],
    extra: Sequence[str],
) -> pd.DataFrame:
    """What the rows that were set aside say about their enterprises, one record a code and year.

    Of several rows the smallest by what they say is taken, blanks last. An enterprise of which
    no row is used has all attributes of it; another only its name and place, by which its land
    is found: an industry that is in doubt must not put it into a cohort. ``resolved`` are the
    records of each table with codes, ``records`` those that are used.
    """
    columns = ["uscc", "year", *TEXTS, "production_started_on", "x", "y", *extra]
    parts = []
    for piece, frame in zip(pieces, resolved, strict=True):
        aside = np.flatnonzero(_set_aside(piece, frame) & (frame["uscc"] != "").to_numpy())
        parts.append(frame[[*columns, WHO]].iloc[aside])
    whole = pd.concat(parts, ignore_index=True)
    if whole.empty:
        return whole
    texts = [*TEXTS, *extra]
    used = np.concatenate([frame[WHO].to_numpy() for frame in records])
    known = np.isin(whole[WHO].to_numpy(), used)
    whole.loc[known, [name for name in texts if name != "name"]] = ""
    whole.loc[known, "production_started_on"] = pd.NaT
    blanks = (whole[texts] == "").sum(axis=1)
    ordered = whole.assign(blanks=blanks).sort_values(["uscc", "year", "blanks", *columns[2:]])
    unused: pd.DataFrame = ordered.drop_duplicates(["uscc", "year"])[[*columns, WHO]]
    return unused.reset_index(drop=True)


def _set_aside(piece: Piece, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which records are set aside although their code is known."""
    aside = piece.opened.rows.set_aside_as(*_KEYED)
    return np.asarray(aside[frame["row"].to_numpy()], dtype=bool)


class Absence(NamedTuple):
    """Of one table: whether it has rows, enterprises with a code, any of these in the year, and
    figures of some year; ``missing`` are code and name of those that only other tables have,
    ``issue`` says so at ``place``.
    """

    issue: str
    place: dict[str, str]
    read: bool
    known: bool
    present: bool
    dated: bool
    missing: pd.DataFrame


def absences(
    pieces: Sequence[Piece],
    resolved: Sequence[pd.DataFrame],
    who: Identities,
    year: int,
) -> list[Absence]:
    """Every enterprise that one table has in ``year`` and another has not.

    A table that states no year counts for the project's. A row that was set aside for being
    repeated is there all the same.
    """
    keyed = [
        who.named(frame[WHO].to_numpy())
        & (piece.opened.rows.used[frame["row"].to_numpy()] | _set_aside(piece, frame))
        for piece, frame in zip(pieces, resolved, strict=True)
    ]
    of_year = [
        known & (frame["year"] == year).to_numpy()
        for known, frame in zip(keyed, resolved, strict=True)
    ]
    present = np.zeros((len(pieces), len(who.codes)), dtype=bool)
    for row, mine, frame in zip(present, of_year, resolved, strict=True):
        row[frame[WHO].to_numpy()[mine]] = True
    absent = present.any(axis=0) & ~present
    names = _names(np.asarray(absent.any(axis=0)), of_year, resolved)
    found = []
    for number, (piece, known, frame) in enumerate(zip(pieces, keyed, resolved, strict=True)):
        raw, lacking = piece.opened.raw, np.flatnonzero(absent[number])
        sheet = str(raw.sheet[0]) if len(raw) else ""
        place = {"table": "enterprises", "file": piece.file, "sheet": sheet}
        code = "absent_in_table" if piece.amounts else "absent_in_directory"
        dated = bool(piece.amounts) and bool((frame["year"].to_numpy()[known] > 0).any())
        facts = (len(raw) > 0, bool(known.any()), bool(present[number].any()), dated)
        missing = pd.DataFrame({"key": who.series(lacking)})
        missing["name"] = pd.Series([names[one] for one in lacking.tolist()], dtype="str")
        found.append(Absence(f"intake_tables.{code}", place, *facts, missing))
    return found


def report_absent(parts: Sequence[Absence], year: int, log: IssueLog) -> None:
    """Who is absent in one table, of which these are the parts; a table that has other years only
    is told once, where it has figures.
    """
    if not any(one.read for one in parts):
        return
    if any(one.known for one in parts) and not any(one.present for one in parts):
        if any(one.dated for one in parts):
            log.add("intake_tables.no_row_of_year", **parts[0].place, year=year)
        return
    for one in parts:
        for key, name in one.missing.itertuples(index=False):
            log.add(one.issue, **one.place, key=key, name=name or "–", year=year)


def _names(
    wanted: npt.NDArray[np.bool_],
    of_year: Sequence[npt.NDArray[np.bool_]],
    resolved: Sequence[pd.DataFrame],
) -> dict[int, str]:
    """The name of some enterprises by number: the last by its characters where they differ."""
    if not wanted.any():
        return {}
    found = pd.concat(
        [
            frame[[WHO, "name"]].iloc[np.flatnonzero(mine & wanted[frame[WHO].to_numpy()])]
            for mine, frame in zip(of_year, resolved, strict=True)
        ]
    )
    last = found.groupby(WHO)["name"].max()
    return dict(zip(last.index.tolist(), last.tolist(), strict=True))

"""Enterprises that a table does not have, or has only in rows that were set aside.

Nobody may vanish: who stands in a table of enterprises is one, whatever became of the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from landuse.intake.enterprise_table import TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.intake.enterprise_table import Piece
    from landuse.issues import IssueLog

__all__ = ["only_set_aside", "report_absent"]

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
    used = pd.concat([frame["uscc"] for frame in records])
    columns = ["uscc", "year", *TEXTS, "production_started_on", "x", "y", *extra]
    parts = []
    for piece, frame in zip(pieces, resolved, strict=True):
        aside = piece.opened.rows.set_aside_as(*_KEYED)[frame["row"].to_numpy()]
        parts.append(frame.loc[aside & (frame["uscc"] != "").to_numpy(), columns])
    whole = pd.concat(parts, ignore_index=True)
    texts = [*TEXTS, *extra]
    known = whole["uscc"].isin(used)
    whole.loc[known, [name for name in texts if name != "name"]] = ""
    whole.loc[known, "production_started_on"] = pd.NaT
    blanks = (whole[texts] == "").sum(axis=1)
    ordered = whole.assign(blanks=blanks).sort_values(["uscc", "year", "blanks", *columns[2:]])
    unused: pd.DataFrame = ordered.drop_duplicates(["uscc", "year"])[columns]
    return unused.reset_index(drop=True)


def report_absent(
    pieces: Sequence[Piece], resolved: Sequence[pd.DataFrame], year: int, log: IssueLog
) -> None:
    """Every enterprise that one table has in ``year`` and another has not.

    A table that states no year counts for the project's; one that has other years only is told
    once, where it has figures. A row that was set aside for being repeated is there all the same.
    """
    keyed = [_keyed(piece, frame) for piece, frame in zip(pieces, resolved, strict=True)]
    present = [frame[frame["year"] == year] for frame in keyed]
    named = pd.concat([frame[["uscc", "name"]] for frame in present])
    names = named.sort_values(["uscc", "name"]).groupby("uscc")["name"].last()
    for piece, known, frame in zip(pieces, keyed, present, strict=True):
        if not len(piece.opened.raw):
            continue
        sheet = str(piece.opened.raw.sheet[0])
        place = {"table": "enterprises", "file": piece.file, "sheet": sheet}
        if len(known) and not len(frame):
            if piece.amounts and (known["year"] > 0).any():
                log.add("intake_tables.no_row_of_year", **place, year=year)
            continue
        code = "absent_in_table" if piece.amounts else "absent_in_directory"
        for uscc, name in names[~names.index.isin(frame["uscc"])].items():
            shown = {"key": str(uscc), "name": name or "–", "year": year}
            log.add(f"intake_tables.{code}", **place, **shown)


def _keyed(piece: Piece, frame: pd.DataFrame) -> pd.DataFrame:
    rows = piece.opened.rows
    there = (rows.used | rows.set_aside_as(*_KEYED))[frame["row"].to_numpy()]
    keyed: pd.DataFrame = frame[there & (frame["uscc"] != "").to_numpy()]
    return keyed

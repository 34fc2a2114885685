"""The short tables that people keep by hand: exemptions, confirmed links, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.intake.columns import Vocabulary
from landuse.intake.corrections import Correction, Corrections, table_named
from landuse.intake.inputs import Reading
from landuse.intake.opened import Opened, open_table
from landuse.intake.rows import source_columns
from landuse.intake.table_columns import date_column, key_column, text_column, to_text
from landuse.schema.headings import fold
from landuse.schema.near_codes import nearest_codes
from landuse.schema.tables import CONFIRMED, EXEMPTIONS

if TYPE_CHECKING:
    from landuse.intake.project import Project
    from landuse.issues import IssueLog
    from landuse.schema.frame import Table

__all__ = ["read_confirmed", "read_corrections", "read_exemptions", "report_unknown"]

_YES: Final = frozenset(
    fold(word)
    for word in (
        "是", "yes", "y", "1", "true", "√", "✓", "✔", "对", "确认", "已确认", "采纳", "属实",
        "同意",
    )
)  # fmt: skip


def read_exemptions(project: Project, corrections: Corrections, log: IssueLog) -> Reading:
    """Enterprises that are not evaluated, with the reason; one row each, sorted.

    A code that stands there twice is exempt all the same: one row counts, the others are set
    aside as repeated.
    """
    source = project.exemptions
    assert source is not None
    words = Vocabulary.of("exemptions", source.columns)
    opened = open_table(
        source, project, words, corrections, log, keys=("uscc",), amounts=(), needed=("uscc",)
    )
    uscc = key_column(opened, "uscc", project.id_scheme, log)
    opened.rows.keys = uscc
    opened.rows.reject(uscc == "", "intake_tables.no_key", log)
    data = {"uscc": to_text(uscc), "reason": to_text(text_column(opened, "reason"))}
    return _reading(opened, EXEMPTIONS, pd.DataFrame(data), log)


def report_unknown(exemptions: pd.DataFrame, enterprises: pd.DataFrame, log: IssueLog) -> None:
    """An exemption whose code no enterprise has exempts nobody: name it and the nearest code."""
    strange = exemptions[~exemptions["uscc"].isin(enterprises["uscc"])]
    near = nearest_codes(strange["uscc"], enterprises["uscc"])
    for row in strange.to_dict("records"):
        log.add(
            "intake_tables.exemption_unknown", table="exemptions", file=row["source_file"],
            sheet=row["source_sheet"], row=int(row["source_row"]), key=row["uscc"],
            reason=row["reason"] or "–", nearest=near[row["uscc"]] or "–",
        )  # fmt: skip


def read_confirmed(project: Project, corrections: Corrections, log: IssueLog) -> Reading:
    """Links that a person confirmed; rows that are not marked so are set aside.

    Without a column for the mark every row is taken as confirmed.
    """
    source = project.confirmed_links
    assert source is not None
    words = Vocabulary.of("confirmed_links", source.columns)
    opened = open_table(
        source, project, words, corrections, log,
        keys=("parcel_id", "uscc"), amounts=(), needed=("parcel_id", "uscc"),
    )  # fmt: skip
    parcel = key_column(opened, "parcel_id", project.id_scheme, log)
    uscc = key_column(opened, "uscc", project.id_scheme, log)
    opened.rows.keys = np.array([f"{a}/{b}" for a, b in zip(parcel, uscc, strict=True)], object)
    if "confirmed" in opened.columns:
        marks = text_column(opened, "confirmed")
        yes = np.array([fold(mark) in _YES for mark in marks], dtype=bool)
        opened.rows.reject(~yes, "intake_tables.not_confirmed")
    opened.rows.reject((parcel == "") | (uscc == ""), "intake_tables.no_key", log)
    data = {"parcel_id": to_text(parcel), "uscc": to_text(uscc)}
    return _reading(opened, CONFIRMED, pd.DataFrame(data), log)


def _reading(opened: Opened, table: Table, frame: pd.DataFrame, log: IssueLog) -> Reading:
    """One row a key: of several, the first by its words and place; the others are set aside."""
    rows = opened.rows
    frame = frame.assign(**source_columns(rows.raw, np.arange(len(rows.raw))))
    ordered = frame[rows.used].sort_values(list(frame.columns), kind="stable")
    again = ordered.index[ordered.duplicated(list(table.key))]
    mask = np.zeros(len(frame), dtype=bool)
    mask[again.to_numpy()] = True
    rows.reject(mask, "intake_tables.said_twice", log)
    used = np.flatnonzero(rows.used)
    kept = frame.iloc[used].sort_values(list(table.key), ignore_index=True)
    has = frozenset({*opened.columns.theirs})
    return Reading(
        table.check(kept[table.names]),
        rows.counts(),
        rows.set_aside(),
        rows.sources(used, ", ".join(sorted(has))),
        opened.facts,
        opened.paths,
        has,
    )


def read_corrections(project: Project, log: IssueLog) -> tuple[Corrections, Reading | None]:
    """What people corrected by hand, to be applied; a row that says too little is set aside."""
    corrections = Corrections(year=project.year)
    source = project.corrections
    if source is None:
        return corrections, None
    words = Vocabulary.of("corrections", source.columns)
    needed = ("table", "key", "column", "old", "new")
    opened = open_table(
        source, project, words, Corrections(), log, keys=("table",), amounts=(), needed=needed
    )
    rows = opened.rows
    cells = {
        name: text_column(opened, name) for name in ("key", "column", "old", "new", "reason", "by")
    }
    tables = np.array([table_named(word) for word in text_column(opened, "table")], dtype=object)
    days = date_column(opened, "on", log)
    rows.keys = cells["key"]
    said = (tables != "") & (cells["key"] != "") & (cells["column"] != "")
    rows.reject(~said, "intake_tables.correction_incomplete", log)
    for index in np.flatnonzero(rows.used):
        texts = {name: str(column[index]) for name, column in cells.items()}
        day = "" if np.isnat(days[index]) else str(days[index])[:10]
        place = rows.raw.place(int(index))
        corrections.entries.append(
            Correction(table=str(tables[index]), on=day, place=place, **texts)  # type: ignore[arg-type]
        )
    used = np.flatnonzero(rows.used)
    reading = Reading(
        pd.DataFrame(), rows.counts(), rows.set_aside(),
        rows.sources(used, ", ".join(sorted(opened.columns.theirs))), opened.facts, opened.paths,
    )  # fmt: skip
    return corrections, reading

"""The park tables with one record a row: register, projects, promises, demand, stated figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.intake.columns import Vocabulary
from landuse.intake.inputs import Reading
from landuse.intake.opened import Opened, open_table
from landuse.intake.park_cells import column_of
from landuse.intake.rows import source_columns
from landuse.intake.table_columns import key_column, text_column, to_text
from landuse.schema.park_columns import columns_read, kind_of, name_of
from landuse.schema.park_tables import PARK_TABLES

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.corrections import Corrections
    from landuse.intake.project import Project
    from landuse.issues import IssueLog
    from landuse.schema.frame import Table

__all__ = ["read_records", "reading_of"]

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "park_register": ("park",),
    "projects": ("project",),
    "promises": ("uscc", "name"),
    "demand": ("demand", "uscc", "name"),
    "stated": ("claim", "relation"),
}
"""What names a record: where one of them is filled, the row is no total."""
_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "park_register": ("park",),
    "projects": ("project",),
    "stated": ("relation", "inputs"),
}

_NOT_YET: Final = re.compile(r"(?:尚未|还未|没有|未)\w{1,4}|在建|在谈")


def read_records(name: str, project: Project, corrections: Corrections, log: IssueLog) -> Reading:
    """The table ``name`` of the project, sorted by its key.

    Set aside: totals and notes, no key, a key that occurs twice where the table has one record a
    key; of ``stated`` also a relation that nobody knows and a reference to a claim that is not
    there. Raises :class:`landuse.errors.UserError` for structural faults.
    """
    table, source = PARK_TABLES[name], project.source(name)
    assert source is not None
    opened = open_table(
        source, project, Vocabulary.of(name, source.columns), corrections, log,
        keys=_KEYS[name], amounts=_amounts(table), needed=_NEEDED.get(name, ()),
    )  # fmt: skip
    keys = _key(name, opened, project, log)
    opened.rows.keys = keys
    opened.rows.reject(keys == "", "intake_tables.no_key", log)
    if table.key:
        _refuse_repeated(opened, keys, log)
    frame = _frame(table, opened, project, log)
    if table.key:
        frame[table.key[0]] = to_text(keys)
    if name == "stated":
        _refuse_unknown(opened, frame, log)
    used = np.flatnonzero(opened.rows.used)
    order = [*(table.key or ("uscc", "name", "signed_on")), "source_file", "source_row"]
    frame = frame.iloc[used].sort_values(order, ignore_index=True)
    return reading_of(opened, table, frame)


def reading_of(opened: Opened, table: Table, frame: pd.DataFrame) -> Reading:
    """The reading of an opened table whose used rows are in ``frame``."""
    rows, has = opened.rows, frozenset(opened.columns.theirs)
    return Reading(
        table.check(frame[table.names]),
        rows.counts(),
        rows.set_aside(),
        rows.sources(np.flatnonzero(rows.used), ", ".join(sorted(has))),
        opened.facts,
        opened.paths,
        has,
    )


def _amounts(table: Table) -> list[str]:
    """Columns that a total row may add up."""
    return [name_of(c) for c in columns_read(table) if kind_of(c) in ("area", "money", "count")]


def _key(name: str, opened: Opened, project: Project, log: IssueLog) -> npt.NDArray[np.object_]:
    if name in ("park_register", "projects"):
        return text_column(opened, _KEYS[name][0])
    if name == "stated":
        claim = text_column(opened, "claim")
        return np.where(claim == "", _by_row(opened), claim).astype(object)
    uscc, firm = key_column(opened, "uscc", project.id_scheme, log), text_column(opened, "name")
    who = np.where(uscc == "", firm, uscc).astype(object)
    if name == "promises":
        return who
    wanted = text_column(opened, "demand")
    again = pd.Series(who).groupby(who).cumcount().to_numpy()
    told = [f"{one}-{n + 1}" if n else one for one, n in zip(who, again, strict=True)]
    return np.where(wanted == "", np.array(told, dtype=object), wanted).astype(object)


def _by_row(opened: Opened) -> npt.NDArray[np.object_]:
    """A claim without a number is named by its row."""
    return np.array([f"R{row}" for row in opened.raw.row], dtype=object)


def _refuse_repeated(opened: Opened, keys: npt.NDArray[np.object_], log: IssueLog) -> None:
    rows = opened.rows
    written = pd.Series(keys)[rows.used]
    twice = written.duplicated(keep=False).reindex(range(len(keys)), fill_value=False)
    rows.reject(twice.to_numpy(bool), "park_tables.repeated_key", log)


def _frame(table: Table, opened: Opened, project: Project, log: IssueLog) -> pd.DataFrame:
    data: dict[str, object] = {}
    _blank_not_yet(opened, table)
    for column in columns_read(table):
        if column.name in ("uscc", "parcel_id"):
            found = key_column(opened, column.name, project.id_scheme, log=_quiet(log, table))
            data[column.name] = to_text(found)
        else:
            data[column.name] = column_of(opened, column, log)
    if "unread" in table.names:
        data["unread"] = _unread(opened, table, data)
    data.update(source_columns(opened.raw, np.arange(len(opened.raw))))
    return pd.DataFrame(data)[table.names]


def _blank_not_yet(opened: Opened, table: Table) -> None:
    """尚未开工 in place of a date is as good as a blank."""
    for column in table:
        heading = opened.columns.heading(column.name)
        if column.dtype == "date" and heading:
            cells = text_column(opened, column.name)
            waiting = np.array([bool(_NOT_YET.fullmatch(cell)) for cell in cells], dtype=bool)
            opened.raw.frame[heading] = opened.raw.frame[heading].mask(waiting, None)


def _quiet(log: IssueLog, table: Table) -> IssueLog:
    """Where the code is the key it was told already."""
    from landuse.issues import IssueLog

    return IssueLog() if table.name in ("promises", "demand") else log


def _unread(opened: Opened, table: Table, data: dict[str, object]) -> pd.Series:
    """The dates whose cell says something that is none."""
    said: npt.NDArray[np.object_] = np.full(len(opened.raw), "", dtype=object)
    for column in table:
        if column.dtype != "date":
            continue
        days = pd.Series(data[column.name]).isna().to_numpy()
        odd = days & np.asarray(text_column(opened, column.name) != "", dtype=bool)
        said[odd] = [f"{known}; {column.name}" if known else column.name for known in said[odd]]
    return to_text(said)


_COMPUTED: Final = "=计算"
"""What a reference to a figure of the program itself begins with; only who computes knows them."""


def _refuse_unknown(opened: Opened, frame: pd.DataFrame, log: IssueLog) -> None:
    """Claims without a relation, without inputs, or that rest on a claim that is not used."""
    rows = opened.rows
    rows.reject((frame["relation"] == "").to_numpy(), "park_tables.no_relation", log)
    rows.reject((frame["inputs"] == "").to_numpy(), "park_tables.no_inputs", log)
    wanted = [
        {
            part.removeprefix("=").strip()
            for part in text.split("; ")
            if part.startswith("=") and not part.startswith(_COMPUTED)
        }
        for text in frame["inputs"]
    ]
    claims = frame["claim"].to_numpy(dtype=object)
    sound: set[str] = set()
    used = np.flatnonzero(rows.used)
    while True:  # a claim is sound once all that it rests on are: a circle never is
        more = {str(claims[i]) for i in used if wanted[i] <= sound}
        if more == sound:
            break
        sound = more
    lost = np.array([str(claim) not in sound for claim in claims], dtype=bool)
    rows.reject(lost, "park_tables.unknown_claim", log, column=opened.columns.heading("inputs"))

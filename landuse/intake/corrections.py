"""Corrections that people wrote down: applied where the value is still the one they saw."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.intake.cells import text_of
from landuse.intake.numbers import parse
from landuse.intake.typed import objects
from landuse.schema.headings import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from landuse.intake.columns import Columns
    from landuse.intake.raw import Raw
    from landuse.issues import IssueLog

__all__ = [
    "CORRECTION_COLUMNS",
    "Correction",
    "Corrections",
    "key_headings",
    "row_keys",
    "table_named",
]

CORRECTION_COLUMNS: Final = (
    "table", "key", "column", "old", "new", "reason", "by", "on", "applied", "outcome",
)  # fmt: skip
_TABLES: Final = {
    "宗地": "parcels", "地块": "parcels", "parcel": "parcels", "企业": "enterprises",
    "enterprise": "enterprises", "用地关系": "occupancy", "基准地价": "price_zones",
    "基准地价区片": "price_zones", "园区": "parks", "供地": "supply", "供地合同": "supply",
    "豁免": "exemptions", "豁免名单": "exemptions", "已确认关系": "confirmed_links",
    "园区底数": "park_register", "经济指标": "periods", "项目": "projects", "承诺": "promises",
    "签约承诺": "promises", "用地需求": "demand", "需求": "demand", "待核对数字": "stated",
}  # fmt: skip
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "parcels": ("parcel_id",),
    "enterprises": ("uscc",),
    "occupancy": ("parcel_id", "uscc"),
    "price_zones": ("grade",),
    "parks": ("park",),
    "supply": ("contract_no",),
    "exemptions": ("uscc",),
    "confirmed_links": ("parcel_id", "uscc"),
    "park_register": ("park",),
    "periods": ("park", "period", "measure"),
    "projects": ("project",),
    "promises": ("uscc",),
    "demand": ("demand",),
    "stated": ("claim",),
}


def table_named(text: str) -> str:
    """Our name of a table that a person wrote."""
    return _TABLES.get(fold(text), fold(text))


@dataclass(slots=True)
class Correction:
    """One correction and what became of it; ``place`` is where it was written."""

    table: str
    key: str
    column: str
    old: str
    new: str
    reason: str
    by: str
    on: str
    place: dict[str, object]
    applied: bool = False
    outcome: str = "key_not_found"
    found: str = ""


@dataclass(slots=True)
class Corrections:
    """All corrections of a project; ``year`` is the one that a key without a year means."""

    entries: list[Correction] = field(default_factory=list)
    year: int = 0

    def keys_of(self, table: str) -> frozenset[str]:
        """The keys of the rows that corrections of a table are about, as :func:`row_keys`."""
        mine = (one for one in self.entries if one.table == table)
        return frozenset(self._key_and_year(one)[0] for one in mine)

    def apply(self, raw: Raw, columns: Columns) -> Raw:
        """``raw`` with the corrections that fit it; outcomes are remembered.

        A key is the parcel code or credit code, ``uscc/2024`` for another year than the
        project's, ``parcel/uscc`` for a pair. A correction whose cell no longer holds the old
        value changes nothing. They are applied by date, in an order that does not depend on that
        of the rows; where two say different things of one cell and old value, neither is.
        """
        mine = sorted((one for one in self.entries if one.table == raw.table), key=_order)
        if not mine:
            return raw
        frame = raw.frame.copy()
        rows_of = _index(raw, columns)
        self._refuse_conflicts(mine, columns)
        sound = [entry for entry in mine if entry.outcome != "conflicts"]
        for _, same_day in groupby(sound, key=lambda entry: entry.on):
            waiting = list(same_day)
            # a correction of a corrected value fits only after the other
            while rest := [one for one in waiting if not self._one(one, frame, columns, rows_of)]:
                if len(rest) == len(waiting):
                    break
                waiting = rest
        self._say_repeated(mine, columns)
        return raw.with_frame(frame)

    def _statement(self, entry: Correction, columns: Columns) -> tuple[str, int, str, str]:
        """The cell that a correction means and the old value that it saw."""
        key, year = self._key_and_year(entry)
        column = columns.name_of(entry.column) or fold(entry.column)
        return key, year, column, _canonical(entry.old)

    def _refuse_conflicts(self, mine: Sequence[Correction], columns: Columns) -> None:
        wanted: defaultdict[object, set[str]] = defaultdict(set)
        for entry in mine:
            wanted[self._statement(entry, columns)].add(_canonical(entry.new))
        for entry in mine:
            if len(wanted[self._statement(entry, columns)]) > 1 and not entry.applied:
                entry.outcome = "conflicts"

    def _say_repeated(self, mine: Sequence[Correction], columns: Columns) -> None:
        """A correction that stands twice is applied once and true of both."""
        done = {self._statement(entry, columns) for entry in mine if entry.applied}
        for entry in mine:
            if entry.outcome == "old_differs" and self._statement(entry, columns) in done:
                entry.applied, entry.outcome = True, "applied"

    def _one(
        self,
        entry: Correction,
        frame: pd.DataFrame,
        columns: Columns,
        rows_of: dict[str, list[int]],
    ) -> bool:
        """Whether the correction fits cells of this table and was applied to them."""
        key, year = self._key_and_year(entry)
        rows = rows_of.get(key, [])
        heading = _heading(columns, entry.column, year)
        if not rows:
            return False
        if not heading:
            if entry.outcome == "key_not_found":
                entry.outcome = "column_not_found"
            return False
        if _has_no_year(columns, heading) and year != self.year:
            return False
        if "year" in columns and entry.table == "enterprises":
            years = frame[columns.heading("year")]
            rows = [row for row in rows if text_of(years.iloc[row])[:4] == str(year)]
        fitting = [row for row in rows if _equal(frame[heading].iloc[row], entry.old)]
        if fitting:
            cells = objects(frame[heading]).copy()
            cells[fitting] = entry.new or None
            frame[heading] = cells
            entry.applied, entry.outcome = True, "applied"
        elif rows and not entry.applied:
            entry.outcome = "old_differs"
            entry.found = text_of(frame[heading].iloc[rows[0]])
        return bool(fitting)

    def _key_and_year(self, entry: Correction) -> tuple[str, int]:
        key, _, tail = entry.key.rpartition("/")
        if entry.table == "enterprises" and key and tail.strip().isdigit():
            return _plain_key(key), int(tail)
        return _plain_key(entry.key), self.year

    def report(self, log: IssueLog) -> pd.DataFrame:
        """What became of each correction; those not applied are issues."""
        for entry in self.entries:
            values = {"key": entry.key, "column": entry.column, "old": entry.old, "new": entry.new}
            shown = {**values, "value": entry.found, "name": entry.table}
            log.add(f"intake_tables.correction_{entry.outcome}", **{**entry.place, **shown})
        data = {
            name: [getattr(entry, name) for entry in self.entries] for name in CORRECTION_COLUMNS
        }
        frame = pd.DataFrame(data, columns=list(CORRECTION_COLUMNS))
        kinds = {name: "bool" if name == "applied" else "str" for name in CORRECTION_COLUMNS}
        order = ["table", "key", "column", "on", "old", "new", "reason", "by"]
        return frame.astype(kinds).sort_values(order, kind="stable", ignore_index=True)


def _plain_key(text: str) -> str:
    return fold(text).upper()


def key_headings(table: str, columns: Columns) -> list[str]:
    """The columns by which corrections name the rows of a table; none where it lacks one."""
    headings = [columns.heading(name) for name in _KEYS.get(table, ())]
    return headings if all(headings) else []


def row_keys(raw: Raw, columns: Columns) -> list[str]:
    """What corrections call each row; nothing where the table lacks a column for it."""
    headings = key_headings(raw.table, columns)
    cells: list[npt.NDArray[np.object_]] = [objects(raw.frame[heading]) for heading in headings]
    return ["/".join(_plain_key(text_of(cell)) for cell in row) for row in zip(*cells, strict=True)]


def _index(raw: Raw, columns: Columns) -> dict[str, list[int]]:
    rows_of: dict[str, list[int]] = {}
    for row, key in enumerate(row_keys(raw, columns)):
        rows_of.setdefault(key, []).append(row)
    return rows_of


def _order(entry: Correction) -> tuple[str, ...]:
    return entry.on, entry.key, entry.column, entry.old, entry.new


def _has_no_year(columns: Columns, heading: str) -> bool:
    """Whether what stands under ``heading`` is of the project's year for want of another."""
    dated = {text for texts in columns.by_year.values() for text in texts.values()}
    return "year" not in columns and heading not in dated


def _canonical(text: str) -> str:
    """A value as it is compared: numbers by their amount, text without width and spaces."""
    number = parse(text).value
    return fold(text_of(text)) if number is None else str(number.normalize())


def _heading(columns: Columns, written: str, year: int) -> str:
    name = columns.name_of(written)
    return columns.by_year.get(name, {}).get(year, "") or columns.heading(name)


def _equal(cell: object, old: str) -> bool:
    """Whether a cell still holds what the correction saw: as numbers where both are."""
    current = text_of(cell)
    left, right = parse(current), parse(old)
    if left.value is not None and right.value is not None:
        return Decimal(left.value) == Decimal(right.value)
    return fold(current) == fold(text_of(old))

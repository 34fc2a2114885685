"""What a run and the ledger say of single plots, looked up once for all pages of an atlas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from landuse.publish.sheet.land import Land

__all__ = ["Facts", "Record", "Strip"]

Record = dict[str, Any]


@dataclass(frozen=True)
class Strip:
    """One indicator (or the score) within a group: all values, this unit's, and a line."""

    key: str
    values: np.ndarray[Any, np.dtype[np.float64]]
    mine: float
    line: float


class Facts:
    """Rows of the tables by plot, for the plots that have pages."""

    def __init__(self, land: Land) -> None:
        self.land = land
        codes = land.plots.rows["parcel_id"].iloc[land.pages]
        run = land.run
        self.parcels = _by(run.parcels[run.parcels["parcel_id"].isin(codes)], "parcel_id")
        users = land.plots.users
        self.users = _by(users[users["parcel_id"].isin(codes)], "parcel_id")
        links = run.links[run.links["parcel_id"].isin(codes)]
        self.links = {(str(row["parcel_id"]), str(row["uscc"])): row for row in _records(links)}
        wanted = users.loc[users["parcel_id"].isin(codes), "uscc"]
        self.units = _by(run.units[run.units["uscc"].isin(wanted)], "uscc")
        self.contracts = _by(run.idle[run.idle["parcel_id"].isin(codes)], "parcel_id")
        self.evidence = _by(run.evidence[run.evidence["parcel_id"].isin(codes)], "parcel_id")
        cases = land.plots.cases
        self.cases = _by(cases[cases["parcel_id"].isin(codes)], "parcel_id")

    @cached_property
    def _groups(self) -> dict[str, Iterable[str]]:
        """Cohort → its ranked units."""
        units = self.land.run.units
        ranked = units[units["score"].notna() & units["rank"].notna()]
        return {
            str(cohort): frame["unit_id"].drop_duplicates()
            for cohort, frame in ranked.groupby("cohort")
        }

    def strips(self, unit: Record) -> list[Strip]:
        """Where a ranked unit stands in its group: the score, then each indicator as compared."""
        members = self._groups.get(str(unit["cohort"]))
        if members is None or unit["score"] is None:
            return []
        units = self.land.run.units
        same = units[units["unit_id"].isin(members)].drop_duplicates("unit_id")
        scores = same["score"].to_numpy(dtype=np.float64)
        found = [Strip("score", scores, float(unit["score"]), _float(unit["cutoff_score"]))]
        table = self.land.run.indicators
        rows = table[table["unit_id"].isin(members)]
        for one in self.land.run.rules.indicators:
            mine = rows[(rows["indicator"] == one.key) & (rows["unit_id"] == unit["unit_id"])]
            values = rows.loc[rows["indicator"] == one.key, "compared"].to_numpy(dtype=np.float64)
            if len(mine) and not np.isnan(mine["compared"].iloc[0]):
                benchmark = _float(mine["benchmark"].iloc[0])
                value = float(mine["compared"].iloc[0])
                found.append(Strip(one.key, values[~np.isnan(values)], value, benchmark))
        return found


def _float(value: Any) -> float:  # noqa: ANN401 - a cell
    return float("nan") if value is None else float(value)


def _records(frame: pd.DataFrame) -> list[Record]:
    plain = frame.drop(columns="geometry", errors="ignore").astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _by(frame: pd.DataFrame, key: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in _records(frame):
        found.setdefault(str(row[key]), []).append(row)
    return found

"""Checked inputs, cut into parts on disk: the first stage of a batch over parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.engines.parts.cuts import part_of
from landuse.engines.parts.frames import bounds, save
from landuse.engines.parts.notes import write_issues

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landuse.engines.parts.job import Job
    from landuse.intake.inputs import Inputs
    from landuse.issues import IssueLog

__all__ = ["LEFT", "by_parcel", "split_inputs"]

LEFT: Final = ("intake_tables.ended", "intake_tables.not_begun")
"""Why an occupancy row is set aside that land matching still asks about."""
_WHOLE: Final = ("price_zones", "parks", "supply", "exemptions", "sources", "set_aside", "counts",
                 "corrections")  # fmt: skip


def split_inputs(job: Job, inputs: Inputs, log: IssueLog) -> None:
    """Write every part of the land and of the firms, and what belongs to all.

    A part that is there already is left as it is. Rows about a parcel lie in the part of its code,
    whether the parcel exists or not; points of enterprises lie in every part whose box they touch.
    """
    job.once("whole", "inputs", lambda folder: _whole(folder, inputs, log))
    land, firms = _Cut(job.land), _Cut(job.firms)
    parcels, lost = land.of(inputs.parcels), land.of(inputs.lost_parcels)
    occupancy, confirmed = land.of(inputs.occupancy), land.of(inputs.confirmed_links)
    aside = inputs.set_aside
    aside = aside[(aside["table"] == "occupancy") & aside["reason"].isin(LEFT)]
    left = land.of(by_parcel(aside))
    points = _points(inputs.enterprises)
    for part in range(len(job.land)):
        tables = {
            "parcels": parcels(part), "lost": lost(part), "occupancy": occupancy(part),
            "confirmed": confirmed(part), "left": left(part),
        }  # fmt: skip
        job.once("land", part, lambda folder, tables=tables: _land(folder, tables, points))  # type: ignore[misc]
    enterprises = firms.of(inputs.enterprises, "uscc")
    figures = firms.of(inputs.figures, "uscc")
    for part in range(len(job.firms)):
        tables = {"enterprises": enterprises(part), "figures": figures(part)}
        job.once("firms", part, lambda folder, tables=tables: _saved(folder, tables))  # type: ignore[misc]


class _Cut:
    """Rows of a frame by part, sorted once."""

    def __init__(self, starts: Sequence[str]) -> None:
        self._starts = starts

    def of(self, frame: pd.DataFrame, key: str = "parcel_id") -> Callable[[int], pd.DataFrame]:
        part = part_of(frame[key], self._starts)
        order = np.argsort(part, kind="stable")
        ends = np.searchsorted(part[order], np.arange(len(self._starts) + 1))
        return lambda at: frame.iloc[order[ends[at] : ends[at + 1]]].reset_index(drop=True)


def by_parcel(aside: pd.DataFrame) -> pd.DataFrame:
    """Rows whose key is a pair, once for each parcel that it may mean.

    Where codes are free, a parcel may be called 7/2: then the pair alone does not tell where the
    parcel ends. The row lies with all of these, and means the one that has a link to the pair.
    """
    parts = [key.split("/") for key in aside["key"]]
    times = np.array([max(len(part) - 1, 1) for part in parts], dtype=np.intp)
    lots = ["/".join(part[:end]) for part in parts for end in range(1, max(len(part), 2))]
    found = aside.iloc[np.repeat(np.arange(len(aside)), times)]
    return found.assign(parcel_id=pd.Series(lots, index=found.index, dtype="str"))


def _points(enterprises: pd.DataFrame) -> pd.DataFrame:
    located = enterprises["x"].notna() & enterprises["y"].notna()
    return enterprises.loc[located, ["uscc", "x", "y"]].reset_index(drop=True)


def _whole(folder: Path, inputs: Inputs, log: IssueLog) -> dict[str, Any]:
    for name in _WHOLE:
        frame = getattr(inputs, name)
        if frame is not None:
            save(frame, folder / f"{name}.parquet")
    write_issues(log, folder / "issues.jsonl")
    parcels, firms = inputs.parcels, inputs.enterprises
    held = (parcels["holder"] != "") | (parcels["uscc"] != "")
    return {"parcels": len(parcels), "enterprises": len(firms), "held": bool(held.any())}


def _land(folder: Path, tables: dict[str, pd.DataFrame], points: pd.DataFrame) -> dict[str, Any]:
    shapes = np.concatenate(
        [tables[name]["geometry"].to_numpy() for name in ("parcels", "lost")
         if "geometry" in tables[name]]
    )  # fmt: skip
    low_x, low_y, high_x, high_y = bounds(shapes)
    x, y = points["x"], points["y"]
    near = points[(x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y)]
    return _saved(folder, {**tables, "points": near.reset_index(drop=True)})


def _saved(folder: Path, tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    for name, frame in tables.items():
        save(frame, folder / f"{name}.parquet")
    return {name: len(frame) for name, frame in tables.items()}

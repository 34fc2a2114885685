"""Checked parts with everything that lies with them, as the stages of the batch read them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.engines.parts.cuts import part_of
from landuse.engines.parts.frames import load, save
from landuse.engines.parts.slices import load_slice, save_slices
from landuse.engines.reading.split import LEFT, by_parcel
from landuse.schema.tables import OCCUPANCY, SET_ASIDE

if TYPE_CHECKING:
    from landuse.engines.parts.job import Job
    from landuse.stores import Place

__all__ = ["compose_firms", "compose_land", "left_rows", "spread_points"]


def spread_points(part: int, job: Job, around: list[list[float]]) -> dict[str, Any]:
    """The points of a part's enterprises, for every part of the land whose box they touch."""

    def work(folder: Path) -> dict[str, Any]:
        path = job.path("checked_firms", part) / "enterprises.parquet"
        firms = load(path, ["uscc", "x", "y"])
        points = firms[firms["x"].notna() & firms["y"].notna()].reset_index(drop=True)
        x, y = points["x"], points["y"]
        near = [
            np.flatnonzero((x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y))
            for low_x, low_y, high_x, high_y in around
        ]
        target = np.repeat(np.arange(len(near)), [len(one) for one in near])
        frame = points.iloc[np.concatenate(near)].reset_index(drop=True)
        save_slices(frame, target, len(near), folder / "points.arrow")
        return {"points": len(frame)}

    return job.once("spread", part, work)


def compose_land(part: int, job: Job, *, points: bool, strays: list[int]) -> dict[str, Any]:
    """A part of the land with everything that lies with it."""

    def work(folder: Path) -> dict[str, Any]:
        source = job.path("checked_land", part)
        for name in ("parcels", "lost"):
            _link(source / f"{name}.parquet", folder)
        if (source / "occupancy.parquet").is_file():
            _link(source / "occupancy.parquet", folder)
        else:
            save(OCCUPANCY.empty(), folder / "occupancy.parquet")
        confirmed = load(job.path("whole", "confirmed") / "confirmed.parquet")
        save(_mine(confirmed, part, job), folder / "confirmed.parquet")
        left = [_left(job, other) for other in sorted({part, *strays})]
        save(_mine(pd.concat(left, ignore_index=True), part, job), folder / "left.parquet")
        paths = [job.path("spread", at) / "points.arrow" for at in range(len(job.firms))]
        kinds = {"uscc": "str", "x": "float64", "y": "float64"}
        none = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})
        save(load_slice(paths, part) if points else none, folder / "points.parquet")
        return {}

    return job.once("land", part, work)


def _left(job: Job, part: int) -> pd.DataFrame:
    path = job.path("checked_land", part) / "set_aside-occupancy.parquet"
    return left_rows(load(path) if path.is_file() else SET_ASIDE.empty())


def left_rows(aside: pd.DataFrame) -> pd.DataFrame:
    """The rows of the occupancy that are over or to come, by the parcels that they may mean."""
    found: pd.DataFrame = by_parcel(aside[aside["reason"].isin(LEFT)])
    return found


def _mine(frame: pd.DataFrame, part: int, job: Job) -> pd.DataFrame:
    here = part_of(frame["parcel_id"], job.land) == part
    mine: pd.DataFrame = frame[here].reset_index(drop=True)
    return mine


def compose_firms(part: int, job: Job) -> dict[str, Any]:
    """A part of the firms."""

    def work(folder: Path) -> dict[str, Any]:
        for name in ("enterprises", "figures"):
            _link(job.path("checked_firms", part) / f"{name}.parquet", folder)
        return {}

    return job.once("firms", part, work)


def _link(path: Place, folder: Path) -> None:
    """The same file under another name; a copy where the disk knows no links."""
    try:
        os.link(path, folder / path.name)
    except OSError:
        shutil.copyfile(path, folder / path.name)

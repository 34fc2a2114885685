"""Parcels of different parts that lie on each other."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from landuse.crs import parse
from landuse.engines.parts.notes import write_issues
from landuse.intake.overlaps import report_overlaps
from landuse.issues import IssueLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from landuse.engines.parts.job import Job

__all__ = ["find_overlaps"]

_COLUMNS = ["parcel_id", "source_file", "source_row", "geometry"]


def find_overlaps(
    part: int, job: Job, crs: str, around: Sequence[Sequence[float]]
) -> dict[str, Any]:
    """Overlaps of parcels of a part with those of later parts; ``around`` are the boxes of all.

    Held at the same time: the codes and polygons of this part, those of one other part whose box
    meets it, and the boxes of both (32 bytes a parcel). Polygons are WKB; those that may overlap
    are unfolded.
    """

    def work(folder: Path) -> dict[str, Any]:
        log = IssueLog()
        mine = np.load(job.path("checked_land", part) / "boxes.npy")
        own = cache(partial(_table, job, part))  # read once, if any other comes near
        for other in range(part + 1, len(job.land)):
            if _meet(np.array([around[part]]), np.array(around[other])).any():
                _report(job, own, mine, other, crs, log)
        write_issues(log, folder / "issues.jsonl")
        return {"overlaps": len(log)}

    return job.once("overlaps", part, work)


def _meet(boxes: npt.NDArray[np.float64], box: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    apart: npt.NDArray[np.bool_] = (boxes[:, 0] > box[2]) | (boxes[:, 2] < box[0])
    apart |= (boxes[:, 1] > box[3]) | (boxes[:, 3] < box[1])
    apart |= np.isnan(boxes).any(axis=1) | bool(np.isnan(box).any())
    return ~apart


def _report(
    job: Job,
    own: Callable[[], pa.Table],
    mine: npt.NDArray[np.float64],
    other: int,
    crs: str,
    log: IssueLog,
) -> None:
    theirs = np.load(job.path("checked_land", other) / "boxes.npy")
    near = np.flatnonzero(_meet(mine, _around(theirs)))
    far = np.flatnonzero(_meet(theirs, _around(mine)))
    if not len(near) or not len(far):
        return
    left, right = shapely.STRtree(shapely.box(*theirs[far].T)).query(shapely.box(*mine[near].T))
    if not len(left):
        return
    one = _parcels(own(), np.unique(near[left]))
    two = _parcels(_table(job, other), np.unique(far[right]))
    both, found = pd.concat([one, two], ignore_index=True), IssueLog()
    report_overlaps(both, parse(crs), found)
    here = set(one["parcel_id"])  # two of one part are said there
    log.extend(
        issue
        for issue in found
        if (issue.key in here) != (str(dict(issue.values)["other"]) in here)
    )


def _around(boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    low, high = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
    return np.concatenate([low, high])


def _table(job: Job, part: int) -> pa.Table:
    return pq.read_table(job.path("checked_land", part) / "parcels.parquet", columns=_COLUMNS)


def _parcels(content: pa.Table, rows: npt.NDArray[np.intp]) -> pd.DataFrame:
    some = content.take(pa.array(rows))
    frame: pd.DataFrame = some.drop_columns(["geometry"]).to_pandas()
    shapes = shapely.from_wkb(some["geometry"].to_numpy(zero_copy_only=False))
    return frame.assign(geometry=pd.Series(shapes, dtype=object))

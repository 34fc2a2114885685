"""Which enterprises a part of the land must know: those whom its cells name or whose points it has.

Nobody reads the whole directory. Each part of the land tells which codes and names its cells may
mean (:func:`ask_names`), each part of the firms which it has (:func:`list_names`); both lie in
buckets by the text, so that whoever holds one bucket (:func:`tell_names`) knows everybody of each
text in it. What a part of the land then reads (:func:`known_to`) answers every question that it
can ask as the whole directory would.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.engines.parts.cuts import part_of
from landuse.engines.parts.frames import load
from landuse.engines.parts.slices import bucket_of, load_slice, save_slices
from landuse.keys import positions
from landuse.matching.cells import asked, folded
from landuse.matching.points import by_point

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from landuse.engines.parts.job import Crew, Job
    from landuse.stores import Place

__all__ = ["known_to", "listed_names", "share_directory"]

_KINDS: Final = ("parcels", "lost")
"""Parcels that are kept, and those set aside: each kind has its own points."""


def share_directory(job: Job, crew: Crew) -> None:
    """Let every part of the land know its enterprises, for :func:`known_to`."""
    for task, parts in (
        (ask_names, len(job.land)),
        (list_names, len(job.firms)),
        (tell_names, len(job.firms)),
    ):
        for _ in crew.each(partial(task, job=job), parts):
            pass


def ask_names(part: int, job: Job) -> dict[str, Any]:
    """The codes and names that the cells of a part of the land may mean, and whose points it has.

    The points go to the parts of the firms: one on a border lies in two parts of the land.
    """

    def work(folder: Path) -> dict[str, Any]:
        source = job.path("land", part)
        points = load(source / "points.parquet")
        cells, found = [], []
        for kind in _KINDS:
            path = source / f"{kind}.parquet"
            land = load(path, None if len(points) else ["uscc", "holder"])
            cells += [land["uscc"], land["holder"]]
            if "geometry" in land:
                found.append(_points(land, points, kind, part))
        for name in ("occupancy", "confirmed"):
            cells.append(load(source / f"{name}.parquet", ["uscc"])["uscc"])
        texts = asked(pd.concat(cells, ignore_index=True))
        bucket = bucket_of(texts, len(job.firms))
        _slices(texts.to_frame("text"), bucket, job, folder / "texts.arrow")
        hits = pd.concat(found, ignore_index=True) if found else _no_points()
        _slices(hits, part_of(hits["uscc"], job.firms), job, folder / "points.arrow")
        return {"texts": len(texts), "points": len(hits)}

    return job.once("asked", part, work)


def _slices(frame: pd.DataFrame, target: npt.NDArray[np.intp], job: Job, path: Path) -> None:
    """For the parts of the firms, which also hold the buckets."""
    save_slices(frame, target, len(job.firms), path)


def _points(land: pd.DataFrame, points: pd.DataFrame, kind: str, part: int) -> pd.DataFrame:
    land = land.reset_index(drop=True)
    hits = by_point(land, points)
    frame = pd.DataFrame(
        {
            "uscc": hits["uscc"],
            "parcel_id": land["parcel_id"].take(hits["at"].to_numpy()).reset_index(drop=True),
            "kind": pd.Series(kind, index=hits.index, dtype="str"),
            "land": np.full(len(hits), part, dtype=np.int64),
        }
    )
    return frame.merge(points, on="uscc", validate="one_to_one")


def _no_points() -> pd.DataFrame:
    texts = {name: pd.Series([], dtype="str") for name in ("uscc", "parcel_id", "kind")}
    return pd.DataFrame(
        {**texts, "land": np.zeros(0, np.int64), "x": np.zeros(0), "y": np.zeros(0)}
    )


def list_names(part: int, job: Job) -> dict[str, Any]:
    """The codes and names of a part of the firms; each of its points for the smallest parcel that
    holds it, in whatever part of the land that lies."""

    def work(folder: Path) -> dict[str, Any]:
        firms = load(job.path("firms", part) / "enterprises.parquet", ["uscc", "name"])
        rows = [firms.assign(text=folded(firms[key]), of_name=key == "name") for key in firms]
        listed = pd.concat(rows, ignore_index=True)
        listed = listed[listed["text"] != ""]
        _slices(listed, bucket_of(listed["text"], len(job.firms)), job, folder / "texts.arrow")
        hits = load_slice(_paths(job, "asked", "points", len(job.land)), part)
        hits = hits.sort_values(["kind", "uscc", "parcel_id"], ignore_index=True)
        hits = hits.drop_duplicates(["kind", "uscc"])
        hits = hits.merge(firms, on="uscc", validate="many_to_one")
        placed = hits[["uscc", "name", "kind", "x", "y"]]
        save_slices(placed, hits["land"].to_numpy(), len(job.land), folder / "points.arrow")
        return {"texts": len(listed), "points": len(placed)}

    return job.once("listed", part, work)


def tell_names(bucket: int, job: Job) -> dict[str, Any]:
    """Who bears the codes and names of one bucket, for the parts of the land that ask for them."""

    def work(folder: Path) -> dict[str, Any]:
        texts = load_slice(_paths(job, "asked", "texts", len(job.land)), bucket, "land")
        found = texts.merge(_listed(bucket, job), on="text")
        told = found[["uscc", "name"]]
        save_slices(told, found["land"].to_numpy(), len(job.land), folder / "names.arrow")
        return {"told": len(told)}

    return job.once("told", bucket, work)


def _listed(bucket: int, job: Job) -> pd.DataFrame:
    return load_slice(_paths(job, "listed", "texts", len(job.firms)), bucket)


def listed_names(bucket: int, job: Job) -> pd.DataFrame:
    """``text``, ``uscc`` and ``name`` of all enterprises whose folded name is in this bucket."""
    listed = _listed(bucket, job)
    return listed[listed["of_name"]].drop(columns="of_name").reset_index(drop=True)


def _paths(job: Job, stage: str, name: str, parts: int) -> Iterator[Place]:
    return (job.path(stage, part) / f"{name}.arrow" for part in range(parts))


def known_to(part: int, job: Job, kind: str) -> pd.DataFrame:
    """The enterprises that a part of the land must know, by code; ``x`` and ``y`` only where it
    holds the parcel of this ``kind`` that their point counts for."""
    named = load_slice(_paths(job, "told", "names", len(job.firms)), part)
    placed = load_slice(_paths(job, "listed", "points", len(job.firms)), part)
    placed = placed[placed["kind"] == kind]
    known = pd.concat([named, placed[["uscc", "name"]]]).drop_duplicates("uscc")
    known = known.sort_values("uscc", ignore_index=True)
    at = positions(known["uscc"], placed["uscc"])
    nowhere = at < 0
    spots = {
        axis: np.where(nowhere, np.nan, placed[axis].to_numpy()[at] if len(placed) else np.nan)
        for axis in ("x", "y")
    }
    return known.assign(**spots)

"""Near names and near codes, asked of a directory that lies in parts.

A part of the land knows only the enterprises that it names. For names that nobody bears, all parts
of the directory count the runs of characters that these names are made of; who shares a rare one is
compared, where he lies; the best of all parts are the answer. For codes that nobody has, the
nearest of all parts. Both are few: what each part asks fits into one memory.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.engines.parts.frames import load, load_all, save
from landuse.engines.stages.directory import listed_names
from landuse.matching.names import Directory, Wanted, nearest
from landuse.schema.near_codes import asked_first, named, near_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from landuse.engines.parts.job import Crew, Job
    from landuse.stores import Place

__all__ = ["find_near_codes", "find_near_names", "near_names"]


def find_near_names(job: Job, crew: Crew) -> None:
    """The enterprises whose names are near those that ``match`` found nobody for."""

    def wanted(folder: Path) -> dict[str, Any]:
        paths = [job.path("match", part) / "unnamed.parquet" for part in range(len(job.land))]
        names = load_all(paths, ["part"]).drop_duplicates()
        save(names.sort_values("part", ignore_index=True), folder / "names.parquet")
        return {"names": len(names)}

    def counts(folder: Path) -> dict[str, Any]:
        whole = sum(np.load(path) for path in crew.each(partial(count_runs, job=job), buckets))
        np.save(folder / "counts.npy", np.asarray(whole, dtype=np.int64))
        return {}

    def best(folder: Path) -> dict[str, Any]:
        paths = list(crew.each(partial(compare_names, job=job), buckets))
        save(nearest(load_all(paths)).reset_index(drop=True), folder / "near.parquet")
        return {}

    buckets = len(job.firms)
    if job.once("whole", "unnamed", wanted)["names"]:
        job.once("whole", "runs", counts)
        job.once("whole", "near", best)


def _wanted(job: Job) -> Wanted:
    return Wanted(load(job.path("whole", "unnamed") / "names.parquet")["part"])


def count_runs(bucket: int, job: Job) -> Place:
    """How often the names of one bucket have each run of the wanted ones."""

    def work(folder: Path) -> dict[str, Any]:
        count = Directory(listed_names(bucket, job)).count(_wanted(job))
        np.save(folder / "counts.npy", count)
        return {}

    job.once("runs", bucket, work)
    return job.path("runs", bucket) / "counts.npy"


def compare_names(bucket: int, job: Job) -> Place:
    """Who of one bucket bears a name near a wanted one: the best of them."""

    def work(folder: Path) -> dict[str, Any]:
        count: npt.NDArray[np.int64] = np.load(job.path("whole", "runs") / "counts.npy")
        found = nearest(Directory(listed_names(bucket, job)).near(_wanted(job), count))
        save(found.reset_index(drop=True), folder / "near.parquet")
        return {"found": len(found)}

    job.once("near", bucket, work)
    return job.path("near", bucket) / "near.parquet"


def near_names(job: Job) -> pd.DataFrame | None:
    """``part``, ``uscc``, ``similarity``, ``name`` for the names of all parts; ``None``: no name
    lacks its enterprise."""
    path = job.path("whole", "near") / "near.parquet"
    return load(path) if path.is_file() else None


def find_near_codes(job: Job, crew: Crew, strange: Sequence[str]) -> dict[str, str]:
    """The code that each strange one most likely means; none for those that are near no code."""
    asked = asked_first(strange)
    if not asked:
        return {}

    def work(_: Path) -> dict[str, Any]:
        found: dict[str, tuple[int, int, str]] = {}
        for told in crew.each(partial(compare_codes, job=job, asked=asked), len(job.firms)):
            for code, (kind, place, near) in told.items():
                one = (kind, place, near)
                found[code] = min(found.get(code, one), one)
        return named(found)

    codes: dict[str, str] = job.once("whole", "near_codes", work)
    return codes


def compare_codes(part: int, job: Job, asked: list[str]) -> dict[str, list[Any]]:
    """The nearest codes of one part of the firms."""

    def work(_: Path) -> dict[str, Any]:
        known = load(job.path("firms", part) / "enterprises.parquet", ["uscc"])["uscc"]
        return {code: list(near) for code, near in near_codes(asked, known).items()}

    told: dict[str, list[Any]] = job.once("near_codes", part, work)
    return told

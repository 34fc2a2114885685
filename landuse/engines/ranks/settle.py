"""Who stands where among all parts: scores counted by the parts, settled by cohort.

Each part of the firms writes the counts of its scores for whoever settles their cohorts
(:func:`tally_part`); who settles some cohorts has all scores of these and of no others
(:func:`settle_cohorts`). What comes back is two numbers a cohort and test; where the units of a
part stand, it looks up in the files (:class:`FileStand`), which nobody reads whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.engines.parts.slices import load_slice, save_slices
from landuse.engines.ranks.rounds import Settled, settled
from landuse.engines.ranks.tallies import Asked, Steps, Tally
from landuse.ranking.places import Line, Standing

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.engines.parts.job import Crew, Job
    from landuse.ranking.sheet import Codes, Floats
    from landuse.stores import Place

__all__ = ["FileStand", "settle_parts"]

_AT_ONCE: Final = 16
"""Parts whose scores are read at a time."""


def settle_parts(
    job: Job, crew: Crew, ask: Callable[[int], Asked], cohorts: int, ties: str
) -> Settled:
    """What follows from what ``ask`` tells of each part of the firms; few numbers pass here."""
    stand = FileStand(job, cohorts)
    tally = partial(tally_part, job=job, ask=ask, groups=stand.groups)
    for _ in crew.each(tally, len(job.firms)):
        pass
    settle = partial(settle_cohorts, job=job, ties=ties)
    cutoff = np.full(cohorts, np.nan)
    at, after = (np.zeros((_tests(job) - 1, cohorts)) for _ in range(2))
    for group, path in enumerate(crew.each(settle, stand.groups)):
        with np.load(path) as found:
            own = slice(group, None, stand.groups)
            cutoff[own], at[:, own], after[:, own] = (
                found[name] for name in ("cutoff", "at", "after")
            )
    return Settled(stand, cutoff, tuple(map(Line, at, after)))


def _quotas(job: Job) -> npt.NDArray[np.intp]:
    """Units that each test flags, test × cohort: as the first part wrote them."""
    found: npt.NDArray[np.intp] = np.load(job.path("tallied", 0) / "quotas.npy")
    return found


def _tests(job: Job) -> int:
    return len(_quotas(job))


def tally_part(part: int, job: Job, ask: Callable[[int], Asked], groups: int) -> int:
    """Write what a part tells, for those who settle its cohorts; gives the number of counts."""

    def work(folder: Path) -> dict[str, Any]:
        asked = ask(part)
        rows = pd.concat(
            [
                pd.DataFrame(
                    {
                        "test": np.full(len(tally.value), test, dtype=np.int16),
                        "cohort": tally.cohort.astype(np.int32),
                        "value": tally.value,
                        "count": tally.count.astype(np.int32),
                    }
                )
                for test, tally in enumerate(asked.tallies)
            ],
            ignore_index=True,
        )
        group = rows["cohort"].to_numpy(dtype=np.intp) % groups
        save_slices(rows, group, groups, folder / "scores.arrow")
        if part == 0:  # every part asks the same
            np.save(folder / "quotas.npy", np.array(asked.quotas, dtype=np.intp))
        return {"counts": len(rows)}

    return int(job.once("tallied", part, work)["counts"])


def settle_cohorts(group: int, job: Job, ties: str) -> Place:
    """Cut-offs and lines of some cohorts, and the steps on which their units stand."""

    def work(folder: Path) -> dict[str, Any]:
        quotas = _quotas(job)
        stand = FileStand(job, quotas.shape[1])
        tallies = _tallies(job, group, len(quotas), stand.cohorts)
        found = settled(Asked(tuple(tallies), tuple(quotas)), ties)
        own = slice(group, None, stand.groups)
        lines = {
            name: np.array([getattr(line, name)[own] for line in found.lines])
            for name in ("at", "after")
        }
        np.savez(folder / "lines.npz", cutoff=found.cutoff[own], **lines)  # type: ignore[arg-type]
        scores = tallies[0]
        np.save(folder / "starts.npy", scores.starts)
        np.save(folder / "value.npy", scores.value)
        np.save(folder / "upto.npy", scores.standing.upto)
        return {"scores": len(scores.value)}

    job.once("settled", group, work)
    return job.path("settled", group) / "lines.npz"


def _tallies(job: Job, group: int, tests: int, cohorts: int) -> list[Tally]:
    """What all parts tell of the cohorts of a group, test by test. A few parts are read at a time,
    so that a cohort of a nation takes what its different scores take, not what its units do."""
    paths = [job.path("tallied", part) / "scores.arrow" for part in range(len(job.firms))]
    whole: list[Tally] = []
    for start in range(0, len(paths), _AT_ONCE):
        rows = load_slice(paths[start : start + _AT_ONCE], group)
        some = [_tally(rows[rows["test"] == test], cohorts) for test in range(tests)]
        pairs = zip(whole, some, strict=True) if whole else ()
        whole = [Tally.merged(pair, cohorts) for pair in pairs] or some
    return whole


def _tally(rows: pd.DataFrame, cohorts: int) -> Tally:
    count = rows["count"].to_numpy(dtype=np.int64)
    cohort = rows["cohort"].to_numpy(dtype=np.intp)
    return Tally.added(cohort, rows["value"].to_numpy(), count, cohorts)


@dataclass(frozen=True)
class FileStand:
    """Where units stand in their cohorts, looked up in the files of those who settled them."""

    job: Job
    cohorts: int

    @property
    def groups(self) -> int:
        """How many settle: cohort ``c`` is settled by ``c % groups``."""
        return max(1, min(self.cohorts, len(self.job.firms)))

    def find(self, values: Floats, cohort: Codes) -> Standing:
        """Where units of a part stand in their whole cohorts."""
        below, upto = (np.zeros(len(values), dtype=np.intp) for _ in range(2))
        for code in np.unique(cohort).tolist():
            mine = cohort == code
            below[mine], upto[mine] = self._steps(code).find(values[mine])
        return Standing(below, upto)

    def _steps(self, cohort: int) -> Steps:
        folder = self.job.path("settled", cohort % self.groups)
        starts = np.load(folder / "starts.npy")
        span = slice(starts[cohort], starts[cohort + 1])
        value, upto = (
            np.load(os.fspath(folder / f"{name}.npy"), mmap_mode="r")[span]
            for name in ("value", "upto")
        )
        return Steps(value, upto)

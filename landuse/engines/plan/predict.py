"""What a run of another size would cost, from the timings of runs that were measured.

Measured are some runs of different sizes and partitions (:mod:`landuse.engines.parts.timings`); the
rest is computed. Every figure of a round is taken to be a sum of three: so much a part, so much a
row, so much for each pair of parts (what parts ask of each other). The three are the non-negative
ones that fit the measured runs best, relative errors counting. For the driver it is: something for
each round, so much a part, so much a row. Tasks are as many as parts; those that read the files are
as many as their spans (:data:`BY_ROWS`), which have about as many rows each; a round that had fewer
tasks than there were parts is taken to have no more of them in a larger run: they are as many as
something else, such as cohorts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from landuse.engines.parts.timings import Round, Timings
from landuse.engines.plan.cluster import Cluster, Stage, simulate

__all__ = [
    "AFTER",
    "BY_ROWS",
    "Cost",
    "Measured",
    "Size",
    "fit",
    "fitted_costs",
    "machines_for",
    "measured",
    "predict",
]

AFTER: Final = "after"
"""The name of what the driver does when the last part is done: it writes the tables."""
BY_ROWS: Final = frozenset(
    f"{what}_{kind}"
    for what in ("survey", "scatter") for kind in ("land", "zones", "firms", "occupancy")
)  # fmt: skip
"""Rounds over spans of the files."""

Floats = npt.NDArray[np.float64]


class Size(NamedTuple):
    """Parcels of an input and its parts."""

    parcels: float
    parts: float

    @property
    def rows(self) -> float:
        """Parcels of a part."""
        return self.parcels / self.parts


class Measured(NamedTuple):
    """A run as it was: its size, and its rounds, each part an average part of its round."""

    size: Size
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Cost:
    """What a round costs at any size: how many tasks, and the three factors of each figure (seconds
    and bytes of all tasks; seconds of the driver before, and inside while it takes answers in)."""

    name: str
    tasks: int
    of: Size
    """So many tasks there were in a run of this size."""
    seconds: Floats
    moved: Floats
    answer: Floats
    before: Floats
    inside: Floats

    def tasks_for(self, size: Size) -> int:
        """How many tasks the round has in a run of another size."""
        if self.name in BY_ROWS:
            return max(round(self.tasks / self.of.parcels * size.parcels), 1)
        if self.tasks < self.of.parts:
            return self.tasks
        return round(self.tasks / self.of.parts * size.parts)


def measured(run: Timings) -> Measured:
    """What is needed of a run's timings; rounds of one name are one."""
    names = dict.fromkeys(one.name for one in run.rounds)
    found = [_stage(name, [one for one in run.rounds if one.name == name]) for name in names]
    stages = (*found, Stage(AFTER, 0, 0.0, before=run.after.cpu))
    return Measured(Size(run.parcels, run.land_parts), stages)


def _stage(name: str, rounds: Sequence[Round]) -> Stage:
    tasks = [task for one in rounds for task in one.tasks]
    many = max(len(tasks), 1)
    return Stage(
        name,
        len(tasks),
        sum(task.cpu for task in tasks) / many,
        sum(task.read + task.written for task in tasks) / many,
        (sum(task.answer for task in tasks) + sum(one.sent * len(one.tasks) for one in rounds))
        / many,
        sum(one.before.cpu for one in rounds),
        sum(one.inside.cpu for one in rounds) / many,
    )


def fitted_costs(runs: Sequence[Measured]) -> list[Cost]:
    """The cost of every round that all runs have, in the order of the first.

    Raises ``ValueError`` where there is no run, or one has rounds that another has not.
    """
    tables = [{stage.name: stage for stage in run.stages} for run in runs]
    if not tables or any(table.keys() != tables[0].keys() for table in tables):
        raise ValueError("timings of runs with the same rounds are needed")
    sizes = [run.size for run in runs]
    return [_cost(name, [table[name] for table in tables], sizes) for name in tables[0]]


def _cost(name: str, stages: Sequence[Stage], sizes: Sequence[Size]) -> Cost:
    def of_tasks(what: Callable[[Stage], float]) -> Floats:
        sums = [stage.tasks * what(stage) for stage in stages]
        return fit(np.array([_of_tasks(size) for size in sizes]), np.array(sums))

    def of_driver(what: Callable[[Stage], float]) -> Floats:
        return fit(np.array([_of_driver(size) for size in sizes]), np.array([*map(what, stages)]))

    by_rows = name in BY_ROWS
    largest = int(np.argmax([size.parcels if by_rows else size.parts for size in sizes]))
    return Cost(
        name,
        stages[largest].tasks,
        sizes[largest],
        seconds=of_tasks(lambda stage: stage.seconds),
        moved=of_tasks(lambda stage: stage.moved),
        answer=of_tasks(lambda stage: stage.answer),
        before=of_driver(lambda stage: stage.before),
        inside=of_driver(lambda stage: stage.inside * stage.tasks),
    )


def _of_tasks(size: Size) -> Floats:
    return np.array([size.parts, size.parcels, size.parts**2], dtype=np.float64)


def _of_driver(size: Size) -> Floats:
    return np.array([1.0, size.parts, size.parcels])


def fit(terms: Floats, values: Floats) -> Floats:
    """Factors ≥ 0 of the columns of ``terms`` with the least sum of squared relative errors.

    >>> fit(np.array([[1.0, 1.0], [1.0, 3.0]]), np.array([5.0, 9.0])).round(9).tolist()
    [3.0, 2.0]
    """
    best, least = np.zeros(terms.shape[1]), np.inf
    weight = 1.0 / np.maximum(np.abs(values), 1e-9)
    for many in range(terms.shape[1] + 1):
        for used in combinations(range(terms.shape[1]), many):
            chosen = list(used)
            scaled = terms[:, chosen] * weight[:, None]
            found, *_ = np.linalg.lstsq(scaled, values * weight, rcond=None)
            error = float(np.sum((scaled @ found - values * weight) ** 2))
            if (found >= 0).all() and error < least - 1e-12:
                best, least = np.zeros(terms.shape[1]), error
                best[chosen] = found
    return best


def predict(costs: Sequence[Cost], size: Size) -> list[Stage]:
    """The rounds of an input of another size."""
    work, whole = _of_tasks(size), _of_driver(size)
    found = []
    for cost in costs:
        tasks = cost.tasks_for(size)
        found.append(
            Stage(
                cost.name,
                tasks,
                seconds=float(cost.seconds @ work) / max(tasks, 1),
                moved=float(cost.moved @ work) / max(tasks, 1),
                answer=float(cost.answer @ work) / max(tasks, 1),
                before=float(cost.before @ whole),
                inside=float(cost.inside @ whole) / max(tasks, 1),
            )
        )
    return found


def machines_for(
    stages: Sequence[Stage], cluster: Cluster, seconds: float, most: int = 1000, seed: int = 0
) -> int | None:
    """How many machines like those of ``cluster`` do all rounds in so many seconds; ``None`` where
    not even ``most`` do."""

    def enough(machines: int) -> bool:
        return simulate(stages, replace(cluster, machines=machines), seed).seconds <= seconds

    if not enough(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high

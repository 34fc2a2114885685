"""A run on many machines, computed event by event: workers, a shared disk, one driver, misfortune.

The rounds come one after another, as the engine gives them out: the driver prepares, every part is
done by the next free worker, the driver takes in each answer, and the next round waits for the
last. A part first moves its bytes, all movers sharing the disk evenly, then computes. Some parts
take several times as long; machines fail, lose what they were doing, and come back; what was
finished lies on the shared disk and is not done again. The same seed gives the same run.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

__all__ = ["Bounds", "Cluster", "Outcome", "Passed", "Stage", "bounds", "simulate"]

_BLOCK: Final = 4096


@dataclass(frozen=True)
class Stage:
    """A round of equal parts: each computes ``seconds`` on one core, moves so many bytes between
    disk and memory and answers so many; the driver needs seconds before and for every answer."""

    name: str
    tasks: int
    seconds: float
    moved: float = 0.0
    answer: float = 0.0
    before: float = 0.0
    inside: float = 0.0


@dataclass(frozen=True)
class Cluster:
    """Machines with so many workers each, and what may go wrong.

    Bytes a second: ``disk`` of all together, ``link`` of each machine (shared evenly by its
    workers) and of the driver. ``spread`` is the sigma of the logarithm of a part's time (its mean
    stays); one in ``1 / stragglers`` takes ``slowness`` times as long. ``lifetime`` are the mean
    hours until a machine fails; it is back after ``restart`` seconds. ``outages`` are failures
    that are certain: (second, machine).
    """

    machines: int
    workers: int = 8
    disk: float = math.inf
    link: float = math.inf
    dispatch: float = 0.0
    spread: float = 0.0
    stragglers: float = 0.0
    slowness: float = 1.0
    lifetime: float = math.inf
    restart: float = 0.0
    outages: tuple[tuple[float, int], ...] = ()


@dataclass
class Passed:
    """A round that is done: when it began and ended; worker seconds of attempts that were finished
    and of those that were lost; seconds of the driver; bytes that finished attempts moved."""

    name: str
    began: float
    ended: float = 0.0
    useful: float = 0.0
    lost: float = 0.0
    driver: float = 0.0
    moved: float = 0.0
    attempts: int = 0
    done: list[int] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """From its beginning to the beginning of the next."""
        return self.ended - self.began


@dataclass(frozen=True)
class Outcome:
    """A whole run."""

    rounds: tuple[Passed, ...]
    failures: int

    @property
    def seconds(self) -> float:
        """From the first round's beginning to the last one's end."""
        return self.rounds[-1].ended if self.rounds else 0.0

    def total(self, name: str) -> float:
        """The sum of a figure of all rounds."""
        return float(sum(getattr(passed, name) for passed in self.rounds))


@dataclass(frozen=True)
class Bounds:
    """Seconds that a run needs at least, were only its workers, its disk or its driver at work:
    the largest is what stands in the way."""

    workers: float
    disk: float
    driver: float


def bounds(stages: Sequence[Stage], cluster: Cluster) -> Bounds:
    """Least seconds of each kind when nothing goes wrong.

    >>> bounds([Stage("match", 4, 10.0, before=5.0)], Cluster(2, workers=1))
    Bounds(workers=20.0, disk=0.0, driver=5.0)
    """
    seconds = sum(stage.tasks * stage.seconds for stage in stages)
    moved = sum(stage.tasks * stage.moved for stage in stages)
    taking = (stage.tasks * _taking(stage, cluster) for stage in stages)
    return Bounds(
        workers=seconds / (cluster.machines * cluster.workers),
        disk=moved / min(cluster.disk, cluster.link * cluster.machines),
        driver=sum(stage.before for stage in stages) + sum(taking),
    )


def _taking(stage: Stage, cluster: Cluster) -> float:
    """The driver's seconds for one part: giving it out, waiting for its answer, taking it."""
    return cluster.dispatch + stage.answer / cluster.link + stage.inside


def simulate(stages: Sequence[Stage], cluster: Cluster, seed: int = 0) -> Outcome:
    """Do all rounds one after another.

    Four parts of ten seconds on three workers take two turns:

    >>> simulate([Stage("match", 4, 10.0)], Cluster(3, workers=1)).seconds
    20.0
    """
    run = _Run(cluster, seed)
    rounds = tuple(run.round(stage) for stage in stages)
    return Outcome(rounds, run.failures)


@dataclass
class _Attempt:
    task: int
    machine: int
    began: float
    seconds: float
    moving: bool = False


class _Disk:
    """Movers that share a disk evenly, none faster than its part of a machine's link.

    ``level`` are the bytes that a mover has got who was there all the time: who comes is done when
    it has risen by what he moves.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._whole, self._each = cluster.disk, cluster.link / cluster.workers
        self._level, self._at = 0.0, 0.0
        self._ends: list[tuple[float, int]] = []
        self._there: set[int] = set()

    def come(self, number: int, size: float, now: float) -> None:
        """Another mover."""
        self._pass(now)
        self._there.add(number)
        heapq.heappush(self._ends, (self._level + size, number))

    def leave(self, number: int, now: float) -> None:
        """A mover that is done or lost."""
        self._pass(now)
        self._there.discard(number)

    def next(self) -> tuple[float, int]:
        """When the next mover is done, and who; never if nobody moves."""
        while self._ends and self._ends[0][1] not in self._there:
            heapq.heappop(self._ends)
        if not self._ends:
            return math.inf, -1
        end, number = self._ends[0]
        return self._at + max(end - self._level, 0.0) / self._rate(), number

    def _rate(self) -> float:
        return min(self._each, self._whole / max(len(self._there), 1))

    def _pass(self, now: float) -> None:
        rate = self._rate()
        if self._there and now > self._at and math.isfinite(rate):
            self._level += rate * (now - self._at)
        self._at = now


class _Run:
    """The state of a cluster from event to event."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self.cluster, self.rng = cluster, np.random.default_rng(seed)
        self.now, self.failures, self._count = 0.0, 0, 0
        self.free = deque(
            machine for _ in range(cluster.workers) for machine in range(cluster.machines)
        )
        self.disk = _Disk(cluster)
        self.luck = self._lucks()
        self.down: set[int] = set()
        self.running: dict[int, _Attempt] = {}
        self.ends: list[tuple[float, int]] = []
        self.turns: list[tuple[float, int, bool]] = []  # when, which machine, whether it returns
        for at, machine in cluster.outages:
            heapq.heappush(self.turns, (at, machine, False))
        for machine in range(cluster.machines):
            self._live(machine)

    def round(self, stage: Stage) -> Passed:
        """One round from its preparation to its last answer."""
        found = Passed(stage.name, self.now, driver=stage.before)
        self._idle(self.now + stage.before)
        waiting, ready = deque(range(stage.tasks)), self.now
        while len(found.done) < stage.tasks:
            while waiting and self.free:
                self._begin(waiting.popleft(), stage, found)
            finished = self._step(stage, waiting, found)
            if finished:
                taken = _taking(stage, self.cluster)
                found.driver += taken
                ready = max(ready, self.now) + taken
        self._idle(max(ready, self.now))
        found.ended = self.now
        return found

    def _begin(self, task: int, stage: Stage, found: Passed) -> None:
        self._count += 1
        attempt = _Attempt(task, self.free.popleft(), self.now, stage.seconds * next(self.luck))
        self.running[self._count] = attempt
        found.attempts += 1
        if stage.moved > 0 and math.isfinite(min(self.cluster.disk, self.cluster.link)):
            attempt.moving = True
            self.disk.come(self._count, stage.moved, self.now)
        else:
            heapq.heappush(self.ends, (self.now + attempt.seconds, self._count))

    def _lucks(self) -> Iterator[float]:
        """How many times as long as said each attempt takes; drawn in blocks, which is quicker."""
        spread, cluster = self.cluster.spread, self.cluster
        while True:
            even = np.exp(self.rng.normal(-(spread**2) / 2, spread, _BLOCK))
            slow = self.rng.random(_BLOCK) < cluster.stragglers
            yield from np.where(slow, even * cluster.slowness, even).tolist()

    def _step(self, stage: Stage, waiting: deque[int], found: Passed) -> bool:
        """The next event; whether it is the end of a part."""
        while self.ends and self.ends[0][1] not in self.running:
            heapq.heappop(self.ends)
        moved_at, mover = self.disk.next()
        ended_at = self.ends[0][0] if self.ends else math.inf
        turned_at = self.turns[0][0] if self.turns else math.inf
        self.now = max(self.now, min(moved_at, ended_at, turned_at))
        if turned_at <= min(moved_at, ended_at):
            self._turn(waiting, found)
            return False
        if moved_at <= ended_at:
            attempt = self.running[mover]
            attempt.moving = False
            self.disk.leave(mover, self.now)
            heapq.heappush(self.ends, (self.now + attempt.seconds, mover))
            return False
        attempt = self.running.pop(heapq.heappop(self.ends)[1])
        found.useful += self.now - attempt.began
        found.moved += stage.moved
        found.done.append(attempt.task)
        self.free.append(attempt.machine)
        return True

    def _turn(self, waiting: deque[int], found: Passed | None) -> None:
        """A machine fails or returns; what a failed one was doing waits again."""
        _, machine, returns = heapq.heappop(self.turns)
        if returns:
            self.down.discard(machine)
            self.free.extend([machine] * self.cluster.workers)
            self._live(machine)
            return
        if machine in self.down:
            return
        self.down.add(machine)
        self.failures += 1
        self.free = deque(one for one in self.free if one != machine)
        for number in [n for n, one in self.running.items() if one.machine == machine]:
            attempt = self.running.pop(number)
            if attempt.moving:
                self.disk.leave(number, self.now)
            waiting.append(attempt.task)
            if found is not None:
                found.lost += self.now - attempt.began
        heapq.heappush(self.turns, (self.now + self.cluster.restart, machine, True))

    def _live(self, machine: int) -> None:
        """When a machine that runs will fail by itself."""
        if math.isfinite(self.cluster.lifetime):
            after = float(self.rng.exponential(self.cluster.lifetime * 3600))
            heapq.heappush(self.turns, (self.now + after, machine, False))

    def _idle(self, until: float) -> None:
        """The driver works alone; machines may fail meanwhile."""
        while self.turns and self.turns[0][0] <= until:
            self.now = max(self.now, self.turns[0][0])
            self._turn(deque(), None)
        self.now = until

"""What the parts of a run cost: seconds and bytes of every task, and what the driver did between.

:class:`Timed` stands before any crew and changes nothing that it gives. What it notes goes into a
file of its own (``landuse identify --timings FILE``), never into a part or a table: two runs of
the same inputs differ in it and in nothing else. :mod:`landuse.engines.plan.predict` reads it.
"""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from landuse.engines.parts.job import Crew

__all__ = ["Driver", "Round", "Task", "Timed", "Timings", "name_of", "read_timings"]

T = TypeVar("T")
_IO: Final = Path("/proc/self/io")


class Task(NamedTuple):
    """One part of a round, where it was done: seconds, bytes read from and written to files
    (0 where the system does not tell), and bytes of the answer."""

    part: int
    wall: float
    cpu: float
    read: int
    written: int
    answer: int


class Driver(NamedTuple):
    """Seconds of the process that gives out the parts, while it does not wait for any."""

    wall: float = 0.0
    cpu: float = 0.0


@dataclass
class Round:
    """All parts of one round: ``before`` it was given out, ``inside`` it while answers were taken
    in; ``sent`` are the bytes that each part is given."""

    name: str
    sent: int
    before: Driver = field(default_factory=Driver)
    inside: Driver = field(default_factory=Driver)
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True)
class Timings:
    """A whole run: its size, its rounds in their order, and the driver's time after the last."""

    parcels: int
    units: int
    land_parts: int
    firm_parts: int
    rounds: tuple[Round, ...]
    after: Driver

    def dump(self) -> bytes:
        """As :func:`read_timings` reads it."""
        return json.dumps(asdict(self), separators=(",", ":")).encode()


def read_timings(path: Path) -> Timings:
    """What ``--timings`` wrote; raises ``KeyError`` or ``ValueError`` for any other file."""
    told = json.loads(path.read_text(encoding="utf-8"))
    rounds = tuple(
        Round(
            one["name"], one["sent"], Driver(*one["before"]), Driver(*one["inside"]),
            [Task(*task) for task in one["tasks"]],
        )
        for one in told["rounds"]
    )  # fmt: skip
    sizes = {name: int(told[name]) for name in ("parcels", "units", "land_parts", "firm_parts")}
    return Timings(**sizes, rounds=rounds, after=Driver(*told["after"]))


class Timed:
    """Another crew whose tasks are timed where they are done."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._mark = _now()
        self.rounds: list[Round] = []

    def each(self, task: Callable[[int], T], parts: int) -> Iterable[T]:
        """As the other crew does it."""
        found = Round(name_of(task), _size(task))
        answers = iter(self._crew.each(partial(_timed, task=task), parts))
        return self._taken(found, answers)

    def _taken(self, found: Round, answers: Iterator[tuple[T, Task]]) -> Iterator[T]:
        found.before = self._since()
        self.rounds.append(found)
        while True:
            answer = next(answers, None)
            self._mark = _now()
            if answer is None:
                return
            found.tasks.append(answer[1])
            yield answer[0]
            spent = self._since()
            found.inside = Driver(*(sum(both) for both in zip(found.inside, spent, strict=True)))

    def _since(self) -> Driver:
        """The driver's time since it last waited."""
        mark, self._mark = self._mark, _now()
        return Driver(self._mark.wall - mark.wall, self._mark.cpu - mark.cpu)

    def timings(self, parcels: int, units: int, land_parts: int, firm_parts: int) -> Timings:
        """All that was noted, when the run is written."""
        rounds = tuple(self.rounds)
        return Timings(parcels, units, land_parts, firm_parts, rounds, self._since())


def name_of(task: Callable[..., Any]) -> str:
    """The name of the function at the bottom of what a crew is given.

    >>> name_of(partial(partial(sorted, key=len), reverse=True))
    'sorted'
    """
    while isinstance(task, partial):
        task = task.keywords.get("task", task.func)
    return task.__name__.lstrip("_")


def _timed(part: int, task: Callable[[int], T]) -> tuple[T, Task]:
    start, (read, written) = _now(), _moved()
    found = task(part)
    end, (read_then, written_then) = _now(), _moved()
    spent = (end.wall - start.wall, end.cpu - start.cpu)
    return found, Task(part, *spent, read_then - read, written_then - written, _size(found))


def _now() -> Driver:
    return Driver(time.perf_counter(), time.process_time())


def _moved() -> tuple[int, int]:
    """Bytes that this process has read and written so far."""
    try:
        lines = _IO.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0, 0
    told = dict(line.split(": ") for line in lines)
    return int(told["rchar"]), int(told["wchar"])


def _size(value: object) -> int:
    """Bytes on the way between processes; 0 for what cannot be sent."""
    try:
        return len(pickle.dumps(value, protocol=5))
    except (AttributeError, TypeError, pickle.PicklingError):
        return 0

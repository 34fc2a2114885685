"""One batch over parts: its folder of work, its cuts and rules; what every stage is given."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from landuse.engines.parts.cuts import limits
from landuse.engines.parts.lease import still_held
from landuse.engines.parts.places import MARK, filled
from landuse.errors import UserError

if TYPE_CHECKING:
    from landuse.rules.model import Rules
    from landuse.stores import Place

__all__ = ["Counted", "Crew", "Here", "Job"]

T = TypeVar("T")


class Crew(Protocol):
    """Who does the parts: this process, or workers elsewhere that see the same place of work."""

    def each(self, task: Callable[[int], T], parts: int) -> Iterable[T]:
        """What ``task`` gives for part 0, 1, …, in this order; ``task`` may be done again."""


class Here:
    """One part after the other in this process: as much memory as one part needs."""

    def each(self, task: Callable[[int], T], parts: int) -> Iterable[T]:
        """Do the parts in order, each when its result is asked for."""
        return (task(part) for part in range(parts))


class Counted:
    """Another crew whose finished parts are told: ``tell(done, of)`` after each."""

    def __init__(self, crew: Crew, tell: Callable[[int, int], None]) -> None:
        self._crew, self._tell = crew, tell

    def each(self, task: Callable[[int], T], parts: int) -> Iterable[T]:
        """As the other crew does it."""
        for part, found in enumerate(self._crew.each(task, parts)):
            self._tell(part + 1, parts)
            yield found


@dataclass(frozen=True)
class Job:
    """``land`` and ``firms`` are the cuts (:mod:`landuse.engines.parts.cuts`); ``years`` those
    whose figures are needed, the evaluated one first. Whatever is in ``folder`` (of a disk, or in
    an object store) belongs to these inputs and rules: the folder is named by their digest."""

    folder: Place
    rules: Rules
    as_of: dt.date
    years: tuple[int, ...]
    land: tuple[str, ...]
    firms: tuple[str, ...]

    @property
    def year(self) -> int:
        """The evaluated year."""
        return self.years[0]

    def path(self, stage: str, part: int | str) -> Place:
        """The folder of one part of a stage: to read files in, never to write."""
        return self.folder / stage / (part if isinstance(part, str) else f"{part:05}")

    def land_limits(self, part: int) -> tuple[str, str]:
        """Codes of a part of the land."""
        return limits(self.land, part)

    def firm_limits(self, part: int) -> tuple[str, str]:
        """Codes of a part of the firms."""
        return limits(self.firms, part)

    def once(
        self, stage: str, part: int | str, work: Callable[[Path], dict[str, Any]]
    ) -> dict[str, Any]:
        """Do a part of a stage unless it is done; what it told, as JSON keeps it.

        ``work`` fills the folder that it is given. A part that is there is whole
        (:func:`landuse.engines.parts.places.filled`). Raises
        :class:`landuse.errors.UserError` where the disk is full or the store does not answer,
        another run has taken the folder over, or somebody took something out of a part.
        """
        still_held(self.folder)
        target = self.path(stage, part)
        if not target.is_dir():
            with filled(target, self.folder) as folder:
                told = json.dumps(work(folder), ensure_ascii=False, sort_keys=True)
                (folder / MARK).write_text(told, encoding="utf-8")
        try:
            found: dict[str, Any] = json.loads((target / MARK).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError) as error:
            raise UserError.of(
                "engines.part_broken", value=str(target), folder=str(self.folder)
            ) from error
        return found

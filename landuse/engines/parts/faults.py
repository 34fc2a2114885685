"""The faults of the user's material in all parts, told together as one table would give them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from landuse.engines.parts.notes import issue_of, place_of
from landuse.errors import UserError
from landuse.intake import joined

if TYPE_CHECKING:
    from landuse.engines.parts.job import Crew
    from landuse.issues import Issue

__all__ = ["Together", "at_once", "noted", "once"]

T = TypeVar("T")
_NOT_OF_ROWS: Final = ("engines.", "publish.", "stores.")
"""Of machines, disks, folders and stores: another part would only fail of it again."""


class _Faults(NamedTuple):
    """What ended one part, in plain values: issues do not travel."""

    issues: list[Any]


class Together:
    """Another crew of which every part ends before the faults of any are told, all in one.

    Faults of machines, disks and stores (``engines.*``, ``publish.*``, ``stores.*``) still end a
    round at once.
    """

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    def each(self, task: Callable[[int], T], parts: int) -> Iterable[T]:
        """As the other crew does it, until a part finds a fault; then none is given any more."""
        faults: list[Issue] = []
        for found in self._crew.each(partial(_tried, task=task), parts):
            if isinstance(found, _Faults):
                faults += [issue_of(*one) for one in found.issues]
            elif not faults:
                yield found
        if faults:
            raise UserError(once(faults))


def _tried(part: int, task: Callable[[int], T]) -> T | _Faults:
    try:
        return task(part)
    except UserError as error:
        if at_once(error):
            raise
        return _Faults([place_of(issue) for issue in error.issues])


def at_once(error: UserError) -> bool:
    """Whether no other part need be asked."""
    return any(issue.code.startswith(_NOT_OF_ROWS) for issue in error.issues)


@contextlib.contextmanager
def noted(faults: list[Issue]) -> Iterator[None]:
    """The faults that end the block are added to ``faults``, but for those told at once."""
    try:
        yield
    except UserError as error:
        if at_once(error):
            raise
        faults += error.issues


def once(issues: Sequence[Issue]) -> list[Issue]:
    """Each fault once, in the order of the ordinary reading; what parts counted is added up.

    >>> from landuse.issues import Issue
    >>> found = [Issue("intake_tables.points_need_crs", values={"n": n}) for n in (2, 3)]
    >>> [dict(issue.values) for issue in once(found)]
    [{'n': 5}]
    """
    counted: dict[tuple[object, ...], Issue] = {}
    rest = []
    for issue in issues:
        many = issue.values.get("n")
        if not isinstance(many, int):
            rest.append(issue)
            continue
        key = replace(issue, values={**issue.values, "n": 0}).sort_key()
        before = int(str(counted[key].values["n"])) if key in counted else 0
        counted[key] = replace(issue, values={**issue.values, "n": before + many})
    return joined.once([*rest, *counted.values()])

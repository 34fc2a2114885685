"""Who is evaluated with whom: enterprises in order, and the unit of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.errors import InternalError
from landuse.issues import Issue
from landuse.keys import among, in_order, positions, sorted_by, spread, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Roll", "enrol"]

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Roll:
    """Enterprises sorted by ``uscc`` (their ``codes``), units sorted by ``unit_id``; ``unit_of``
    leads from the position of an enterprise to that of its unit."""

    enterprises: pd.DataFrame
    codes: pd.Index[str]
    unit_ids: pd.Index[str]
    unit_of: Codes

    @property
    def alone(self) -> bool:
        """Whether each enterprise is a unit of its own, both in the same order."""
        return self.size == len(self.unit_of) and bool((self.unit_of == np.arange(self.size)).all())

    @property
    def size(self) -> int:
        """Number of units."""
        return len(self.unit_ids)

    def positions(self, uscc: pd.Series[str]) -> Codes:
        """Position of each code among the enterprises, -1 where it is none of them."""
        return positions(uscc, self.codes)

    def listed(self, uscc: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Whether each enterprise is in a set of codes."""
        return among(self.enterprises["uscc"], texts(uscc))

    def any_member(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Whether something holds for at least one member of each unit."""
        return np.bincount(self.unit_of[mask], minlength=self.size) > 0

    def leading(self, area_micro: npt.NDArray[np.int64]) -> Codes:
        """The member of each unit with the largest area; tie: the smallest code.

        Source: method, section 4 (``merge``).
        """
        if self.alone:
            return np.arange(self.size)
        order = np.lexsort((np.arange(len(area_micro)), -area_micro, self.unit_of))
        first = np.ones(len(order), dtype=bool)
        first[1:] = np.diff(self.unit_of[order]) != 0
        return order[first]


def enrol(enterprises: pd.DataFrame, members: pd.DataFrame) -> Roll:
    """The roll of all enterprises; ``members`` (schema MEMBERS) has one row for each of them.

    Raises :class:`landuse.errors.InternalError` if an enterprise belongs to no unit.
    """
    ordered = in_order(enterprises, ["uscc"])
    found = positions(ordered["uscc"], members["uscc"])
    if (found < 0).any():
        lost = ordered["uscc"][found < 0].iloc[0]
        raise InternalError([Issue("schema.broken_table", table="members", value=f"no {lost}")])
    unit = spread(members["unit_id"], found)
    codes = pd.Index(ordered["uscc"])
    if sorted_by(unit.to_frame("unit"), ["unit"], strictly=True):
        return Roll(ordered, codes, pd.Index(unit, name=None), np.arange(len(unit)))
    unit_of, unit_ids = pd.factorize(unit, sort=True)
    return Roll(ordered, codes, pd.Index(unit_ids, dtype="str"), unit_of.astype(np.intp))

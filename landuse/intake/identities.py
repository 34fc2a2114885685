"""Enterprises as numbers: codes are compared once, everything after that counts."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse.intake.typed import as_series, as_texts, ranked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from landuse.intake.typed import Texts

__all__ = ["WHO", "Identities", "first_stated", "identify"]

WHO: Final = "who"
"""The column that numbers the enterprise of a record, in the order of the codes."""
_DENSE: Final = 8
"""A table of all enterprises and years may be so many times as long as the records."""


@dataclass(frozen=True, slots=True)
class Identities:
    """``codes``: every credit code of any record once, in order; ``years``: likewise every year."""

    codes: Texts
    years: npt.NDArray[np.int64]

    def series(self, who: npt.NDArray[np.intp]) -> pd.Series:
        """The codes of some enterprises."""
        return as_series(self.codes.take(pa.array(who)))

    def number(self, code: str) -> int:
        """The number of an enterprise, -1 where no record has its code."""
        place = bisect_left(range(len(self.codes)), code, key=lambda at: self.codes[at].as_py())
        is_there = place < len(self.codes) and self.codes[place].as_py() == code
        return place if is_there else -1

    def named(self, who: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Which of the enterprises have a code at all."""
        return np.asarray(who != self.number(""), dtype=bool)

    def keys(self, records: pd.DataFrame) -> npt.NDArray[np.int64]:
        """One number for the enterprise and year of each record, in the order of both."""
        year = np.searchsorted(self.years, records["year"].to_numpy())
        return records[WHO].to_numpy() * len(self.years) + year

    def of_key(
        self, keys: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
        """Enterprise and year of each number that :meth:`keys` gave."""
        who, year = np.divmod(keys, max(len(self.years), 1))
        return who.astype(np.intp), self.years[year] if len(keys) else keys

    def repeated(self, records: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which records are not the only one of their enterprise and year."""
        keys = self.keys(records)
        size = len(self.codes) * len(self.years)
        if size > _DENSE * len(keys):
            return pd.Series(keys).duplicated(keep=False).to_numpy()
        return np.asarray(np.bincount(keys, minlength=size)[keys] > 1, dtype=bool)


def identify(frames: Sequence[pd.DataFrame]) -> tuple[Identities, list[pd.DataFrame]]:
    """The enterprises of all records, and the records with the number of theirs (``WHO``)."""
    codes = pa.concat_arrays([as_texts(frame["uscc"]) for frame in frames])
    which, found = ranked(codes)
    years = np.unique(np.concatenate([pd.unique(frame["year"]) for frame in frames]))
    cuts = np.cumsum([len(frame) for frame in frames])[:-1]
    numbered = [
        frame.assign(**{WHO: who}) for frame, who in zip(frames, np.split(which, cuts), strict=True)
    ]
    return Identities(found, years.astype(np.int64)), numbered


def first_stated(
    who: npt.NDArray[np.intp], states: npt.NDArray[np.bool_], count: int
) -> npt.NDArray[np.intp]:
    """Place of the first record of each of ``count`` enterprises that states something, else -1.

    ``who`` is in order.
    """
    places = np.flatnonzero(states)
    stated = who[places]
    is_first = np.ones(len(stated), dtype=bool)
    is_first[1:] = stated[1:] != stated[:-1]
    out = np.full(count, -1, dtype=np.intp)
    out[stated[is_first]] = places[is_first]
    return out

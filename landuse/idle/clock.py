"""The clock of idle land: when a year is full, and how long until the next date that counts.

Days are ``datetime64[D]``; a missing one is ``NaT`` and stays missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    Days = npt.NDArray[np.datetime64]

__all__ = ["Clock", "clock", "on_or_before", "years_after"]

_DAY = "datetime64[D]"


def years_after(days: Days, years: int) -> Days:
    """The corresponding calendar date ``years`` later; where there is none, the month's last day.

    Civil Code, article 202. The years are counted in one step, so that a detour over a common
    year does not move a 29 February twice.

    >>> years_after(np.array(["2024-02-29", "2023-02-28", "NaT"], dtype="datetime64[D]"), 1)
    array(['2025-02-28', '2024-02-28',        'NaT'], dtype='datetime64[D]')
    >>> years_after(np.array(["2024-02-29"], dtype="datetime64[D]"), 4)
    array(['2028-02-29'], dtype='datetime64[D]')
    """
    month = days.astype("datetime64[M]")
    past_first = (days - month.astype(_DAY)).astype(np.int64)
    later = month + 12 * years
    first = later.astype(_DAY)
    length = ((later + 1).astype(_DAY) - first).astype(np.int64)
    return np.asarray(first + np.minimum(past_first, length - 1))


def on_or_before(days: Days, as_of: np.datetime64) -> npt.NDArray[np.bool_]:
    """Which days are there and not after ``as_of``, which means the end of that day.

    >>> days = np.array(["2026-06-30", "2026-07-01", "NaT"], dtype="datetime64[D]")
    >>> on_or_before(days, np.datetime64("2026-06-30")).tolist()
    [True, False, False]
    """
    return np.asarray(days <= as_of, dtype=bool)


@dataclass(frozen=True)
class Clock:
    """Base, the dates on which one and two years are full, and days to the next of these."""

    base: Days
    one_year: Days
    two_years: Days
    days_to_next: pd.arrays.IntegerArray


def clock(base: Days, as_of: np.datetime64) -> Clock:
    """The clock that starts at ``base``, read at ``as_of``.

    ``days_to_next`` is 0 on the day itself, and missing where both dates are past or there is no
    base.

    >>> found = clock(np.array(["2024-03-01"], dtype="datetime64[D]"), np.datetime64("2026-03-01"))
    >>> found.one_year[0], found.two_years[0], found.days_to_next[0]
    (np.datetime64('2025-03-01'), np.datetime64('2026-03-01'), np.int64(0))
    """
    one, two = years_after(base, 1), years_after(base, 2)
    following = np.where(one >= as_of, one, two)
    given = np.asarray(following >= as_of, dtype=bool)
    days = np.where(given, (following - as_of).astype(np.int64), 0)
    return Clock(base, one, two, pd.arrays.IntegerArray(days, ~given))

"""Where a big input is cut: ranges of parcel codes along administrative areas, ranges of firms.

A cut is the first code of each part, the first of them ``""``; every text lies in exactly one
part, whether or not such a parcel exists. So all rows of one code are in one part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cut_evenly", "cut_parcels", "limits", "part_of"]

_LEVELS: Final = (6, 9, 12)
"""Digits of a parcel code: county, cadastral area, sub-area (GB/T 37346-2019)."""


def cut_evenly(codes: Sequence[str], rows: int) -> tuple[str, ...]:
    """Parts of about ``rows`` rows; ``codes`` is sorted and may repeat.

    >>> cut_evenly(["a", "b", "c", "d"], 3)
    ('', 'd')
    """
    return tuple(dict.fromkeys(["", *(codes[at] for at in range(rows, len(codes), rows))]))


def cut_parcels(codes: Sequence[str], rows: int) -> tuple[str, ...]:
    """Parts of at most ``rows`` parcels along administrative areas; ``codes`` is sorted.

    Counties that together have no more are one part; a county that has more is cut by cadastral
    area, then by sub-area, and only a larger sub-area anywhere.

    >>> cut_parcels(["350582001", "350582002", "350582002", "350583001"], 2)
    ('', '350582002', '350583001')
    """
    starts = [""]
    _cut(np.asarray(codes, dtype=object), rows, _LEVELS, starts)
    return tuple(dict.fromkeys(starts))


def _cut(
    codes: npt.NDArray[np.object_], rows: int, levels: Sequence[int], starts: list[str]
) -> None:
    if len(codes) <= rows:
        return
    if not levels:
        starts += [codes[at] for at in range(rows, len(codes), rows)]
        return
    area = np.array([code[: levels[0]] for code in codes], dtype=object)
    first = np.flatnonzero(np.concatenate([[True], area[1:] != area[:-1]]))
    ends = np.append(first[1:], len(codes))
    held = 0
    for start, end in zip(first.tolist(), ends.tolist(), strict=True):
        size = end - start
        if held and held + size > rows:
            starts.append(str(codes[start]))
            held = 0
        if size > rows:
            _cut(codes[start:end], rows, levels[1:], starts)
            held = rows  # whatever follows begins a part of its own
        else:
            held += size


def part_of(codes: npt.ArrayLike | pd.Series, starts: Sequence[str]) -> npt.NDArray[np.intp]:
    """The part of each code.

    >>> part_of(["", "a", "m", "z"], ("", "m")).tolist()
    [0, 0, 1, 1]
    """
    texts = np.asarray(codes, dtype=object)
    return np.searchsorted(np.asarray(starts, dtype=object), texts, side="right") - 1


def limits(starts: Sequence[str], part: int) -> tuple[str, str]:
    """First code of a part and the first of the next, ``""`` after the last."""
    return starts[part], starts[part + 1] if part + 1 < len(starts) else ""

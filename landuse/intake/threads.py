"""Whole columns worked on by several threads: GEOS lets the interpreter go meanwhile."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = ["in_threads"]

_FEW: Final = 20_000
"""Below this a thread costs more than it saves."""
_MOST: Final = 8


def in_threads(
    work: Callable[..., npt.NDArray[Any]], *columns: npt.NDArray[Any], few: int = _FEW
) -> npt.NDArray[Any]:
    """``work`` of aligned columns, which it does row by row: the same as ``work(*columns)``."""
    workers = min(os.cpu_count() or 1, _MOST)
    if workers < 2 or len(columns[0]) < few:
        return work(*columns)
    parts = zip(*(np.array_split(column, workers) for column in columns), strict=True)
    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(lambda part: work(*part), parts)))

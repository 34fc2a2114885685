"""Ends of classes by quantiles and by natural breaks, as ``mapclassify`` computes them to the bit.

That library takes longer to load (it brings scipy.stats, scikit-learn and matplotlib) than a county
takes to be computed; the tests compare with it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["natural", "quantiles"]

Floats = npt.NDArray[np.float64]


def quantiles(ordered: Floats, classes: int) -> Floats:
    """Upper ends of classes with equally many values each, between two values by their distance.

    >>> quantiles(np.arange(1000.0), 4).tolist()
    [249.75, 499.5, 749.25, 999.0]
    """
    width = 100.0 / classes
    shares = np.minimum(np.arange(width, 100 + width, width), 100.0)
    return np.unique([_at(ordered, float(share)) for share in shares])


def _at(ordered: Floats, percent: float) -> float:
    place = percent / 100.0 * (len(ordered) - 1)
    below = int(place)
    if below == place:
        return float(ordered[below])
    weights = np.array([below + 1 - place, place - below])
    return float(np.add.reduce(ordered[below : below + 2] * weights) / weights.sum())


def natural(ordered: Floats, classes: int) -> Floats:
    """Upper ends of the classes with the least spread within (Fisher and Jenks, in float32).

    >>> natural(np.array([1.0, 2.0, 9.0, 10.0, 30.0]), 3).tolist()
    [2.0, 10.0, 30.0]
    """
    count = len(ordered)
    values = ordered.astype(np.float32)
    first = np.zeros((count + 1, classes + 1), dtype=np.intp)
    spread = np.zeros((count + 1, classes + 1), dtype=np.float32)
    first[1, 1:] = 1
    spread[2:, 1:] = np.inf
    for upto in range(2, count + 1):
        back = values[:upto][::-1]  # sums grow from the upper end, one value after another
        sums, squares = np.cumsum(back), np.cumsum(back * back)
        within = squares - (sums * sums) / np.arange(1, upto + 1, dtype=np.float32)
        for group in range(2, classes + 1):
            whole = within[:-1] + spread[upto - 1 : 0 : -1, group - 1]
            best = upto - 2 - int(np.argmin(whole[::-1]))  # of equal ones the last
            first[upto, group], spread[upto, group] = upto - best, whole[best]
        first[upto, 1], spread[upto, 1] = 1, within[-1]
    ends = np.empty(classes)
    ends[-1] = ordered[-1]
    last = count
    for group in range(classes, 1, -1):
        pivot = first[last, group]
        ends[group - 2] = ordered[pivot - 2]
        last = pivot - 1
    return ends

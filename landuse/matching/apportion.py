"""Dividing an exact amount: integers in, integers out, nothing lost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from landuse.exact import group_isum

__all__ = ["Ints", "equally", "in_proportion"]

Ints = npt.NDArray[np.int64]


def in_proportion(amount: Ints, weight: Ints, whole: Ints, group: Ints) -> Ints:
    """``amount × weight ÷ whole`` in integers; largest remainders get the units left over.

    ``amount`` and ``whole`` are per group, ``weight`` and ``group`` per claim; the weights of a
    group add up to ``whole`` or less. Together the claims get ``⌊amount × Σweight ÷ whole⌋``, so a
    group whose weights add up to ``whole`` gives out exactly its amount. Equal remainders: the
    earlier claim first.

    >>> one, group = np.array([100]), np.array([0, 0, 0])
    >>> in_proportion(one, np.array([1, 1, 1]), np.array([3]), group).tolist()
    [34, 33, 33]
    """
    if not len(weight):
        return weight
    wide = amount[group].astype(object) * weight
    share = (wide // whole[group]).astype(np.int64)
    rest = (wide % whole[group]).astype(np.int64)
    claimed = group_isum(weight, group, len(amount))
    out = (amount.astype(object) * claimed // np.maximum(whole, 1)).astype(np.int64)
    spare = out - group_isum(share, group, len(amount))
    order = np.lexsort((np.arange(len(rest)), -rest, group))
    place = np.empty(len(rest), dtype=np.int64)
    place[order] = _place(group[order])
    return share + (place < spare[group])


def equally(amount: Ints, group: Ints) -> Ints:
    """``amount`` of each group divided among its claims; the first ones get the units left over.

    >>> equally(np.array([11, 4]), np.array([0, 0, 0, 1])).tolist()
    [4, 4, 3, 4]
    """
    claims = np.bincount(group, minlength=len(amount))
    share, spare = np.divmod(amount, np.maximum(claims, 1))
    order = np.argsort(group, kind="stable")
    place = np.empty(len(group), dtype=np.int64)
    place[order] = _place(group[order])
    return np.asarray(share[group] + (place < spare[group]), dtype=np.int64)


def _place(group: Ints) -> Ints:
    """Position of each row within its group; ``group`` is sorted."""
    return np.arange(len(group)) - np.searchsorted(group, group, "left")

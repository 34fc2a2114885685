"""Keys as whole columns: where they stand in another column, whether they rise or repeat.

Text columns are compared in Arrow, by code point, without a Python object for a cell. What comes
out of intake and out of every room is sorted already, so each question is first asked of
neighbours, which costs next to nothing, and only then of all rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    Texts = pd.Series[str] | pd.Index[str] | npt.NDArray[np.object_] | Sequence[str]

__all__ = [
    "among",
    "as_array",
    "in_order",
    "mapped",
    "named",
    "positions",
    "ranks",
    "repeats",
    "runs",
    "sorted_by",
    "sorting",
    "spread",
    "texts",
]

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]

_FEW: Final = 16
"""So many rows of one first key are compared with each other instead of looked up."""
_SEARCHED: Final = hasattr(pc, "search_sorted")
"""Older Arrow looks all up in a table of keys."""
_STEADY: Final = 100
"""One fall in so many rows leaves a column nearly in order."""


def texts(values: Iterable[str]) -> pd.Series[str]:
    """Any collection of texts as a column.

    >>> texts({"a"}).tolist()
    ['a']
    """
    return pd.Series(list(values), dtype="str")


def as_array(column: Texts) -> pa.Array:
    """A column of texts as one Arrow array."""
    array = pa.array(column, type=pa.large_string())
    if not isinstance(array, pa.ChunkedArray):
        return array
    return array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()  # which copies


def among(values: Texts, known: Texts) -> Bools:
    """Whether each of ``values`` is in ``known``; text only, no missing values.

    >>> among(pd.Series(["a", "b"], dtype="str"), pd.Series(["b"], dtype="str")).tolist()
    [False, True]
    """
    wanted, known = as_array(values), as_array(known)
    if not len(wanted) or not len(known):  # who asks for nothing needs no table of all keys
        return np.zeros(len(wanted), dtype=bool)
    if _searchable(wanted, known):
        return _met(wanted, known)[1]
    found = pc.is_in(wanted, value_set=known)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def positions(values: Texts, keys: Texts) -> Codes:
    """Where each of ``values`` stands among ``keys`` (none twice), -1 where it does not.

    >>> positions(["b", "b", "x", "a"], ["a", "b"]).tolist()
    [1, 1, -1, 0]
    """
    wanted, known = as_array(values), as_array(keys)
    if not len(wanted) or not len(known):
        return np.full(len(wanted), -1, dtype=np.intp)
    if wanted.equals(known):
        return np.arange(len(known), dtype=np.intp)
    first = runs(wanted)
    if len(first) < len(wanted) * 0.9:
        distinct = wanted.take(pa.array(first))
        of_run = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(wanted))))
        return positions(distinct, known)[of_run]
    if _searchable(wanted, known):
        place, there = _met(wanted, known)
        return np.where(there, place, -1)
    found = pc.index_in(wanted, value_set=known)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.intp)


def _rise(array: pa.Array) -> bool:
    """Whether no text is smaller than the one before it, nor missing."""
    if array.null_count:
        return False
    return len(array) < 2 or bool(pc.all(pc.less_equal(array[:-1], array[1:])).as_py())


def _searchable(wanted: pa.Array, known: pa.Array) -> bool:
    """Whether a search costs less than a table of all keys: they rise, and what is asked for
    mostly does, so that each search ends beside the one before it."""
    if not _SEARCHED or wanted.null_count or not _rise(known):
        return False
    falls = pc.sum(pc.less(wanted[1:], wanted[:-1]), min_count=0).as_py()
    return bool(falls * _STEADY <= len(wanted))


def _met(wanted: pa.Array, known: pa.Array) -> tuple[Codes, Bools]:
    """The first place in ``known`` not below each of ``wanted``, and whether it is equal."""
    place = np.asarray(pc.search_sorted(known, wanted).to_numpy(zero_copy_only=False), np.intp)
    within = np.minimum(place, len(known) - 1)
    same = pc.equal(known.take(pa.array(within)), wanted).to_numpy(zero_copy_only=False)
    return place, np.asarray(same, dtype=bool)


def ranks(values: Texts, keys: Texts, at: Codes) -> Codes:
    """Whole numbers that stand in the order of ``values``; ``at`` are their places among ``keys``.

    >>> ranks(["b", "a"], ["b", "a"], np.array([0, 1])).tolist()
    [1, 0]
    """
    if len(at) and at.min() < 0:
        return np.asarray(pd.factorize(pd.Series(values, dtype="str"), sort=True)[0], dtype=np.intp)
    order = sorting(keys)
    if order is None:
        return at
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    return place[at]


def sorting(keys: Texts) -> Codes | None:
    """The places that put ``keys`` in order, or ``None`` where they rise already.

    >>> sorting(["b", "a"]).tolist(), sorting(["a", "b"])
    ([1, 0], None)
    """
    known = as_array(keys)
    if _rise(known):
        return None
    return np.asarray(pc.sort_indices(known).to_numpy(), dtype=np.intp)


def mapped(values: pd.Series[str], words: Mapping[str, str]) -> pd.Series[str]:
    """A column of few different texts, each replaced by what ``words`` has for it ("" if nothing).

    >>> mapped(pd.Series(["a", "b", "a"], dtype="str"), {"a": "x"}).tolist()
    ['x', '', 'x']
    """
    known = as_array(values).dictionary_encode()
    told = pa.array(
        [words.get(word, "") for word in known.dictionary.to_pylist()], pa.large_string()
    )
    return pd.Series(told.take(known.indices), index=values.index, dtype="str")


def runs(values: Texts) -> Codes:
    """Where each run of equal neighbours begins.

    >>> runs(["a", "a", "b", "a"]).tolist()
    [0, 2, 3]
    """
    array = as_array(values)
    if not len(array):
        return np.zeros(0, dtype=np.intp)
    new = pc.not_equal(array[1:], array[:-1]).to_numpy(zero_copy_only=False)
    return np.flatnonzero(np.append(True, new))


def spread(values: pd.Series[str], places: Codes) -> pd.Series[str]:
    """The text at each of ``places``, "" where a place is -1.

    >>> spread(pd.Series(["a", "b"], dtype="str"), np.array([1, -1])).tolist()
    ['b', '']
    """
    absent = places < 0
    if len(places) == len(values) and not absent.any() and _is_count(places):
        return values.reset_index(drop=True)
    taken = as_array(values).take(pa.array(places, mask=absent))
    return pd.Series(taken.fill_null("") if absent.any() else taken, dtype="str")


def _is_count(places: Codes) -> bool:
    """Whether the places are 0, 1, 2 …"""
    return bool((places == np.arange(len(places))).all())


def named(codes: npt.NDArray[np.integer[Any]], names: Sequence[str]) -> pd.Series[str]:
    """A column of few different texts from their numbers; -1 is blank.

    >>> named(np.array([1, 0, -1]), ["a", "b"]).tolist()
    ['b', 'a', '']
    """
    known = pa.array([*names, ""], type=pa.large_string())
    return pd.Series(known.take(pa.array(np.where(codes < 0, len(names), codes))), dtype="str")


def sorted_by(frame: pd.DataFrame, names: Sequence[str], *, strictly: bool = False) -> bool:
    """Whether the rows rise by these columns; ``strictly``: no two equal. Not if one is missing.

    >>> sorted_by(pd.DataFrame({"a": [1, 1, 2], "b": ["x", "y", "x"]}, dtype=None), ["a", "b"])
    True
    """
    rising = np.full(max(len(frame) - 1, 0), not strictly)
    for name in reversed(names):
        column = frame[name]
        if column.isna().any():
            return False
        if pd.api.types.is_string_dtype(column.dtype):
            if _says_one_thing(column):
                continue
            array = as_array(column)
            less = pc.less(array[:-1], array[1:]).to_numpy(zero_copy_only=False)
            same = pc.equal(array[:-1], array[1:]).to_numpy(zero_copy_only=False)
        else:
            values = column.to_numpy()
            less, same = values[:-1] < values[1:], values[:-1] == values[1:]
        rising = less | (same & rising)
    return bool(rising.all())


def _says_one_thing(column: pd.Series[str]) -> bool:
    """Whether all texts are equal, so that they put nothing in order; ends are compared first."""
    if not len(column) or column.iloc[0] != column.iloc[-1]:
        return False
    first = pa.scalar(column.iloc[0], pa.large_string())
    return bool(pc.all(pc.equal(pa.array(column, pa.large_string()), first)).as_py())


def in_order(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """``frame`` sorted by these columns (equal rows keep their order), index ``0 … n-1``."""
    if not sorted_by(frame, names):
        frame = frame.sort_values(list(names), kind="stable")
    return frame.reset_index(drop=True)


def repeats(frame: pd.DataFrame, names: Sequence[str]) -> bool:
    """Whether two rows have the same key.

    >>> repeats(pd.DataFrame({"a": ["x", "y", "x"]}, dtype="str"), ["a"])
    True
    """
    if sorted_by(frame, names, strictly=True):
        return False
    if sorted_by(frame, names[:1]):  # two rows at least: fewer rise strictly
        group = np.append(0, np.cumsum(_differs(frame[names[0]], 1)))
        longest = int(np.bincount(group).max())
        if longest <= _FEW:
            return any(_same(frame, names, group, away) for away in range(1, longest))
    return bool(frame.duplicated(list(names)).any())


def _same(frame: pd.DataFrame, names: Sequence[str], group: Codes, away: int) -> bool:
    """Whether two rows so many places away from each other have the same key."""
    same = group[away:] == group[:-away]
    for name in names[1:]:
        same &= ~_differs(frame[name], away)
    return bool(same.any())


def _differs(column: pd.Series[Any], away: int) -> Bools:
    """Whether each value differs from the one so many places on."""
    if pd.api.types.is_string_dtype(column.dtype):
        array = as_array(column)
        differs = pc.not_equal(array[away:], array[:-away]).fill_null(True)
        return np.asarray(differs.to_numpy(zero_copy_only=False), dtype=bool)
    values = column.to_numpy()
    return np.asarray(values[away:] != values[:-away], dtype=bool)

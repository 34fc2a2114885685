"""Columns that a file has typed: texts and numbers that need not become Python objects.

A column of :class:`landuse.intake.raw.Raw` is either *cells* (Python objects as they were read,
``None`` blank) or *typed*: text (``str``), ``float64`` (NaN blank) or ``int64``. A typed column
says the same as its cells; every reader of this room gives the same for both (tested), only faster.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = [
    "Cells",
    "Texts",
    "as_series",
    "as_texts",
    "ascends",
    "cells_in",
    "distinct",
    "is_equal",
    "kept_typed",
    "mapped",
    "objects",
    "order_of",
    "ranked",
    "repeated",
    "same_everywhere",
    "typed_cells",
    "which_are",
]

Texts: TypeAlias = "pa.LargeStringArray"
"""Text of every row; a typed column that was read may have nulls, what the room makes has none."""
Cells: TypeAlias = "npt.NDArray[Any] | Texts"
"""One column as it was read: cells (object), numbers (float64, int64), or text."""
_CHUNK: Final = 1 << 16
_LOOKED_AT: Final = 1000
_FEW: Final = 100
"""Distinct texts in so many rows looked at: then a column is likely to say the same often."""
_PARTS: Final = 1000
"""A column of more parts that rise is in no order worth looking at."""


def kept_typed(column: pa.ChunkedArray) -> pd.Series | None:
    """A column of an Arrow table as a typed column; ``None`` for kinds that must be cells.

    Raises :class:`pyarrow.ArrowInvalid` where text is no text.
    """
    kind = column.type
    if pa.types.is_dictionary(kind) and _is_text(kind.value_type):
        column, kind = column.cast(pa.large_string()), pa.large_string()
    if _is_text(kind):
        column.validate(full=True)
        return as_series(joined(column.cast(pa.large_string())))
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        numbers = joined(column.cast(pa.float64())).to_numpy(zero_copy_only=False)
        return pd.Series(numbers, copy=False)
    if pa.types.is_integer(kind) and not column.null_count and not pa.types.is_uint64(kind):
        return pd.Series(joined(column.cast(pa.int64())).to_numpy(), copy=False)
    return None


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def joined(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """One array of all chunks."""
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column


def typed_cells(column: pd.Series) -> pd.Series:
    """A column of cells as a typed one where it holds nothing but texts, floats or integers."""
    if column.dtype != object:
        return column
    kind = pd.api.types.infer_dtype(column, skipna=True)
    cells = column.to_numpy()
    if kind == "string":
        with suppress(UnicodeEncodeError, pa.ArrowException):  # half a character
            return as_series(pa.array(cells, pa.large_string()))
    if kind == "floating" and all(cell is None or type(cell) is float for cell in cells):
        return pd.Series(cells.astype(np.float64), copy=False)
    if kind == "integer" and all(type(cell) is int for cell in cells):
        with suppress(OverflowError):
            return pd.Series(cells.astype(np.int64), copy=False)
    return column


def cells_in(column: pd.Series) -> Cells:
    """A column of ``Raw.frame`` as cells, numbers or text."""
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        return column.to_numpy() if column.dtype == object else as_texts(column)
    if column.dtype in (np.float64, np.int64):
        return column.to_numpy()
    return objects(column)


def objects(column: pd.Series) -> npt.NDArray[np.object_]:
    """A column of ``Raw.frame`` as cells, ``None`` where blank."""
    if column.dtype == object:
        return column.to_numpy()
    cells = column.astype(object)
    return np.asarray(cells.where(cells.notna(), None).to_numpy(), dtype=object)


def as_texts(column: pd.Series) -> Texts:
    """A ``str`` column as it lies in memory."""
    return joined(pa.array(column, pa.large_string()))


def as_series(texts: Texts | pa.ChunkedArray) -> pd.Series:
    """Text as the frames of the program hold it, without a copy."""
    return pd.Series(pd.array(texts, dtype="str"))


def distinct(texts: Texts) -> tuple[npt.NDArray[np.intp], Texts]:
    """Which of the distinct texts each row has (-1 for a null), and these texts."""
    coded = texts.dictionary_encode()
    which = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return which.astype(np.intp), coded.dictionary


def which_are(ask: Callable[[Texts], npt.NDArray[np.bool_]], texts: Texts) -> npt.NDArray[np.bool_]:
    """``ask`` of every text, which says no of a null; asked once for each distinct one where a
    look at some rows finds few.
    """
    some = texts.take(pa.array(np.arange(0, len(texts), len(texts) // _LOOKED_AT + 1)))
    if len(texts) < _CHUNK or len(some.unique()) > _FEW:
        return ask(texts)
    which, found = distinct(texts)
    return np.append(ask(found), False)[which]


def ranked(texts: Texts) -> tuple[npt.NDArray[np.intp], Texts]:
    """:func:`distinct` with the texts in the order of their characters; without nulls."""
    told = _said_again(texts)
    if told is not None:
        return told
    which, found = distinct(texts)
    order = order_of(found)
    if order is None:
        return which, found
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return rank[which], found.take(pa.array(order))


def _said_again(texts: Texts) -> tuple[npt.NDArray[np.intp], Texts] | None:
    """:func:`ranked` of a column of parts that rise strictly, where each either goes on after all
    that was said or says a stretch of it again; ``None`` for another one. Tables list the same
    enterprises year by year.
    """
    falls = pc.greater_equal(texts[:-1], texts[1:]).to_numpy(zero_copy_only=False)
    cuts = np.flatnonzero(falls) + 1
    if len(cuts) > _PARTS:
        return None
    which = np.empty(len(texts), dtype=np.intp)
    news: list[Texts] = []
    ranks: list[int] = []
    size = 0
    for start, stop in pairwise([0, *cuts.tolist(), len(texts)]):
        at = start
        while at < stop:
            text = texts[at].as_py()
            number = bisect_right(news, text, key=lambda new: new[0].as_py()) - 1
            new = news[number] if number >= 0 else texts[:0]
            place = _place(new, text)
            if place < len(new):
                end = min(at + len(new) - place, stop)
                if not new[place : place + end - at].equals(texts[at:end]):
                    return None
                first = ranks[number] + place
            elif number + 1 == len(news):
                end, first = stop, size
                news.append(texts[at:stop])
                ranks.append(first)
                size += stop - at
            else:
                return None
            which[at:end] = np.arange(first, first + end - at)
            at = end
    return which, pa.concat_arrays(news) if news else texts


def _place(rising: Texts, text: str) -> int:
    """The first place that is not below ``text``."""
    return bisect_left(range(len(rising)), text, key=lambda at: rising[at].as_py())


def mapped(texts: Texts, convert: Callable[[str], str]) -> Texts:
    """``convert`` of every text, computed once for each distinct one."""
    which, values = distinct(texts)
    said = pa.array([convert(text) for text in values.to_pylist()], pa.large_string())
    return said.take(pa.array(which))


def ascends(texts: Texts, *, strictly: bool = False) -> bool:
    """Whether texts stand in the order of their characters; ``strictly``: and none twice."""
    compare = pc.less if strictly else pc.less_equal
    return bool(pc.all(compare(texts[:-1], texts[1:]), min_count=0).as_py())


def order_of(texts: Texts) -> npt.NDArray[np.intp] | None:
    """The stable order of texts by their characters; ``None`` where they stand in it."""
    if ascends(texts):
        return None
    return np.asarray(pc.array_sort_indices(texts).to_numpy(), dtype=np.intp)


def repeated(text: str, count: int) -> pa.ChunkedArray:
    """A column that says one thing only. Its chunks are one and the same, so that the name of a
    file is not written millions of times: fresh memory costs more than all else that is done here.
    """
    chunk = pa.repeat(pa.scalar(text, pa.large_string()), min(count, _CHUNK))
    whole, rest = divmod(count, _CHUNK)
    chunks = [chunk] * whole + ([chunk[:rest]] if rest else [])
    return pa.chunked_array(chunks, pa.large_string())


def same_everywhere(values: npt.NDArray[np.object_]) -> bool:
    """Whether a column of objects (a file's name) says one thing only."""
    if values.strides == (0,):  # a view of one value
        return bool(len(values))
    return bool(len(values)) and bool((values == values[0]).all())


def is_equal(texts: Texts, value: str) -> npt.NDArray[np.bool_]:
    """Which texts are ``value``; a null is not."""
    found = pc.fill_null(pc.equal(texts, pa.scalar(value, pa.large_string())), fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)

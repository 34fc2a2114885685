"""Whether keys occur elsewhere: the question that matching asks most, asked in one go."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["among", "as_array", "texts"]


def among(values: pd.Series[str], known: pd.Series[str]) -> npt.NDArray[np.bool_]:
    """Whether each of ``values`` is in ``known``; text only, no missing values.

    >>> among(pd.Series(["a", "b"], dtype="str"), pd.Series(["b"], dtype="str")).tolist()
    [False, True]
    """
    found = pc.is_in(as_array(values), value_set=as_array(known))
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def texts(values: Iterable[str]) -> pd.Series[str]:
    """Any collection of texts as a column.

    >>> texts({"a"}).tolist()
    ['a']
    """
    return pd.Series(list(values), dtype="str")


def as_array(column: pd.Series[str]) -> pa.Array:
    """A column of texts as one Arrow array."""
    array = pa.array(column, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array

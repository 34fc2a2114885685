"""Who is compared with whom (method, section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.errors import UserError
from landuse.keys import as_array

if TYPE_CHECKING:
    from landuse.ranking.sheet import Bools
    from landuse.rules.model import Rules

__all__ = ["POOL", "SEPARATOR", "own_cohorts", "pooled"]

POOL: Final = "pool"
"""The cohort of those whose own is too small."""
SEPARATOR: Final = "|"
"""Between the columns of a cohort that is made of several: ``17|规上``."""


def own_cohorts(enterprises: pd.DataFrame, rules: Rules) -> tuple[npt.NDArray[np.object_], Bools]:
    """Name of each row's own cohort, and whether it is known (no column of it is blank).

    Raises :class:`landuse.errors.UserError` naming every column of ``cohort_by`` that the
    enterprises lack.
    """
    absent = [column for column in rules.cohort_by if column not in enterprises.columns]
    if absent:
        raise UserError.of(
            "ranking.cohort_column_absent", table="enterprises", column=", ".join(absent)
        )
    columns = [_shared(enterprises[column]) for column in rules.cohort_by]
    known = np.ones(len(enterprises), dtype=bool)
    for column in columns:
        known &= column != ""
    name = columns[0]
    for column in columns[1:]:
        name = name + SEPARATOR + column
    return name, known


def _shared(column: pd.Series[str]) -> npt.NDArray[np.object_]:
    """The texts as objects, equal ones as one object: a cohort has many units."""
    known = as_array(column).dictionary_encode()
    names = np.array([*known.dictionary.to_pylist(), ""], dtype=object)
    shared: npt.NDArray[np.object_] = names[known.indices.to_numpy(zero_copy_only=False)]
    return shared


def pooled(own: npt.NDArray[np.object_], smallest: int) -> npt.NDArray[np.object_]:
    """The cohort in which each graded unit is ranked: its own, or :data:`POOL` if too small.

    >>> pooled(np.array(["13", "13", "17"], dtype=object), 2).tolist()
    ['13', '13', 'pool']
    """
    codes, _ = pd.factorize(own)
    sizes = np.bincount(codes) if len(codes) else np.zeros(0, dtype=np.intp)
    return np.where(sizes[codes] < smallest, POOL, own)

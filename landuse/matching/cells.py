"""Cells as people fill them: several codes or names in one, in any width and spacing."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import numpy as np
import pandas as pd

from landuse.matching.keys import among

__all__ = ["fold", "folded", "parts"]

_SPACING: Final = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_JOINTS: Final = re.compile(r"[;,、/]")


def fold(cell: str) -> str:
    """``cell`` without differences of width and spacing; brackets, digits and case stay.

    >>> fold("晋江市 恒安（鞋业）有限公司")
    '晋江市恒安(鞋业)有限公司'
    """
    return _SPACING.sub("", unicodedata.normalize("NFKC", cell))


def folded(cells: pd.Series[str]) -> pd.Series[str]:
    """:func:`fold` of each cell, each different cell folded once; same index."""
    codes, different = pd.factorize(cells)
    folds = np.array([fold(cell) for cell in different] or [""], dtype=object)
    return pd.Series(folds[codes], index=cells.index, dtype="str")


def parts(cells: pd.Series[str], known: pd.Series[str]) -> pd.DataFrame:
    """The codes or names in each folded cell: columns ``at`` (index of the cell) and ``part``.

    A cell is split at ``; , 、 /`` (both widths, as folding unites them) unless it is ``known`` as
    a whole, because some names hold a comma. Blanks give no row, repeats within a cell give one.
    """
    filled = cells[cells != ""]
    joined = filled.str.contains(_JOINTS.pattern, regex=True).to_numpy()
    joined = joined & ~among(filled, known)
    whole = filled[~joined]
    split = [
        (at, part)
        for at, cell in filled[joined].items()
        for part in dict.fromkeys(_JOINTS.split(cell))
        if part
    ]
    rows = pd.DataFrame(
        {
            "at": np.array([at for at, _ in split], dtype=np.intp),
            "part": pd.Series([part for _, part in split], dtype="str"),
        }
    )
    alone = whole.rename("part").rename_axis("at").reset_index()
    return pd.concat([alone.astype({"at": np.intp}), rows], ignore_index=True)

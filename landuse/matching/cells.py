"""Cells as people fill them: several codes or names in one, in any width and spacing."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from landuse.matching.keys import among, as_array

__all__ = ["folded", "parts"]

_SPACING: Final = r"[\s\p{Z}\x{0085}\x{200B}-\x{200D}\x{2060}\x{FEFF}]+"
_JOINTS: Final = re.compile(r"[;,、/]")


def folded(cells: pd.Series[str]) -> pd.Series[str]:
    """The cells without differences of width and spacing; brackets, digits and case stay.

    >>> folded(pd.Series(["晋江市 恒安（鞋业）有限公司"], dtype="str")).tolist()
    ['晋江市恒安(鞋业)有限公司']
    """
    wide = pc.utf8_normalize(as_array(cells), form="NFKC")
    bare = pc.replace_substring_regex(wide, pattern=_SPACING, replacement="")
    return pd.Series(bare, index=cells.index, dtype="str")


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

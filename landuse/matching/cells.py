"""Cells as people fill them: several codes or names in one, in any width and spacing."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.keys import among, as_array

__all__ = ["asked", "folded", "parts"]

_SPACING: Final = r"[\s\p{Z}\x{0085}\x{200B}-\x{200D}\x{2060}\x{FEFF}]+"
_JOINTS: Final = re.compile(r"[;,、/]")
_DELETE: Final = 127


def folded(cells: pd.Series[str]) -> pd.Series[str]:
    """The cells without differences of width and spacing; brackets, digits and case stay.

    >>> folded(pd.Series(["晋江市 恒安（鞋业）有限公司"], dtype="str")).tolist()
    ['晋江市恒安(鞋业)有限公司']
    """
    written = as_array(cells)
    if _is_plain(written):
        return cells.astype("str")
    wide = pc.utf8_normalize(written, form="NFKC")
    bare = pc.replace_substring_regex(wide, pattern=_SPACING, replacement="")
    return pd.Series(bare, index=cells.index, dtype="str")


def _is_plain(written: pa.LargeStringArray) -> bool:
    """Whether all is printed ASCII without a space, which folding leaves as it is: codes are."""
    if not len(written):
        return True
    ends, signs = written.buffers()[1], written.buffers()[2]
    if signs is None:
        return True
    bounds = np.frombuffer(ends, dtype=np.int64)[[written.offset, written.offset + len(written)]]
    used = np.frombuffer(signs, dtype=np.uint8)[bounds[0] : bounds[1]]
    return not len(used) or (int(used.min()) > ord(" ") and int(used.max()) < _DELETE)


def parts(cells: pd.Series[str], known: pd.Series[str]) -> pd.DataFrame:
    """The codes or names in each folded cell: columns ``at`` (index of the cell) and ``part``.

    A cell is split at ``; , 、 /`` (both widths, as folding unites them) unless it is ``known`` as
    a whole, because some names hold a comma. Blanks give no row, repeats within a cell give one.
    """
    filled = cells[cells != ""]
    joined = filled.str.contains(_JOINTS.pattern, regex=True).to_numpy().copy()
    joined[joined] = ~among(filled[joined], known)
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


def asked(cells: pd.Series[str]) -> pd.Series[str]:
    """Every folded code or name that some cells may mean, each once: whole cells, their parts, and
    these in capitals.

    Who answers for the cells needs to know the enterprises of these codes and names, and no other.

    >>> sorted(asked(pd.Series(["a;b", "a;b", ""], dtype="str")))
    ['A', 'B', 'a', 'a;b', 'b']
    """
    whole = folded(cells[cells != ""].drop_duplicates())
    split = parts(whole, whole.iloc[:0])["part"]
    capitals = split.str.upper()
    return pd.concat([whole, split, capitals], ignore_index=True).drop_duplicates(ignore_index=True)

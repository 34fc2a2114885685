"""Which parcels count: land use in the pack's list, and not under construction in its term."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.keys import as_array, texts
from landuse.matching.cells import folded

if TYPE_CHECKING:
    from landuse.issues import IssueLog

__all__ = ["in_scope", "report_scope", "under_construction"]


_SHOWN: Final = 12
"""Land uses out of scope that one message names."""


def in_scope(land_use_codes: pd.Series[str], patterns: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Whether each parcel's land use is one of ``patterns`` (method, section 5).

    A pattern holds for the codes that begin with it (``1001`` for ``100101``); ``*``, ``?`` and
    ``[…]`` are wild cards. A blank code is in scope: land whose use nobody stated must not make
    its user look better.

    >>> in_scope(pd.Series(["100101", "m1", "0501", ""], dtype="str"), ["1001", "M*"]).tolist()
    [True, True, False, True]
    """
    known = as_array(land_use_codes).dictionary_encode()
    codes, different = known.indices.to_numpy(), known.dictionary.to_pylist()
    wild = [pattern if pattern.endswith("*") else f"{pattern}*" for pattern in patterns]
    answers = [
        not code or any(fnmatchcase(code, pattern) for pattern in wild)
        for code in folded(texts(different)).str.upper()
    ]
    inside: npt.NDArray[np.bool_] = np.array(answers or [True], dtype=bool)[codes]
    return inside


def report_scope(parcels: pd.DataFrame, inside: npt.NDArray[np.bool_], log: IssueLog) -> None:
    """Say what the land use could not tell, and which uses are left out: a name or an old code
    that the list does not have must not make land vanish unseen."""
    blank = (parcels["land_use_code"] == "").to_numpy()
    if not len(parcels):
        return
    if blank.all():
        log.add("matching.no_land_use", table="parcels", n=len(parcels))
    elif blank.any():
        first = parcels.loc[blank, "parcel_id"].min()
        log.add("matching.blank_land_use", table="parcels", key=first, n=int(blank.sum()))
    if not inside.any():
        seen = "、".join(sorted(parcels["land_use_code"].unique())[:5])
        log.add("matching.nothing_in_scope", table="parcels", value=seen, n=len(parcels))
    elif not inside.all():
        uses = parcels.loc[~inside, "land_use_code"].value_counts().to_dict()
        order = sorted(uses, key=lambda use: (-uses[use], use))
        seen = "、".join(f"{use} ×{uses[use]}" for use in order[:_SHOWN])
        seen += " …" * (len(order) > _SHOWN)
        log.add("matching.out_of_scope", table="parcels", value=seen, n=int((~inside).sum()))


def under_construction(supply: pd.DataFrame | None, as_of: dt.date) -> set[str]:
    """Parcels being built within the agreed term (method, section 4).

    Takes the SUPPLY table; gives the ``parcel_id`` of every contract whose agreed completion lies
    after ``as_of`` and that is not completed by the end of that day.
    """
    if supply is None:
        return set()
    day = pd.Timestamp(as_of)
    completed = supply["completed_on"].notna() & (supply["completed_on"] <= day)
    building = (supply["agreed_completion"] > day) & ~completed
    return set(supply.loc[building, "parcel_id"]) - {""}

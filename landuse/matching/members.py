"""Which enterprises are evaluated together (method, section 4, ``shared_parcels``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.keys import among, in_order, positions, repeats, runs, texts
from landuse.schema.tables import MEMBERS

__all__ = ["components", "units"]


def units(
    links: pd.DataFrame,
    uscc: Iterable[str],
    exempt: Collection[str],
    mode: Literal["apportion", "merge"],
) -> pd.DataFrame:
    """The unit of every enterprise: a MEMBERS table, one row for each code of ``uscc``.

    ``apportion``: each enterprise is its own unit. ``merge``: enterprises that share a parcel by
    a counted link are one, named by the smallest code. Exempt members and their links are left
    out first, and so is a user of land that is in no enterprise table: it has no figures.
    """
    codes = _sorted_once(uscc)
    frame = pd.DataFrame({"uscc": codes, "unit_id": codes})
    if mode == "merge" and len(codes):
        user = links["uscc"]
        member = among(user, codes) & ~among(user, texts(exempt))
        used = links.loc[links["counted"].to_numpy() & member, ["parcel_id", "uscc"]]
        used = in_order(used, ["parcel_id", "uscc"])
        place = positions(used["uscc"], codes)
        new = np.zeros(len(used), dtype=bool)
        new[runs(used["parcel_id"])] = True
        together = ~new[1:]
        heads = components(place[:-1][together], place[1:][together], len(codes))
        frame["unit_id"] = codes.take(heads).reset_index(drop=True)
    return MEMBERS.check(frame)


def _sorted_once(uscc: Iterable[str]) -> pd.Series[str]:
    """Each code once, in order."""
    codes = uscc if isinstance(uscc, pd.Series) else texts(uscc)
    frame = in_order(codes.astype("str").to_frame("uscc"), ["uscc"])
    if repeats(frame, ["uscc"]):
        frame = frame.drop_duplicates(ignore_index=True)
    return frame["uscc"]


def components(
    left: npt.NDArray[np.intp], right: npt.NDArray[np.intp], nodes: int
) -> npt.NDArray[np.intp]:
    """The smallest node of the connected component of each node; edges ``left[i]–right[i]``.

    >>> components(np.array([3, 1]), np.array([2, 3]), 5).tolist()
    [0, 1, 1, 1, 4]
    """
    head = np.arange(nodes)
    while True:
        ends = np.stack([head[left], head[right]])
        low, high = ends.min(axis=0), ends.max(axis=0)
        open_ = low != high
        if not open_.any():
            return head
        np.minimum.at(head, high[open_], low[open_])
        while (head[head] != head).any():
            head = head[head]

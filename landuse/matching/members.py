"""Which enterprises are evaluated together (method, section 4, ``shared_parcels``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.matching.keys import among, texts
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
    codes = np.array(sorted(set(uscc)), dtype=object)
    heads = np.arange(len(codes))
    if mode == "merge" and len(codes):
        user = links["uscc"]
        member = among(user, texts(codes)) & ~among(user, texts(exempt))
        used = links[links["counted"].to_numpy() & member]
        used = used.sort_values(["parcel_id", "uscc"], kind="stable")
        place = pd.Index(codes).get_indexer(used["uscc"].to_numpy())
        parcel = pd.factorize(used["parcel_id"])[0]
        together = parcel[1:] == parcel[:-1]
        heads = components(place[:-1][together], place[1:][together], len(codes))
    frame = pd.DataFrame({"uscc": codes, "unit_id": codes[heads]}, dtype="str")
    return MEMBERS.check(frame)


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

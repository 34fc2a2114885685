"""Which park a parcel lies in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landuse.exact import group_fsum
from landuse.overlay import overlaps

__all__ = ["parks_of"]


def parks_of(parcels: pd.DataFrame, parks: pd.DataFrame | None) -> pd.DataFrame:
    """Columns ``parcel_id``, ``park``, ``park_type``; one row a parcel, sorted by ``parcel_id``.

    The parcel's own column counts first, else the park that covers the largest part of it (tie:
    smallest name; polygons of one name are one park). Blank where neither tells.
    """
    result = parcels[["parcel_id", "park"]].copy()
    if parks is not None and len(parks):
        result["park"] = result["park"].where(result["park"] != "", _largest(parcels, parks))
        types = parks.sort_values(["park", "park_type"], ascending=[True, False])
        type_of = types.drop_duplicates("park").set_index("park")["park_type"]
        result["park_type"] = result["park"].map(type_of).fillna("").astype("str")
    else:
        result["park_type"] = pd.Series("", index=result.index, dtype="str")
    return result.sort_values("parcel_id").reset_index(drop=True)


def _largest(parcels: pd.DataFrame, parks: pd.DataFrame) -> pd.Series[str]:
    """Name of the park with the largest overlap of each parcel, aligned to ``parcels``."""
    open_ = np.flatnonzero((parcels["park"] == "").to_numpy())
    names, number = np.unique(parks["park"].to_numpy(dtype=object), return_inverse=True)
    at, polygon, area = overlaps(
        parcels["geometry"].to_numpy()[open_], parks["geometry"].to_numpy()
    )
    pair = at * len(names) + number[polygon]
    pairs, codes = np.unique(pair, return_inverse=True)
    sums = group_fsum(area, codes, len(pairs))
    at, name = pairs // len(names), pairs % len(names)
    order = np.lexsort((name, -sums, at))
    first = np.unique(at[order], return_index=True)[1]
    best = order[first]
    out = np.full(len(parcels), "", dtype=object)
    out[open_[at[best]]] = names[name[best]]
    return pd.Series(out, index=parcels.index, dtype="str")

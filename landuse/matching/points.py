"""Enterprises whose point lies in a parcel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from landuse.keys import sorted_by

__all__ = ["by_point"]


def by_point(parcels: pd.DataFrame, enterprises: pd.DataFrame) -> pd.DataFrame:
    """Columns ``at`` (index of the parcel) and ``uscc``, one row an enterprise inside a parcel.

    A point on a shared edge, or in two parcels that overlap, belongs to the parcel with the
    smaller id (method, section 4). ``geometry`` may be ``None``; enterprises without a point give
    no row.
    """
    located = np.flatnonzero((enterprises["x"].notna() & enterprises["y"].notna()).to_numpy())
    x = enterprises["x"].to_numpy()[located]
    y = enterprises["y"].to_numpy()[located]
    if not len(located):
        none = pd.Series([], dtype="str")
        return pd.DataFrame({"at": np.zeros(0, dtype=np.intp), "uscc": none})
    geometry = parcels["geometry"].to_numpy()
    point, parcel = shapely.STRtree(geometry).query(shapely.points(x, y))
    hit = shapely.intersects_xy(geometry[parcel], x[point], y[point])
    point, parcel = point[hit], parcel[hit]
    order = np.lexsort((_places(parcels)[parcel], point))
    first = np.unique(point[order], return_index=True)[1]
    best = order[first]
    uscc = enterprises["uscc"].to_numpy()[located[point[best]]]
    return pd.DataFrame(
        {
            "at": parcels.index.to_numpy()[parcel[best]].astype(np.intp),
            "uscc": pd.Series(uscc, dtype="str"),
        }
    )


def _places(parcels: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The place of each parcel in the order of their ids."""
    if sorted_by(parcels, ["parcel_id"]):
        return np.arange(len(parcels), dtype=np.float64)
    return np.asarray(parcels["parcel_id"].rank(method="first"), dtype=np.float64)

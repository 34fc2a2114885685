"""The keys of links as numbers: looked up once, used by every room after."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["LinkPlaces"]


class LinkPlaces(NamedTuple):
    """Where the keys of each link stand: ``parcel`` among all parcels sorted by ``parcel_id``,
    ``user`` among all enterprises sorted by ``uscc`` (-1: of no table).

    Good for a LINKS table with the same rows in the same order, and no other.
    """

    parcel: npt.NDArray[np.intp]
    user: npt.NDArray[np.intp]

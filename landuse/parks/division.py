"""Which part of each parcel lies in which park, so that nothing is counted twice or lost.

A parcel on a border is split by overlay: its accounting area in proportion to what of its shape
lies in each park, in whole millionths of a square metre that add up to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from landuse.exact import group_isum
from landuse.overlay import overlaps, self_overlaps
from landuse.schema.park_results import LAND_PARTS
from landuse.units import to_micro

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from landuse.issues import IssueLog

    Ints = npt.NDArray[np.int64]

__all__ = ["divide", "divided", "land_parts", "net_parks", "spread"]

_SAID_FROM_M2: Final = 1.0
"""Overlaps between parks below this are drawing, not an issue (as between parcels)."""
_ROUNDING_M2: Final = 1e-3
"""What is left of a parcel beside its parks below this is rounding of coordinates."""


def divided(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` in proportion to ``weights``, in integers that add up to it.

    Largest remainders get what is left over, the earlier first; without any weight all goes to
    the first.

    >>> divided(100, [1, 1, 1]), divided(5, [0, 0])
    ([34, 33, 33], [5, 0])
    """
    whole = sum(weights)
    if whole <= 0:
        return [amount, *[0] * (len(weights) - 1)]
    pairs = [divmod(amount * weight, whole) for weight in weights]
    out = [share for share, _ in pairs]
    order = sorted(range(len(weights)), key=lambda at: (-pairs[at][1], at))
    for at in order[: amount - sum(out)]:
        out[at] += 1
    return out


def divide(amount: Ints, group: npt.NDArray[np.intp], weight: Ints) -> Ints:
    """:func:`divided` for many groups: ``amount`` per group, ``group`` and ``weight`` per claim.

    >>> divide(np.array([100, 7]), np.array([0, 1, 0, 0]), np.array([1, 5, 1, 1])).tolist()
    [34, 7, 33, 33]
    """
    claims = np.bincount(group, minlength=len(amount))
    out = amount[group] if len(group) else np.zeros(0, dtype=np.int64)
    many = np.flatnonzero(claims[group] > 1)
    if not len(many):
        return out
    many = many[np.argsort(group[many], kind="stable")]
    number, weights = group[many], weight[many].copy()
    first = np.flatnonzero(np.diff(number, prepend=-1))
    empty = group_isum(weights, number, len(amount)) <= 0
    weights[first[empty[number[first]]]] = 1
    whole = group_isum(weights, number, len(amount))[number]
    wide = amount[number].astype(object) * weights
    share = (wide // whole).astype(np.int64)
    rest = (wide % whole).astype(np.int64)
    spare = amount - group_isum(share, number, len(amount))
    order = np.lexsort((np.arange(len(many)), -rest, number))
    place = np.arange(len(many)) - np.searchsorted(number, number, "left")
    share[order] += place < spare[number]
    out[many] = share
    return out


def net_parks(parks: pd.DataFrame, log: IssueLog, *, unit_m2: float = 1.0) -> pd.DataFrame:
    """Columns ``park``, ``geometry``, ``area_m2_micro``: the parks without their overlaps.

    ``parks`` is PARKS of the schema; polygons of one name are one park. Land that two parks claim
    is the one's whose name is the smallest, and an issue says so. ``unit_m2`` is the area of a
    square unit of the working CRS. Sorted by name; blank names are left out.
    """
    named = parks[parks["park"] != ""]
    groups = {str(name): rows["geometry"].to_numpy() for name, rows in named.groupby("park")}
    names = sorted(groups)
    whole = np.array([shapely.union_all(groups[name]) for name in names], dtype=object)
    for one, two, area in zip(*self_overlaps(whole, _SAID_FROM_M2 / unit_m2), strict=True):
        log.add(
            "parks.overlap", table="parks", key=names[two], other=names[one],
            value=f"{area * unit_m2:.2f}",
        )  # fmt: skip
    net = whole.copy()
    left, right, _ = self_overlaps(whole, 0.0)
    for later in np.unique(right):
        claimed = shapely.union_all(whole[left[right == later]])
        net[later] = shapely.difference(whole[later], claimed)
    area = to_micro(shapely.area(net).astype(np.float64) * unit_m2)
    return pd.DataFrame(
        {
            "park": pd.Series(names, dtype="str"),
            "geometry": pd.Series(net, dtype=object),
            "area_m2_micro": area,
        }
    )


def land_parts(
    parcels: pd.DataFrame, nets: pd.DataFrame | None, *, unit_m2: float = 1.0
) -> pd.DataFrame:
    """LAND_PARTS: the accounting area of each parcel by park.

    ``parcels`` is PARCELS, ``nets`` the result of :func:`net_parks` (``None``: no layer). What
    lies in no polygon is the park's that the parcel names, if that park has no polygon; else it
    lies in none ("").
    """
    parcels = parcels.sort_values("parcel_id", ignore_index=True)
    drawn = set() if nets is None else set(nets["park"])
    own = parcels["park"].where(~parcels["park"].isin(drawn), "").to_numpy(dtype=object)
    at, park, weight = _claims(parcels, nets, own, unit_m2)
    every = pd.DataFrame({"at": at, "park": park, "weight": weight})
    claims = every.groupby(["at", "park"], sort=True)["weight"].sum().reset_index()
    amount = parcels["accounting_area_m2_micro"].to_numpy(dtype=np.int64)
    group = claims["at"].to_numpy(dtype=np.intp)
    area = divide(amount, group, claims["weight"].to_numpy(dtype=np.int64))
    frame = pd.DataFrame(
        {
            "parcel_id": parcels["parcel_id"].to_numpy()[group],
            "park": claims["park"].to_numpy(),
            "area_m2_micro": area,
        }
    ).astype({"parcel_id": "str", "park": "str"})
    return LAND_PARTS.check(frame)


def _claims(
    parcels: pd.DataFrame,
    nets: pd.DataFrame | None,
    own: npt.NDArray[np.object_],
    unit_m2: float,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.object_], Ints]:
    """Parcel, park and weight of every claim: what each park covers, and the rest."""
    everyone = np.arange(len(parcels))
    if nets is None or not len(nets):
        return everyone, own, np.ones(len(parcels), dtype=np.int64)
    shapes = parcels["geometry"].to_numpy(dtype=object)
    at, polygon, area = overlaps(shapes, nets["geometry"].to_numpy(dtype=object))
    inside = to_micro(area * unit_m2)
    whole = to_micro(shapely.area(shapes).astype(np.float64) * unit_m2)
    rest = whole - group_isum(inside, at, len(parcels))
    covered = np.bincount(at, minlength=len(parcels)) > 0
    outside = np.flatnonzero(~covered | (rest > round(_ROUNDING_M2 * 1_000_000)))
    parks = nets["park"].to_numpy(dtype=object)[polygon]
    return (
        np.concatenate([at, outside]),
        np.concatenate([parks, own[outside]]),
        np.concatenate([inside, np.maximum(rest[outside], 1)]),
    )


def spread(parts: pd.DataFrame, amounts: pd.Series[int]) -> Ints:
    """An amount of each parcel over its rows of ``parts``, in proportion to their areas.

    ``amounts`` is indexed by parcel code; parcels without one have 0. What the rows of a parcel
    get adds up to its amount.
    """
    codes, ids = pd.factorize(parts["parcel_id"])
    amount = np.asarray(amounts.reindex(ids).fillna(0), dtype=np.int64)
    return divide(amount, codes, parts["area_m2_micro"].to_numpy(dtype=np.int64))

"""The land account of a park: every mu of it under one heading, and what the register says.

``undevelopable`` + ``built`` + ``partly_used`` + ``not_started`` + ``idle`` + ``undetermined`` +
``available`` − ``excess`` is the park's total, exactly, whatever overlaps or is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.exact import group_isum
from landuse.parks.division import divided, spread
from landuse.parks.register import compare_with_register, stated
from landuse.schema.park_results import LAND_ACCOUNTS

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.issues import IssueLog

    Ints = npt.NDArray[np.int64]

__all__ = ["Land", "land_accounts"]

_HEADINGS: Final = {
    "used": "built",
    "partly_used": "partly_used",
    "supplied_unused": "not_started",
    "idle": "idle",
    "undetermined": "undetermined",
    "approved_unsupplied": "unsupplied_parcels",
}
"""Land status of a parcel → heading of the account."""
_SUPPLIED: Final = ("built", "partly_used", "not_started", "idle")
_FROM_REGISTER: Final = ("expropriated", "reserve", "cleared", "ready")


@dataclass(frozen=True)
class Land:
    """What the land account of all parks is made of.

    ``parts``: LAND_PARTS; ``status``: LAND_STATUS; ``nets``: of :func:`landuse.parks.net_parks`
    or ``None``; ``register``: PARK_REGISTER or ``None``; ``flagged``: area in 10⁻⁶ m² that flagged
    enterprises use, by parcel code; ``disposals``: DISPOSALS or ``None``.
    """

    parts: pd.DataFrame
    status: pd.DataFrame
    nets: pd.DataFrame | None
    register: pd.DataFrame | None
    flagged: pd.Series[int]
    disposals: pd.DataFrame | None = None


def land_accounts(land: Land, log: IssueLog) -> pd.DataFrame:
    """LAND_ACCOUNTS: one row a park, sorted by name; "" first where parcels, or disposals of plots
    that no layer has, lie in none.

    Land whose status is not given is undetermined. The total is the boundary's, else the stated
    one, else that of the parcels. What the register states is kept beside what is computed; a gap
    between the two, an order that cannot be, and land beyond the total are issues.
    """
    parks = _parks(land)
    index = pd.Index(parks)
    at = index.get_indexer(pd.Index(land.parts["park"]))
    columns = _from_parcels(land, at, len(parks))
    columns["revitalised_mu_e4"], columns["revitalised_floor_m2_e2"] = _revitalised(land, index)
    told = stated(land.register, parks)
    total, total_from = _totals(land, parks, told, columns["parcels_m2_micro"])
    undevelopable = told["undevelopable"].fillna(0).to_numpy(dtype=np.int64)
    known = sum(columns[f"{name}_m2_micro"] for name in (*_SUPPLIED, "undetermined"))
    left = total - undevelopable - known
    frame = pd.DataFrame(
        {
            "park": pd.Series(parks, dtype="str"),
            "total_from": pd.Series(total_from, dtype="str"),
            "total_m2_micro": total,
            "undevelopable_m2_micro": undevelopable,
            "available_m2_micro": np.maximum(left, 0),
            "excess_m2_micro": np.maximum(-left, 0),
            "supplied_m2_micro": sum(columns[f"{name}_m2_micro"] for name in _SUPPLIED),
            "developable_m2_micro": (pd.Series(total) - told["undevelopable"]).astype("Int64"),
            **columns,
            **{f"{name}_m2_micro": told[name] for name in _FROM_REGISTER},
            **{
                f"stated_{name}_m2_micro": told[name]
                for name in ("total", "supplied", "built", "available")
            },
        }
    )
    frame = LAND_ACCOUNTS.check(frame[LAND_ACCOUNTS.names])
    compare_with_register(frame, land.register, log)
    return frame


def _parks(land: Land) -> list[str]:
    names = set(land.parts["park"])
    for table in (land.nets, land.register):
        names |= set() if table is None else set(table["park"])
    if land.disposals is not None:
        known = set(land.parts["parcel_id"])
        for row in land.disposals.to_dict("records"):
            placed = row["park"] in names or known & set(str(row["parcel_ids"]).split("; "))
            names |= set() if placed else {""}
    return sorted(names)


def _from_parcels(land: Land, at: npt.NDArray[np.intp], parks: int) -> dict[str, Ints]:
    """Areas of the parcels' parts by heading; ``at`` is the park of each part."""
    parts = land.parts
    area = parts["area_m2_micro"].to_numpy(dtype=np.int64)
    status = land.status.set_index("parcel_id")["land_status"]
    heading = parts["parcel_id"].map(status).map(_HEADINGS).fillna("undetermined")
    columns: dict[str, Ints] = {}
    for name in _HEADINGS.values():
        mine = (heading == name).to_numpy()
        columns[f"{name}_m2_micro"] = group_isum(area[mine], at[mine], parks)
    flagged = np.minimum(spread(parts, land.flagged), area)
    idle = (heading == "idle").to_numpy()
    columns["low_efficiency_m2_micro"] = group_isum(flagged[~idle], at[~idle], parks)
    columns["low_efficiency_idle_m2_micro"] = group_isum(flagged[idle], at[idle], parks)
    columns["parcels_m2_micro"] = group_isum(area, at, parks)
    columns["parcel_count"] = np.bincount(at, minlength=parks).astype(np.int64)
    return columns


def _totals(
    land: Land, parks: list[str], told: pd.DataFrame, parcels: Ints
) -> tuple[Ints, list[str]]:
    """The total of each park, and where it is from."""
    total, sources = parcels.copy(), ["parcels"] * len(parks)
    drawn = {} if land.nets is None else dict(
        zip(land.nets["park"], land.nets["area_m2_micro"].tolist(), strict=True)
    )  # fmt: skip
    given = told["total"].notna().to_numpy()
    for number, park in enumerate(parks):
        if park in drawn:
            total[number], sources[number] = drawn[park], "boundary"
        elif given[number]:
            total[number], sources[number] = int(told["total"].iloc[number]), "stated"
    return total, sources


def _revitalised(land: Land, parks: pd.Index[str]) -> tuple[Ints, Ints]:
    """Accepted mu (10⁻⁴) and floor area (10⁻² m²) by park; both add up to the ledger's.

    A disposal is divided by where its parcels lie; one whose parcels are not known is the park's
    that the case names, else of none.
    """
    mu, floor = np.zeros(len(parks), dtype=np.int64), np.zeros(len(parks), dtype=np.int64)
    if land.disposals is None:
        return mu, floor
    by_parcel: dict[str, dict[str, int]] = {}
    rows = land.parts
    wanted = {code for text in land.disposals["parcel_ids"] for code in text.split("; ")}
    near = rows[rows["parcel_id"].isin(wanted)]
    for code, park, area in zip(
        near["parcel_id"], near["park"], near["area_m2_micro"].tolist(), strict=True
    ):
        by_parcel.setdefault(code, {})[park] = area
    for one in land.disposals.to_dict("records"):
        weights: dict[str, int] = {}
        for code in str(one["parcel_ids"]).split("; "):
            for park, area in by_parcel.get(code, {}).items():
                weights[park] = weights.get(park, 0) + area
        weights = weights or {str(one["park"]) if one["park"] in parks else "": 1}
        names = sorted(weights)
        shares = [weights[name] for name in names]
        for total, amount in ((mu, one["mu_e4"]), (floor, one["floor_m2_e2"])):
            for name, part in zip(names, divided(int(amount), shares), strict=True):
                if (at := parks.get_indexer(pd.Index([name]))[0]) >= 0:
                    total[at] += part
    return mu, floor

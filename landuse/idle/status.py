"""The land status of every parcel (method, section 7): from supplied and not used to used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.schema.tables import LAND_STATUS, LAND_STATUSES

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Texts = npt.NDArray[np.object_]

__all__ = ["FINDINGS", "STATUSES", "contract_status", "parcel_status"]

FINDINGS: Final = ("not_started", "stalled", "undetermined")
"""The findings in the order in which the first that any contract has is the parcel's."""
STATUSES: Final = LAND_STATUSES


def contract_status(finding: Texts, started: Bools, completed: Bools) -> Texts:
    """The status that one contract gives its land.

    >>> no = np.array([False])
    >>> contract_status(np.array(["stalled"], dtype=object), ~no, no).tolist()
    ['idle']
    """
    idle = (finding == "not_started") | (finding == "stalled")
    return np.select(
        [idle, finding == "undetermined", ~started, ~completed],
        ["idle", "undetermined", "supplied_unused", "partly_used"],
        default="used",
    ).astype(object)


def parcel_status(contracts: pd.DataFrame, parcels: pd.DataFrame) -> pd.DataFrame:
    """LAND_STATUS: one row a parcel, sorted.

    Contracts first: idle or undetermined if one of them is; different ones together are partly
    used. Land without a contract is used if it has buildings; land that nobody holds in a layer
    that names holders was approved and not supplied; the rest cannot be told.
    """
    parcels = parcels.sort_values("parcel_id", ignore_index=True)
    index = pd.Index(parcels["parcel_id"])
    at = index.get_indexer(pd.Index(contracts["parcel_id"]))
    mine, at = contracts[at >= 0], at[at >= 0]
    given = {name: np.bincount(at[mine["land_status"] == name], minlength=len(index)) > 0
             for name in STATUSES}  # fmt: skip
    found = {name: np.bincount(at[mine["finding"] == name], minlength=len(index)) > 0
             for name in FINDINGS}  # fmt: skip
    count = np.bincount(at, minlength=len(index))
    kinds = sum(given[name].astype(int) for name in STATUSES)
    status = np.select(
        [
            given["idle"], given["undetermined"], kinds > 1,
            *(given[name] for name in ("supplied_unused", "partly_used", "used")),
        ],
        ["idle", "undetermined", "partly_used", "supplied_unused", "partly_used", "used"],
        default=_without_contract(parcels),
    )  # fmt: skip
    finding = np.select([found[name] for name in FINDINGS], list(FINDINGS), default="")
    frame = pd.DataFrame(
        {
            "parcel_id": parcels["parcel_id"],
            "land_status": pd.Series(status, dtype="str"),
            "is_idle": given["idle"],
            "idle_finding": pd.Series(finding, dtype="str"),
            "contract_count": count.astype(np.int64),
        }
    )
    return LAND_STATUS.check(frame)


def _without_contract(parcels: pd.DataFrame) -> Texts:
    """The status of land that no contract names."""
    built = (parcels["built_area_m2_micro"].fillna(0) > 0) | (
        parcels["footprint_m2_micro"].fillna(0) > 0
    )
    held = ((parcels["holder"] != "") | (parcels["uscc"] != "")).to_numpy()
    free = ~held & held.any()
    return np.select(
        [built.to_numpy(dtype=bool), free], ["used", "approved_unsupplied"], "undetermined"
    ).astype(object)

"""Idle land as it is published: contracts with their findings, and the totals of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.exact import total
from landuse.idle.status import FINDINGS, STATUSES
from landuse.schema.published import RUN_IDLE
from landuse.units import MICRO, mu_from_micro

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

__all__ = ["coming_dates", "idle_totals", "publish_contracts"]


def publish_contracts(contracts: pd.DataFrame, parcels: pd.DataFrame) -> pd.DataFrame:
    """RUN_IDLE from IDLE: quantities in mu, m² and 万元, with park and township of the parcel.

    ``parcels`` are published parcels, or any frame with ``parcel_id``, ``park``, ``township``.
    """
    place = parcels.set_index("parcel_id").reindex(contracts["parcel_id"])
    frame = contracts.assign(
        accounting_area_mu=_mu(contracts["accounting_area_m2_micro"]),
        area_mu=_mu(contracts["area_m2_micro"]),
        **{
            name: _plain(contracts[f"{name}_micro"])
            for name in (
                *("price_wan", "fee_wan", "area_to_start_m2", "area_started_m2"),
                *("total_investment_wan", "invested_wan"),
            )
        },
        park=place["park"].fillna("").to_numpy(),
        township=place["township"].fillna("").to_numpy(),
    ).astype({"park": "str", "township": "str"})
    frame["area_started_share"] = _share(frame, "area_started_m2", "area_to_start_m2")
    frame["invested_share"] = _share(frame, "invested_wan", "total_investment_wan")
    return RUN_IDLE.check(frame[RUN_IDLE.names].reset_index(drop=True))


def coming_dates(contracts: pd.DataFrame, as_of: dt.date, most: int) -> pd.DataFrame:
    """The ``most`` contracts (IDLE) whose next date is nearest, the nearest first.

    Columns: ``on`` the date, ``days`` until it, ``years`` that are full on it (1 or 2), and
    ``contract_no``, ``parcel_id``, ``holder``.
    """
    waiting = contracts[contracts["days_to_next"].notna()]
    first = waiting["one_year_on"] >= pd.Timestamp(as_of)
    frame = waiting.assign(
        on=waiting["one_year_on"].where(first, waiting["two_years_on"]),
        days=waiting["days_to_next"].astype("int64"),
        years=np.where(first, 1, 2),
    ).sort_values(["days", "contract_no", "parcel_id"], ignore_index=True)
    return frame[["on", "days", "years", "contract_no", "parcel_id", "holder"]].head(most)


def idle_totals(parcels: pd.DataFrame, contracts: pd.DataFrame) -> dict[str, Any]:
    """Parcels found idle with their mu, land by status, contracts by finding, fees proposed.

    ``parcels`` has ``is_idle``, ``land_status`` and ``accounting_area_mu``; ``contracts`` is IDLE.
    """
    area, idle = parcels["accounting_area_mu"].to_numpy(), parcels["is_idle"].to_numpy()
    status = parcels["land_status"].to_numpy()
    members = {name: status == name for name in STATUSES}
    return {
        "idle_parcels": int(idle.sum()),
        "idle_mu": total(area[idle]),
        "idle_contracts": {name: int((contracts["finding"] == name).sum()) for name in FINDINGS},
        "idle_fee_wan": int(contracts["fee_wan_micro"].sum()) / MICRO,
        "supply_contracts": len(contracts),
        "land_status": {
            name: {"count": int(member.sum()), "mu": total(area[member])}
            for name, member in members.items()
        },
    }


def _mu(micro: pd.Series) -> npt.NDArray[np.float64]:
    known = mu_from_micro(micro.fillna(0).to_numpy(dtype=np.int64))
    return np.where(micro.isna(), np.nan, known)


def _plain(micro: pd.Series) -> npt.NDArray[np.float64]:
    return micro.to_numpy(dtype=np.float64, na_value=np.nan) / MICRO


def _share(frame: pd.DataFrame, part: str, whole: str) -> pd.Series[float]:
    return (frame[part] / frame[whole]).where(frame[whole] > 0)

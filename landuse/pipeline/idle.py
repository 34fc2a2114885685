"""Idle land as it is published: contracts with their findings, and the totals of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.idle.status import FINDINGS, STATUSES
from landuse.schema.published import RUN_IDLE
from landuse.units import MICRO, mu_from_micro

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import numpy.typing as npt

__all__ = ["coming_dates", "counted", "idle_summands", "idle_totals", "publish_contracts"]


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


def idle_summands(parcels: pd.DataFrame) -> dict[str, npt.NDArray[np.float64]]:
    """The areas in mu that each total of idle land counts and adds up.

    ``parcels`` has ``is_idle``, ``land_status`` and ``accounting_area_mu``.
    """
    area, status = parcels["accounting_area_mu"].to_numpy(), parcels["land_status"].to_numpy()
    found = {"idle": area[parcels["is_idle"].to_numpy()]}
    return found | {f"status {name}": area[status == name] for name in STATUSES}


def idle_totals(sums: Mapping[str, tuple[int, float]], contracts: pd.DataFrame) -> dict[str, Any]:
    """Parcels found idle with their mu, land by status, contracts by finding, fees proposed.

    ``sums``: count and sum of each of :func:`idle_summands`; ``contracts`` is IDLE.
    """
    return {
        "idle_parcels": sums["idle"][0],
        "idle_mu": sums["idle"][1],
        "idle_contracts": {name: int((contracts["finding"] == name).sum()) for name in FINDINGS},
        "idle_fee_wan": int(contracts["fee_wan_micro"].sum()) / MICRO,
        "supply_contracts": len(contracts),
        "land_status": {name: counted(sums[f"status {name}"]) for name in STATUSES},
    }


def counted(one: tuple[int, float]) -> dict[str, int | float]:
    """How many parcels, and their mu."""
    return {"count": one[0], "mu": one[1]}


def _mu(micro: pd.Series) -> npt.NDArray[np.float64]:
    known = mu_from_micro(micro.fillna(0).to_numpy(dtype=np.int64))
    return np.where(micro.isna(), np.nan, known)


def _plain(micro: pd.Series) -> npt.NDArray[np.float64]:
    return micro.to_numpy(dtype=np.float64, na_value=np.nan) / MICRO


def _share(frame: pd.DataFrame, part: str, whole: str) -> pd.Series[float]:
    return (frame[part] / frame[whole]).where(frame[whole] > 0)

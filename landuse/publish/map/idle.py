"""The supply contracts as the cards of the map read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from landuse.publish.map.columns import flags, numbers, positions, texts, whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["idle_contracts", "idle_total"]

_TEXTS: Final = (
    *("contract_no", "finding", "land_status", "base_from", "cause", "consequence"),
    *("missing", "remarks", "source_file", "source_sheet"),
)
_DATES: Final = ("base_on", "one_year_on", "two_years_on")


def idle_contracts(contracts: pd.DataFrame, parcels: pd.DataFrame) -> dict[str, Any] | None:
    """Columns of the contracts whose parcel is on the map; ``plot`` is its place among these.

    ``None`` where no supply contracts were given.
    """
    if contracts.empty:
        return None
    at = positions(contracts["parcel_id"], parcels["parcel_id"])
    known = contracts[[place >= 0 for place in at]]
    return {
        "plot": [place for place in at if place >= 0],
        **{name: texts(known[name]) for name in _TEXTS},
        **{name: texts(known[name].dt.strftime("%Y-%m-%d")) for name in _DATES},
        "days_to_next": whole(known["days_to_next"]),
        "late_delivery": flags(known["late_delivery"]),
        "fee_wan": numbers(known["fee_wan"]),
        "price_wan": numbers(known["price_wan"]),
        "source_row": whole(known["source_row"]),
    }


def idle_total(totals: dict[str, Any]) -> dict[str, Any] | None:
    """Plots found idle with their mu; ``None`` where nothing was examined."""
    if "idle_parcels" not in totals:
        return None
    return {"count": int(totals["idle_parcels"]), "mu": float(totals["idle_mu"])}

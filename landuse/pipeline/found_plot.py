"""What a run found on one plot, as a case that a reviewer opens on it needs it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from landuse.crs import parse
from landuse.ledger.limits import case_mu
from landuse.ledger.plot_facts import PlotFacts
from landuse.ledger.proposing import enterprise_names
from landuse.scaled import mu_e4_from_micro

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from landuse.publish.run_tables import RunTables

__all__ = ["plot_facts"]


def plot_facts(tables: RunTables, parcel_id: str) -> PlotFacts | None:
    """The facts of a plot by the tables of its run; ``None`` where the run has no such plot.

    Low-efficiency land has its flagged mu, idle land and land on which nothing was found its
    accounting area (method, section 8). The enterprises stand with the largest user first; idle
    land without any names its holder.
    """
    here = tables.parcels[tables.parcels["parcel_id"] == parcel_id]
    if here.empty:
        return None
    row = {str(name): value for name, value in here.iloc[0].items()}
    low, idle = bool(row["is_low_efficiency"]), bool(row["is_idle"])
    kind = "both" if low and idle else "idle" if idle else "low_efficiency"
    whole = _mu_e4(row["accounting_area_mu"])
    found = low or idle
    return PlotFacts(
        kind=kind,
        mu_e4=case_mu(kind, _mu_e4(row["flagged_area_mu"]), whole) if found else whole,
        enterprises=_enterprises(tables, parcel_id, str(row["holder"])),
        park=str(row["park"]),
        township=str(row["township"]),
        geometry=_shape(row["geometry"], tables.crs),
        is_found=found,
        as_of=dt.date.fromisoformat(tables.manifest["project"]["as_of"]),
    )


def _mu_e4(mu: float) -> int:
    """Published mu at 4 decimals: back to the whole millionths of a m² that it was made from."""
    return 0 if pd.isna(mu) else mu_e4_from_micro(round(float(mu) * 2e9 / 3.0))


def _enterprises(tables: RunTables, parcel_id: str, holder: str) -> str:
    links = tables.links[tables.links["parcel_id"] == parcel_id]
    users = [
        {"uscc": one["uscc"], "name": one["name"], "area_mu_e4": _mu_e4(one["area_mu"])}
        for one in links.to_dict("records")
    ]
    idle = tables.idle
    holders: list[Any] = sorted(set(idle.loc[idle["parcel_id"] == parcel_id, "holder"]) - {""})
    return enterprise_names(users, str(holders[0]) if holders else holder)


def _shape(found: Any, crs: str) -> BaseGeometry | None:  # noqa: ANN401 - a cell of the table
    """The outline, which knows the number of its system (EPSG; 0 where it has none)."""
    if found is None or not shapely.is_geometry(found):
        return None
    with_number: BaseGeometry = shapely.set_srid(found, parse(crs).to_epsg() or 0)
    return with_number

"""The same job as a planner's geopandas script would do it: the peer that we compare with.

Areas, zone overlay, links, adjusted indicators, score, rank, bottom 15 % of each industry. No
checks, no issues, no firmness, no explanation.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

__all__ = ["run"]

MU = 2000 / 3


def run(folder: Path, out: Path) -> set[str]:
    """Read the county in ``folder``, write units and parcels into ``out``, return the flags."""
    parcels = gpd.read_parquet(folder / "parcels.parquet")
    zones = gpd.read_parquet(folder / "zones.parquet")
    firms = pd.read_parquet(folder / "enterprises.parquet").query("year == 2025")
    occupancy = pd.read_parquet(folder / "occupancy.parquet")
    parcels["geometry_area"] = parcels.area
    parts = gpd.overlay(parcels[["parcel_id", "geometry"]], zones, how="intersection")
    parts["w"] = parts.area
    parts["wp"] = parts["w"] * parts["benchmark_price_yuan_per_m2"]
    sums = parts.groupby("parcel_id")[["w", "wp"]].sum()
    parcels["price"] = parcels["parcel_id"].map(sums["wp"] / sums["w"])
    links = _links(parcels, occupancy)
    units = _score(links, firms)
    out.mkdir(parents=True, exist_ok=True)
    units.to_parquet(out / "units.parquet")
    parcels.to_parquet(out / "parcels.parquet")
    return set(units.loc[units["flagged"], "uscc"])


def _links(parcels: gpd.GeoDataFrame, occupancy: pd.DataFrame) -> pd.DataFrame:
    land = parcels[["parcel_id", "registered_area", "price"]]
    named = occupancy.merge(land, on="parcel_id")
    left = named["registered_area"] - named.groupby("parcel_id")["area"].transform("sum")
    named["land"] = named["area"].fillna(left)
    alone = parcels[~parcels["parcel_id"].isin(occupancy["parcel_id"])]
    alone = alone.assign(land=alone["registered_area"])
    columns = ["parcel_id", "uscc", "land", "price"]
    return pd.concat([named[columns], alone[columns]], ignore_index=True)


def _score(links: pd.DataFrame, firms: pd.DataFrame) -> pd.DataFrame:
    reference = (links["land"] * links["price"]).sum() / links["land"].sum()
    links["adjusted"] = links["land"] * links["price"] / reference
    land = links.groupby("uscc")[["land", "adjusted"]].sum() / MU
    units = firms.merge(land, on="uscc")
    units["cohort"] = units["industry_code"].str[:2]
    score = np.zeros(len(units))
    for weight, numerator, denominator in (
        (0.4, "tax", "adjusted"),
        (0.3, "output", "adjusted"),
        (0.3, "output", "energy_tce"),
    ):
        sums = units.groupby("cohort")[[numerator, denominator]].transform("sum")
        benchmark = sums[numerator] / sums[denominator]
        score += weight * np.clip(units[numerator] / units[denominator] / benchmark, 0, 2)
    units["score"] = score.round(6)
    units["rank"] = units.groupby("cohort")["score"].rank(method="min")
    quota = units.groupby("cohort")["score"].transform("size") * 15 // 100
    units["flagged"] = units["rank"] <= quota
    return units

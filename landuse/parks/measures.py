"""What ratios and the assessment divide: land, floor area, money and jobs of each park.

Money of a firm that uses land in several parks is divided by its land there, in whole millionths
that add up to the firm's; floor areas of a parcel likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.exact import group_isum
from landuse.parks.division import divide, spread
from landuse.parks.words import measure_word, named
from landuse.schema.park_results import PARK_MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    import numpy.typing as npt

    from landuse.issues import IssueLog

    Ints = npt.NDArray[np.int64]

__all__ = ["Firms", "park_measures"]

_OF_ACCOUNT: Final = (
    "total",
    "developable",
    "ready",
    "supplied",
    "built",
    "idle",
    "low_efficiency",
)
_MONEY: Final = ("tax_wan_micro", "output_wan_micro", "jobs_micro")


@dataclass(frozen=True)
class Firms:
    """Who uses the land, and what they made of it.

    ``links``: LINKS; ``figures``: ``uscc`` and any of ``tax_wan_micro``, ``output_wan_micro``,
    ``jobs_micro`` of one year (``Int64``); ``last_year``: the same of the year before;
    ``high_tech``: codes of high-tech firms, ``None`` where nobody listed them.
    """

    links: pd.DataFrame
    figures: pd.DataFrame
    last_year: pd.DataFrame | None = None
    high_tech: Set[str] | None = None


def park_measures(
    accounts: pd.DataFrame,
    parts: pd.DataFrame,
    parcels: pd.DataFrame,
    status: pd.DataFrame,
    industrial: Set[str],
    firms: Firms,
    register: pd.DataFrame | None,
    types: Mapping[str, str],
    log: IssueLog,
) -> pd.DataFrame:
    """PARK_MEASURES: one row a park (not what lies in none), sorted by name.

    ``accounts``, ``parts``, ``parcels`` and ``status`` are LAND_ACCOUNTS, LAND_PARTS, PARCELS and
    LAND_STATUS; ``industrial`` the parcels of industrial use. Built land is that whose status is
    used. A plot ratio is taken over the built land whose floor area is known, which stands beside
    it. Money is the sum of the firms that state it; how many do not is an issue.
    """
    accounts = accounts[accounts["park"] != ""].reset_index(drop=True)
    index = pd.Index(accounts["park"])
    frame = accounts[["park"]].copy()
    frame["park_type"] = pd.Series([types.get(p, "") for p in accounts["park"]], dtype="str")
    for name in _OF_ACCOUNT:
        frame[f"{name}_m2_micro"] = accounts[f"{name}_m2_micro"].astype("Int64")
    frame = frame.assign(**_buildings(parts, parcels, status, industrial, index))
    shares = _firm_parks(firms.links, parts)
    frame["high_tech_m2_micro"] = _high_tech(firms, shares, status, index)
    for name in _MONEY:
        frame[name] = _money(name, firms.figures, shares, index, log)
    before = firms.last_year if firms.last_year is not None else firms.figures.iloc[:0]
    last = _money("output_wan_micro", before, shares, index, None)
    frame["output_last_year_wan_micro"] = last
    frame["output_growth_wan_micro"] = frame["output_wan_micro"] - last
    _from_register(frame, register)
    return PARK_MEASURES.check(frame[PARK_MEASURES.names])


def _masked(values: Ints, known: npt.NDArray[np.bool_]) -> pd.Series[int]:
    return pd.Series(pd.arrays.IntegerArray(values, ~known))


def _among(codes: pd.Series[str], values: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Which codes are among ``values`` (a hash of them: ``isin`` walks through strings)."""
    wanted = pd.Index(list(values), dtype="str")
    return np.asarray(wanted.get_indexer(pd.Index(codes)) >= 0, dtype=bool)


def _buildings(
    parts: pd.DataFrame,
    parcels: pd.DataFrame,
    status: pd.DataFrame,
    industrial: Set[str],
    index: pd.Index[str],
) -> dict[str, pd.Series[int]]:
    """Floor areas and footprints of built land, and the land whose they are known of."""
    used = set(status.loc[status["land_status"] == "used", "parcel_id"])
    at = index.get_indexer(pd.Index(parts["park"]))
    here = _among(parts["parcel_id"], used) & (at >= 0)
    of_industry = here & _among(parts["parcel_id"], industrial)
    area = parts["area_m2_micro"].to_numpy(dtype=np.int64)
    by_parcel = parcels.set_index("parcel_id")
    out: dict[str, pd.Series[int]] = {}

    def sums(values: Ints, where: npt.NDArray[np.bool_]) -> Ints:
        return group_isum(values[where], at[where], len(index))

    land = sums(area, of_industry)
    out["industrial_m2_micro"] = _masked(land, np.ones(len(index), dtype=bool))
    for name, column, where in (
        ("floor", "built_area_m2_micro", here),
        ("footprint", "footprint_m2_micro", here),
        ("industrial_floor", "built_area_m2_micro", of_industry),
    ):
        known = by_parcel[column].dropna().astype("int64")
        told = where & _among(parts["parcel_id"], known.index)
        whole = sums(area, told)
        out[f"{name}_m2_micro"] = _masked(sums(spread(parts, known), told), whole > 0)
        out[f"{name}_land_m2_micro"] = _masked(whole, whole > 0)
    return out


def _firm_parks(links: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """``uscc``, ``parcel_id``, ``park``, ``area``: what each firm uses of each part."""
    rows = links[["parcel_id", "uscc", "area_m2_micro"]].sort_values(["parcel_id", "uscc"])
    rows = rows.assign(link=np.arange(len(rows)))
    joined = rows.merge(
        parts.rename(columns={"area_m2_micro": "part"}), on="parcel_id", how="inner"
    ).sort_values(["link", "park"])
    group = joined["link"].to_numpy(dtype=np.intp)
    amount = rows["area_m2_micro"].to_numpy(dtype=np.int64)
    area = divide(amount, group, joined["part"].to_numpy(dtype=np.int64))
    return joined[["uscc", "parcel_id", "park"]].assign(area=area)


def _high_tech(
    firms: Firms, shares: pd.DataFrame, status: pd.DataFrame, index: pd.Index[str]
) -> pd.Series[int]:  # fmt: skip
    """Built land of high-tech firms by park; missing where nobody listed them."""
    listed = firms.high_tech
    used = set(status.loc[status["land_status"] == "used", "parcel_id"])
    mine = shares[_among(shares["uscc"], listed or ()) & _among(shares["parcel_id"], used)]
    at = index.get_indexer(pd.Index(mine["park"]))
    area = mine["area"].to_numpy(dtype=np.int64)
    sums = group_isum(area[at >= 0], at[at >= 0], len(index))
    return _masked(sums, np.full(len(index), listed is not None))


def _money(
    name: str,
    figures: pd.DataFrame,
    shares: pd.DataFrame,
    index: pd.Index[str],
    log: IssueLog | None,
) -> pd.Series[int]:
    """One figure of the firms by park; missing where no firm of the park states it."""
    if name not in figures.columns:
        return _masked(np.zeros(len(index), dtype=np.int64), np.zeros(len(index), dtype=bool))
    claims = shares.groupby(["uscc", "park"], as_index=False, sort=True)["area"].sum()
    value = figures.set_index("uscc")[name].reindex(claims["uscc"])
    told = value.notna().to_numpy()
    if log is not None and (~told).any():
        silent = claims.loc[~told, "uscc"].nunique()
        log.add(
            "parks.figures_missing", table="enterprises", column=name, value=str(silent),
            **named(measure_word, name=name.split("_", maxsplit=1)[0]),
        )  # fmt: skip
    claims = claims[told]
    codes, firms = pd.factorize(claims["uscc"])
    amount = value[told].groupby(level=0).first().reindex(firms).to_numpy(dtype=np.int64)
    part = divide(amount, codes, claims["area"].to_numpy(dtype=np.int64))
    at = index.get_indexer(pd.Index(claims["park"]))
    sums = group_isum(part[at >= 0], at[at >= 0], len(index))
    return _masked(sums, np.bincount(at[at >= 0], minlength=len(index)) > 0)


def _from_register(frame: pd.DataFrame, register: pd.DataFrame | None) -> None:
    """Fixed assets, and jobs where no firm states them, as the register has them."""
    assets = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    jobs = assets
    if register is not None:
        rows = register.set_index("park").reindex(frame["park"]).reset_index(drop=True)
        assets, jobs = rows["fixed_assets_wan_micro"].astype("Int64"), rows["jobs"].astype("Int64")
    frame["fixed_assets_wan_micro"] = assets
    frame["jobs_micro"] = frame["jobs_micro"].fillna(jobs * 1_000_000)

"""The rows of a plot table: each plot with its main user and its latest case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.schema.plot_cases import PLOT_CASES

if TYPE_CHECKING:
    from landuse.publish.run_tables import RunTables

__all__ = ["cases_among", "cases_of", "plot_rows", "plot_users", "with_cases"]

_PARCEL: Final = [
    *("parcel_id", "park", "park_type", "township", "holder", "land_class", "accounting_area_mu"),
    *("flagged_area_mu", "is_low_efficiency", "is_idle", "enterprise_count"),
]
_UNIT_TEXTS: Final = ("industry_code", "division", "cohort", "status", "flips_under")
_UNIT_FLOATS: Final = ("score", "cutoff_score", "margin", "firmness")
_UNIT_COUNTS: Final = ("rank", "cohort_size")
_CASE: Final[dict[str, tuple[str, str]]] = {
    "number": ("case_number", "str"),
    "kind": ("case_kind", "str"),
    "state": ("case_state", "str"),
    "is_open": ("case_open", "boolean"),
    "revision": ("case_revision", "Int64"),
    "accepted_mu": ("accepted_mu", "float64"),
    "accepted_floor_m2": ("accepted_floor_m2", "float64"),
    "accepted_on": ("accepted_on", "datetime64[s]"),
}
"""Column of PLOT_CASES → its name and type among the rows."""


def cases_of(run: RunTables, cases: pd.DataFrame | None) -> pd.DataFrame:
    """PLOT_CASES for the plots of the run, by parcel code; without a ledger no rows."""
    return PLOT_CASES.empty() if cases is None else cases_among(run.parcels["parcel_id"], cases)


def cases_among(parcels: pd.Series[str], cases: pd.DataFrame) -> pd.DataFrame:
    """PLOT_CASES for these parcels, by parcel code."""
    known = pd.Index(parcels).get_indexer(pd.Index(cases["parcel_id"]))
    here = cases[known >= 0]  # isin walks over every parcel
    return here.sort_values("parcel_id", ignore_index=True)


def plot_users(run: RunTables) -> pd.DataFrame:
    """One row a plot and user: the main user first, then by area, then by code.

    The main user is a flagged one before all others, else the one with the largest area, else the
    one with the smallest code.
    """
    codes = pd.Index(run.parcels["parcel_id"].sort_values())
    links = run.links[["parcel_id", "uscc", "name", "area_mu"]]
    keys = [one.key for one in run.rules.indicators]
    facts = [*_UNIT_TEXTS, *keys, *_UNIT_FLOATS, *_UNIT_COUNTS, "is_tied"]
    units = run.units[["uscc", *facts]]
    users = links.merge(units, on="uscc", how="left", validate="many_to_one")
    for name in _UNIT_TEXTS:
        users[name] = users[name].fillna("").astype("str")
    users["is_tied"] = users["is_tied"].astype("boolean").fillna(value=False).astype(bool)
    users["flagged"] = users["status"] == "low_efficiency"
    users["plot"] = codes.get_indexer(pd.Index(users["parcel_id"]))
    users = users[users["plot"] >= 0]
    area = -users["area_mu"].fillna(0.0).to_numpy()
    order = np.lexsort((users["uscc"].to_numpy(dtype=str), area, ~users["flagged"], users["plot"]))
    return users.iloc[order].reset_index(drop=True)


def plot_rows(run: RunTables, cases: pd.DataFrame) -> pd.DataFrame:
    """One row a plot, in the order of the codes."""
    rows = run.parcels[_PARCEL].sort_values("parcel_id", kind="stable", ignore_index=True)
    rows["contracts"] = _contracts(run, rows["parcel_id"])
    rows = _with_main_user(rows, run)
    return with_cases(rows, cases)


def with_cases(rows: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """The rows with what these cases say of them, whatever they said before."""
    rows = rows.copy(deep=False)
    if "run_class" in rows:
        rows["land_class"] = rows["run_class"]
    return _with_class(_with_case(rows, cases))


def _contracts(run: RunTables, parcels: pd.Series[str]) -> pd.Series[str]:
    idle = run.idle[["parcel_id", "contract_no"]].sort_values(["parcel_id", "contract_no"])
    joined: pd.Series[Any] = idle.groupby("parcel_id")["contract_no"].agg("; ".join)
    return parcels.map(joined.to_dict()).astype("object").fillna("").astype("str")


def _with_main_user(rows: pd.DataFrame, run: RunTables) -> pd.DataFrame:
    users = plot_users(run)
    main = users.drop_duplicates("plot").set_index("plot").reindex(rows.index)
    rows["main_uscc"] = main["uscc"].fillna("").astype("str")
    rows["main_name"] = main["name"].fillna("").astype("str")
    for name in _UNIT_TEXTS:
        rows[name] = main[name].fillna("").astype("str")
    for one in run.rules.indicators:
        rows[one.key] = main[one.key].astype("float64")
    for name in _UNIT_FLOATS:
        rows[name] = main[name].astype("float64")
    for name in _UNIT_COUNTS:
        rows[name] = main[name].astype("Int64")
    rows["is_tied"] = main["is_tied"].astype("boolean").fillna(value=False).astype(bool)
    return rows


def _with_case(rows: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    known = cases.drop_duplicates("parcel_id").set_index("parcel_id").reindex(rows["parcel_id"])
    for name, (target, kind) in _CASE.items():
        values = known[name].reset_index(drop=True)
        if kind == "str":
            values = values.astype("object").fillna("")
        rows[target] = values.astype(kind)  # type: ignore[call-overload]
    rows["case_open"] = rows["case_open"].fillna(value=False).astype(bool)
    return rows


def _with_class(rows: pd.DataFrame) -> pd.DataFrame:
    """The class of the run in ``run_class``; ``revitalised`` is the weightiest class."""
    done = (rows["case_state"] == "closed") & rows["accepted_on"].notna()
    rows["run_class"] = rows["land_class"]
    rows["land_class"] = rows["land_class"].mask(done, "revitalised").astype("str")
    rows["revitalised_year"] = rows["accepted_on"].dt.year.where(done).astype("Int64")
    return rows

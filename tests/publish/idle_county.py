"""The county of the publish tests with supply contracts: idle, both, in time, undetermined."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
from publish_county import NAMES, make_run, parcel

from landuse.publish import RunTables
from landuse.schema.published import RUN_IDLE

BLANK = {"text": "", "date": pd.NaT, "Int64": pd.NA, "float": float("nan"), "bool": False, "int": 2}
KINDS = {
    "text": "str", "date": "datetime64[s]", "Int64": "Int64", "float": "float64", "bool": "bool",
    "int": "int64",
}  # fmt: skip


def contracts() -> pd.DataFrame:
    """Contracts of parcels 1 (flagged, stalled), 11 (not started), 2 (in time), 3 (unclear)."""
    rows = [
        {
            "contract_no": "H1", "parcel_id": parcel(1), "holder": NAMES[1], "finding": "stalled",
            "land_status": "idle", "base_from": "suspended", "base_on": "2024-09-01",
            "one_year_on": "2025-09-01", "two_years_on": "2026-09-01", "days_to_next": 63,
            "cause": "enterprise", "consequence": "negotiated", "accounting_area_mu": 50.0,
            "area_mu": 50.0, "price_wan": 100.0, "actual_start": "2022-01-01",
            "suspended_since": "2024-09-01", "area_started_m2": 10000.0,
            "area_to_start_m2": 30000.0, "area_started_share": 1 / 3, "invested_wan": 24.0,
            "total_investment_wan": 100.0, "invested_share": 0.24, "known_parcel": True,
        },
        {
            "contract_no": "=H11", "parcel_id": parcel(11), "holder": "持有人11",
            "finding": "not_started", "land_status": "idle", "base_from": "agreed",
            "base_on": "2025-06-30", "one_year_on": "2026-06-30", "two_years_on": "2027-06-30",
            "days_to_next": 0, "cause": "enterprise", "consequence": "fee", "fee_wan": 64.02,
            "price_wan": 320.09, "accounting_area_mu": 50.0, "agreed_start": "2025-06-30",
            "known_parcel": True, "missing": "delivered_on",
        },
        {
            "contract_no": "H2", "parcel_id": parcel(2), "land_status": "supplied_unused",
            "base_from": "agreed", "base_on": "2026-01-01", "one_year_on": "2027-01-01",
            "two_years_on": "2028-01-01", "days_to_next": 185, "agreed_start": "2026-01-01",
            "known_parcel": True, "remarks": "extension_over_a_year; start_in_future",
        },
        {
            "contract_no": "H3", "parcel_id": parcel(3), "finding": "undetermined",
            "land_status": "undetermined", "missing": "agreed_start; delivered_on",
            "known_parcel": True,
        },
        {
            "contract_no": "H9", "parcel_id": "不在图上", "finding": "not_started",
            "land_status": "idle", "late_delivery": True, "consequence": "late_delivery",
            "base_from": "agreed", "base_on": "1899-05-05", "one_year_on": "1900-05-05",
            "two_years_on": "1901-05-05", "agreed_start": "1899-05-05",
            "delivered_on": "1899-06-01", "remarks": "collective",
        },
    ]  # fmt: skip
    columns: dict[str, Any] = {
        column.name: pd.Series(
            [row.get(column.name, BLANK[column.dtype]) for row in rows], dtype=KINDS[column.dtype]
        )
        for column in RUN_IDLE
    }
    columns["source_file"] = pd.Series(["供地.xlsx"] * len(rows), dtype="str")
    frame = pd.DataFrame(columns).sort_values(["contract_no", "parcel_id"], ignore_index=True)
    return RUN_IDLE.check(frame)


def idle_run() -> RunTables:
    """The run: parcel 1 is idle and of low efficiency, 11 is idle, 2 in time, 3 undetermined."""
    run = make_run()
    table = contracts()
    by_parcel = table[table["known_parcel"]].set_index("parcel_id")
    parcels = run.parcels.copy()
    for column, name in (("idle_finding", "finding"), ("land_status", "land_status")):
        parcels[column] = parcels["parcel_id"].map(by_parcel[name]).fillna("used").astype("str")
    parcels["idle_finding"] = parcels["idle_finding"].replace("used", "")
    parcels["is_idle"] = parcels["land_status"] == "idle"
    parcels["land_class"] = (
        parcels["land_class"]
        .mask(parcels["is_idle"], "idle")
        .mask(parcels["is_idle"] & parcels["is_low_efficiency"], "both")
    )
    area = parcels["accounting_area_mu"]
    classes = ["both", "idle", "low_efficiency", "no_enterprise", "normal", "not_graded",
               "out_of_scope"]  # fmt: skip
    totals = {
        **run.totals,
        "idle_parcels": 2, "idle_mu": 100.0, "idle_fee_wan": 64.02, "supply_contracts": 5,
        "idle_contracts": {"not_started": 2, "stalled": 1, "undetermined": 1},
        "land_status": {
            name: {"count": int(mine.sum()), "mu": float(area[mine].sum())}
            for name in ("supplied_unused", "used", "idle", "undetermined")
            for mine in [parcels["land_status"] == name]
        },
        "classes": {
            name: {"count": int(mine.sum()), "mu": float(area[mine].sum())}
            for name in classes
            for mine in [parcels["land_class"] == name]
        },
    }  # fmt: skip
    manifest = {**run.manifest, "totals": totals, "examined": ["low_efficiency", "idle"]}
    return dataclasses.replace(run, parcels=parcels, idle=table, totals=totals, manifest=manifest)

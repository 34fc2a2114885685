"""A ledger, areas and a second run for the county of the publish tests."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pandas as pd
import shapely
from publish_county import make_run, parcel, uscc

from landuse.publish import RunTables
from landuse.schema.plot_cases import PLOT_CASES
from landuse.schema.published import RUN_AREAS

KINDS = {"text": "str", "int": "int64", "float": "float64", "bool": "bool", "date": "datetime64[s]"}
HISTORY = [
    {"at": "2026-03-02T01:30:00+00:00", "by": "李四", "text_zh": "验收", "text_en": "accepted"},
    {"at": "2025-03-02T01:30:00+00:00", "by": "<b>", "text_zh": "立案", "text_en": "opened"},
]


def case(number: int, name: str, state: str, **values: Any) -> dict[str, Any]:
    """One row of PLOT_CASES; what is not given is blank."""
    blank = {"text": "", "int": 1, "float": 0.0, "bool": False, "date": pd.NaT}
    row: dict[str, Any] = {column.name: blank[column.dtype] for column in PLOT_CASES}
    row |= {"parcel_id": parcel(number), "number": name, "state": state, "history_json": "[]"}
    row |= {"kind": "low_efficiency", "is_open": state not in {"closed", "removed"}}
    return row | values


def ledger() -> pd.DataFrame:
    """Plots 2 and 3 revitalised in 2024 and 2026, 1 partly, 4 suspected, 5 removed; 2 and 6 are
    one case with two plots (closed without acceptance of 6 is not: both are of the case)."""
    day = pd.Timestamp
    rows = [
        case(1, "2025-001", "in_disposal", case_mu=50.0, accepted_mu=1.5, accepted_floor_m2=100.0,
             remaining_mu=48.5, disposed_mu=1.5),
        case(2, "2024-001", "closed", case_mu=100.0, accepted_mu=90.5, accepted_floor_m2=1234.5,
             accepted_on=day("2024-05-06"), ways="auction; reinvest", disposed_mu=90.5,
             responsible_unit="管委会", history_json=json.dumps(HISTORY)),
        case(3, "2026-002", "closed", case_mu=50.0, accepted_mu=50.0,
             accepted_on=day("2026-02-03"), disposed_mu=50.0),
        case(4, "2026-003", "suspected", case_mu=50.0, remaining_mu=50.0, relapse_of="2019-007"),
        case(5, "2026-004", "removed", accepted_mu=7.0),
        case(6, "2024-001", "closed", case_mu=100.0, accepted_mu=90.5, accepted_floor_m2=1234.5,
             accepted_on=day("2024-05-06"), disposed_mu=90.5),
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    for column in PLOT_CASES:
        frame[column.name] = frame[column.name].astype(KINDS[column.dtype])
    return PLOT_CASES.check(frame)


def with_areas(run: RunTables) -> RunTables:
    """The run with one park around all plots and two land grades."""
    west, south, east, north = shapely.total_bounds(run.parcels["geometry"].to_numpy())
    middle = (west + east) / 2
    frame = pd.DataFrame(
        {
            "kind": ["grade", "grade", "park"],
            "name": ["一级<i>", "二级", "经开区"],
            "park_type": ["", "", "emerging"],
            "benchmark_price_yuan_per_m2": [480.0, 240.0, np.nan],
            "geometry": [
                shapely.box(west, south, middle, north),
                shapely.box(middle, south, east, north),
                shapely.box(west - 50, south - 50, east + 50, north + 50),
            ],
        }
    )
    for column in RUN_AREAS:
        if column.dtype != "geometry":
            frame[column.name] = frame[column.name].astype(KINDS[column.dtype])
    return dataclasses.replace(run, areas=RUN_AREAS.check(frame))


def earlier() -> RunTables:
    """The year before: plot 1 was normal, plot 4 flagged, plot 12 not there; firm 4 for firm 1."""
    run = make_run()
    parcels = run.parcels[run.parcels["parcel_id"] != parcel(12)].copy()
    kinds = {parcel(1): "normal", parcel(4): "low_efficiency"}
    parcels["land_class"] = parcels["parcel_id"].map(kinds).fillna(parcels["land_class"])
    units = run.units.copy()
    statuses = {uscc(1): "ranked", uscc(4): "low_efficiency"}
    units["status"] = units["uscc"].map(statuses).fillna(units["status"])
    links = run.links[run.links["parcel_id"] != parcel(12)].reset_index(drop=True)
    sums = parcels.groupby("land_class")["accounting_area_mu"].agg(["size", "sum"])
    classes = {key: {"count": int(n), "mu": float(mu)} for key, n, mu in sums.itertuples()}
    totals = {**run.totals, "classes": classes, "parcels": 11, "parcels_mu": 550.0}
    project = {**run.manifest["project"], "year": 2024, "as_of": "2025-06-30"}
    return dataclasses.replace(
        run,
        parcels=parcels.reset_index(drop=True),
        units=units,
        links=links,
        totals=totals,
        manifest={**run.manifest, "project": project, "run_id": "earlier"},
    )

"""A county of many plots and enterprises, with a mark in everything that must not leave."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import shapely.affinity
from map_ledger import case
from publish_county import make_run, parcel, typed, uscc

from landuse.publish import RunTables
from landuse.publish.columns import tables_of
from landuse.schema.plot_cases import PLOT_CASES

KEPT = {
    # what a public copy may tell, and codes that the tables need to be read at all
    *("park", "park_type", "land_class", "division", "cohort", "status", "relation", "evidence"),
    *("certainty", "area_rule", "area_source", "price_source", "indicator", "severity", "owner"),
    *("kind", "state", "idle_finding", "land_status", "finding", "table", "reason"),
}
MONEY = 918273.0
"""Planted as tax and output: no other figure begins with these digits."""


def county(copies: int = 40) -> RunTables:
    """Copies of the county of twelve, each with its own codes; parks of ten copies each."""
    one = make_run()

    def many(name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        frame = getattr(one, name)
        parts = [
            frame.assign(**{column: frame[column] + f"-{copy:02d}" for column in columns})
            for copy in range(copies)
        ]
        return pd.concat(parts, ignore_index=True)

    parcels = many("parcels", ("parcel_id",))
    copy = np.repeat(np.arange(copies), len(one.parcels))
    parcels["park"] = [f"第{n // 10}园区" if n < copies - 1 else "小园区" for n in copy]
    moved = [
        shapely.affinity.translate(shape, 3.3, shift + 1.7)
        for shape, shift in zip(parcels["geometry"], copy * 301.0, strict=True)
    ]
    parcels["geometry"] = np.array(moved, dtype=object)
    parcels["township"] = "青阳街道"
    units = many("units", ("uscc", "unit_id"))
    units["score"] = units["score"] + np.linspace(0, 0.4, len(units))
    classes = {
        key: {"count": copies * value["count"], "mu": copies * value["mu"]}
        for key, value in one.totals["classes"].items()
    }
    totals = {**one.totals, "classes": classes, "parcels_mu": copies * one.totals["parcels_mu"]}
    run = dataclasses.replace(
        one,
        parcels=parcels,
        units=units,
        links=many("links", ("parcel_id", "uscc")),
        indicators=many("indicators", ("unit_id",)),
        totals=totals,
    )
    return typed(run)


def planted(run: RunTables) -> tuple[RunTables, pd.DataFrame, list[str]]:
    """The run and its ledger with a mark in each text that must not leave; and the marks."""
    marks: list[str] = []

    def mark(name: str) -> str:
        marks.append(f"MK{len(marks):03d}q{name}")
        return marks[-1]

    codes = {column: mark(column) for column in ("parcel_id", "uscc", "unit_id")}
    frames: dict[str, Any] = {}
    for table in tables_of(run.rules):
        frame = getattr(run, table.name).copy()
        for column in table:
            if column.name in codes:
                frame[column.name] = codes[column.name] + frame[column.name]
            elif column.dtype == "text" and column.name not in KEPT and len(frame):
                frame[column.name] = mark(f"{table.name}.{column.name}")
        for name in ("tax_wan", "output_wan", "price_wan", "fee_wan"):
            if name in frame:
                frame[name] = MONEY
        frames[table.name] = frame
    run = dataclasses.replace(run, **frames)
    cases = _ledger(codes["parcel_id"], mark)
    return run, cases, marks


def _ledger(code: str, mark: Callable[[str], str]) -> pd.DataFrame:
    rows = [
        case(number, mark("case.number"), state, accepted_on=day, accepted_mu=MONEY)
        for number, state, day in (
            (1, "suspected", pd.NaT),
            (2, "closed", pd.Timestamp("2025-01-02")),
            (3, "removed", pd.NaT),
        )
    ]
    cases = pd.DataFrame(rows)
    cases["parcel_id"] = [f"{code}{parcel(n)}-{n:02d}" for n in (1, 2, 3)]
    act = {"at": "", "by": mark("by"), "text_zh": mark("zh"), "text_en": ""}
    cases["history_json"] = [json.dumps([act])] * 3
    known = {"parcel_id", "number", "state", "kind", "history_json"}
    for column in PLOT_CASES:
        if column.dtype == "text" and column.name not in known:
            cases[column.name] = mark(f"cases.{column.name}")
        if column.dtype == "date":
            cases[column.name] = cases[column.name].astype("datetime64[s]")
    return cases


__all__ = ["KEPT", "MONEY", "county", "planted", "uscc"]

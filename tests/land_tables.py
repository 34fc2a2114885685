"""Parcels, enterprises, zones and their like from a few words each; for tests of land."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landuse.issues import IssueLog
from landuse.matching import find_links, share_out
from landuse.rules import load
from landuse.rules.model import Rules
from landuse.schema import tables
from landuse.schema.frame import Table

AS_OF = dt.date(2026, 6, 30)
M2 = 1_000_000
_BLANK = {"text": "", "int": 0, "Int64": pd.NA, "float": np.nan, "bool": False, "date": pd.NaT}
_TYPE = {"text": "str", "int": "int64", "Int64": "Int64", "float": "float64", "bool": "bool"}


def rules(**override: object) -> Rules:
    """The default pack with some values changed."""
    return load("three-indicator", as_of=AS_OF, override=override)


def frame(table: Table, rows: Iterable[Mapping[str, Any]], **more: str) -> pd.DataFrame:
    """A frame of ``table``: what ``rows`` leave out is blank; rows are numbered from 2."""
    filled = [{"source_file": table.name, "source_row": n, **row} for n, row in enumerate(rows, 2)]
    if not filled:
        return table.empty()
    columns = {
        column.name: [row.get(column.name, _BLANK.get(column.dtype)) for row in filled]
        for column in table
    }
    made = pd.DataFrame(
        {
            column.name: pd.Series(
                columns[column.name],
                dtype="datetime64[s]" if column.dtype == "date" else _TYPE.get(column.dtype),
            )
            for column in table
        }
    )
    for name in more:
        made[name] = [row.get(name) for row in filled]
    return table.check(made)


def parcel(parcel_id: str, area: float = 100.0, at: float = 0.0, **more: Any) -> dict[str, Any]:
    """A square parcel of ``area`` m² whose lower left corner is (``at``, 0)."""
    side = float(np.sqrt(area))
    micro = round(area * M2)
    return {
        "parcel_id": parcel_id,
        "geometry": shapely.box(at, 0, at + side, side),
        "geometry_area_m2_micro": micro,
        "accounting_area_m2_micro": micro,
        "area_source": "geometry",
        **more,
    }


def parcels(*rows: Mapping[str, Any]) -> pd.DataFrame:
    return frame(tables.PARCELS, rows)


def firms(*rows: Mapping[str, Any] | str) -> pd.DataFrame:
    """Enterprises; a plain code is one that is named after it."""
    made = [{"uscc": row, "name": f"{row}公司"} if isinstance(row, str) else row for row in rows]
    return frame(tables.ENTERPRISES, made)


def use(
    parcel_id: str,
    uscc: str,
    area: float | None = None,
    relation: str = "",
    kind: str = "land",
    **more: Any,
) -> dict[str, Any]:
    """A row of the occupancy table; ``area`` in m²."""
    micro = pd.NA if area is None else round(area * M2)
    return {
        "parcel_id": parcel_id, "uscc": uscc, "relation": relation, "area_kind": kind,
        "area_m2_micro": micro, **more,
    }  # fmt: skip


def occupancy(*rows: Mapping[str, Any]) -> pd.DataFrame:
    return frame(tables.OCCUPANCY, rows)


def confirmed(*pairs: tuple[str, str]) -> pd.DataFrame:
    return frame(tables.CONFIRMED, [{"parcel_id": one, "uscc": two} for one, two in pairs])


def zone(grade: str, price: float, box: tuple[float, float, float, float]) -> dict[str, Any]:
    return {
        "grade": grade, "benchmark_price_yuan_per_m2": price, "geometry": shapely.box(*box),
    }  # fmt: skip


def links_of(
    land: pd.DataFrame,
    *used: Mapping[str, Any],
    log: IssueLog | None = None,
    construction: Iterable[str] = (),
    **override: object,
) -> pd.DataFrame:
    """LINKS of ``land`` used as said; every user is in the enterprise table."""
    table = occupancy(*used)
    log = IssueLog() if log is None else log
    found = find_links(
        land, tables.LOST_PARCELS.empty(), firms(*sorted(set(table["uscc"]))), table,
        tables.CONFIRMED.empty(), log,
    )  # fmt: skip
    return share_out(found.links, land, table, set(construction), rules(**override), log)


def codes(log: IssueLog) -> list[str]:
    """The codes of the issues in a log, sorted."""
    return sorted(issue.code.removeprefix("matching.") for issue in log)

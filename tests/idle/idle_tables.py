"""Contracts and parcels on paper: every row states only what a case is about."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pandas as pd
from land_tables import frame, parcel, parcels, rules

from landuse.idle import find_idle
from landuse.issues import IssueLog
from landuse.rules.model import Rules
from landuse.schema.tables import SUPPLY
from landuse.units import exact_micro

STATE: Final = "330102001001GB00001"
"""A parcel of the state; its 13th character is G."""
COLLECTIVE: Final = "330102001001JB00001"
PACK: Final = rules()
DAY: Final = dt.date(2026, 6, 30)
_UNITS: Final = {
    **dict.fromkeys(("area", "area_to_start", "area_started"), "m2"),
    **dict.fromkeys(("price", "total_investment", "invested"), "wan"),
}


def contract(**stated: Any) -> dict[str, Any]:
    """One contract; areas in m², money in 万元, dates as text."""
    row = {"contract_no": "C1", "parcel_id": STATE}
    for name, value in stated.items():
        if name not in _UNITS:
            assert name in SUPPLY.names, name
            row[name] = value
        elif value is not None:
            row[f"{name}_{_UNITS[name]}_micro"] = exact_micro(value)
    return row


def supply(*rows: dict[str, Any]) -> pd.DataFrame:
    return frame(SUPPLY, rows)


def land(*codes: str, **columns: Any) -> pd.DataFrame:
    """Parcels of 10 000 m² each; ``columns`` give a value for all."""
    return parcels(*(parcel(code, 10_000, 200 * n, **columns) for n, code in enumerate(codes)))


def find(
    *rows: dict[str, Any],
    as_of: dt.date = DAY,
    parcels: pd.DataFrame | None = None,
    pack: Rules | None = None,
    log: IssueLog | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Findings and status of contracts; the parcels are those that the contracts name."""
    if parcels is None:
        parcels = land(*sorted({row["parcel_id"] for row in rows if row["parcel_id"]}))
    log = IssueLog() if log is None else log
    return find_idle(supply(*rows), parcels, pack or PACK, as_of, log)


def one(as_of: dt.date | str = DAY, **stated: Any) -> dict[str, Any]:
    """The finding of a single contract; dates as text, missing as ``None``."""
    day = dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    row = find(contract(**stated), as_of=day)[0].iloc[0].to_dict()
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    if value is pd.NaT or value is pd.NA:
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else value

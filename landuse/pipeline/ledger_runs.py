"""A run folder as the ledger takes it: the run itself and what it found, parcel by parcel."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landuse.crs import parse
from landuse.errors import UserError
from landuse.ledger.findings import FINDING_COLUMNS, Rows, RunRecord
from landuse.ledger.run_units import FACTS
from landuse.publish.reader import RunFolder, open_run
from landuse.scaled import mu_e4_from_micro_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

__all__ = ["read_run", "shapes_in"]

_UNIT_FACTS: Final = (
    "score", "rank", "cohort", "cohort_size", "quota", "cutoff_score", "margin", "firmness",
    "flips_under", "industry_code",
)  # fmt: skip
_CONTRACT_FACTS: Final = (
    "contract_no", "holder", "finding", "cause", "consequence", "base_from", "base_on",
    "one_year_on", "two_years_on", "days_to_next", "fee_wan_e6", "late_delivery", "collective",
    "missing",
)  # fmt: skip
_IDLE: Final = ("not_started", "stalled")


def read_run(folder: Path) -> RunRecord:
    """The run in ``folder``: its inputs, rules, totals, and one row a finding.

    Low-efficiency findings carry the flagged mu, idle findings the accounting area (of land that
    is in no layer, the area of its contracts). All enterprises of the parcel stand in each.
    Raises :class:`landuse.errors.UserError` if ``folder`` is no run folder.
    """
    run = open_run(folder)
    project, rules = run.manifest["project"], run.manifest["rules"]
    try:
        as_of = dt.date.fromisoformat(project["as_of"])
        year = int(project["year"])
        pack, version, digest = (str(rules[name]) for name in ("pack", "version", "digest"))
    except (KeyError, TypeError, ValueError) as fault:
        raise UserError.of("ledger_runs.run_incomplete", value=str(folder)) from fault
    findings, kinds = _findings(run, project["crs"])
    return RunRecord(
        run_id=run.manifest["run_id"],
        as_of=as_of,
        year=year,
        pack=pack,
        pack_version=version,
        rules_digest=digest,
        crs=project["crs"],
        inputs={
            "kinds": sorted(kinds),
            "files": run.manifest["inputs"],
            "corrections": _corrections(run),
        },
        totals=run.manifest["totals"],
        kinds=kinds,
        findings=findings,
        parcels=lambda: _frames(run, "parcels", ["parcel_id", "geometry"]),
        units=_units(run),
    )


def _frames(run: RunFolder, name: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    """Columns of a table as frames, a row group at a time."""
    return (rows.to_pandas() for rows in run.row_groups(name, columns))


def _units(run: RunFolder) -> Rows | None:
    """Every enterprise with its place in its industry; ``None`` where none was graded."""
    first = next((rows for rows in run.row_groups("units") if rows.num_rows), None)
    if first is None:
        return None
    columns = ["uscc", *(name for name in FACTS if name in first.column_names)]
    return lambda: _frames(run, "units", columns)


def _corrections(run: RunFolder) -> list[dict[str, str]]:
    """What became of each correction that the run was given."""
    names = ["table", "key", "column", "old", "new", "outcome"]
    rows = run.table("corrections", columns=names).to_dict("records")
    return [{str(name): str(value) for name, value in row.items()} for row in rows]


def shapes_in(folder: Path, parcels: list[str]) -> dict[str, BaseGeometry]:
    """Shapes of some parcels of the run in ``folder``.

    Raises :class:`landuse.errors.UserError` naming the parcels that it does not have.
    """
    run = open_run(folder)
    names = ["parcel_id", "geometry"]
    found = run.table("parcels", columns=names, where=("parcel_id", parcels))
    absent = sorted(set(parcels) - set(found["parcel_id"]))
    if absent:
        raise UserError.of("ledger_runs.parcel_not_in_run", key=", ".join(absent), value=folder)
    shapes = _shapes(found["geometry"].to_numpy(dtype=object), run.manifest["project"]["crs"])
    return dict(zip(found["parcel_id"], shapes, strict=True))


_PARCEL: Final = (
    "parcel_id", "holder", "accounting_area_mu", "is_low_efficiency", "flagged_area_mu", "park",
    "township", "geometry",
)  # fmt: skip
"""What is read of a parcel with a finding, its shape as WKB."""


def _flagged(
    run: RunFolder, name: str, columns: Sequence[str] | None, flag: pc.Expression
) -> pd.DataFrame:
    """The rows of a table that ``flag`` chooses; of the others only a row group at a time."""
    some = list(columns) if columns else None
    rows = [rows.filter(flag) for rows in run.row_groups(name, some)]
    frame: pd.DataFrame = pa.concat_tables(rows).to_pandas()
    return frame


def _findings(run: RunFolder, crs: str) -> tuple[pd.DataFrame, frozenset[str]]:
    low = _flagged(run, "parcels", _PARCEL, pc.field("is_low_efficiency"))
    idle = _idle_rows(run)
    touched = sorted({*low["parcel_id"], *(idle["parcel_id"] if idle is not None else ())})
    links = run.table("links", where=("parcel_id", touched))
    links["area_mu_e4"] = _mu_e4(links["area_mu"].to_numpy(dtype=np.float64))
    enterprises = _by_parcel(links, _enterprise)
    frames = [_low(run, low, links, enterprises)]
    if idle is not None:
        wanted = ("parcel_id", idle["parcel_id"])
        land = run.table("parcels", columns=list(_PARCEL), where=wanted)
        frames.append(_idle(idle, land, enterprises))
    found = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    kinds = run.manifest.get(
        "examined", ["low_efficiency", *(["idle"] if idle is not None else [])]
    )
    looked_for = found[found["kind"].isin(kinds)]
    ordered = looked_for.sort_values(["kind", "parcel_id"], ignore_index=True)
    ordered["geometry"] = _shapes(ordered["geometry"].to_numpy(dtype=object), crs)
    return ordered[list(FINDING_COLUMNS)], frozenset(kinds)


def _shapes(wkb: npt.NDArray[np.object_], crs: str) -> pd.Series[Any]:
    """Shapes that know the number of their system (EPSG; 0 where it has none)."""
    code = parse(crs).to_epsg() or 0
    shapes = shapely.set_srid(shapely.from_wkb(wkb), code)
    return pd.Series(shapes, dtype=object)


def _mu_e4(mu: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Published mu at 4 decimals: back to the whole millionths of a m² that they were made from."""
    micro = np.rint(np.nan_to_num(mu) * 2e9 / 3.0).astype(np.int64)
    return mu_e4_from_micro_array(micro)


def _by_parcel(
    frame: pd.DataFrame, item: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(frame, [str(name) for name in frame.columns]):
        out.setdefault(str(row["parcel_id"]), []).append(item(row))
    return out


def _rows(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows one after another: all of them at once are many times the frame."""
    columns = [frame[name].tolist() for name in names]
    return (dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True))


def _enterprise(row: dict[str, Any]) -> dict[str, Any]:
    return {"uscc": row["uscc"], "name": row["name"], "area_mu_e4": int(row["area_mu_e4"])}


def _low(
    run: RunFolder,
    parcels: pd.DataFrame,
    links: pd.DataFrame,
    enterprises: dict[str, list[dict[str, Any]]],
) -> pd.DataFrame:
    flagged = _flagged(run, "units", None, pc.field("status") == "low_efficiency")
    flagged = flagged[flagged["uscc"].isin(links["uscc"])]
    indicators = [str(one["key"]) for one in run.pack["indicators"]]
    last_year = [f"last_year_{key}" for key in indicators]
    names = [name for name in (*_UNIT_FACTS, *indicators, *last_year) if name in flagged.columns]
    facts = {
        str(row["uscc"]): {name: _plain(row[name]) for name in names}
        for row in _rows(flagged, ["uscc", *names])
    }
    mine = links[links["uscc"].isin(facts) & links["parcel_id"].isin(parcels["parcel_id"])]
    by_parcel = _by_parcel(mine, lambda row: {**_enterprise(row), **facts[row["uscc"]]})
    details = [_low_detail(by_parcel.get(parcel, [])) for parcel in parcels["parcel_id"]]
    return _frame("low_efficiency", parcels, parcels["flagged_area_mu"], enterprises, details)


def _low_detail(units: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of the flagged enterprise with the lowest score, and all flagged ones below."""
    ordered = sorted(units, key=lambda unit: (unit.get("score") or 0, unit["uscc"]))
    first = ordered[0] if ordered else {}
    return {**{key: first[key] for key in first if key != "area_mu_e4"}, "units": ordered}


def _frame(
    kind: str,
    parcels: pd.DataFrame,
    mu: pd.Series[float],
    enterprises: dict[str, list[dict[str, Any]]],
    details: list[dict[str, Any]],
) -> pd.DataFrame:
    ids = parcels["parcel_id"].tolist()
    return pd.DataFrame(
        {
            "kind": kind,
            "parcel_id": ids,
            "mu_e4": _mu_e4(np.asarray(mu, dtype=np.float64)),
            "enterprises_json": [enterprises.get(parcel, []) for parcel in ids],
            "park": parcels["park"].tolist(),
            "township": parcels["township"].tolist(),
            "detail_json": details,
            "geometry": parcels["geometry"].tolist(),
        },
        columns=list(FINDING_COLUMNS),
    )


def _idle_rows(run: RunFolder) -> pd.DataFrame | None:
    """The contracts with a finding; ``None`` where the run had no supply to look at."""
    examined = run.manifest.get("examined", ["idle"])
    if "idle" not in examined or not run.files("idle")[0].is_file():
        return None
    rows = run.table("idle")
    if "fee_wan_micro" in rows.columns:
        rows["fee_wan_e6"] = rows["fee_wan_micro"]
    elif "fee_wan" in rows.columns:
        rows["fee_wan_e6"] = (rows["fee_wan"].astype("Float64") * 1e6).round().astype("Int64")
    return rows[rows["finding"].isin(_IDLE) & (rows["parcel_id"] != "")]


def _idle(
    rows: pd.DataFrame, parcels: pd.DataFrame, enterprises: dict[str, list[dict[str, Any]]]
) -> pd.DataFrame:
    names = [name for name in _CONTRACT_FACTS if name in rows.columns]
    contracts = _by_parcel(rows, lambda row: {name: _plain(row[name]) for name in names})
    ids = sorted(contracts)
    known = parcels.set_index("parcel_id").reindex(ids).reset_index()
    for name in ("park", "township"):
        if name in rows.columns:
            stated = rows.groupby("parcel_id")[name].first()
            known[name] = known[name].fillna(known["parcel_id"].map(stated))
        known[name] = known[name].fillna("")
    known["geometry"] = known["geometry"].astype(object).where(known["geometry"].notna(), None)
    of_contracts = _stated_mu(rows).reindex(ids).to_numpy(dtype=np.float64)
    mu = known["accounting_area_mu"].fillna(pd.Series(of_contracts))
    details = [_idle_detail(contracts[parcel]) for parcel in ids]
    return _frame("idle", known, mu, enterprises, details)


def _stated_mu(rows: pd.DataFrame) -> pd.Series[float]:
    """Mu that the contracts of each parcel state together; missing where none does."""
    if "area_m2_micro" in rows.columns:
        mu = rows["area_m2_micro"].astype("Float64") * 3.0 / 2e9
    elif "area_mu" in rows.columns:
        mu = rows["area_mu"].astype("Float64")
    else:
        mu = pd.Series(pd.NA, index=rows.index, dtype="Float64")
    return mu.groupby(rows["parcel_id"]).sum(min_count=1).astype("float64")


def _idle_detail(contracts: list[dict[str, Any]]) -> dict[str, Any]:
    """All contracts with a finding, and first the one that supports fee and withdrawal least.

    The statutory ways hold for a parcel only where each of its contracts supports them.
    """

    def support(one: dict[str, Any]) -> tuple[object, ...]:
        by_firm = one["finding"] == "not_started" and one["cause"] == "enterprise"
        full = by_firm and not one.get("late_delivery") and not one.get("collective")
        latest_first = "".join(chr(0x7F - ord(sign)) for sign in one.get("base_on") or "")
        return full, _IDLE.index(one["finding"]), latest_first, one["contract_no"]

    ordered = sorted(contracts, key=support)
    return {**ordered[0], "contracts": ordered}


def _plain(value: object) -> object:
    """A cell as JSON has it: days in ISO form, what is missing as null."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return None if value != value else value
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value

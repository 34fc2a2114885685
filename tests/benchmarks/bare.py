"""Our own way through the peers' job: the rooms' functions in the order of the batch, no checks.

From GeoParquet to flags, without the tables that explain them, without issues and firmness. One
core reads the polygons, overlays them with the zones, as they lie in the file, and writes them
with their prices, while the other decides who uses what and ranks. Memory is kept as in the batch.
"""

from __future__ import annotations

import tomllib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from floor import INPUTS

from landuse import indicators, matching
from landuse.issues import IssueLog
from landuse.keys import in_order
from landuse.outlines import outlines
from landuse.overlay import Shapes
from landuse.pipeline.memory import kept_for_reuse
from landuse.ranking.places import Places, place, quota
from landuse.ranking.score import SCORE_SCALE, score, yardsticks
from landuse.ranking.sheet import Grid, Sheet
from landuse.rules import load
from landuse.rules.model import Rules
from landuse.schema import tables
from landuse.units import MICRO

__all__ = ["run"]

Floats = npt.NDArray[np.float64]
REPEATED = ["industry_code", "cohort", "land_use_code", "township"]
"""What is worth a dictionary: of keys, numbers and shapes it is work for nothing."""


def run(folder: Path, out: Path) -> None:
    """Write ``units.parquet`` and ``parcels.parquet`` into ``out``."""
    project = tomllib.loads((folder / "project.toml").read_text(encoding="utf-8"))["project"]
    rules = load("three-indicator", as_of=project["as_of"])
    with kept_for_reuse(), ThreadPoolExecutor(max_workers=1) as beside:
        overlaid = beside.submit(_overlaid, folder, rules)
        told = pq.read_schema(folder / "parcels.parquet").names
        told.remove("geometry")
        lots = _read(folder, "parcels", told)
        written = beside.submit(_write_parcels, lots, overlaid, out)
        parcels = _parcels(lots)
        enterprises, figures = _firms(_read(folder, "enterprises"), project["year"])
        found, links = _links(parcels, enterprises, _occupancy(_read(folder, "occupancy")), rules)
        prices = pd.DataFrame(
            {
                "parcel_id": parcels["parcel_id"],
                "benchmark_price_yuan_per_m2": overlaid.result().price,
            },
            copy=False,
        )
        units = _units(enterprises, figures, found, links, prices, rules, project["year"])
        _write(units, out / "units.parquet")
        written.result()


class _Overlaid(NamedTuple):
    """The polygons as they lie in the file, the area of each, and its price from the zones."""

    wkb: pa.ChunkedArray
    area: Floats
    price: Floats


def _read(folder: Path, name: str, columns: list[str] | None = None) -> pa.Table:
    rows = pc.field("year") == 2025 if name == "enterprises" else None
    return pq.read_table(folder / f"{name}.parquet", columns=columns or INPUTS[name], filters=rows)


def _write(table: pa.Table, path: Path) -> None:
    names = [name for name in REPEATED if name in table.column_names]
    pq.write_table(table, path, use_dictionary=names)


def _write_parcels(lots: pa.Table, overlaid: Future[_Overlaid], out: Path) -> None:
    shapes, area, price = overlaid.result()
    columns = dict(zip(lots.column_names, lots.columns, strict=True))
    table = pa.table({**columns, "geometry": shapes, "area_m2": area, "price": price})
    _write(table, out / "parcels.parquet")


def _overlaid(folder: Path, rules: Rules) -> _Overlaid:
    wkb = _read(folder, "parcels", ["geometry"])["geometry"]
    zones = _read(folder, "zones")
    frame = pd.DataFrame(
        {
            "grade": pd.Series([""] * len(zones), dtype="str"),
            "benchmark_price_yuan_per_m2": zones["benchmark_price_yuan_per_m2"].to_numpy(),
            "geometry": shapely.from_wkb(zones["geometry"].to_numpy()),
        }
    )
    polygons = outlines(wkb) or Shapes(shapely.from_wkb(wkb.to_numpy()))
    price = indicators.zone_prices(polygons, _source(frame), rules, IssueLog())
    return _Overlaid(wkb, polygons.area, price)


def _micro(column: pa.ChunkedArray) -> pd.Series:
    """Exact millionths; missing stays missing."""
    values = pc.multiply(column, MICRO)
    return (
        pc.round(values, round_mode="half_to_even")
        .cast(pa.int64())
        .to_pandas(types_mapper=lambda kind: pd.Int64Dtype())
    )


def _text(column: pa.ChunkedArray) -> pd.Series:
    return column.cast(pa.large_string()).to_pandas().astype("str")


def _same(text: str, rows: int) -> pd.Series:
    """One text for all rows."""
    return pd.Series(pd.array([text], dtype="str").repeat(rows))


def _source(frame: pd.DataFrame) -> pd.DataFrame:
    blank = _same("", len(frame))
    return frame.assign(source_file=blank, source_sheet=blank, source_row=np.arange(len(frame)))


def _parcels(read: pa.Table) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "parcel_id": _text(read["parcel_id"]),
            "geometry": None,
            "accounting_area_m2_micro": _micro(read["registered_area"]).astype("int64"),
            "built_area_m2_micro": pd.Series(pd.array([pd.NA], dtype="Int64").repeat(len(read))),
            "holder": _same("", len(read)),
            "uscc": _text(read["uscc"]),
            "land_use_code": _text(read["land_use_code"]),
        },
        copy=False,
    )
    return _source(frame)


def _occupancy(read: pa.Table) -> pd.DataFrame:
    area = _micro(read["area"])
    frame = pd.DataFrame(
        {
            "parcel_id": _text(read["parcel_id"]),
            "uscc": _text(read["uscc"]),
            "relation": pd.Series(np.where(area.isna(), "own", "lease"), dtype="str"),
            "area_m2_micro": area,
            "area_kind": _same("land", len(read)),
        },
        copy=False,
    )
    return _source(frame)


def _firms(read: pa.Table, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    uscc, industry = _text(read["uscc"]), _text(read["industry_code"])
    enterprises = pd.DataFrame(
        {
            "uscc": uscc,
            "name": _same("", len(uscc)),
            "industry_code": industry,
            "division": industry.str[:2],
            "x": np.nan,
            "y": np.nan,
        },
        copy=False,
    )
    figures = pd.DataFrame(
        {
            "uscc": uscc,
            "year": year,
            "tax_wan_micro": _micro(read["tax"]),
            "output_wan_micro": _micro(read["output"]),
            "energy_tce_micro": _micro(read["energy_tce"]),
        },
        copy=False,
    )
    return enterprises, figures


def _links(
    parcels: pd.DataFrame, enterprises: pd.DataFrame, occupancy: pd.DataFrame, rules: Rules
) -> tuple[matching.Found, pd.DataFrame]:
    log = IssueLog()
    lost, confirmed = tables.LOST_PARCELS.empty(), tables.CONFIRMED.empty()
    found = matching.find_links(parcels, lost, enterprises, occupancy, confirmed, log)
    return found, matching.share_out(
        found.links, parcels, occupancy, set(), rules, log, found.places
    )


def _units(
    enterprises: pd.DataFrame,
    figures: pd.DataFrame,
    found: matching.Found,
    links: pd.DataFrame,
    prices: pd.DataFrame,
    rules: Rules,
    year: int,
) -> pa.Table:
    members = matching.units(links, enterprises["uscc"], set(), rules.shared_parcels)
    measured = indicators.measure(
        enterprises, members, figures, links, in_order(prices, ["parcel_id"]),
        disputed=set(), rules=rules, years=[year], log=IssueLog(), places=found.places,
    )  # fmt: skip
    graded = measured.measures(year).given.all(axis=0)
    codes, cohorts = pd.factorize(measured.roll.enterprises["division"][graded], sort=True)
    now = Grid(*measured.measures(year)).take(graded)
    sheet = Sheet(now, now, measured.land.coefficient[graded], codes, list(cohorts))
    scores, places = _ranked(sheet, rules)
    figure = measured.figures[year]
    return pa.table(
        {
            "uscc": pa.array(measured.roll.enterprises["uscc"][graded]),
            "industry_code": pa.array(measured.roll.enterprises["industry_code"][graded]),
            "tax": figure.published("tax")[graded],
            "output": figure.published("output")[graded],
            "energy_tce": figure.published("energy_tce")[graded],
            "land": measured.land.area_mu[graded],
            "adjusted": measured.land.adjusted_mu[graded],
            "cohort": pa.array(cohorts.take(codes)),
            "score": scores,
            "rank": places.rank,
            "flagged": places.flagged,
        }
    )


def _ranked(sheet: Sheet, rules: Rules) -> tuple[Floats, Places]:
    weights = np.array([float(indicator.weight) for indicator in rules.indicators])
    yard = yardsticks(sheet, rules, rules.coefficient)
    micro = score(sheet, yard, rules, weights, rules.coefficient).micro
    quotas = [quota(rules.share, int(size), rules.rounding) for size in sheet.cohort_sizes]
    return micro / SCORE_SCALE, place(micro, sheet.cohort, np.array(quotas), rules.ties)

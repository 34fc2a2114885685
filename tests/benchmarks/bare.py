"""Our own way through the peers' job: the rooms' functions in the order of the batch, no checks.

From GeoParquet to flags, without the tables that explain them, without issues and firmness. Zones
are overlaid on one core while the other decides who uses what.
"""

from __future__ import annotations

import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
from landuse.ranking.places import Places, place, quota
from landuse.ranking.score import SCORE_SCALE, score, yardsticks
from landuse.ranking.sheet import Grid, Sheet
from landuse.rules import load
from landuse.rules.model import Rules
from landuse.schema import tables
from landuse.units import MICRO

__all__ = ["run"]

Floats = npt.NDArray[np.float64]


def run(folder: Path, out: Path) -> None:
    """Write ``units.parquet`` and ``parcels.parquet`` into ``out``."""
    project = tomllib.loads((folder / "project.toml").read_text(encoding="utf-8"))["project"]
    rules = load("three-indicator", as_of=project["as_of"])
    read = {name: _read(folder, name) for name in INPUTS}
    area, parcels = _parcels(read["parcels"])
    with ThreadPoolExecutor() as beside:
        overlaid = beside.submit(_prices, parcels, _zones(read["zones"]), rules)
        enterprises, figures = _firms(read["enterprises"], project["year"])
        links = _links(parcels, enterprises, _occupancy(read["occupancy"]), rules)
        prices = overlaid.result()
        written = beside.submit(_write_parcels, read["parcels"], area, prices, out)
        units = _units(enterprises, figures, links, prices, rules, project["year"])
        pq.write_table(units, out / "units.parquet")
        written.result()


def _read(folder: Path, name: str) -> pa.Table:
    rows = pc.field("year") == 2025 if name == "enterprises" else None
    return pq.read_table(folder / f"{name}.parquet", columns=INPUTS[name], filters=rows)


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


def _source(frame: pd.DataFrame) -> pd.DataFrame:
    blank = pd.Series(pd.array([""], dtype="str").repeat(len(frame)))
    return frame.assign(source_file=blank, source_sheet=blank, source_row=np.arange(len(frame)))


def _parcels(read: pa.Table) -> tuple[Floats, pd.DataFrame]:
    shapes = shapely.from_wkb(read["geometry"].to_numpy())
    area = shapely.area(shapes)
    registered = _micro(read["registered_area"])
    blank = pd.Series(pd.array([""], dtype="str").repeat(len(area)))
    nothing = pd.Series(np.zeros(len(area)), dtype="Int64").mask(np.ones(len(area), dtype=bool))
    frame = pd.DataFrame(
        {
            "parcel_id": _text(read["parcel_id"]),
            "geometry": pd.Series(shapes, dtype=object),
            "registered_area_m2_micro": registered,
            "geometry_area_m2_micro": np.rint(area * MICRO).astype(np.int64),
            "accounting_area_m2_micro": registered.astype("int64"),
            "area_source": blank,
            "area_in_dispute": False,
            "repair_change_m2": 0.0,
            "holder": blank,
            "uscc": _text(read["uscc"]),
            "land_use_code": _text(read["land_use_code"]),
            "benchmark_price_yuan_per_m2": np.nan,
            "park": blank,
            "township": blank,
            "built_area_m2_micro": nothing,
            "footprint_m2_micro": nothing,
        }
    )
    return area, _source(frame)


def _zones(read: pa.Table) -> pd.DataFrame:
    price = read["benchmark_price_yuan_per_m2"].to_numpy()
    shapes = shapely.from_wkb(read["geometry"].to_numpy())
    frame = pd.DataFrame({"benchmark_price_yuan_per_m2": price, "geometry": shapes})
    return _source(frame.assign(grade=pd.Series([""] * len(price), dtype="str")))


def _occupancy(read: pa.Table) -> pd.DataFrame:
    area = _micro(read["area"])
    relation = pd.Series(np.where(area.isna(), "own", "lease"), dtype="str")
    frame = pd.DataFrame(
        {
            "parcel_id": _text(read["parcel_id"]),
            "uscc": _text(read["uscc"]),
            "relation": relation,
            "area_m2_micro": area,
            "area_kind": pd.Series(pd.array(["land"], dtype="str").repeat(len(area))),
        }
    )
    return _source(frame)


def _firms(read: pa.Table, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    uscc, industry = _text(read["uscc"]), _text(read["industry_code"])
    blank = pd.Series(pd.array([""], dtype="str").repeat(len(uscc)))
    enterprises = pd.DataFrame(
        {
            "uscc": uscc,
            "name": blank,
            "industry_code": industry,
            "division": industry.str[:2],
            "scale": blank,
            "production_started_on": pd.Series(pd.NaT, index=uscc.index, dtype="datetime64[s]"),
            "x": np.nan,
            "y": np.nan,
        }
    )
    figures = pd.DataFrame(
        {
            "uscc": uscc,
            "year": year,
            "tax_wan_micro": _micro(read["tax"]),
            "output_wan_micro": _micro(read["output"]),
            "energy_tce_micro": _micro(read["energy_tce"]),
        }
    )
    return enterprises, figures


def _prices(parcels: pd.DataFrame, zones: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    prices, _ = indicators.parcel_prices(parcels, zones, rules, IssueLog())
    return prices


def _links(
    parcels: pd.DataFrame, enterprises: pd.DataFrame, occupancy: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    log = IssueLog()
    lost, confirmed = tables.LOST_PARCELS.empty(), tables.CONFIRMED.empty()
    found = matching.find_links(parcels, lost, enterprises, occupancy, confirmed, log)
    return matching.share_out(found.links, parcels, occupancy, set(), rules, log)


def _units(
    enterprises: pd.DataFrame,
    figures: pd.DataFrame,
    links: pd.DataFrame,
    prices: pd.DataFrame,
    rules: Rules,
    year: int,
) -> pa.Table:
    members = matching.units(links, enterprises["uscc"], set(), rules.shared_parcels)
    measured = indicators.measure(
        enterprises, members, figures, links, prices,
        disputed=set(), rules=rules, years=[year], log=IssueLog(),
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


def _write_parcels(read: pa.Table, area: Floats, prices: pd.DataFrame, out: Path) -> None:
    read = read.append_column("area_m2", pa.array(area))
    by_key = prices.set_index("parcel_id")["benchmark_price_yuan_per_m2"]
    price = by_key.reindex(_text(read["parcel_id"])).to_numpy()
    pq.write_table(read.append_column("price", pa.array(price)), out / "parcels.parquet")

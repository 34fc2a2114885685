"""Random small counties as the frames that intake gives, and the rooms run on them."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from random import Random
from types import SimpleNamespace

import numpy as np
import pandas as pd
import shapely

from landuse import indicators, matching, ranking
from landuse.issues import IssueLog
from landuse.pipeline.evaluate import evaluate
from landuse.schema import tables

YEAR = 2025
AS_OF = dt.date(2026, 6, 30)
SIDE = 100.0
"""Parcels are squares of 100 m in a row; two stand above each other."""
PRICES = (240.0, 300.0, 360.0, 480.0)
NAMES = ("恒禾纺织有限公司", "青石机械厂", "云泽五金(集团)有限公司", "柳塘电气有限公司")
CODES = ("", "0601", "1001", "M1", "W22", "0501", "R2")


def square(number: int) -> shapely.Polygon:
    x, y = SIDE * (number // 2), SIDE * (number % 2)
    return shapely.box(x, y, x + SIDE, y + SIDE)


def code(number: int) -> str:
    return f"91339901MA{number:08d}"


def parcel_id(number: int) -> str:
    return f"339901001001GB{number:05d}"


def frame(table, rows: list[dict]) -> pd.DataFrame:
    """Rows as a frame of ``table``, blanks as the conventions say."""
    kinds = {"text": "str", "int": "int64", "Int64": "Int64", "float": "float64", "bool": "bool"}
    columns = {}
    for column in table:
        blank = {"text": "", "int": 0, "bool": False}.get(column.dtype)
        values = [row.get(column.name, blank) for row in rows]
        if column.dtype == "date":
            columns[column.name] = pd.Series(pd.to_datetime(values), dtype="datetime64[s]")
        elif column.dtype == "geometry":
            array = np.empty(len(values), dtype=object)
            array[:] = values
            columns[column.name] = pd.Series(array, dtype="object")
        else:
            columns[column.name] = pd.Series(values, dtype=kinds[column.dtype])
    return pd.DataFrame(columns)


def parcel(rng: Random, number: int, firms: int, few: bool) -> dict:
    area = 6_000_000_000 if few else rng.randint(40, 120) * 100_000_000
    return {
        "parcel_id": parcel_id(number),
        "geometry": square(number),
        "registered_area_m2_micro": area,
        "geometry_area_m2_micro": 10_000_000_000,
        "accounting_area_m2_micro": area,
        "area_source": "registered",
        "area_in_dispute": rng.random() < 0.03,
        "holder": rng.choice(("", *NAMES, "恒禾纺织有限公司、青石机械厂", "无名厂")),
        "uscc": code(number % firms) if few or rng.random() < 0.5 else cell(rng, firms),
        "land_use_code": rng.choices(CODES, (4, 6, 2, 2, 2, 1, 1))[0],
        "benchmark_price_yuan_per_m2": rng.choice((None, 0.0, *((300.0,) if few else PRICES))),
        "built_area_m2_micro": rng.choice((None, 0, 5_000_000_000, 30_000_000_000)),
        "source_row": number + 1,
    }


def cell(rng: Random, firms: int) -> str:
    """A cell with none, one or several codes, known or not."""
    numbers = rng.sample(range(firms + 1), rng.choice((0, 1, 1, 1, 1, min(2, firms))))
    return rng.choice(("; ", "、", "/")).join(code(number) for number in numbers)


def enterprise(rng: Random, number: int) -> dict:
    known = rng.random() < 0.4
    starts = (*[None] * 8, "2010-01-01", "2024-06-30", "2024-07-01")
    return {
        "uscc": code(number),
        "name": rng.choice(NAMES) if known else f"企业{number}",
        "division": rng.choices(("17", "33", "38", "44", ""), (16, 8, 3, 1, 1))[0],
        "scale": rng.choice(("规上", "规下")),
        "production_started_on": rng.choice(starts),
        "x": None if known else rng.choice((None, 50.0, 130.0, 250.0, 300.0, 777.0)),
        "y": rng.choice((60.0, 100.0)),
    }


def occupancy(rng: Random, lots: int, firms: int) -> list[dict]:
    """Rows of some pairs; at most one owner a parcel."""
    owned: set[int] = set()
    rows = []
    pairs = [(lot, firm) for lot in range(lots) for firm in range(firms + 1)]
    for row, (lot, firm) in enumerate(rng.sample(pairs, rng.randint(0, lots // 2))):
        relation = rng.choice(("own", "lease", ""))
        if relation == "own" and lot in owned:
            relation = "lease"
        owned |= {lot} if relation == "own" else set()
        areas = (None, 0, -5, 1_234_567_891, 3_000_000_000, 6_000_000_000, 20_000_000_000)
        rows.append(
            {
                "parcel_id": parcel_id(lot),
                "uscc": code(firm),
                "relation": relation,
                "area_m2_micro": rng.choice(areas),
                "area_kind": rng.choice(("land", "land", "land", "floor")),
                "source_row": row,
            }
        )
    return rows


def figures(rng: Random, firms: int, few: bool, rules) -> pd.DataFrame:
    """Two years, with blanks, zeros and negatives."""
    rows = []
    for number in range(firms):
        for year in (2024, 2025):
            if rng.random() < 0.04:
                continue
            row = {"uscc": code(number), "year": year}
            for figure in rules.figures:
                top = (1 if figure.unit == "tce" else 2) if few else 3000
                value = rng.randint(1, top) * (1_000_000 if few else 10_007)
                row[figure.micro] = rng.choices((value, None, 0, -value), (40, 1, 1, 1))[0]
                if figure.unit == "tce" and row[figure.micro]:
                    row[figure.micro] = abs(row[figure.micro])
            rows.append(row)
    out = frame(tables.FIGURES, rows)
    for figure in rules.figures:
        out[figure.micro] = pd.Series([row[figure.micro] for row in rows], dtype="Int64")
    return out


def zones(rng: Random, few: bool) -> list[dict]:
    """Strips from left to right, some without a price; a cut may run through parcels."""
    cuts = [-10.0, *sorted(10.0 * cut for cut in rng.sample(range(61), rng.randint(0, 3))), 1e4]
    return [
        {
            "grade": f"{number}级",
            "benchmark_price_yuan_per_m2": 300.0 if few else rng.choice((*PRICES, *PRICES, None)),
            "geometry": shapely.box(left, -10.0, right, 500.0),
        }
        for number, (left, right) in enumerate(pairwise(cuts))
    ]


def supply(rng: Random, lots: int) -> list[dict]:
    return [
        {
            "contract_no": str(lot),
            "parcel_id": parcel_id(lot),
            "agreed_completion": rng.choice(("2026-06-30", "2026-07-01", "2020-01-01")),
            "completed_on": rng.choice((None, None, "2025-01-01")),
        }
        for lot in rng.sample(range(lots), rng.randint(0, min(2, lots)))
    ]


def county(seed: int, rules) -> SimpleNamespace:
    """Inputs of 1 to 24 parcels and up to 27 enterprises; ``few``: few values, many ties."""
    rng = Random(seed)
    lots = rng.randint(1, 24)
    firms, few = rng.randint(max(1, lots - 5), lots + 3), rng.random() < 0.5
    lost = [{"parcel_id": "LOST", "uscc": code(rng.randrange(firms)), "reason": "x"}]
    exempt = [{"uscc": code(rng.randrange(firms)), "reason": "x"}]
    stated = [{"parcel_id": parcel_id(rng.randrange(lots)), "uscc": code(rng.randrange(firms))}]
    priced = frame(tables.ZONES, zones(rng, few))
    return SimpleNamespace(
        parcels=frame(tables.PARCELS, [parcel(rng, n, firms, few) for n in range(lots)]),
        lost_parcels=frame(tables.LOST_PARCELS, lost[: rng.randint(0, 1)]),
        enterprises=frame(tables.ENTERPRISES, [enterprise(rng, n) for n in range(firms)]),
        figures=figures(rng, firms, few, rules),
        occupancy=frame(tables.OCCUPANCY, occupancy(rng, lots, firms)),
        confirmed_links=frame(tables.CONFIRMED, stated[: rng.randint(0, 1)]),
        price_zones=priced if rng.random() < 0.95 else None,
        supply=frame(tables.SUPPLY, supply(rng, lots)),
        exemptions=frame(tables.EXEMPTIONS, exempt[: rng.randint(0, 1)]),
    )


def run(inputs, rules) -> SimpleNamespace:
    """The rooms in the order of the batch, without files."""
    log = IssueLog()
    found = matching.find_links(
        inputs.parcels,
        inputs.lost_parcels,
        inputs.enterprises,
        inputs.occupancy,
        inputs.confirmed_links,
        log,
    )
    building = matching.under_construction(inputs.supply, AS_OF)
    links = matching.share_out(found.links, inputs.parcels, inputs.occupancy, building, rules, log)
    exempt = ranking.exempt(inputs.enterprises, inputs.exemptions, rules, AS_OF)
    members = matching.units(links, inputs.enterprises["uscc"], set(exempt), rules.shared_parcels)
    prices, _ = indicators.parcel_prices(inputs.parcels, inputs.price_zones, rules, log)
    evaluation = evaluate(
        enterprises=inputs.enterprises,
        figures=inputs.figures,
        exemptions=inputs.exemptions,
        links=links,
        members=members,
        prices=prices,
        incomplete=found.incomplete,
        disputed=set(inputs.parcels.loc[inputs.parcels["area_in_dispute"], "parcel_id"]),
        rules=rules,
        year=YEAR,
        as_of=AS_OF,
        log=log,
    )
    return SimpleNamespace(links=links, members=members, prices=prices, evaluation=evaluation)

"""Makes 200 parks over a county: five years of monthly figures, projects, promises, demand, claims.

Months, quarters, half-years and years add up but for one figure in a thousand; one promise in
three is broken; one contract in twenty has a stopped project.
"""

from __future__ import annotations

from pathlib import Path

import county
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

__all__ = ["make"]

MEASURES = ("产值", "增加值", "税收", "固定资产投资", "技改投资", "出口")
TABLES = """
[parks]
path = "parks.parquet"

[supply]
path = "supply.parquet"
area_unit = "m2"
money_unit = "wan"

[park_register]
path = "park_register.parquet"
area_unit = "mu"

[periods]
path = "periods.parquet"

[projects]
path = "projects.parquet"
area_unit = "m2"
money_unit = "wan"

[promises]
path = "promises.parquet"

[demand]
path = "demand.parquet"
area_unit = "mu"

[stated]
path = "stated.parquet"
"""


def make(parks: int, months: int, firms: int, folder: Path, seed: int = 20260630) -> Path:
    """Write county and park tables into ``folder``; return the project file."""
    rng = np.random.default_rng(seed)
    file = county.make(max(round(firms / 1.2), 400), folder, seed)
    names = np.array([f"第{n + 1:03d}工业园" for n in range(parks)])
    parcels = gpd.read_parquet(folder / "parcels.parquet")
    layer = _layer(names, parcels)
    layer.to_parquet(folder / "parks.parquet")
    codes, uscc = parcels["parcel_id"].to_numpy(), parcels["uscc"].to_numpy()
    area = parcels["registered_area"].to_numpy()
    where = names[np.arange(len(codes)) % parks]
    given = pd.read_parquet(folder / "enterprises.parquet")
    given["scale"] = np.where(given.index % 4 == 0, "规上", "规下")
    given.to_parquet(folder / "enterprises.parquet")
    firms_of = given.drop_duplicates("uscc")
    tables = {
        "supply": _supply(codes, area, rng),
        "park_register": _register(names, layer, rng),
        "periods": _periods(names, months, rng),
        "projects": _projects(codes, uscc, where, rng),
        "promises": _promises(firms_of, names, rng),
        "demand": _demand(rng),
        "stated": _stated(),
    }
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet")
    file.write_text(file.read_text(encoding="utf-8") + TABLES, encoding="utf-8")
    return file


def _layer(names: np.ndarray, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Blocks side by side that cover four fifths of the county's length and breadth."""
    east, north, right, top = parcels.total_bounds
    across = int(np.ceil(np.sqrt(len(names))))
    wide, high = (right - east) / across, (top - north) / across
    row, column = divmod(np.arange(len(names)), across)
    x, y = east + column * wide, north + row * high
    boxes = shapely.box(x, y, x + 0.9 * wide, y + 0.9 * high)
    kinds = np.array(["新兴产业", "传统产业", "就业型"])[np.arange(len(names)) % 3]
    frame = {"park": names, "park_type": kinds}
    return gpd.GeoDataFrame(frame, geometry=boxes, crs=county.CRS)


def _register(names: np.ndarray, layer: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    mu = np.round(shapely.area(layer.geometry.to_numpy()) * 3 / 2000, 2)
    built = np.round(rng.uniform(1_000, 90_000, len(names)))
    return pd.DataFrame(
        {
            "park": names,
            "park_type": layer["park_type"],
            "has_plan": np.where(np.arange(len(names)) % 4 == 0, "否", "是"),
            "total_area": mu,
            "undevelopable_area": np.round(mu * 0.04, 2),
            "ready_area": np.round(mu * 0.9, 2),
            "infrastructure": "七通一平",
            "标准厂房规划面积(㎡)": built * 2,
            "建成标准厂房(㎡)": built,
            "空置标准厂房(㎡)": np.round(built / 5),
            "environment_class": "二类",
            "leading_divisions": "34；35",
        }
    )


def _periods(names: np.ndarray, months: int, rng: np.random.Generator) -> pd.DataFrame:
    """Months of every park and measure; the halves and years that they fill."""
    series = [(park, measure) for park in names for measure in MEASURES]
    base = rng.uniform(500, 20_000, len(series))[:, None]
    values = np.round(base * rng.uniform(0.9, 1.2, (len(series), months)))
    first = 2026 * 12 + 6 - months  # the last month is June 2026
    written = [f"{(first + n) // 12}-{(first + n) % 12 + 1:02d}" for n in range(months)]
    parts = [_rows(series, name, values[:, n]) for n, name in enumerate(written)]
    years = [int(name[:4]) for name in written]
    place = [int(name[5:]) for name in written]
    for year in sorted(set(years)):
        for name, last in ((f"{year}-H1", 6), (f"{year}", 12)):
            mine = [n for n in range(months) if years[n] == year and place[n] <= last]
            if len(mine) == last:
                wrong = rng.random(len(series)) < 0.001
                parts.append(_rows(series, name, values[:, mine].sum(axis=1) + wrong, target=last))
    return pd.concat(parts, ignore_index=True)


def _rows(
    series: list[tuple[str, str]], period: str, values: np.ndarray, target: int = 0
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "园区": [park for park, _ in series],
            "期间": period,
            "指标": [measure for _, measure in series],
            "数值": [f"{value:.0f}" for value in values],
            "单位": "万元",
            "全年目标": [f"{v * 2:.0f}" if target == 6 else "" for v in values],
        }
    )


def _supply(codes: np.ndarray, area: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    some = rng.permutation(len(codes))[: len(codes) // 10]
    return pd.DataFrame(
        {
            "contract_no": [f"HT{n:07d}" for n in some],
            "parcel_id": codes[some],
            "holder": "受让人",
            "area": area[some],
            "price": 500.0,
            "agreed_start": "2023-06-30",
            "agreed_completion": "2025-06-30",
            "actual_start": np.where(some % 4 == 0, "", "2023-06-01"),
        }
    )


def _projects(
    codes: np.ndarray, uscc: np.ndarray, where: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    some = rng.permutation(len(codes))[: len(codes) // 10]
    planned = np.round(rng.uniform(500, 50_000, len(some)), 2)
    return pd.DataFrame(
        {
            "project": [f"项目{n:07d}" for n in some],
            "park": where[some],
            "uscc": uscc[some],
            "contract_no": [f"HT{n:07d}" for n in some],
            "parcel_id": codes[some],
            "signed_on": "2023-03-01",
            "supplied_on": "2023-04-01",
            "started_on": np.where(some % 4 == 0, "", "2023-06-01"),
            "stopped_on": np.where(some % 20 == 1, "2024-06-01", ""),
            "planned_completion": "2025-12-31",
            "planned_investment": planned,
            "invested": np.round(planned * rng.uniform(0, 1, len(some)), 2),
        }
    )


def _promises(firms: pd.DataFrame, names: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    count = len(firms)
    return pd.DataFrame(
        {
            "uscc": firms["uscc"].to_numpy(),
            "name": firms["name"].to_numpy(),
            "park": names[np.arange(count) % len(names)],
            "signed_on": "2022-05-01",
            "来源": np.where(np.arange(count) % 5 == 0, "外地", "本地"),
            "厂房面积(㎡)": np.round(rng.uniform(500, 9_000, count)),
            "承诺亩均税收(万元/亩)": np.round(rng.uniform(0.1, 30, count), 2),
            "承诺亩均产值(万元/亩)": np.round(rng.uniform(10, 900, count), 2),
            "达产年度": 2024 + np.arange(count) % 4,
            "所属产业链": np.where(np.arange(count) % 50 == 0, "装备", ""),
            "链上角色": np.where(np.arange(count) % 5_000 == 0, "链主", "配套"),
        }
    )


def _demand(rng: np.random.Generator) -> pd.DataFrame:
    count = 200
    return pd.DataFrame(
        {
            "demand": [f"X{n:03d}" for n in range(count)],
            "name": [f"意向企业{n}" for n in range(count)],
            "division": [f"{13 + n % 31}" for n in range(count)],
            "需求厂房面积(㎡)": np.round(rng.uniform(300, 9_000, count)),
            "environment_class": "二类",
        }
    )


def _stated() -> pd.DataFrame:
    count = 200
    return pd.DataFrame(
        {
            "claim": [f"{n:03d}" for n in range(count)],
            "document": "总结",
            "relation": "占比",
            "stated": ["51.74%" if n % 2 else "39.87%" for n in range(count)],
            "inputs": ["59.5亿；115亿" if n % 2 else "24.92亿；60亿" for n in range(count)],
        }
    )

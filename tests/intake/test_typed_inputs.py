"""Dirty Parquet counties: read with the types of their files and cell by cell, all is the same."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landuse.errors import UserError
from landuse.intake import attributes, codes, read_inputs, worksheets
from landuse.intake.raw import Raw
from landuse.issues import IssueLog
from landuse.pipeline.identify import prepare

COUNT = 30
KEYS = [None, "", " ", "—", "9.13506E+17", "３５０５８２００１００１GB00001", "合计",
        "x\x07y", "A B", "91350582MA0000015J ", "注：表", "nan"]  # fmt: skip
NAMES = [
    "合计",
    "会计事务所",
    "Total",
    "制表人：李",
    None,
    " 前空",
    "名\u200b称",
    "第1公司",
    "（空）",
]
PROJECT = """[project]
name = "t"
year = 2025
as_of = 2026-06-30
id_scheme = "{scheme}"
[parcels]
path = ["one.parquet", "two.parquet"]
[enterprises]
path = "firms.parquet"
money_unit = "wan"
energy_basis = "calorific"
{duplicates}
[[enterprises.tables]]
path = "energy.parquet"
[occupancy]
path = "occupancy.parquet"
[rules]
pack = "three-indicator"
"""


def dirt(rng, values, strange, share=0.15):
    """A column with some cells replaced, as text unless nothing was."""
    cells = [
        strange[rng.integers(len(strange))] if rng.random() < share else value for value in values
    ]
    return pd.Series(cells, dtype=object)


def county(folder, seed):
    """A county with every kind of fault, in columns of every kind that Parquet has."""
    rng = np.random.default_rng(seed)
    usccs = [body + codes.uscc_check(body) for n in range(COUNT)
             for body in [f"91350582MA{n:07d}"]]  # fmt: skip
    ids = [f"350582001001GB{n:05d}" for n in range(1, COUNT + 1)]
    shapes = [shapely.box(500_000 + 90 * n, 2_750_000, 500_100 + 90 * n, 2_750_100)
              for n in range(COUNT)]  # fmt: skip
    shapes[3], shapes[7], shapes[8] = shapely.Polygon(), shapes[6], None
    land = {
        "parcel_id": dirt(rng, ids, [*KEYS, ids[0]]),
        "uscc": dirt(rng, usccs, KEYS),
        "holder": dirt(rng, [f"第{n}公司" for n in range(COUNT)], NAMES),
        "registered_area": rng.choice([10_000.0, 10_001.5, np.nan, 99_999.0], COUNT),
        "land_use_code": pd.Series(rng.choice(["0601", "061", "工业", "商住"], COUNT)),
        "benchmark_price_yuan_per_m2": rng.choice([360, 0, 5_000_000], COUNT),
    }
    land = gpd.GeoDataFrame(land, geometry=shapes, crs="EPSG:4549")
    land.iloc[: COUNT // 2].to_parquet(folder / "one.parquet", index=False)
    land.iloc[COUNT // 2 :].to_parquet(folder / "two.parquet", index=False)
    parts = []
    for year in (2024, 2025):
        tax = rng.choice([1.5, 7.1234567, np.nan, -3.0, 1e6, np.inf], COUNT)
        output = dirt(rng, ["80.5"] * COUNT, ["1,234.5", "约5", "5亩", "", None, "1e400"])
        parts.append(
            pd.DataFrame({
                "uscc": dirt(rng, usccs, [*KEYS, usccs[1]]),
                "name": dirt(rng, [f"第{n}公司" for n in range(COUNT)], NAMES),
                "industry_code": dirt(rng, ["13"] * COUNT, ["C13", "纺织业", "99", None]),
                "year": float(year) if seed % 2 else year,
                "production_started_on": dirt(
                    rng, ["2020-01-01"] * COUNT, ["2026-05", "x", None, "45000"]
                ),
                "tax": tax,
                "output": output,
            })
        )  # fmt: skip
    firms = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=seed)
    firms.to_parquet(folder / "firms.parquet", index=False)
    energy = pd.DataFrame({"uscc": usccs * 2, "year": [2024, 2025] * COUNT})
    energy["energy_tce"] = rng.integers(1, 10**6, len(energy))
    energy.sample(frac=0.8, random_state=seed).to_parquet(folder / "energy.parquet", index=False)
    occupancy = pd.DataFrame({
        "parcel_id": dirt(rng, ids, KEYS), "uscc": dirt(rng, usccs, KEYS),
        "relation": dirt(rng, ["own"] * COUNT, ["租赁", "怪", None]),
        "area": rng.choice([np.nan, 500.0, -1.0], COUNT),
    })  # fmt: skip
    pd.concat([occupancy, occupancy.head(3)]).to_parquet(folder / "occupancy.parquet", index=False)
    duplicates = 'duplicates = { tax = "sum", output = "mean" }' if seed % 3 == 0 else ""
    scheme = "free" if seed % 5 == 0 else "cn"
    text = PROJECT.format(duplicates=duplicates, scheme=scheme)
    (folder / "project.toml").write_text(text, encoding="utf-8")
    return folder / "project.toml"


def everything(file):
    """All that reading gives: frames, facts and issues in the order in which they were told."""
    log = IssueLog()
    try:
        project, rules, _ = prepare(file)
        inputs = read_inputs(project, rules, log)
    except UserError as error:
        return [issue.sort_key() for issue in error.issues], {}
    found = {field.name: getattr(inputs, field.name) for field in dataclasses.fields(inputs)}
    return [issue.sort_key() for issue in log._issues], found


def as_workbooks(file):
    """The tables of a county as worksheets and its land as a shapefile."""
    folder = file.parent
    for name in ("firms", "energy", "occupancy"):
        table = pd.read_parquet(folder / f"{name}.parquet").replace([np.inf, -np.inf], "1e999")
        visible = table.replace(r"[\x00-\x1f]", "", regex=True)
        visible.to_excel(folder / f"{name}.xlsx", index=False)
    text = file.read_text(encoding="utf-8")
    for name in ("one", "two"):
        land = gpd.read_parquet(folder / f"{name}.parquet")
        short = {"registered_area": "DJMJ", "land_use_code": "DLBM", "parcel_id": "DKBM",
                 "benchmark_price_yuan_per_m2": "DKJZDJ"}  # fmt: skip
        land.rename(columns=short).to_file(folder / f"{name}.shp", encoding="utf-8")
        text = text.replace(f"{name}.parquet", f"{name}.shp")
    file.write_text(text.replace(".parquet", ".xlsx"), encoding="utf-8")


@pytest.mark.parametrize("seed", range(6))
def test_types_of_a_file_change_nothing(tmp_path, monkeypatch, seed):
    file = county(tmp_path, seed)
    if seed > 3:
        as_workbooks(file)
    told, typed = everything(file)
    for module in (attributes, worksheets):
        monkeypatch.setattr(module, "kept_typed", lambda column: None)
    monkeypatch.setattr(attributes, "typed_cells", lambda column: column)
    monkeypatch.setattr(Raw, "with_types", Raw.with_cells)
    told_slowly, cells = everything(file)
    assert told == told_slowly
    assert len(told) > 50
    assert typed.keys() == cells.keys() != set()
    for name, value in typed.items():
        if isinstance(value, pd.DataFrame):
            plain, other = value.copy(), cells[name].copy()
            if "geometry" in value:
                plain["geometry"] = list(shapely.to_wkb(value["geometry"].to_numpy()))
                other["geometry"] = list(shapely.to_wkb(cells[name]["geometry"].to_numpy()))
            pd.testing.assert_frame_equal(plain, other, check_exact=True)
        else:
            assert value == cells[name]

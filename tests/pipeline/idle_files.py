"""A county of four parcels with its contracts, in files, without any enterprise."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import shapely

CODES = [f"330102001001GB0000{n}" for n in range(1, 5)]
HEADS = [
    "合同编号", "宗地代码", "成交价款(万元)", "约定动工日期", "实际动工日期", "实际交地日期",
    "闲置原因",
]  # fmt: skip
PROJECT = """
[project]
name = "四宗地"
year = 2025
as_of = 2026-06-30
crs = "EPSG:4549"
[parcels]
path = "宗地.gpkg"
[supply]
path = "{path}"
money_unit = "wan"
{columns}
[rules]
pack = "three-indicator"
"""


def contract_row(code: str, number: str = "", **stated: object) -> dict[str, object]:
    return {
        "合同编号": number or f"C{code[-1]}", "宗地代码": code, "成交价款(万元)": 100, **stated,
    }  # fmt: skip


def county(
    folder: Path,
    *rows: dict[str, object],
    in_layer: dict[str, tuple[str, str, str]] | None = None,
) -> Path:
    """The project file; the last parcel has no holder.

    ``in_layer``: code → number of the contract, agreed start, cause.
    """
    boxes = [shapely.box(500_000 + 200 * n, 3_300_000, 500_100 + 200 * n, 3_300_100)
             for n in range(len(CODES))]  # fmt: skip
    data: dict[str, object] = {"ZDDM": CODES, "TDSYQR": ["甲公司", "乙公司", "丙公司", ""]}
    for name, place in (("HTBH", 0), ("约定动工", 1), ("闲置原因", 2)):
        if in_layer:
            data[name] = [in_layer[code][place] if code in in_layer else None for code in CODES]
    layer = gpd.GeoDataFrame(data, geometry=boxes, crs=4549)
    layer.to_file(folder / "宗地.gpkg")
    columns = "[supply.columns]\n"
    columns += 'agreed_start = "约定动工"' if in_layer else 'price = "成交价款(万元)"'
    path = "宗地.gpkg" if in_layer else "supply.xlsx"
    project = folder / "project.toml"
    project.write_text(PROJECT.format(path=path, columns=columns), encoding="utf-8")
    if not in_layer:
        book = openpyxl.Workbook()
        for line in ([HEADS], ([row.get(head) for head in HEADS] for row in rows)):
            for cells in line:
                book.active.append(cells)
        book.save(folder / "supply.xlsx")
    return project

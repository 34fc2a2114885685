"""A county of a few plots written as files, so that golden figures go through the whole chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import openpyxl
import shapely

__all__ = ["CODE", "ONE_FIGURE", "county", "plots", "sheet"]

Rows = Iterable[Sequence[object]]
CODE = "339901001001GB{:05d}"
_FIRM = "91339901MA2Q2BY52J"
ONE_FIGURE = (
    ["园区", "期间", "指标", "数值", "单位"],
    [["核对园", "2026年上半年", "产值", 100, "万元"]],
)
"""A table of periods, without which there is no report."""
_PROJECT = """
[project]
name = "核对县"
year = 2025
as_of = 2026-06-30
crs = "EPSG:4549"

[parcels]
path = "parcels.gpkg"
area_unit = "m2"

[enterprises]
path = "enterprises.xlsx"
money_unit = "wan"
energy_basis = "calorific"

[rules]
pack = "three-indicator"
"""


def sheet(path: Path, heads: Sequence[str], rows: Rows) -> None:
    """A workbook of one worksheet with its headings in the first row."""
    book = openpyxl.Workbook()
    book.active.append(list(heads))
    for row in rows:
        book.active.append(list(row))
    book.save(path)


def plots(folder: Path, areas: Sequence[float], parks: Sequence[str] = ()) -> None:
    """``parcels.gpkg``: squares in a row of these registered areas in m²."""
    at, shapes = 500_000.0, []
    for area in areas:
        side = area**0.5
        shapes.append(shapely.box(at, 3_300_000, at + side, 3_300_000 + side))
        at += side + 10
    frame = gpd.GeoDataFrame(
        {
            "宗地代码": [CODE.format(number) for number in range(1, len(areas) + 1)],
            "登记面积": areas,
            "土地用途": "0601",
            "基准地价": 300.0,
            "所在园区": list(parks) or [""] * len(areas),
        },
        geometry=shapes,
        crs="EPSG:4549",
    )
    frame.to_file(folder / "parcels.gpkg", driver="GPKG")


def county(
    folder: Path,
    tables: Mapping[str, tuple[Sequence[str], Rows]],
    *,
    areas: Sequence[float] = (6000.0,),
    parks: Sequence[str] = (),
    more: str = "",
) -> Path:
    """The project file of a county with these park tables (name → headings and rows).

    It has one enterprise without land; ``more`` is added to the project file.
    """
    plots(folder, areas, parks)
    sheet(
        folder / "enterprises.xlsx",
        ["统一社会信用代码", "企业名称", "年度", "行业代码", "税收(万元)", "产值(万元)"],
        [[_FIRM, "核对厂", 2025, "1711", 10, 100]],
    )
    text = _PROJECT + more
    for name, (heads, rows) in tables.items():
        sheet(folder / f"{name}.xlsx", heads, rows)
        text += f'\n[{name}]\npath = "{name}.xlsx"\n'
    path = folder / "project.toml"
    path.write_text(text, encoding="utf-8")
    return path

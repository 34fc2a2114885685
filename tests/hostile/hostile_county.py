"""A county of 24 firms with every kind of input table, to be broken hundreds of times."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import shapely

ROOT = Path(__file__).resolve().parents[2]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FIRMS = 24
PROJECT = """\
[project]
name = "试验县"
year = 2025
as_of = 2026-06-30
{head}
[parcels]
path = {parcels}
[enterprises]
path = {enterprises}
money_unit = "wan"
energy_basis = "calorific"
{enterprise_keys}
{tables}
[rules]
pack = "three-indicator"
{override}
"""
HEADINGS = (
    "统一社会信用代码",
    "企业名称",
    "行业代码",
    "年度",
    "税收(万元)",
    "产值(万元)",
    "综合能耗(吨标准煤)",
)


def uscc(number: int) -> str:
    """The valid credit code of firm ``number``."""
    body = f"91350582MA{number:06d}0"
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def parcel_id(number: int) -> str:
    """The code of parcel ``number``."""
    return f"350582001001GB{number:05d}"


def square(number: int, side: float = 100.0) -> shapely.Polygon:
    """Parcel ``number``: a square of one hectare in EPSG:4549, 20 m from the next."""
    x = 500_000 + (number % 6) * 120.0
    y = 2_750_000 + (number // 6) * 120.0
    return shapely.box(x, y, x + side, y + side)


def parcels(**columns: Sequence[object]) -> gpd.GeoDataFrame:
    """One parcel a firm, held by it."""
    numbers = range(1, FIRMS + 1)
    data: dict[str, Sequence[object]] = {
        "DKBM": [parcel_id(n) for n in numbers],
        "TDSYQR": [f"第{n}公司" for n in numbers],
        "TYSHXYDM": [uscc(n) for n in numbers],
        "DJMJ": [10_000.0] * FIRMS,
        "DKJZDJ": [300.0 + n for n in numbers],
        **columns,
    }
    return gpd.GeoDataFrame(data, geometry=[square(n) for n in numbers], crs="EPSG:4549")


def firm(number: int, year: int = 2025) -> list[object]:
    """The row of one firm."""
    return [uscc(number), f"第{number}公司", "1711" if number % 2 else "1811", year,
            100.0 + number * 7 % 50, 1000.0 + number * 31 % 400, 50.0 + number % 9]  # fmt: skip


def firms() -> list[list[object]]:
    """All rows of the enterprise table, without the heading."""
    return [firm(number) for number in range(1, FIRMS + 1)]


def book(path: Path, rows: Sequence[Sequence[object]], sheet: str = "Sheet1") -> Path:
    """A workbook with one sheet; a text stays a text."""
    workbook = openpyxl.Workbook()
    page = workbook.active
    assert page is not None
    page.title = sheet
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row, 1):
            if cell is not None:
                page.cell(number, column).value = cell  # type: ignore[assignment]
                if isinstance(cell, str):
                    page.cell(number, column).data_type = "s"
    workbook.save(path)
    return path


def text_table(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8") -> Path:
    """A CSV."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def project(
    folder: Path,
    *,
    head: str = "",
    tables: str = "",
    override: Mapping[str, object] | str = "",
    enterprise_keys: str = "",
    parcels: str = "parcels.gpkg",
    enterprises: str = "enterprises.xlsx",
) -> Path:
    """The project file in ``folder``."""
    if not isinstance(override, str):
        lines = [f"{name} = {value}" for name, value in override.items()]
        override = "\n".join(["[rules.override]", *lines])
    text = PROJECT.format(
        head=head, tables=tables, override=override, enterprise_keys=enterprise_keys,
        parcels=json.dumps(parcels, ensure_ascii=False),
        enterprises=json.dumps(enterprises, ensure_ascii=False),
    )  # fmt: skip
    file = folder / "project.toml"
    file.write_text(text, encoding="utf-8")
    return file


def plain(folder: Path, **more: Any) -> Path:
    """Sound parcels and enterprises, and their project file."""
    parcels().to_file(folder / "parcels.gpkg")
    book(folder / "enterprises.xlsx", [HEADINGS, *firms()])
    return project(folder, **more)


def full(folder: Path) -> Path:
    """Every kind of table in many formats: what the fuzz breaks."""
    parcels().to_file(folder / "parcels.shp", encoding="gbk")
    (folder / "parcels.cpg").unlink(missing_ok=True)
    book(folder / "enterprises.xlsx", [["表1"], HEADINGS[:6], *[row[:6] for row in firms()]])
    energy = [[row[0], row[3], row[6]] for row in firms()]
    text_table(folder / "energy.csv", [["信用代码", "年度", "综合能耗"], *energy], "gbk")
    zones = gpd.GeoDataFrame(
        {"级别": ["一级", "二级"], "基准地价": [480.0, 240.0]},
        geometry=[shapely.box(499_000, 2_749_000, 500_300, 2_751_000),
                  shapely.box(500_300, 2_749_000, 501_000, 2_751_000)],
        crs="EPSG:4549",
    )  # fmt: skip
    zones.to_file(folder / "zones.gpkg")
    parks = gpd.GeoDataFrame(
        {"YQMC": ["东园"], "YQLX": ["新兴产业"]},
        geometry=[shapely.box(499_000, 2_749_000, 500_300, 2_751_000)],
        crs="EPSG:4549",
    )
    parks.to_crs("EPSG:4326").to_file(folder / "parks.geojson")
    occupancy = [["宗地代码", "信用代码", "用地面积(平方米)", "用地关系"],
                 [parcel_id(1), uscc(1), 6000, "自有"],
                 [parcel_id(1), uscc(2), 4000, "租赁"]]  # fmt: skip
    book(folder / "occupancy.xlsx", occupancy)
    supply = [["合同编号", "宗地代码", "约定竣工日期", "供地面积(平方米)"],
              ["HT1", parcel_id(3), "2027年3月5日", 10000]]  # fmt: skip
    text_table(folder / "supply.csv", supply)
    book(folder / "exemptions.xlsx", [["信用代码", "豁免原因"], [uscc(5), "初创"]])
    corrections = [["表", "主键", "列", "原值", "新值", "理由"],
                   ["enterprises", uscc(6), "税收(万元)", "142", "140", "错"]]  # fmt: skip
    text_table(folder / "corrections.csv", corrections)
    confirmed = [["宗地代码", "信用代码", "确认"], [parcel_id(9), uscc(10), "是"]]
    book(folder / "confirmed.xlsx", confirmed)
    names = ("occupancy", "supply", "exemptions", "confirmed_links")
    files = ("occupancy.xlsx", "supply.csv", "exemptions.xlsx", "confirmed.xlsx")
    tables = '[[enterprises.tables]]\npath = "energy.csv"\n'
    for name, file in (*zip(names, files, strict=True), ("price_zones", "zones.gpkg"),
                       ("parks", "parks.geojson"), ("corrections", "corrections.csv")):  # fmt: skip
        tables += f'[{name}]\npath = "{file}"\n'
    return project(folder, tables=tables, parcels="parcels.shp")


@dataclass(frozen=True)
class Done:
    """What a command ended in."""

    code: int
    said: str


def landuse(*words: object, cwd: Path | None = None, seconds: int = 120, **env: str) -> Done:
    """A command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from landuse.cli import main; sys.exit(main())",
         *map(str, words)],
        cwd=cwd, capture_output=True, check=False, timeout=seconds,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "200",
             "LANDUSE_DEBUG": "1", **env},
    )  # fmt: skip
    return Done(done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"))


def digests(folder: Path) -> dict[str, str]:
    """Every file in ``folder``."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def manifest(run: Path) -> dict[str, Any]:
    """``run.json``."""
    found: dict[str, Any] = json.loads((run / "run.json").read_text(encoding="utf-8"))
    return found

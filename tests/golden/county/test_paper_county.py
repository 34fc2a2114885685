"""The ten-parcel county of ``county.md``, worked out on paper, goes through the whole pipeline."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landuse.issues import IssueLog
from landuse.pipeline.identify import compute, prepare

PAGE = Path(__file__).with_name("county.md")
EAST, NORTH = 500_000, 3_300_000
PROJECT = """
[project]
name = "十宗地的县"
year = 2025
as_of = 2026-06-30
crs = "EPSG:4549"
[parcels]
path = "宗地.gpkg"
area_unit = "mu"
[enterprises]
path = "企业.csv"
money_unit = "wan"
crs = "EPSG:4549"
[enterprises.columns]
energy_tce = "综合能耗"
x = "X"
y = "Y"
[occupancy]
path = "用地关系.csv"
area_unit = "mu"
[occupancy.columns]
relation = "用地关系"
area = "面积"
[price_zones]
path = "区片.gpkg"
[price_zones.columns]
grade = "级别"
benchmark_price_yuan_per_m2 = "基准地价"
[supply]
path = "供地合同.csv"
[rules]
pack = "three-indicator"
[rules.override]
"""
WAYS = {
    "不用系数": 'coefficient = "none"',
    "共用一宗地的合并评价": 'shared_parcels = "merge"',
    "名额向上取整": 'rounding = "ceil"',
}


def tables() -> dict[str, list[dict[str, str]]]:
    """The tables of the page under their headings."""
    found: dict[str, list[list[str]]] = {}
    name = ""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            name = line.lstrip("# ")
        elif line.startswith("|") and set(line) - set("|- "):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            found.setdefault(name, []).append(cells)
    return {
        name: [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        for name, rows in found.items()
    }


TABLES = tables()
CODES = {row["代号"]: row["统一社会信用代码"] for row in TABLES["企业"]}


def layer(rows: list[dict[str, str]], path: Path, numbers: tuple[str, ...]) -> None:
    sides = ("左", "下", "右", "上")
    shapes = [
        shapely.box(
            EAST + float(row["左"]),
            NORTH + float(row["下"]),
            EAST + float(row["右"]),
            NORTH + float(row["上"]),
        )
        for row in rows
    ]
    data = {
        name: [
            (float(row[name]) if row[name] else None) if name in numbers else row[name]
            for row in rows
        ]
        for name in rows[0]
        if name not in sides
    }
    gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4549").to_file(path, driver="GPKG")


def table(rows: list[dict[str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """Runs the county of the page, with one line of override or none."""
    folder = tmp_path_factory.mktemp("十宗地 的县")
    layer(TABLES["宗地"], folder / "宗地.gpkg", ("登记面积", "基准地价"))
    layer(TABLES["基准地价区片"], folder / "区片.gpkg", ("基准地价",))
    firms = [
        {
            **{name: value for name, value in row.items() if name != "代号"},
            "X": row["X"] and str(EAST + float(row["X"])),
            "Y": row["Y"] and str(NORTH + float(row["Y"])),
        }
        for row in TABLES["企业"]
    ]
    table(firms, folder / "企业.csv")
    table(TABLES["用地关系"], folder / "用地关系.csv")
    table(TABLES["供地合同"], folder / "供地合同.csv")

    def run(override: str = ""):
        path = folder / "project.toml"
        path.write_text(PROJECT + override + "\n", encoding="utf-8", newline="\n")
        project, rules, day = prepare(path)
        assert day == dt.date(2026, 6, 30)
        return compute(project, rules, day, IssueLog())

    return run


@pytest.fixture(scope="module")
def whole(county):
    return county()


def same(value: object, written: str) -> bool:
    """A computed value against the page: blank is missing, numbers to the last written digit."""
    if pd.isna(value) or not written:
        return bool(pd.isna(value)) and not written
    return abs(float(value) - float(written)) <= 0.5e-6


def test_the_page_is_complete():
    assert len(TABLES["宗地"]) == len(TABLES["宗地结果"]) == 10
    assert [row["代号"] for row in TABLES["结果"]] == list(CODES)


def test_links(whole):
    expected = {
        (row["宗地代码"], CODES[row["代号"]], row["依据"], float(row["亩"]), row["计入"] == "是")
        for row in TABLES["用地"]
    }
    mu = (whole.links["area_m2_micro"] * 3 / 2e9).round(9)
    columns = [whole.links[name] for name in ("parcel_id", "uscc", "evidence")]
    assert set(zip(*columns, mu, whole.links["counted"], strict=True)) == expected


def test_reference_price_and_benchmarks(whole):
    assert whole.evaluation.reference_price == pytest.approx(360, abs=1e-9)
    cohort = whole.evaluation.cohorts.set_index("cohort").loc["34"]
    assert cohort["benchmark_tax_wan_per_mu"] == pytest.approx(10, abs=1e-9)
    assert cohort["benchmark_output_wan_per_mu"] == pytest.approx(200, abs=1e-9)
    assert cohort["benchmark_output_wan_per_tce"] == pytest.approx(20, abs=1e-9)
    assert (cohort["cohort_size"], cohort["quota"], cohort["flagged"]) == (8, 1, 1)
    assert cohort["cutoff_score"] == pytest.approx(0.69, abs=1e-9)


COLUMNS = {
    "面积": "area_mu",
    "折算面积": "adjusted_area_mu",
    "系数": "price_coefficient",
    "亩均税收": "tax_wan_per_mu",
    "折算亩均税收": "adjusted_tax_wan_per_mu",
    "得分": "score",
    "名次": "rank",
    "家数": "cohort_size",
    "名额": "quota",
    "差距": "margin",
}


@pytest.mark.parametrize("row", TABLES["结果"], ids=lambda row: row["代号"])
def test_unit(whole, row):
    unit = whole.evaluation.units.set_index("uscc").loc[CODES[row["代号"]]]
    assert (unit["status"], unit["reason"]) == (row["状态"], row["原因"])
    wrong = {
        heading: (unit[name], row[heading])
        for heading, name in COLUMNS.items()
        if not same(unit[name], row[heading])
    }
    assert wrong == {}


@pytest.mark.parametrize("row", TABLES["牢靠程度"], ids=lambda row: row["代号"])
def test_firmness(whole, row):
    unit = whole.evaluation.units.set_index("uscc").loc[CODES[row["代号"]]]
    assert same(unit["firmness"], row["牢靠"])
    assert unit["flips_under"] == row["翻转"]


@pytest.mark.parametrize("row", TABLES["宗地结果"], ids=lambda row: row["宗地代码"])
def test_parcel(whole, row):
    parcel = whole.parcels.set_index("parcel_id").loc[row["宗地代码"]]
    assert bool(parcel["is_low_efficiency"]) == (row["低效"] == "是")
    assert same(parcel["flagged_area_mu"], row["低效亩数"])
    assert same(parcel["used_area_mu"], row["已用亩数"])
    assert same(parcel["unused_area_mu"], row["未用亩数"])
    assert parcel["enterprise_count"] == int(row["企业数"])
    assert same(parcel["benchmark_price_yuan_per_m2"], row["地价"])


@pytest.mark.parametrize("way", WAYS)
def test_other_rules(county, way):
    units = county(WAYS[way]).evaluation.units.set_index("uscc")
    for row in TABLES[way]:
        unit = units.loc[CODES[row["代号"]]]
        assert unit["status"] == row["状态"], row
        assert same(unit["score"], row["得分"]), row
        assert unit["rank"] == int(row["名次"]), row
    if way == "共用一宗地的合并评价":
        assert units.loc[CODES["己"], "unit_id"] == CODES["戊"]
        assert set(units["quota"].dropna()) == {1}
        assert set(units["cohort_size"].dropna()) == {7}

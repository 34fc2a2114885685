"""Real contracts give the clock real dates; a real vacant layer gives it land."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from idle_tables import PACK

from landuse.idle import find_idle
from landuse.intake.corrections import Corrections
from landuse.intake.project import load_project
from landuse.intake.supply import read_supply
from landuse.issues import IssueLog
from landuse.pipeline.idle_run import find_idle_land
from landuse.schema.tables import PARCELS

HEAD = """
[project]
name = "真实数据"
year = 2025
as_of = 2026-06-30
id_scheme = "free"
[parcels]
path = "{parcels}"
{options}
[supply]
path = "{supply}"
money_unit = "wan"
{columns}
[rules]
pack = "three-indicator"
"""


def rows_of(path: Path) -> list[dict[str, object]]:
    sheet = openpyxl.load_workbook(path, read_only=True).active
    lines = list(sheet.iter_rows(values_only=True))
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def day_of(cell: object) -> dt.date | None:
    found = re.fullmatch(r"(\d{4})年(\d{2})月(\d{2})日", str(cell or "").strip())
    return dt.date(*map(int, found.groups())) if found else None


def later(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 2, 28)


@pytest.fixture(scope="module")
def contracts(shared_data, tmp_path_factory):
    """The real contracts with a name of their own, as read, and the same rows as they stand."""
    source = shared_data("china_land_supply", "supply_3677.xlsx")
    folder = tmp_path_factory.mktemp("supply")
    columns = '[supply.columns]\ncontract_no = "项目名称"\narea = "面积(公顷)"'
    (folder / "s.xlsx").write_bytes(source.read_bytes())
    text = HEAD.format(parcels="none.shp", options="", supply="s.xlsx", columns=columns)
    (folder / "project.toml").write_text(text, encoding="utf-8")
    project = load_project(folder / "project.toml", land_only=True)
    reading = read_supply(project, Corrections(year=2025), IssueLog())
    return reading, dict(enumerate(rows_of(source), 2))


def test_every_real_row_is_read_or_set_aside(contracts):
    reading, rows = contracts
    assert len(rows) == 3677
    assert len(reading.frame) + len(reading.set_aside) == 3677
    # 1 020 rows share a project name, 96 have none
    assert Counter(reading.set_aside["reason"]) == {
        "intake_supply.repeated_contract": 1020, "intake_tables.no_key": 96,
    }  # fmt: skip


@pytest.mark.parametrize(
    "as_of", [dt.date(2018, 6, 30), dt.date(2020, 6, 30), dt.date(2026, 6, 30)]
)
def test_the_clock_on_real_dates(contracts, as_of):
    reading, rows = contracts
    found, _ = find_idle(reading.frame, PARCELS.empty(), PACK, as_of, IssueLog())
    counted: Counter[str] = Counter()
    for row in found.to_dict("records"):
        start = day_of(rows[row["source_row"]]["约定开工时间"])
        if start is None:  # neither an agreed start nor a delivery: nothing to count from
            expected, dates = "undetermined", (None, None)
        else:
            dates = (later(start, 1), later(start, 2))
            expected = "not_started" if as_of >= dates[0] else ""
            nearest = next((day for day in dates if day >= as_of), None)
            days = None if nearest is None else (nearest - as_of).days
            assert (None if row["days_to_next"] is pd.NA else row["days_to_next"]) == days
        assert row["finding"] == expected
        told = (row["one_year_on"], row["two_years_on"])
        assert tuple(None if day is pd.NaT else day.date() for day in told) == dates
        counted[expected] += 1
    assert counted["undetermined"] == 473
    assert counted["not_started"] == {2018: 748, 2020: 2079, 2026: 2088}[as_of.year]


def test_a_real_vacant_layer_with_real_dates(shared_data, tmp_path):
    """The dates of the real contracts laid on the real vacant lots, through the whole command."""
    lots = shared_data("philadelphia_vacant", "industrial_vacant_land.gpkg")
    source = shared_data("china_land_supply", "supply_3677.xlsx")
    import pyogrio

    codes = sorted(set(pyogrio.read_dataframe(lots, columns=["opa_id"])["opa_id"].dropna()))
    (tmp_path / "lots.gpkg").write_bytes(lots.read_bytes())
    dated = [row for row in rows_of(source) if day_of(row["约定开工时间"])]
    heads = ["合同编号", "宗地代码", "约定动工日期", "成交价款(万元)", "闲置原因"]
    with (tmp_path / "supply.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        for n, (code, row) in enumerate(zip(codes, dated, strict=False)):
            price = row["成交价格"] if isinstance(row["成交价格"], int | float) else ""
            writer.writerow([f"H{n}", code, row["约定开工时间"], price, "企业"])
    options = 'area_unit = "ft2"\n[parcels.columns]\nparcel_id = "opa_id"'
    columns = '[supply.columns]\nprice = "成交价款(万元)"'
    text = HEAD.format(
        parcels="lots.gpkg", options=options, supply="supply.csv", columns=columns
    ).replace("2026-06-30", "2019-06-30")
    (tmp_path / "project.toml").write_text(text, encoding="utf-8")
    run = find_idle_land(tmp_path / "project.toml", out=tmp_path / "out")
    day = dt.date(2019, 6, 30)
    used = dict(zip(codes, dated, strict=False))
    idle = {code for code, row in used.items() if later(day_of(row["约定开工时间"]), 1) <= day}
    parcels = pd.read_parquet(
        tmp_path / "out" / "parcels.parquet", columns=["parcel_id", "is_idle"]
    )
    kept = set(parcels["parcel_id"])
    assert len(kept) + len(run.computed.inputs.set_aside.query("table == 'parcels'")) == 1071
    assert set(parcels.loc[parcels["is_idle"], "parcel_id"]) == idle & kept
    assert run.totals["idle_parcels"] == len(idle & kept)
    table = pd.read_parquet(tmp_path / "out" / "idle.parquet")
    mu = table[table["finding"] == "not_started"]["accounting_area_mu"].sum()
    assert run.totals["idle_mu"] == pytest.approx(mu, rel=1e-12)
    # 20 % of each price between one and two years, to 0.01 万元, halves up
    due = [
        row["成交价格"]
        for row in used.values()
        if later(day_of(row["约定开工时间"]), 1) <= day < later(day_of(row["约定开工时间"]), 2)
    ]
    fees = [
        (Decimal(str(price)) * Decimal("0.2")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        for price in due
        if isinstance(price, int | float)
    ]
    assert Decimal(str(run.totals["idle_fee_wan"])) == sum(fees)

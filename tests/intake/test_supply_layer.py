"""Supply contracts that stand as columns of the parcel layer."""

# ruff: noqa: PD011 - the values of an issue are no frame
from __future__ import annotations

import layer_files as lf
import pandas as pd
import pytest

from landuse.errors import UserError
from landuse.intake.corrections import Corrections
from landuse.intake.supply import read_supply
from landuse.issues import IssueLog

TEXT = """
[parcels]
path = "{name}"
area_unit = "m2"
[supply]
path = "{name}"
area_unit = "m2"
money_unit = "wan"
[supply.columns]
contract_no = "HTBH"
agreed_start = "YDDGRQ"
price = "CRJK"
cause = "XZYY"
"""


def read(folder, name):
    log = IssueLog()
    reading = read_supply(lf.project(folder, TEXT.format(name=name)), Corrections(year=2025), log)
    assert (reading.counts["read"] == reading.counts["used"] + reading.counts["set_aside"]).all()
    return reading, log


@pytest.fixture
def layer():
    return lf.frame(
        5,
        HTBH=["H1", None, None, "H1", None],
        YDDGRQ=["2024-02-29", None, "2025年1月31日", "2024-02-29", None],
        CRJK=[120.5, None, 80.25, 60.0, None],
        XZYY=["企业", None, None, "政府", None],
        TDSYQR=["甲", "乙", "丙", "丁", "戊"],
    )


@pytest.mark.parametrize("name", ["宗地.shp", "宗地.gpkg", "宗地.geojson"])
def test_contracts_are_columns_of_the_parcel_layer(tmp_path, layer, name):
    options = {"encoding": "GB18030"} if name.endswith(".shp") else {}
    layer.to_file(tmp_path / name, **options)
    before = lf.fingerprint(tmp_path)
    reading, log = read(tmp_path, name)
    assert lf.table_of(reading.frame, "contract_no", "parcel_id", "cause", "holder") == [
        ("", lf.code(3), "", "丙"),
        ("H1", lf.code(1), "enterprise", "甲"),
        ("H1", lf.code(4), "government", "丁"),
    ]
    assert reading.frame["price_wan_micro"].tolist() == [80_250_000, 120_500_000, 60_000_000]
    assert reading.frame["agreed_start"].tolist() == [
        pd.Timestamp(day) for day in ("2025-01-31", "2024-02-29", "2024-02-29")
    ]
    assert reading.frame["source_row"].tolist() == [3, 1, 4]  # features of the layer
    # parcels 2 and 5 state nothing about a contract: set aside, told as one number
    assert reading.set_aside["reason"].tolist() == ["intake_supply.no_contract"] * 2
    assert [(i.code, i.values["n"]) for i in log if i.code.startswith("intake_supply")] == [
        ("intake_supply.without_contract", 2)
    ]
    after = lf.fingerprint(tmp_path)
    after.pop("project.toml")
    assert after == before


def test_a_parcel_that_occurs_twice_under_one_contract_is_no_contract(tmp_path, layer):
    layer.loc[3, "ZDDM"] = lf.code(1)
    layer.to_file(tmp_path / "宗地.gpkg")
    reading, log = read(tmp_path, "宗地.gpkg")
    assert reading.frame["parcel_id"].tolist() == [lf.code(3)]
    told = [issue for issue in log if issue.code == "intake_supply.repeated_contract"]
    assert [issue.row for issue in told] == [1, 4]
    assert all("同一宗地" in issue.message() and issue.hint("en") for issue in told)


def test_other_tables_still_refuse_a_layer(tmp_path, layer):
    from landuse.intake.occupancy import read_occupancy

    layer.to_file(tmp_path / "宗地.gpkg")
    text = TEXT.format(name="宗地.gpkg") + '[occupancy]\npath = "宗地.gpkg"\n'
    with pytest.raises(UserError, match="not_a_table"):
        read_occupancy(lf.project(tmp_path, text), Corrections(year=2025), IssueLog())

"""Idle land in what people read: workbook, explain, map and totals say the same."""

from __future__ import annotations

import datetime as dt
import json
import re

import openpyxl
import pandas as pd
import pytest
from idle_county import contracts, idle_run
from publish_county import make_run, parcel, uscc

from landuse.publish.explain import explain
from landuse.publish.map import write_map
from landuse.publish.workbook import write_workbook


@pytest.fixture(scope="module")
def run():
    return idle_run()


@pytest.fixture(scope="module")
def book(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("idle") / "results.xlsx"
    write_workbook(run, path)
    return openpyxl.load_workbook(path)


@pytest.fixture
def folder(run, write_small):
    return write_small(run)


def lines(book, name):
    rows = list(book[name].iter_rows(values_only=True))
    top = 1 if name == "闲置土地" else 0
    return [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]


# --- workbook ------------------------------------------------------------------------------------


def test_the_sheet_of_findings(book):
    found = lines(book, "闲置土地")
    # not started first, then stalled, then undetermined; what is in time is not here
    assert [row["宗地代码"] for row in found] == [parcel(11), "不在图上", parcel(1), parcel(3)]
    first, late, stalled, unclear = found
    assert (first["合同号"], first["闲置费测算（万元）"]) == ("=H11", 64.02)
    assert book["闲置土地"]["B3"].data_type == "s"  # no formula starts from a cell's text
    assert first["建议处置"] == "建议征缴闲置费"
    assert first["待补"] == "实际交地日期"
    assert stalled["起算日"] == dt.datetime(2024, 9, 1)  # noqa: DTZ001
    assert stalled["起算依据"] == "中止建设日期"
    assert late["起算日"] == "1899-05-05"  # before 1900 a workbook has no dates
    assert (late["备注"], late["交地迟延"]) == ("集体土地，不适用《闲置土地处置办法》", "是")
    assert unclear["待补"] == "约定动工日期；实际交地日期"
    assert unclear["建议处置"] is None


def test_every_contract_has_its_row(book):
    rows = lines(book, "供地合同")
    assert [row["合同号"] for row in rows] == ["=H11", "H1", "H2", "H3", "H9"]
    waiting = rows[2]
    assert (waiting["土地状态"], waiting["距下一时点（天）"]) == ("供而未用", 185)
    assert waiting["备注"] == "延期超过一年，请核对补充协议；实际动工日期晚于基准日，按未动工计"


def test_both_findings_stay_visible(book):
    low = lines(book, "低效用地清单")
    assert low[0]["宗地代码"] == parcel(1)
    assert low[0]["闲置初筛"] == "疑似闲置：动工不足，中止满一年"
    parcels = {row["宗地代码"]: row for row in lines(book, "宗地")}
    one = parcels[parcel(1)]
    assert (one["分类"], one["疑似低效"], one["疑似闲置"]) == ("疑似低效且疑似闲置", "是", "是")
    assert parcels[parcel(2)]["土地状态"] == "供而未用"


def test_the_summary_adds_up(book, run):
    shown = {
        row[0]: row[1:3] for row in book["汇总"].iter_rows(values_only=True, max_col=3) if row[0]
    }
    assert shown["疑似闲置：满一年未动工"] == (2, None)
    assert next(v for k, v in shown.items() if k.startswith("疑似闲置（面积")) == (2, 100)
    assert next(v for k, v in shown.items() if k.startswith("闲置费测算合计")) == (None, 64.02)
    assert shown["按分类（核算面积）：疑似低效且疑似闲置"] == (1, 50)
    assert shown["供而未用"] == (1, 50)
    total = sum(one["count"] for one in run.totals["classes"].values())
    assert total == len(run.parcels)


def test_a_run_without_supply_says_nothing_of_idle_land(tmp_path):
    write_workbook(make_run(), tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert not {"闲置土地", "供地合同"} & set(book.sheetnames)
    heads = [cell.value for cell in book["宗地"][1]]
    assert not {"疑似闲置", "闲置初筛", "土地状态"} & set(heads)
    words = [str(row[0]) for row in book["汇总"].iter_rows(values_only=True, max_col=1)]
    assert not [
        word for word in words if "闲置" in word and "values" not in word and "·" not in word
    ]


# --- explain -------------------------------------------------------------------------------------


def test_a_contract_is_explained_by_its_number(folder):
    said = "\n".join(explain(folder, "=H11").text())
    assert "供地合同 =H11：疑似闲置：满一年未动工" in said
    assert "起算日 2025-06-30（约定动工日期）；满一年 2026-06-30，满两年 2027-06-30" in said
    assert "已满一年，未满两年" in said
    assert "距下一时点 0 天" in said
    # 320.09 × 0.2 = 64.018
    assert "闲置费：价款 320.09 万元 × 20 % = 64.018，四舍五入为 64.02 万元" in said
    assert "待补：实际交地日期" in said


def test_a_parcel_is_explained_with_its_contracts(folder):
    said = "\n".join(explain(folder, parcel(1), "en").text())
    assert "land status: suspected idle" in said
    # a third is not below a third; 24 of 100 is below a quarter
    assert (
        "area started 10,000 m² ÷ area to be started 30,000 m² = 0.333333; line 1/3: not below"
        in said
    )
    assert "invested 24 ÷ total investment 100 (10k yuan) = 0.24; line 1/4: below" in said
    assert "finding: suspected idle: stalled for a year" in said
    assert "cause: the enterprise; negotiated ways" in said
    assert "not idle; land status: supplied, not used" in "\n".join(
        explain(folder, parcel(2), "en").text()
    )


def test_an_enterprise_on_idle_land_is_told_so(folder):
    said = "\n".join(explain(folder, uscc(1)).text())
    assert "【供地合同与闲置判断】" in said
    assert "合同 H1，宗地" in said
    other = "\n".join(explain(folder, uscc(2)).text())  # its contract is in time
    assert "闲置判断" not in other


def test_late_delivery_and_a_blank_cause_in_words(folder):
    said = "\n".join(explain(folder, "H9").text())
    assert "实际交地 1899-06-01 晚于约定交地 — 或约定动工 1899-05-05" in said
    assert "可能属政府原因（第八条）：不收闲置费、不无偿收回" in said


def test_the_trace_as_json_has_dates_as_text(folder):
    trace = json.loads(json.dumps(explain(folder, parcel(1)).json))
    assert [one["contract_no"] for one in trace["contracts"]] == ["H1"]
    assert trace["contracts"][0]["base_on"] == "2024-09-01"
    assert trace["contracts"][0]["delivered_on"] is None
    assert explain(folder, "H3").json["kind"] == "contract"


def test_the_table_keeps_its_dates(folder):
    table = pd.read_parquet(folder / "idle.parquet")
    assert len(table) == len(contracts())
    assert table.set_index("contract_no").loc["H1", "suspended_since"] == dt.date(2024, 9, 1)


# --- map -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blocks(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(run, path)
    found = re.findall(
        r'<script type="application/json" id="landuse-(\w+)">(.*?)</script>',
        path.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return {name: json.loads(text) for name, text in found}


def test_the_legend_has_both_and_idle_first(blocks, run):
    classes = blocks["meta"]["classes"]
    assert [one["key"] for one in classes][:2] == ["both", "idle"]
    assert [(one["count"], one["mu"]) for one in classes][:2] == [(1, 50), (1, 50)]
    assert all(one["flagged"] for one in classes[:2])
    assert blocks["meta"]["idle"] == {"count": 2, "mu": 100}
    assert sum(one["count"] for one in classes) == len(run.parcels)


def test_the_cards_have_the_contracts_of_their_plots(blocks):
    columns = blocks["details"]["contracts"]
    ids = blocks["plots"]["id"]
    # the contract of land that is in no layer has no plot
    assert [ids[plot] for plot in columns["plot"]] == [parcel(11), parcel(1), parcel(2), parcel(3)]
    said = [columns["contract_no"]["values"][at] for at in columns["contract_no"]["at"]]
    assert said == ["=H11", "H1", "H2", "H3"]
    assert columns["days_to_next"] == [0, 63, 185, None]
    assert columns["fee_wan"] == [64.02, None, None, None]
    bases = [columns["base_on"]["values"][at] for at in columns["base_on"]["at"]]
    assert bases == ["2025-06-30", "2024-09-01", "2026-01-01", ""]


def test_every_word_of_the_codes_is_on_the_page(blocks):
    words = blocks["meta"]["words"]
    from landuse.idle.status import FINDINGS, STATUSES

    assert {f"finding_{code}" for code in FINDINGS} <= words.keys()
    assert {f"land_{code}" for code in STATUSES} <= words.keys()
    for kind, codes in (
        ("base", ("extended", "agreed", "delivery", "suspended")),
        ("cause", ("enterprise", "government", "force_majeure", "seizure")),
        ("consequence", ("fee", "withdrawal", "negotiated", "late_delivery")),
    ):
        assert {f"{kind}_{code}" for code in codes} <= words.keys()


def test_a_map_without_supply_has_no_idle_part(tmp_path):
    write_map(make_run(), tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert '"contracts":null' in page.replace(" ", "")
    assert '"idle":null' in page.replace(" ", "")

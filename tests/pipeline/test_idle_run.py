"""`landuse idle`: no enterprise is opened, and the folder is written whole or not at all."""

from __future__ import annotations

import datetime as dt
import json

import openpyxl
import pandas as pd
import pytest
import shapely
from idle_files import CODES, HEADS, contract_row, county

from landuse.errors import UserError
from landuse.pipeline.identify import prepare
from landuse.pipeline.idle_run import find_idle_land
from landuse.pipeline.ledger_runs import read_run
from landuse.publish.explain import explain


def test_a_project_without_enterprises(tmp_path):
    project = county(tmp_path, contract_row(CODES[0], 约定动工日期="2025-06-30", 闲置原因="企业",
                                            实际交地日期="2024-01-01"))  # fmt: skip
    run = find_idle_land(project)
    assert run.folder == tmp_path / "runs" / f"2026-06-30-{run.run_id}-idle"
    # 15 mu are 10 000 m²; 20 % of 100 万元
    assert run.totals["idle_parcels"] == 1
    assert run.totals["idle_mu"] == pytest.approx(15)
    assert run.totals["idle_fee_wan"] == 20.0
    assert run.totals["land_status"]["approved_unsupplied"] == {"count": 1, "mu": 15.0}
    manifest = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["examined"] == ["idle"]
    assert [one["path"] for one in manifest["inputs"]] == ["supply.xlsx", "宗地.gpkg"]
    assert "classes" not in manifest["totals"]
    with pytest.raises(UserError, match="missing_key"):
        prepare(project)  # the batch does ask for enterprises


def test_the_tables_and_the_workbook_say_the_same(tmp_path):
    rows = [
        contract_row(CODES[0], 约定动工日期="2025-06-30", 闲置原因="企业", 实际交地日期="2024-1-1"),
        contract_row(CODES[1], 约定动工日期="2026-01-01"),
        contract_row(CODES[2]),
    ]
    run = find_idle_land(county(tmp_path, *rows))
    table = pd.read_parquet(run.folder / "idle.parquet")
    assert table["finding"].tolist() == ["not_started", "", "undetermined"]
    assert table["base_on"].tolist() == [dt.date(2025, 6, 30), dt.date(2026, 1, 1), None]
    parcels = pd.read_parquet(run.folder / "parcels.parquet").set_index("parcel_id")
    assert parcels["land_status"].to_dict() == {
        CODES[0]: "idle", CODES[1]: "supplied_unused", CODES[2]: "undetermined",
        CODES[3]: "approved_unsupplied",
    }  # fmt: skip
    assert parcels["land_class"].to_dict()[CODES[0]] == "idle"
    assert shapely.from_wkb(parcels["geometry"].iloc[0]).area == pytest.approx(10_000)
    book = openpyxl.load_workbook(run.folder / "idle.xlsx")
    assert book["汇总"]["A1"].value == "闲置土地初步筛查结果"
    assert book.sheetnames == ["汇总", "闲置土地", "供地合同", "宗地", "数据问题", "剔除记录"]
    lines = list(book["闲置土地"].iter_rows(values_only=True))
    first = dict(zip(lines[1], lines[2], strict=True))
    assert first["宗地代码"] == CODES[0]
    assert first["满一年日"] == dt.datetime(2026, 6, 30)  # noqa: DTZ001
    assert (first["闲置费测算（万元）"], first["距下一时点（天）"]) == (20, 0)
    assert first["建议处置"] == "建议征缴闲置费"
    assert dict(zip(lines[1], lines[3], strict=True))["待补"] == "约定动工日期；实际交地日期"
    assert len(lines) == 4  # the note, the heading, two findings
    assert book["供地合同"].max_row == 4


def test_the_dates_that_come_next(tmp_path):
    rows = [
        contract_row(CODES[0], "A", 约定动工日期="2025-07-10"),  # one year on 2026-07-10: 10 days
        contract_row(CODES[1], "B", 约定动工日期="2024-07-05"),  # two years on 2026-07-05: 5 days
        contract_row(CODES[2], "C", 约定动工日期="2020-01-01"),  # both are past
        contract_row(CODES[3], "D", 约定动工日期="2025-06-30"),  # today
    ]
    run = find_idle_land(county(tmp_path, *rows))
    coming = run.coming(3)
    told = list(coming[["contract_no", "days", "years"]].itertuples(index=False, name=None))
    assert told == [("D", 0, 1), ("B", 5, 2), ("A", 10, 1)]
    assert coming["on"].dt.strftime("%Y-%m-%d").tolist() == [
        "2026-06-30", "2026-07-05", "2026-07-10",
    ]  # fmt: skip
    assert len(run.coming(1)) == 1


def test_the_ledger_takes_the_folder_as_a_run_that_looked_at_idle_land_alone(tmp_path):
    rows = [contract_row(CODES[0], 约定动工日期="2020-01-01", 闲置原因="政府")]
    run = find_idle_land(county(tmp_path, *rows))
    record = read_run(run.folder)
    # it never says that a low-efficiency finding is gone: it did not look for any
    assert record.kinds == {"idle"}
    found = record.findings[["kind", "parcel_id", "mu_e4"]].to_numpy().tolist()
    assert found == [["idle", CODES[0], 150_000]]  # 10 000 m² are 15 mu
    said = "\n".join(explain(run.folder, CODES[0]).text())
    assert "建议协商处置" in said


def test_the_same_run_gives_the_same_bytes(tmp_path):
    project = county(tmp_path, contract_row(CODES[0], 约定动工日期="2025-06-30"))
    one, two = (find_idle_land(project, out=tmp_path / name).folder for name in ("a", "b"))
    for path in sorted(one.iterdir()):
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path):
    project = county(tmp_path, contract_row(CODES[0], 约定动工日期="2025-06-30"))
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(UserError, match="folder_not_ours"):
        find_idle_land(project, out=mine)
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]


def test_without_supply_there_is_nothing_to_look_at(tmp_path):
    project = county(tmp_path, contract_row(CODES[0]))
    text = project.read_text(encoding="utf-8")
    project.write_text(text[: text.index("[supply]")] + text[text.index("[rules]") :], "utf-8")
    with pytest.raises(UserError, match=r"idle\.no_supply"):
        find_idle_land(project)


def test_contracts_as_columns_of_the_parcel_layer(tmp_path):
    project = county(tmp_path, in_layer={CODES[1]: ("H9", "2025-06-29", "政府")})
    assert HEADS  # the sheet is not written: the layer says it all
    run = find_idle_land(project)
    contracts = run.computed.contracts
    assert contracts[
        ["contract_no", "parcel_id", "finding", "consequence"]
    ].to_numpy().tolist() == [["H9", CODES[1], "not_started", "negotiated"]]
    counts = run.computed.inputs.counts.set_index("table")
    assert counts.loc["supply", ["read", "used", "set_aside"]].tolist() == [4, 1, 3]
    assert counts.loc["parcels", ["read", "used"]].tolist() == [4, 4]

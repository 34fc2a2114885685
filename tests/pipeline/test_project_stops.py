"""`landuse idle` and the stops of projects: the clock starts when the work stopped."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from idle_files import CODES, county

from landuse.cli import main
from landuse.pipeline.idle_run import find_idle_land

HEADS = [
    "合同编号", "宗地代码", "约定动工日期", "实际动工日期", "应动工面积(平方米)",
    "已动工面积(平方米)", "闲置原因", "中止建设日期",
]  # fmt: skip


def book(path: Path, rows: list[list[object]]) -> None:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two contracts begun in 2024, 1 000 of 9 000 m² started; neither says that it rests."""
    path = county(tmp_path)
    book(tmp_path / "supply.xlsx", [
        HEADS,
        *([f"C{n}", CODES[n - 1], "2024-01-01", "2024-02-01", 9000, 1000, "企业", None]
          for n in (1, 2)),
    ])  # fmt: skip
    path.write_text(path.read_text("utf-8").replace('price = "成交价款(万元)"', ""), "utf-8")
    return path


def with_projects(path: Path, *rows: list[object]) -> Path:
    book(path.parent / "projects.xlsx", [
        ["项目名称", "合同编号", "宗地代码", "开工日期", "停工日期", "复工日期"], *rows,
    ])  # fmt: skip
    text = path.read_text("utf-8") + '\n[projects]\npath = "projects.xlsx"\n'
    path.write_text(text, encoding="utf-8")
    return path


def test_a_stop_makes_the_contract_stalled_and_a_resumption_does_not(project, capsys) -> None:
    """Stopped on 2025-06-30: a full year on 2026-06-30, the day of the run. C2 works again."""
    assert main(["idle", str(project)]) == 0
    before = capsys.readouterr().out
    assert "中止满一年 │ 0" in before
    with_projects(
        project,
        ["一", "C1", CODES[0], "2024-02-01", "2025-06-30", None],
        ["二", "C2", CODES[1], "2024-02-01", "2025-06-30", "2025-08-01"],
        ["", "C2", CODES[1], "2024-02-01", "2025-06-30", None],  # no project: set aside
    )
    assert main(["idle", str(project)]) == 0
    after = capsys.readouterr().out
    assert "中止满一年 │ 1" in after
    run = find_idle_land(project, out=project.parent / "out")
    table = pd.read_parquet(run.folder / "idle.parquet").set_index("contract_no")
    assert table["finding"].to_dict() == {"C1": "stalled", "C2": ""}
    assert table.loc["C1", "base_on"] == dt.date(2025, 6, 30)
    counts = run.computed.inputs.counts.set_index("table")
    assert counts.loc["projects", ["read", "used", "set_aside"]].tolist() == [3, 2, 1]
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    assert "projects.xlsx" in [one.path for one in run.computed.inputs.files]


def test_a_stop_after_the_day_is_none_yet_and_the_run_is_another_one(project) -> None:
    """2025-07-01 + 1 year is after 2026-06-30; the id of the run knows the file of the projects."""
    plain = find_idle_land(project)
    fed = find_idle_land(
        with_projects(project, ["一", "C1", CODES[0], "2024-02-01", "2025-07-01", None])
    )
    assert fed.totals["idle_contracts"]["stalled"] == 0
    assert fed.run_id != plain.run_id

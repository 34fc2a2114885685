"""Years of a county in its runs and its ledger: a project with only a ledger, plots before and
after, the place of a firm in runs whose folders are gone, and which plots are matched."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from rich.cells import cell_len

from landuse.cli import main
from landuse.errors import UserError
from landuse.intake.park_tables import read_park_inputs
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.ledger import open_ledger
from landuse.ledger.runs import record_run
from landuse.pipeline.enterprise import firm_file
from landuse.pipeline.enterprise_tables import firm_tables
from landuse.pipeline.identify import identify
from landuse.pipeline.ledger_runs import read_run
from landuse.pipeline.offers import matched
from landuse.pipeline.park_ledger import read_ledger_land
from landuse.pipeline.parks import ParkBatch, ParkBook, book_of, read_batch
from landuse.schema.park_firms import FIRM_CASES

SHEETS = ("park_register", "park_periods", "projects", "promises", "demand", "stated")


@pytest.fixture(scope="module")
def county(sample, tmp_path_factory) -> Path:
    """The sample with its run of 2024 in runs/ and in the ledger, which alone has the park tables;
    disposals of 2024 in it too."""
    folder = tmp_path_factory.mktemp("years") / "sample"
    shutil.copytree(sample, folder, ignore=shutil.ignore_patterns("runs", "*.db"))
    whole = openpyxl.Workbook()
    whole.remove(whole.active)
    for name in SHEETS:
        page = openpyxl.load_workbook(folder / f"{name}.xlsx", read_only=True).worksheets[0]
        copy = whole.create_sheet(page.title)
        for cells in page.iter_rows(values_only=True):
            copy.append(cells)
    whole.save(folder / "园区.xlsx")
    text = (folder / "parks.toml").read_text("utf-8")
    without = text[: text.index("[park_register]")]
    (folder / "only.toml").write_text(without, encoding="utf-8")
    before = text.replace("year = 2025 ", "year = 2024 ").replace("2026-06-30", "2025-06-30", 1)
    (folder / "before.toml").write_text(before, encoding="utf-8")
    run = identify(folder / "before.toml")
    at = ["--project", str(folder / "only.toml"), "--by", "test"]
    assert main(["park", "import", str(folder / "园区.xlsx"), "--yes", *at]) == 0
    taken = str(folder / "disposed.xlsx")
    assert main(["ledger", "import", taken, "--new", "--yes", *at]) == 0
    with open_ledger(folder / "landuse.db") as ledger, ledger.write() as session:
        record_run(session, read_run(run.folder), by="test", at=datetime(2026, 7, 1, tzinfo=UTC))
    return folder


@pytest.fixture(scope="module")
def batch(county) -> ParkBatch:
    return read_batch(county / "only.toml")


@pytest.fixture(scope="module")
def only(county, batch) -> ParkBook:
    return book_of(batch, read_ledger_land(county / "only.toml", None, {}, batch.day))


@pytest.fixture(scope="module")
def own(county, batch, only) -> ParkBook:
    """The same county with the park tables of its own files."""
    project = load_project(county / "parks.toml")
    inputs = read_park_inputs(project, IssueLog())
    return book_of(replace(batch, project=project, inputs=inputs), only.ledger)


@pytest.fixture
def said(county, only, capsys, monkeypatch):
    """A command on the project that has only a ledger, in words and exit code."""
    monkeypatch.setattr("landuse.pipeline.parks.all_about_parks", lambda *_a, **_k: only)
    monkeypatch.setenv("LANDUSE_PLAIN", "1")
    monkeypatch.delenv("LANDUSE_DB", raising=False)

    def run(*words: str, code: int = 0, width: int = 200) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        assert main([*words, "--project", str(county / "only.toml")]) == code
        told = capsys.readouterr()
        return told.out + told.err

    return run


def test_a_project_with_only_a_ledger_has_the_tables_of_its_database(only, own) -> None:
    """Promises, chains, clusters and figures are those that the project's own files give."""
    assert only.inputs.given == own.inputs.given
    for name in ("promises", "chains", "clusters", "scales", "projects"):
        ours, theirs = getattr(only, name), getattr(own, name)
        columns = [c for c in ours.columns if not c.startswith("source_") and c != "row"]
        assert len(ours) == len(theirs) > 0
        said, told = (sorted(map(tuple, one[columns].astype(str).to_numpy().tolist()))
                      for one in (ours, theirs))  # fmt: skip
        assert said == told


def test_its_commands_work(said) -> None:
    assert "landuse.db" in said("park", "list")
    shown = said("park", "show", "青石工业园")
    for word in ("标准厂房空置面积", "主导", "特色", "规上规下核对", "全年预计", "推算完成率"):
        assert word in shown
    assert "得满分" in said("park", "assess")
    assert "税收差额" in said("promises")


@pytest.mark.parametrize("width", [80, 120])
def test_no_number_is_broken_over_two_lines(said, only, width) -> None:
    """Every total of the land account stands whole in one line, however narrow the terminal."""
    told = said("park", "list", width=width)
    lines = [line for line in told.splitlines() if line[:1] in "│┃┏"]
    assert len(lines) > 10
    assert max(map(cell_len, lines)) <= width
    for micro in only.accounts["total_m2_micro"]:
        assert f" {micro * 3 / 2e9:.2f} " in told


def test_each_year_has_the_users_of_its_own_run(only) -> None:
    """Accepted in 2024: 2022 and 2023 have no run, so today's users; 2024 its run's; 2025 is the
    evaluated year."""
    found = only.before_after.drop_duplicates(["year", "links_from"])
    assert dict(zip(found["year"], found["links_from"], strict=True)) == {
        2022: "", 2023: "today", 2024: "run", 2025: "batch",
    }  # fmt: skip
    (run_id,) = set(only.before_after.loc[only.before_after["year"] == 2024, "run_id"])
    assert run_id
    assert len(only.relapses) == 2


def test_the_place_of_a_firm_is_told_by_the_ledger_when_the_folder_is_gone(county, only) -> None:
    units = only.computed.evaluation.units
    uscc = str(units.loc[units["rank"].notna(), "uscc"].iloc[0])
    by_folder = firm_file(only, uscc).years
    assert by_folder["kept_in"].tolist() == ["figures", "folder", "now"]
    (county / "runs").rename(county / "away")
    try:
        assert firm_file(only, uscc).years["kept_in"].tolist() == ["figures", "figures", "now"]
        with open_ledger(county / "landuse.db") as ledger, ledger.read() as session:
            years = firm_file(only, uscc, session).years
        shown = main(["enterprise", uscc, "--project", str(county / "only.toml")])
    finally:
        (county / "away").rename(county / "runs")
    assert shown == 0
    assert years["kept_in"].tolist() == ["figures", "ledger", "now"]
    names = ["year", "cohort", "rank", "cohort_size", "status", "tax_wan", "score"]
    assert years[names].astype(str).to_numpy().tolist() == (
        by_folder[names].astype(str).to_numpy().tolist()
    )


def test_a_year_that_no_run_knows_is_told_by_its_figures_without_a_place(county, only) -> None:
    """Tax of 2023 is that of the county's own table in yuan; per mu on the land of now; no rank."""
    page = openpyxl.load_workbook(county / "tax.xlsx", read_only=True).worksheets[0]
    yuan = {row[1]: row[4] for row in page.iter_rows(values_only=True) if row[3] == 2023}
    units = only.computed.evaluation.units
    ranked = units[units["rank"].notna() & ~units["unit_id"].duplicated(keep=False)]
    one = ranked[ranked["uscc"].isin([code for code in yuan if isinstance(code, str)])].iloc[0]
    firm = firm_file(only, one["uscc"])
    first = firm.years.iloc[0]
    assert (first["year"], first["kept_in"]) == (2023, "figures")
    assert first["tax_wan"] == pytest.approx(yuan[one["uscc"]] / 10_000, abs=1e-6)
    assert first["tax_wan_per_mu"] == pytest.approx(first["tax_wan"] / one["area_mu"])
    (years,) = (table for table in firm_tables(firm, "zh") if table.key == "years")
    shown = years.rows["2023",]
    assert (shown["rank"], shown["status"], shown["grade_class"]) == ("", "", "")
    assert "未评价" in str(shown["kept_in"])


def test_only_plots_in_disposal_are_matched_and_the_reason_is_said(said, only) -> None:
    closed = str(only.ledger.cases["parcel_ids"].iloc[0])
    told = said("match", closed, code=2)
    assert "已是“销号" in told
    used = sorted(
        set(only.computed.inputs.parcels["parcel_id"]) - set(only.ledger.cases["parcel_ids"])
    )
    told = said("match", used[0], code=2)
    assert "台账中没有它的案件" in told
    assert "--any" in told
    told = said("match", used[0], "--any")
    assert "仅为试算" in told
    for word in ("土地面积", "厂房面积", "容积率", "环境类别", "意向园区类型", "主导行业"):
        assert word in told
    assert "可推荐" in said("match", "青石工业园")
    assert "没有这个宗地代码" in said("match", "999", code=2)


def test_lists_say_their_thresholds(said) -> None:
    told = said("enterprise", "--near", "10%", "--growth", "0.5")
    assert "规上标准 10% 以内" in told
    assert "同比 50% 以上" in told
    assert "1+" in told  # a chain with its leader
    assert "以内；高增长：同比 30% 以上" in said("enterprise")
    assert "不是 0 到 1" in said("enterprise", "--near", "2", code=2)


def test_what_the_project_has_is_exported_without_a_ledger(county, capsys, tmp_path) -> None:
    out = tmp_path / "出.xlsx"
    words = ["park", "export", str(out), "--project", str(county / "before.toml")]
    (county / "landuse.db").rename(county / "away.db")
    try:
        assert main(words) == 0
    finally:
        (county / "away.db").rename(county / "landuse.db")
    told = capsys.readouterr().out.replace("\n", "")
    assert "取自项目文件" in told
    assert "数据库：" not in told
    book = openpyxl.load_workbook(out, read_only=True)
    assert "集群类别" in [cell.value for cell in next(book["经济指标"].iter_rows(max_row=1))]


def test_a_ledger_without_cases_says_nothing_of_a_firm(only) -> None:
    """No case at all, and cases of other plots only: a firm has none, and its tables are empty."""
    units = only.computed.evaluation.units
    uscc = str(units.loc[units["rank"].notna(), "uscc"].iloc[0])
    others = only.ledger.cases.assign(parcel_ids="X", enterprises="别家", receiving="")
    for cases in (FIRM_CASES.empty(), others):
        book = replace(only, ledger=replace(only.ledger, cases=cases))
        firm = firm_file(book, uscc)
        assert firm.case_list.columns.tolist() == FIRM_CASES.names
        assert len(firm.case_list) == len(firm.papers) == 0
        tables = {table.key: table for table in firm_tables(firm, "zh")}
        assert tables["firm_cases"].rows == {}
        with pytest.raises(UserError, match="plot_no_case"):
            matched(book, [str(only.computed.inputs.parcels["parcel_id"].iloc[0])])

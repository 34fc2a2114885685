"""The commands about parks on the sample county, as people type them."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import docx
import openpyxl
import pytest
from report_proof import unproved

from landuse.cli import main
from landuse.pipeline.parks import all_about_parks


@pytest.fixture(scope="module")
def county(sample, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("county") / "sample"
    shutil.copytree(sample, folder, ignore=shutil.ignore_patterns("runs", "*.db"))
    return folder


@pytest.fixture(scope="module")
def planted(sample) -> list[dict]:
    return tomllib.loads((sample / "planted.toml").read_text("utf-8"))["park_trouble"]


@pytest.fixture(scope="module")
def once():
    """The tables of one project file and ledger are computed once for all commands."""
    found: dict[tuple, object] = {}

    def compute(path, *, as_of=None, db=None, env=None, progress=None):
        key = (path, as_of, db)
        if key not in found:
            found[key] = all_about_parks(path, as_of=as_of, db=db, env=env)
        return found[key]

    return compute


@pytest.fixture
def said(county, once, capsys, monkeypatch):
    monkeypatch.setattr("landuse.pipeline.parks.all_about_parks", once)
    monkeypatch.setenv("COLUMNS", "260")
    monkeypatch.setenv("LANDUSE_PLAIN", "1")
    monkeypatch.delenv("LANDUSE_DB", raising=False)

    def run(*words: str, code: int = 0) -> str:
        given = [*words, "--project", str(county / "parks.toml")]
        assert main(given) == code
        told = capsys.readouterr()
        return told.out + told.err

    return run


def test_every_park_is_listed_with_its_total(said) -> None:
    told = said("park", "list")
    # the boundary of 青石工业园 is 2 229 906.808102 m²: × 3 / 2000 = 3 344.86 mu
    assert "3344.86" in told
    assert all(name in told for name in ("云泽经济开发区", "柳塘创业园", "青石工业园", "园区外"))


def test_a_park_is_shown_with_its_contradiction(said, planted) -> None:
    told = said("park", "show", "青石工业园")
    assert "256800; 257800" in told  # 产值 stated as 25.68 and 25.78 亿: both, never one
    assert "传统产业" in told


def test_an_unknown_park_is_a_fault_with_the_names(said) -> None:
    assert "柳塘创业园" in said("park", "show", "柳糖", code=2)


def test_promises_name_the_firms_that_fall_short(said, planted) -> None:
    told = said("promises")
    short = [t["key"] for t in planted if t["kind"] in ("promise_broken", "promise_partly")]
    kept = [t["key"] for t in planted if t["kind"] in ("promise_kept", "promise_not_due")]
    assert len(short) == 10
    assert all(key in told for key in short)
    assert not any(key in told for key in kept)


def test_a_firm_has_its_year_land_and_promise(said, planted) -> None:
    broken = next(t["key"] for t in planted if t["kind"] == "promise_broken")
    told = said("enterprise", broken)
    assert broken in told
    assert "2025" in told
    assert "亩均税收" in told


def test_who_fits_vacant_floor_space_is_told_with_reasons(said) -> None:
    told = said("match", "floor:青石工业园")
    assert "可推荐" in told
    assert "环境类别" in told
    assert "没有可供撮合" in said("match", "339901999999GB99999", code=2)


@pytest.mark.usefixtures("chinese_font")
def test_relapses_of_the_ledger_stand_in_the_report(said, county, planted, tmp_path) -> None:
    ledger = str(tmp_path / "office.db")
    taken = county / "disposed.xlsx"
    said("ledger", "import", str(taken), "--new", "--yes", "--by", "test", "--db", ledger)
    said("report", "2026-H1", "--out", str(tmp_path), "--db", ledger)
    book = openpyxl.load_workbook(tmp_path / "report-2026-H1.xlsx")
    page = next(one for one in book if one["A1"].value == "盘活后反弹")
    found = {row[2] for row in page.iter_rows(min_row=3, values_only=True)}
    assert found == {t["key"] for t in planted if t["kind"] == "relapse"}
    document = tmp_path / "report-2026-H1.docx"
    text = "".join(p.text for p in docx.Document(str(document)).paragraphs)
    # disposed.xlsx has 6 plots, all accepted in 2024
    assert "台账6〔表1!" in text
    assert "盘活后又被列入疑似的2〔表1!" in text
    assert "亩均税收由盘活前的" in text
    assert unproved(document, tmp_path / "report-2026-H1.xlsx")[1] == []

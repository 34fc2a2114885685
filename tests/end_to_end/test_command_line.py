"""The commands as a planner types them, in processes of their own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

PARCELS_AND_TABLES = ["demo", "init", "check", "identify", "explain", "compare", "rules"]


def landuse(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from landuse.cli import main; sys.exit(main())",
            *words,
        ],
        cwd=cwd,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8", "COLUMNS": "160"}
        | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        | environment,
    )


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, run in a path with Chinese and spaces; gives its folder."""
    place = tmp_path_factory.mktemp("园区 数据")
    done = landuse("demo", cwd=place)
    assert done.returncode == 0, done.stderr.decode()
    (place / "stdout.txt").write_bytes(done.stdout)
    return place / "landuse-demo"


@pytest.fixture(scope="module")
def run(demo: Path) -> Path:
    """The only run folder of the demo."""
    (folder,) = (demo / "runs").iterdir()
    return folder


def test_demo_prints_summary_and_paths(demo: Path, run: Path) -> None:
    shown = (demo.parent / "stdout.txt").read_text(encoding="utf-8")
    totals = json.loads((run / "run.json").read_text(encoding="utf-8"))["totals"]
    assert f"runs{os.sep}{run.name}" in shown
    assert "map.html" in shown
    for number in (totals["classes"]["low_efficiency"]["count"], totals["units"]["ranked"]):
        assert re.search(rf"│\s+{number}\s+│|┃\s+{number}\s+┃|\b{number}\b", shown)


def test_second_run_has_the_same_id_and_bytes(demo: Path, run: Path) -> None:
    before = digests(run)
    done = landuse("identify", "project.toml", cwd=demo)
    assert done.returncode == 0, done.stderr.decode()
    assert [folder.name for folder in (demo / "runs").iterdir()] == [run.name]
    assert digests(run) == before


def test_a_gbk_console_and_another_place_change_nothing(run: Path, tmp_path: Path) -> None:
    place = tmp_path / "another"
    place.mkdir()
    done = landuse("demo", cwd=place, PYTHONIOENCODING="gbk", PYTHONHASHSEED="7", TZ="Asia/Tokyo")
    assert done.returncode == 0, done.stderr.decode("gbk", "replace")
    assert "成果文件夹" in done.stdout.decode("gbk")
    (folder,) = (place / "landuse-demo" / "runs").iterdir()
    assert folder.name == run.name
    assert digests(folder) == digests(run)


def test_check_writes_the_issues(demo: Path, tmp_path: Path) -> None:
    book = tmp_path / "问题.xlsx"
    done = landuse("check", "project.toml", "--out", str(book), cwd=demo)
    assert done.returncode == 0, done.stderr.decode()
    assert book.stat().st_size > 5000
    assert "企业" in done.stdout.decode()


def test_check_in_english(demo: Path, tmp_path: Path) -> None:
    done = landuse("check", "project.toml", "--lang", "en", "--out", "i.xlsx", cwd=demo)
    assert done.returncode == 0
    assert "whose job" in done.stdout.decode()
    (demo / "i.xlsx").unlink()


def test_explain_traces_a_flag_to_its_rows(demo: Path, run: Path) -> None:
    units = pd.read_parquet(run / "units.parquet")
    flagged = units[units["status"] == "low_efficiency"].iloc[0]
    done = landuse("explain", str(run), flagged["uscc"], cwd=demo)
    shown = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    for part in (flagged["uscc"], "three-indicator", run.name.split("-")[-1], ".xlsx"):
        assert part in shown
    done = landuse("explain", str(run), flagged["uscc"], "--json", cwd=demo)
    assert json.loads(done.stdout)


def test_explain_an_unknown_key_is_the_users_to_mend(run: Path, tmp_path: Path) -> None:
    done = landuse("explain", str(run), "91350000000000000X", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr.decode()


def test_compare_names_the_rule_that_moved(demo: Path, run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy, ignore=shutil.ignore_patterns("runs"))
    project = (copy / "project.toml").read_text(encoding="utf-8")
    assert "[rules.override]" not in project
    project += '\n[rules.override]\nshare = "0.30"\n'
    (copy / "project.toml").write_text(project, encoding="utf-8")
    assert landuse("identify", "project.toml", "--out", "wider", cwd=copy).returncode == 0
    done = landuse("compare", str(run), "wider", cwd=copy)
    shown = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "share" in shown
    first = pd.read_parquet(run / "units.parquet").set_index("uscc")["status"]
    second = pd.read_parquet(copy / "wider" / "units.parquet").set_index("uscc")["status"]
    moved = first.index[(first != "low_efficiency") & (second == "low_efficiency")]
    assert len(moved) > 0
    for uscc in moved:
        assert uscc in shown


def test_a_foreign_folder_is_not_replaced(demo: Path, tmp_path: Path) -> None:
    precious = tmp_path / "mine"
    precious.mkdir()
    (precious / "thesis.docx").write_text("years of work")
    done = landuse("identify", "project.toml", "--out", str(precious), cwd=demo)
    assert done.returncode == 2
    assert digests(precious).keys() == {"thesis.docx"}


@pytest.mark.parametrize(
    "words",
    [
        ["check", "nowhere.toml"],
        ["identify", "nowhere.toml"],
        ["explain", "nowhere", "1"],
        ["compare", "nowhere", "neither"],
        ["rules", "show", "no-such-pack"],
        ["rules", "diff", "three-indicator", "no-such-pack"],
        ["init", "new", "nowhere.shp", "nowhere.xlsx"],
        ["identify"],
        ["frobnicate"],
        ["check", "x.toml", "--no-such-option"],
        ["check", "x.toml", "--as-of", "yesterday"],
        ["rules", "list", "--lang", "fr"],
    ],
    ids=" ".join,
)
def test_faults_of_the_user_end_in_words(words: list[str], tmp_path: Path) -> None:
    done = landuse(*words, cwd=tmp_path)
    said = done.stderr.decode()
    assert done.returncode == 2
    assert "Traceback" not in said
    assert re.search("[\u4e00-\u9fff]", said)


def test_our_own_fault_is_exit_1_without_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from landuse.cli import main, screen

    def broken(lang: str) -> None:
        raise ZeroDivisionError(lang)

    monkeypatch.setattr(screen, "show_packs", broken)
    assert main(["rules", "list"]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "Traceback" not in said


def test_help_is_chinese_by_default_and_english_on_request(tmp_path: Path) -> None:
    for words in ([], ["demo"], ["check"], ["identify"], ["rules"], ["rules", "show"]):
        done = landuse(*words, "--help", cwd=tmp_path)
        assert done.returncode == 0
        assert "显示帮助" in done.stdout.decode()
        assert "Options" not in done.stdout.decode()
        english = landuse(*words, "--help", cwd=tmp_path, LANDUSE_LANG="en")
        assert not re.search("[\u4e00-\u9fff]", english.stdout.decode())
    for command in PARCELS_AND_TABLES:
        assert command in landuse("--help", cwd=tmp_path).stdout.decode()


def test_no_words_at_all_shows_the_help(tmp_path: Path) -> None:
    done = landuse(cwd=tmp_path)
    assert "identify" in done.stdout.decode() + done.stderr.decode()


def test_version(tmp_path: Path) -> None:
    from landuse import __version__

    assert landuse("--version", cwd=tmp_path).stdout.decode().split() == ["landuse", __version__]


def test_rules_are_listed_shown_and_compared(tmp_path: Path) -> None:
    listed = landuse("rules", "list", cwd=tmp_path).stdout.decode()
    assert "three-indicator" in listed
    assert "huangyan-2022" in listed
    shown = landuse("rules", "show", "three-indicator", cwd=tmp_path).stdout.decode()
    assert "0.15" in shown
    compared = landuse("rules", "diff", "three-indicator", "huangyan-2022", cwd=tmp_path)
    assert "coefficient" in compared.stdout.decode()


def test_init_then_check_on_the_sample(demo: Path, tmp_path: Path) -> None:
    files = [
        str(path)
        for path in sorted(demo.iterdir())
        if path.suffix in {".shp", ".xlsx", ".gpkg", ".csv"} and path.name != "issues.xlsx"
    ]
    parcels = [name for name in files if "宗地" in name]
    others = [name for name in files if name not in parcels]
    done = landuse("init", "new", *parcels[:1], *others, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    written = (tmp_path / "new" / "project.toml").read_text(encoding="utf-8")
    assert "# ?" in written
    assert "[parcels]" in written

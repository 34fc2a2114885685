"""The ledger as a planner works it at a terminal."""

from __future__ import annotations

import getpass
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from landuse.cli import ledger_options, main

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")
COMMANDS = [
    *("list", "show", "open", "advance", "assign", "note", "dispose", "accept", "close", "defer"),
    *("resize", "document", "undo", "history", "runs", "adopt", "object", "decide", "corrections"),
    *("totals", "verify", "backup", "restore", "copy"),
]
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
Said = tuple[int, str, str]
Do = Callable[..., Said]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, run once in a process of its own in a path with Chinese and spaces."""
    place = tmp_path_factory.mktemp("台账 示例")
    script = "import sys; from landuse.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", script, "demo"],
        cwd=place,
        capture_output=True,
        check=False,
        env={"PATH": "", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "160"}
        | {"LANDUSE_DB": str(place / "precious.db"), "HOME": str(place)},
    )
    assert done.returncode == 0, done.stderr.decode()
    (place / "stdout.txt").write_bytes(done.stdout)
    return place / "landuse-demo"


@pytest.fixture(scope="module")
def opened(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with a ledger that was opened in November 2026, whatever today is."""
    folder = tmp_path_factory.mktemp("台账") / "县"
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns("landuse.db*"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_options, "now", lambda: NOW)
        place = ["--project", str(folder / "project.toml"), "--db", str(folder / "landuse.db")]
        assert main(["ledger", "open", str(only_run(folder)), "--by", "王工", *place]) == 0
    return folder


@pytest.fixture
def here(opened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to work in, at that time."""
    folder = tmp_path / "工作"
    shutil.copytree(opened, folder)
    monkeypatch.setattr(ledger_options, "now", lambda: NOW)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("LANDUSE_DB", raising=False)
    monkeypatch.delenv("LANDUSE_LANG", raising=False)
    return folder


@pytest.fixture
def do(here: Path, capsys: pytest.CaptureFixture[str]) -> Do:
    """Run ``landuse ledger ...`` and give exit code, what it said, and its complaint."""

    def run(*words: str) -> Said:
        capsys.readouterr()
        code = main(["ledger", *map(str, words)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


def done(do: Do, *words: str) -> str:
    code, out, err = do(*words)
    assert code == 0, err
    return out


def refused(do: Do, *words: str) -> str:
    code, _, err = do(*words)
    assert code == 2, err
    assert CHINESE.search(err)
    return err


def cases(do: Do, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(done(do, "list", "--json", *words))
    return found


def only_run(here: Path) -> Path:
    (run,) = (here / "runs").iterdir()
    return run


# --- the demo ------------------------------------------------------------------------------------


def test_demo_opens_the_ledger_beside_its_project(demo: Path) -> None:
    shown = (demo.parent / "stdout.txt").read_text(encoding="utf-8")
    parcels = pd.read_parquet(only_run(demo) / "parcels.parquet")
    either = int((parcels["is_low_efficiency"] | parcels["is_idle"]).sum())
    assert (demo / "landuse.db").is_file()
    assert not (demo.parent / "precious.db").exists()  # LANDUSE_DB is somebody's real ledger
    assert f"开立 {either} 件" in shown
    assert re.search(rf"台账（不含剔除）{either} 件", shown)
    assert "按处置方式" in shown


def test_the_ledger_agrees_with_the_run(do: Do, here: Path) -> None:
    totals = json.loads((only_run(here) / "run.json").read_text(encoding="utf-8"))["totals"]
    low, idle = (cases(do, "--kind", kind) for kind in ("low_efficiency", "idle"))
    both = cases(do, "--kind", "both")
    assert len(low) + len(both) == totals["low_efficiency_parcels"]
    assert len(idle) + len(both) == totals["idle_parcels"]
    found = json.loads(done(do, "totals", "--json"))
    assert found["cases"] == len(low) + len(idle) + len(both)
    assert found["mu_e4"] == sum(round(float(str(one["mu"])) * 1e4) for one in low + idle + both)
    # every stored area is the run's, rounded to the fourth decimal
    assert abs(
        sum(float(str(one["mu"])) for one in idle + both) - totals["idle_mu"]
    ) <= 0.00005 * len(idle + both)


# --- the life of a case --------------------------------------------------------------------------


def test_a_case_from_suspicion_to_its_closing(do: Do, here: Path) -> None:
    (here / "认定书.pdf").write_bytes(b"paper")
    who = ["--by", "王工"]
    assert "王工" in done(do, "advance", "2026-001", "疑似", *who)
    done(
        do, "advance", "2026-001", "publicised", "--from", "2026-07-01", "--to", "2026-07-07", *who
    )
    done(do, "advance", "2026-001", "认定", "--file", "认定书.pdf", "--dated", "2026-07-10", *who)
    done(do, "resize", "2026-001", "--floor", "8000.5", "--why", "补测", *who)
    done(do, "dispose", "2026-001", "--way", "依法回购", "--mu", "10", "--floor", "5000", *who)
    mu = str(cases(do)[0]["mu"])
    rest = f"{float(mu) - 10:.4f}"
    done(do, "dispose", "2026-001", "--way", "auction", "--mu", rest, "--receiver", "新厂", *who)
    done(
        do, "advance", "2026-001", "planned", "--unit", "经发局", "--person", "李工",
        "--deadline", "2026-12-31", *who,
    )  # fmt: skip
    done(do, "advance", "2026-001", "in_disposal", "--started-on", "2026-08-01", *who)
    done(do, "note", "2026-001", "--progress", "已签协议", *who)
    done(do, "advance", "2026-001", "待验收", *who)
    done(do, "accept", "2026-001", "1", "--on", "2026-09-01", *who)
    (line,) = cases(do, "--state", "待验收")
    assert line["accepted_mu"] == "10"
    done(do, "close", "2026-001", "--on", "2026-10-01", *who)
    (line,) = cases(do, "--state", "closed")
    assert (line["number"], line["disposed_mu"], line["accepted_mu"]) == ("2026-001", mu, mu)
    shown = done(do, "show", "2026-001")
    for part in ("销号", "依法回购", "司法拍卖", "新厂", "已签协议", "经发局", "认定书.pdf", mu):
        assert part in shown
    headline = json.loads(done(do, "totals", "--json"))["headline"]
    assert headline["closed_cases"] == 1
    assert headline["revitalised_mu_e4"] == round(float(mu) * 1e4)
    assert headline["revitalised_floor_m2_e2"] == 500_000
    history = json.loads(done(do, "history", "2026-001", "--json"))
    assert {one["by"] for one in history if one["field"] != "*" or one["entity"] == "part"} == {
        "王工"
    }
    assert "核验通过" in done(do, "verify")


def test_what_remains_at_closing_names_its_new_case(do: Do) -> None:
    for words in (
        ["疑似"],
        ["公示", "--from", "2026-07-01", "--to", "2026-07-07"],
        ["认定", "--document", "1号"],
        [
            "制定方案",
            "--way",
            "司法拍卖",
            "--unit",
            "局",
            "--person",
            "李",
            "--deadline",
            "2026-12-31",
        ],
        ["处置中", "--started-on", "2026-08-01"],
        ["待验收", "--mu", "1.5"],
    ):
        done(do, "advance", "2026-002", *words)
    mu = float(str(cases(do)[1]["mu"]))
    assert "--carry-rest" in refused(do, "close", "2026-002", "--on", "2026-09-01")
    said = done(do, "close", "2026-002", "--on", "2026-09-01", "--carry-rest")
    assert f"剩余 {mu - 1.5:.4f} 亩转入新台账 2026-078" in said
    said = refused(do, "advance", "2026-003", "疑似", "--from", "2026-07-01", "--unit", "局")
    assert "用不到：--from, --unit" in said


def test_a_forbidden_move_names_the_allowed_ones(do: Do) -> None:
    said = refused(do, "advance", "2026-002", "closed")
    for part in ("疑似", "剔除", "suspected", "removed"):
        assert part in said
    assert "公示" in refused(do, "advance", "2026-002", "somewhere")
    done(do, "advance", "2026-002", "suspected")
    assert "公示" in refused(do, "advance", "2026-002", "publicised")  # its dates are missing
    assert "理由" in refused(do, "defer", "2026-002")


def test_deferred_cases_return_to_where_they_were(do: Do) -> None:
    done(do, "advance", "2026-002", "suspected")
    done(do, "defer", "2026-002", "--why", "诉讼")
    assert "暂缓（自“疑似”）" in done(do, "show", "2026-002")
    refused(do, "advance", "2026-002", "publicised")
    assert "疑似" in done(do, "advance", "2026-002", "suspected")


def test_who_acts_is_the_systems_user_unless_said(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    assert getpass.getuser() in done(do, "note", "2026-003", "--notes", "甲")
    assert "没有改动" in done(do, "note", "2026-003", "--notes", "甲")
    assert "--by" in refused(do, "note", "2026-003", "--notes", "乙", "--by", " ")

    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert "--by" in refused(do, "note", "2026-003", "--notes", "乙")
    assert "王工" in done(do, "note", "2026-003", "--notes", "乙", "--by", "王工")


def test_undo_is_a_new_change(do: Do) -> None:
    done(do, "note", "2026-003", "--notes", "错写")
    event = json.loads(done(do, "history", "2026-003", "--json"))[-1]
    assert "撤销" in done(do, "undo", str(event["id"]), "--why", "写错了")
    history = json.loads(done(do, "history", "2026-003", "--json"))
    assert [one["after"] for one in history[-2:]] == ["错写", ""]
    assert history[-1]["undo_of"] == event["id"]
    assert "已撤销" in done(do, "history", "2026-003")
    assert "2026-003" in refused(do, "undo", str(event["id"]))
    refused(do, "undo", "99999")


def test_a_stale_writer_is_told_who_was_faster(do: Do) -> None:
    revision = str(cases(do)[2]["revision"])
    done(do, "assign", "2026-003", "--unit", "镇政府", "--by", "李工", "--revision", revision)
    said = refused(do, "assign", "2026-003", "--unit", "经发局", "--revision", revision)
    assert "李工" in said
    assert "镇政府" in said


def test_a_case_by_hand_and_never_two_for_one_parcel(do: Do) -> None:
    given = ["--kind", "闲置", "--mu", "12.3456", "--enterprise", "老厂", "--park", "东区"]
    assert "2026-078" in done(do, "open", "--parcel", "Z1", "--parcel", "Z2", *given)
    (line,) = cases(do, "--parcel", "Z2")
    assert (line["mu"], line["kind"], line["parcels"]) == ("12.3456", "idle", ["Z1", "Z2"])
    assert done(do, "show", "2026-078").count("已登记的成果中没有") == 2
    assert "仍在初筛结果中" in done(do, "show", "2026-001")
    assert "2026-078" in refused(do, "open", "--parcel", "Z2", *given)
    assert "4" in refused(do, "open", "--parcel", "Z3", "--kind", "idle", "--mu", "1.23456")
    refused(do, "open", "--parcel", "Z3", "--mu", "5")
    refused(do, "open")
    refused(do, "open", "runs/nowhere")


def test_lists_are_filtered(do: Do) -> None:
    everything = cases(do)
    parks = {str(one["park"]) for one in everything}
    assert sum(len(cases(do, "--park", park)) for park in parks if park) + len(
        [one for one in everything if not one["park"]]
    ) == len(everything)
    assert len(cases(do, "--way", "none")) == len(everything)
    assert cases(do, "--way", "buy_back") == []
    done(do, "assign", "2026-005", "--deadline", "2026-09-30")
    assert [one["number"] for one in cases(do, "--deadline-before", "2026-10-01")] == ["2026-005"]
    assert cases(do, "--deadline-before", "2026-09-30") == []
    name = str(everything[6]["enterprises"])
    assert everything[6] in cases(do, "--enterprise", name[:6])
    assert len(cases(do, "--state", "摸排")) == len(everything)
    assert "buy_back" in refused(do, "list", "--way", "送人")


def test_papers_have_dates_and_hashes(do: Do, here: Path) -> None:
    (here / "通知书.docx").write_bytes(b"notice")
    done(
        do, "document", "2026-004", "--file", "通知书.docx", "--paper", "investigation_notice",
        "--dated", "2026-07-01",
    )  # fmt: skip
    done(do, "document", "2026-004", "--number", "1", "--served-on", "2026-07-02")
    shown = done(do, "show", "2026-004")
    # the holder answers within 30 days of service: 2 July + 30 days
    for part in ("通知书.docx", "2026-07-02", "2026-08-01"):
        assert part in shown
    refused(do, "document", "2026-004")
    refused(do, "document", "2026-004", "--file", "没有.pdf")


# --- reruns and objections -----------------------------------------------------------------------


def test_opening_again_opens_nothing(do: Do, here: Path) -> None:
    before = done(do, "totals")
    said = done(do, "open", str(only_run(here)), "--kind", "both")
    assert "没有需要新开立的台账" in said
    assert done(do, "totals") == before


def _barely_flagged(run: Path) -> tuple[str, str]:
    """The flagged enterprise nearest the cut-off, and its parcel."""
    units = pd.read_parquet(run / "units.parquet")
    flagged = units[units["status"] == "low_efficiency"].sort_values(["margin", "uscc"])
    uscc = str(flagged["uscc"].iloc[-1])
    links = pd.read_parquet(run / "links.parquet")
    return uscc, str(links.loc[links["uscc"] == uscc, "parcel_id"].iloc[0])


def _tax_of(uscc: str, folder: Path) -> str:
    rows = (
        load_workbook(folder / "tax.xlsx", read_only=True).worksheets[0].iter_rows(values_only=True)
    )
    return next(str(row[4]) for row in rows if row[1] == uscc and row[3] == 2025)


def test_an_accepted_objection_moves_the_next_run(do: Do, here: Path) -> None:
    first = only_run(here)
    uscc, parcel = _barely_flagged(first)
    old = _tax_of(uscc, here)
    new = f"{float(old) * 4:.2f}"
    (here / "完税证明.pdf").write_bytes(b"proof")
    (case,) = cases(do, "--parcel", parcel)
    number = str(case["number"])
    words = ["--table", "企业", "--key", uscc, "--column", "tax", "--old", old, "--new", new]
    evidence = ["--evidence", "完税证明.pdf", "--why", "漏报", "--by", "企业"]
    assert "第 1 号" in done(do, "object", "--case", number, *words, *evidence)
    done(do, "object", "--table", "parcels", "--key", parcel, "--old", "1", "--new", "2",
         "--why", "面积")  # fmt: skip
    done(do, "decide", "1", "accept", "--by", "主任", "--why", "属实")
    done(do, "decide", "2", "accept", "--by", "主任", "--why", "属实")
    assert "已采纳" in refused(do, "decide", "2", "reject", "--why", "重想")
    assert "2 条" in done(do, "corrections", "更正2.csv")
    refused(do, "corrections", "更正2.csv")
    done(do, "corrections", "更正2.csv", "--replace")

    text = (here / "project.toml").read_text(encoding="utf-8")
    text = text.replace('path = "corrections.csv"', 'path = ["corrections.csv", "更正2.csv"]')
    (here / "project.toml").write_text(text, encoding="utf-8")
    assert main(["identify", "project.toml", "--out", "second"]) == 0
    outcome = pd.read_parquet(here / "second" / "corrections.parquet").set_index("key")["outcome"]
    assert outcome[uscc] == "applied"
    assert outcome[parcel] == "old_differs"
    compared = _compare(first, here / "second")
    (out,) = [one for one in compared["moves"] if one["uscc"] == uscc]
    assert out["move"] == "out"
    assert out["inputs"] == ["更正2.csv"]

    said = done(do, "open", "second")
    assert "不再被识别" in said
    assert number in said
    (case,) = cases(do, "--parcel", parcel)
    assert case["state"] == "found"
    listed = done(do, "corrections")
    assert "原值已变" in listed
    assert "已不在初筛结果中" in done(do, "show", number)
    assert "消失" in done(do, "runs")
    assert "核验通过" in done(do, "verify")


def _compare(first: Path, second: Path) -> dict[str, list[dict[str, object]]]:
    from landuse.publish.compare import compare

    found: dict[str, list[dict[str, object]]] = compare(first, second).json
    return found


def test_objections_that_cannot_be_are_refused(do: Do) -> None:
    said = refused(do, "object", "--table", "天气", "--key", "K", "--new", "1", "--why", "x")
    assert "parcels" in said
    refused(do, "object", "--key", "K", "--new", "1")  # no reason
    refused(do, "object", "--key", "K", "--new", "1", "--why", "x", "--evidence", "nowhere.pdf")
    refused(do, "object", "--case", "2026-999", "--new", "1", "--why", "x")
    refused(do, "decide", "7", "accept")


def test_an_objection_to_a_case_speaks_of_its_only_parcel(do: Do) -> None:
    (case,) = cases(do)[:1]
    said = done(
        do, "object", "--case", str(case["number"]), "--old", "10", "--new", "9", "--why", "重测"
    )
    (parcel,) = case["parcels"]  # type: ignore[misc]
    assert str(parcel) in said
    assert "registered_area" in said
    assert "没有写原值" not in said
    words = ("--key", "别的宗地", "--new", "9", "--why", "重测")
    assert "没有写原值" in done(do, "object", *words)  # a correction of a blank, and only that


# --- the ledger as a whole -----------------------------------------------------------------------


def test_backup_restore_and_copy(do: Do, here: Path) -> None:
    before = cases(do)
    done(do, "backup", "备份.db")
    refused(do, "backup", "备份.db")
    done(do, "note", "2026-001", "--notes", "之后")
    done(do, "restore", "备份.db")
    assert cases(do) == before
    assert list((here / "backups").glob("*restore*"))
    done(do, "copy", "--to", "副本.db")
    assert cases(do, "--db", "副本.db") == before
    refused(do, "copy", "--to", "副本.db")
    refused(do, "restore", "没有.db")


def test_which_ledger_is_chosen(
    do: Do, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "别处.db"
    done(do, "copy", "--to", str(other))
    done(do, "note", "2026-001", "--notes", "别处的", "--db", str(other))
    assert "别处的" not in done(do, "show", "2026-001")
    monkeypatch.setenv("LANDUSE_DB", str(other))
    assert "别处的" in done(do, "show", "2026-001")
    assert "别处的" not in done(do, "show", "2026-001", "--db", "landuse.db")
    monkeypatch.delenv("LANDUSE_DB")
    project = here / "project.toml"
    project.write_text(
        project.read_text(encoding="utf-8") + f'\n[database]\nurl = "{other.as_posix()}"\n',
        encoding="utf-8",
    )
    assert "别处的" in done(do, "show", "2026-001")
    monkeypatch.chdir(tmp_path)
    assert "别处的" in done(do, "show", "2026-001", "--project", str(project))
    said = refused(do, "show", "2026-001")
    assert "--project" in said
    assert "--db" in said
    refused(do, "list", "--project", "nowhere.toml")
    said = refused(do, "list", "--deadline-before", "2026-13-01", "--db", str(other))
    assert "不是一个日期" in said


def test_a_ledger_that_is_not_there_is_not_made_by_looking(do: Do, here: Path) -> None:
    for words in (["list"], ["verify"], ["show", "2026-001"], ["advance", "2026-001", "found"]):
        refused(do, *words, "--db", "new.db")
    assert not (here / "new.db").exists()


def test_a_password_is_never_shown(do: Do) -> None:
    url = "postgresql://plan:geheim-wort@127.0.0.1:1/none"
    for words in (["list"], ["verify"]):
        code, out, err = do(*words, "--db", url)
        assert code == 2
        assert "geheim" not in out + err
    code, out, err = do("copy", "--to", url)
    assert code == 2
    assert "geheim" not in out + err


def test_a_broken_ledger_fails_its_verification(do: Do, here: Path) -> None:
    import sqlite3

    with sqlite3.connect(here / "landuse.db") as connection:
        connection.execute("UPDATE cases SET case_mu_e4 = case_mu_e4 + 1 WHERE number = '2026-001'")
    connection.close()
    assert "2026-001" in refused(do, "verify")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_chinese_unless_asked(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["ledger", *([command] if command else []), "--help"]
    assert main(words) == 0
    assert "显示帮助" in capsys.readouterr().out


def test_english_is_english(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDUSE_LANG", "en")
    for command in ("", *COMMANDS):
        code, out, _ = do(*([command] if command else []), "--help")
        assert code == 0
        assert not CHINESE.search(out), command
    code, _, err = do("advance", "2026-001", "closed")
    assert code == 2
    assert "suspected" in err


def test_group_names_every_command(do: Do) -> None:
    shown = done(do, "--help")
    for command in COMMANDS:
        assert re.search(rf"\b{command}\b", shown)

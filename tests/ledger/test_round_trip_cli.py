"""Export, import and notice at a terminal."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from book_desk import STATE, Desk, Edit
from case_life import opened

from landuse.cli import ledger_book_screen, ledger_options, main
from landuse.ledger.store import open_ledger

NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def place(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANDUSE_DB", str(tmp_path / "账.db"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("LANDUSE_LANG", raising=False)
    monkeypatch.setattr(ledger_options, "now", lambda: NOW)
    with open_ledger(tmp_path / "账.db") as ledger:
        Desk(ledger, tmp_path).fill()
        yield tmp_path


@pytest.fixture
def do(place, capsys):
    def run(*words):
        capsys.readouterr()
        code = main([*map(str, words)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


def case(place, number):
    with open_ledger(place / "账.db") as ledger:
        return Desk(ledger, place).case(number)


def test_export_says_what_it_wrote_and_refuses_to_overwrite(do, place):
    code, out, _ = do("ledger", "export", "台账.xlsx")
    assert code == 0
    assert "5 宗，150.1234 亩" in out  # 10 + 20.1234 + 30 + 40 + 50
    code, _, err = do("ledger", "export", "台账.xlsx")
    assert code == 2
    assert "--replace" in err
    assert do("ledger", "export", "台账.xlsx", "--replace")[0] == 0
    assert do("ledger", "export", "台账.csv")[0] == 0
    assert do("ledger", "export", "台账.doc")[0] == 2


@pytest.mark.parametrize(
    ("words", "n"),
    [
        (("--state", "制定方案"), 1), (("--state", "found"), 3), (("--park", "北园"), 2),
        (("--way", "司法拍卖"), 1), (("--way", "none"), 3), (("--kind", "闲置"), 1),
        (("--deadline-before", "2026-07-01"), 1),
    ],
)  # fmt: skip
def test_filters(do, place, words, n):
    code, out, _ = do("ledger", "export", "部分.xlsx", *words)
    assert code == 0
    assert f"{n} 宗" in out
    assert do("ledger", "import", "部分.xlsx", "--yes", "--by", "x")[0] == 0


def test_a_word_that_is_no_state_is_refused(do):
    code, _, err = do("ledger", "export", "x.xlsx", "--state", "差不多")
    assert code == 2
    assert "摸排" in err


def test_nothing_is_written_without_yes_where_nobody_can_be_asked(do, place):
    do("ledger", "export", "台账.xlsx")
    Edit(place / "台账.xlsx").put("2026-001", 备注="写").save()
    code, out, _ = do("ledger", "import", "台账.xlsx", "--by", "赵六")
    assert code == 2
    assert "备注：（空） → 写" in out
    assert "处置台账 第 4 行" in out
    assert "--yes" in out
    assert case(place, "2026-001").notes == ""
    code, out, _ = do("ledger", "import", "台账.xlsx", "--preview")
    assert code == 0
    assert case(place, "2026-001").notes == ""


def test_yes_writes_and_says_who_and_how_much(do, place):
    do("ledger", "export", "台账.xlsx")
    Edit(place / "台账.xlsx").put("2026-001", 备注="写").save()
    code, out, _ = do("ledger", "import", "台账.xlsx", "--by", "赵六", "--why", "三月", "--yes")
    assert code == 0
    assert "赵六 已写入：改动 1 宗" in out
    assert "import.db" in out
    assert case(place, "2026-001").notes == "写"
    code, out, _ = do("ledger", "import", "台账.xlsx", "--yes")
    assert (code, "没有需要写入的改动" in out) == (0, True)


@pytest.mark.parametrize(("answer", "notes"), [(True, "写"), (False, "")])
def test_it_asks_at_a_terminal(do, place, monkeypatch, answer, notes):
    monkeypatch.setattr(ledger_book_screen, "can_ask", lambda: True)
    monkeypatch.setattr(ledger_book_screen, "agrees", lambda lang, n: answer)
    do("ledger", "export", "台账.xlsx")
    Edit(place / "台账.xlsx").put("2026-001", 备注="写").save()
    assert do("ledger", "import", "台账.xlsx")[0] == 0
    assert case(place, "2026-001").notes == notes


def test_refused_rows_stop_it_unless_only_legal(do, place):
    do("ledger", "export", "台账.xlsx")
    edit = Edit(place / "台账.xlsx")
    edit.put("2026-001", 备注="写")
    edit.set("2026-002", {STATE: "销号"}).save()
    code, out, _ = do("ledger", "import", "台账.xlsx", "--yes")
    assert code == 2
    assert "不能改为“销号”" in out
    assert "没有写入任何内容" in out
    assert case(place, "2026-001").notes == ""
    code, out, _ = do("ledger", "import", "台账.xlsx", "--yes", "--only-legal")
    assert code == 0
    assert "另有 1 宗不能采用" in out
    assert case(place, "2026-001").notes == "写"


def test_in_english(do, place):
    do("ledger", "export", "ledger.xlsx", "--lang", "en")
    edit = Edit(place / "ledger.xlsx", "Ledger")
    edit.set("2026-001", {"notes": "x", "state": "closed"}).save()
    code, out, _ = do("ledger", "import", "ledger.xlsx", "--lang", "en", "--yes")
    assert code == 2
    assert "cannot become" in out


def test_a_file_that_is_not_there(do):
    code, _, err = do("ledger", "import", "无.xlsx")
    assert code == 2
    assert "找不到文件" in err


def test_an_office_ledger_with_a_word_that_must_be_said(do, place):
    (place / "老台账.csv").write_text(
        "宗地代码,企业名称,面积(亩),类型,状态\nQ1,甲,5,低效,正在谈判\n", encoding="utf-8"
    )
    words = ("ledger", "import", "--new", "老台账.csv", "--by", "赵六", "--yes")
    code, out, _ = do(*words)
    assert code == 2
    assert "正在谈判" in out
    assert "请说明" in out
    code, _, err = do(*words, "--word", "正在谈判=不知道")
    assert code == 2
    assert "不知道" in err
    code, out, _ = do(*words, "--word", "正在谈判=制定方案")
    assert code == 0
    assert "2026-006" in out
    assert case(place, "2026-006").state == "planned"


def test_unknown_words_are_asked_for_at_a_terminal(do, place, monkeypatch):
    (place / "老台账.csv").write_text(
        "宗地代码,企业名称,面积(亩),类型,状态\nQ1,甲,5,低效,正在谈判\n", encoding="utf-8"
    )
    asked = []

    def prompt(question, **_):
        asked.append(question)
        return ["胡说", "处置中"][len(asked) - 1]

    monkeypatch.setattr(ledger_book_screen, "can_ask", lambda: True)
    monkeypatch.setattr(ledger_book_screen, "agrees", lambda lang, n: True)
    monkeypatch.setattr("typer.prompt", prompt)
    assert do("ledger", "import", "--new", "老台账.csv", "--by", "赵六")[0] == 0
    assert len(asked) == 2  # 胡说 is none of our words
    assert case(place, "2026-006").state == "in_disposal"


@pytest.mark.parametrize("words", [("--word", "a=b"), ("--kind", "idle"), ("--area-unit", "mu")])
def test_options_of_an_office_ledger_need_new(do, place, words):
    do("ledger", "export", "台账.xlsx")
    code, _, err = do("ledger", "import", "台账.xlsx", *words)
    assert code == 2
    assert "--new" in err


def test_a_new_ledger_is_made_for_an_office(do, place, monkeypatch):
    monkeypatch.setenv("LANDUSE_DB", str(place / "新.db"))
    (place / "老.csv").write_text("宗地代码,面积(亩),类型\nQ1,5,低效\n", encoding="utf-8")
    assert do("ledger", "import", "--new", "老.csv", "--yes", "--by", "x")[0] == 0
    assert do("ledger", "verify")[0] == 0
    monkeypatch.setenv("LANDUSE_DB", str(place / "没有.db"))
    assert do("ledger", "export", "x.xlsx")[0] == 2


def test_many_rows_are_cut_unless_all_are_wanted(do, place):
    with open_ledger(place / "账.db") as ledger, ledger.write() as session:
        for n in range(100):
            opened(session, f"Q{n}", "1", deadline=date(2026, 12, 1))
    do("ledger", "export", "台账.xlsx")
    edit = Edit(place / "台账.xlsx")
    for n in range(6, 106):
        edit.put(f"2026-{n:03d}", 备注="写")
    edit.save()
    _, out, _ = do("ledger", "import", "台账.xlsx", "--preview")
    assert "另有 40 行未列出" in out
    _, out, _ = do("ledger", "import", "台账.xlsx", "--preview", "--all")
    assert "2026-105" in out


def test_backups_of_a_server_stand_beside_the_project_file(ledger_url, tmp_path, monkeypatch):
    """A ledger in a file has them beside itself, whichever project file speaks of it."""
    county, elsewhere = tmp_path / "county", tmp_path / "elsewhere"
    for folder in (county, elsewhere):
        folder.mkdir()
    project = county / "project.toml"
    project.write_text("[project]\n", encoding="utf-8")
    monkeypatch.setenv("LANDUSE_DB", ledger_url)
    monkeypatch.setenv("HOME", str(elsewhere))
    monkeypatch.chdir(elsewhere)
    with open_ledger(ledger_url, backups=elsewhere) as ledger:
        Desk(ledger, tmp_path).fill()
    wanted = ["--project", str(project)]
    assert main(["ledger", "backup", str(tmp_path / "a.db"), *wanted]) == 0
    assert main(["ledger", "restore", str(tmp_path / "a.db"), *wanted]) == 0
    is_server = ledger_url.startswith("postgres")
    assert len(list((county / "backups").glob("*-restore.db"))) == is_server
    assert not (elsewhere / ".landuse").exists()


@pytest.mark.parametrize("command", ["export", "import", "open", "object", "advance", "list"])
def test_help_is_whole_on_a_narrow_terminal(do, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    _, said, _ = do("ledger", command, "--help")
    lines = "".join(line.strip("│ ") for line in said.splitlines())
    assert "…│" not in said.replace(" ", "").replace("……│", "")
    assert "项目文件；默认当前文件夹的" in lines

"""``landuse park import`` and ``export``: previewed, asked, written, handed back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from landuse.cli import park_book_commands
from landuse.ledger import open_ledger, park_book


@pytest.fixture
def run(tmp_path: Path):
    def call(*arguments: str, lang="zh"):
        app = typer.Typer()
        for name, (_, function) in park_book_commands.commands(lang).items():
            app.command(name)(function)
        place = ["--db", str(tmp_path / "l.db")]
        who = ["--by", "王工"] if arguments[0] == "import" else []
        done = CliRunner().invoke(app, [*arguments, *place, *who], standalone_mode=False)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.return_value, done.output

    return call


def book(path: Path, *rows: tuple[object, ...]) -> str:
    made = openpyxl.Workbook()
    made.active.title = "项目"
    for row in (("项目", "园区", "总投资(万元)", "开工日期"), *rows):
        made.active.append(row)
    made.save(path)
    return str(path)


def kept(folder: Path) -> dict[str, int | None]:
    with open_ledger(folder / "l.db") as ledger, ledger.read() as session:
        return {
            one.key: one.body["planned_investment_wan_micro"] for one in park_book.current(session)
        }


def test_import_asks_before_it_writes_and_says_what_changes(run, tmp_path: Path) -> None:
    first = book(tmp_path / "一.xlsx", ("甲", "东园", 100, "2025-03-01"), ("乙", "东园", 5, "年后"))
    code, said = run("import", first)
    assert code == 2
    assert "项目：新增 2 行" in said
    assert "没有写入" in said
    assert kept(tmp_path) == {}
    code, said = run("import", first, "--yes")
    assert code == 0
    assert "王工 已写入 2 行（第 1 次导入）" in said
    second = book(tmp_path / "二.xlsx", ("甲", "东园", 120, "2025-03-01"))
    code, said = run("import", second, "--preview")
    assert (code, kept(tmp_path)) == (0, {"甲": 100_000_000, "乙": 5_000_000})
    assert "项目：改动 1 行" in said
    assert "甲：计划投资" in said
    assert run("import", second, "--yes", "--remove")[0] == 0
    assert kept(tmp_path) == {"甲": 120_000_000}


def test_what_is_exported_is_taken_back_unchanged(run, tmp_path: Path) -> None:
    run("import", book(tmp_path / "一.xlsx", ("甲", "东园", 100.5, "年后")), "--yes")
    out = str(tmp_path / "出.xlsx")
    assert run("export", out) == (0, f"已导出 1 行：{out}\n取自数据库：项目\n")
    code, said = run("import", out, "--yes", "--remove")
    assert code == 0
    assert "没有可写的" in said
    from landuse.errors import UserError

    with pytest.raises(UserError):
        run("export", out)
    said = run("export", out, "--replace", lang="en")[1]
    assert said == f"1 rows exported: {out}\nfrom the database: projects\n"


def test_a_workbook_without_a_known_sheet_is_refused(run, tmp_path: Path) -> None:
    from landuse.errors import UserError

    made = openpyxl.Workbook()
    made.save(tmp_path / "x.xlsx")
    for name in ("x.xlsx", "nowhere.xlsx", "x.csv"):
        (tmp_path / "x.csv").write_text("项目", encoding="utf-8")
        with pytest.raises(UserError):
            run("import", str(tmp_path / name), "--yes")

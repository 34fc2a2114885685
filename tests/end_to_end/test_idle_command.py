"""`landuse idle` at the terminal: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landuse.cli import main


@pytest.fixture(scope="module")
def project(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample in which not one enterprise table lies."""
    folder = tmp_path_factory.mktemp("闲置")
    for path in sample.iterdir():
        if path.stem in {"宗地", "parks", "supply", "project", "corrections"}:
            (folder / path.name).write_bytes(path.read_bytes())
    return folder / "project.toml"


def test_it_prints_findings_fees_and_the_dates_that_come_next(project, capsys):
    assert main(["idle", str(project), "--out", str(project.parent / "out")]) == 0
    said = capsys.readouterr().out
    totals = json.loads((project.parent / "out" / "run.json").read_text("utf-8"))["totals"]
    assert totals["idle_contracts"] == {"not_started": 7, "stalled": 2, "undetermined": 1}
    for words in (
        "疑似闲置：满一年未动工", "疑似闲置：动工不足，中止满一年", "情况不明", "用而未尽",
        "闲置费测算合计：64.02 万元", "2026-09-01", "满两年", "idle.xlsx", "均为初筛建议",
    ):  # fmt: skip
        assert words in said, words
    assert "│ 339901202200012  " in said  # codes are whole at 80 columns
    assert "│ 339901002001GB00087 │" in said
    assert "map.html" not in said


def test_another_day_gives_other_findings(project, capsys):
    out = project.parent / "earlier"
    day = ["--as-of", "2024-03-30", "--lang", "en"]
    assert main(["idle", str(project), "--out", str(out), *day]) == 0
    said = capsys.readouterr().out
    # a year after 2023-03-31 is full tomorrow, 31 March 2024
    assert "2024-03-31" in said
    assert "The dates that come next" in said
    totals = json.loads((out / "run.json").read_text("utf-8"))["totals"]
    assert totals["idle_contracts"] == {"not_started": 0, "stalled": 0, "undetermined": 0}


def test_what_the_user_can_mend_is_exit_code_2(project, tmp_path, capsys):
    text = project.read_text(encoding="utf-8")
    bare = tmp_path / "project.toml"
    bare.write_text(
        text[: text.index("[supply]")] + text[text.index("[exemptions]") :], encoding="utf-8"
    )
    assert main(["idle", str(bare)]) == 2
    assert "没有 [supply]" in capsys.readouterr().err
    assert main(["idle", str(tmp_path / "none.toml")]) == 2
    assert main(["idle", "--help"]) == 0

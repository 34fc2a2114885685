"""`landuse partition` and `landuse identify --engine`: what they print, write and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landuse.cli import main


@pytest.fixture(scope="module")
def project(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample."""
    folder = tmp_path_factory.mktemp("分片")
    for path in sample.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return folder / "project.toml"


def test_parts_are_made_once_and_used(project, tmp_path, capsys, monkeypatch):
    work = ["--work", str(tmp_path / "分片夹"), "--part-rows", "300"]
    assert main(["partition", str(project), *work]) == 0
    assert "已切分：宗地 3 片，企业 2 片" in capsys.readouterr().out
    monkeypatch.setattr("landuse.intake.read_inputs", None)  # nothing is read again
    assert main(["partition", str(project), *work]) == 0
    assert "输入没有变化，沿用已有分片" in capsys.readouterr().out
    out = tmp_path / "成果"
    assert main(["identify", str(project), *work, "--engine", "local", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    totals = json.loads((out / "run.json").read_text("utf-8"))["totals"]
    assert (
        f"宗地 {totals['parcels']} 宗，其中疑似低效 {totals['low_efficiency_parcels']} 宗" in said
    )
    for words in (
        "宗地 3 片，企业 2 片",
        "issues.parquet",
        "要工作簿",
        "landuse export",
        "均为初筛建议",
    ):
        assert words in said, words
    assert (out / "units.parquet").is_file()
    assert not (out / "results.xlsx").exists()
    # the other commands read the folder as any run
    assert main(["compare", str(out), str(out)]) == 0


def test_a_changed_input_is_read_again(project, tmp_path, capsys):
    work = ["--work", str(tmp_path), "--part-rows", "300"]
    assert main(["partition", str(project), *work]) == 0
    file = project.with_name("corrections.csv")
    before = file.read_bytes()
    file.write_bytes(before.splitlines(keepends=True)[0])
    try:
        assert main(["partition", str(project), *work]) == 0
    finally:
        file.write_bytes(before)
    assert capsys.readouterr().out.count("已切分") == 2
    assert len(list(tmp_path.glob(".parts-*"))) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--engine", "spark"], "没有名为 spark 的运算方式"),
        (["--workers", "2"], "--workers 只能与 --engine dask 一起使用"),
        (["--engine", "local", "--scheduler", "tcp://a:1"], "--scheduler 只能与 --engine dask"),
        (["--part-rows", "5"], "--part-rows 只能与 --engine"),
        (["--engine", "dask", "--scheduler", "tcp://a:1"], "必须用 --work 指定"),
        (
            ["--engine", "dask", "--scheduler", "tcp://a:1", "--work", "w", "--workers", "2"],
            "不能再指定 --workers",
        ),
    ],
)  # fmt: skip
def test_options_without_meaning_are_refused(options, words, project, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["identify", str(project), "--out", str(out), *options]) == 2
    said = capsys.readouterr()
    assert words in "".join((said.out + said.err).split("\n"))
    assert not out.exists()

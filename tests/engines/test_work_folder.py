"""The folder of parts: one run at a time, nothing left of killed runs, words for what is broken."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from landuse.engines.batch import identify_in_parts
from landuse.engines.parts.held import held
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample" / "project.toml"
HOLD = """
import sys
from pathlib import Path
from landuse.engines.parts.held import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def run(tmp_path, number):
    work, out = tmp_path / "work", tmp_path / f"run{number}"
    return identify_in_parts(SAMPLE, out=out, cuts=Cuts(400), work=work).folder


def codes(found):
    return [issue.code for issue in found.value.issues]


def digests(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_who_comes_second_is_told_and_nothing_of_his_is_written(tmp_path):
    first = digests(run(tmp_path, 1))
    (folder,) = (tmp_path / "work").iterdir()
    with held(folder), pytest.raises(UserError) as found:
        run(tmp_path, 2)
    assert codes(found) == ["engines.parts_busy"]
    assert not (tmp_path / "run2").exists()
    assert digests(run(tmp_path, 3)) == first
    assert list((tmp_path / "work").iterdir()) == [folder]  # the lock is gone


def test_a_killed_run_holds_nothing_and_leaves_nothing(tmp_path):
    first = digests(run(tmp_path, 1))
    (folder,) = (tmp_path / "work").iterdir()
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        half = folder / "match" / ".00001.4711.abcdef01"
        half.mkdir()
        (half / "links.parquet").write_text("half", encoding="utf-8")
        with pytest.raises(UserError):
            run(tmp_path, 2)
        assert half.is_dir()  # it may be that of a live run
        other.send_signal(signal.SIGKILL)
    assert digests(run(tmp_path, 3)) == first
    assert not half.exists()
    assert not list(folder.rglob(".*"))


@pytest.mark.parametrize("told", [None, '{"cut'])
def test_a_part_that_somebody_spoiled_is_named(tmp_path, told):
    run(tmp_path, 1)
    (path,) = (tmp_path / "work").glob(".parts-*/match/00001/told.json")
    path.unlink()
    if told is not None:
        path.write_text(told, encoding="utf-8")
    with pytest.raises(UserError) as found:
        run(tmp_path, 2)
    assert codes(found) == ["engines.part_broken"]
    (issue,) = found.value.issues
    assert issue.value == str(path.parent)
    assert str(path.parents[2]) in issue.hint("zh")
    assert not (tmp_path / "run2").exists()

"""What is noted of a run in parts: every task once, where the driver's time went, and no change."""

from __future__ import annotations

import json
import pickle
from functools import partial
from pathlib import Path

import pytest

from landuse.cli import main
from landuse.engines.parts.job import Here
from landuse.engines.parts.timings import Timed, name_of, read_timings

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "project.toml"


def _double(part, times=2):
    return part * times


def _busy(part, rounds):
    return sum(range(rounds)) + part


def _outer(part, task):
    return task(part)


def _written(part, folder):
    (folder / f"{part}").write_bytes(b"x" * 10_000 * (part + 1))


def test_answers_are_those_of_the_crew_in_its_order():
    timed = Timed(Here())
    assert list(timed.each(partial(_double, times=3), 4)) == [0, 3, 6, 9]
    (found,) = timed.rounds
    assert (found.name, [task.part for task in found.tasks]) == ("double", [0, 1, 2, 3])
    assert [task.answer for task in found.tasks] == [len(pickle.dumps(n, 5)) for n in (0, 3, 6, 9)]
    assert found.sent > 0


def test_a_round_is_named_by_what_is_done_to_a_part():
    assert name_of(partial(_outer, task=partial(_double, times=1))) == "double"


def test_time_of_a_task_and_time_of_the_driver_are_told_apart():
    timed = Timed(Here())
    for _ in timed.each(partial(_busy, rounds=1), 2):
        _busy(0, 3_000_000)
    list(timed.each(partial(_busy, rounds=3_000_000), 2))
    _busy(0, 3_000_000)
    found = timed.timings(1, 1, 2, 2)
    idle, busy = found.rounds
    work = sum(task.cpu for task in busy.tasks)
    assert sum(task.cpu for task in idle.tasks) < work / 4 < idle.inside.cpu
    assert busy.inside.cpu < work / 4 < 2 * found.after.cpu


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="the system tells no bytes")
def test_bytes_written_by_each_task_are_counted(tmp_path):
    timed = Timed(Here())
    list(timed.each(partial(_written, folder=tmp_path), 3))
    written = [task.written for task in timed.rounds[0].tasks]
    assert [round(size, -4) for size in written] == [10_000, 20_000, 30_000]


def test_the_file_gives_the_same_back(tmp_path):
    timed = Timed(Here())
    list(timed.each(_double, 3))
    found = timed.timings(10, 12, 3, 3)
    (tmp_path / "t.json").write_bytes(found.dump())
    assert read_timings(tmp_path / "t.json") == found


def test_the_command_writes_them_and_the_run_is_the_same(tmp_path):
    def run(name, *options):
        words = ["identify", str(SAMPLE), "--engine", "local", "--part-rows", "200"]
        assert main([*words, "--out", str(tmp_path / name), *options]) == 0
        return json.loads((tmp_path / name / "run.json").read_text("utf-8"))["files"]

    file = tmp_path / "timings.json"
    assert run("one", "--timings", str(file)) == run("two")
    found = read_timings(file)
    names = [one.name for one in found.rounds]
    assert names.index("match") < names.index("measure") < names.index("grade")
    grade = next(one for one in found.rounds if one.name == "grade")
    assert [task.part for task in grade.tasks] == list(range(found.firm_parts))
    assert found.land_parts > 1
    assert main(["identify", str(SAMPLE), "--timings", str(file)]) == 2  # of parts only
    again = ["identify", str(SAMPLE), "--engine", "local", "--out", str(tmp_path / "three")]
    assert main([*again, "--timings", str(file)]) == 2  # what is there is not written over
    assert not (tmp_path / "three").exists()

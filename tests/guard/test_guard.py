"""The guard against slowness judges rightly: noise passes, twice the work does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import guard
import pytest

HERE = Path(__file__).resolve().parent
RECORDED = json.loads((HERE / "ratios.json").read_text(encoding="utf-8"))
UNDER_LOAD: dict[str, list[float]] = json.loads(
    (HERE / "under_load.json").read_text(encoding="utf-8")
)
"""CPU seconds of runs one after another on a machine that had several times too much to do."""


def _rounds() -> list[dict[str, list[float]]]:
    """What the guard could have measured: as many runs in turn as it makes, from each start."""
    count = len(UNDER_LOAD[guard.YARDSTICK])
    return [
        {job: runs[start : start + guard.ROUNDS] for job, runs in UNDER_LOAD.items()}
        for start in range(count - guard.ROUNDS + 1)
    ]


def _slower(spent: dict[str, list[float]], job: str, by: float) -> dict[str, list[float]]:
    return spent | {job: [by * seconds for seconds in spent[job]]}


def test_ten_runs_were_made_under_load() -> None:
    assert {job: len(runs) >= 10 for job, runs in UNDER_LOAD.items()} == dict.fromkeys(
        (guard.YARDSTICK, *guard.OURS), True
    )


def test_noise_passes() -> None:
    usual = guard.ratios(UNDER_LOAD)
    assert [guard.faults(guard.ratios(spent), usual) for spent in _rounds()] == [[]] * len(
        _rounds()
    )


@pytest.mark.parametrize("job", guard.OURS)
def test_twice_the_work_does_not_pass_in_any_round(job: str) -> None:
    """Start-up is not done twice: a job that does its work twice takes 1.7 times the CPU."""
    usual = guard.ratios(UNDER_LOAD)
    for spent in _rounds():
        (fault,) = guard.faults(guard.ratios(_slower(spent, job, 1.7)), usual)
        assert fault.startswith(f"guard: '{job}' on 100,000 parcels has become slower")
        assert "--record" in fault


def test_every_job_of_ours_is_recorded() -> None:
    assert set(RECORDED) == set(guard.OURS)
    assert all(0 < ratio < 5 for ratio in RECORDED.values())


def test_the_least_of_several_runs_counts() -> None:
    spent = {"plain": [5.0, 4.0], "bare": [3.0, 2.0], "whole": [6.0, 7.0]}
    assert guard.ratios(spent) == {"bare": 0.5, "whole": 1.5}


def test_exactly_the_limit_is_allowed() -> None:
    found = {"bare": 0.6 * 1.35, "whole": 1.0}
    assert guard.faults(found, {"bare": 0.6, "whole": 1.0}) == []
    assert len(guard.faults(found, {"bare": 0.599, "whole": 1.0})) == 1


def test_the_jobs_are_those_of_the_benchmark() -> None:
    code = "import jobs; print(*jobs.JOBS)"
    folder = HERE.parent / "benchmarks"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert {guard.YARDSTICK, *guard.OURS} <= set(done.stdout.split())


def test_land_of_the_benchmark_is_the_same_whatever_the_groups() -> None:
    """Neighbours that are made in different groups share their border bit by bit."""
    code = """
import numpy as np, shapely
from lattice import Lattice
lattice = Lattice(40, 30, 7)
whole, first, second = lattice.cells(0, 30), lattice.cells(0, 11), lattice.cells(11, 30)
assert shapely.equals_exact(whole, np.concatenate([first, second]), 0).all()
assert shapely.is_valid(whole).all()
counts = shapely.get_num_coordinates(whole) - 1
assert counts.min() >= 4 and counts.max() <= 200
assert abs(shapely.area(shapely.union_all(whole)) - shapely.area(whole).sum()) < 1e-3
"""
    folder = HERE.parent / "benchmarks"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)

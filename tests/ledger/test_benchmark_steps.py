"""The benchmark's own steps, on a ledger of 150 cases: they still go and answer as they claim."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from landuse.ledger import open_ledger

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(sys, "path", [*sys.path])
    place = importlib.util.spec_from_file_location("ledger_benchmark", BENCHMARKS / "ledger.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def test_the_steps_of_the_benchmark_answer_as_they_claim(benchmark: Any, tmp_path: Path) -> None:
    from ledger_runs import make  # the benchmark put its folder on the path

    make(150, tmp_path)
    folder = tmp_path / "SQLite"
    folder.mkdir()
    with open_ledger(folder / "landuse.db") as ledger:
        told = {
            name: {"answer": step(ledger, folder, str(tmp_path / "other.db"))}
            for name, step in benchmark.STEPS.items()
        }
        again = tmp_path / "other.db"
        with open_ledger(again) as other:
            assert benchmark.contents(other, folder, "") == told["contents"]["answer"]
    benchmark.check({"SQLite": told, "the same": told}, 150)

"""Growth, promises and runs that died, in the report of the benchmark; expected by hand."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
CODE = """
import json, sys
from pathlib import Path
from report_speed import Row, report
rows = [Row(*row) for row in json.loads(sys.argv[1])]
report(rows, ["abc"], Path(sys.argv[2]))
"""
ROWS = [
    (1_000, "bare", 9.0, 9.0, 100.0),  # so small that its growth is the start of the program
    (100_000, "bare", 2.0, 3.0, 300.0),
    (1_000_000, "bare", 20.0, 60.0, 3000.0),
    (1_000_000, "duckdb", 10.0, 30.0, 900.0),
    (1_000_000, "floor", 8.0, 10.0, 500.0),
    (1_000_000, "whole", 50.0, 90.0, 3500.0),
    (1_000_000, "whole-floor", 25.0, 45.0, 3200.0),
    (1_000_000, "parts", 40.0, 40.0, 1000.0),
    (4_000_000, "parts", 80.0, 160.0, 5000.0),
    (4_000_000, "duckdb-bounded", math.nan, math.nan, math.nan),
]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    out = tmp_path_factory.mktemp("report")
    command = [sys.executable, "-c", CODE, json.dumps(ROWS), str(out)]
    subprocess.run(command, check=True, cwd=BENCHMARKS)
    assert (out / "benchmark.png").stat().st_size > 10_000
    return (out / "benchmark.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "| **landuse, bare** | 100,000 | 1,000,000 | 1.00 | 1.30 | 1.00 |",  # ×10: ×10, ×20, ×10
        "| **landuse, in parts** | 1,000,000 | 4,000,000 | 0.50 | 1.00 | 1.16 |",  # ×4: ×2, ×4, ×5
    ],
)
def test_growth_is_the_slope_between_neighbouring_sizes(said: list[str], line: str) -> None:
    assert line in said
    growths = [one for one in said if one.startswith(("| **", "| DuckDB"))]
    assert len(growths) == 2  # nothing from 1 000 parcels on, nothing of who died


@pytest.mark.parametrize(
    "line",
    [
        "1,000,000 parcels, landuse, bare ÷ DuckDB spatial, SQL: 2.00, at most 1 promised: NOT met",
        "1,000,000 parcels, landuse, bare ÷ floor (pyarrow): 2.50, at most 2.2 promised: NOT met",
        "1,000,000 parcels, landuse, whole ÷ landuse, bare: 2.50, at most 1.5 promised: NOT met",
        "1,000,000 parcels, reading and writing alone what the whole job reads and writes: 1.25 of",
        "growth of bare from 100,000 to 1,000,000, exponent: 1.00, at most 1.05 promised: met",
        "1,000,000 parcels, landuse in parts, peak of all processes in MB: 1000, at most 4096",
        "4,000,000 parcels, landuse in parts, peak of all processes in MB: 5000, at most 4096",
    ],
)
def test_promises_are_judged(said: list[str], line: str) -> None:
    assert any(one.startswith(f"- {line}") for one in said)
    assert sum("peak of all" in one and one.endswith("NOT met") for one in said) == 1


def test_the_limit_of_the_whole_job_is_told_by_both_times(said: list[str]) -> None:
    [line] = [one for one in said if "reading and writing alone" in one]
    assert line.endswith("writes: 1.25 of bare; CPU 0.75")  # 25 ÷ 20 and 45 ÷ 60


def test_beside_a_job_stands_its_own_floor(said: list[str]) -> None:
    # 50 ÷ 25, 90 ÷ 45; 40 ÷ 25, 40 ÷ 45; 10 ÷ 8, 30 ÷ 10
    assert "| 1,000,000 | **landuse, whole** | 1 | 50.0 | 90.0 | 3500 | 2.0 | 2.0 |" in said
    assert "| 1,000,000 | **landuse, in parts** | 1 | 40.0 | 40.0 | 1000 | 1.6 | 0.9 |" in said
    assert "| 1,000,000 | DuckDB spatial, SQL | 1 | 10.0 | 30.0 | 900 | 1.2 | 3.0 |" in said


def test_who_died_has_a_line_without_figures(said: list[str]) -> None:
    assert "| 4,000,000 | DuckDB spatial, 4 GiB | 1 | died | | | | |" in said

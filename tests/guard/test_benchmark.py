"""The benchmark on a small county: all jobs give one answer, and a different answer stops it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
COMPARE = """
import sys
from pathlib import Path
from answers import answers, compare
compare("other", answers(Path(sys.argv[1])), "bare", answers(Path(sys.argv[2])))
"""


def _python(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    speaking = {**os.environ, "PYTHONIOENCODING": "utf-8"}  # whatever the console here speaks
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=BENCHMARKS, env=speaking
    )


JOBS = ("bare", "floor", "plain", "whole", "whole-floor", "parts")


def _benchmark(folder: Path) -> subprocess.CompletedProcess[str]:
    done = _python(
        "run.py", 1000, "--jobs", *JOBS, "--repeat", 1, "--no-warm-up",
        "--out", folder / "report", "--scratch", folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark")
    _benchmark(folder)
    return folder


def test_table_picture_and_every_run_are_written(ran: Path) -> None:
    table = (ran / "report" / "benchmark.md").read_text(encoding="utf-8")
    names = ("landuse, bare", "landuse, whole", "landuse, in parts", "floor (pyarrow)",
             "floor of whole", "plain geopandas script")  # fmt: skip
    assert all(name in table for name in names)
    assert "cores" in table
    assert "shapely" in table
    assert (ran / "report" / "benchmark.png").read_bytes().startswith(b"\x89PNG")
    runs = json.loads((ran / "report" / "benchmark.json").read_text(encoding="utf-8"))["runs"]
    assert sorted(run["job"] for run in runs) == sorted(JOBS)


def test_a_stopped_benchmark_goes_on_where_it_was(ran: Path) -> None:
    kept = ran / "report" / "runs.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines()
    kept.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")  # killed before the last run
    said = [line for line in _benchmark(ran).stderr.splitlines() if line.startswith("1000 ")]
    assert [line.split(":")[0] for line in said] == ["1000 parts"] * 2  # its time, its flags
    again = kept.read_text(encoding="utf-8").splitlines()
    assert again[:-1] == lines[:-1]
    assert json.loads(again[-1])["job"] == "parts"
    said = [line for line in _benchmark(ran).stderr.splitlines() if "left out" not in line]
    assert said == []  # every run is there already


def test_the_land_is_what_it_says(ran: Path) -> None:
    """1 000 parcels, 1 200 firms in three years; a let parcel has its owner and its tenants."""
    land = ran / "land-1000"
    firms = pq.read_table(land / "enterprises.parquet").to_pandas()
    occupancy = pq.read_table(land / "occupancy.parquet").to_pandas()
    assert pq.read_metadata(land / "parcels.parquet").num_rows == 1000
    assert firms.groupby("year")["uscc"].nunique().to_dict() == {2023: 1200, 2024: 1200, 2025: 1200}
    owners = occupancy[occupancy["relation"] == "own"]
    assert owners["parcel_id"].is_unique
    assert owners["area"].isna().all()
    tenants = occupancy[occupancy["relation"] == "lease"].groupby("parcel_id").size()
    assert set(tenants.index) == set(owners["parcel_id"])
    assert tenants.max() <= 39


def _flipped(units: pa.Table) -> pa.Table:
    flags = units["flagged"].to_numpy().copy()
    flags[0] = ~flags[0]
    return units.set_column(units.column_names.index("flagged"), "flagged", pa.array(flags))


def _scored(units: pa.Table) -> pa.Table:
    scores = units["score"].to_numpy() + np.where(np.arange(len(units)) == 5, 2e-6, 0)
    return units.set_column(units.column_names.index("score"), "score", pa.array(scores))


def _shorter(units: pa.Table) -> pa.Table:
    return units.slice(1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_flipped, "1 of "),
        (_scored, "scores differ"),
        (_shorter, "other units"),
    ],
)
def test_a_different_answer_stops_the_run(
    ran: Path, tmp_path: Path, change: Callable[[pa.Table], pa.Table], said: str
) -> None:
    bare = ran / "out-1000" / "bare"
    (tmp_path / "parcels.parquet").write_bytes((bare / "parcels.parquet").read_bytes())
    pq.write_table(change(pq.read_table(bare / "units.parquet")), tmp_path / "units.parquet")
    assert _python("-c", COMPARE, bare, bare).returncode == 0
    done = _python("-c", COMPARE, tmp_path, bare)
    assert done.returncode == 1
    assert said in done.stderr


def test_the_floor_of_the_whole_job_writes_its_tables_again(ran: Path) -> None:
    whole, floor = ran / "out-1000" / "whole", ran / "out-1000" / "whole-floor"
    names = sorted(path.name for path in whole.glob("*.parquet"))
    assert names == sorted(path.name for path in floor.iterdir())
    assert len(names) > 10
    for name in names:
        one, other = pq.ParquetFile(whole / name), pq.ParquetFile(floor / name)
        assert other.read().equals(one.read())
        for place in range(other.metadata.num_columns if other.metadata.num_row_groups else 0):
            ours, theirs = (f.metadata.row_group(0).column(place) for f in (one, other))
            assert theirs.compression == ours.compression
            assert ("RLE_DICTIONARY" in theirs.encodings) == ("RLE_DICTIONARY" in ours.encodings)


def test_where_the_time_goes_is_told_by_stage_and_by_round(ran: Path) -> None:
    done = _python(
        "where.py", 1000, "--memory", 1000, "--out", ran / "where", "--scratch", ran
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    whole, parts = (ran / "where" / "where.md").read_text("utf-8").split("in parts")
    for stages, names in ((whole, ("read", "match", "write")), (parts, ("match", "grade"))):
        rows = [line.strip("| ").split(" | ") for line in stages.splitlines() if " | " in line]
        spent = {row[0]: [float(cell) for cell in row[1:3]] for row in rows[1:]}
        assert set(names) <= set(spent)
        for column in (0, 1):  # every stage counts once, and none of them is nothing
            sums = sum(row[column] for name, row in spent.items() if name != "all")
            assert sums == pytest.approx(spent["all"][column], abs=0.01 * len(spent))
            assert all(spent[name][column] > 0 for name in names)
    assert "intake/" in whole.split("Met in: ")[1]

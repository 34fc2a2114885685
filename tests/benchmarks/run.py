"""The benchmark: ``python tests/benchmarks/run.py 10000 100000 1000000 --out FOLDER``.

Makes land of each size, runs our jobs and every peer in turn, again and again in the same order,
each in a process of its own; compares the answers and stops where two differ; only then writes
``benchmark.md`` (a table with date, versions and machine, the growth between sizes, and which
promises hold), ``benchmark.json`` (every single run) and ``benchmark.png`` into ``--out``. One
round more than ``--repeat`` is run: the first warms the disk's cache and is not counted; the table
has medians. Peers: ``pip install ".[benchmark]"`` and a PostgreSQL server with PostGIS; what is
missing is said and left out. ``--office`` adds a county of shapefiles and workbooks with everything
that the command writes. ``--bounded 5000000 20000000`` adds land that no memory holds: once each,
our command in bounded memory and DuckDB with as much.

Every finished run is kept in ``runs.jsonl`` in ``--out``: the same command again goes on where it
was stopped. A new measurement wants a new folder.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from answers import Answers, answers, compare  # noqa: E402
from kept import Kept  # noqa: E402
from measure import spend  # noqa: E402
from report_speed import Row, report  # noqa: E402

if TYPE_CHECKING:
    from ledger_databases import Cluster

ORDER = ("bare", "floor", "duckdb", "sedonadb", "postgis", "plain", "whole", "whole-floor", "parts")
"""A floor writes what the job before it wrote."""
BOUNDED = ("parts", "duckdb-bounded")
NEEDS = {
    "duckdb": ("duckdb", "duckdb_extension_spatial"),
    "duckdb-bounded": ("duckdb", "duckdb_extension_spatial"),
    "sedonadb": ("sedonadb",),
    "postgis": ("adbc_driver_postgresql", "psycopg"),
}
OFFICE = ("office", "office-floor")
OFFICE_PARCELS = 10_000
ANSWERED = ("bare", "duckdb", "duckdb-bounded", "sedonadb", "postgis", "plain", "whole", "parts")
COMMANDS = ("whole", "parts", "office")
"""They make their folder themselves."""
FLOORED = {"floor": "bare", "whole-floor": "whole", "office-floor": "office"}
"""Whose result a floor writes again."""
MAY_DIE = ("duckdb-bounded",)
"""Who need not manage land that no memory holds."""


class Land(NamedTuple):
    """Land of one size, the jobs on it, their rounds (round 0 is not counted), and folders."""

    size: int
    jobs: tuple[str, ...]
    turns: range
    folder: Path
    out: Path


class Server(NamedTuple):
    """A throw-away PostGIS like that of the tests, and the number of its head process."""

    cluster: Cluster
    process: int


def main() -> None:
    """Run every size named on the command line."""
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    kept = Kept(options.out)
    turns = range(options.no_warm_up, options.repeat + 1)
    rows: list[Row] = []
    said = ""
    with _postgis("postgis" in options.jobs) as server, _scratch(options.scratch) as scratch:
        jobs = [job for job in ORDER if job in options.jobs and _present(job, server)]
        bounded = [job for job in BOUNDED if _present(job, server)]
        lands = [_land(size, jobs, turns, scratch) for size in options.sizes]
        lands += [_land(size, bounded, range(1, 2), scratch) for size in options.bounded]
        lands += [_office(turns, scratch)] if options.office else []
        for land in lands:
            rows += _Rounds(land, kept, server).rows()
            said = report(rows, kept.revisions, options.out)
            if options.scratch is None:
                shutil.rmtree(land.out, ignore_errors=True)
    print(said)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", type=int, help="default: 10000 100000, or no such land "
                        "with --bounded or --office")  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder of table and picture")
    parser.add_argument("--repeat", type=int, default=3, help="counted runs of every job")
    parser.add_argument("--no-warm-up", action="store_true", help="count the first round too")
    parser.add_argument("--jobs", nargs="+", choices=ORDER, default=list(ORDER))
    parser.add_argument("--office", action="store_true", help="the county of office files too")
    parser.add_argument("--bounded", nargs="+", type=int, default=[], help="sizes beyond memory")
    parser.add_argument(
        "--scratch", type=Path, help="where land and results stay (default: temporary)"
    )
    options = parser.parse_args()
    if not (options.sizes or options.bounded or options.office):
        options.sizes = [10_000, 100_000]
    return options


@contextlib.contextmanager
def _scratch(wished: Path | None) -> Iterator[Path]:
    if wished is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    wished.mkdir(parents=True, exist_ok=True)
    yield wished


@contextlib.contextmanager
def _postgis(wanted: bool) -> Iterator[Server | None]:
    """The server, or ``None`` where none is wanted or can be had."""
    if not wanted:
        yield None
        return
    from ledger_databases import Cluster, NoPostgisError

    try:
        cluster = Cluster()
    except (NoPostgisError, OSError, ImportError) as fault:
        _tell(f"postgis left out: {fault}")
        yield None
        return
    try:
        said = (cluster.data / "postmaster.pid").read_text(encoding="ascii")
        yield Server(cluster, int(said.split()[0]))
    finally:
        cluster.stop()


def _present(job: str, server: Server | None) -> bool:
    missing = [name for name in NEEDS.get(job, ()) if importlib.util.find_spec(name) is None]
    if missing:
        _tell(f"{job} left out: no {', '.join(missing)} (pip install '.[benchmark]')")
    return not missing and (job != "postgis" or server is not None)


def _land(size: int, jobs: Sequence[str], turns: range, scratch: Path) -> Land:
    return Land(size, tuple(jobs), turns, scratch / f"land-{size}", scratch / f"out-{size}")


def _office(turns: range, scratch: Path) -> Land:
    return Land(OFFICE_PARCELS, OFFICE, turns, scratch / "office", scratch / "out-office")


class _Rounds:
    """All jobs of one land in turn, answers compared before any time is told."""

    def __init__(self, land: Land, kept: Kept, server: Server | None) -> None:
        self.land, self.kept, self.server = land, kept, server
        self.reference = next((job for job in land.jobs if job in ANSWERED), "")
        self.expected: Answers | None = None

    def rows(self) -> list[Row]:
        """The medians, from runs that were kept and those that are still wanted."""
        land = self.land
        runs: dict[str, list[Row]] = {job: [] for job in land.jobs}
        for turn in land.turns:
            for job in land.jobs:
                row = self.kept.find(land.size, job, turn)
                if row is None:
                    row = self._new(job, first=turn == land.turns[0])
                    self.kept.keep(row, turn)
                if turn:
                    runs[job].append(row)
        return [_median(found) for found in runs.values()]

    def _new(self, job: str, *, first: bool) -> Row:
        if job in FLOORED:
            self._there(FLOORED[job])
        try:
            row = self._run(job)
        except subprocess.CalledProcessError:
            if job not in MAY_DIE:
                raise
            _tell(f"{self.land.size} {job}: died")
            return Row(self.land.size, job, math.nan, math.nan, math.nan)
        _tell(f"{row.parcels} {job}: {row.wall:.1f} s, CPU {row.cpu:.1f} s, {row.peak:.0f} MB")
        if first and job in ANSWERED:
            self._compare(job)
        return row

    def _compare(self, job: str) -> None:
        if self.expected is None:
            self._there(self.reference)
            self.expected = answers(self.land.out / self.reference)
        if job != self.reference:
            compare(job, answers(self.land.out / job), self.reference, self.expected)
        _tell(f"{self.land.size} {job}: {int(self.expected.flagged.sum())} flags")

    def _there(self, job: str) -> None:
        """The result of a job whose run was kept and whose files are gone."""
        if not (self.land.out / job / "units.parquet").exists():
            self._run(job)

    def _run(self, job: str) -> Row:
        land = self.land
        _make(land)
        target = land.out / job
        shutil.rmtree(target, ignore_errors=True)
        (land.out if job in COMMANDS else target).mkdir(parents=True, exist_ok=True)
        result = land.out / FLOORED.get(job, job)
        command = [sys.executable, str(HERE / "jobs.py"), job]
        command += [str(folder) for folder in (land.folder, target, result)]
        server = self.server if job == "postgis" else None
        with _database(server):
            spent = spend(command, server.process if server else None)
        wall, cpu = json.loads(spent.said)
        return Row(land.size, job, spent.wall - wall, spent.cpu - cpu, spent.peak)


def _make(land: Land) -> None:
    """The land of a size, unless it is there."""
    if (land.folder / "project.toml").exists():
        return
    _tell(f"{land.size} parcels: made")
    module = "office" if land.jobs == OFFICE else "province"
    command = [sys.executable, str(HERE / f"{module}.py"), str(land.size), str(land.folder)]
    subprocess.run(command, check=True)


@contextlib.contextmanager
def _database(server: Server | None) -> Iterator[None]:
    """An empty database for one run; making it is no part of the job."""
    if server is None:
        yield
        return
    url = server.cluster.new()
    os.environ["BENCHMARK_POSTGIS"] = url
    try:
        yield
    finally:
        server.cluster.drop(url)


def _median(runs: Sequence[Row]) -> Row:
    """The run with the median wall time, with the largest peak of all; none if one died."""
    dead = next((row for row in runs if math.isnan(row.wall)), None)
    if dead is not None:
        return dead
    middle = statistics.median_low(row.wall for row in runs)
    row = next(row for row in runs if row.wall == middle)
    cpu = statistics.median(row.cpu for row in runs)
    return row._replace(cpu=cpu, peak=max(row.peak for row in runs), all=tuple(runs))


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

"""The benchmark: ``python tests/benchmarks/run.py 10000 100000 1000000 --out FOLDER``.

Makes land of each size, runs our two jobs and every peer in turn, again and again in the same
order, each in a process of its own; compares the answers and stops where two differ; only then
writes ``benchmark.md`` (a table with date, versions and machine), ``benchmark.json`` (every single
run) and ``benchmark.png`` into ``--out``. One round more than ``--repeat`` is run: the first warms
the disk's cache and is not counted; the table has medians. Peers: ``pip install
".[benchmark]"`` and a PostgreSQL server with PostGIS; what is missing is said and left out.
``--office`` adds a county of shapefiles and workbooks with everything that the command writes.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
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
from measure import spend  # noqa: E402
from report_speed import Row, report  # noqa: E402

if TYPE_CHECKING:
    from ledger_databases import Cluster

ORDER = ("bare", "floor", "duckdb", "sedonadb", "postgis", "plain", "whole")
"""``bare`` first: the floor writes what it wrote."""
NEEDS = {
    "duckdb": ("duckdb", "duckdb_extension_spatial"),
    "sedonadb": ("sedonadb",),
    "postgis": ("adbc_driver_postgresql", "psycopg"),
}
OFFICE = ("office", "office-floor")
OFFICE_PARCELS = 10_000
ANSWERED = ("bare", "duckdb", "sedonadb", "postgis", "plain", "whole")


class Server(NamedTuple):
    """A throw-away PostGIS like that of the tests, and the number of its head process."""

    cluster: Cluster
    process: int


def main() -> None:
    """Run every size named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--out", type=Path, required=True, help="folder of table and picture")
    parser.add_argument("--repeat", type=int, default=3, help="counted runs of every job")
    parser.add_argument("--no-warm-up", action="store_true", help="count the first round too")
    parser.add_argument("--jobs", nargs="+", choices=ORDER, default=list(ORDER))
    parser.add_argument("--office", action="store_true", help="the county of office files too")
    parser.add_argument("--scratch", type=Path, help="where the land is made (default: temporary)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    rounds = options.repeat, not options.no_warm_up
    with _postgis("postgis" in options.jobs) as server, _scratch(options.scratch) as scratch:
        jobs = [job for job in ORDER if job in options.jobs and _present(job, server)]
        for size in options.sizes:
            rows += _size(size, jobs, rounds, scratch, server)
        if options.office:
            rows += _office(rounds, scratch)
    print(report(rows, rounds[0], options.out))


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


def _size(
    size: int, jobs: Sequence[str], rounds: tuple[int, bool], scratch: Path, server: Server | None
) -> list[Row]:
    folder = scratch / f"land-{size}"
    if not (folder / "project.toml").exists():
        _tell(f"{size} parcels: made")
        made = [sys.executable, str(HERE / "province.py"), str(size), str(folder)]
        subprocess.run(made, check=True)
    return _rounds(size, jobs, rounds, folder, scratch / "out", server)


def _office(rounds: tuple[int, bool], scratch: Path) -> list[Row]:
    folder = scratch / "office"
    if not (folder / "project.toml").exists():
        from office import make_office

        make_office(OFFICE_PARCELS, folder)
    return _rounds(OFFICE_PARCELS, OFFICE, rounds, folder, scratch / "out", None)


def _rounds(
    size: int,
    jobs: Sequence[str],
    rounds: tuple[int, bool],
    folder: Path,
    out: Path,
    server: Server | None,
) -> list[Row]:
    repeat, warm = rounds
    runs: dict[str, list[Row]] = {job: [] for job in jobs}
    expected: tuple[str, Answers] | None = None
    for turn in range(repeat + warm):
        for job in jobs:
            row = _run(job, size, folder, out, server if job == "postgis" else None)
            _tell(f"{size} {job}: {row.wall:.1f} s, CPU {row.cpu:.1f} s, {row.peak:.0f} MB")
            if turn >= warm:
                runs[job].append(row)
            if turn == 0 and job in ANSWERED:
                found = answers(out / job)
                if expected is not None:
                    compare(job, found, *expected)
                expected = expected or (job, found)
                row_flags = int(found.flagged.sum())
                _tell(f"{size} {job}: {row_flags} flags" + ", as the others")
    return [_median(found) for found in runs.values()]


def _run(job: str, size: int, folder: Path, out: Path, server: Server | None) -> Row:
    target = out / job
    shutil.rmtree(target, ignore_errors=True)
    if job not in ("whole", "office"):
        target.mkdir(parents=True)
    result = {"floor": out / "bare", "office-floor": out / "office"}.get(job, target)
    command = [sys.executable, str(HERE / "jobs.py"), job, str(folder), str(target), str(result)]
    with _database(server):
        spent = spend(command, server.process if server else None)
    wall, cpu = json.loads(spent.said)
    return Row(size, job, spent.wall - wall, spent.cpu - cpu, spent.peak)


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
    """The run with the median wall time, with the largest peak of all."""
    middle = statistics.median_low(row.wall for row in runs)
    row = next(row for row in runs if row.wall == middle)
    cpu = statistics.median(row.cpu for row in runs)
    return row._replace(cpu=cpu, peak=max(row.peak for row in runs), all=tuple(runs))


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

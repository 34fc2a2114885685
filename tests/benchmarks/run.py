"""Benchmark: ``python tests/benchmarks/run.py 10000 100000 [1000000]`` prints a Markdown table.

For each size, in turn and each in a process of its own: the floor (read the inputs with pyarrow and
geopandas, write the outputs of the batch again), the plain geopandas script, our batch in memory
with its tables written, and our whole command with workbook and map. Answers are compared before
times are reported.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHOLE_UP_TO = 100_000
"""Above this the workbook and the map are left out: nobody opens a workbook of a million rows."""


def main() -> None:
    """Run every size named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--child", nargs=3, metavar=("JOB", "FOLDER", "OUT"))
    options = parser.parse_args()
    if options.child:
        job, folder, out = options.child
        _child(job, Path(folder), Path(out))
        return
    print("| parcels | job | wall s | CPU s | peak MB | ÷ floor | flags |")
    print("|---|---|---|---|---|---|---|")
    for size in options.sizes:
        _size(size, options.repeat)


def _size(size: int, repeat: int) -> None:
    sys.path.insert(0, str(HERE))
    from county import make

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "county"
        make(size, folder)
        jobs = ["ours", "plain", "floor"] + (["whole"] if size <= WHOLE_UP_TO else [])
        best: dict[str, dict[str, float]] = {}
        flags: dict[str, list[str]] = {}
        for _ in range(repeat):
            for job in jobs:
                out = Path(scratch) / ("ours" if job == "floor" else job)
                result = _measure(job, folder, out)
                if job in ("ours", "plain", "whole"):
                    flags[job] = result.pop("flags")
                if job not in best or result["wall"] < best[job]["wall"]:
                    best[job] = result
        _compare(flags)
        for job in ("floor", "plain", "ours", "whole"):
            if job in best:
                _row(size, job, best, len(flags.get(job, [])))


def _row(size: int, job: str, best: dict[str, dict[str, float]], flagged: int) -> None:
    row, floor = best[job], best["floor"]["wall"]
    cells = [f"{row['wall']:.1f}", f"{row['cpu']:.1f}", f"{row['peak']:.0f}"]
    print(
        f"| {size:,} | {job} | {' | '.join(cells)} | {row['wall'] / floor:.1f} | {flagged or ''} |"
    )


def _compare(flags: dict[str, list[str]]) -> None:
    ours = set(flags["ours"])
    for job, found in flags.items():
        if ours != set(found):
            different = len(ours ^ set(found))
            print(f"!! {job} differs from ours in {different} of {len(ours)} flags")


def _measure(job: str, folder: Path, out: Path) -> dict[str, object]:
    if job != "floor":
        shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, str(HERE / "run.py"), "--child", job, str(folder), str(out)]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    result["wall"] = time.perf_counter() - start
    return result


def _child(job: str, folder: Path, out: Path) -> None:
    sys.path.insert(0, str(HERE))
    sys.path.insert(0, str(HERE.parents[1]))
    flags = {"floor": _floor, "plain": _plain, "ours": _ours, "whole": _whole}[job](folder, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024, "flags": flags}
        )
    )


def _floor(folder: Path, out: Path) -> list[str]:
    import geopandas as gpd
    import pyarrow.parquet as pq

    for name in ("parcels", "zones"):
        gpd.read_parquet(folder / f"{name}.parquet")
    for name in ("enterprises", "occupancy"):
        pq.read_table(folder / f"{name}.parquet")
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(out.glob("*.parquet")):
            pq.write_table(pq.read_table(path), Path(scratch) / path.name)
    return []


def _plain(folder: Path, out: Path) -> list[str]:
    from plain import run

    return sorted(run(folder, out))


def _ours(folder: Path, out: Path) -> list[str]:
    from landuse.issues import IssueLog
    from landuse.pipeline.identify import prepare
    from landuse.pipeline.manifest import manifest
    from landuse.pipeline.publish import run_tables
    from landuse.pipeline.steps import compute
    from landuse.publish import OUTPUTS, write_run

    project, rules, day = prepare(folder / "project.toml")
    log = IssueLog()
    computed = compute(project, rules, day, log)
    described = manifest(project, computed, day, "benchmark", "zh")
    write_run(run_tables(computed, described, log), out, outputs=OUTPUTS[:1])
    return _flags(computed.evaluation.units)


def _whole(folder: Path, out: Path) -> list[str]:
    from landuse.pipeline.identify import identify

    return _flags(identify(folder / "project.toml", out=out).computed.evaluation.units)


def _flags(units: object) -> list[str]:
    return sorted(units.loc[units["status"] == "low_efficiency", "uscc"])  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()

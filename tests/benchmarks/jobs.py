"""The jobs, each run in a process of its own: ``python jobs.py JOB FOLDER OUT RESULT [TIMES]``.

``bare`` is ours without checks, ``whole`` ours with every check, issue and firmness and its tables
written, ``plain`` to ``postgis`` are the peers, ``floor`` reads the same columns and writes the
outputs of ``RESULT`` again. ``office`` is the whole command on shapefiles and workbooks, with map
and workbook; ``office-floor`` its floor. The last line on standard output is JSON: the wall and CPU
seconds of what belongs to the measuring and not to the job.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

Taken = tuple[float, float]
NOTHING: Final = (0.0, 0.0)


def bare(folder: Path, out: Path, result: Path) -> Taken:
    import bare as job

    job.run(folder, out)
    return NOTHING


def whole(folder: Path, out: Path, result: Path) -> Taken:
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
    return NOTHING


def plain(folder: Path, out: Path, result: Path) -> Taken:
    from plain import run

    run(folder, out)
    return NOTHING


def duckdb(folder: Path, out: Path, result: Path) -> Taken:
    from peer_duckdb import run

    run(folder, out)
    return NOTHING


def sedonadb(folder: Path, out: Path, result: Path) -> Taken:
    from peer_sedonadb import run

    run(folder, out)
    return NOTHING


def postgis(folder: Path, out: Path, result: Path) -> Taken:
    from peer_postgis import run

    run(folder, out)
    return NOTHING


def floor(folder: Path, out: Path, result: Path) -> Taken:
    from floor import arrow

    return arrow(folder, out, result)


def office(folder: Path, out: Path, result: Path) -> Taken:
    from landuse.cli import main

    arguments = ["identify", str(folder / "project.toml"), "--out", str(out)]
    if main(arguments):
        raise SystemExit("identify failed")
    return NOTHING


def office_floor(folder: Path, out: Path, result: Path) -> Taken:
    from office import floor as job

    return job(folder, out, result)


JOBS: Final[dict[str, Callable[[Path, Path, Path], Taken]]] = {
    "bare": bare,
    "whole": whole,
    "plain": plain,
    "duckdb": duckdb,
    "sedonadb": sedonadb,
    "postgis": postgis,
    "floor": floor,
    "office": office,
    "office-floor": office_floor,
}


if __name__ == "__main__":
    name, *folders = sys.argv[1:5]
    for _ in range(int(sys.argv[5]) if len(sys.argv) > 5 else 1):
        taken = JOBS[name](*map(Path, folders))
    print(json.dumps(taken))

"""The jobs, each run in a process of its own: ``python jobs.py JOB FOLDER OUT RESULT [TIMES]``.

``bare`` is ours without checks, ``whole`` ours with every check, issue and firmness and its tables
written, ``parts`` the command of the same in parts and bounded memory, ``plain`` to ``postgis`` are
the peers (``duckdb-bounded`` may use as much memory as ``parts``), ``floor`` reads the same columns
and writes the outputs of ``RESULT`` again, ``whole-floor`` so for ``whole``. ``office`` is the
command on shapefiles and workbooks, with map and workbook; ``office-floor`` its floor. The last
line on standard output is JSON: the wall and CPU seconds of what belongs to the measuring and not
to the job.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from landuse.pipeline.progress import Progress

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

Taken = tuple[float, float]
Job = Callable[[Path, Path, Path], Taken]
NOTHING: Final = (0.0, 0.0)
GIBIBYTES: Final = 4
"""Memory that the bounded jobs may use."""


def _script(module: str, **settings: object) -> Job:
    """The function ``run`` of a module of this folder, from inputs to two tables."""

    def job(folder: Path, out: Path, result: Path) -> Taken:
        import_module(module).run(folder, out, **settings)
        return NOTHING

    return job


def _command(*options: str) -> Job:
    """``landuse identify`` as a user gives it."""

    def job(folder: Path, out: Path, result: Path) -> Taken:
        from landuse.cli import main

        arguments = ["identify", str(folder / "project.toml"), "--out", str(out), *options]
        if main(arguments):
            raise SystemExit("identify failed")
        return NOTHING

    return job


def _floor(module: str, name: str) -> Job:
    """A floor, which tells what it took to read what it writes again."""

    def job(folder: Path, out: Path, result: Path) -> Taken:
        taken: Taken = getattr(import_module(module), name)(folder, out, result)
        return taken

    return job


def whole(folder: Path, out: Path, result: Path, progress: Progress | None = None) -> Taken:
    """The batch in one piece, its tables alone."""
    from landuse.issues import IssueLog
    from landuse.pipeline.identify import prepare
    from landuse.pipeline.manifest import manifest
    from landuse.pipeline.memory import kept_for_reuse
    from landuse.pipeline.progress import silent
    from landuse.pipeline.publish import run_tables
    from landuse.pipeline.steps import STEPS, compute
    from landuse.publish import OUTPUTS, write_run

    project, rules, day = prepare(folder / "project.toml")
    log = IssueLog()
    progress = progress or silent
    with kept_for_reuse():
        computed = compute(project, rules, day, log, progress)
        described = manifest(project, computed, day, "benchmark", "zh")
        progress("write", len(STEPS) - 1, len(STEPS))
        write_run(run_tables(computed, described, log), out, outputs=OUTPUTS[:1])
    progress("write", len(STEPS), len(STEPS))
    return NOTHING


JOBS: Final[dict[str, Job]] = {
    "bare": _script("bare"),
    "whole": whole,
    "parts": _command("--memory", f"{GIBIBYTES}GiB"),
    "plain": _script("plain"),
    "duckdb": _script("peer_duckdb"),
    "duckdb-bounded": _script("peer_duckdb", gibibytes=GIBIBYTES),
    "sedonadb": _script("peer_sedonadb"),
    "postgis": _script("peer_postgis"),
    "floor": _floor("floor", "arrow"),
    "whole-floor": _floor("floor", "explained"),
    "office": _command(),
    "office-floor": _floor("office", "floor"),
}


if __name__ == "__main__":
    name, *folders = sys.argv[1:5]
    for _ in range(int(sys.argv[5]) if len(sys.argv) > 5 else 1):
        taken = JOBS[name](*map(Path, folders))
    print(json.dumps(taken))

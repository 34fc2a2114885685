"""What the draft report costs for many parks: wall and processor time, and the peak of memory.

``python tests/benchmarks/report.py [PARKS MONTHS FIRMS]`` (200 60 100000) makes the county, runs
``landuse report 2026-H1`` in a process of its own and prints a Markdown row. The peak is that of
the whole tree of processes, sampled from /proc (Linux); elsewhere that of the largest one.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]
_EVERY = 0.2
"""Seconds between two looks at the memory."""


def main() -> None:
    """Make the county, write the report, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, size in (("parks", 200), ("months", 60), ("firms", 100_000)):
        parser.add_argument(name, nargs="?", type=int, default=size)
    parser.add_argument("--keep", type=Path, help="a folder for the county and the report")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        project = folder / "county" / "project.toml"
        if not project.exists():
            import parks

            parks.make(options.parks, options.months, options.firms, folder / "county")
        wall, cpu, peak = _measured(project, folder / "out")
        sizes = [f"{one.stat().st_size / 1e6:.1f}" for one in sorted((folder / "out").iterdir())]
    print("| parks | months | enterprises | wall s | CPU s | peak MB | docx, xlsx MB |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {options.parks} | {options.months} | {options.firms} | {wall:.0f} | {cpu:.0f} |"
        f" {peak:.0f} | {', '.join(sizes)} |"
    )


def _measured(project: Path, out: Path) -> tuple[float, float, float]:
    """Wall and processor seconds, and the peak in MB, of the command."""
    start, run = time.monotonic(), "import sys; from landuse.cli import main; sys.exit(main())"
    words = ["report", "2026-H1", "--project", str(project), "--out", str(out), "--replace"]
    command = [sys.executable, "-c", run, *words]
    place = os.pathsep.join([str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")])
    child = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": place})
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, sum(map(_resident, _tree(child.pid))))
        time.sleep(_EVERY)
    wall = time.monotonic() - start
    if child.returncode:
        sys.exit(child.returncode)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, used.ru_utime + used.ru_stime, max(peak, used.ru_maxrss / 1024)


def _tree(root: int) -> list[int]:
    """A process and all that it started."""
    found = [root]
    for one in found:
        try:
            tasks = Path(f"/proc/{one}/task").iterdir()
            found += [int(n) for task in tasks for n in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()

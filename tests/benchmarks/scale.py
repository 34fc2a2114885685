"""What parts cost: ``python tests/benchmarks/scale.py --out FOLDER [--scratch FOLDER]``.

Runs the batch in parts, in bounded memory and with partitioned outputs, on made land of several
sizes, each cut in several ways, and notes seconds and bytes of every round. From the runs of
:data:`FITTED` ``notebooks/05_scale.ipynb`` computes larger ones; :data:`FORESEEN` is for checking
what it foresees. Written to ``--out``: every run's timings, and ``measured.csv``, the rounds of all
runs with their average parts, which is the notebook's cell. CPU seconds count: run it alone all the
same. What was measured is not measured again.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from measure import spend  # noqa: E402
from province import make_province  # noqa: E402

from landuse.engines.plan import measured  # noqa: E402
from landuse.engines.timings import read_timings  # noqa: E402

FITTED: Final = ((100_000, 10_000), (100_000, 2_500), (1_000_000, 100_000))
"""Parcels, and parcels in a part."""
FORESEEN: Final = ((1_000_000, 50_000),)
GROUP: Final = 2_500
"""Rows of a group in the made files: a part reads whole groups, which should not exceed it."""
COMMAND: Final = "import sys; from landuse.cli import main; sys.exit(main())"
IN_PARTS: Final = ("--engine", "local", "--memory", "4GiB", "--partitioned")
FIGURES: Final = ("seconds", "moved", "answer", "before", "inside")


def main() -> None:
    """Measure what is not there yet, and write the table of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, help="where land stays (default: temporary)")
    parser.add_argument("--most", type=int, default=1_000_000, help="parcels at most")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in (*FITTED, *FORESEEN) if one[0] <= options.most]
    with tempfile.TemporaryDirectory() as temporary:
        for parcels, rows in wanted:
            _measure(parcels, rows, options.out, options.scratch or Path(temporary))
    with (options.out / "measured.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["parcels", "part_rows", "parts", "round", "tasks", *FIGURES])
        for parcels, rows in wanted:
            table.writerows(_rows(options.out, parcels, rows))


def _measure(parcels: int, rows: int, out: Path, scratch: Path) -> None:
    timings = out / f"timings-{parcels}-{rows}.json"
    if timings.exists():
        return
    land = scratch / f"scale-{parcels}"
    if not (land / "project.toml").exists():
        make_province(parcels, land, group=GROUP)
    with tempfile.TemporaryDirectory(dir=scratch) as run:
        words = ["identify", str(land / "project.toml"), "--out", f"{run}/run", *IN_PARTS]
        words += ["--part-rows", str(rows), "--timings", str(timings)]
        spent = spend([sys.executable, "-c", COMMAND, *words])
    said = f"CPU {spent.cpu:.1f} s, peak {spent.peak:.0f} MB"
    print(f"{parcels} parcels in parts of {rows}: {said}", file=sys.stderr, flush=True)


def _rows(out: Path, parcels: int, rows: int) -> list[list[str | int]]:
    run = measured(read_timings(out / f"timings-{parcels}-{rows}.json"))
    start = [parcels, rows, int(run.size.parts)]
    return [
        [*start, stage.name, stage.tasks, *(f"{getattr(stage, name):.5g}" for name in FIGURES)]
        for stage in run.stages
    ]


if __name__ == "__main__":
    main()

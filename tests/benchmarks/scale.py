"""What parts cost: ``python tests/benchmarks/scale.py --out FOLDER [--into NOTEBOOK]``.

Runs the batch in parts, in bounded memory and with partitioned outputs, on made land of several
sizes, each cut in several ways, and notes seconds and bytes of every round. From all but the last
run ``notebooks/05_scale.ipynb`` computes larger ones; the last is for checking what it foresees.
Written to ``--out``: every run's timings, and ``measured.csv``, the rounds of all runs with their
average parts; ``--into`` puts that table into the notebook. CPU seconds count: run it alone all the
same. What was measured is not measured again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from kept import revision  # noqa: E402
from measure import spend  # noqa: E402
from province import make_province  # noqa: E402

from landuse.engines.parts.timings import read_timings  # noqa: E402
from landuse.engines.plan.predict import measured  # noqa: E402

SMALL: Final = 100_000
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
    parser.add_argument("--large", type=int, default=1_000_000, help="parcels of the larger land")
    parser.add_argument("--into", type=Path, help="notebook whose figures are replaced")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    large = options.large
    runs = [(SMALL, SMALL // 10), (SMALL, SMALL // 40), (large, large // 10), (large, large // 20)]
    with tempfile.TemporaryDirectory() as temporary:
        for parcels, rows in runs:
            _measure(parcels, rows, options.out, options.scratch or Path(temporary))
    found = [["parcels", "part_rows", "parts", "round", "tasks", *FIGURES]]
    for parcels, rows in runs:
        found += _rows(options.out, parcels, rows)
    table = "".join(",".join(map(str, row)) + "\n" for row in found)
    (options.out / "measured.csv").write_text(table, encoding="utf-8")
    if options.into is not None:
        _put(table, options.into)


def _put(table: str, notebook: Path) -> None:
    """Replace the table of a notebook and say of when and what it is."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    (cell,) = (one for one in content["cells"] if "MEASURED = " in "".join(one["source"]))
    _, rest = "".join(cell["source"]).split('\n"""\n', 1)
    day = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d")
    head = f'ABOUT = "measured {day}, revision {revision()}"\nMEASURED = """\\\n'
    cell["source"] = f'{head}{table.rstrip()}\n"""\n{rest}'.splitlines(keepends=True)
    said = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    notebook.write_text(said, encoding="utf-8")


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


def _rows(out: Path, parcels: int, rows: int) -> list[list[Any]]:
    run = measured(read_timings(out / f"timings-{parcels}-{rows}.json"))
    start = [parcels, rows, int(run.size.parts)]
    return [
        [*start, stage.name, stage.tasks, *(f"{getattr(stage, name):.5g}" for name in FIGURES)]
        for stage in run.stages
    ]


if __name__ == "__main__":
    main()

"""Guard against slowness: ``python tests/guard/guard.py`` ends with 1 where we have become slower.

CPU seconds on 100 000 parcels, ours against the plain geopandas script of the benchmark on the same
land, run in turn on the same machine: what slows one down slows the other down. The least of
several runs counts, for noise only ever adds. The ratios that ``ratios.json`` records may be
exceeded by 35 per cent; so much no noise has done (the tests hold runs that were made under load),
and a job that does its work twice exceeds it. ``--record`` writes the ratios anew after work that
was meant to change them; ``--slower N`` does each job of ours N times, to see the guard fail.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ["LIMIT", "faults", "ratios"]

HERE = Path(__file__).resolve().parent
BENCHMARKS = HERE.parent / "benchmarks"
RECORD = HERE / "ratios.json"
PARCELS: Final = 100_000
YARDSTICK: Final = "plain"
OURS: Final = ("bare", "whole")
ROUNDS: Final = 3
LIMIT: Final = 1.35
"""How many times the recorded ratio is too much."""


def main() -> int:
    """Measure, and say what has become too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the ratios anew")
    parser.add_argument("--slower", type=int, default=1, help="do our jobs so many times")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        spent = measured(Path(scratch), options.rounds, options.slower)
    found = ratios(spent)
    for job, ratio in found.items():
        seconds = ", ".join(f"{cpu:.1f}" for cpu in spent[job])
        print(f"guard: {job} takes {ratio:.2f} times the CPU of the plain script ({seconds} s)")
    if options.record:
        RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return 0
    slow = faults(found, json.loads(RECORD.read_text(encoding="utf-8")))
    for sentence in slow:
        print(sentence, file=sys.stderr)
    return 1 if slow else 0


def measured(scratch: Path, rounds: int, times: int = 1) -> dict[str, list[float]]:
    """CPU seconds of each run of each job, the jobs in turn."""
    sys.path.insert(0, str(BENCHMARKS))
    from measure import spend
    from province import make_province

    make_province(PARCELS, scratch / "land")
    spent: dict[str, list[float]] = {}
    for _ in range(rounds):
        for job in (YARDSTICK, *OURS):
            out = scratch / job
            shutil.rmtree(out, ignore_errors=True)
            if job != "whole":
                out.mkdir()
            command = [sys.executable, str(BENCHMARKS / "jobs.py"), job]
            command += [str(scratch / "land"), str(out), str(out)]
            if job in OURS:
                command.append(str(times))
            spent.setdefault(job, []).append(spend(command).cpu)
    return spent


def ratios(spent: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The least CPU seconds of our jobs ÷ the least of the yardstick."""
    return {job: round(min(spent[job]) / min(spent[YARDSTICK]), 3) for job in OURS}


def faults(found: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """One sentence for every job that exceeds its recorded ratio by more than noise does."""
    return [
        f"guard: '{job}' on {PARCELS:,} parcels has become slower: {ratio:.2f} times the CPU of "
        f"the plain geopandas script, recorded {recorded[job]:.2f}, allowed "
        f"{recorded[job] * LIMIT:.2f}. Find what slowed it down (python -m cProfile "
        f"tests/benchmarks/jobs.py {job} …), or, if it is meant, run "
        f"python tests/guard/guard.py --record and say why in the commit."
        for job, ratio in found.items()
        if ratio > recorded[job] * LIMIT
    ]


if __name__ == "__main__":
    sys.exit(main())

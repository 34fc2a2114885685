"""The table and the picture of the benchmark, with date, versions and machine."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Row", "report"]

PACKAGES = (
    "landuse", "numpy", "pandas", "pyarrow", "shapely", "geopandas", "duckdb",
    "duckdb-extension-spatial", "sedonadb", "adbc-driver-postgresql",
)  # fmt: skip
PEERS = ("duckdb", "sedonadb", "postgis")
NAMES = {
    "bare": "**landuse, bare**",
    "whole": "**landuse, whole**",
    "floor": "floor (pyarrow)",
    "duckdb": "DuckDB spatial, SQL",
    "sedonadb": "SedonaDB, SQL",
    "postgis": "PostGIS, SQL",
    "plain": "plain geopandas script",
    "office": "**landuse, office files**",
    "office-floor": "floor (the same libraries)",
}
FLOORS = {"office": "office-floor"}


class Row(NamedTuple):
    """One job at one size: wall and CPU seconds, peak MB; ``all``: the single runs of a median."""

    parcels: int
    job: str
    wall: float
    cpu: float
    peak: float
    all: tuple[Row, ...] = ()


def report(rows: Sequence[Row], repeat: int, out: Path) -> str:
    """Write ``benchmark.md``, ``benchmark.json`` and ``benchmark.png``; give the first."""
    said = "\n".join([*_about(repeat), "", *_table(rows), "", *_bars(rows), ""])
    (out / "benchmark.md").write_text(said, encoding="utf-8")
    single = [one._asdict() for row in rows for one in (row.all or [row])]
    content = {"about": _about(repeat), "runs": [{**run, "all": None} for run in single]}
    (out / "benchmark.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    _picture(rows, out / "benchmark.png")
    return said


def _about(repeat: int) -> list[str]:
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    day = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else math.nan
    measured = (
        f"Measured {day}, median of {repeat}; {_machine()}, load {load:.1f} in the five minutes "
        f"before the end; Python {platform.python_version()}, {', '.join(versions)}."
    )
    return [measured]


def _machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    memory = ""
    if hasattr(os, "sysconf"):
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"
    return f"{os.cpu_count()} cores {model}{memory}, {platform.system()}"


def _table(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| parcels | job | wall s | CPU s | peak MB | wall ÷ floor | CPU ÷ floor |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    for row in sorted(
        rows, key=lambda row: (row.job in NAMES and "office" in row.job, row.parcels)
    ):
        floor = _of(rows, FLOORS.get(row.job, "floor"), row.parcels)
        if "office" in row.job:
            floor = _of(rows, "office-floor", row.parcels)
        times = [row.wall / floor.wall, row.cpu / floor.cpu] if floor else []
        ratios = [f"{ratio:.1f}" for ratio in times] or ["", ""]
        cells = [f"{row.wall:.1f}", f"{row.cpu:.1f}", f"{row.peak:.0f}", *ratios]
        lines.append(f"| {row.parcels:,} | {NAMES[row.job]} | {' | '.join(cells)} |")
    return lines


def _of(rows: Sequence[Row], job: str, parcels: int) -> Row | None:
    return next((row for row in rows if (row.job, row.parcels) == (job, parcels)), None)


def _bars(rows: Sequence[Row]) -> list[str]:
    """What we promise, at the largest size that has it, and whether it holds."""
    sizes = sorted({row.parcels for row in rows if row.job == "bare"})
    lines = []
    if sizes:
        bars = [*((peer, 1.0) for peer in PEERS), ("plain", 0.2), ("floor", 2.2)]
        lines += [_bar(rows, sizes[-1], "bare", other, most) for other, most in bars]
        lines += [_bar(rows, sizes[-1], "whole", "bare", 1.5), *_growth(rows, sizes)]
    for size in sorted({row.parcels for row in rows if row.job == "office"}):
        lines.append(_bar(rows, size, "office", "office-floor", 2.0))
    return [line for line in lines if line]


def _bar(rows: Sequence[Row], size: int, job: str, other: str, most: float) -> str:
    """One promise by wall time, with the ratio of CPU beside it; "" where one was not run."""
    ours, theirs = _of(rows, job, size), _of(rows, other, size)
    if ours is None or theirs is None:
        return ""
    wall, cpu = ours.wall / theirs.wall, ours.cpu / theirs.cpu
    what = f"{size:,} parcels, {NAMES[job]} ÷ {NAMES[other]}".replace("**", "")
    return f"- {what}: {_judged(wall, most)}; CPU {cpu:.2f}"


def _judged(ratio: float, most: float) -> str:
    return f"{ratio:.2f}, at most {most:g} promised: {'met' if ratio <= most else 'NOT met'}"


def _growth(rows: Sequence[Row], sizes: Sequence[int]) -> list[str]:
    """The exponent between the two largest sizes, from a hundred thousand on."""
    large = [size for size in sizes if size >= 100_000][-2:]
    found = []
    for job in ("bare", "whole") if len(large) == 2 else ():
        low, high = (_of(rows, job, size) for size in large)
        if low and high:
            factor = math.log(large[1] / large[0])
            wall = math.log(high.wall / low.wall) / factor
            cpu = math.log(high.cpu / low.cpu) / factor
            what = f"growth of {job} from {large[0]:,} to {large[1]:,}, exponent"
            found.append(f"- {what}: {_judged(wall, 1.05)}; CPU {cpu:.2f}")
    return found


def _picture(rows: Sequence[Row], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for job, name in NAMES.items():
        points = sorted((row.parcels, row.wall) for row in rows if row.job == job)
        if points:
            thick = 2.2 if job in ("bare", "whole", "office") else 1.2
            style = "--" if "floor" in job else "-"
            label = name.replace("*", "")
            axes.plot(*zip(*points, strict=True), style, marker="o", lw=thick, label=label)
    axes.set(xscale="log", yscale="log", xlabel="parcels", ylabel="wall seconds")
    axes.grid(visible=True, which="both", lw=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=150)
    plt.close(figure)

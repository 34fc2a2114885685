"""The table and the picture of the benchmark, with date, versions and machine."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import itertools
import json
import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Row", "exponent", "report"]

PACKAGES = (
    "landuse", "numpy", "pandas", "pyarrow", "shapely", "geopandas", "duckdb",
    "duckdb-extension-spatial", "sedonadb", "adbc-driver-postgresql",
)  # fmt: skip
PEERS = ("duckdb", "sedonadb", "postgis")
NAMES = {
    "bare": "**landuse, bare**",
    "whole": "**landuse, whole**",
    "parts": "**landuse, in parts**",
    "floor": "floor (pyarrow)",
    "duckdb": "DuckDB spatial, SQL",
    "duckdb-bounded": "DuckDB spatial, 4 GiB",
    "sedonadb": "SedonaDB, SQL",
    "postgis": "PostGIS, SQL",
    "plain": "plain geopandas script",
    "whole-floor": "floor of whole (pyarrow)",
    "office": "**landuse, office files**",
    "office-floor": "floor (the same libraries)",
}
FLOORS = {
    "whole": "whole-floor",
    "whole-floor": "whole-floor",
    "parts": "whole-floor",
    "office": "office-floor",
    "office-floor": "office-floor",
}
"""Whose floor stands beside a job; ``floor`` beside all others."""
MARKS = dict(zip(NAMES, "osD.v<^>xP+*", strict=True))
OURS = ("bare", "whole", "parts", "office")
LEAST = 100_000
"""Below so many parcels the start of the programs is most of what is measured."""
MOST_MB = 4096
PROMISED = 1_000_000
"""Parcels for which the ratios are promised; what is smaller is told and not judged."""


class Row(NamedTuple):
    """One job at one size: wall and CPU seconds, peak MB; ``all``: the single runs of a median."""

    parcels: int
    job: str
    wall: float
    cpu: float
    peak: float
    all: tuple[Row, ...] = ()


def report(rows: Sequence[Row], revisions: Sequence[str], out: Path) -> str:
    """Write ``benchmark.md``, ``benchmark.json`` and ``benchmark.png``; give the first.

    ``revisions``: the commits of our own code that were measured.
    """
    about = _about(revisions)
    blocks = [[about], _table(rows), _growth_table(rows), _bars(rows)]
    said = "\n".join(line for block in blocks if block for line in [*block, ""])
    (out / "benchmark.md").write_text(said, encoding="utf-8")
    single = [one._asdict() for row in rows for one in (row.all or [row])]
    content = {"about": about, "runs": [{**run, "all": None} for run in single]}
    (out / "benchmark.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    _picture(rows, out / "benchmark.png")
    return said


def _about(revisions: Sequence[str]) -> str:
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    day = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else math.nan
    return (
        f"Measured {day}, medians of so many runs; {_machine()}, load {load:.1f} in the five "
        f"minutes before the end; revision {', '.join(revisions) or 'unknown'}; "
        f"Python {platform.python_version()}, {', '.join(versions)}."
    )


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
        "| parcels | job | runs | wall s | CPU s | peak MB | wall ÷ floor | CPU ÷ floor |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in sorted(rows, key=lambda row: ("office" in row.job, row.parcels)):
        start = f"| {row.parcels:,} | {NAMES[row.job]} | {max(len(row.all), 1)} |"
        if math.isnan(row.wall):
            lines.append(f"{start} died | | | | |")
            continue
        floor = _of(rows, FLOORS.get(row.job, "floor"), row.parcels)
        times = [row.wall / floor.wall, row.cpu / floor.cpu] if floor else []
        ratios = [f"{ratio:.1f}" for ratio in times] or ["", ""]
        cells = [f"{row.wall:.1f}", f"{row.cpu:.1f}", f"{row.peak:.0f}", *ratios]
        lines.append(f"{start} {' | '.join(cells)} |")
    return lines


def _of(rows: Sequence[Row], job: str, parcels: int) -> Row | None:
    found = (row for row in rows if (row.job, row.parcels) == (job, parcels))
    return next((row for row in found if not math.isnan(row.wall)), None)


def _bars(rows: Sequence[Row]) -> list[str]:
    """What we promise, at the largest size that has it, and whether it holds."""
    sizes = sorted({row.parcels for row in rows if row.job == "bare"})
    lines = []
    if sizes:
        bars = [*((peer, 1.0) for peer in PEERS), ("plain", 0.2), ("floor", 2.2)]
        lines += [_bar(rows, sizes[-1], "bare", other, most) for other, most in bars]
        lines.append(_bar(rows, sizes[-1], "whole", "bare", 1.5))
        lines.append(_limit(rows, sizes[-1]))
    for job in OURS:
        lines += [_judged_growth(job, *pair) for pair in _pairs(rows, job)[-1:]]
    for row in rows:
        if row.job == "parts":
            what = f"{row.parcels:,} parcels, landuse in parts, peak of all processes in MB"
            lines.append(f"- {what}: {_judged(row.peak, MOST_MB, '.0f')}")
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
    verdict = _judged(wall, most) if size >= PROMISED or job == "office" else f"{wall:.2f}"
    return f"- {what}: {verdict}; CPU {cpu:.2f}"


def _limit(rows: Sequence[Row], size: int) -> str:
    """What stands between the whole job and the bare one whatever is computed; "" if not run."""
    least, bare = _of(rows, "whole-floor", size), _of(rows, "bare", size)
    if least is None or bare is None:
        return ""
    wall, cpu = least.wall / bare.wall, least.cpu / bare.cpu
    what = f"{size:,} parcels, reading and writing alone what the whole job reads and writes"
    return f"- {what}: {wall:.2f} of bare; CPU {cpu:.2f}"


def _judged(found: float, most: float, form: str = ".2f") -> str:
    verdict = "met" if found <= most else "NOT met"
    return f"{found:{form}}, at most {most:g} promised: {verdict}"


def _pairs(rows: Sequence[Row], job: str) -> list[tuple[Row, Row]]:
    """Neighbouring sizes of a job, from :data:`LEAST` parcels on."""
    found = sorted(row for row in rows if row.job == job and row.parcels >= LEAST)
    found = [row for row in found if not math.isnan(row.wall)]
    return list(itertools.pairwise(found))


def exponent(low: Row, high: Row, what: str) -> float:
    """The power of the number of parcels with which ``wall``, ``cpu`` or ``peak`` grows.

    >>> round(exponent(Row(100, "bare", 2, 2, 1), Row(1000, "bare", 20, 200, 1), "cpu"), 9)
    2.0
    """
    ratio = getattr(high, what) / getattr(low, what)
    return math.log(ratio) / math.log(high.parcels / low.parcels)


def _growth_table(rows: Sequence[Row]) -> list[str]:
    """Growth of every job between neighbouring sizes; empty where all have one size."""
    pairs = [pair for job in NAMES for pair in _pairs(rows, job)]
    if not pairs:
        return []
    lines = [
        "| growth, exponent | from | to | wall | CPU | peak |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for low, high in pairs:
        powers = [f"{exponent(low, high, what):.2f}" for what in ("wall", "cpu", "peak")]
        sizes = f"{low.parcels:,} | {high.parcels:,}"
        lines.append(f"| {NAMES[low.job]} | {sizes} | {' | '.join(powers)} |")
    return lines


def _judged_growth(job: str, low: Row, high: Row) -> str:
    wall, cpu = exponent(low, high, "wall"), exponent(low, high, "cpu")
    what = f"growth of {job} from {low.parcels:,} to {high.parcels:,}, exponent"
    return f"- {what}: {_judged(wall, 1.05)}; CPU {cpu:.2f}"


def _picture(rows: Sequence[Row], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, both = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    for axes, what, said in zip(
        both, ("wall", "peak"), ("wall seconds", "peak memory, MB"), strict=True
    ):
        for job, name in NAMES.items():
            _curve(axes, [row for row in rows if row.job == job], what, name.replace("*", ""))
        axes.set(xscale="log", yscale="log", xlabel="parcels", ylabel=said)
        _ticks(axes, sorted({row.parcels for row in rows}))
    both[1].axhline(MOST_MB, color="black", lw=0.8, ls=":", label="4 GiB")
    figure.legend(*both[1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _curve(axes: Axes, rows: Sequence[Row], what: str, name: str) -> None:
    points = sorted((row.parcels, getattr(row, what)) for row in rows)
    points = [point for point in points if not math.isnan(point[1])]
    if points:
        job = rows[0].job
        thick = 2.2 if job in OURS else 1.2
        style = "--" if "floor" in job else "-"
        axes.plot(*zip(*points, strict=True), style, marker=MARKS[job], lw=thick, label=name)


def _ticks(axes: Axes, sizes: Sequence[int]) -> None:
    """Plain figures: the measured sizes below, 1, 2 and 5 of every power of ten at the side."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set_xticks(sizes)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", labelrotation=20)
    axes.grid(visible=True, lw=0.3)

"""Where a batch spends time and memory: ``python tests/benchmarks/where.py SIZE … --out DIR``.

Runs the batch, its tables alone, on made land of several sizes, each in a process of its own, and
writes ``where.md``: wall and CPU seconds and the peak of memory of every stage, and the modules in
which the process was met most often (looked at 200 times a second; a thread that waits for another
is not counted). ``--memory SIZE …`` adds runs in parts, by round. It explains a time, it is not
one: being looked at costs some.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any, Final

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from kept import revision  # noqa: E402
from province import make_province  # noqa: E402

LOOK: Final = 0.005
MODULES: Final = 12
"""How many modules are named."""
PARTS: Final = "4GiB"
_STATUS, _REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_PACKAGE = f"{HERE.parents[1] / 'landuse'}/"


class Looked(threading.Thread):
    """Counts in which modules of landuse the threads of this process are met."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.met: Counter[str] = Counter()
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(LOOK):
            for number, frame in sys._current_frames().items():
                if number != self.ident and (name := _module(frame)):
                    self.met[name] += 1


def _module(frame: FrameType | None) -> str:
    """The innermost module of landuse of a thread; "" where it waits, or is none of ours."""
    if frame is None or frame.f_code.co_filename.endswith(("threading.py", "_base.py")):
        return ""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_PACKAGE):
            return frame.f_code.co_filename.removeprefix(_PACKAGE).removesuffix(".py")
        frame = frame.f_back
    return ""


class Stages:
    """Wall, CPU and peak of memory between one call of the progress and the next."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float, float]] = []
        self._now = "start"
        self._mark = _used()

    def __call__(self, step: str, done: int, of: int) -> None:
        if done == of or step != self._now:
            before, self._mark = self._mark, _used()
            spent = (after - start for after, start in zip(self._mark, before, strict=True))
            self.rows.append((self._now, *spent, _peak()))  # type: ignore[arg-type]
            self._now = step


def _used() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _peak() -> float:
    """The peak in MB since it was asked last; 0 where the system does not tell."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        _REFS.write_text("5", encoding="ascii")
    except OSError:
        return 0.0
    told = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("VmHWM")}
    return int(told["VmHWM"]) / 1024


def look(folder: Path, out: Path) -> dict[str, Any]:
    """One run in this process."""
    from jobs import whole

    looked, stages = Looked(), Stages()
    looked.start()
    whole(folder, out, out, stages)
    looked.done.set()
    return {"stages": stages.rows, "met": looked.met.most_common()}


def look_in_parts(folder: Path, out: Path) -> dict[str, Any]:
    """One run in parts, by round; what the driver did before and in a round belongs to it."""
    from landuse.cli import main
    from landuse.engines.parts.timings import read_timings

    timings = out.with_suffix(".json")
    words = ["identify", str(folder / "project.toml"), "--out", str(out), "--memory", PARTS]
    if main([*words, "--timings", str(timings)]):
        raise SystemExit("identify failed")
    told = read_timings(timings)
    rows = []
    for one in told.rounds:
        sums = [sum(task[at] for task in one.tasks) for at in (1, 2)]
        both = [s + b + i for s, b, i in zip(sums, one.before, one.inside, strict=True)]
        rows.append((one.name, *both, 0.0))
    return {"stages": [*rows, ("after", *told.after, 0.0)], "peak": _peak()}


def main() -> None:
    """Run every size in a process of its own and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*")
    parser.add_argument("--memory", type=int, nargs="+", default=[], metavar="SIZE",
                        help=f"sizes to run in parts with --memory {PARTS}")  # fmt: skip
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, help="where land stays (default: temporary)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    said = [f"revision {revision()}, Python {sys.version.split()[0]}", ""]
    with tempfile.TemporaryDirectory() as temporary:
        for parts, sizes in ((False, options.sizes), (True, options.memory)):
            for size in sizes:
                found = _child(size, options.scratch or Path(temporary), parts=parts)
                said += report(size, found, parts=parts)
                (options.out / "where.md").write_text("\n".join(said) + "\n", encoding="utf-8")


def _child(size: int, scratch: Path, *, parts: bool) -> dict[str, Any]:
    land = scratch / f"land-{size}"
    if not (land / "project.toml").exists():
        make_province(size, land)
    with tempfile.TemporaryDirectory(dir=scratch) as run:
        name = "look_in_parts" if parts else "look"
        code = f"import json, where, pathlib; p = pathlib.Path; print(json.dumps(where.{name}"
        command = [sys.executable, "-c", f"{code}(p({str(land)!r}), p({run!r}) / 'run')))"]
        done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(size: int, found: dict[str, Any], *, parts: bool) -> list[str]:
    """The lines of one run."""
    title = f"{size:,} parcels" + (f", in parts with `--memory {PARTS}`" if parts else "")
    lines = [f"**{title}**", "", "| stage | wall s | CPU s | peak MB |", "|---|---:|---:|---:|"]
    rows = found["stages"]
    sums = [sum(row[at] for row in rows) for at in (1, 2)]
    peak = max([found.get("peak", 0.0), *(row[3] for row in rows)])
    for name, wall, cpu, high in [*rows, ("all", *sums, peak)]:
        lines.append(f"| {name} | {wall:.2f} | {cpu:.2f} | {f'{high:.0f}' if high else ''} |")
    if met := found.get("met"):
        whole = sum(many for _, many in met)
        shares = ", ".join(f"{name} {many / whole:.0%}" for name, many in met[:MODULES])
        lines += ["", f"Met in: {shares}."]
    return [*lines, ""]


if __name__ == "__main__":
    main()

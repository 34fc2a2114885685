"""Runs in parts whose machines fail, and what is left of it.

``python -m pytest tests/long/test_long_engines.py -m long -s``.
Needs root for networks of their own and small disks; elsewhere those tests are skipped and say so.
Every test ends with the tables that one process writes, and without a process left over.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_desk import ROOT, Desk, files, parts, wait_until
from network import HUB, Network

from landuse.engines.batch import identify_in_parts
from landuse.engines.reading.prepared import Cuts

pytestmark = pytest.mark.long
pytest.importorskip("distributed")
SAMPLE = str(ROOT / "data" / "sample" / "project.toml")
ROWS = ["--part-rows", "60"]
STAGES = ("asked", "match", "measure", "grade", "published")
QUICK = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s"}
"""A machine that does not answer is given up after so long, not after half a minute."""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The files of a run in one process."""
    folder = tmp_path_factory.mktemp("alone") / "run"
    return files(identify_in_parts(Path(SAMPLE), out=folder, cuts=Cuts(60)).folder)


def with_dask(out: Path, *more: str) -> list[str]:
    """Words of a run by dask."""
    return ["identify", SAMPLE, "--out", str(out), "--engine", "dask", *ROWS, *more]


def workers_of(desk: Desk) -> list[int]:
    """Processes that dask started to work."""
    return [number for number, words in desk.strays().items() if "spawn_main" in words]


def nothing_but(folder: Path, *names: str) -> None:
    """What lies in ``folder``, but for what processes said."""
    found = {path.name for path in folder.iterdir() if not path.name.startswith("said-")}
    assert found == set(names)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_however_many_workers(
    workers: int, desk: Desk, tmp_path: Path, alone: dict[str, object]
) -> None:
    limit = ["--worker-memory", "2GiB"]
    desk.ended(desk.start(*with_dask(tmp_path / "run", "--workers", str(workers), *limit)), 0)
    assert files(tmp_path / "run") == alone
    nothing_but(tmp_path, "run")
    desk.clean()


@pytest.mark.parametrize("number", range(6))
def test_a_worker_is_killed_at_any_moment(
    number: int, desk: Desk, tmp_path: Path, alone: dict[str, object]
) -> None:
    """Also the only one: another is started in its place."""
    rng = random.Random(number)
    stage, many, workers = rng.choice(STAGES[1:]), rng.randint(1, 5), rng.choice((1, 2))
    work = ["--work", str(tmp_path / "work"), "--workers", str(workers)]
    run = desk.start(*with_dask(tmp_path / "run", *work))
    wait_until(lambda: len(parts(tmp_path / "work", stage)) >= many, f"parts of {stage}")
    os.kill(rng.choice(workers_of(desk)), signal.SIGKILL)
    desk.ended(run, 0)
    assert files(tmp_path / "run") == alone
    nothing_but(tmp_path, "run", "work")
    desk.clean()


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_driver_leaves_no_worker_and_the_run_goes_on(
    stage: str, desk: Desk, tmp_path: Path, alone: dict[str, object]
) -> None:
    out = tmp_path / "成果" / "run"
    run = desk.start(*with_dask(out, "--workers", "2"))
    wait_until(lambda: parts(out.parent, stage), f"parts of {stage}")
    run.kill()
    run.wait()
    desk.clean()
    assert not out.exists()
    kept = {path: path.stat().st_mtime_ns for path in parts(out.parent, "match")}
    assert kept or stage == "asked"
    again = desk.start(*with_dask(out, "--workers", "2"))
    seen = {}
    while again.poll() is None:  # parts that were done are not done again
        with contextlib.suppress(FileNotFoundError):  # the finished run removes them
            seen |= {path: path.stat().st_mtime_ns for path in kept if path.is_file()}
        assert all(kept[path] == time for path, time in seen.items())
    desk.ended(again, 0)
    assert files(out) == alone
    nothing_but(out.parent, "run")
    desk.clean()


@pytest.mark.parametrize(
    ("limit", "words"), [("300MiB", "太小"), ("很多", "不是内存大小"), ("0", "太小")]
)
def test_a_limit_that_no_worker_can_live_with(
    limit: str, words: str, desk: Desk, tmp_path: Path
) -> None:
    run = desk.start(*with_dask(tmp_path / "run", "--workers", "2", "--worker-memory", limit))
    assert words in desk.ended(run, 2)
    nothing_but(tmp_path)
    desk.clean()


def test_a_worker_above_its_memory_is_ended_and_the_run_says_so(desk: Desk, tmp_path: Path) -> None:
    """A part that takes more than a worker may: five tries, a sentence, no half result."""
    heavy = tmp_path / "heavy.py"
    heavy.write_text(
        "import sys\n"
        "from landuse.engines import batch\n"
        "from landuse.engines.stages import land\n"
        "from landuse.cli import main\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "from eater import eat\n"
        "batch.match = eat\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(main())\n",
        encoding="utf-8",
    )
    (tmp_path / "eater.py").write_text(
        "import time\n"
        "def eat(part, job, reference):\n"
        "    held = [bytearray(b'x' * 2**26) for _ in range(40)]\n"
        "    while held:\n"
        "        time.sleep(0.05)\n",
        encoding="utf-8",
    )
    words = ["identify", SAMPLE, "--out", str(tmp_path / "run"), "--engine", "dask"]
    words += ["--part-rows", "9999", "--workers", "1", "--worker-memory", "600MiB"]
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    run = desk.run([sys.executable, str(heavy), *words], PYTHONPATH=path)
    assert "工作进程中途退出" in desk.ended(run, 2)
    assert not (tmp_path / "run").exists()
    desk.clean()


def test_two_runs_at_once_in_one_folder(
    desk: Desk, tmp_path: Path, alone: dict[str, object]
) -> None:
    """One of them may be told to wait; neither spoils the other, and the folder stays good."""
    work = ["--work", str(tmp_path / "work"), "--workers", "1"]
    runs = [desk.start(*with_dask(tmp_path / f"run{n}", *work)) for n in range(2)]
    codes = [run.wait(300) for run in runs]
    assert sorted(codes) in ([0, 0], [0, 2])
    for number, run in enumerate(runs):
        if codes[number]:
            assert "另一次运行正在使用" in desk.said(run)
            assert not (tmp_path / f"run{number}").exists()
            desk.ended(desk.start(*with_dask(tmp_path / f"run{number}", *work)), 0)
        assert files(tmp_path / f"run{number}") == alone
    nothing_but(tmp_path, "run0", "run1", "work")
    desk.clean()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("a small disk cannot be mounted here (needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("engine", [["local"], ["dask", "--workers", "2"]])
@pytest.mark.parametrize("free", [200, 1500, 3000])
def test_a_full_disk_is_said_and_the_run_goes_on(
    engine: list[str],
    free: int,
    desk: Desk,
    small_disk: Path,
    tmp_path: Path,
    alone: dict[str, object],
) -> None:
    """``free`` kilobytes for the parts; then there is room and the same command ends well."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - free * 1024))
    out = tmp_path / "run"
    words = ["identify", SAMPLE, "--out", str(out), "--engine", *engine, *ROWS]
    words += ["--work", str(small_disk)]
    said = desk.ended(desk.start(*words), 2)
    assert "磁盘" in said
    assert "内部错误" not in said
    assert not out.exists()
    halves = [path for path in small_disk.glob(".parts-*/*/.*") if path.is_dir()]
    assert not halves
    desk.clean()
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    desk.ended(desk.start(*words), 0)
    assert files(out) == alone
    desk.clean()


class _Machines:
    """Scheduler at the hub, a worker on every machine of the network, a driver at the hub."""

    def __init__(self, desk: Desk, network: Network, work: Path) -> None:
        self.desk, self.network, self.work = desk, network, work
        self.scheduler = self.start_scheduler()
        self.workers = [self.start_worker(number) for number in range(network.machines)]

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        words = ["scheduler", "--host", HUB, "--port", "8786", "--no-dashboard"]
        return self._dask(self.network.at_hub(), words)

    def start_worker(self, number: int) -> subprocess.Popen[bytes]:
        words = ["worker", f"tcp://{HUB}:8786", "--host", self.network.address(number)]
        return self._dask(self.network.at(number), [*words, "--nthreads", "1", "--no-dashboard"])

    def _dask(self, place: list[str], words: list[str]) -> subprocess.Popen[bytes]:
        return self.desk.run([*place, sys.executable, "-m", "dask", *words], **QUICK)

    def run(self, out: Path) -> subprocess.Popen[bytes]:
        words = with_dask(out, "--scheduler", f"tcp://{HUB}:8786", "--work", str(self.work))
        return self.desk.start(*words, prefix=self.network.at_hub(), **QUICK)

    def reached(self, stage: str) -> None:
        wait_until(lambda: parts(self.work, stage), f"parts of {stage}")

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.terminate()
        for process in (*self.workers, self.scheduler):
            process.wait(60)
        self.desk.clean()


@pytest.fixture
def machines(desk: Desk, network: Network, tmp_path: Path) -> _Machines:
    return _Machines(desk, network, tmp_path / "work")


@pytest.mark.parametrize("stage", ["match", "grade"])
def test_a_cable_is_pulled_and_put_back(
    stage: str, machines: _Machines, tmp_path: Path, alone: dict[str, object]
) -> None:
    """Put back when the others went on without it, or when nobody had noticed."""
    run = machines.run(tmp_path / "run")
    machines.reached(stage)
    machines.network.cut(1)
    if stage == "match":
        machines.reached("grade")
    machines.network.mend(1)
    machines.desk.ended(run, 0)
    assert files(tmp_path / "run") == alone
    machines.end()


def test_a_machine_is_lost_for_good_and_another_comes(
    machines: _Machines, tmp_path: Path, alone: dict[str, object]
) -> None:
    run = machines.run(tmp_path / "run")
    machines.reached("match")
    for number in (0, 1):  # all are gone: the run waits
        machines.network.cut(number)
    machines.workers[1].kill()
    machines.network.mend(1)
    machines.workers[1] = machines.start_worker(1)
    machines.desk.ended(run, 0)
    assert files(tmp_path / "run") == alone
    machines.network.mend(0)
    machines.end()


def test_the_scheduler_is_killed_and_the_run_goes_on_with_another(
    machines: _Machines, tmp_path: Path, alone: dict[str, object]
) -> None:
    run = machines.run(tmp_path / "run")
    machines.reached("measure")
    machines.scheduler.kill()
    assert "已算完的分片都保留着" in machines.desk.ended(run, 2)
    nothing_but(tmp_path, "work")
    kept = {path: path.stat().st_mtime_ns for path in parts(machines.work, "match")}
    assert kept
    for worker in machines.workers:
        worker.wait(120)
    machines.scheduler = machines.start_scheduler()
    machines.workers = [machines.start_worker(number) for number in range(2)]
    machines.desk.ended(machines.run(tmp_path / "run"), 0)
    assert files(tmp_path / "run") == alone
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    machines.end()

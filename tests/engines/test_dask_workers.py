"""Workers of dask: processes that come and go, and the same bytes at the end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from landuse.engines import dask_engine
from landuse.engines.batch import identify_in_parts
from landuse.engines.dask_engine import dask_crew
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError

dask = pytest.importorskip("dask")
pytest.importorskip("distributed")

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample" / "project.toml"
CUTS = Cuts(300)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Hashes of the tables that one process writes."""
    run = identify_in_parts(SAMPLE, out=tmp_path_factory.mktemp("alone") / "run", cuts=CUTS)
    return files(run.folder)


def files(folder):
    return json.loads((folder / "run.json").read_text("utf-8"))["files"]


def parts(work, stage):
    return list(work.glob(f".parts-*/{stage}/?????/told.json"))


def pids(client):
    return list(client.run(os.getpid).values())


class _Killer(threading.Thread):
    """Kills one worker as soon as a part of ``stage`` is done."""

    def __init__(self, work, stage, pid):
        super().__init__(daemon=True)
        self.work, self.stage, self.pid, self.hit = work, stage, pid, False

    def run(self):
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if parts(self.work, self.stage):
                os.kill(self.pid, signal.SIGKILL)
                self.hit = True
                return
            time.sleep(0.005)


def test_a_killed_worker_changes_nothing(tmp_path, alone):
    work = tmp_path / "work"
    with dask_crew(work, workers=2, memory="2GiB") as crew:
        killer = _Killer(work, "match", pids(crew._client)[0])
        killer.start()
        run = identify_in_parts(SAMPLE, out=tmp_path / "run", cuts=CUTS, work=work, crew=crew)
        killer.join(60)
    assert killer.hit
    assert files(run.folder) == alone
    assert {path.name for path in tmp_path.iterdir()} == {"run", "work"}  # nothing half written


def test_a_worker_whose_guardian_is_gone_too_is_replaced(tmp_path, monkeypatch):
    """Dask starts a worker again only while its nanny lives: without a new one nobody answers."""
    monkeypatch.setattr(dask_engine, "_LOOK", 0.2)
    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "100ms"}),
        dask_crew(tmp_path, workers=1, memory="1GiB") as crew,
    ):
        cluster = crew._client.cluster
        (nanny,) = cluster.workers.values()
        (first,) = pids(crew._client)
        cluster.sync(nanny.close)
        asked = ThreadPoolExecutor(1).submit(list, crew.each(_process, 1))
        (second,) = asked.result(60)
    assert second != first


def _process(part):
    return os.getpid()


def test_workers_that_come_and_go_change_nothing(tmp_path, alone):
    """A cluster that is not ours takes workers on and off as there is work (README, adaptive)."""
    import distributed

    with distributed.LocalCluster(
        host="127.0.0.1",
        n_workers=1,
        threads_per_worker=1,
        memory_limit="2GiB",
        dashboard_address=None,
    ) as cluster:
        adaptive = cluster.adapt(
            minimum=1, maximum=3, interval="50ms", target_duration="10ms", wait_count=1
        )
        with dask_crew(tmp_path / "work", scheduler=cluster.scheduler_address) as crew:
            run = identify_in_parts(
                SAMPLE, out=tmp_path / "run", cuts=CUTS, work=tmp_path / "work", crew=crew
            )
        acts = [act["status"] for _, act in adaptive.log]
    assert files(run.folder) == alone
    assert {"up", "down"} <= set(acts)


def _port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _started(*words):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dask", *words]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _ended(*processes):
    for process in processes:
        process.kill()
        process.wait(30)


class _Cluster:
    """A scheduler and workers as separate processes at one address."""

    def __init__(self, address, port):
        self.scheduler = _started(
            "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
        )
        self.workers = [
            _started("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
            for _ in range(2)
        ]

    def end(self):
        _ended(*self.workers, self.scheduler)


@pytest.mark.long
def test_a_lost_scheduler_leaves_no_half_and_the_run_goes_on(tmp_path, alone):
    work, port = tmp_path / "work", _port()
    address = f"tcp://127.0.0.1:{port}"
    cluster = _Cluster(address, port)

    def cut_off():
        until = time.monotonic() + 120
        while time.monotonic() < until and not parts(work, "grade"):
            time.sleep(0.005)
        cluster.end()

    def run_all():
        with dask_crew(work, scheduler=address) as crew:
            return identify_in_parts(SAMPLE, out=tmp_path / "run", cuts=CUTS, work=work, crew=crew)

    thread = threading.Thread(target=cut_off, daemon=True)
    thread.start()
    try:
        with pytest.raises(UserError) as found:
            run_all()
    finally:
        thread.join(150)
        cluster.end()
    assert [issue.code for issue in found.value.issues] == ["engines.cluster_lost"]
    assert not (tmp_path / "run").exists()
    done = {path: path.stat().st_mtime_ns for path in parts(work, "match")}
    assert done
    cluster = _Cluster(address, port)
    try:
        run = run_all()
    finally:
        cluster.end()
    assert files(run.folder) == alone
    assert {path: path.stat().st_mtime_ns for path in done} == done


def test_nobody_at_the_address_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("landuse.engines.dask_engine._WAIT", 1)
    crew = dask_crew(tmp_path, scheduler=f"tcp://127.0.0.1:{_port()}")
    with pytest.raises(UserError) as found:
        crew.__enter__()
    assert [issue.code for issue in found.value.issues] == ["engines.no_scheduler"]

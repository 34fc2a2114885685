"""Object stores for tests: one in memory, and a server that speaks S3 (moto) on this machine."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

__all__ = ["bucket", "machines", "memory_place", "objects"]

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def memory_place() -> Iterator[str]:
    """An empty place in the memory of this process."""
    fsspec = pytest.importorskip("fsspec")
    name = f"memory://bucket-{uuid4().hex}"
    yield f"{name}/work"
    store = fsspec.filesystem("memory")
    if store.exists(name):
        store.rm(name, recursive=True)


@contextmanager
def bucket(patch: pytest.MonkeyPatch, host: str = "127.0.0.1") -> Iterator[str]:
    """An empty bucket of a server for as long as the block lasts; its keys in the environment."""
    pytest.importorskip("s3fs", reason="pip install landuse[objects]")
    server = pytest.importorskip("moto.server", reason="pip install 'moto[server]'")
    import fsspec

    running = server.ThreadedMotoServer(ip_address=host, port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running.start()
    try:
        address, port = running.get_host_and_port()
        patch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret-of-nobody")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{address}:{port}")
        _forget()
        name = f"land-{uuid4().hex[:8]}"
        fsspec.filesystem("s3").mkdir(name)
        yield f"s3://{name}"
    finally:
        _forget()
        running.stop()


def _forget() -> None:
    """Back ends keep the address of the server that they were made for."""
    import s3fs

    from landuse.stores.address import open_store

    s3fs.S3FileSystem.clear_instance_cache()
    open_store.cache_clear()


def objects(url: str) -> dict[str, bytes]:
    """What lies below ``url``."""
    import fsspec

    store, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    found = store.find(root) if store.exists(root) else []
    root = root.strip("/")
    return {one.strip("/").removeprefix(root).strip("/"): store.cat_file(one) for one in found}


@contextmanager
def machines(home: Path, many: int) -> Iterator[str]:
    """A scheduler and workers, each with a home and temporary files of its own; nothing of what
    they fetch stays there when their work is done."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=0, dashboard_address=None, host="127.0.0.1", silence_logs="CRITICAL"
    ) as cluster:
        homes = [home / f"machine{number}" for number in range(many)]
        workers = [_worker(one, cluster.scheduler_address) for one in homes]
        try:
            yield cluster.scheduler_address
            assert all(list(one.iterdir()) for one in homes)
            assert not [path for one in homes for path in one.rglob("*.parquet")]
        finally:
            for one in workers:
                one.kill()
                one.wait()


def _worker(home: Path, scheduler: str) -> subprocess.Popen[bytes]:
    home.mkdir()
    words = ["distributed.cli.dask_worker", scheduler, "--nthreads", "1", "--no-dashboard"]
    return subprocess.Popen(
        [sys.executable, "-m", *words, "--local-directory", str(home), "--no-nanny"],
        cwd=ROOT, env={**os.environ, "HOME": str(home), "TMPDIR": str(home)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

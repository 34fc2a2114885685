"""Object stores for tests: one in memory, and a server that speaks S3 (moto) on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

__all__ = ["bucket", "memory_place", "objects"]


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

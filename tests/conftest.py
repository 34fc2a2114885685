"""Fixtures that every room's tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[..., Path]:
    """Path of a file of the shared real data; skips where the folder is absent."""

    def locate(*parts: str) -> Path:
        path = SHARED.joinpath(*parts)
        if not path.exists():
            pytest.skip(f"real data absent: {'/'.join(parts)} (shared data folder beside the repo)")
        return path

    return locate


@pytest.fixture(scope="session")
def sample() -> Path:
    """Folder of the shipped sample county."""
    return ROOT / "data" / "sample"


collect_ignore = ["benchmarks"]
collect_ignore_glob = ["conftest.py", "*/conftest.py"]  # read as plugins, never as test modules

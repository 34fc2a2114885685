"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
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


@pytest.fixture(scope="session")
def chinese_font() -> None:
    """A sheet needs a Chinese font; ``.ci/run`` installs one and sets LANDUSE_REQUIRE_FONTS."""
    from landuse.errors import UserError
    from landuse.publish.sheet.fonts import find_fonts

    try:
        find_fonts()
    except UserError:
        if os.environ.get("LANDUSE_REQUIRE_FONTS"):
            raise
        pytest.skip("no Chinese font on this machine (Debian: apt install fonts-noto-cjk)")

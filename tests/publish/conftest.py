"""Fixtures of the publish room: a small run, and a quick way to write it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from publish_county import make_run

from landuse.publish import RunTables


@pytest.fixture(scope="session")
def run() -> RunTables:
    return make_run()


@pytest.fixture
def write_small(tmp_path: Path) -> Callable[..., Path]:
    """Write a run folder with tables only (no workbook, no map): quick."""
    from landuse.publish import OUTPUTS, write_run

    def write(run: RunTables, name: str = "out", **options: Any) -> Path:
        return write_run(run, tmp_path / name, outputs=OUTPUTS[:1], **options)

    return write


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

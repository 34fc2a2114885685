"""Fixtures of the publish room: a small run, and a quick way to write it."""

from __future__ import annotations

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

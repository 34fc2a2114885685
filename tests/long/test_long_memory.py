"""A process that may take so much takes no more: ``python -m pytest tests/long -m long``."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
PARCELS = 200_000
LIMIT = 700
"""MiB; parts are then of some 26 000 parcels."""
RUN = """
import resource, sys
from landuse.cli import main
code = main()
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
sys.exit(code)
"""


def test_a_province_under_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "benchmarks"))
    importlib.import_module("province").make_province(PARCELS, tmp_path / "land")
    project = str(tmp_path / "land" / "project.toml")
    said = subprocess.run(
        [sys.executable, "-c", RUN, "identify", project, "--out", str(tmp_path / "run"),
         "--memory", f"{LIMIT}MiB"],
        check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout  # fmt: skip
    peak = int(said.rpartition("peak ")[2].split()[0])
    print(f"{PARCELS} parcels under {LIMIT} MiB: {peak} MiB")
    assert peak < LIMIT

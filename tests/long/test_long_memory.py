"""A process that may take so much takes no more: ``python -m pytest tests/long -m long``."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
PARCELS = 200_000
LIMIT = 700
"""MiB; parts are then of some 26 000 parcels."""
RUN = """
import re, sys
from landuse.cli import main
code = main()
print("peak", int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) // 1024)
sys.exit(code)
"""
"""The largest memory is asked of the process itself: ``ru_maxrss`` begins with that of the process
that started it, here of the one that made the land."""


@pytest.mark.parametrize("kind", ["parquet", "gpkg", "shp", "geojson"])
def test_a_province_under_a_limit(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "benchmarks"))
    importlib.import_module("province").make_province(PARCELS, tmp_path / "land")
    path = tmp_path / "land" / "project.toml"
    if kind != "parquet":
        _in_other_formats(path, kind)
    project = str(path)
    said = subprocess.run(
        [sys.executable, "-c", RUN, "identify", project, "--out", str(tmp_path / "run"),
         "--memory", f"{LIMIT}MiB"],
        check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout  # fmt: skip
    peak = int(said.rpartition("peak ")[2].split()[0])
    print(f"{PARCELS} parcels ({kind}) under {LIMIT} MiB: {peak} MiB")
    assert "整体读入" not in said
    assert peak < LIMIT


def _in_other_formats(project: Path, kind: str) -> None:
    """The land as a layer of another format, the tables as CSV."""
    folder, text = project.parent, project.read_text("utf-8")
    names = {"registered_area": "登记面积", "land_use_code": "地类编码", "township": "乡镇"}
    land = gpd.read_parquet(folder / "parcels.parquet")
    land = land.rename(columns=names) if kind == "shp" else land
    land.to_file(folder / f"parcels.{kind}", **({"encoding": "GBK"} if kind == "shp" else {}))
    text = text.replace("parcels.parquet", f"parcels.{kind}")
    for name in ("enterprises", "occupancy"):
        pd.read_parquet(folder / f"{name}.parquet").to_csv(folder / f"{name}.csv", index=False)
        text = text.replace(f"{name}.parquet", f"{name}.csv")
    project.write_text(text, encoding="utf-8")

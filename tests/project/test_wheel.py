"""The built wheel alone runs the demo: packs, sentences, headings, map assets and sample inside."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(out), str(ROOT)]
    subprocess.run(command, check=True)
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_code_data_and_sample_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"landuse", next(name for name in tops if name.endswith(".dist-info"))}
    for needed in (
        "landuse/_sample/project.toml",
        "landuse/_sample/宗地.shp",
        "landuse/rules/packs/three-indicator.toml",
        "landuse/messages/cli.toml",
        "landuse/schema/headings.csv",
        "landuse/py.typed",
    ):
        assert needed in names
    assert not [name for name in names if "/tests/" in name or name.endswith(".pyc")]


def test_demo_runs_from_the_wheel_in_an_empty_place(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "环境 一"
    venv.create(home, with_pip=True)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "-q", str(wheel)], check=True)
    place = tmp_path / "空 文件夹"
    place.mkdir()
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python.with_name("landuse"), "demo"],
        cwd=place,
        env=clean,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    (run,) = (place / "landuse-demo" / "runs").iterdir()
    assert {"map.html", "results.xlsx", "run.json", "units.parquet"} <= {
        path.name for path in run.iterdir()
    }

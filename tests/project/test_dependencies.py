"""The two lists of dependencies agree, and an offline Windows PC can be served."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _conda() -> tuple[set[str], set[str]]:
    """Requirements of environment.yml: (dependencies, channels); a list a line, no YAML needed."""
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    entries = {line.strip().removeprefix("- ") for line in lines if line.strip().startswith("- ")}
    return {entry for entry in entries if not entry.startswith(("pip:", "--"))}, entries


def test_conda_and_pip_list_the_same_dependencies() -> None:
    conda, _ = _conda()
    wished = set(PROJECT["dependencies"]) | {f"python{PROJECT['requires-python']}"}
    assert conda - {"pip", "conda-forge"} == wished


def test_every_dependency_is_bounded_below() -> None:
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    assert [name for names in lists for name in names if ">=" not in name] == []


def test_version_stands_once() -> None:
    import landuse

    assert PROJECT["version"] == landuse.__version__


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _readme_extras() -> list[str]:
    """What the README downloads for Windows beside landuse itself."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^.*--platform win_amd64.* landuse(.*)$", readme, flags=re.MULTILINE)
    return line.split()


@pytest.mark.network
@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_every_default_dependency_has_a_windows_wheel(python: str, tmp_path: Path) -> None:
    """The README's list is closed on Windows: pip itself reads markers of the machine it is on."""
    from packaging.requirements import Requirement

    report = tmp_path / "report.json"
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"),
        *("--platform", "win_amd64", "--python-version", python, "--only-binary=:all:"),
        *("--target", str(tmp_path / "never"), "--report", str(report)),
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["raster"],
        *_readme_extras(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    found = {_plain(one["metadata"]["name"]) for one in installed}
    windows = {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "os_name": "nt",
        "extra": "",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": "AMD64",
        "implementation_name": "cpython",
    }
    wanted = {
        _plain(need.name)
        for one in installed
        for need in map(Requirement, one["metadata"].get("requires_dist", []))
        if need.marker is None or need.marker.evaluate(windows)
    }
    assert wanted - found == set()
    assert {_plain(Requirement(name).name) for name in PROJECT["dependencies"]} <= found
    assert not (tmp_path / "never").exists()

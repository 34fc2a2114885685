"""What a command loads: the libraries it uses, and no others."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from landuse.cli import commands
from landuse.cli.app import ROOMS, build

CODE = """
import sys
from landuse.cli import main
code = main({arguments!r})
print("LOADED", *sorted(sys.modules))
sys.exit(code)
"""
NEVER_FOR_A_CHECK = {
    "rich", "folium", "jinja2", "matplotlib", "mapclassify", "sqlalchemy", "alembic", "fastapi",
    "starlette", "uvicorn", "openpyxl", "docx", "rasterio", "scipy", "networkx", "rapidfuzz",
    "landuse.matching", "landuse.ranking", "landuse.idle", "landuse.parks", "landuse.ledger",
    "landuse.pipeline.steps", "landuse.web", "landuse.cli.ledger_commands",
}  # fmt: skip
NEVER_FOR_A_COUNTY = {
    "matplotlib", "mapclassify", "sqlalchemy", "alembic", "fastapi", "openpyxl", "docx", "rasterio",
    "scipy", "networkx", "dask", "distributed", "landuse.parks", "landuse.intake.park_tables",
    "landuse.ledger", "landuse.engines", "landuse.web", "landuse.publish.report",
    "landuse.publish.sheet", "landuse.cli.partition_commands",
}  # fmt: skip
HEAVY = {
    "pandas", "numpy", "pyarrow", "geopandas", "shapely", "pyogrio", "pyproj", "xlsxwriter",
    "python_calamine", "landuse.intake", "landuse.rules",
} | (NEVER_FOR_A_CHECK - {"rich", "landuse.cli.ledger_commands"})  # fmt: skip


def _loaded(*arguments: str) -> set[str]:
    code = CODE.format(arguments=list(arguments))
    speaking = {**os.environ, "PYTHONIOENCODING": "utf-8"}  # whatever the console here speaks
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=speaking
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1].split()
    assert last[0] == "LOADED"
    return set(last[1:])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 parcels as a shapefile and 100 enterprises as CSV, nothing wrong with them."""
    import numpy as np
    import pyogrio
    import shapely

    folder = tmp_path_factory.mktemp("small")
    corners = [(500_000 + 100 * (n % 10), 3_000_000 + 100 * (n // 10)) for n in range(100)]
    shapes = [shapely.box(east, north, east + 90, north + 90) for east, north in corners]
    pyogrio.raw.write(
        folder / "parcels.shp",
        shapely.to_wkb(np.array(shapes)),
        [
            np.array([f"350582001001GB{n:05d}" for n in range(1, 101)], dtype=object),
            np.full(100, 8100.0),
            np.array(["0601"] * 100, dtype=object),
        ],
        fields=["DKBM", "DJMJ", "TDYT"],
        geometry_type="Polygon",
        crs="EPSG:4549",
        encoding="UTF-8",
    )
    with (folder / "firms.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["uscc", "name", "industry_code", "year", "tax", "output", "energy_tce"])
        for n in range(100):
            writer.writerow([f"F{n:03d}", f"firm {n}", "13", 2025, 10, 100, 5])
    (folder / "project.toml").write_text(
        '[project]\nname = "small"\nyear = 2025\nid_scheme = "free"\nas_of = 2026-06-30\n'
        '[parcels]\npath = "parcels.shp"\narea_unit = "m2"\n'
        '[enterprises]\npath = "firms.csv"\nmoney_unit = "wan"\nenergy_basis = "calorific"\n'
        '[rules]\npack = "three-indicator"\n[rules.override]\ncoefficient = "none"\n',
        encoding="utf-8",
    )
    return folder


def test_the_help_screen_loads_nothing_that_reads_or_computes() -> None:
    loaded = _loaded("--help")
    assert not loaded & HEAVY
    assert not {f"landuse.cli.{room}" for room in ROOMS} & loaded


def test_a_check_loads_no_batch_no_screen_and_no_other_command(small: Path) -> None:
    out = small / "issues.xlsx"
    loaded = _loaded("check", str(small / "project.toml"), "--out", str(out))
    assert out.exists()
    assert not loaded & NEVER_FOR_A_CHECK
    assert {"pandas", "pyogrio", "xlsxwriter"} <= loaded


@pytest.mark.parametrize(
    ("call", "kept"), [("main(['--version'])", True), ("main()", False)], ids=["asked", "command"]
)
def test_only_a_process_of_one_command_is_left_seldom_tidied(call: str, *, kept: bool) -> None:
    code = (
        "import gc, sys\nfrom landuse.cli import main\nsys.argv = ['landuse', '--version']\n"
        f"before = gc.get_threshold()\n{call}\nprint(gc.get_threshold() == before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines()[-1] == str(kept)


def test_a_run_loads_no_parks_no_engine_no_ledger_and_no_other_output(small: Path) -> None:
    out = small / "run"
    loaded = _loaded("identify", str(small / "project.toml"), "--out", str(out))
    assert (out / "map.html").exists()
    assert not loaded & NEVER_FOR_A_COUNTY
    assert {"folium", "xlsxwriter", "landuse.ranking"} <= loaded


def test_the_words_of_the_page_are_read_from_their_own_files() -> None:
    code = (
        "from landuse.messages import _room, codes\n"
        "from landuse.publish.map.words import page_words\n"
        "print(len(page_words('zh')), _room.cache_info().currsize, len(codes()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    words, files, every = map(int, done.stdout.split())
    assert files == 6
    assert 100 < words < every


def _names(app: typer.Typer) -> list[str]:
    return list(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("room", ROOMS)
def test_a_module_of_commands_adds_what_the_table_says(room: str) -> None:
    for name in ROOMS[room]:
        alone = set(_names(build("en", [name])))
        assert alone == {*commands.NAMES, *ROOMS[room]}


def test_the_table_knows_every_module_of_commands() -> None:
    folder = Path(commands.__file__).parent
    found = {
        path.stem
        for path in folder.glob("*_commands.py")
        if "\ndef register(" in path.read_text(encoding="utf-8")
    }
    assert found == set(ROOMS)


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["-h"], ["nonsense"], ["--lang", "en"], ["--lang=en", "--help"]]
)
def test_what_names_no_command_shows_them_all(arguments: list[str]) -> None:
    every = [*commands.NAMES, *(name for names in ROOMS.values() for name in names)]
    shown = _names(build("en", arguments))
    assert len(shown) == len(set(shown))
    assert set(shown) == set(every)


@pytest.mark.parametrize("room", ROOMS)
def test_the_help_screen_says_of_each_command_what_its_module_says(room: str) -> None:
    shown = get_command(build("en", ["--help"])).commands  # type: ignore[attr-defined]
    for name in ROOMS[room]:
        own = get_command(build("en", [name])).commands[name]  # type: ignore[attr-defined]
        assert shown[name].help == own.help
        assert shown[name].help


@pytest.mark.parametrize("name", [name for names in ROOMS.values() for name in names])
def test_a_command_that_stands_behind_other_words_is_the_real_one(name: str) -> None:
    for before in (["--version"], ["--unknown"], ["--lang", "en", "--help"]):
        command = get_command(build("en", [*before, name])).commands[name]  # type: ignore[attr-defined]
        assert command.params or getattr(command, "commands", None)


@pytest.mark.parametrize("lang", [["--lang", "en"], ["--lang=en"]])
def test_the_language_may_stand_before_the_command(lang: list[str]) -> None:
    assert set(_names(build("en", [*lang, "check"]))) == set(commands.NAMES)

"""The whole parity suite: engines × limits × partitions × databases, byte for byte.

``python -m pytest tests/long/test_long_parity.py -m long``. Some of it runs with the other tests
(``tests/engines/test_parity.py``).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import test_real_energy as energy
import test_real_gowanus as gowanus
import test_real_supply as supply
import test_real_zoning as zoning
from dirty_county import RULES, make
from engine_desk import ROOT
from fault_desk import here, picture
from parity import Ended, agree, in_parts, ordinary, same, some_cuts
from real_batch import write
from test_real_energy import folder as energy_folder
from test_real_gowanus import folder as gowanus_folder
from test_real_supply import folder as supply_folder
from test_real_zoning import folder as zoning_folder

from landuse.engines.dask_engine import DaskCrew, dask_crew
from landuse.engines.reading.prepared import Cuts

__all__ = ["energy_folder", "gowanus_folder", "supply_folder", "zoning_folder"]

pytestmark = pytest.mark.long
SAMPLE = ROOT / "data" / "sample" / "project.toml"
GIB = 2**30
SEEDS = range(10)


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCrew]:
    """Two workers of dask for all tests."""
    pytest.importorskip("distributed")
    with dask_crew(tmp_path_factory.mktemp("crew"), workers=2, memory="3GiB") as found:
        yield found


def every_way(
    project: Path, out: Path, cuts: list[Cuts], crew: DaskCrew | None, lang: str = "zh"
) -> Ended:
    """Run it ordinarily, by each of ``cuts`` in this process, and by the first with ``crew``."""
    one = ordinary(project, out / "one", lang)
    for number, cut in enumerate(cuts):
        agree(one, in_parts(project, out / f"local{number}", cut, lang=lang))
    if crew is not None:
        agree(one, in_parts(project, out / "dask", cuts[0], lang=lang, crew=crew))
    return one


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("seed", SEEDS)
def test_a_dirty_county(name: str, seed: int, tmp_path: Path, crew: DaskCrew) -> None:
    """Every second one as Parquet, the others in all formats; with limits and without; every
    fifth by dask."""
    kind = "parquet" if seed % 2 else None
    made = make(tmp_path, 100 * seed + list(RULES).index(name), name, kind=kind)
    rng = random.Random(seed)
    cuts = [some_cuts(rng, made.parcels, made.firms) for _ in range(2)]
    cuts.append(Cuts(rng.choice((1, 3, 9)), memory=GIB))
    cuts[0] = replace(cuts[0], memory=GIB)
    lang = "en" if seed % 7 == 3 else "zh"
    every_way(made.project, tmp_path, cuts, crew if seed % 5 == 0 else None, lang)
    assert not list(tmp_path.glob(".*"))


def test_the_sample(tmp_path: Path, crew: DaskCrew) -> None:
    cuts = [Cuts(rows) for rows in (25, 80, 300, 10_000)]
    cuts += [Cuts(memory=limit) for limit in (GIB // 2, GIB, 4 * GIB)]
    assert isinstance(every_way(SAMPLE, tmp_path, cuts, crew), Path)


def real(text: str, folder: Path, tmp_path: Path, crew: DaskCrew | None, rows: int) -> None:
    """A project over real data, its parts of ``rows``, several limits."""
    cuts = [Cuts(rows), Cuts(rows // 4), Cuts(rows, memory=GIB)]
    assert isinstance(every_way(write(folder, text, "parity.toml"), tmp_path, cuts, crew), Path)


def test_lots_of_new_york(energy_folder: Path, tmp_path: Path, crew: DaskCrew) -> None:
    for way, smallest in (("error", 7), ("max", 3)):
        text = energy.PROJECT % (energy.COMBINED[way], smallest)
        real(text, energy_folder, tmp_path / way, crew, 2500)


def test_lots_of_gowanus(gowanus_folder: Path, tmp_path: Path, crew: DaskCrew) -> None:
    real(gowanus.PROJECT % "cohort_mean", gowanus_folder, tmp_path, crew, 5000)


def test_lots_as_parquet_under_limits(
    energy_folder: Path, gowanus_folder: Path, tmp_path: Path, crew: DaskCrew
) -> None:
    """The same land from the files that are never read as a whole."""
    energy_text = energy.PROJECT % (energy.COMBINED["mean"], 7)
    for name, text, folder in (
        ("energy", energy_text, energy_folder),
        ("gowanus", gowanus.PROJECT % "ungraded", gowanus_folder),
    ):
        place = tmp_path / name
        place.mkdir()
        project = write(place, _as_parquet(text, folder, place))
        cuts = [Cuts(900, memory=GIB), Cuts(memory=GIB), Cuts(4000, memory=GIB), Cuts(2000)]
        assert isinstance(every_way(project, place, cuts, crew), Path)


def _as_parquet(text: str, folder: Path, place: Path) -> str:
    """Write the files of a project as Parquet; its text with their new names."""
    for path in (*folder.glob("*.gpkg"), *folder.glob("*.csv")):
        if f'"{path.name}"' not in text:
            continue
        table = gpd.read_file(path) if path.suffix == ".gpkg" else pd.read_csv(path, dtype=str)
        table.to_parquet(place / f"{path.stem}.parquet", index=False)
        text = text.replace(f'"{path.name}"', f'"{path.stem}.parquet"')
    return text


@pytest.mark.parametrize("book", ["supply_3677.xlsx", "supply_189.xlsx"])
def test_land_supply(book: str, supply_folder: Path, tmp_path: Path, crew: DaskCrew) -> None:
    more = supply.BIG if "3677" in book else ""
    text = supply.PROJECT.format(book=book, more=more)
    real(text, supply_folder, tmp_path, crew, 200)


@pytest.mark.parametrize("plan", zoning.PLANS)
def test_zones_of_taiwan(plan: str, zoning_folder: Path, tmp_path: Path, crew: DaskCrew) -> None:
    text = zoning.PROJECT.format(
        plan=plan, zones=f"{plan}.json", price="",
        override='grade_coefficients = {"零星工業區" = "0.5", "乙種工業區" = "1.25"}',
    )  # fmt: skip
    cuts = [Cuts(90), Cuts(17), Cuts(90, memory=GIB)]
    every_way(write(zoning_folder, text, f"{plan}-parity.toml"), tmp_path, cuts, crew)


def test_ledgers_hold_the_same(
    tmp_path: Path, postgis_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite and PostGIS, opened from a run as a whole, in parts, and in several files."""
    monkeypatch.setenv("HOME", str(tmp_path))
    whole = ordinary(SAMPLE, tmp_path / "one")
    parts = in_parts(SAMPLE, tmp_path / "parts", Cuts(90))
    several = in_parts(SAMPLE, tmp_path / "several", Cuts(90), partitioned=True)
    assert isinstance(whole, Path)
    assert isinstance(parts, Path)
    same(whole, parts)
    found = []
    for number, run in enumerate((whole, parts, several)):
        for url in (str(tmp_path / f"{number}.db"), postgis_url()):
            opened = here("ledger", "open", str(run), "--db", url)
            assert opened.code == 0, opened.complained
            found.append(picture(url))
    assert found[0]["cases"]
    for number, other in enumerate(found[1:], 1):
        assert other == found[0], f"ledger {number}"

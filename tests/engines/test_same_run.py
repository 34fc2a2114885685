"""The batch over parts writes the tables of the ordinary run: the same bytes, however it is cut."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

from landuse.engines import batch
from landuse.engines.batch import identify_in_parts
from landuse.engines.reading import prepared
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError
from landuse.intake.inputs import Inputs
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.pipeline.manifest import manifest, run_id
from landuse.pipeline.publish import run_tables
from landuse.pipeline.steps import compute
from landuse.publish import write_run
from landuse.publish.run_folder import OUTPUTS
from landuse.schema import published, tables

TESTS = Path(__file__).resolve().parents[1]
SAMPLE = TESTS.parent / "data" / "sample" / "project.toml"
sys.path.append(str(TESTS / "oracle"))
oracle_random = importlib.import_module("oracle_random")
options = importlib.import_module("test_random_counties").options
PACKS = importlib.import_module("test_random_counties").PACKS

PROJECT = """
[project]
name = "试验县"
year = 2025
as_of = 2026-06-30
[parcels]
path = "a.gpkg"
[enterprises]
path = "b.csv"
[rules]
pack = "three-indicator"
"""


def inputs_of(seed, rules):
    """A random county as intake gives it, with parks, left occupancy rows and a shared point."""
    made, rng = oracle_random.county(seed, rules), Random(seed)
    lost = made.lost_parcels.assign(parcel_id="339901001001GB99999")
    shapes = [oracle_random.square(rng.randrange(8)) for _ in range(len(lost))]
    lost["geometry"] = pd.Series(np.array(shapes, dtype=object), dtype=object)
    pairs = [
        {
            "table": "occupancy", "key": f"{one.parcel_id}/{other}",
            "reason": "intake_tables.ended", "source_row": row,
        }
        for row, (one, other) in enumerate(
            zip(made.parcels.itertuples(), made.enterprises["uscc"], strict=False)
        )
    ]  # fmt: skip
    left = pairs[: rng.randint(0, 5)]
    parks = [
        {"park": name, "park_type": "", "geometry": oracle_random.square(number)}
        for number, name in enumerate("甲乙甲")
    ]
    return Inputs(
        parcels=made.parcels.sort_values("parcel_id", ignore_index=True),
        lost_parcels=lost,
        enterprises=made.enterprises.sort_values("uscc", ignore_index=True),
        figures=made.figures,
        occupancy=made.occupancy,
        confirmed_links=made.confirmed_links,
        price_zones=made.price_zones,
        parks=oracle_random.frame(tables.PARKS, parks) if seed % 2 else None,
        supply=made.supply if seed % 3 else None,
        exemptions=made.exemptions,
        counts=published.COUNTS.empty(),
        set_aside=oracle_random.frame(tables.SET_ASIDE, left),
        sources=tables.SOURCES.empty(),
        corrections=published.CORRECTIONS.empty(),
        facts=(),
        files=(),
        crs="EPSG:4549",
        has_land_use=True,
        has_prices=True,
        years=(2024, 2025),
    )


def ordinary(project, rules, folder):
    """The tables of the ordinary run, without workbook and map; its log."""
    log = IssueLog()
    computed = compute(project, rules, project.as_of, log)
    identity = run_id(project, rules, project.as_of, computed.inputs.files, "zh")
    described = manifest(project, computed, project.as_of, identity, "zh")
    return write_run(run_tables(computed, described, log), folder, outputs=OUTPUTS[:1])


def same(one, other):
    """Both folders state the same run, and every table has the same bytes."""
    left, right = (json.loads((folder / "run.json").read_text("utf-8")) for folder in (one, other))
    differing = [name for name in left["files"] if left["files"][name] != right["files"][name]]
    for name in differing:  # say what differs, not only that it does
        pd.testing.assert_frame_equal(pd.read_parquet(one / name), pd.read_parquet(other / name))
    assert not differing
    assert left == right


@pytest.fixture
def tried(tmp_path, monkeypatch):
    """Runs both batches on the inputs of a seed; ``cuts`` are the first codes of the parts."""
    file = tmp_path / "project.toml"
    file.write_text(PROJECT, encoding="utf-8")
    project = load_project(file)

    def run(seed, rules, land, firms):
        inputs = inputs_of(seed, rules)
        monkeypatch.setattr("landuse.intake.read_inputs", lambda *_: inputs)
        monkeypatch.setattr(prepared, "_files", lambda _: [])
        monkeypatch.setattr(batch, "prepare", lambda *_: (project, rules, project.as_of))
        try:
            one = ordinary(project, rules, tmp_path / f"one-{seed}")
        except UserError as fault:
            codes = {issue.code for issue in fault.issues}
            with pytest.raises(UserError) as found:
                identify_in_parts(file, out=tmp_path / "none", cuts=Cuts())
            assert {issue.code for issue in found.value.issues} == codes
            assert not list(tmp_path.glob(".parts-*"))
            return False
        chosen = Cuts(
            land=("", *sorted(set(land(inputs.parcels["parcel_id"].tolist())))),
            firms=("", *sorted(set(firms(inputs.enterprises["uscc"].tolist())))),
        )
        other = identify_in_parts(file, out=tmp_path / f"parts-{seed}", cuts=chosen)
        same(one, other.folder)
        return True

    return run


def some(rng):
    """Cuts at up to three of the codes, the first excepted."""
    return lambda codes: rng.sample(codes[1:], min(3, len(codes) - 1))


def every(codes):
    """A part for each code."""
    return codes[1:]


MERGED = options(shared_parcels="merge", missing="cohort_mean")
SOME = ("default", "grades", "twice_mean_last_year")


@pytest.mark.parametrize("name", SOME)
def test_random_counties_cut_anywhere(name, tried):
    """Some main options of a pack, cut at random places."""
    rng = Random(name)
    assert any(tried(seed, PACKS[name], some(rng), some(rng)) for seed in range(100, 104))


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(PACKS))
def test_many_random_counties_cut_anywhere(name, tried):
    """Every main option, many counties."""
    rng = Random(name)
    found = [tried(seed, PACKS[name], some(rng), some(rng)) for seed in range(200, 215)]
    assert any(found)


def test_one_parcel_and_one_firm_a_part(tried):
    assert tried(3, MERGED, every, every)


def test_who_left_a_parcel_is_said_wherever_its_code_is_cut(tmp_path):
    """Free codes may hold the sign that joins a parcel and its user in the key of a row."""
    square = [[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]
    land = [
        {
            "type": "Feature",
            "properties": {"parcel_id": code, "uscc": "U1", "benchmark_price_yuan_per_m2": 360},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[118.5 + n / 100 + x, 24.8 + y] for x, y in square]],
            },
        }
        for n, code in enumerate(["7", "7/2", "7/2/3", "8"])
    ]
    features = {"type": "FeatureCollection", "features": land}
    (tmp_path / "a.geojson").write_text(json.dumps(features), encoding="utf-8")
    (tmp_path / "b.csv").write_text(
        "uscc,name,industry_code,year,tax,output,energy_tce\nU1,甲,13,2025,1,2,3\n",
        encoding="utf-8",
    )
    rows = [f"{code},U1,2024-01-01" for code in ("7", "7/2", "7/2/3")]
    (tmp_path / "c.csv").write_text("\n".join(["parcel_id,uscc,to", *rows]), encoding="utf-8")
    text = PROJECT.replace("a.gpkg", "a.geojson").replace(
        "2026-06-30", '2026-06-30\nid_scheme = "free"'
    )
    text = text.replace('"b.csv"', '"b.csv"\nmoney_unit = "wan"\nenergy_basis = "calorific"')
    file = tmp_path / "project.toml"
    file.write_text(f'{text}\n[occupancy]\npath = "c.csv"\n', encoding="utf-8")
    project, rules, _ = batch.prepare(file)
    one = ordinary(project, rules, tmp_path / "one")
    said = pd.read_parquet(one / "issues.parquet")["code"].tolist()
    assert said.count("matching.left_but_named") == 3
    cuts = Cuts(land=("", "7/2", "7/2/3", "8"), firms=("",))
    same(one, identify_in_parts(file, out=tmp_path / "parts", cuts=cuts).folder)


def test_the_sample_county_in_parts_and_stopped_on_the_way(tmp_path, monkeypatch):
    """All the planted trouble of the sample; a run that was stopped goes on where it was."""
    work, first = tmp_path / "work", batch.publish_land

    def stop(part, *rest, **more):
        if part == 1:
            raise KeyboardInterrupt
        return first(part, *rest, **more)

    monkeypatch.setattr(batch, "publish_land", stop)
    with pytest.raises(KeyboardInterrupt):
        identify_in_parts(SAMPLE, out=tmp_path / "parts", cuts=Cuts(170), work=work)
    assert not (tmp_path / "parts").exists()
    (folder,) = work.iterdir()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("told.json")}
    assert any("grade" in str(path) for path in before)
    assert not [path for path in folder.rglob(".*") if path.is_dir()]  # nothing half written
    monkeypatch.setattr(batch, "publish_land", first)
    monkeypatch.setattr("landuse.intake.read_inputs", None)  # nor are the inputs read again
    other = identify_in_parts(SAMPLE, out=tmp_path / "parts", cuts=Cuts(170), work=work)
    monkeypatch.undo()
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert other.land_parts > 3
    assert other.firm_parts > 2
    rules = batch.prepare(SAMPLE)[1]
    same(ordinary(load_project(SAMPLE), rules, tmp_path / "one"), other.folder)


@pytest.mark.parametrize(
    ("code", "kept"), [("prices.no_grade", False), ("engines.cluster_lost", True)]
)
def test_parts_are_kept_only_where_another_try_can_go_on(tmp_path, monkeypatch, code, kept):
    file = tmp_path / "project.toml"
    file.write_text(PROJECT, encoding="utf-8")
    project, rules, day = load_project(file), batch.prepare(SAMPLE)[1], load_project(file).as_of
    monkeypatch.setattr("landuse.intake.read_inputs", lambda *_: inputs_of(1, rules))
    monkeypatch.setattr(prepared, "_files", lambda _: [])
    monkeypatch.setattr(batch, "prepare", lambda *_: (project, rules, day))

    def fails(_):
        raise UserError.of(code, table="price_zones")

    monkeypatch.setattr(batch._Batch, "compute", fails)
    with pytest.raises(UserError):
        identify_in_parts(file, out=tmp_path / "run")
    assert bool(list(tmp_path.glob(".parts-*"))) is kept
    assert not (tmp_path / "run").exists()

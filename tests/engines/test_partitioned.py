"""A run whose tables are several files: the rows of the ordinary one, for whoever reads it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import geopandas
import pandas as pd
import pyarrow.dataset as dataset
import pyarrow.parquet as pq
import pytest

from landuse.engines.batch import identify_in_parts
from landuse.engines.output.outputs import PARTED
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError
from landuse.pipeline.ledger_runs import read_run, shapes_in
from landuse.publish.compare import compare
from landuse.publish.explain import explain
from landuse.publish.folder import ready, replacing
from landuse.publish.reader import open_run, run_tables

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "project.toml"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The sample's run with one file a table: the bytes of the ordinary run."""
    return identify_in_parts(SAMPLE, out=tmp_path_factory.mktemp("whole") / "run").folder


@pytest.fixture(scope="module")
def parted(tmp_path_factory):
    """The same in several files, and in several others."""
    place = tmp_path_factory.mktemp("parted")
    for rows in (150, 400):
        cuts = Cuts(rows)
        identify_in_parts(SAMPLE, out=place / f"run{rows}", cuts=cuts, partitioned=True)
    return place / "run150", place / "run400"


def test_every_file_stands_in_the_manifest_with_its_digest(parted):
    for folder in parted:
        manifest = json.loads((folder / "run.json").read_text("utf-8"))
        there = {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "run.json"
        }
        assert {name: one["sha256"] for name, one in manifest["files"].items()} == there
        assert manifest["format"] == 2  # a program that does not know parts must not read on
        assert {name for name in PARTED if (folder / name).is_dir()} == set(PARTED)


def test_rows_are_those_of_the_ordinary_run_whatever_the_parts(whole, parted):
    many = [len(list((folder / "parcels").iterdir())) for folder in parted]
    assert many[0] > many[1] > 1
    names = sorted(path.stem for path in whole.glob("*.parquet"))
    for name in names:
        expected = pq.read_table(whole / f"{name}.parquet")
        for folder in parted:
            run = open_run(folder)
            paths = run.files(name)
            found = dataset.dataset(paths, format="parquet").to_table()
            assert found.schema.equals(expected.schema), name
            assert found.equals(expected), name


def test_shapes_are_layers_for_other_programs(whole, parted):
    expected = geopandas.read_parquet(whole / "parcels.parquet")
    parts = [geopandas.read_parquet(path) for path in open_run(parted[0]).files("parcels")]
    together = pd.concat(parts, ignore_index=True)
    assert together.crs == expected.crs
    assert together.equals(expected)
    boxes = pd.DataFrame([part.total_bounds for part in parts])
    assert [*boxes[[0, 1]].min(), *boxes[[2, 3]].max()] == expected.total_bounds.tolist()


def test_what_reads_a_run_reads_it_the_same(whole, parted):
    left, right = run_tables(whole), run_tables(parted[0])
    for (table, frame), (_, other) in zip(left.tables(), right.tables(), strict=True):
        pd.testing.assert_frame_equal(frame, other, obj=table.name)
    one, two = read_run(whole), read_run(parted[0])
    pd.testing.assert_frame_equal(one.findings.drop(columns="geometry"),
                                  two.findings.drop(columns="geometry"))  # fmt: skip
    assert one.findings["geometry"].tolist() == two.findings["geometry"].tolist()
    assert one.totals == two.totals
    some = left.units["uscc"].iloc[[0, len(left.units) // 2, -1]].tolist()
    for key in [*some, left.parcels["parcel_id"].iloc[-1]]:
        assert explain(whole, key, "zh") == explain(parted[0], key, "zh")
    code = left.parcels["parcel_id"].iloc[-1]
    assert shapes_in(whole, [code]) == shapes_in(parted[0], [code])
    found = compare(whole, parted[0]).json
    assert not any(found["changes"].values())
    assert not found["moves"]


def test_nothing_of_others_and_nothing_changed_is_replaced(parted, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(parted[1], folder)
    ready(folder)
    (folder / "units" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match=r"units/notes\.txt") as found:
        ready(folder)
    assert [one.code for one in found.value.issues] == ["publish.folder_has_more"]
    (folder / "units" / "notes.txt").unlink()
    part = folder / "units" / "part-00000.parquet"
    part.write_bytes(part.read_bytes() + b"x")
    with pytest.raises(UserError, match=r"units/part-00000\.parquet") as found:
        ready(folder)
    assert [one.code for one in found.value.issues] == ["publish.folder_changed"]


def test_another_partitioning_takes_its_place_whole(parted, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(parted[0], folder)
    with replacing(folder) as new:
        shutil.copytree(parted[1], new, dirs_exist_ok=True)
    assert _names(folder) == _names(parted[1])
    assert [path.name for path in tmp_path.iterdir() if "lock" not in path.name] == ["run"]


def _names(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_files_of_the_manifest_cannot_lead_out_of_the_folder(parted, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(parted[1], folder)
    path = folder / "run.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["files"]["parcels/part-00000.parquet/../../../other.parquet"] = {}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert open_run(folder).files("parcels") == sorted((folder / "parcels").iterdir())


def test_a_part_that_is_gone_is_said(parted, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(parted[1], folder)
    (folder / "links" / "part-00001.parquet").unlink()
    with pytest.raises(UserError) as found:
        run_tables(folder)
    assert [one.code for one in found.value.issues] == ["publish.table_absent"]


class _Backwards:
    """A crew whose parts are done in another order, and twice."""

    def each(self, task, parts):
        done = {part: (task(part), task(part)) for part in reversed(range(parts))}
        return (done[part][1] for part in range(parts))


def test_whoever_does_the_parts_the_files_have_the_same_bytes(parted, tmp_path):
    crew, cuts = _Backwards(), Cuts(150)
    run = identify_in_parts(
        SAMPLE, out=tmp_path / "run", cuts=cuts, crew=crew, work=tmp_path / "work", partitioned=True
    )
    left, right = (
        json.loads((one / "run.json").read_text("utf-8")) for one in (parted[0], run.folder)
    )
    assert left == right
    (run.folder / "parcels" / "part-00000.parquet").write_bytes(b"spoiled")
    shutil.rmtree(run.folder)  # what somebody does to a run does not reach the next one
    again = identify_in_parts(
        SAMPLE, out=tmp_path / "run", cuts=cuts, work=tmp_path / "work", partitioned=True
    )
    for name, one in left["files"].items():
        assert hashlib.sha256((again.folder / name).read_bytes()).hexdigest() == one["sha256"]

"""Workbook and GeoPackage from a run folder: the bytes that the run itself would have written."""

from __future__ import annotations

import json

import pytest

from landuse.cli import main
from landuse.errors import UserError
from landuse.pipeline import export as exporting
from landuse.pipeline.export import export
from landuse.publish import OUTPUTS, write_run
from landuse.publish.manifest import part_name


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory):
    return write_run(run, tmp_path_factory.mktemp("export") / "run", outputs=OUTPUTS[:3])


@pytest.fixture
def bare(whole, tmp_path):
    """The same run with tables only, its parcels in two files."""
    import pyarrow.parquet as pq

    folder = tmp_path / "run"
    (folder / "parcels").mkdir(parents=True)
    manifest = json.loads((whole / "run.json").read_text("utf-8"))
    for path in whole.glob("*.parquet"):
        (folder / path.name).write_bytes(path.read_bytes())
    parcels = pq.read_table(folder / "parcels.parquet")
    (folder / "parcels.parquet").unlink()
    del manifest["files"]["parcels.parquet"]
    for part, rows in enumerate((parcels.slice(0, 2), parcels.slice(2))):
        name = part_name("parcels", part)
        pq.write_table(rows, folder / name)
        manifest["files"][name] = {}
    (folder / "run.json").write_text(json.dumps(manifest | {"format": 2}), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["results.xlsx", "results.gpkg"])
def test_the_file_has_the_bytes_of_the_ordinary_run(whole, bare, tmp_path, name):
    done = export(bare, tmp_path / name, "zh")
    assert (tmp_path / name).read_bytes() == (whole / name).read_bytes()
    assert done.size == (whole / name).stat().st_size
    assert done.parcels > 2


def refused(*words, **options):
    with pytest.raises(UserError) as found:
        export(*words, "zh", **options)
    return [one.code for one in found.value.issues]


def test_what_cannot_be_written_is_said_and_nothing_is_there(bare, tmp_path, monkeypatch):
    assert refused(bare, tmp_path / "a.html") == ["export.unknown_kind"]
    assert refused(bare, bare / "a.gpkg") == ["export.inside_run"]
    assert refused(tmp_path, tmp_path / "a.gpkg") == ["publish.not_a_run"]
    (tmp_path / "a.gpkg").write_text("mine", encoding="utf-8")
    assert refused(bare, tmp_path / "a.gpkg") == ["ledger_book.file_exists"]
    monkeypatch.setattr(exporting, "_ROOM", 3)
    assert refused(bare, tmp_path / "a.xlsx") == ["export.beyond_excel"]
    (bare / "parcels" / "part-00001.parquet").unlink()
    assert refused(bare, tmp_path / "b.gpkg") == ["publish.table_absent"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gpkg", "run"]
    assert (tmp_path / "a.gpkg").read_text(encoding="utf-8") == "mine"


def test_the_command_says_what_it_wrote(bare, tmp_path, capsys):
    out = tmp_path / "成果.gpkg"
    assert main(["export", str(bare), str(out)]) == 0
    assert f"已写出：{out}" in capsys.readouterr().out
    assert main(["export", str(bare), str(out)]) == 2
    assert main(["export", str(bare), str(out), "--replace"]) == 0

"""A run on an object store: the manifest last, nothing of others overwritten, digests checked."""

from __future__ import annotations

import json
import shutil
import sys
from uuid import uuid4

import pytest

from landuse.cli import main
from landuse.errors import UserError
from landuse.publish import OUTPUTS, write_run
from landuse.publish.object_store import get_run, put_run
from landuse.publish.reader import open_run, run_tables

fsspec = pytest.importorskip("fsspec")


@pytest.fixture(scope="module")
def parted(run, tmp_path_factory):
    """A run whose parcels are two files."""
    import pyarrow.parquet as pq

    from landuse.publish.folder import digest

    folder = write_run(run, tmp_path_factory.mktemp("store") / "run", outputs=OUTPUTS[:1])
    manifest = json.loads((folder / "run.json").read_text("utf-8"))
    parcels = pq.read_table(folder / "parcels.parquet")
    (folder / "parcels.parquet").unlink()
    del manifest["files"]["parcels.parquet"]
    (folder / "parcels").mkdir()
    for part, rows in enumerate((parcels.slice(0, 2), parcels.slice(2))):
        path = folder / "parcels" / f"part-{part:05}.parquet"
        pq.write_table(rows, path)
        written = {"bytes": path.stat().st_size, "sha256": digest(path)}
        manifest["files"][f"parcels/{path.name}"] = written
    (folder / "run.json").write_text(json.dumps(manifest | {"format": 2}), encoding="utf-8")
    return open_run(folder)


@pytest.fixture
def url():
    place = f"memory://bucket-{uuid4().hex}/run"
    yield place
    store = fsspec.filesystem("memory")
    store.rm(place.rpartition("/")[0], recursive=True)


def objects(url):
    store, root = fsspec.core.url_to_fs(url)
    return {name.removeprefix(root).strip("/"): store.cat_file(name) for name in store.find(root)}


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def codes(function, *words):
    with pytest.raises(UserError) as found:
        function(*words)
    return [one.code for one in found.value.issues]


def test_a_run_goes_there_and_comes_back_as_it_was(parted, url, tmp_path):
    sent = put_run(parted, url)
    assert objects(url) == files(parted.path)
    assert sent == sum(map(len, files(parted.path).values()))
    assert put_run(parted, url) == 0  # it lies there
    get_run(url, tmp_path / "back")
    assert files(tmp_path / "back") == files(parted.path)
    assert len(run_tables(tmp_path / "back").parcels) == len(run_tables(parted.path).parcels)


def test_the_manifest_is_last_and_a_run_that_was_cut_off_is_sent_again(parted, url, monkeypatch):
    store = type(fsspec.filesystem("memory"))
    put, sent = store.put_file, []

    def broken(self, source, target, **more):
        if len(sent) == 3:
            raise OSError("line cut")
        sent.append(target)
        return put(self, source, target, **more)

    monkeypatch.setattr(store, "put_file", broken)
    assert codes(put_run, parted, url) == ["stores.fault"]
    assert len(objects(url)) == 3
    assert "run.json" not in objects(url)
    monkeypatch.undo()
    put_run(parted, url)
    assert objects(url) == files(parted.path)


def test_nothing_of_others_is_overwritten(parted, url, tmp_path):
    store, root = fsspec.core.url_to_fs(url)
    store.pipe_file(f"{root}/photo.jpg", b"mine")
    assert codes(put_run, parted, url) == ["export.place_taken"]
    store.rm(f"{root}/photo.jpg")
    put_run(parted, url)
    shutil.copytree(parted.path, tmp_path / "other")
    manifest = json.loads((tmp_path / "other" / "run.json").read_text("utf-8"))
    other = tmp_path / "other" / "run.json"
    other.write_text(json.dumps(manifest | {"run_id": "another"}), encoding="utf-8")
    assert codes(put_run, open_run(tmp_path / "other"), url) == ["export.place_taken"]
    assert objects(url) == files(parted.path)


def test_what_is_not_as_it_was_written_goes_no_way(parted, url, tmp_path):
    shutil.copytree(parted.path, tmp_path / "run")
    (tmp_path / "run" / "links.parquet").write_bytes(b"changed")
    assert codes(put_run, open_run(tmp_path / "run"), url) == ["publish.folder_changed"]
    assert "run.json" not in objects(url)
    put_run(parted, url)
    store, root = fsspec.core.url_to_fs(url)
    store.pipe_file(f"{root}/parcels/part-00001.parquet", b"changed")
    assert codes(get_run, url, tmp_path / "back") == ["export.object_changed"]
    assert not (tmp_path / "back").exists()
    assert codes(get_run, f"{url}/none", tmp_path / "back") == ["publish.not_a_run"]


@pytest.mark.parametrize("name", ["../up.parquet", "/etc/x", "a/../../b.parquet", ".hidden"])
def test_names_in_a_manifest_cannot_lead_out_of_the_folder(parted, url, tmp_path, name):
    put_run(parted, url)
    store, root = fsspec.core.url_to_fs(url)
    manifest = json.loads(store.cat_file(f"{root}/run.json"))
    manifest["files"][name] = {"bytes": 1, "sha256": ""}
    store.pipe_file(f"{root}/run.json", json.dumps(manifest).encode())
    assert codes(get_run, url, tmp_path / "back") == ["publish.not_a_run"]


def test_the_command_sends_and_brings(parted, url, tmp_path, capsys):
    assert main(["export", str(parted.path), url]) == 0
    assert f"已存入：{url}" in capsys.readouterr().out
    assert main(["export", url, str(tmp_path / "取回")]) == 0
    assert "全部文件校验一致" in capsys.readouterr().out
    assert files(tmp_path / "取回") == files(parted.path)
    assert main(["export", url, url]) == 2


def test_without_the_package_and_for_an_unknown_store_it_is_said(parted, monkeypatch):
    assert codes(put_run, parted, "nowhere://bucket/run") == ["stores.unknown"]
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    assert codes(put_run, parted, "s3://bucket/run") == ["stores.no_fsspec"]

"""Addresses of stores: which objects they mean, and that no key in one is ever shown."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stores_desk import bucket, memory_place

from landuse.cli.export_commands import _moved
from landuse.engines.parts.places import place_of
from landuse.errors import UserError
from landuse.intake.safety import checked_path, expand
from landuse.publish.folder import ready
from landuse.publish.object_store import get_run
from landuse.stores import objects_of
from landuse.stores.address import open_store, shown
from landuse.stores.inputs import _place

pytest.importorskip("fsspec")


@pytest.fixture
def url():
    with memory_place() as place:
        yield place


def put(url, *names):
    file = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), file)
    store, root = open_store(url)
    for name in names:
        store.pipe_file(f"{root}/{name}", file.getvalue())


def codes(found):
    return [issue.code for issue in found.value.issues]


@pytest.mark.parametrize(
    "address",
    [
        "s3://KEY:HUSH@bucket/land.parquet",
        "s3://KEY:HU/SH@bucket/land.csv",
        "s3://KEY:HUSH@SH@bucket/land",
        "s3://HUSH@bucket/land.parquet",
        "abfss://user:HUSH@account.dfs.core.windows.net/land.parquet",
        "webhdfs://user:HUSH@machine:9870/land.parquet",
        "s3://bucket/land.parquet?X-Amz-Signature=HUSH",
        "abfss://land@account/land.parquet?sv=2020&sig=HUSH",
        "nosuch://KEY:HUSH@bucket/land.csv",
        "https://user:HUSH@example.org/land.csv",
    ],
)
@pytest.mark.parametrize(
    "uses",
    [
        objects_of,
        place_of,
        open_store,
        lambda one: expand([one], Path()),
        lambda one: checked_path(one, Path()),
        lambda one: ready(Path(one)),
        lambda one: get_run(one, Path("back")),
        lambda one: _moved(one, one, "zh"),
    ],
    ids=["inputs", "work", "store", "expand", "file", "out", "export", "both ends"],
)
def test_no_refusal_shows_a_key(address, uses):
    with pytest.raises(UserError) as found:
        uses(address)
    said = [str(found.value), *found.value.lines("zh"), *found.value.lines("en")]
    said += [repr(issue) for issue in found.value.issues]
    assert not [one for one in said if "HU" in one or "SH@" in one]


@pytest.mark.parametrize(
    "address",
    [
        "abfss://container@account.dfs.core.windows.net/part-?.parquet",
        "hdfs://user@machine:8020/land/a@b.parquet",
        "hdfs://machine:8020/land/a@b.parquet",
        "s3://bucket/year=2025/a@b?.parquet",
        "s3://bucket/*?/x=1.parquet",
    ],
)
def test_what_is_no_key_stays(address):
    assert shown(address) == address


@pytest.mark.parametrize(
    ("where", "path", "url", "key"),
    [
        ("s3://bucket/p", "bucket/p/x.parquet", "s3://bucket", "p/x.parquet"),
        ("memory://b/*", "/b/x.parquet", "memory://b", "x.parquet"),
        ("hdfs://m:8020/d", "/d/x.parquet", "hdfs://m:8020", "d/x.parquet"),
        ("abfss://c@account.net/d", "c/d/x.parquet", "abfss://c@account.net", "d/x.parquet"),
    ],
)
def test_an_object_keeps_its_machine_and_account(where, path, url, key):
    found = _place(where, path, {"size": 1})
    assert (found.url, found.key) == (url, key)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("v1.2/", ["v1.2/x.parquet"]),
        ("v1.2", ["v1.2/x.parquet"]),
        ("v1.2/x.parquet", ["v1.2/x.parquet"]),
        ("parts/part-?.parquet", ["parts/part-1.parquet"]),
        ("years/**/*.parquet", ["years/a.parquet", "years/y=1/x.parquet"]),
    ],
)
def test_folders_with_dots_and_patterns(url, where, found):
    put(url, "v1.2/x.parquet", "v1.2/_SUCCESS", "parts/part-1.parquet", "parts/part-11.parquet")
    put(url, "years/a.parquet", "years/y=1/x.parquet")
    assert [str(one) for one in objects_of(f"{url}/{where}")] == [f"{url}/{one}" for one in found]


def test_a_store_that_gives_the_bare_name_of_one_object_is_asked_about_it(url, monkeypatch):
    # as the package for Azure does (adlfs 2026.8): a list, though the details were asked for
    put(url, "x.parquet")
    store, root = open_store(url)
    [ordinary] = objects_of(f"{url}/x.parquet")
    find = type(store).find

    def bare(self, path, **options):
        found = find(self, path, **options)
        return list(found) if path.endswith(".parquet") else found

    monkeypatch.setattr(type(store), "find", bare)
    assert isinstance(store.find(f"{root}/x.parquet", detail=True), list)
    [found] = objects_of(f"{url}/x.parquet")
    assert (found.url, found.key) == (ordinary.url, ordinary.key)
    assert found.version


def test_folders_beside_files_are_named(url):
    put(url, "years/a.parquet", "years/y=1/x.parquet", "years/_temporary/x.parquet")
    with pytest.raises(UserError) as found:
        objects_of(f"{url}/years")
    assert codes(found) == ["stores.folders_inside"]
    assert "y=1" in str(found.value)
    assert "_temporary" not in str(found.value)


def test_files_of_another_kind_are_named_alike(url):
    put(url, "a.csv", "b.parquet")
    for where in (f"{url}/a.csv", url, f"{url}/*.csv"):
        with pytest.raises(UserError) as found:
            objects_of(where)
        assert codes(found) == ["stores.other_kind"]
        assert found.value.issues[0].file == f"{url}/a.csv"


def test_one_object_under_two_addresses_is_read_once(url):
    put(url, "p/x.parquet", "p/y.parquet")
    found = expand([f"{url}/p", f"{url}/p/x.parquet", f"{url}/*/y.parquet"], Path())
    assert [str(one) for one in found] == [f"{url}/p/x.parquet", f"{url}/p/y.parquet"]
    assert len({one.version for one in expand([f"{url}/p", f"{url}/p/*"], Path())}) == 2


@pytest.mark.parametrize("letter", "*?[")
def test_work_is_one_place(letter):
    with pytest.raises(UserError) as found:
        place_of(f"s3://bucket/run{letter}")
    assert codes(found) == ["stores.pattern_in_address"]


@pytest.mark.store
def test_a_server_that_speaks_s3():
    with pytest.MonkeyPatch.context() as patch, bucket(patch) as url:
        put(url, "p.1/x.parquet")
        open_store(url)[0].pipe_file(f"{url}/p.1/".removeprefix("s3://"), b"")  # a folder's mark
        other = url.replace("s3://", "s3a://")
        versions = {
            objects_of(one)[0].version
            for one in (f"{url}/p.1", f"{url}/p.1/x.parquet", f"{url}/p.1/*")
        }
        found = expand([f"{url}/p.1", f"{url}/p.1/x.parquet", f"{other}/p.1"], Path())
    assert len(found) == len(versions) == 1

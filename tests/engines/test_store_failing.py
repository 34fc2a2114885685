"""Stores that fail: what was done stays, and the fault is told as what it is."""

from __future__ import annotations

import errno
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stores_desk import memory_place, objects
from test_store_inputs import LIMIT, make, project, upload

from landuse.engines.batch import identify_in_parts
from landuse.errors import UserError
from landuse.intake.safety import digest, size_of
from landuse.intake.strange import Strange
from landuse.stores import Stored, objects_of
from landuse.stores.address import open_store
from landuse.stores.parquet import parquet_file

pytest.importorskip("fsspec")


@pytest.fixture
def url():
    with memory_place() as place:
        yield place


def codes(found):
    return [issue.code for issue in found.value.issues]


def test_a_store_that_fails_once_while_inputs_are_read_costs_no_parts(tmp_path, url, monkeypatch):
    make(tmp_path / "land")
    file = project(tmp_path / "project", upload(tmp_path / "land", f"{url}/inputs"))
    work = f"{url}/parts"
    store, failed = open_store(work)[0], []
    pipe = store.pipe_file

    def once(name, content, **more):
        if not failed and "/survey" in name and len(objects(work)) > 3:
            failed.append(name)
            raise OSError("the line is cut")
        pipe(name, content, **more)

    monkeypatch.setattr(store, "pipe_file", once)
    with pytest.raises(UserError) as found:
        identify_in_parts(file, out=tmp_path / "run", cuts=LIMIT, work=work)
    assert codes(found) == ["stores.fault"]
    assert failed
    done = [name for name in objects(work) if name.endswith("told.json")]
    assert done
    written = []
    monkeypatch.setattr(
        store,
        "pipe_file",
        lambda name, *more, **most: (written.append(name), pipe(name, *more, **most)),
    )
    identify_in_parts(file, out=tmp_path / "run", cuts=LIMIT, work=work)
    assert not [name for name in done if any(one.endswith(name) for one in written)]


@pytest.fixture
def stored(url):
    """A file of Parquet in a store, one page of which is spoiled."""
    file = io.BytesIO()
    pq.write_table(pa.table({"a": ["x"] * 1000}), file, compression="none")
    spoiled = bytearray(file.getvalue())
    spoiled[4:40] = b"\xff" * 36
    store, root = open_store(url)
    store.pipe_file(f"{root}/spoiled.parquet", bytes(spoiled))
    (place,) = objects_of(f"{url}/spoiled.parquet")
    return place


@pytest.mark.parametrize("fault", [Strange(), KeyError("of ours"), MemoryError(), OSError()])
def test_what_a_reader_raises_is_no_fault_of_the_store(stored, fault):
    with pytest.raises(type(fault)) as found, parquet_file(stored):
        raise fault
    assert found.value is fault


def test_a_spoiled_file_says_what_it_says_on_a_disk(stored, tmp_path):
    def answer(place):
        with pytest.raises(Exception) as found, parquet_file(place) as file:  # noqa: PT011 - any
            file.read()
        return type(found.value), str(found.value)

    path = tmp_path / "spoiled.parquet"
    path.write_bytes(stored.read_bytes())
    assert answer(stored) == answer(path)


def test_a_store_that_fails_while_a_file_is_read_says_so(stored, monkeypatch):
    with stored.reading() as file:
        monkeypatch.setattr(file._file, "read", _fails, raising=False)
        with pytest.raises(UserError) as found:
            file.readinto(bytearray(8))
        with pytest.raises(UserError) as through, pa.PythonFile(file, "r") as arrow:
            arrow.read(8)
    assert codes(found) == codes(through) == ["stores.fault"]


def _fails(*_):
    raise OSError("the line is cut")


def test_a_disk_without_room_is_no_fault_of_the_store(stored, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(open_store(stored.url)[0], "get_file", full)
    with pytest.raises(UserError) as found:
        stored.fetched()
    assert codes(found) == ["stores.no_room"]


def test_an_input_that_has_gone_is_named(stored):
    store = open_store(stored.url)[0]
    store.rm_file(stored._path)
    for reads in (digest, size_of, Stored.fetched):
        with pytest.raises(UserError) as found:
            reads(stored)
        assert codes(found) == ["stores.gone"]
        assert str(stored) in str(found.value)


def test_a_copy_that_makes_room_meanwhile_is_read_in_the_store(stored):
    stored.fetched()
    stored._copies.path(stored._copy).unlink()
    assert stored.read_range(0, 4) == b"PAR1"
    with stored.reading() as file:
        assert file.read(4) == b"PAR1"

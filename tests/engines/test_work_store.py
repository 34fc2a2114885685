"""Work in an object store: parts whole or not at all, one run at a time, few bytes fetched."""

from __future__ import annotations

import datetime as dt
import json
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stores_desk import memory_place, objects

from landuse.engines.batch import identify_in_parts
from landuse.engines.parts import lease as lease_module
from landuse.engines.parts.frames import load, save
from landuse.engines.parts.held import held
from landuse.engines.parts.job import Job
from landuse.engines.parts.places import place_of, remove
from landuse.engines.parts.slices import load_slice, save_slices
from landuse.engines.reading.bounded import sweep
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError
from landuse.stores import cache as cache_module
from landuse.stores.address import open_store
from landuse.stores.cache import Cache, drop_copies

pytest.importorskip("fsspec")
SAMPLE_PATH = Path(__file__).resolve().parents[2] / "data" / "sample" / "project.toml"


@pytest.fixture
def url():
    with memory_place() as place:
        yield place


@pytest.fixture
def job(url):
    return Job(place_of(url) / "parts", None, dt.date(2026, 6, 30), (2025,), ("", "b"), ("",))


def codes(found):
    return [issue.code for issue in found.value.issues]


def some(folder):
    save(pd.DataFrame({"n": [1, 2, 3]}), folder / "rows.parquet")
    return {"rows": 3}


def never(folder):
    raise AssertionError(folder)


def test_a_run_with_its_work_in_a_store_has_the_same_bytes_and_goes_on(tmp_path, url):
    def run(name, work):
        return identify_in_parts(SAMPLE_PATH, out=tmp_path / name, cuts=Cuts(400), work=work).folder

    one, two = run("one", tmp_path / "work"), run("two", url)
    assert digests(one) == digests(two)
    (name,) = {key.partition("/")[0] for key in objects(url)}
    before = objects(url)
    (folder,) = (tmp_path / "work").iterdir()
    assert set(before) == {
        f"{name}/{path.relative_to(folder).as_posix()}"
        for path in folder.rglob("*")
        if path.is_file()
    }  # the same files, and no lock
    store = open_store(url)[0]
    root = url.removeprefix("memory:/")
    store.rm_file(f"{root}/{name}/grade/00001/told.json")  # as if the run had been killed there
    drop_copies(url)
    assert digests(run("three", url)) == digests(one)
    assert objects(url) == before


def digests(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_part_is_there_when_its_mark_is_and_half_sent_ones_are_done_again(job, url):
    store, root = open_store(f"{url}/parts")
    store.pipe_file(f"{root}/match/00001/rows.parquet", b"half")
    assert not job.path("match", 1).is_dir()
    assert job.once("match", 1, some) == {"rows": 3}
    drop_copies(url)
    assert load(job.path("match", 1) / "rows.parquet")["n"].tolist() == [1, 2, 3]
    assert job.once("match", 1, never) == {"rows": 3}


def test_the_mark_is_sent_last(job, monkeypatch):
    sent = []
    store = open_store(job.folder.url)[0]
    pipe = store.pipe_file

    def piped(name, content):
        sent.append(name)
        pipe(name, content)

    monkeypatch.setattr(store, "put", lambda _, names: sent.extend(names))
    monkeypatch.setattr(store, "pipe_file", piped)
    job.once("match", 0, some)
    assert [name.rpartition("/")[2] for name in sent] == ["rows.parquet", "told.json"]


def test_a_part_that_fails_is_not_there_and_leaves_nothing(job, url):
    def fails(folder):
        some(folder)
        raise ValueError("of the rules")

    with pytest.raises(ValueError, match="of the rules"):
        job.once("match", 0, fails)
    assert objects(url) == {}
    copies = job.folder._copies
    assert not [*copies.folder.glob("*"), *copies.new().parent.iterdir()]


def test_a_part_that_somebody_spoiled_is_named(job):
    job.once("match", 0, some)
    store, root = open_store(job.folder.url)
    store.pipe_file(f"{root}/parts/match/00000/told.json", b'{"cut')
    with pytest.raises(UserError) as found:
        job.once("match", 0, never)
    assert codes(found) == ["engines.part_broken"]


def test_places_travel_as_texts(job, url):
    place = pickle.loads(pickle.dumps(job.path("match", 3) / "rows.parquet"))
    assert str(place) == f"{url}/parts/match/00003/rows.parquet"
    assert len(pickle.dumps(place)) < 300


def test_a_stage_is_removed_marks_first(job, url, monkeypatch):
    for part in range(2):
        job.once("match", part, some)
    job.once("grade", 0, some)
    store = open_store(job.folder.url)[0]
    gone, rm = [], store.rm
    monkeypatch.setattr(store, "rm", lambda what, **more: (gone.append(what), rm(what, **more)))
    remove(job.folder / "match")
    assert all(name.endswith("told.json") for name in gone[0])
    assert {key.split("/")[1] for key in objects(url)} == {"grade"}
    remove(job.folder / "match")  # twice is no fault


def test_a_slice_is_read_alone(job, monkeypatch):
    rows = 40_000
    frame = pd.DataFrame({"n": np.random.default_rng(1).random(rows)})
    target = np.arange(rows) % 100

    def work(folder):
        save_slices(frame, target, 100, folder / "rows.arrow")
        return {}

    places = []
    for part in range(3):
        job.once("match", part, work)
        places.append(job.path("match", part) / "rows.arrow")
    drop_copies(job.folder.url)
    store = open_store(job.folder.url)[0]
    asked, cat = [], store.cat_file

    def counting(name, start=None, end=None, **more):
        asked.append(end - start)
        return cat(name, start=start, end=end, **more)

    monkeypatch.setattr(store, "cat_file", counting)
    found = load_slice(places, 7)
    assert found["n"].tolist() == [*frame["n"][7::100]] * 3
    assert sum(asked) < 3 * places[0].size() / 50  # one reader of a hundred, and the schema


def test_copies_are_bounded_and_those_used_last_stay(tmp_path):
    cache = Cache(tmp_path / "copies", room=250)
    for name in ("a", "b"):
        with cache.making(f"x/{name}") as part:
            part.write_bytes(b"1" * 100)
    assert cache.get("x/a").read_bytes() == b"1" * 100
    with cache.making("x/c") as part:
        part.write_bytes(b"1" * 100)
    assert cache.get("x/b") is None  # used longest ago
    assert cache.get("x/a").is_file()
    assert cache.get("x/c").is_file()
    with cache.making("x/big") as part:
        part.write_bytes(b"1" * 1000)
    assert cache.get("x/big").is_file()  # the last one always
    assert sum(path.stat().st_size for path in cache.folder.rglob("*") if path.is_file()) == 1000


def test_dropping_copies_leaves_alone_what_is_not_meant(job, url):
    other = place_of(f"{url}-of-another")
    store, root = open_store(str(other))
    store.pipe_file(f"{root}/rows.parquet", b"1")
    kept = other / "rows.parquet"
    kept.fetched()

    def meanwhile(folder):
        drop_copies(url)  # another run of the cluster ends
        return some(folder)

    assert job.once("match", 0, meanwhile) == {"rows": 3}
    rows = job.path("match", 0) / "rows.parquet"
    before = rows.fetched()
    drop_copies(url)
    assert not before.exists()
    assert kept.fetched().read_bytes() == b"1"
    assert rows.fetched().is_file()  # anew
    store.rm(root, recursive=True)


@pytest.mark.usefixtures("quick")
def test_the_copies_of_a_folder_go_with_its_lock(job):
    with held(job.folder):
        job.once("match", 0, some)
        copy = (job.path("match", 0) / "rows.parquet").fetched()
        assert copy.is_file()
    assert not copy.exists()


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for by a signal")
def test_copies_of_killed_processes_go(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as one:
        one.wait()
    names = [one.pid, os.getpid(), "x"]
    dead, alive, strange = (tmp_path / f"{cache_module._prefix()}{name}-a" for name in names)
    for folder in (dead, alive, strange):
        (folder / "objects").mkdir(parents=True)
    cache_module._sweep(tmp_path, cache_module._prefix())
    assert sorted(tmp_path.iterdir()) == sorted([alive, strange])


@pytest.fixture
def quick(monkeypatch):
    """Locks that are written and watched in fractions of a second."""
    monkeypatch.setattr(lease_module, "_BEAT", 0.05)
    monkeypatch.setattr(lease_module, "_WATCH", 0.5)


@pytest.mark.usefixtures("quick")
def test_who_comes_second_is_told_who_is_there(job, url):
    with held(job.folder):
        with pytest.raises(UserError) as found, held(job.folder):
            raise AssertionError
        assert list(objects(url)) == ["parts.lock"]
    assert codes(found) == ["engines.store_busy"]
    assert str(os.getpid()) in found.value.lines("zh")[0]
    assert objects(url) == {}
    with held(job.folder):
        pass


@pytest.mark.usefixtures("quick")
def test_the_lock_of_a_killed_run_is_taken_over(job, url):
    dead = json.dumps({"host": "gone", "process": 1, "token": "t", "beat": 4}).encode()
    store, root = open_store(url)
    store.pipe_file(f"{root}/parts.lock", dead)
    with held(job.folder):
        assert objects(url)["parts.lock"] != dead
    assert objects(url) == {}


@pytest.mark.usefixtures("quick")
def test_a_lock_that_was_taken_over_is_left_to_its_new_holder(job, url):
    store, root = open_store(url)
    other = json.dumps({"token": "of another"}).encode()
    with held(job.folder):
        store.pipe_file(f"{root}/parts.lock", other)
        (lease,) = lease_module._HELD.values()
        assert lease.lost.wait(30)
        for ends in (
            lambda: job.once("match", 0, some),
            lambda: remove(job.folder),
            lambda: sweep(job.folder),
        ):
            with pytest.raises(UserError) as found:
                ends()
            assert codes(found) == ["engines.store_busy"]
    assert objects(url) == {"parts.lock": other}
    assert job.once("match", 0, some) == {"rows": 3}  # whoever holds nothing has lost nothing


@pytest.mark.usefixtures("quick")
def test_a_lock_that_is_lost_while_a_part_is_computed_keeps_the_part_out(job, url):
    store, root = open_store(url)
    other = json.dumps({"token": "of another"}).encode()

    def slow(folder):
        store.pipe_file(f"{root}/parts.lock", other)
        (lease,) = lease_module._HELD.values()
        assert lease.lost.wait(30)
        return some(folder)

    with pytest.raises(UserError) as found, held(job.folder):
        job.once("match", 0, slow)
    assert codes(found) == ["engines.store_busy"]
    assert objects(url) == {"parts.lock": other}


def test_after_a_silence_the_store_is_asked(job, url, monkeypatch):
    with held(job.folder):
        job.once("match", 0, some)
        store, root = open_store(url)
        store.pipe_file(f"{root}/parts.lock", b'{"token": "of another"}')  # before the next beat
        job.once("match", 1, some)
        monkeypatch.setattr(lease_module, "_WATCH", 0)
        with pytest.raises(UserError) as found:
            job.once("match", 2, some)
    assert codes(found) == ["engines.store_busy"]


@pytest.mark.usefixtures("quick")
def test_of_two_that_take_over_one_has_the_lock(job, url, monkeypatch):
    store, root = open_store(url)
    pipe, one_step = store.pipe_file, threading.Lock()

    def piped(*words, **more):
        with one_step:  # as a server does it
            pipe(*words, **more)

    monkeypatch.setattr(store, "pipe_file", piped)
    store.pipe_file(f"{root}/parts.lock", b'{"token": "dead", "beat": 4}')
    had, busy, all_told = [], [], threading.Barrier(4)

    def run():
        try:
            with held(job.folder):
                had.append(1)
                all_told.wait(30)
        except UserError as fault:
            busy.append(fault.issues[0].code)
            all_told.wait(30)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(had), busy) == (1, ["engines.store_busy"] * 3)
    assert objects(url) == {}


@pytest.mark.usefixtures("quick")
def test_a_claim_of_one_that_died_over_it_is_in_nobodys_way(job, url):
    store, root = open_store(url)
    store.pipe_file(f"{root}/parts.lock", b'{"token": "dead", "beat": 4}')
    store.pipe_file(f"{root}/parts.lock.next", b'{"token": "dead, too"}')
    with held(job.folder):
        assert list(objects(url)) == ["parts.lock"]
    assert objects(url) == {}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("s3://key:hush@bucket/work", "stores.secret_in_address"),
        ("s3://bucket/work?AWSAccessKeyId=hush", "stores.secret_in_address"),
        ("nosuch://bucket/work", "stores.unknown"),
    ],
)
def test_addresses_that_are_not_taken(tmp_path, address, code):
    with pytest.raises(UserError) as found:
        identify_in_parts(SAMPLE_PATH, out=tmp_path / "run", cuts=Cuts(400), work=address)
    assert codes(found) == [code]
    assert "hush" not in str(found.value)
    assert not (tmp_path / "run").exists()

"""Stores that fail: what was done stays, and the fault is told as what it is."""

from __future__ import annotations

import pytest
from stores_desk import memory_place, objects
from test_store_inputs import LIMIT, make, project, upload

from landuse.engines.batch import identify_in_parts
from landuse.errors import UserError
from landuse.stores.address import open_store

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

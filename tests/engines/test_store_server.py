"""Work in a store that speaks S3: processes with no folder in common, killed and resumed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from engine_desk import ENTRY, files, wait_until
from stores_desk import bucket, machines, objects

from landuse.engines.batch import identify_in_parts
from landuse.engines.parts.held import held
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError
from landuse.stores import Stored

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample" / "project.toml"
CUTS = Cuts(300)
pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch, bucket(patch) as url:
        yield url


@pytest.fixture
def work(server, request):
    return f"{server}/{request.node.name}"


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Hashes of the tables that one process writes with its work on a disk."""
    run = identify_in_parts(SAMPLE, out=tmp_path_factory.mktemp("alone") / "run", cuts=CUTS)
    return files(run.folder)


def codes(found):
    return [issue.code for issue in found.value.issues]


def marks(work, stage):
    return [name for name in objects(work) if name.endswith("told.json") and f"/{stage}/" in name]


def command(work, out, *more):
    words = ["identify", str(SAMPLE), "--out", str(out), "--work", work, "--part-rows", "300"]
    return [*ENTRY, *words, "--as-of", "2026-06-30", *more]


def test_one_process_with_its_work_in_the_store(tmp_path, work, alone):
    run = identify_in_parts(SAMPLE, out=tmp_path / "run", cuts=CUTS, work=work)
    assert files(run.folder) == alone
    assert not [name for name in objects(work) if name.endswith(".lock")]
    everything = b"".join(path.read_bytes() for path in run.folder.rglob("*") if path.is_file())
    assert b"s3cret-of-nobody" not in everything


def test_workers_without_a_common_folder(tmp_path, work, alone):
    """The files of a partitioned run, too, come from the workers through the store."""
    pytest.importorskip("distributed")
    from landuse.engines.dask_engine import dask_crew

    with machines(tmp_path, 2) as scheduler, dask_crew(work, scheduler=scheduler) as crew:
        crew._client.wait_for_workers(2, timeout=60)
        run = identify_in_parts(
            SAMPLE, out=tmp_path / "run", cuts=CUTS, work=work, crew=crew, partitioned=True
        )
    found = files(run.folder)
    same = set(alone) & set(found)
    assert "cohorts.parquet" in same
    assert {name: found[name] for name in same} == {name: alone[name] for name in same}
    for name, one in found.items():
        assert hashlib.sha256((run.folder / name).read_bytes()).hexdigest() == one["sha256"]


def test_a_killed_run_goes_on(tmp_path, work, alone):
    words, own = command(work, tmp_path / "run", "--engine", "local"), tmp_path / "copies"
    own.mkdir()
    with subprocess.Popen(words, cwd=ROOT, env={**os.environ, "TMPDIR": str(own)}) as one:
        wait_until(lambda: marks(work, "match"), "the first part is matched")
        one.send_signal(signal.SIGKILL)
    assert not (tmp_path / "run").exists()
    before = {name: content for name, content in objects(work).items() if "/" in name}
    again = subprocess.run(
        command(work, tmp_path / "run", "--engine", "local"), cwd=ROOT, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr  # the lock of the dead one was taken over
    assert files(tmp_path / "run") == alone
    after = objects(work)
    assert {name: after[name] for name in before} == before


def test_two_runs_at_once(tmp_path, work):
    class _BegunError(Exception):
        pass

    def begun(*_):
        raise _BegunError

    with pytest.raises(_BegunError):
        identify_in_parts(SAMPLE, out=tmp_path / "run", cuts=CUTS, work=work, crew=_Crew(begun))
    (name,) = {one.partition("/")[0] for one in objects(work)}
    with held(Stored(work, name)):
        two = subprocess.run(
            command(work, tmp_path / "two", "--engine", "local"), cwd=ROOT, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
    assert two.returncode == 2
    assert str(os.getpid()) in two.stderr
    assert not (tmp_path / "two").exists()


class _Crew:
    """Does nothing but what it is told."""

    def __init__(self, each):
        self.each = each


def test_partition_prepares_in_the_store(tmp_path, work, alone):
    words = ["partition", str(SAMPLE), "--work", work, "--part-rows", "300"]
    made = subprocess.run(
        [*ENTRY, *words, "--as-of", "2026-06-30"], cwd=ROOT, check=False, capture_output=True,
        text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert f"--work {work}" in made.stdout
    before = objects(work)
    run = identify_in_parts(SAMPLE, out=tmp_path / "run", cuts=CUTS, work=work)
    assert files(run.folder) == alone
    assert all(objects(work)[name] == content for name, content in before.items())


def test_what_the_store_answers_in_words(tmp_path, server, monkeypatch):
    for work, code in ((f"{server}-not/work", "stores.no_bucket"),):
        with pytest.raises(UserError) as found:
            identify_in_parts(SAMPLE, out=tmp_path / "run", cuts=CUTS, work=work)
        assert codes(found) == [code]
    assert json.dumps([found.value.lines("zh")]).count("s3cret") == 0

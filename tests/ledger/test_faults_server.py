"""The database server is killed while a command writes, and started again; ten times in long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fault_desk import chinese_fault, here, picture
from fault_life import another_run, sample_run
from fault_server import kill_in_writes
from ledger_acts import refused
from ledger_databases import cluster
from sqlalchemy import text

from landuse.ledger import canonical, open_ledger


def test_postgis_killed_in_the_middle_of_a_write(
    postgis_url: Callable[[], str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    sample = sample_run(tmp_path_factory.getbasetemp())
    url = postgis_url()
    assert kill_in_writes(cluster(), url, tmp_path, sample, times=2, seed=4) >= 1


FAILING = """
CREATE FUNCTION landuse.fail() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{state}'; END $$;
CREATE TRIGGER fail BEFORE INSERT ON landuse.{table} FOR EACH ROW EXECUTE FUNCTION landuse.fail();
"""


@pytest.mark.parametrize(
    ("table", "state", "words"),
    [
        ("cases", "53100", "的磁盘已满"),
        ("findings", "57014", "中止了这次操作"),
        ("events", "57P01", "连接中断"),
    ],
)
def test_what_the_server_says_within_a_bulk_load_is_put_into_words(
    postgis_url: Callable[[], str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    table: str,
    state: str,
    words: str,
) -> None:
    """There the driver speaks for itself, past SQLAlchemy; the act is wholly absent."""
    url = postgis_url()
    open_ledger(url).close()
    cluster().run(url.rsplit("/", 1)[1], FAILING.format(table=table, state=state))
    run = another_run(sample_run(tmp_path_factory.getbasetemp()), tmp_path, 1)
    done = here("ledger", "open", str(run), "--by", "甲", "--db", url)
    chinese_fault(done, words, "127.0.0.1")
    assert "geheim" not in done.complained
    assert not picture(url)


def test_a_connection_that_breaks_within_a_bulk_load(postgis_url: Callable[[], str]) -> None:
    with open_ledger(postgis_url()) as ledger:

        def rows(pid: int) -> Iterator[tuple[str]]:
            yield ("a",)
            cluster().run("postgres", f"SELECT pg_terminate_backend({pid})")
            for _ in range(20_000):
                yield ("b" * 1000,)

        def load() -> None:
            with ledger.write() as session:
                pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
                canonical.insert(session.connection(), "runs", ["run_id"], rows(pid))

        assert refused(load) == ["ledger.connection_lost"]
        with ledger.read() as session:
            assert session.execute(text("SELECT count(*) FROM runs")).scalar() == 0

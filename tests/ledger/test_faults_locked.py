"""Another program holds the lock: who writes is told after the wait, and nothing is written."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from book_desk import Edit
from fault_desk import Done, chinese_fault, here, picture, run, sound
from ledger_acts import new_case

from landuse.ledger import open_ledger

WAIT = 0.4
MOVE = ["ledger", "advance", "2026-001", "suspected", "--survey-note", "停产", "--by", "丙"]
OPEN = ["ledger", "open", "--parcel", "Z1", "--mu", "3", "--kind", "idle", "--by", "丙"]


@pytest.fixture
def filled(ledger_url: str) -> str:
    with open_ledger(ledger_url) as ledger, ledger.write() as session:
        new_case(session)
    return ledger_url


@contextlib.contextmanager
def held(url: str, statement: str) -> Iterator[None]:
    """Another program, in the middle of its work, holds what ``statement`` takes."""
    with contextlib.ExitStack() as stack:
        if "://" not in url:
            other = stack.enter_context(
                contextlib.closing(sqlite3.connect(url, isolation_level=None))
            )
            other.execute(statement)
        else:
            import psycopg

            server = stack.enter_context(psycopg.connect(url))
            server.execute(statement.encode())
        yield


def impatient(command: list[str], url: str) -> Done:
    """The command in this process, which does not wait for half a minute."""
    with mock.patch.dict(open_ledger.__kwdefaults__, wait_seconds=WAIT):
        return here(*command, "--db", url)


def writers_lock(url: str) -> str:
    from landuse.ledger.engines import _LOCK

    return "BEGIN IMMEDIATE" if "://" not in url else f"SELECT pg_advisory_xact_lock({_LOCK})"


def test_who_writes_is_told_and_who_reads_is_not_held_up(filled: str, tmp_path: Path) -> None:
    book = str(tmp_path / "台账.xlsx")
    assert here("ledger", "export", book, "--db", filled).code == 0
    Edit(Path(book)).put("2026-001", 备注="新").save()
    import_ = ["ledger", "import", book, "--yes", "--by", "乙"]
    before = picture(filled)
    with held(filled, writers_lock(filled)):
        watched = run([*MOVE, "--db", filled], tmp_path, wait=WAIT)
        assert "write" not in {what for _, what in watched.steps}
        for done in (watched, impatient(OPEN, filled), impatient(import_, filled)):
            chinese_fault(done, "正被另一个程序占用", "没有保存")
            assert "geheim" not in done.complained
        assert here("ledger", "list", "--db", filled).code == 0
        assert here("ledger", "backup", str(tmp_path / "b.db"), "--db", filled).code == 0
        sound(filled)
        assert picture(filled) == before
    for command in (MOVE, OPEN):  # and afterwards it is free
        assert here(*command, "--db", filled).code == 0
    sound(filled)


def test_sqlite_whose_file_another_program_has_for_itself(tmp_path: Path) -> None:
    """In the classic journal (network drives) an exclusive lock keeps readers out too."""
    url = str(tmp_path / "landuse.db")
    with open_ledger(url) as ledger, ledger.write() as session:
        new_case(session)
    before = picture(url)
    with contextlib.closing(sqlite3.connect(url, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        for command in (MOVE, ["ledger", "totals"]):
            chinese_fault(impatient(command, url), "正被另一个程序占用", url)
    sound(url)
    assert picture(url) == before


def test_postgis_whose_table_an_administrator_has_locked(
    postgis_url: Callable[[], str], tmp_path: Path
) -> None:
    """As ALTER TABLE, VACUUM FULL or a restore do; then readers wait too, but not for ever."""
    url = postgis_url()
    with open_ledger(url) as ledger, ledger.write() as session:
        new_case(session)
    before = picture(url)
    with held(url, "LOCK TABLE landuse.cases IN ACCESS EXCLUSIVE MODE"):
        for command in (MOVE, ["ledger", "totals"], ["ledger", "verify"]):
            chinese_fault(impatient(command, url), "正被另一个程序占用")
    sound(url)
    assert picture(url) == before

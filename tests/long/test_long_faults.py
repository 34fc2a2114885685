"""The whole proof of faults: ``python -m pytest tests/long/test_long_faults.py -m long -s``.

Fifty kills of ``open``, ``import`` and ``advance`` on each database, two writers of 500 random
moves each on each database, ten times a server killed in the middle of a write, a lock that is
really waited for. What became of it all is printed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fault_desk import chinese_fault, picture, plain, sound
from fault_life import Life, Told, live, sample_run
from fault_pair import write_together
from fault_server import kill_in_writes
from ledger_acts import new_case
from ledger_databases import KINDS, cluster

from landuse.ledger import open_ledger

pytestmark = pytest.mark.long
LIVES, KILLS = 5, 10


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_run(tmp_path_factory.getbasetemp())


def _kind(url: str) -> str:
    return "postgis" if "://" in url else "sqlite"


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_fifty_moments(
    kind: str,
    postgis_url: Callable[[], str],
    tmp_path: Path,
    sample: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Five lives of ten kills each; each begins with the making of the ledger. Most kills fall
    between the first write and the commit."""
    told = Told()
    for number in range(LIVES):
        folder = tmp_path / f"life{number}"
        monkeypatch.setenv("HOME", str(folder / "home"))
        url = postgis_url() if kind == "postgis" else str(tmp_path / f"{number}.db")
        live(Life(url, folder, sample, told, seed=number, fresh=True), KILLS, number)
    print(f"\n{kind}: {told}")
    assert told.kills == LIVES * KILLS
    assert told.in_writing >= told.kills // 3, told


def test_two_writers_of_five_hundred_random_moves_each(ledger_url: str, tmp_path: Path) -> None:
    account = write_together(ledger_url, tmp_path, 500)
    print(f"\n{_kind(ledger_url)}: {dict(account)}")
    assert account["acknowledged"] + account["refused"] == 1000


def test_postgis_killed_ten_times_in_the_middle_of_a_write(
    postgis_url: Callable[[], str], tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    hits = kill_in_writes(cluster(), postgis_url(), tmp_path, sample, times=10, seed=1)
    print(f"\n{hits} of 10 commands lost their server")
    assert hits >= 4


def test_the_lock_is_waited_for_as_long_as_shipped(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url) as ledger:
        with ledger.write() as session:
            new_case(session)
        before = picture(ledger_url)
        with ledger.write():
            move = ["ledger", "note", "2026-001", "--notes", "新", "--by", "丙", "--db", ledger_url]
            chinese_fault(plain(move, tmp_path), "正被另一个程序占用")
    sound(ledger_url)
    assert picture(ledger_url) == before

"""Killed at any moment, a program leaves a sound ledger with all that it had acknowledged."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from fault_desk import settle
from ledger_acts import new_case, who

from landuse.ledger import Ledger, backup, copying, events, open_ledger, replay
from landuse.ledger.models import Case

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills as POSIX has them")
ROUNDS = 25


def _killed_after(seconds: float, work: object) -> None:
    """Run ``work`` in a child and kill it, if it is still there after ``seconds``."""
    child = os.fork()
    if child == 0:
        try:
            work()  # type: ignore[operator]
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_killed_while_it_writes(ledger: Ledger, tmp_path: Path) -> None:
    url = ledger.url.render_as_string(hide_password=False)
    with ledger.write() as session:
        key = new_case(session, notes="0").id
    ledger.close()  # a child must not share a connection
    acknowledged = tmp_path / "acknowledged"
    acknowledged.write_text("0\n")

    def work() -> None:
        with open_ledger(url) as mine, acknowledged.open("a", buffering=1) as told:
            for number in range(int(acknowledged.read_text().split()[-1]) + 1, 10**6):
                with mine.write() as session:
                    case = session.get_one(Case, key)
                    count = str(int(case.notes) + 1)
                    events.change(session, case, {"notes": count}, **who())
                    new = events.NewCase(
                        {"number": f"b{count}", "kind": "idle", "state": "found", "case_mu_e4": 1},
                        [{"parcel_id": f"b{count}"}],
                    )
                    events.create_cases(session, [new], **who())
                    events.add_part(session, case, {"way": "swap"}, **who())
                told.write(f"{count}\n")
                assert number

    rng = random.Random(20260301)
    for _ in range(ROUNDS):
        _killed_after(rng.uniform(0.02, 0.25), work)
        settle(url)
        promised = int(acknowledged.read_text().split()[-1])
        with open_ledger(url) as mine, mine.read() as session:
            assert not list(replay.differences(session))
            case = session.get_one(Case, key)
            assert int(case.notes) in {promised, promised + 1}  # the last may lack its receipt
            assert len(case.parts) == session.query(Case).count() - 1 == int(case.notes)
        mine.close()
        acknowledged.write_text(f"{case.notes}\n")
    assert int(acknowledged.read_text()) > 5


def test_killed_while_it_makes_the_ledger(ledger_url: str) -> None:
    def work() -> None:
        open_ledger(ledger_url).close()

    rng = random.Random(7)
    for _ in range(8):
        _killed_after(rng.uniform(0.0, 0.3), work)
    with open_ledger(ledger_url) as mine, mine.write() as session:
        new_case(session)


def test_killed_while_it_restores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger is then the old one or the restored one, never something between."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # the killed clean up nothing
    place, file = tmp_path / "a.db", tmp_path / "b.db"
    with open_ledger(tmp_path / "other.db") as other:
        with other.write() as session:
            for number in range(300):
                new_case(session, f"n{number}", notes="新" * 200)
        backup.backup(other, file)
        with other.read() as session:
            restored = copying.tallies(session.connection())
    with open_ledger(place) as mine:
        with mine.write() as session:
            for number in range(300):
                new_case(session, f"o{number}", notes="旧" * 200)
        with mine.read() as session:
            old = copying.tallies(session.connection())
    rng = random.Random(3)
    for _ in range(12):
        _killed_after(rng.uniform(0.0, 0.4), lambda: backup.restore(place, file))
        with open_ledger(place) as mine, mine.read() as session:
            assert copying.tallies(session.connection()) in (old, restored)
        with closing(sqlite3.connect(place)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

"""A PostgreSQL server that is killed in the middle of a write, and started again."""

from __future__ import annotations

import random
import shlex
import shutil
import threading
from pathlib import Path

from fault_desk import chinese_fault, here, picture, run, sound
from fault_life import another_run
from ledger_databases import Cluster

from landuse.ledger import open_ledger
from landuse.ledger.backup import backup

LOST = ("中断", "连不上")


def stop(server: Cluster) -> None:
    """As if the power went: no shutdown, no checkpoint."""
    server._as_owner("pg_ctl", "-D", server.data, "-m", "immediate", "-w", "stop")


def start(server: Cluster) -> None:
    """With the options that it had."""
    said = shlex.split((server.data / "postmaster.opts").read_text(encoding="utf-8"))
    options = [one for one in said[1:] if one not in {"-D", str(server.data)}]
    words = " ".join(shlex.quote(one) for one in options)
    log = server.root / "log"
    server._as_owner("pg_ctl", "-D", server.data, "-w", "-l", log, "-o", words, "start")


def kill_in_writes(
    server: Cluster, url: str, folder: Path, sample: Path, *, times: int, seed: int
) -> int:
    """Open a run after the other, the server killed at some moment of each; how often it hit.

    Asserted is that the command says so in words, that the ledger is sound after the server has
    started again, the act wholly there or wholly absent, and that the next command works.
    """
    dice = random.Random(seed)
    kept, hits, spent = picture(url), 0, 0.2
    for number in range(times):
        opening = ["ledger", "open", str(another_run(sample, folder, number + 1)), "--by", "甲"]
        after = in_peace(url, folder, opening)
        kill = threading.Timer(0 if number == 0 else dice.uniform(0, spent), stop, [server])
        try:
            done = run([*opening, "--db", url], folder, at_write=kill.start)
            kill.join()
            if number == 0:
                chinese_fault(here("ledger", "list", "--db", url), "连不上数据库服务器")
        finally:
            start(server)
        if done.code != 0:
            hits += 1
            chinese_fault(done)
            assert any(word in done.complained for word in LOST), done.complained
        assert "geheim" not in done.complained
        sound(url)
        assert picture(url) in ((after,) if done.code == 0 else (kept, after))
        if picture(url) != after:
            assert here(*opening, "--db", url).code == 0
        assert picture(url) == after
        sound(url)
        kept = after
    return hits


def in_peace(url: str, folder: Path, command: list[str]) -> dict[str, list[tuple[object, ...]]]:
    """What the command makes of a twin of the ledger."""
    twin = folder / "twin.db"
    if picture(url):
        with open_ledger(url) as ledger:
            backup(ledger, twin)
    assert here(*command, "--db", str(twin)).code == 0
    drawn = picture(str(twin))
    for one in folder.glob("twin.db*"):
        one.unlink()
    shutil.rmtree(folder / "backups", ignore_errors=True)
    return drawn

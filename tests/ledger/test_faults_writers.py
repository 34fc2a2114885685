"""Two writers at once, each in a process of its own: 50 random moves each.

Five hundred each are in ``tests/long``.
"""

from __future__ import annotations

from pathlib import Path

from fault_pair import write_together


def test_two_writers_of_fifty_random_moves_each(ledger_url: str, tmp_path: Path) -> None:
    account = write_together(ledger_url, tmp_path, 50)
    assert account["acknowledged"] + account["refused"] == 100
    assert min(account["acknowledged"], account["refused"]) > 20, account

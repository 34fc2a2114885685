"""Fifty reviewers at once, and a server killed twenty times, on each database.

``python -m pytest tests/long/test_long_reviews.py -m long -s``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from review_load import killed, large_project, together

pytestmark = pytest.mark.long
COPIES = 25


def _kind(url: str) -> str:
    return "postgis" if "://" in url else "sqlite"


def test_fifty_reviewers_decide_forty_times_at_once(ledger_url: str, tmp_path: Path) -> None:
    """Two thousand decisions on three hundred plots, half of them on five that are everybody's."""
    project = large_project(tmp_path / "县", COPIES)
    account = together(project, ledger_url, reviewers=50, decisions=40, copies=COPIES, seed=1)
    print(f"\n{_kind(ledger_url)}: {account}")
    assert len(account.kept) >= 1000


def test_a_server_killed_twenty_times_keeps_what_it_acknowledged(
    ledger_url: str, tmp_path: Path
) -> None:
    project = large_project(tmp_path / "县", COPIES)
    account = killed(project, ledger_url, times=20, reviewers=10, copies=COPIES, seed=2)
    print(f"\n{_kind(ledger_url)}: {account}")
    assert len(account.kept) >= 20

"""Many reviewers at once, and a server that is killed: a tenth of tests/long, on each database."""

from __future__ import annotations

from pathlib import Path

from review_load import killed, large_project, together

COPIES = 5


def test_decisions_at_once_are_all_kept_or_refused_in_words(
    ledger_url: str, tmp_path: Path
) -> None:
    """Ten reviewers, twenty decisions each, on sixty plots of which five are everybody's."""
    project = large_project(tmp_path / "县", COPIES)
    account = together(
        project, ledger_url, reviewers=10, decisions=20, copies=COPIES, seed=20260701
    )
    print(account)
    assert len(account.kept) >= 40
    assert sum(account.refused.values()) >= 10, "nobody met anybody"


def test_a_server_killed_while_it_writes_keeps_what_it_acknowledged(
    ledger_url: str, tmp_path: Path
) -> None:
    project = large_project(tmp_path / "县", COPIES)
    account = killed(project, ledger_url, times=2, reviewers=6, copies=COPIES, seed=20260702)
    print(account)
    assert len(account.kept) >= 2

"""``kill -9`` while ``open``, ``import`` and ``advance`` write: five moments on each database.

Fifty on each are in ``tests/long``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fault_life import Life, Told, live, sample_run


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_run(tmp_path_factory.getbasetemp())


def test_killed_at_five_moments(
    ledger_url: str, tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "life"
    monkeypatch.setenv("HOME", str(folder / "home"))
    told = Told()
    live(Life(ledger_url, folder, sample, told, seed=20260301, fresh=False), 5)
    assert told.in_writing >= 2, told

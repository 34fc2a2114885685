"""The long proofs: ``python -m pytest tests/long -m long``, each test by itself; times at the end.

They use what the tests of the ledger, of the pages and of the parts stand on.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ledger"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engines"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "real"))

from engine_desk import desk
from ledger_databases import ledger_url, postgis_url
from network import network

__all__ = ["desk", "ledger_url", "network", "postgis_url"]

_SPENT: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Seconds of a test, its fixtures included; kinds of one test together."""
    _SPENT[report.nodeid.partition("[")[0]] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each test took, the longest first."""
    for name, seconds in _SPENT.most_common():
        terminalreporter.write_line(f"{seconds:8.1f} s  {name}")
    terminalreporter.write_line(f"{sum(_SPENT.values()) / 60:8.1f} min together")

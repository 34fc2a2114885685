"""The long proofs use what the tests of the ledger and of the pages stand on."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ledger"))

from ledger_databases import ledger_url, postgis_url

__all__ = ["ledger_url", "postgis_url"]

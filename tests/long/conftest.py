"""The long proofs use what the tests of the ledger, of the pages and of the parts stand on."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ledger"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engines"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "real"))

from engine_desk import desk
from ledger_databases import ledger_url, postgis_url
from network import network

__all__ = ["desk", "ledger_url", "network", "postgis_url"]

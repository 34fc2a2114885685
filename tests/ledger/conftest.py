"""Every test of the ledger runs on SQLite and on PostGIS."""

from __future__ import annotations

from ledger_databases import ledger, ledger_url, postgis_url

__all__ = ["ledger", "ledger_url", "postgis_url"]

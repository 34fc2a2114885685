"""Opening a ledger: what every kind of database gives, and what it refuses."""

from __future__ import annotations

from landuse.ledger import Ledger


def test_opens(ledger: Ledger) -> None:
    with ledger.read() as session:
        assert session.connection().exec_driver_sql("select count(*) from cases").scalar() == 0

"""Idle land: the statutory tests of Order 53 of 2012 and their clock (method, section 7).

Takes the supply contracts and the parcels; gives one finding a contract and the land status of
every parcel (:func:`find_idle`). It suspects and proposes: only an authority determines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from landuse.issues import IssueLog
    from landuse.rules.model import Rules

__all__ = ["find_idle"]


def find_idle(
    supply: pd.DataFrame,
    parcels: pd.DataFrame,
    rules: Rules,
    as_of: dt.date,
    log: IssueLog,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a contract (IDLE) and one row a parcel (LAND_STATUS), as of the end of ``as_of``.

    ``supply`` and ``parcels`` are SUPPLY and PARCELS of the schema. What a contract lacks or
    contradicts goes to ``log``.
    """
    from landuse.idle.findings import contract_findings
    from landuse.idle.remarks import report
    from landuse.idle.status import parcel_status

    contracts = contract_findings(supply, parcels, rules, as_of)
    report(contracts, log)
    return contracts, parcel_status(contracts, parcels)

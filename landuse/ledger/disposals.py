"""Accepted parts of cases, as the reports about parks take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from landuse.ledger.models import Case
from landuse.schema.park_plots import DISPOSALS

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.orm import Session

__all__ = ["disposals", "plots_in_disposal"]


def disposals(session: Session, until: dt.date | None = None) -> pd.DataFrame:
    """DISPOSALS: the parts accepted up to ``until``, by case and part; removed cases are left out.

    A later case that names this one as its former is its relapse.
    """
    cases = _cases(session)
    later = {one.relapse_of: one.number for one in cases if one.relapse_of is not None}
    rows = [
        {
            "number": case.number,
            "part": part.seq,
            "parcel_ids": "; ".join(p.parcel_id for p in case.parcels if not p.removed),
            "park": case.park,
            "way": part.way,
            "accepted_on": pd.Timestamp(part.accepted_on),
            "mu_e4": part.mu_e4 or 0,
            "floor_m2_e2": part.floor_area_m2_e2 or 0,
            "receiving": part.receiving_enterprise,
            "relapsed_as": later.get(case.id, ""),
        }
        for case in cases
        for part in case.parts
        if not part.removed and part.accepted_on and (until is None or part.accepted_on <= until)
    ]
    if not rows:
        return DISPOSALS.empty()
    frame = pd.DataFrame(rows).sort_values(["number", "part"], ignore_index=True)
    text = {c.name: "str" for c in DISPOSALS if c.dtype == "text"}
    frame = frame.astype({**text, "accepted_on": "datetime64[s]"})
    return DISPOSALS.check(frame[DISPOSALS.names])


def plots_in_disposal(session: Session) -> pd.DataFrame:
    """``parcel_id`` and ``case_number`` of every plot of an open case, by parcel."""
    rows = [
        (parcel.parcel_id, case.number)
        for case in _cases(session)
        if case.is_open
        for parcel in case.parcels
        if not parcel.removed
    ]
    return pd.DataFrame(sorted(rows), columns=["parcel_id", "case_number"], dtype="str")


def _cases(session: Session) -> list[Case]:
    wanted = select(Case).where(Case.state != "removed").order_by(Case.id)
    loaded = wanted.options(selectinload(Case.parcels), selectinload(Case.parts))
    return list(session.scalars(loaded))

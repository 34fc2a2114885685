"""Small cases that tests of the ledger's core begin with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import shapely
from sqlalchemy.orm import Session

from landuse.ledger import events
from landuse.ledger.models import Case

AT = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
SQUARE = shapely.set_srid(shapely.box(500000, 3300000, 500100, 3300200), 4549)


def later(minutes: int) -> dt.datetime:
    return AT + dt.timedelta(minutes=minutes)


def who(by: str = "张三", minutes: int = 0, why: str = "") -> dict[str, Any]:
    return {"by": by, "at": later(minutes), "why": why}


def new_case(session: Session, number: str = "2026-001", **values: Any) -> Case:
    """A case of 12.5 mu on one parcel that bears the case's number."""
    parcels = values.pop("parcels", [{"parcel_id": f"P-{number}", "geometry": SQUARE}])
    fields = {"number": number, "kind": "idle", "state": "found", "case_mu_e4": 125_000}
    return events.create_case(session, {**fields, **values}, parcels, **who(why="建账"))


def refused(work: Callable[[], object]) -> list[str]:
    """The codes with which ``work`` is refused."""
    from landuse.errors import LanduseError

    try:
        work()
    except LanduseError as fault:
        return [issue.code for issue in fault.issues]
    raise AssertionError("not refused")

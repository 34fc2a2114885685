"""Words and steps that the tests of cases share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import cases, parts
from landuse.ledger.cases import CaseForm, ParcelForm
from landuse.ledger.models import Case, Finding, Run
from landuse.scaled import FLOOR_M2, MU, parse

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
WHO: dict[str, Any] = {"by": "王工", "at": NOW}
GIVEN: dict[str, dict[str, Any]] = {
    "suspected": {"survey_note": "现场停产"},
    "publicised": {
        "publication_from": date(2026, 3, 1),
        "publication_to": date(2026, 3, 8),
    },
    "objected": {"objection": "面积有误"},
    "confirmed": {"document": "认定书〔2026〕1号"},
    "planned": {
        "way": "buy_back",
        "responsible_unit": "经开区",
        "responsible_person": "李明",
        "deadline": date(2026, 12, 31),
    },
    "in_disposal": {"started_on": date(2026, 2, 1)},
    "closed": {"accepted_on": date(2026, 2, 20)},
}
"""What each move needs, beside the mu of the parts."""
ROAD = (
    "suspected", "publicised", "confirmed", "planned", "in_disposal", "awaiting_acceptance",
    "closed",
)  # fmt: skip


def mu(written: str) -> int:
    return parse(written, MU)


def floor(written: str) -> int:
    return parse(written, FLOOR_M2)


def later(days: int) -> dict[str, Any]:
    return {"by": "王工", "at": NOW + timedelta(days=days)}


def opened(session: Session, parcel: str = "P1", area: str = "50", **fields: Any) -> Case:
    form = CaseForm(
        kind=fields.pop("kind", "low_efficiency"),
        parcels=fields.pop("parcels", (ParcelForm(parcel),)),
        mu_e4=mu(area),
        **fields,
    )
    return cases.open_case(session, form, **WHO)


def brought(session: Session, case: Case, to: str, area: str = "50", **given: Any) -> Case:
    """The case after the straight road to a state, disposing ``area`` on the way."""
    for state in ROAD[: ROAD.index(to) + 1]:
        needs = {**GIVEN.get(state, {})}
        if state == "awaiting_acceptance":
            needs["disposed_mu_e4"] = mu(area)
        cases.advance(session, case, state, **WHO, **{**needs, **(given if state == to else {})})
    return case


def disposed(session: Session, case: Case, area: str, floor_area: str = "", **fields: Any) -> int:
    fields = {"way": "lease_convert", "started_on": date(2026, 2, 1), **fields}
    added = parts.dispose(
        session,
        case,
        mu_e4=mu(area),
        floor_area_m2_e2=floor(floor_area) if floor_area else None,
        **WHO,
        **fields,
    )
    return added.seq


def run(session: Session, run_id: str = "r1", as_of: date = date(2026, 2, 28)) -> Run:
    row = Run(
        run_id=run_id,
        as_of=as_of,
        year=2025,
        pack="three-indicator",
        pack_version="1",
        rules_digest="0" * 64,
        inputs_json={},
        totals_json={},
        recorded_at=NOW,
        recorded_by="王工",
    )
    session.add(row)
    session.flush()
    return row


def found(session: Session, of: Run, parcel: str, kind: str = "idle", **detail: Any) -> None:
    session.add(
        Finding(
            run_id=of.id,
            kind=kind,
            parcel_id=parcel,
            mu_e4=mu("50"),
            enterprises_json=[],
            detail_json=detail,
        )
    )
    session.flush()


def idle(session: Session, of: Run, parcel: str, **detail: Any) -> None:
    """A not-started parcel, the enterprise's fault, one year full on 2025-06-01."""
    usual = {
        "finding": "not_started",
        "cause": "enterprise",
        "one_year_on": "2025-06-01",
        "two_years_on": "2026-06-01",
        "late_delivery": False,
        "collective": False,
    }
    found(session, of, parcel, **{**usual, **detail})


def codes(fault: UserError) -> list[str]:
    return [issue.code.partition(".")[2] for issue in fault.issues]

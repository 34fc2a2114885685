"""A run with findings, and reviewers who decide on its plots."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from case_life import found, mu, run
from sqlalchemy.orm import Session

from landuse.ledger import verdicts
from landuse.ledger.models import Run
from landuse.ledger.verdicts import PlotFacts, ReviewLine

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
PUBLISHED = {"publication_from": date(2026, 3, 2), "publication_to": date(2026, 3, 9)}
PAPERS = {"deciding_authority": "县自然资源局", "document": "认定书〔2026〕1号"}
SEEN = PlotFacts("low_efficiency", mu("12.34"), "甲厂", "东园", "城关镇")
"""A plot on which the run found nothing."""


def a_run(session: Session, *parcels: str, kind: str = "low_efficiency") -> Run:
    """The run ``r1`` with a finding of 50 mu on each parcel."""
    row = run(session)
    for parcel in parcels:
        found(session, row, parcel, kind)
    return row


def decide(
    session: Session, parcel: str, verdict: str, comment: str = "", minutes: int = 0, **more: Any
) -> ReviewLine:
    usual = {"by": "李评", "at": AT + timedelta(minutes=minutes), "expected_revision": None}
    return verdicts.record(session, "r1", parcel, verdict, comment=comment, **{**usual, **more})


def take_back(session: Session, line: ReviewLine, minutes: int = 30, **more: Any) -> ReviewLine:
    usual = {"by": "王评", "at": AT + timedelta(minutes=minutes), "why": "按错了"}
    return verdicts.undo(session, line.id, **{**usual, **more})

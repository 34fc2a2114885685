"""What opens a case for a plot: the findings of the run, or what the page knows of the plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from landuse.ledger.findings import FINDING_COLUMNS
from landuse.ledger.models import Finding, Run
from landuse.ledger.proposing import proposal_of
from landuse.ledger.runs import find_run

if TYPE_CHECKING:
    import datetime as dt

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

__all__ = ["PlotFacts", "facts_of_plot"]


@dataclass(frozen=True, slots=True)
class PlotFacts:
    """A plot as a case needs it: kind of case, mu × 10⁴ (flagged mu, or the accounting area).

    ``is_found`` says whether the run found something on it: then its case begins as suspected,
    else by hand as found. ``as_of`` is the day of the run. Where the run is in the ledger, its
    findings there count and not these.
    """

    kind: str
    mu_e4: int
    enterprises: str = ""
    park: str = ""
    township: str = ""
    geometry: BaseGeometry | None = None
    is_found: bool = False
    as_of: dt.date | None = None


def facts_of_plot(
    session: Session, run_id: str, parcel_id: str, given: PlotFacts | None
) -> PlotFacts | None:
    """The facts by the recorded run, else ``given``; ``None`` where neither knows the plot."""
    run = find_run(session, run_id)
    if run is None:
        return given
    recorded = _recorded(session, run, parcel_id)
    if recorded is not None or given is None:
        return recorded
    return PlotFacts(
        given.kind, given.mu_e4, given.enterprises, given.park, given.township, given.geometry,
        is_found=False, as_of=run.as_of,
    )  # fmt: skip


def _recorded(session: Session, run: Run, parcel_id: str) -> PlotFacts | None:
    columns = [getattr(Finding, name) for name in FINDING_COLUMNS]
    query = select(*columns).where(Finding.run_id == run.id, Finding.parcel_id == parcel_id)
    rows = session.execute(query.order_by(Finding.kind))
    found = {row.kind: dict(zip(FINDING_COLUMNS, row, strict=True)) for row in rows}
    if not found:
        return None
    one = proposal_of(parcel_id, found)
    return PlotFacts(
        one.kind, one.mu_e4, one.original_enterprises, one.park, one.township, one.geometry,
        is_found=True, as_of=run.as_of,
    )  # fmt: skip

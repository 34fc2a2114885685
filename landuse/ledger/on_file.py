"""What the ledger has on file: every case, its papers, corrections with their evidence, findings.

Plain frames of :mod:`landuse.schema.park_firms`, each read in one query.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from sqlalchemy import select

from landuse.ledger.days import day_of
from landuse.ledger.models import Case, CaseParcel, Correction, Document, Finding, Part, Run
from landuse.ledger.runs import kinds_looked_for
from landuse.schema.park_firms import CASE_EVIDENCE, CASE_FINDINGS, CASE_PAPERS, FIRM_CASES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from landuse.schema.frame import Table

__all__ = ["cases_on_file", "evidence_on_file", "findings_on_file", "papers_on_file"]

_BATCH: Final = 500
_CASE: Final = {
    "number": "number", "kind": "kind", "state": "state", "is_open": "is_open", "park": "park",
    "original_enterprises": "enterprises", "case_mu_e4": "mu_e4", "accepted_on": "accepted_on",
}  # fmt: skip
"""Column of a case → of FIRM_CASES."""


def _framed(rows: list[dict[str, Any]], table: Table) -> pd.DataFrame:
    empty = table.empty()
    if not rows:
        return empty
    frame = pd.DataFrame(rows, columns=table.names)
    dates = [column.name for column in table if column.dtype == "date"]
    frame = frame.assign(**{name: pd.to_datetime(frame[name]) for name in dates})
    return table.check(frame.astype(empty.dtypes.to_dict()))


def cases_on_file(session: Session) -> pd.DataFrame:
    """FIRM_CASES: every case in the order of their opening, closed and removed ones too."""
    columns = [getattr(Case, name) for name in _CASE]
    query = select(Case.id, *columns, Case.opened_at).order_by(Case.id)
    rows: dict[int, dict[str, Any]] = {}
    for key, *values, opened_at in session.execute(query):
        own = dict(zip(_CASE.values(), values, strict=True))
        rows[key] = {**own, "opened_on": day_of(opened_at), "parcel_ids": "", "receiving": "",
                     "accepted_mu_e4": 0}  # fmt: skip
    held = select(CaseParcel.case_id, CaseParcel.parcel_id).where(CaseParcel.removed.is_(False))
    for key, parcel in session.execute(held.order_by(CaseParcel.case_id, CaseParcel.seq)):
        rows[key]["parcel_ids"] = _listed(rows[key]["parcel_ids"], parcel)
    parts = select(Part.case_id, Part.receiving_enterprise, Part.mu_e4, Part.accepted_on)
    live = parts.where(Part.removed.is_(False)).order_by(Part.case_id, Part.seq)
    for key, receiving, mu, accepted_on in session.execute(live):
        rows[key]["receiving"] = _listed(rows[key]["receiving"], receiving)
        rows[key]["accepted_mu_e4"] += (mu or 0) if accepted_on is not None else 0
    return _framed(list(rows.values()), FIRM_CASES)


def _listed(listed: str, name: str) -> str:
    if not name or name in listed.split("; "):
        return listed
    return f"{listed}; {name}" if listed else name


def papers_on_file(session: Session) -> pd.DataFrame:
    """CASE_PAPERS: every document of every case, by case and number; not withdrawn ones."""
    columns = [getattr(Document, name) for name in CASE_PAPERS.names if name != "number"]
    query = (
        select(Case.number, *columns)
        .join(Case, Case.id == Document.case_id)
        .where(Document.removed.is_(False))
        .order_by(Case.id, Document.seq)
    )
    return _framed([dict(row) for row in session.execute(query).mappings()], CASE_PAPERS)


def evidence_on_file(session: Session) -> pd.DataFrame:
    """CASE_EVIDENCE: every proposed correction and objection, by number."""
    own = ("table_name", "key", "column", "old", "new", "reason", "status", "evidence_name",
           "evidence_sha256")  # fmt: skip
    columns = [getattr(Correction, name) for name in own]
    query = (
        select(Correction.id.label("seq"), Case.number, *columns)
        .outerjoin(Case, Case.id == Correction.case_id)
        .order_by(Correction.id)
    )
    found = session.execute(query).mappings()
    rows = [{**row, "number": row["number"] or ""} for row in found]
    return _framed(rows, CASE_EVIDENCE)


def findings_on_file(session: Session, parcels: Iterable[str]) -> pd.DataFrame:
    """CASE_FINDINGS: what every recorded run says of ``parcels``, by day of the run and parcel.

    A plot on which a run found nothing has a blank finding, if the run looked for both kinds.
    """
    wanted = sorted(set(parcels))
    found: dict[tuple[int, str], set[str]] = {}
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        query = select(Finding.run_id, Finding.parcel_id, Finding.kind)
        for run, parcel, kind in session.execute(query.where(Finding.parcel_id.in_(some))):
            found.setdefault((run, parcel), set()).add(kind)
    rows = []
    for one in session.scalars(select(Run).order_by(Run.as_of, Run.id)) if wanted else ():
        whole = kinds_looked_for(one) >= {"low_efficiency", "idle"}
        for parcel in wanted:
            kinds = found.get((one.id, parcel), set())
            if kinds or whole:
                finding = "both" if len(kinds) > 1 else next(iter(kinds), "")
                rows.append(
                    {"run_id": one.run_id, "year": one.year, "as_of": one.as_of,
                     "parcel_id": parcel, "finding": finding}
                )  # fmt: skip
    return _framed(rows, CASE_FINDINGS)

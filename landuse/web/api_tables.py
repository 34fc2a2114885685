"""Frames, rows and lines of the rooms below as the API's answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse.ledger.states import allowed
from landuse.scaled import FLOOR_M2, MU, to_text
from landuse.web.api_answers import CaseOfPlot, IndicatorOut, PlotRow, ProposalOut, ReviewOut
from landuse.web.api_ledger_answers import (
    CaseOut,
    CaseRow,
    DocumentOut,
    LedgerTotals,
    MeetingOut,
    ObjectionOut,
    ParcelOut,
    PartOut,
)
from landuse.web.api_problems import fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.ledger.meetings import MeetingLine
    from landuse.ledger.models import Case, Correction
    from landuse.ledger.reading import Line
    from landuse.ledger.reviews import ReviewLine
    from landuse.ledger.verdicts import Proposal
    from landuse.rules.model import Indicator

__all__ = [
    "case",
    "case_row",
    "indicator",
    "ledger_totals",
    "meeting",
    "objection",
    "plots",
    "proposal",
    "records",
    "review",
]

_BETWEEN: Final = "; "
_CASE: Final = (
    "number", "kind", "state", "previous_state", "is_open", "revision", "park", "township",
    "address", "responsible_unit", "responsible_person", "deadline", "progress", "issue_type",
    "problems", "notes", "publication_from", "publication_to", "accepted_on", "opened_at",
    "opened_by",
)  # fmt: skip


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a published table; what is missing is ``null``, days are ISO text."""
    plain = frame.drop(columns="geometry", errors="ignore")
    return [
        {str(name): _value(value) for name, value in row.items()}
        for row in plain.to_dict("records")
    ]


def _value(value: object) -> Any:  # noqa: ANN401 - what JSON can hold
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def indicator(one: Indicator) -> IndicatorOut:
    """An indicator of a pack."""
    return IndicatorOut(
        key=one.key,
        title={"zh": one.title_zh, "en": one.title_en},
        unit={"zh": one.unit_zh, "en": one.unit_en},
    )


def plots(rows: pd.DataFrame, indicators: Sequence[str]) -> list[PlotRow]:
    """Rows of a :class:`~landuse.publish.plots.PlotTable`."""
    return [_plot(row, indicators) for row in records(rows)]


def _plot(row: dict[str, Any], indicators: Sequence[str]) -> PlotRow:
    lists = {name: _parts(row[name]) for name in ("contracts", "flips_under")}
    figures = {key: row[key] for key in indicators}
    return PlotRow.model_validate({**row, **lists, "indicators": figures, "case": _case(row)})


def _parts(written: str) -> list[str]:
    return [part for part in written.split(_BETWEEN) if part]


def _case(row: dict[str, Any]) -> CaseOfPlot | None:
    if not row["case_number"]:
        return None
    return CaseOfPlot(
        number=row["case_number"],
        kind=row["case_kind"],
        state=row["case_state"],
        revision=row["case_revision"],
        is_open=row["case_open"],
        accepted_on=row["accepted_on"],
        accepted_mu=row["accepted_mu"] or 0.0,
    )


def proposal(one: Proposal) -> ProposalOut:
    """What a verdict would do."""
    return ProposalOut(
        verdict=one.verdict,
        number=one.number,
        revision=one.revision,
        opens_case=one.opens_case,
        opens_in=one.opens_in,
        from_state=one.from_state,
        to_state=one.to_state,
        needs=list(one.needs),
        refused=None if one.refused is None else fault(one.refused),  # type: ignore[arg-type]
    )


def review(line: ReviewLine) -> ReviewOut:
    """A verdict."""
    return ReviewOut.model_validate({**asdict(line), "mu": to_text(line.mu_e4, MU)})


def case_row(line: Line) -> CaseRow:
    """A case in a list."""
    return CaseRow(
        number=line.number,
        kind=line.kind,
        state=line.state,
        revision=line.revision,
        enterprises=line.enterprises,
        park=line.park,
        mu=to_text(line.mu_e4, MU),
        disposed_mu=to_text(line.disposed_mu_e4, MU),
        accepted_mu=to_text(line.accepted_mu_e4, MU),
        remaining_mu=to_text(line.remaining_mu_e4, MU),
        responsible_unit=line.unit,
        responsible_person=line.person,
        deadline=line.deadline,
        parcels=line.parcels,
        ways=line.ways,
    )


def case(row: Case) -> CaseOut:
    """A case whole; its session is still open."""
    parts = [one for one in row.parts if not one.removed]
    return CaseOut(
        **{name: getattr(row, name) for name in _CASE},
        allowed=list(allowed(row.state, row.previous_state)),
        enterprises=row.original_enterprises,
        mu=to_text(row.case_mu_e4, MU),
        remaining_mu=to_text(row.case_mu_e4 - sum(one.mu_e4 or 0 for one in parts), MU),
        floor_area_m2=to_text(row.floor_area_m2_e2, FLOOR_M2),
        parcels=[
            ParcelOut(
                parcel_id=one.parcel_id,
                previously_part_of=one.previously_part_of or "",
                is_found=one.is_found,
            )
            for one in row.parcels
            if not one.removed
        ],
        parts=[
            PartOut(
                seq=one.seq,
                way=one.way,
                mu=to_text(one.mu_e4, MU),
                floor_area_m2=to_text(one.floor_area_m2_e2, FLOOR_M2),
                receiving_enterprise=one.receiving_enterprise,
                started_on=one.started_on,
                accepted_on=one.accepted_on,
            )
            for one in parts
        ],
        documents=[
            DocumentOut.model_validate(one, from_attributes=True)
            for one in row.documents
            if not one.removed
        ],
    )


def ledger_totals(found: dict[str, Any]) -> LedgerTotals:
    """:func:`landuse.ledger.totals.totals` with its areas as text."""
    groups = ("by_state", "by_kind", "by_park", "by_way")
    return LedgerTotals(
        cases=found["cases"],
        mu=to_text(found["mu_e4"], MU),
        headline=_amounts(found["headline"]),
        **{group: {key: _amounts(sums) for key, sums in found[group].items()} for group in groups},
    )


def _amounts(sums: dict[str, int]) -> dict[str, int | str]:
    said: dict[str, int | str] = {}
    for name, value in sums.items():
        if name.endswith("_e4"):
            said[name.removesuffix("_e4")] = to_text(value, MU)
        elif name.endswith("_e2"):
            said[name.removesuffix("_e2")] = to_text(value, FLOOR_M2)
        else:
            said[name] = value
    return said


def objection(row: Correction, number: str) -> ObjectionOut:
    """An objection with the number of its case."""
    names = ("id", "key", "column", "old", "new", "reason", "evidence_name", "evidence_sha256",
             "by", "at", "status", "decided_by", "decided_at")  # fmt: skip
    said = {name: getattr(row, name) for name in names}
    return ObjectionOut(case=number, table=row.table_name, **said)


def meeting(line: MeetingLine) -> MeetingOut:
    """A meeting."""
    return MeetingOut.model_validate({**asdict(line), "filter": line.filter_query})

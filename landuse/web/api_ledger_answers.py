"""What the API gives of the ledger: cases, totals, objections, meetings. Areas are text."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from landuse.web.api_answers import ReviewOut

__all__ = [
    "ActOut",
    "CaseOut",
    "CasePage",
    "CaseRow",
    "LedgerTotals",
    "MeetingOut",
    "MinutesOut",
    "MinutesRowOut",
    "ObjectionOut",
    "OpenedOut",
    "VerdictSumOut",
]


class CaseRow(BaseModel):
    """A case in a list."""

    number: str
    kind: str
    state: str
    revision: int
    enterprises: str
    park: str
    mu: str
    disposed_mu: str
    accepted_mu: str
    remaining_mu: str
    responsible_unit: str
    responsible_person: str
    deadline: date | None
    parcels: list[str]
    ways: list[str]


class CasePage(BaseModel):
    """Some of the wanted cases in the order of their opening; ``total`` are all of them."""

    total: int
    offset: int
    limit: int
    items: list[CaseRow]


class OpenedOut(BaseModel):
    """What opening the cases of a run did: numbers of the new ones, and how many plots the run
    found; the others have or had a case already, or are left to another track."""

    numbers: list[str]
    found: int


class ParcelOut(BaseModel):
    """A parcel of a case; ``is_found``: by the last run."""

    parcel_id: str
    previously_part_of: str
    is_found: bool


class PartOut(BaseModel):
    """A part of a case."""

    seq: int
    way: str
    mu: str
    floor_area_m2: str
    receiving_enterprise: str
    started_on: date | None
    accepted_on: date | None


class DocumentOut(BaseModel):
    """A document of a case; the file itself is not kept."""

    seq: int
    name: str
    kind: str
    dated: date | None
    deadline: date | None
    served_on: date | None
    sha256: str


class CaseOut(BaseModel):
    """A case whole; ``allowed`` are the states that it may go to now."""

    number: str
    kind: str
    state: str
    previous_state: str
    allowed: list[str]
    is_open: bool
    revision: int
    enterprises: str
    mu: str
    remaining_mu: str
    floor_area_m2: str
    park: str
    township: str
    address: str
    responsible_unit: str
    responsible_person: str
    deadline: date | None
    progress: str
    issue_type: str
    problems: str
    notes: str
    publication_from: date | None
    publication_to: date | None
    accepted_on: date | None
    opened_at: datetime
    opened_by: str
    parcels: list[ParcelOut]
    parts: list[PartOut]
    documents: list[DocumentOut]


class ActOut(BaseModel):
    """One act on a case: ``event_id`` is what an undo of it names."""

    event_id: int
    revision: int
    at: datetime
    by: str
    why: str
    undone: bool
    text: dict[str, str]


class LedgerTotals(BaseModel):
    """What the ledger adds up to; areas are text. Removed cases are in all but ``headline``."""

    cases: int
    mu: str
    headline: dict[str, int | str]
    by_state: dict[str, dict[str, int | str]]
    by_kind: dict[str, dict[str, int | str]]
    by_park: dict[str, dict[str, int | str]]
    by_way: dict[str, dict[str, int | str]]


class ObjectionOut(BaseModel):
    """An objection and what became of it."""

    id: int
    case: str
    table: str
    key: str
    column: str
    old: str
    new: str
    reason: str
    evidence_name: str
    evidence_sha256: str
    by: str
    at: datetime
    status: str
    decided_by: str
    decided_at: datetime | None


class MeetingOut(BaseModel):
    """A meeting; ``closed_at`` is ``null`` while it is open."""

    number: str
    title: str
    run_id: str
    filter: str
    agenda: list[str]
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str


class MinutesRowOut(BaseModel):
    """A verdict of a meeting; ``stands``: not undone before the meeting closed."""

    review: ReviewOut
    on_agenda: bool
    stands: bool
    undone_later: bool


class VerdictSumOut(BaseModel):
    """Plots, cases and mu under a verdict; blank is the whole meeting."""

    verdict: str
    plots: int
    cases: int
    mu: str


class MinutesOut(BaseModel):
    """The minutes of a meeting as data."""

    meeting: MeetingOut
    rows: list[MinutesRowOut]
    sums: list[VerdictSumOut]
    whole: VerdictSumOut
    undecided: list[str]

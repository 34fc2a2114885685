"""What the API gives. Areas of the ledger are text, exactly as it states them; those of a run are
the published numbers of its tables. States, verdicts, classes and ways are codes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

__all__ = [
    "ChangeOut",
    "ChangesOut",
    "PlotCard",
    "PlotPage",
    "PlotRow",
    "Problem",
    "ProposalOut",
    "ReviewOut",
    "RunDetail",
    "RunOut",
    "RunTotals",
]


class Fault(BaseModel):
    """One fault; ``message``, ``hint`` and ``place`` are in ``zh`` and ``en``."""

    code: str
    key: str
    column: str
    message: dict[str, str]
    hint: dict[str, str]
    place: dict[str, str]


class Problem(BaseModel):
    """A refusal (RFC 9457): ``code`` and ``detail`` are those of the first of ``errors``."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault]


class RunOut(BaseModel):
    """A run that can be looked at, as :class:`landuse.pipeline.site.SiteRun` has it."""

    run_id: str
    name: str
    year: int
    as_of: date
    graded: bool
    plots: int


class IndicatorOut(BaseModel):
    """An indicator of the rule pack by which plots can be filtered."""

    key: str
    title: dict[str, str]
    unit: dict[str, str]


class RunDetail(RunOut):
    """A run with what it was graded by."""

    crs: str
    pack: str
    pack_version: str
    indicators: list[IndicatorOut]
    measures: list[str]


class CaseOfPlot(BaseModel):
    """The latest case of a plot."""

    number: str
    kind: str
    state: str
    revision: int
    is_open: bool
    accepted_on: date | None
    accepted_mu: float


class PlotRow(BaseModel):
    """A plot with the figures of its main user; ``None`` where there is no figure."""

    parcel_id: str
    park: str
    park_type: str
    township: str
    holder: str
    land_class: str
    run_class: str
    accounting_area_mu: float | None
    flagged_area_mu: float | None
    is_low_efficiency: bool
    is_idle: bool
    enterprise_count: int
    contracts: list[str]
    main_uscc: str
    main_name: str
    industry_code: str
    division: str
    cohort: str
    status: str
    score: float | None
    rank: int | None
    cohort_size: int | None
    cutoff_score: float | None
    margin: float | None
    firmness: float | None
    flips_under: list[str]
    is_tied: bool
    indicators: dict[str, float | None]
    case: CaseOfPlot | None


class PlotPage(BaseModel):
    """Some of the plots that pass the filter, in the order of their codes; ``total`` are all."""

    total: int
    offset: int
    limit: int
    items: list[PlotRow]


class Sum(BaseModel):
    """So many plots, so many mu."""

    count: int
    mu: float


class RevitalisedSum(BaseModel):
    """Accepted parts of cases."""

    cases: int
    mu: float
    floor_m2: float


class RunTotals(BaseModel):
    """What the plots that pass the filter add up to."""

    classes: dict[str, Sum]
    total: Sum
    low_efficiency: Sum
    idle: Sum
    revitalised: RevitalisedSum


class ProposalOut(BaseModel):
    """What a verdict would do now, and which fields it needs; ``refused`` says why it cannot."""

    verdict: str
    number: str
    revision: int
    opens_case: bool
    opens_in: str
    from_state: str
    to_state: str
    needs: list[str]
    refused: Fault | None


class ReviewOut(BaseModel):
    """A verdict, or the undo of one, as it stands in the ledger."""

    id: int
    run_id: str
    parcel_id: str
    number: str
    verdict: str
    comment: str
    deciding_authority: str
    by: str
    at: datetime
    meeting: str
    opened_case: bool
    from_state: str
    to_state: str
    revision: int
    mu: str
    enterprises: str
    undo_of: int | None
    undone_by: str
    undone_at: datetime | None


class PlotCard(BaseModel):
    """All that is known of a plot.

    ``users`` are its enterprises (figures of the run), ``indicators`` their figures beside the
    benchmarks, ``idle`` its contracts, ``evidence`` what images show, ``history`` the newest acts
    of its case, ``proposals`` what each verdict would do.
    """

    plot: PlotRow
    users: list[dict[str, Any]]
    indicators: list[dict[str, Any]]
    idle: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    history: list[dict[str, str]]
    reviews: list[ReviewOut]
    proposals: list[ProposalOut]


class ChangeOut(BaseModel):
    """One act on a case, and where the case stands now."""

    event_id: int
    parcel_ids: list[str]
    number: str
    state: str
    revision: int
    by: str
    at: datetime
    text: dict[str, str]


class ChangesOut(BaseModel):
    """``newest`` is where to ask from the next time; who gets 200 changes reads all anew."""

    newest: int
    changes: list[ChangeOut]

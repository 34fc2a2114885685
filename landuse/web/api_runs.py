"""The API's runs and plots: lists by the filter of the map, one plot with all that is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import FileResponse, Response

from landuse.ledger.plot_cases import plot_cases
from landuse.ledger.reviews import reviews_of
from landuse.ledger.verdicts import VERDICTS, proposal
from landuse.pipeline.review import plot_facts
from landuse.schema.plot_filter import SCORE, PlotFilter
from landuse.web import api_tables as tables_as
from landuse.web.api_answers import PlotCard, PlotPage, ProposalOut, RunDetail, RunOut, RunTotals
from landuse.web.api_auth import PREFIX, Reader
from landuse.web.api_models import Code, Name, State, VerdictCode
from landuse.web.deck import deck_of
from landuse.web.errors import Refused
from landuse.web.review_pages import book

if TYPE_CHECKING:
    from landuse.pipeline.site import Site, SiteRun
    from landuse.web.settings import User

__all__ = ["Limit", "Offset", "router"]

router: Final = APIRouter(prefix=PREFIX, tags=["runs"])
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=2**53)]
LandClass = Literal[
    "revitalised", "both", "idle", "low_efficiency", "no_enterprise", "normal", "not_graded",
    "out_of_scope",
]  # fmt: skip
Number = Annotated[float | None, Query(allow_inf_nan=False)]


def _filter(
    request: Request,
    q: Annotated[Name, Query(description="part of a code, name, park, contract or case")] = "",
    land_class: Annotated[list[LandClass], Query(alias="class")] = [],  # noqa: B006 - FastAPI copies
    state: Annotated[list[Literal[State, "none"]], Query()] = [],  # noqa: B006
    industry: Annotated[list[Name], Query(description="divisions of two digits; none")] = [],  # noqa: B006
    park: Annotated[list[Name], Query(description="names; none")] = [],  # noqa: B006
    indicator: Annotated[Name, Query(description="an indicator of the pack, or score")] = "",
    least: Annotated[Number, Query(alias="min")] = None,
    most: Annotated[Number, Query(alias="max")] = None,
) -> PlotFilter:
    """The filter of the address, as the map and the pages have it."""
    del q, land_class, state, industry, park, indicator, least, most  # told to readers and checked
    return PlotFilter.from_query(request.query_params.multi_items())


Filter = Annotated[PlotFilter, Depends(_filter)]


@router.get("/runs")
def runs(request: Request, user: Reader) -> list[RunOut]:
    """Every run, the newest first."""
    del user
    return [_run(one) for one in deck_of(request).site.runs()]


def _run(run: SiteRun) -> RunOut:
    return RunOut.model_validate(run, from_attributes=True)


@router.get("/runs/{run_id}")
def run(request: Request, run_id: Code, user: Reader) -> RunDetail:
    """A run with what it was graded by."""
    del user
    site = deck_of(request).site
    found = site.run(run_id)
    tables = site.tables(run_id)
    pack = tables.manifest["rules"]
    return RunDetail(
        **_run(found).model_dump(),
        crs=tables.crs,
        pack=str(pack["pack"]),
        pack_version=str(pack["version"]),
        indicators=[tables_as.indicator(one) for one in tables.rules.indicators],
        measures=[*(one.key for one in tables.rules.indicators), SCORE],
    )


@router.get("/runs/{run_id}/totals")
def totals(request: Request, run_id: Code, user: Reader, wish: Filter) -> RunTotals:
    """What the plots that pass the filter add up to, as the legend shows it."""
    del user
    table = deck_of(request).site.plots(run_id)
    return RunTotals.model_validate(table.totals(table.filter(wish)))


@router.get("/runs/{run_id}/plots")
def plots(
    request: Request,
    run_id: Code,
    user: Reader,
    wish: Filter,
    limit: Limit = 100,
    offset: Offset = 0,
) -> PlotPage:
    """The plots that pass the filter, page by page."""
    del user
    table = deck_of(request).site.plots(run_id)
    passed = table.rows[table.filter(wish)]
    keys = [one.key for one in table.rules.indicators]
    items = tables_as.plots(passed.iloc[offset : offset + limit], keys)
    return PlotPage(total=len(passed), offset=offset, limit=limit, items=items)


@router.get("/runs/{run_id}/plots/xlsx", response_class=FileResponse)
def workbook(request: Request, run_id: Code, user: Reader, wish: Filter) -> Response:
    """The plots that pass the filter as a workbook, the one that the page gives."""
    del user, wish
    return book(request, run_id)


@router.get("/runs/{run_id}/plot")
def plot(request: Request, run_id: Code, parcel_id: Code, user: Reader) -> PlotCard:
    """One plot: its users and their figures, contracts, images, case, reviews, and what next."""
    site = deck_of(request).site
    table, run = site.plots(run_id), site.tables(run_id)
    row = table.rows[table.rows["parcel_id"] == parcel_id]
    if row.empty:
        raise Refused.at(404, "api.no_plot", value=run_id, key=parcel_id)
    users = table.users[table.users["parcel_id"] == parcel_id]
    figures = run.indicators[run.indicators["unit_id"].isin(_units(run.units, users))]
    keys = [one.key for one in table.rules.indicators]
    with site.ledger().read() as session:
        told = plot_cases(session, [parcel_id])
        reviews = reviews_of(session, parcel_id=parcel_id, limit=200)
    history: list[dict[str, str]] = json.loads(told["history_json"].iloc[0]) if len(told) else []
    return PlotCard(
        plot=tables_as.plots(row, keys)[0],
        users=tables_as.records(users.drop(columns=["plot", "parcel_id"])),
        indicators=tables_as.records(figures),
        idle=tables_as.records(run.idle[run.idle["parcel_id"] == parcel_id]),
        evidence=tables_as.records(run.evidence[run.evidence["parcel_id"] == parcel_id]),
        history=history,
        reviews=[tables_as.review(one) for one in reviews],
        proposals=_proposals(site, run_id, parcel_id, user, VERDICTS),
    )


def _units(units: Any, users: Any) -> list[str]:  # noqa: ANN401 - two frames
    found: list[str] = units.loc[units["uscc"].isin(users["uscc"]), "unit_id"].tolist()
    return found


@router.get("/runs/{run_id}/proposal", tags=["reviews"])
def proposed(
    request: Request, run_id: Code, parcel_id: Code, verdict: VerdictCode, user: Reader
) -> ProposalOut:
    """What a verdict on a plot would do now, and what it needs."""
    site = deck_of(request).site
    site.run(run_id)
    return _proposals(site, run_id, parcel_id, user, (verdict,))[0]


def _proposals(
    site: Site, run_id: str, parcel_id: str, user: User, verdicts: tuple[str, ...]
) -> list[ProposalOut]:
    facts = plot_facts(site, run_id, parcel_id)
    if facts is None:
        raise Refused.at(404, "api.no_plot", value=run_id, key=parcel_id)
    decides = user.may("administrator")
    with site.ledger().read() as session:
        found = [
            proposal(session, run_id, parcel_id, one, authority=decides, plot=facts)
            for one in verdicts
        ]
    return [tables_as.proposal(one) for one in found]

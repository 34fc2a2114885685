"""The batch as one list of steps that a planner can read.

Files → validated tables → who uses which parcel → how much of it → land price → indicators,
score and rank → idle land → parcels and totals. Nothing here computes a number of its own; the
rooms do.
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from landuse import idle, indicators, intake, matching, ranking
from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.pipeline.evaluate import Evaluation, evaluate
from landuse.pipeline.evidence import evidence_of
from landuse.pipeline.land import land_totals, publish_parcels
from landuse.pipeline.progress import Progress, silent
from landuse.pipeline.project_stops import with_stops

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from landuse.intake.inputs import Inputs
    from landuse.intake.project import Project
    from landuse.rules.model import Rules
    from landuse.schema.link_places import LinkPlaces

__all__ = ["STEPS", "Computed", "compute"]

STEPS: Final = ("read", "match", "price", "evaluate", "idle", "land", "write")
"""Codes of the steps in order; their names are ``pipeline.step_*``."""


@dataclass(frozen=True)
class Computed:
    """Everything that one batch knows before it is written: the tables of each room.

    ``contracts`` is IDLE, or ``None`` where the project gives no supply; ``evidence`` is EVIDENCE,
    or ``None`` where it names no images; ``places`` are those of ``links``, where these are all.
    """

    inputs: Inputs
    rules: Rules
    links: pd.DataFrame
    members: pd.DataFrame
    suggestions: pd.DataFrame
    prices: pd.DataFrame
    price_parts: pd.DataFrame
    evaluation: Evaluation
    contracts: pd.DataFrame | None
    parcels: pd.DataFrame
    totals: dict[str, Any]
    evidence: pd.DataFrame | None = None
    places: LinkPlaces | None = None


def compute(
    project: Project,
    rules: Rules,
    as_of: dt.date,
    log: IssueLog,
    progress: Progress = silent,
) -> Computed:
    """Run the batch in memory. Takes a project and its rules, gives every table, writes nothing.

    Raises :class:`landuse.errors.UserError` with all structural faults found.
    """

    def tell(step: str) -> None:
        progress(step, STEPS.index(step), len(STEPS))

    tell("read")
    inputs = with_stops(project, intake.read_inputs(project, rules, log), as_of, log)
    stop_on_errors(log)
    construction = matching.under_construction(inputs.supply, as_of)
    found, links, members, prices, price_parts = _used_and_priced(
        inputs, construction, rules, as_of, log, tell
    )
    tell("evaluate")
    evaluation = _grade(inputs, found, links, members, prices, rules, project.year, as_of, log)
    tell("idle")
    contracts, status = None, None
    if inputs.supply is not None:
        contracts, status = idle.find_idle(inputs.supply, inputs.parcels, rules, as_of, log)
    evidence = evidence_of(project, inputs.parcels, inputs.crs, rules, log)
    tell("land")
    parcels = _land(inputs, found, links, prices, evaluation, status, construction, rules)
    stop_on_errors(log)
    return Computed(
        inputs=inputs,
        rules=rules,
        links=links,
        members=members,
        suggestions=found.suggestions,
        prices=prices,
        price_parts=price_parts,
        evaluation=evaluation,
        contracts=contracts,
        parcels=parcels,
        totals=land_totals(parcels, evaluation.units, contracts),
        evidence=evidence,
        places=found.places,
    )


def stop_on_errors(log: IssueLog) -> None:
    """Raise one :class:`UserError` with every fault of severity ``error`` so far."""
    faults = log.errors()
    if faults:
        raise UserError(faults)


def _used_and_priced(
    inputs: Inputs,
    construction: set[str],
    rules: Rules,
    as_of: dt.date,
    log: IssueLog,
    tell: Callable[[str], None],
) -> tuple[matching.Found, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Who uses the land, and beside it what it is worth: neither asks the other."""
    said = IssueLog()
    with ThreadPoolExecutor(1) as beside:
        priced = beside.submit(
            indicators.parcel_prices, inputs.parcels, inputs.price_zones, rules, said
        )
        tell("match")
        found, links, members = _match(inputs, construction, rules, as_of, log)
        tell("price")
        prices, price_parts = priced.result()
    log.extend(said)
    return found, links, members, prices, price_parts


def _match(
    inputs: Inputs, construction: set[str], rules: Rules, as_of: dt.date, log: IssueLog
) -> tuple[matching.Found, pd.DataFrame, pd.DataFrame]:
    found = matching.find_links(
        inputs.parcels,
        inputs.lost_parcels,
        inputs.enterprises,
        inputs.occupancy,
        inputs.confirmed_links,
        log,
    )
    matching.report_returned(found.links, inputs.set_aside, log)
    links = matching.share_out(
        found.links, inputs.parcels, inputs.occupancy, construction, rules, log, found.places
    )
    exempt = ranking.exempt(inputs.enterprises, inputs.exemptions, rules, as_of)
    members = matching.units(links, inputs.enterprises["uscc"], set(exempt), rules.shared_parcels)
    return found, links, members


def _grade(
    inputs: Inputs,
    found: matching.Found,
    links: pd.DataFrame,
    members: pd.DataFrame,
    prices: pd.DataFrame,
    rules: Rules,
    year: int,
    as_of: dt.date,
    log: IssueLog,
) -> Evaluation:
    parcels = inputs.parcels
    return evaluate(
        enterprises=inputs.enterprises,
        figures=inputs.figures,
        exemptions=inputs.exemptions,
        links=links,
        members=members,
        prices=prices,
        incomplete=found.incomplete,
        disputed=set(parcels.loc[parcels["area_in_dispute"], "parcel_id"]),
        rules=rules,
        year=year,
        as_of=as_of,
        log=log,
        places=found.places,
    )


def _land(
    inputs: Inputs,
    found: matching.Found,
    links: pd.DataFrame,
    prices: pd.DataFrame,
    evaluation: Evaluation,
    status: pd.DataFrame | None,
    construction: set[str],
    rules: Rules,
) -> pd.DataFrame:
    return publish_parcels(
        inputs.parcels,
        links,
        evaluation.units,
        prices,
        matching.parks_of(inputs.parcels, inputs.parks),
        evaluation.link_values,
        rules=rules,
        construction=construction,
        reference_price=evaluation.reference_price,
        status=status,
        places=found.places,
    )

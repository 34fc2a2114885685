"""Idle land alone, from a project file to a folder: parcels and supply, no enterprise is opened."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import idle, intake, matching
from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.pipeline.evaluate import Evaluation
from landuse.pipeline.evidence import evidence_of
from landuse.pipeline.identify import Run, prepare
from landuse.pipeline.idle import coming_dates
from landuse.pipeline.land import land_totals, publish_parcels
from landuse.pipeline.manifest import manifest, run_id
from landuse.pipeline.progress import Progress, silent
from landuse.pipeline.project_stops import with_stops
from landuse.pipeline.publish import run_tables
from landuse.pipeline.steps import Computed, stop_on_errors
from landuse.publish import IDLE_OUTPUTS, ready, write_run
from landuse.publish.columns import tables_of
from landuse.schema import tables

if TYPE_CHECKING:
    from landuse.intake.inputs import Inputs
    from landuse.messages import Lang
    from landuse.rules.model import Rules

__all__ = ["IdleRun", "find_idle_land"]

_STEPS = ("read", "idle", "write")


@dataclasses.dataclass(frozen=True)
class IdleRun(Run):
    """A finished run of idle land alone, as of the end of a day."""

    as_of: dt.date

    def coming(self, most: int) -> pd.DataFrame:
        """The next dates of the clock (:func:`landuse.pipeline.idle.coming_dates`)."""
        contracts = self.computed.contracts
        assert contracts is not None
        return coming_dates(contracts, self.as_of, most)


def find_idle_land(
    path: Path,
    *,
    out: Path | None = None,
    as_of: dt.date | None = None,
    lang: Lang = "zh",
    progress: Progress = silent,
) -> IdleRun:
    """Look for idle land in the project file ``path`` and write a run folder of it.

    The folder is laid out as every run's, with the tables of the enterprises empty and
    ``idle.xlsx`` as its workbook; the default is ``runs/<as_of>-<run id>-idle`` beside the project
    file. Raises :class:`landuse.errors.UserError` for whatever the user can mend, and where the
    project gives no supply contracts.
    """

    def tell(step: str) -> None:
        progress(step, _STEPS.index(step), len(_STEPS))

    project, rules, day = prepare(path, as_of, land_only=True)
    if project.supply is None:
        raise UserError.of("idle.no_supply", file=path.name)
    if out is not None:
        ready(out, [project.file])
    log = IssueLog()
    tell("read")
    read = intake.read_inputs(project, rules, log, land_only=True)
    inputs = with_stops(project, read, day, log)
    stop_on_errors(log)
    tell("idle")
    images = evidence_of(project, inputs.parcels, inputs.crs, rules, log)
    computed = dataclasses.replace(_computed(inputs, rules, day, log), evidence=images)
    identity = run_id(project, rules, day, inputs.files, lang)
    folder = out or project.base / "runs" / f"{day.isoformat()}-{identity}-idle"
    described = manifest(project, computed, day, identity, lang)
    found = run_tables(computed, described, log)
    # who uses the land was not asked, so none of it is without a user
    found = dataclasses.replace(found, unmatched_parcels=found.unmatched_parcels.head(0))
    tell("write")
    opened = [project.file, *(project.base / entry.path for entry in inputs.files)]
    written = write_run(found, folder, lang=lang, inputs=opened, outputs=IDLE_OUTPUTS)
    progress("write", len(_STEPS), len(_STEPS))
    return IdleRun(written, identity, computed, log, day)


def _computed(inputs: Inputs, rules: Rules, as_of: dt.date, log: IssueLog) -> Computed:
    """The tables of a batch in which nobody uses any land and no enterprise is graded."""
    assert inputs.supply is not None
    contracts, status = idle.find_idle(inputs.supply, inputs.parcels, rules, as_of, log)
    evaluation = _nobody(rules)
    links, prices = tables.LINKS.empty(), _no_prices(inputs.parcels)
    parcels = publish_parcels(
        inputs.parcels,
        links,
        evaluation.units,
        prices,
        matching.parks_of(inputs.parcels, inputs.parks),
        evaluation.link_values,
        rules=rules,
        construction=matching.under_construction(inputs.supply, as_of),
        status=status,
    )
    known = np.where(parcels["is_idle"], "idle", "not_graded")
    parcels["land_class"] = pd.Series(known, dtype="str")
    return Computed(
        inputs=inputs,
        rules=rules,
        links=links,
        members=tables.MEMBERS.empty(),
        suggestions=tables.SUGGESTIONS.empty(),
        prices=prices,
        price_parts=tables.PRICE_PARTS.empty(),
        evaluation=evaluation,
        contracts=contracts,
        parcels=parcels,
        totals=_totals(land_totals(parcels, evaluation.units, contracts)),
    )


def _totals(totals: dict[str, Any]) -> dict[str, Any]:
    """Without the figures of what was not looked at: a zero would say that nothing was found."""
    graded = {"low_efficiency_parcels", "low_efficiency_mu", "classes", "units"}
    return {name: value for name, value in totals.items() if name not in graded}


def _nobody(rules: Rules) -> Evaluation:
    empty = {table.name: table.empty() for table in tables_of(rules)}
    values = empty["links"][["parcel_id", "uscc", "price_coefficient", "adjusted_area_mu"]]
    return Evaluation(empty["units"], empty["indicators"], empty["cohorts"], np.nan, values)


def _no_prices(parcels: pd.DataFrame) -> pd.DataFrame:
    return (
        tables.PRICES.empty()
        .reindex(parcels.index)
        .assign(parcel_id=parcels["parcel_id"], price_source="")
    )

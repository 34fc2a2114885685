"""From what the batch computed to the tables that people read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.keys import among, in_order, positions, spread
from landuse.pipeline.areas import published_areas
from landuse.pipeline.idle import publish_contracts
from landuse.pipeline.issue_table import issue_table
from landuse.publish import RunTables
from landuse.units import mu_from_micro

if TYPE_CHECKING:
    import pandas as pd

    from landuse.issues import IssueLog
    from landuse.pipeline.steps import Computed

__all__ = ["issue_table", "run_tables"]


def run_tables(computed: Computed, described: dict[str, Any], log: IssueLog) -> RunTables:
    """Everything that a run folder holds, as frames in published columns and units."""
    inputs, evaluation = computed.inputs, computed.evaluation
    with ThreadPoolExecutor(1) as beside:
        alone = beside.submit(_unmatched_enterprises, computed)
        links = _links(computed)
    return RunTables(
        units=evaluation.units,
        parcels=computed.parcels,
        links=links,
        issues=issue_table(log),
        indicators=evaluation.indicators,
        cohorts=evaluation.cohorts,
        suggestions=computed.suggestions,
        unmatched_parcels=_unmatched_parcels(computed),
        unmatched_enterprises=alone.result(),
        sources=inputs.sources,
        set_aside=inputs.set_aside,
        counts=inputs.counts,
        price_parts=computed.price_parts,
        corrections=inputs.corrections,
        manifest=described,
        totals=computed.totals,
        crs=inputs.crs,
        rules=computed.rules,
        areas=published_areas(inputs.parks, inputs.price_zones),
        **_idle(computed),
    )


def _idle(computed: Computed) -> dict[str, pd.DataFrame]:
    found = {} if computed.evidence is None else {"evidence": computed.evidence}
    if computed.contracts is not None:
        found["idle"] = publish_contracts(computed.contracts, computed.parcels)
    return found


def _links(computed: Computed) -> pd.DataFrame:
    values = computed.evaluation.link_values
    links = in_order(computed.links, ["parcel_id", "uscc"])
    area = mu_from_micro(links["area_m2_micro"].to_numpy())
    if computed.places:
        name = spread(computed.evaluation.units["name"], computed.places.user)
    else:
        firms = computed.inputs.enterprises
        name = spread(firms["name"], positions(links["uscc"], firms["uscc"]))
    # both are the links in order: the evaluation has taken them so
    priced = values[["price_coefficient", "adjusted_area_mu"]]
    frame = links.assign(
        area_mu=area,
        name=name,
        price_coefficient=priced["price_coefficient"],
        adjusted_area_mu=priced["adjusted_area_mu"],
    )
    columns = [
        *("parcel_id", "uscc", "name", "evidence", "certainty", "relation", "area_mu", "area_rule"),
        *("price_coefficient", "adjusted_area_mu", "known_enterprise", "in_scope"),
        *("under_construction", "counted", "source_file", "source_sheet", "source_row"),
    ]
    return frame[columns]


def _unmatched_parcels(computed: Computed) -> pd.DataFrame:
    parcels = computed.parcels
    alone = parcels["in_scope"] & (parcels["enterprise_count"] == 0)
    columns = ["parcel_id", "holder", "uscc", "land_use_code", "accounting_area_mu"]
    columns += ["park", "township"]
    frame = parcels.loc[alone, [name for name in columns if name != "uscc"]]
    cells = computed.inputs.parcels[["parcel_id", "uscc"]]
    cells = cells[among(cells["parcel_id"], frame["parcel_id"])]
    frame = frame.merge(cells, on="parcel_id", how="left", validate="one_to_one")
    return in_order(frame[columns], ["parcel_id"])


def _unmatched_enterprises(computed: Computed) -> pd.DataFrame:
    units = computed.evaluation.units
    figures = [figure.column for figure in computed.rules.figures]
    columns = ["uscc", "name", "industry_code", "division", *figures]
    if computed.places:
        users = np.bincount(computed.places.user + 1, minlength=len(units) + 1)[1:]
        alone = users == 0
    else:
        alone = ~among(units["uscc"], computed.links["uscc"])
    return in_order(units.loc[alone, columns], ["uscc"])

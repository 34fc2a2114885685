"""From what the batch computed to the tables that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    return RunTables(
        units=evaluation.units,
        parcels=computed.parcels,
        links=_links(computed),
        issues=issue_table(log),
        indicators=evaluation.indicators,
        cohorts=evaluation.cohorts,
        suggestions=computed.suggestions,
        unmatched_parcels=_unmatched_parcels(computed),
        unmatched_enterprises=_unmatched_enterprises(computed),
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
    names = computed.inputs.enterprises[["uscc", "name"]]
    frame = computed.links.assign(
        area_mu=mu_from_micro(computed.links["area_m2_micro"].to_numpy())
    ).merge(names, on="uscc", how="left", validate="many_to_one")
    frame["name"] = frame["name"].fillna("")
    priced = values[["parcel_id", "uscc", "price_coefficient", "adjusted_area_mu"]]
    frame = frame.merge(priced, on=["parcel_id", "uscc"], how="left", validate="one_to_one")
    columns = [
        *("parcel_id", "uscc", "name", "evidence", "certainty", "relation", "area_mu", "area_rule"),
        *("price_coefficient", "adjusted_area_mu", "known_enterprise", "in_scope"),
        *("under_construction", "counted", "source_file", "source_sheet", "source_row"),
    ]
    return frame[columns].sort_values(["parcel_id", "uscc"], ignore_index=True)


def _unmatched_parcels(computed: Computed) -> pd.DataFrame:
    parcels = computed.parcels
    alone = parcels["in_scope"] & (parcels["enterprise_count"] == 0)
    cells = computed.inputs.parcels[["parcel_id", "uscc"]]
    frame = parcels[alone].merge(cells, on="parcel_id", how="left", validate="one_to_one")
    columns = ["parcel_id", "holder", "uscc", "land_use_code", "accounting_area_mu"]
    return frame[[*columns, "park", "township"]].sort_values("parcel_id", ignore_index=True)


def _unmatched_enterprises(computed: Computed) -> pd.DataFrame:
    units = computed.evaluation.units
    linked = set(computed.links["uscc"])
    figures = [figure.column for figure in computed.rules.figures]
    columns = ["uscc", "name", "industry_code", "division", *figures]
    alone = ~units["uscc"].isin(linked)
    return units.loc[alone, columns].sort_values("uscc", ignore_index=True)

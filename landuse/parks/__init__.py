"""Parks: land accounts, ratios, periods, projects, promises, grades, demand, revitalised plots.

Takes the frames of the schema (what was read, what a run found, what the ledger accepted) and
gives frames of :mod:`landuse.schema.park_results` and :mod:`landuse.schema.park_plots`. Pure: no
files, no database, no clock; what contradicts itself goes to the issue log with both values.
"""

from __future__ import annotations

from landuse.parks.accounts import Land, land_accounts
from landuse.parks.assessment import assess_parks, explain_assessment
from landuse.parks.chains import chain_firms, chain_sums
from landuse.parks.clusters import cluster_sums, scale_balance
from landuse.parks.demand import match, offers
from landuse.parks.division import land_parts, net_parks
from landuse.parks.enterprises import (
    RunYear,
    enterprise_years,
    fast_growing,
    near_the_line,
)
from landuse.parks.measures import Firms, park_measures
from landuse.parks.periods import period_figures
from landuse.parks.projects import feed_idle_clock, project_states
from landuse.parks.promises import judge_promises, promises_by_park, signed_firms
from landuse.parks.ratios import park_ratios, ratio_text
from landuse.parks.register import type_of
from landuse.parks.revitalised import before_and_after, plot_years, relapses

__all__ = [
    "Firms",
    "Land",
    "RunYear",
    "assess_parks",
    "before_and_after",
    "chain_firms",
    "chain_sums",
    "cluster_sums",
    "enterprise_years",
    "explain_assessment",
    "fast_growing",
    "feed_idle_clock",
    "judge_promises",
    "land_accounts",
    "land_parts",
    "match",
    "near_the_line",
    "net_parks",
    "offers",
    "park_measures",
    "park_ratios",
    "period_figures",
    "plot_years",
    "project_states",
    "promises_by_park",
    "ratio_text",
    "relapses",
    "scale_balance",
    "signed_firms",
    "type_of",
]

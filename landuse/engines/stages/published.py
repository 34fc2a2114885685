"""The published rows of each part of the land, after all enterprises were graded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from landuse import matching
from landuse.engines.output.stored import as_published, store
from landuse.engines.parts.frames import frame_of, load
from landuse.engines.parts.slices import load_slice
from landuse.engines.ranks.sums import Sums
from landuse.engines.stages.firms import known_price
from landuse.engines.stages.land import NO_CODE
from landuse.engines.stages.layers import optional
from landuse.engines.stages.near import near_names
from landuse.idle.status import parcel_status
from landuse.indicators.land import link_values
from landuse.intake.inputs import Inputs
from landuse.issues import IssueLog
from landuse.pipeline.evaluate import Evaluation
from landuse.pipeline.land import publish_parcels, summands
from landuse.pipeline.publish import run_tables
from landuse.pipeline.steps import Computed
from landuse.publish.columns import tables_of
from landuse.schema.tables import CONFIRMED, EXEMPTIONS, LOST_PARCELS, MEMBERS, OCCUPANCY

if TYPE_CHECKING:
    from landuse.engines.parts.job import Job
    from landuse.stores import Place

__all__ = ["LAND_TABLES", "publish_land"]

LAND_TABLES: Final = ("parcels", "links", "suggestions", "unmatched_parcels", "price_parts")
"""The published tables that are made in parts of the land."""


def publish_land(part: int, job: Job, reference: float, held: bool) -> dict[str, Any]:
    """Write the tables of one part of the land; tell what the totals are made of.

    ``held``: whether any parcel of the whole names who holds it (method, section 7).
    """

    def work(folder: Path) -> dict[str, Any]:
        source, matched = job.path("land", part), job.path("match", part)
        parcels = _parcels(source)
        links, prices = load(matched / "links.parquet"), load(matched / "prices.parquet")
        known, nowhere = known_price(job, reference)
        if np.isnan(reference) and known is not job.rules:
            priced = prices.assign(benchmark_price_yuan_per_m2=np.nan)
        else:
            priced = prices
        values = link_values(links, pd.concat([priced, nowhere], ignore_index=True), known)
        firms = _firms(job, part)
        contracts = optional_contracts(job)
        published = publish_parcels(
            parcels, links, firms, prices, load(matched / "parks.parquet"), values.table(),
            rules=job.rules,
            construction=matching.under_construction(optional(job, "supply"), job.as_of),
            reference_price=reference,
            status=None if contracts is None else _status(contracts, parcels, held),
        )  # fmt: skip
        blank = firms.iloc[:0].assign(
            **{figure.column: np.zeros(0) for figure in job.rules.figures}
        )
        computed = Computed(
            inputs=_inputs(parcels, firms),
            rules=job.rules,
            links=links,
            members=MEMBERS.empty(),
            suggestions=_suggestions(job, matched),
            prices=prices,
            price_parts=load(matched / "price_parts.parquet"),
            evaluation=Evaluation(blank, pd.DataFrame(), pd.DataFrame(), reference, values.table()),
            contracts=None,
            parcels=published,
            totals={},
        )
        tables = run_tables(computed, {}, IssueLog())
        for table in tables_of(job.rules):
            if table.name in LAND_TABLES:
                rows = as_published(getattr(tables, table.name), table)
                store(rows, folder / f"{table.name}.arrow")
        return {"sums": _sums(published, idle=contracts is not None)}

    return job.once("published", part, work)


def _parcels(source: Place) -> pd.DataFrame:
    """The parcels of a part, their shapes as WKB: nobody looks at shapes here."""
    content = pq.read_table(source / "parcels.parquet")
    shapes = content["geometry"].to_numpy()
    return frame_of(content.drop_columns("geometry")).assign(geometry=shapes)


def _sums(published: pd.DataFrame, *, idle: bool) -> dict[str, list[str]]:
    """Count and exact sum of what each total adds up."""
    return {
        name: [str(len(areas)), str(Sums.of(areas, np.zeros(len(areas), np.intp), 1).whole[0])]
        for name, areas in summands(published, idle=idle).items()
    }


def _suggestions(job: Job, matched: Place) -> pd.DataFrame:
    found, near = load(matched / "suggestions.parquet"), near_names(job)
    if near is None:
        return found
    return matching.with_near(found, load(matched / "unnamed.parquet"), near)


def _firms(job: Job, part: int) -> pd.DataFrame:
    """Name, industry and status of the enterprises that use the parcels of a part."""
    paths = [job.path("grade", firms) / "users.arrow" for firms in range(len(job.firms))]
    return load_slice(paths, part).sort_values("uscc", ignore_index=True)


def optional_contracts(job: Job) -> pd.DataFrame | None:
    """IDLE of the whole, ``None`` where the project gives no supply."""
    path = job.path("whole", "idle") / "contracts.parquet"
    return load(path) if path.is_file() else None


def _status(contracts: pd.DataFrame, parcels: pd.DataFrame, held: bool) -> pd.DataFrame:
    """LAND_STATUS of a part: one more row stands for the holders of other parts."""
    stranger = parcels.iloc[:1].assign(parcel_id=NO_CODE, holder="1" if held else "", uscc="")
    found = parcel_status(contracts, pd.concat([parcels, stranger], ignore_index=True))
    return found[found["parcel_id"] != NO_CODE].reset_index(drop=True)


def _inputs(parcels: pd.DataFrame, firms: pd.DataFrame) -> Inputs:
    """As much of the inputs as the published rows of a part are made of."""
    nothing = pd.DataFrame()
    return Inputs(
        parcels=parcels, lost_parcels=LOST_PARCELS.empty(), enterprises=firms, figures=nothing,
        occupancy=OCCUPANCY.empty(), confirmed_links=CONFIRMED.empty(), price_zones=None,
        parks=None, supply=None, exemptions=EXEMPTIONS.empty(), counts=nothing,
        set_aside=nothing, sources=nothing, corrections=nothing, facts=(), files=(), crs="",
        has_land_use=True, has_prices=True,
    )  # fmt: skip

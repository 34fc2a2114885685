"""Stages over the parts of the land: links with areas and prices, published parcels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landuse import indicators, matching
from landuse.engines.parts.cuts import part_of
from landuse.engines.parts.frames import bounds, load, save
from landuse.engines.parts.notes import SCOPE, write_issues
from landuse.engines.parts.slices import save_slices
from landuse.engines.stages.directory import known_to
from landuse.engines.stages.layers import OF_ZONES, near_parks, near_zones, optional
from landuse.engines.stages.reference import weighted
from landuse.issues import IssueLog
from landuse.keys import in_order, positions
from landuse.schema.near_codes import asked_first
from landuse.schema.tables import LOST_PARCELS

if TYPE_CHECKING:
    from landuse.engines.parts.job import Job

__all__ = ["LINK_FACTS", "NO_CODE", "match"]

LINK_FACTS = ("benchmark_price_yuan_per_m2", "grade_coefficient", "area_in_dispute")
"""What a firm must know of a parcel that it uses, beside the link itself."""
NO_CODE: Final = " "
"""A parcel code that no parcel has: codes are read without blanks around them."""


class _Rows(NamedTuple):
    """What is known of a part of the land before matching."""

    parcels: pd.DataFrame
    lost: pd.DataFrame
    occupancy: pd.DataFrame
    confirmed: pd.DataFrame
    left: pd.DataFrame


def match(part: int, job: Job, *, reference: bool) -> dict[str, Any]:
    """Links with areas, prices, parks and suggestions of one part (method, sections 4 and 5).

    Also writes the links of each part of the firms. ``reference``: whether the sum of area × price
    is needed.
    """

    def work(folder: Path) -> dict[str, Any]:
        source = job.path("land", part)
        rows = _Rows(*(load(source / f"{name}.parquet") for name in _Rows._fields))
        log = IssueLog()
        found, incomplete = _found(job, part, rows, log)
        matching.report_returned(found.links, rows.left.drop(columns="parcel_id"), log)
        building = matching.under_construction(optional(job, "supply"), job.as_of)
        rules = job.rules
        links = matching.share_out(
            found.links, rows.parcels, rows.occupancy, building, rules, log, found.places
        )
        # whether any parcel has a price is asked of all parts together
        lenient = rules.model_copy(update={"coefficient": "none"})
        zones = near_zones(job, rows.parcels)
        prices, price_parts = indicators.parcel_prices(rows.parcels, zones, lenient, log)
        parks = matching.parks_of(rows.parcels, near_parks(job, rows.parcels))
        own = (one for one in log if one.code not in SCOPE | OF_ZONES)
        write_issues(own, folder / "issues.jsonl")
        tables = {
            "links": links, "prices": prices, "price_parts": price_parts, "parks": parks,
            "suggestions": found.suggestions, "unnamed": found.unnamed,
            "incomplete": pd.DataFrame({"uscc": pd.Series(sorted(incomplete), dtype="str")}),
        }  # fmt: skip
        for name, frame in tables.items():
            save(frame, folder / f"{name}.parquet")
        by_firm = _by_firm(rows.parcels, links, prices)
        firm = part_of(by_firm["uscc"], job.firms)
        save_slices(by_firm, firm, len(job.firms), folder / "by_firm.arrow")
        told = _told(rows.parcels, links, prices, job, reference=reference)
        strange = {one.value for one in log if one.code == "matching.unknown_enterprise"}
        return {**told, "strange": asked_first(strange), **_extent(rows.parcels)}

    return job.once("match", part, work)


def _extent(parcels: pd.DataFrame) -> dict[str, Any]:
    """Extent and kinds of the shapes of a part."""
    shapes = parcels["geometry"].to_numpy()
    kinds = np.unique(shapely.get_type_id(shapes)).tolist() if len(shapes) else []
    return {"bounds": bounds(shapes), "kinds": kinds}


def _found(job: Job, part: int, rows: _Rows, log: IssueLog) -> tuple[matching.Found, set[str]]:
    """Links of the kept parcels, and whose land was set aside; each with its own points."""
    gone = rows.lost["parcel_id"]
    occupancy, confirmed = rows.occupancy, rows.confirmed
    lost_use = occupancy["parcel_id"].isin(gone), confirmed["parcel_id"].isin(gone)
    found = matching.find_links(
        rows.parcels,
        LOST_PARCELS.empty(),
        known_to(part, job, "parcels"),
        occupancy[~lost_use[0]].reset_index(drop=True),
        confirmed[~lost_use[1]].reset_index(drop=True),
        log,
        everybody=False,
    )
    if not len(rows.lost):
        return found, set()
    lost = matching.find_links(
        rows.parcels.iloc[:0],
        rows.lost,
        known_to(part, job, "lost"),
        occupancy[lost_use[0]].reset_index(drop=True),
        confirmed[lost_use[1]].reset_index(drop=True),
        log,
        everybody=False,
    )
    return found, lost.incomplete


def _by_firm(parcels: pd.DataFrame, links: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """The links by enterprise, each with what :data:`LINK_FACTS` names of its parcel."""
    priced = positions(links["parcel_id"], prices["parcel_id"])
    at = positions(links["parcel_id"], parcels["parcel_id"])
    facts = {name: prices[name].to_numpy()[priced] for name in LINK_FACTS[:2]}
    frame = links.assign(**facts, **{LINK_FACTS[2]: parcels[LINK_FACTS[2]].to_numpy()[at]})
    return in_order(frame, ["uscc", "parcel_id"])


def _told(
    parcels: pd.DataFrame, links: pd.DataFrame, prices: pd.DataFrame, job: Job, *, reference: bool
) -> dict[str, Any]:
    """Small facts of the part that the whole is asked for."""
    codes = parcels["land_use_code"]
    inside = matching.in_scope(codes, job.rules.land_use_codes)
    blank = parcels.loc[codes == "", "parcel_id"]
    uses = pd.DataFrame({"use": codes, "inside": inside}).groupby("use")["inside"]
    price = prices["benchmark_price_yuan_per_m2"]
    told: dict[str, Any] = {
        "uses": {use: [len(many), bool(many.iloc[0])] for use, many in uses},
        "first_blank": min(blank, default=""),
        "priced": bool((price > 0).any()),
        "graded": bool((prices["grade_coefficient"] > 0).any()),
        "links": len(links),
    }
    if reference:
        area = links["area_m2_micro"].to_numpy(dtype=np.int64)
        own = price.to_numpy()[positions(links["parcel_id"], prices["parcel_id"])]
        own = np.where(own > 0, own, np.nan)
        used = links["counted"].to_numpy(dtype=bool) & (area > 0) & ~np.isnan(own)
        value, whole = weighted(own[used], area[used])
        told |= {"value": str(value), "area": str(whole)}
    return told

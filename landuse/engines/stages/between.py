"""What parts tell each other between stages: small tables that every part can read."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse import matching
from landuse.engines.output.stored import stored
from landuse.engines.parts.cuts import part_of
from landuse.engines.parts.frames import load, load_all, matching_rows, save
from landuse.engines.ranks.rounds import Whole, kept_cohorts, rank_parts
from landuse.engines.ranks.rounds_file import save_whole
from landuse.engines.stages.firms import FileParts, Ground, exempt_codes, grade, measure
from landuse.engines.stages.layers import optional
from landuse.idle.findings import contract_findings
from landuse.idle.remarks import report
from landuse.pipeline.evaluation_tables import cohort_rows
from landuse.ranking.cohorts import POOL
from landuse.ranking.score import SCORE_SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landuse.engines.parts.job import Crew, Job
    from landuse.issues import IssueLog

__all__ = ["find_contracts", "gather", "merge_units", "never", "place_statuses", "rank_all",
           "unit_part", "unit_rows"]  # fmt: skip


def gather(job: Job, stage: str, name: str, columns: list[str] | None = None) -> pd.DataFrame:
    """One small table of all parts of the land, in their order."""
    parts = range(len(job.land))
    return load_all([job.path(stage, part) / f"{name}.parquet" for part in parts], columns)


def merge_units(job: Job, crew: Crew) -> bool:
    """Units of enterprises that share parcels, across all parts (method, section 4, ``merge``).

    Tells whether any unit has several enterprises.
    """
    if job.rules.shared_parcels != "merge":
        return False

    def work(folder: Path) -> dict[str, Any]:
        exempt: set[str] = set()
        for codes in crew.each(partial(exempt_codes, job=job), len(job.firms)):
            exempt.update(codes)
        columns = ["parcel_id", "uscc", "counted", "known_enterprise"]
        shared = pd.concat(
            [
                _shared(load(job.path("match", part) / "links.parquet", columns), exempt)
                for part in range(len(job.land))
            ],
            ignore_index=True,
        )
        units = matching.units(shared, shared["uscc"].unique(), exempt, "merge")
        several = units[units.duplicated("unit_id", keep=False)].reset_index(drop=True)
        save(several, folder / "units.parquet")
        return {"members": len(several)}

    return bool(job.once("whole", "units", work)["members"])


def _shared(links: pd.DataFrame, exempt: set[str]) -> pd.DataFrame:
    """Links that join enterprises: counted ones of parcels that several of them use."""
    used = links[links["counted"] & links["known_enterprise"] & ~links["uscc"].isin(exempt)]
    return used[used.duplicated("parcel_id", keep=False)]


def find_contracts(job: Job, log: IssueLog) -> None:
    """The finding of every supply contract: there are few, and one may name several parcels."""
    supply = optional(job, "supply")
    if supply is None:
        return
    columns = ["parcel_id", "accounting_area_m2_micro"]
    wanted = supply["parcel_id"].unique()
    parts = np.unique(part_of(wanted, job.land)).tolist()
    paths = [job.path("land", part) / "parcels.parquet" for part in parts or [0]]
    land = matching_rows(paths, "parcel_id", wanted, columns)
    contracts = contract_findings(supply, land, job.rules, job.as_of)
    report(contracts, log)

    def work(folder: Path) -> dict[str, Any]:
        save(contracts, folder / "contracts.parquet")
        return {}

    job.once("whole", "idle", work)


def rank_all(job: Job, crew: Crew, ground: Ground, log: IssueLog) -> tuple[dict[str, int], Whole]:
    """Cohorts, benchmarks, scores and lines of all enterprises.

    Gives own cohort → position in the cohorts (who is in none has no benchmark), and the whole.
    """
    sizes: dict[str, int] = {}
    for told in crew.each(partial(measure, job=job, ground=ground), len(job.firms)):
        for name, units in told.items():
            sizes[name] = sizes.get(name, 0) + units
    small = {name for name, units in sizes.items() if units < job.rules.min_cohort}
    ranked_as = {name: POOL if name in small else name for name in sizes}
    cohorts = sorted(set(ranked_as.values()))
    place = {name: cohorts.index(cohort) for name, cohort in ranked_as.items()}
    many = np.zeros(len(cohorts), dtype=np.intp)
    for name, at in place.items():
        many[at] += sizes[name]
    parts = FileParts(job, crew, place, len(cohorts))
    keep = kept_cohorts(parts, cohorts, many, job.rules, log)
    place = {name: at for name, at in place.items() if keep[at]}
    many = np.where(keep, many, 0)
    parts = FileParts(job, crew, place, len(cohorts))
    return place, rank_parts(parts, cohorts, many, job.rules, log)


def place_statuses(
    job: Job, crew: Crew, place: dict[str, int], whole: Whole
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Grade every enterprise. Gives the COHORTS table, and how many units have each status."""
    size, statuses = len(whole.cohorts), Counter[str]()
    flagged, area = np.zeros(size, dtype=np.intp), np.zeros(size, dtype=np.int64)

    def ranks(folder: Path) -> dict[str, Any]:
        save_whole(whole, folder / "whole.npz")
        return {}

    job.once("whole", "ranks", ranks)
    homes: list[list[int]] = [[] for _ in job.firms]
    task = partial(grade, job=job, ranked_in=place)
    for number, told in enumerate(crew.each(task, len(job.firms))):
        for home in told["units"]:
            homes[home].append(number)
        flagged += np.array(told["flagged"], dtype=np.intp)
        area += np.array(told["area"], dtype=np.int64)
        statuses.update(told["statuses"])

    def elsewhere(_: Path) -> dict[str, Any]:
        return {str(part): own for part, own in enumerate(homes) if own != [part]}

    job.once("whole", "homes", elsewhere)
    cohorts = cohort_rows(
        whole.cohorts, whole.sizes, whole.quotas, whole.cutoff / SCORE_SCALE,
        flagged, area, whole.yard.benchmark, job.rules,
    )  # fmt: skip
    return cohorts, dict(sorted(statuses.items()))


def unit_rows(job: Job, name: str) -> Iterable[pa.Table]:
    """The rows of enterprises by code: ``units`` or ``unmatched``, part by part."""
    parts = (unit_part(job, name, part) for part in range(len(job.firms)))
    return (rows for rows in parts if rows is not None)


def unit_part(job: Job, name: str, part: int) -> pa.Table | None:
    """The rows of one part of them; ``None`` where it has none."""
    homes = job.once("whole", "homes", never).get(str(part), [part])
    found = [stored(job.path("grade", home) / f"{name}-{part:05}.arrow") for home in homes]
    return pa.concat_tables(found).sort_by("uscc") if len(found) > 1 else next(iter(found), None)


def never(folder: Path) -> dict[str, Any]:
    """For what an earlier stage did: it is there."""
    raise AssertionError(folder)

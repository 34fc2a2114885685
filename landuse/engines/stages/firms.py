"""Stages over the parts of the firms: what each unit has, and how it compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse import ranking
from landuse.engines.output.stored import as_published, store
from landuse.engines.parts.cuts import part_of
from landuse.engines.parts.frames import load, matching_rows
from landuse.engines.parts.notes import write_issues
from landuse.engines.parts.slices import load_slice, save_slices
from landuse.engines.ranks.rounds import Part, Settled, Whole, finish
from landuse.engines.ranks.rounds_file import load_whole
from landuse.engines.ranks.settle import FileStand, settle_parts
from landuse.engines.stages.land import LINK_FACTS, NO_CODE
from landuse.engines.stages.units import Users, load_units, ranked_part, save_units, with_names
from landuse.issues import IssueLog
from landuse.keys import among
from landuse.pipeline.evaluate import prepare_units
from landuse.pipeline.evaluation_tables import Graded, indicator_table, unit_table
from landuse.pipeline.land import unit_counts
from landuse.publish.columns import tables_of
from landuse.schema.published import INDICATORS
from landuse.schema.tables import PRICES

if TYPE_CHECKING:
    from landuse.engines.parts.job import Crew, Job
    from landuse.engines.ranks.tallies import Asked
    from landuse.pipeline.evaluate import Prepared
    from landuse.ranking.sheet import Bools

__all__ = ["FileParts", "Ground", "exempt_codes", "grade", "known_price", "measure"]

T = TypeVar("T")


@dataclass(frozen=True)
class Ground:
    """What firms must know of the whole land: the reference price (``NaN`` where there is none),
    and whether units of several enterprises exist (``whole/units``)."""

    reference: float
    merged: bool


def exempt_codes(part: int, job: Job) -> list[str]:
    """Enterprises of a part that are not evaluated."""
    enterprises = load(job.path("firms", part) / "enterprises.parquet")
    listed = load(job.path("whole", "inputs") / "exemptions.parquet")
    return sorted(ranking.exempt(enterprises, listed, job.rules, job.as_of))


def known_price(job: Job, reference: float) -> tuple[Any, pd.DataFrame]:
    """Rules that state the reference price of the whole land, and one more row of PRICES.

    The row belongs to no parcel: it keeps a part whose own parcels have no price from being taken
    for an input without prices, which is asked of all parts together.
    """
    rules = job.rules
    if rules.coefficient != "none" and not rules.grade_coefficients:
        known = Fraction(1) if np.isnan(reference) else Fraction(reference)
        rules = rules.model_copy(update={"reference_price": known})
    row = {"parcel_id": NO_CODE, "benchmark_price_yuan_per_m2": 1.0, "price_source": "",
           "price_cover": np.nan, "grade": "", "grade_coefficient": 1.0}  # fmt: skip
    return rules, pd.DataFrame([row]).astype(PRICES.empty().dtypes)


def _members(job: Job, part: int, ground: Ground) -> pd.DataFrame | None:
    """Members of units of several enterprises that this part holds or gives away."""
    if not ground.merged:
        return None
    units = load(job.path("whole", "units") / "units.parquet")
    here = (part_of(units["unit_id"], job.firms) == part) | (
        part_of(units["uscc"], job.firms) == part
    )
    mine: pd.DataFrame = units[here].reset_index(drop=True)
    return mine


def _rows(job: Job, part: int, name: str, members: pd.DataFrame | None) -> pd.DataFrame:
    """Rows of the enterprises whose units belong to this part."""
    own = load(job.path("firms", part) / f"{name}.parquet")
    if members is None:
        return own
    home = part_of(members["unit_id"], job.firms)
    gone = members["uscc"][home != part]
    source = part_of(members["uscc"], job.firms)
    found = [own[~own["uscc"].isin(gone)]]
    for other in np.unique(source[(home == part) & (source != part)]).tolist():
        wanted = members["uscc"][(home == part) & (source == other)]
        path = job.path("firms", other) / f"{name}.parquet"
        found.append(matching_rows([path], "uscc", wanted))
    return pd.concat(found, ignore_index=True).sort_values(
        [column for column in ("uscc", "year") if column in own], ignore_index=True
    )


def _links(job: Job, part: int, enterprises: pd.Series[str]) -> pd.DataFrame:
    """Every link of the enterprises, with the facts of its parcel; there may be links of codes
    that are no enterprise of this part, which count for nobody here."""
    paths = [job.path("match", land) / "by_firm.arrow" for land in range(len(job.land))]
    found = [load_slice(paths, part)]
    home = part_of(enterprises, job.firms)
    for other in np.unique(home[home != part]).tolist():
        rows = load_slice(paths, other)
        found.append(rows[among(rows["uscc"], enterprises[home == other])])
    return pd.concat(found, ignore_index=True) if len(found) > 1 else found[0]


def _prepared(job: Job, part: int, ground: Ground, log: IssueLog) -> tuple[Prepared, pd.DataFrame]:
    """The units of a part before they are compared, and their links."""
    members = _members(job, part, ground)
    enterprises = _rows(job, part, "enterprises", members)
    figures = _rows(job, part, "figures", members)
    links = _links(job, part, enterprises["uscc"])
    rules, nowhere = known_price(job, ground.reference)
    prices = _prices(links)
    if np.isnan(ground.reference) and rules is not job.rules:
        prices["benchmark_price_yuan_per_m2"] = np.nan
    disputed = set(links.loc[links["area_in_dispute"], "parcel_id"])
    here = None if ground.merged else ("uscc", *job.firm_limits(part))
    incomplete = load(job.path("whole", "incomplete") / "incomplete.parquet", between=here)["uscc"]
    prepared = prepare_units(
        enterprises=enterprises,
        figures=figures,
        exemptions=load(job.path("whole", "inputs") / "exemptions.parquet"),
        links=links.drop(columns=list(LINK_FACTS)),
        members=_units(enterprises["uscc"], members),
        prices=pd.concat([prices, nowhere], ignore_index=True),
        incomplete=set(incomplete),
        disputed=disputed,
        rules=rules,
        years=list(job.years),
        as_of=job.as_of,
        log=log,
    )
    return prepared, links


def _prices(links: pd.DataFrame) -> pd.DataFrame:
    once = links.drop_duplicates("parcel_id").sort_values("parcel_id", ignore_index=True)
    blank = pd.Series("", index=once.index, dtype="str")
    facts = once[["parcel_id", *LINK_FACTS[:2]]]
    return facts.assign(price_source=blank, price_cover=np.nan, grade=blank)


def _units(uscc: pd.Series[str], members: pd.DataFrame | None) -> pd.DataFrame:
    frame = pd.DataFrame({"uscc": uscc, "unit_id": uscc}).reset_index(drop=True)
    if members is not None:
        unit = members.set_index("uscc")["unit_id"].reindex(uscc)
        frame["unit_id"] = unit.reset_index(drop=True).fillna(frame["uscc"]).astype("str")
    return frame


def measure(part: int, job: Job, ground: Ground) -> dict[str, int]:
    """Write the graded units of a part as arrays; tell how many each cohort has."""

    def work(folder: Path) -> dict[str, Any]:
        log = IssueLog()
        prepared, links = _prepared(job, part, ground, log)
        write_issues(log, folder / "issues.jsonl")
        save_units(prepared, _users(prepared, links, job), job, folder)
        own = prepared.own[prepared.reason == ""].astype(str)
        names, units = np.unique(own, return_counts=True)
        return {"cohorts": dict(zip(names.tolist(), units.tolist(), strict=True))}

    found: dict[str, int] = job.once("measure", part, work)["cohorts"]
    return found


def _users(prepared: Prepared, links: pd.DataFrame, job: Job) -> Users:
    """Which part of the land shows which enterprise of this part."""
    roll = prepared.measured.roll
    land = part_of(links["parcel_id"], job.land)
    pairs = pd.DataFrame({"at": roll.positions(links["uscc"]), "land": land})
    pairs = pairs[pairs["at"] >= 0].drop_duplicates()
    linked = np.zeros(len(roll.enterprises), dtype=bool)
    linked[pairs["at"]] = True
    return Users(pairs["at"].to_numpy(), pairs["land"].to_numpy(), linked)


USER_COLUMNS: Final = ["uscc", "name", "industry_code", "division", "status"]
"""What a part of the land shows of an enterprise."""


@dataclass(frozen=True)
class FileParts:
    """The graded units of all parts as :class:`landuse.engines.ranks.rounds.Parts`.

    ``ranked_in``: own cohort → position of the cohort in which it is ranked; who is not in it has
    left. Nothing but what a task gives back leaves a part.
    """

    job: Job
    crew: Crew
    ranked_in: dict[str, int]
    size: int

    def each(self, task: Callable[[Part], T]) -> Iterable[T]:
        """Do ``task`` for every part, wherever the crew works."""
        work = partial(_on_part, task=task, job=self.job, ranked_in=self.ranked_in, size=self.size)
        return self.crew.each(work, len(self.job.firms))

    def settle(self, task: Callable[[Part], Asked], ties: str) -> Settled:
        """What follows from what ``task`` asks of all parts, settled by the crew."""
        ask = partial(_on_part, task=task, job=self.job, ranked_in=self.ranked_in, size=self.size)
        return settle_parts(self.job, self.crew, ask, self.size, ties)


def _on_part(
    part: int, task: Callable[[Part], T], job: Job, ranked_in: dict[str, int], size: int
) -> T:
    return task(ranked_part(load_units(job, part), ranked_in, [""] * size, job).part)


def grade(part: int, job: Job, ranked_in: dict[str, int]) -> dict[str, Any]:
    """Write the published rows of the enterprises of a part; tell sums by cohort.

    Units lie in the folder by the part of their own code, which under merged units may be
    another.
    """

    def work(folder: Path) -> dict[str, Any]:
        path = job.path("whole", "ranks") / "whole.npz"
        whole = load_whole(path, partial(FileStand, job))
        prepared, users = with_names(load_units(job, part), job, part)
        ranked = ranked_part(prepared, ranked_in, whole.cohorts, job)
        measured, graded = prepared.measured, ranked.graded
        result = finish(ranked.part, whole, job.rules)
        outcome = Graded(
            measured, prepared.leaders, job.year, prepared.own, ranked.reason, graded, result
        )
        units = unit_table(outcome)
        homes = _write_units(folder, job, part, units, users.linked)
        shown = units[USER_COLUMNS].take(users.at)
        save_slices(shown, users.land, len(job.land), folder / "users.arrow")
        store(as_published(indicator_table(outcome), INDICATORS), folder / "indicators.arrow")
        area = measured.land.area_micro[graded]
        told = _sums(result.flagged, result.sheet.cohort, area, whole)
        return {**told, "units": homes, "statuses": unit_counts(units)}

    return job.once("grade", part, work)


def _write_units(
    folder: Path, job: Job, here: int, units: pd.DataFrame, linked: Bools
) -> list[int]:
    """Write the rows by the part of their own code; tells which parts these are. The first part
    writes its own also where there are none: a table has one file at least."""
    tables = {table.name: table for table in tables_of(job.rules)}
    alone = tables["unmatched_enterprises"]
    part = part_of(units["uscc"], job.firms)
    homes = sorted({0, *part.tolist()} if here == 0 else set(part.tolist()))
    for number in homes:
        own = part == number
        for name, table, rows in (
            ("units", tables["units"], units[own]),
            ("unmatched", alone, units.loc[own & ~linked, alone.names]),
        ):
            store(as_published(rows, table), folder / f"{name}-{number:05}.arrow")
    return homes


def _sums(
    flagged: Bools, cohort: npt.NDArray[np.intp], area: npt.NDArray[np.int64], whole: Whole
) -> dict[str, Any]:
    """Flagged units and 10⁻⁶ m² of each cohort."""
    size = len(whole.cohorts)
    land = np.zeros(size, dtype=np.int64)
    np.add.at(land, cohort, area)
    return {
        "flagged": np.bincount(cohort[flagged], minlength=size).tolist(),
        "area": land.tolist(),
    }

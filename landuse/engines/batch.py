"""The identification batch over parts, from a project file to a run folder.

The same rooms as in :mod:`landuse.pipeline.steps`, part by part; what parts must agree on goes
through small sums (:mod:`landuse.engines`). The tables are those of the ordinary run.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.engines.output.folder import Extent, write_folder
from landuse.engines.output.outputs import write_parts
from landuse.engines.output.stored import pieces, stored
from landuse.engines.parts.faults import Together, at_once
from landuse.engines.parts.frames import row_groups, save
from landuse.engines.parts.job import Counted, Crew, Here, Job
from landuse.engines.parts.notes import read_issues, said_once, scope_issues
from landuse.engines.parts.places import remove
from landuse.engines.ranks.sums import Sums
from landuse.engines.reading.bounded import Limit
from landuse.engines.reading.prepared import Cuts, prepare_parts
from landuse.engines.stages.between import (
    find_contracts,
    gather,
    merge_units,
    never,
    place_statuses,
    rank_all,
    unit_rows,
)
from landuse.engines.stages.directory import share_directory
from landuse.engines.stages.evidence import find_evidence
from landuse.engines.stages.firms import Ground
from landuse.engines.stages.land import match
from landuse.engines.stages.layers import optional, share_layers
from landuse.engines.stages.near import find_near_codes, find_near_names
from landuse.engines.stages.published import LAND_TABLES, optional_contracts, publish_land
from landuse.engines.stages.reference import price_of
from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.pipeline.areas import published_areas
from landuse.pipeline.evaluate import Evaluation, years_of
from landuse.pipeline.evidence import images
from landuse.pipeline.identify import prepare
from landuse.pipeline.idle import publish_contracts
from landuse.pipeline.land import totals_of
from landuse.pipeline.manifest import manifest
from landuse.pipeline.progress import Progress, silent
from landuse.pipeline.publish import issue_table
from landuse.pipeline.steps import Computed, stop_on_errors
from landuse.publish import ready
from landuse.schema.published import RUN_IDLE
from landuse.schema.tables import EVIDENCE, MEMBERS

if TYPE_CHECKING:
    from landuse.engines.output.folder import Frames
    from landuse.idle.evidence import Image
    from landuse.intake.inputs import Inputs
    from landuse.intake.raw import Fact
    from landuse.messages import Lang
    from landuse.rules.model import Rules

__all__ = ["STAGES", "PartsRun", "identify_in_parts"]

STAGES: Final = ("read", "split", "match", "evaluate", "land", "write")
"""Codes of the stages in order; their names are ``pipeline.step_*``."""


@dataclass(frozen=True)
class PartsRun:
    """A finished run: its folder and id, its totals, its issues, how many parts it had, why its
    inputs had to be read whole though memory is limited, if they had, and how many rows of each
    file were read, used and set aside (:attr:`landuse.intake.inputs.Inputs.counts`)."""

    folder: Path
    run_id: str
    totals: dict[str, Any]
    log: IssueLog
    land_parts: int
    firm_parts: int
    at_once: tuple[Fact, ...]
    counts: pd.DataFrame


def identify_in_parts(
    path: Path,
    *,
    out: Path | None = None,
    as_of: dt.date | None = None,
    lang: Lang = "zh",
    progress: Progress = silent,
    crew: Crew | None = None,
    cuts: Cuts | None = None,
    work: Path | str | None = None,
    partitioned: bool = False,
) -> PartsRun:
    """Run the batch on the project file ``path`` in parts and write the tables of the run.

    ``work`` is for what is in between: a folder, which workers elsewhere must see under the same
    name, or the address of a place in an object store (``s3://…``). Without one it lies beside the
    run and is removed when the run is written. A run that was stopped goes on with the parts that
    are done. ``partitioned``: the large tables are written as several files
    (:mod:`landuse.engines.output.outputs`). ``progress`` is told the stage and how many of its
    parts are done, several times where parts are asked in rounds.

    Raises :class:`landuse.errors.UserError` for whatever the user can mend, and for what cannot be
    computed in parts.
    """
    project, rules, day = prepare(path, as_of)
    if out is not None:
        ready(out, [project.file])

    stage = [STAGES[0]]

    def tell(name: str) -> None:
        stage[0] = name
        progress(name, 0, 1)

    near = (out or project.base / "runs" / "any").resolve().parent
    counted = Counted(crew or Here(), lambda done, of: progress(stage[0], done, of))
    folder, cut = work or near, cuts or Cuts()
    with prepare_parts(project, rules, day, lang, cut, folder, tell, counted) as parts:
        job, identity = parts.job, parts.run_id
        target = out or project.base / "runs" / f"{day.isoformat()}-{identity}"
        ready(target, [project.file, *(project.base / one.path for one in parts.inputs.files)])
        batch = _Batch(job, parts.inputs, images(project), Together(counted), tell)
        with _for_another_try(job, keep=work is not None):
            tables, totals, reference, said = batch.compute()
        computed = _computed(parts.inputs, rules, totals, reference, job)
        described = manifest(project, computed, day, identity, lang)
        tell("write")
        crs, extent = parts.inputs.crs, Extent(batch.matched)
        files = write_parts(job, counted, crs) if partitioned else None
        many = Limit(cut.memory).tables if cut.memory else 2
        write_folder(target, tables, extent, described, crs, rules, files, at_once=many)
        progress("write", 1, 1)
        if work is None:
            remove(job.folder)
        sizes = len(job.land), len(job.firms)
        return PartsRun(target, identity, totals, said, *sizes, parts.at_once, parts.inputs.counts)


@contextlib.contextmanager
def _for_another_try(job: Job, *, keep: bool) -> Iterator[None]:
    """Parts stay for other workers or another try, but not where the inputs must be mended."""
    try:
        yield
    except UserError as fault:
        if not keep and not at_once(fault):
            remove(job.folder)
        raise


def _computed(
    inputs: Inputs, rules: Rules, totals: dict[str, Any], reference: float, job: Job
) -> Computed:
    """As much of a computed batch as the manifest describes."""
    nothing = pd.DataFrame()
    return Computed(
        inputs=inputs, rules=rules, links=nothing, members=MEMBERS.empty(), suggestions=nothing,
        prices=nothing, price_parts=nothing,
        evaluation=Evaluation(nothing, nothing, nothing, reference, nothing),
        contracts=optional_contracts(job), parcels=nothing, totals=totals,
    )  # fmt: skip


class _Batch:
    """The stages after the inputs are cut."""

    def __init__(
        self,
        job: Job,
        inputs: Inputs,
        images: Sequence[Image],
        crew: Crew,
        tell: Callable[[str], None],
    ) -> None:
        self.job, self.inputs, self.images, self.crew, self.tell = job, inputs, images, crew, tell
        self.matched: list[dict[str, Any]] = []
        self.published: list[dict[str, Any]] = []

    def compute(self) -> tuple[dict[str, Frames], dict[str, Any], float, IssueLog]:
        """Every stage; the published tables as functions that read them part by part."""
        job, crew = self.job, self.crew
        self.tell("match")
        log = IssueLog()
        share_directory(job, crew)
        share_layers(job)
        told = self.matched = self._match(log)
        reference = self._reference(told)
        find_near_names(job, crew)
        near = find_near_codes(job, crew, [code for one in told for code in one["strange"]])
        self._gather_incomplete()
        self.tell("evaluate")
        ground = Ground(reference, merge_units(job, crew))
        place, whole = rank_all(job, crew, ground, log)
        find_contracts(job, log)
        cohorts, units = place_statuses(job, crew, place, whole)
        if self.images:
            find_evidence(job, crew, self.images, self.inputs.crs, log)
        self.tell("land")
        facts = job.once("whole", "inputs", never)
        task = partial(publish_land, job=job, reference=reference, held=facts["held"])
        self.published = list(crew.each(task, len(job.land)))
        totals = self._totals(units)
        said = self._said(log, near)
        return self._tables(cohorts, said), totals, reference, said

    def _match(self, log: IssueLog) -> list[dict[str, Any]]:
        rules = self.job.rules
        wanted = rules.coefficient != "none" and not rules.grade_coefficients
        task = partial(match, job=self.job, reference=wanted)
        told = list(self.crew.each(task, len(self.job.land)))
        uses: dict[str, tuple[int, bool]] = {}
        for one in told:
            for use, (many, inside) in one["uses"].items():
                uses[use] = (uses.get(use, (0, inside))[0] + many, inside)
        blanks = [one["first_blank"] for one in told if one["first_blank"]]
        scope_issues(uses, min(blanks, default=""), log)
        return told

    def _reference(self, told: list[dict[str, Any]]) -> float:
        """``P0`` of the whole; the run stops where nothing gives a price (method, section 5), or
        there are no figures of a benchmark's year."""
        rules = self.job.rules
        wanted, asked = (
            ("no_grade", "graded") if rules.grade_coefficients else ("no_price", "priced")
        )
        lacks = rules.coefficient != "none" and not any(one[asked] for one in told)
        if lacks and self.job.once("whole", "inputs", never)["parcels"]:
            table = "price_zones" if rules.grade_coefficients else "parcels"
            raise UserError.of(f"prices.{wanted}", table=table)
        years_of(rules, self.job.year, set(self.inputs.years))
        if lacks:
            raise UserError.of(f"indicators.{wanted}_anywhere", table="price_zones")
        if rules.coefficient == "none" or rules.grade_coefficients:
            return float("nan")
        if rules.reference_price != "mean":
            return float(rules.reference_price)
        value = sum(int(one["value"]) for one in told)
        return price_of(value, sum(int(one["area"]) for one in told))

    def _gather_incomplete(self) -> None:
        def work(folder: Path) -> dict[str, Any]:
            found = gather(self.job, "match", "incomplete").drop_duplicates()
            save(found.sort_values("uscc", ignore_index=True), folder / "incomplete.parquet")
            return {}

        self.job.once("whole", "incomplete", work)

    def _said(self, log: IssueLog, near: dict[str, str]) -> IssueLog:
        job = self.job
        stages = [("match", len(job.land)), ("measure", len(job.firms))]
        paths = [job.path("whole", name) for name in ("inputs", "layers")]
        paths += [job.path(stage, part) for stage, parts in stages for part in range(parts)]
        said = said_once((read_issues(path / "issues.jsonl") for path in paths), near)
        said.extend(log)
        stop_on_errors(said)
        return said

    def _totals(self, units: dict[str, int]) -> dict[str, Any]:
        """The totals from the counts and exact sums of all parts."""
        told = [one["sums"] for one in self.published]
        many = {name: sum(int(one[name][0]) for one in told) for name in told[0]}
        mu = {name: Sums((sum(int(one[name][1]) for one in told),)) for name in told[0]}
        sums = {name: (many[name], float(mu[name].rounded()[0])) for name in many}
        return totals_of(sums, units, optional_contracts(self.job))

    def _tables(self, cohorts: pd.DataFrame, said: IssueLog) -> dict[str, Frames]:
        job = self.job
        whole = job.path("whole", "inputs")

        def of(stage: str, parts: int, name: str) -> Iterable[pa.Table]:
            paths = (job.path(stage, part) / f"{name}.arrow" for part in range(parts))
            return chain.from_iterable(pieces(path) for path in paths)

        def small(name: str) -> Frames:
            return partial(row_groups, whole / f"{name}.parquet")

        areas = published_areas(optional(job, "parks"), optional(job, "price_zones"))
        return {
            **{name: partial(of, "published", len(job.land), name) for name in LAND_TABLES},
            "units": partial(unit_rows, job, "units"),
            "unmatched_enterprises": partial(unit_rows, job, "unmatched"),
            "indicators": partial(of, "grade", len(job.firms), "indicators"),
            "cohorts": lambda: [cohorts],
            "issues": lambda: [issue_table(said)],
            **{name: small(name) for name in ("sources", "set_aside", "counts", "corrections")},
            "idle": lambda: [self._contracts()],
            "areas": lambda: [areas],
            "evidence": partial(of, "evidence", len(job.land), "evidence")
            if self.images
            else lambda: [EVIDENCE.empty()],
        }

    def _contracts(self) -> pd.DataFrame:
        contracts = optional_contracts(self.job)
        if contracts is None:
            return RUN_IDLE.empty()
        wanted = pa.array(contracts["parcel_id"], pa.string())
        rows = [
            found.filter(pc.is_in(found["parcel_id"], value_set=wanted))
            for part in range(len(self.job.land))
            for found in [
                stored(self.job.path("published", part) / "parcels.arrow").select(
                    ["parcel_id", "park", "township"]
                )
            ]
        ]
        land = pa.concat_tables(rows).to_pandas().astype("str")
        return publish_contracts(contracts, land)

"""Inputs larger than memory: surveyed, scattered and checked part by part, the same as as one.

The rows of the big tables (parcels, enterprises, occupancy) are never all in one process. What is
held there is named by :mod:`landuse.engines.reading.survey`,
:mod:`landuse.engines.reading.agreed`, :mod:`landuse.engines.reading.halo` (two parts with their
polygons) and :mod:`landuse.intake.staging` (a workbook as a whole).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa

from landuse.engines.parts.faults import noted, once
from landuse.engines.parts.frames import arrow_of, save
from landuse.engines.parts.job import Crew, Job
from landuse.engines.parts.notes import read_issues, write_issues
from landuse.engines.parts.places import remove
from landuse.engines.reading import agreed
from landuse.engines.reading.checked import check_firms, check_land, sum_blocks
from landuse.engines.reading.compose import compose_firms, compose_land, spread_points
from landuse.engines.reading.halo import find_overlaps
from landuse.engines.reading.listing import pieces_of
from landuse.engines.reading.scatter import scatter_firms, scatter_land, scatter_occupancy
from landuse.engines.reading.spans import done, spans_of
from landuse.engines.reading.survey import Survey
from landuse.errors import UserError
from landuse.intake.parcels import uses_facts
from landuse.intake.read import read_inputs
from landuse.intake.totals_check import Total
from landuse.issues import IssueLog
from landuse.pipeline.project_stops import with_stops
from landuse.pipeline.steps import stop_on_errors
from landuse.schema.tables import SET_ASIDE, SOURCES

if TYPE_CHECKING:
    from landuse.engines.reading.agreed import Told
    from landuse.intake.inputs import Inputs
    from landuse.intake.project import Project
    from landuse.issues import Issue
    from landuse.rules.model import Rules
    from landuse.schema.frame import Table
    from landuse.stores import Place

__all__ = ["Limit", "read_in_parts", "sweep"]

_ROW_BYTES: Final = 12_000
"""What a parcel, its enterprises and everything computed of them may take at the same time."""
_BASE: Final = 400 << 20
"""What the program takes before it has read anything."""
_ROOMY: Final = 2 << 30
"""From where two tables are written side by side."""
_MOST: Final = 250_000
_LEAST: Final = 2_000
_PASSING: Final = (
    "spans", "survey_land", "survey_zones", "survey_firms", "scattered_parcels",
    "scattered_enterprises", "scattered_occupancy", "checked_land", "checked_firms", "overlaps",
    "outliers", "spread", "staged", "listed", "named_parcels", "named_enterprises",
    "named_occupancy", "totals_enterprises", "totals_occupancy",
)  # fmt: skip
"""Stages that nobody asks for once the parts are composed."""


@dataclass(frozen=True)
class Limit:
    """How many bytes a process may take."""

    bytes: int

    @property
    def rows(self) -> int:
        """How many parcels a part may then have."""
        return min(max((self.bytes - _BASE) // _ROW_BYTES, _LEAST), _MOST)

    @property
    def tables(self) -> int:
        """How many tables may be written side by side: of a wide one a row group takes 130 MB."""
        return 2 if self.bytes >= _ROOMY else 1

    @property
    def held(self) -> int:
        """How many bytes of rows may wait to be written."""
        return min(max(self.bytes // 16, 8 << 20), 256 << 20)


def read_in_parts(
    project: Project,
    rules: Rules,
    day: dt.date,
    log: IssueLog,
    first: Job,
    crew: Crew,
    rows: int,
    held: int,
) -> tuple[Job, Inputs]:
    """Read, check and cut the inputs into the parts of a job; the inputs without their rows.

    ``first`` has the folder of the job, and its cuts where they are given; ``rows`` is how many
    parcels a part may have, ``held`` how many bytes may wait to be written. Raises
    :class:`landuse.errors.UserError` as the ordinary reading does, and
    :class:`landuse.intake.strange.Strange` where a table must be read as a whole.
    """
    survey = Survey(first, crew, rows)
    inputs = read_inputs(project, rules, log, readers=survey.readers())
    small = (len(inputs.sources), len(inputs.set_aside))
    inputs = with_stops(project, inputs, day, log)
    stop_on_errors(log)
    land, firms = first.land or survey.land, first.firms or survey.firms
    job = replace(first, land=land, firms=firms)
    work = _Work(job, project, inputs, survey, crew, small)
    work.scatter(held)
    return work.check(log)


def sweep(folder: Place) -> None:
    """Remove what is no longer needed once the parts are composed, or cannot be."""
    for stage in _PASSING:
        remove(folder / stage)


class _Work:
    """One reading in parts."""

    def __init__(
        self,
        job: Job,
        project: Project,
        inputs: Inputs,
        survey: Survey,
        crew: Crew,
        small: tuple[int, int],
    ) -> None:
        self.job, self.project, self.inputs, self.survey = job, project, inputs, survey
        self.crew, self.small = crew, small
        columns = survey.keys["parcels"].columns
        assert columns is not None
        self.columns = columns

    def scatter(self, held: int) -> None:
        """Bring the rows of every big table to the parts of their keys."""
        rounds: dict[str, Callable[..., dict[str, Any]]] = {
            "parcels": partial(scatter_land, told=self.survey.told),
            "enterprises": scatter_firms,
            "occupancy": scatter_occupancy,
        }
        for kind, key in self.survey.keys.items():
            task = partial(rounds[kind], job=self.job, project=self.project, key=key, held=held)
            for _ in done(self.crew, task, len(spans_of(self.job, kind))):
                pass

    def check(self, log: IssueLog) -> tuple[Job, Inputs]:
        """Check the parts; say what all of them say together; write what the batch reads."""
        job, crew = self.job, self.crew
        lands, firms = self._checked(log)
        if sum(one["enterprises"] for one in firms):
            agreed.say_exemptions(job, crew, self.inputs.exemptions, log)
        around = [one["bounds"] for one in lands]
        task = partial(find_overlaps, job=job, crs=self.inputs.crs, around=around)
        _done(crew, task, len(job.land))
        job.once("whole", "medians", partial(agreed.save_medians, job, firms))
        task = partial(agreed.say_outliers, job=job, cohort=firms[0]["cohort"])
        _done(crew, task, len(job.firms))
        self._compose(lands, firms)
        inputs = self._inputs(lands, firms)
        job.once("whole", "inputs", lambda folder: self._write(folder, inputs, lands, firms, log))
        sweep(job.folder)
        return job, inputs

    def _checked(self, log: IssueLog) -> tuple[Told, Told]:
        """Every part of the land and of the firms; raises the faults of all of them, and of the
        whole tables, in one :class:`UserError`."""
        job, project, told = self.job, self.project, self.survey.told
        lands: Told = []
        firms: Told = []
        faults: list[Issue] = []
        with noted(faults):
            task = partial(
                check_land, job=job, project=project, told=told, key=self.survey.keys["parcels"],
                known=self.survey.known.get("occupancy", ()),
            )  # fmt: skip
            lands = self._asked("occupancy", task, len(job.land), faults, log)
            self._say_land(lands, log)
        # where the land cannot be read, nobody knows where points should lie
        crs = "" if faults else self.inputs.crs
        with noted(faults):
            known = self.survey.known["enterprises"]
            task = partial(check_firms, job=job, project=project, crs=crs, known=known)
            firms = self._asked("enterprises", task, len(job.firms), faults, log)
            agreed.say_absent(job, firms, log)
        for path, one in self._parts(lands, firms):
            if one["errors"]:
                found = read_issues(path / "issues.jsonl")
                faults += [issue for issue in found if issue.severity == "error"]
        if faults or log.errors():
            raise UserError(once([*faults, *log.errors()]))
        return lands, firms

    def _asked(
        self,
        kind: str,
        task: Callable[[int], dict[str, Any]],
        parts: int,
        faults: list[Issue],
        log: IssueLog,
    ) -> Told:
        """What the parts tell, of which none failed, and what they tell of their whole tables,
        which are of a ``kind``."""
        told = list(self.crew.each(task, parts))
        totals = []
        for asked in zip(*(one.get("asked", []) for one in told), strict=True):
            agreed.say_large((one["amounts"] for one in asked), log)
            with noted(faults):
                agreed.say_extents(asked)
            totals.append([Total(*row) for one in asked for row in one["totals"]])
        if any(totals):
            summed = partial(
                sum_blocks, job=self.job, project=self.project, kind=kind,
                known=self.survey.known[kind], totals=totals,
            )  # fmt: skip
            sums = (one for part in self.crew.each(summed, parts) for one in part["sums"])
            agreed.say_totals(kind, totals, sums, log)
        return told

    def _say_land(self, lands: Told, log: IssueLog) -> None:
        agreed.say_forms(self.job, lands, log)
        agreed.say_large((one["amounts"] for one in lands), log)
        agreed.prove_unit(self.job, lands[0]["unit"], self.columns, self.project)

    def _parts(self, lands: Told, firms: Told) -> Iterator[tuple[Place, Any]]:
        for stage, told in (("checked_land", lands), ("checked_firms", firms)):
            for part, one in enumerate(told):
                yield self.job.path(stage, part), one

    def _compose(self, lands: Told, firms: Told) -> None:
        """The parts as the stages of the batch read them."""
        job = self.job
        around = [one["around"] for one in lands]
        points = bool(sum(one["points"] for one in firms))
        if points:
            _done(self.crew, partial(spread_points, job=job, around=around), len(job.firms))
        strays = [part for part, one in enumerate(lands) if one.get("strays")]
        confirmed = self.inputs.confirmed_links
        job.once("whole", "confirmed", partial(_save, confirmed))
        task = partial(compose_land, job=job, points=points, strays=strays)
        _done(self.crew, task, len(job.land))
        _done(self.crew, partial(compose_firms, job=job), len(job.firms))

    def _inputs(self, lands: Told, firms: Told) -> Inputs:
        inputs, uses = self.inputs, agreed.uses_of(lands)
        rows = [row for one in (*lands, *firms) for row in one["counts"]]
        counts = pd.DataFrame(rows, columns=inputs.counts.columns)
        counts = pd.concat([inputs.counts, counts], ignore_index=True).astype(
            {"table": "str", "file": "str"}
        )
        counts = counts.groupby(["table", "file"], sort=True, as_index=False).sum()
        years = sorted({year for one in firms for year in one["years"]})
        found = uses_facts(uses, self.survey.told["file"])
        at = next(
            place for place, fact in enumerate(inputs.facts)
            if fact.code == "intake_layers.fact_working_crs"
        )  # fmt: skip
        return replace(
            inputs,
            counts=counts[list(inputs.counts.columns)],
            facts=(*inputs.facts[: at + 1], *found, *inputs.facts[at + 1 :]),
            has_prices=inputs.has_prices or any(one["priced"] for one in lands),
            years=tuple(years),
        )

    def _write(
        self, folder: Path, inputs: Inputs, lands: Told, firms: Told, log: IssueLog
    ) -> dict[str, Any]:
        for name in ("price_zones", "parks", "supply", "exemptions", "counts", "corrections"):
            frame = getattr(inputs, name)
            if frame is not None:
                save(frame, folder / f"{name}.parquet")
        for name, table, rows in (
            ("sources", SOURCES, self.small[0]),
            ("set_aside", SET_ASIDE, self.small[1]),
        ):
            frames = self._merged(name, table, getattr(inputs, name), rows, lands, firms)
            agreed.stream(frames, folder / f"{name}.parquet", table.empty())
        write_issues(self._issues(lands, firms, log), folder / "issues.jsonl")
        return {
            "parcels": sum(one["parcels"] for one in lands),
            "enterprises": sum(one["enterprises"] for one in firms),
            "held": any(one["held"] for one in lands),
        }

    def _merged(
        self, name: str, table: Table, small: pd.DataFrame, rows: int, lands: Told, firms: Told
    ) -> Iterator[pa.Table]:
        """The rows of every table in the order of their names, then those of the projects."""
        mine = small.iloc[:rows]
        big = {"parcels": ("checked_land", lands), "enterprises": ("checked_firms", firms)}
        if self.project.occupancy is not None:
            big["occupancy"] = big["parcels"]
        for one in sorted({*big, *mine["table"]}):
            if one not in big:
                yield _arrow(mine[mine["table"] == one])
                continue
            stage, told = big[one]
            part = f"{name}-{one}"
            paths = [self.job.path(stage, at) / f"{part}.parquet" for at in range(len(told))]
            yield from agreed.merged(paths, [each["firsts"].get(part) for each in told], table)
        yield _arrow(small.iloc[rows:])

    def _issues(self, lands: Told, firms: Told, log: IssueLog) -> Iterator[Issue]:
        tables = pieces_of("occupancy", self.job, self.project)
        files = [file for pieces in tables for file in pieces.files]
        paths = [path / "issues.jsonl" for path, _ in self._parts(lands, firms)]
        stages = (("overlaps", len(lands)), ("outliers", len(firms)))
        said = [
            self.job.path(stage, part) / "issues.jsonl"
            for stage, parts in stages
            for part in range(parts)
        ]
        return chain(
            log,
            agreed.said_by_parts(paths, files),
            chain.from_iterable(read_issues(path) for path in said),
        )


def _arrow(frame: pd.DataFrame) -> pa.Table:
    return arrow_of(frame.reset_index(drop=True))


def _done(crew: Crew, task: Callable[[int], Any], parts: int) -> None:
    for _ in crew.each(task, parts):
        pass


def _save(frame: pd.DataFrame, folder: Path) -> dict[str, Any]:
    save(frame, folder / "confirmed.parquet")
    return {"rows": len(frame)}

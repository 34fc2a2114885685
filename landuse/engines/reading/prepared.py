"""Inputs that were read, checked and cut once, kept for as long as no input changes."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse import __version__, intake
from landuse.engines.parts.cuts import cut_evenly, cut_parcels
from landuse.engines.parts.faults import Together
from landuse.engines.parts.faults import at_once as ends_at_once
from landuse.engines.parts.frames import load
from landuse.engines.parts.held import held
from landuse.engines.parts.job import Crew, Here, Job
from landuse.engines.parts.notes import facts_of, told_facts
from landuse.engines.parts.places import place_of, remove
from landuse.engines.reading.bounded import Limit, read_in_parts, sweep
from landuse.engines.reading.listing import list_files
from landuse.engines.reading.split import split_inputs
from landuse.engines.reading.staging import stage_tables
from landuse.engines.reading.survey import prove_parts
from landuse.errors import UserError
from landuse.intake.images import images_of
from landuse.intake.inputs import Inputs, SourceFile
from landuse.intake.project import Source, files_of
from landuse.intake.safety import digest
from landuse.intake.strange import Strange
from landuse.intake.worksheets import shown
from landuse.issues import IssueLog
from landuse.pipeline.evaluate import years_of
from landuse.pipeline.identify import report_day
from landuse.pipeline.manifest import run_id
from landuse.pipeline.project_stops import with_stops
from landuse.pipeline.steps import stop_on_errors
from landuse.schema.tables import (
    CONFIRMED,
    ENTERPRISES,
    LOST_PARCELS,
    OCCUPANCY,
    PARCELS,
    SET_ASIDE,
    SOURCES,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landuse.intake.project import Project
    from landuse.intake.raw import Fact
    from landuse.messages import Lang
    from landuse.rules.model import Rules
    from landuse.stores import Place

__all__ = ["PARCELS_A_PART", "Cuts", "Prepared", "prepare_parts"]

PARCELS_A_PART: Final = 100_000
_LAYOUT: Final = 2
"""Grows whenever a folder of work is filled otherwise: older ones are then not gone on with."""


@dataclass(frozen=True)
class Cuts:
    """Where to cut; ``None``: parts of about ``rows`` parcels and enterprises.

    ``memory``: how many bytes a process may take; the inputs are then read in parts, too
    (:mod:`landuse.engines.reading.bounded`), and ``rows`` is lessened to what fits. Cuts that are
    given are put in order.

    >>> Cuts(land=("b", "a", "b")).land
    ('', 'a', 'b')
    """

    rows: int = PARCELS_A_PART
    land: tuple[str, ...] | None = None
    firms: tuple[str, ...] | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        for name in ("land", "firms"):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, tuple(sorted({"", *given})))


@dataclass(frozen=True)
class Prepared:
    """The job with its parts on disk; ``inputs`` without their rows; ``run_id`` of the run;
    ``again``: whether the parts were there already; ``at_once``: why the inputs had to be read as
    a whole though memory is limited, if they had."""

    job: Job
    inputs: Inputs
    run_id: str
    again: bool
    at_once: tuple[Fact, ...]


@contextlib.contextmanager
def prepare_parts(
    project: Project,
    rules: Rules,
    day: dt.date,
    lang: Lang,
    cuts: Cuts,
    work: Path | str,
    tell: Callable[[str], None],
    crew: Crew | None = None,
) -> Iterator[Prepared]:
    """Read and cut the inputs into a folder below ``work``, unless that was done. ``work`` is a
    folder, or the address of a place in an object store.

    Nobody else has the folder for the time of the block (:func:`landuse.engines.parts.held.held`).

    The folder is named by the digests of every input file, the project file's settings, the rules,
    the day and the cuts: if any of these changes, it is another folder. Raises
    :class:`landuse.errors.UserError` as the ordinary batch does.
    """
    folder = place_of(work) / f".parts-{_name(project, rules, day, lang, cuts)}"
    with held(folder):
        try:
            found = _prepared(
                project, rules, day, lang, cuts, folder, tell, Together(crew or Here())
            )
        except UserError as fault:
            if not ends_at_once(fault):  # mended inputs have a folder of their own
                remove(folder)
            raise
        yield found


def _prepared(
    project: Project,
    rules: Rules,
    day: dt.date,
    lang: Lang,
    cuts: Cuts,
    folder: Place,
    tell: Callable[[str], None],
    crew: Crew,
) -> Prepared:
    state = folder / "whole" / "state" / "told.json"
    if state.is_file():
        return _from_state(json.loads(state.read_text("utf-8")), folder, rules, day)
    tell("read")
    reasons: tuple[Fact, ...] = ()
    try:
        found = _in_parts(project, rules, day, cuts, folder, crew)
    except Strange as other:
        sweep(folder)
        found, reasons = None, other.reasons
    job, inputs = found or _as_one(project, rules, day, cuts, folder, tell)
    identity = run_id(project, rules, day, inputs.files, lang)
    job.once("whole", "state", lambda _: _state(job, inputs, identity, reasons))
    return _from_state(json.loads(state.read_text("utf-8")), folder, rules, day, again=False)


def _as_one(
    project: Project, rules: Rules, day: dt.date, cuts: Cuts, folder: Place,
    tell: Callable[[str], None],
) -> tuple[Job, Inputs]:  # fmt: skip
    """Read the inputs as the ordinary batch does, and cut them."""
    log = IssueLog()
    report_day(project, day, log)
    inputs = with_stops(project, intake.read_inputs(project, rules, log), day, log)
    stop_on_errors(log)
    years = tuple(years_of(rules, project.year))
    land = cuts.land or cut_parcels(sorted(inputs.parcels["parcel_id"]), cuts.rows)
    firms = cuts.firms or cut_evenly(sorted(inputs.enterprises["uscc"]), cuts.rows)
    job = Job(folder, rules, day, years, land, firms)
    tell("split")
    split_inputs(job, inputs, log)
    return job, inputs


def _in_parts(
    project: Project, rules: Rules, day: dt.date, cuts: Cuts, folder: Place, crew: Crew
) -> tuple[Job, Inputs] | None:
    """Read the inputs in parts; ``None`` where no limit is set. Raises
    :class:`landuse.intake.strange.Strange` where they must be read as a whole."""
    if cuts.memory is None:
        return None
    prove_parts(project)
    limit, log = Limit(cuts.memory), IssueLog()
    report_day(project, day, log)
    first = Job(folder, rules, day, (project.year,), cuts.land or (), cuts.firms or ())
    list_files(first, project)
    limit = Limit(limit.bytes - stage_tables(project, rules, first, crew, limit.bytes))
    rows = min(cuts.rows, limit.rows)
    job, inputs = read_in_parts(project, rules, day, log, first, crew, rows, limit.held)
    years = tuple(years_of(rules, project.year))
    return replace(job, years=years), inputs


def _name(project: Project, rules: Rules, day: dt.date, lang: Lang, cuts: Cuts) -> str:
    settings = project.model_dump(mode="json", exclude={"file", "base", "as_of", "rules"})
    files = sorted((shown(path, project.base), digest(path)) for path in set(_files(project)))
    known = {
        "files": files, "project": settings, "rules": rules.digest, "as_of": day.isoformat(),
        "version": __version__, "layout": _LAYOUT, "lang": lang,
        "cuts": [cuts.rows, cuts.land, cuts.firms, cuts.memory],
    }  # fmt: skip
    text = json.dumps(known, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _files(project: Project) -> Iterator[Place]:
    """The files of every source that the project file names, and its images."""
    found = [getattr(project, name) for name in type(project).model_fields]
    while found:
        one = found.pop()
        if isinstance(one, tuple | list):
            found += one
        elif isinstance(one, Source):
            yield from files_of(one, project)
            found.append(getattr(one, "tables", ()))
    with contextlib.suppress(UserError):  # who reads the inputs says which are absent
        yield from images_of(project)


def _state(job: Job, inputs: Inputs, identity: str, reasons: Sequence[Fact]) -> dict[str, Any]:
    return {
        "at_once": told_facts(reasons),
        "run_id": identity,
        "years": job.years,
        "land": job.land,
        "firms": job.firms,
        "crs": inputs.crs,
        "input_years": list(inputs.years),
        "has": [inputs.has_land_use, inputs.has_prices],
        "files": [[one.path, one.sha256, one.bytes] for one in inputs.files],
        "facts": told_facts(inputs.facts),
    }


def _from_state(
    told: dict[str, Any], folder: Place, rules: Rules, day: dt.date, *, again: bool = True
) -> Prepared:
    job = Job(
        folder, rules, day, tuple(told["years"]), tuple(told["land"]), tuple(told["firms"])
    )  # fmt: skip
    tables = job.path("whole", "inputs")
    at_once = facts_of(told["at_once"])
    inputs = Inputs(
        parcels=PARCELS.empty(),
        lost_parcels=LOST_PARCELS.empty(),
        enterprises=ENTERPRISES.empty(),
        figures=load(job.path("firms", 0) / "figures.parquet").iloc[:0],
        occupancy=OCCUPANCY.empty(),
        confirmed_links=CONFIRMED.empty(),
        price_zones=None,
        parks=None,
        supply=None,
        exemptions=load(tables / "exemptions.parquet"),
        counts=load(tables / "counts.parquet"),
        set_aside=SET_ASIDE.empty(),
        sources=SOURCES.empty(),
        corrections=load(tables / "corrections.parquet"),
        facts=facts_of(told["facts"]),
        files=tuple(SourceFile(*one) for one in told["files"]),
        crs=told["crs"],
        has_land_use=told["has"][0],
        has_prices=told["has"][1],
        years=tuple(told["input_years"]),
    )
    return Prepared(job, inputs, told["run_id"], again, at_once)

"""The identification batch from a project file to a run folder."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landuse.errors import UserError
from landuse.intake.project import Project, load_project
from landuse.issues import IssueLog
from landuse.pipeline.manifest import manifest, run_id
from landuse.pipeline.progress import Progress, silent
from landuse.pipeline.publish import run_tables
from landuse.pipeline.steps import STEPS, Computed, compute
from landuse.publish import ready, write_run
from landuse.rules import load

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.rules.model import Rules

__all__ = ["Run", "compute", "identify", "prepare", "report_day"]


@dataclass(frozen=True)
class Run:
    """A finished run: where it lies, its id, its totals and what intake counted and found."""

    folder: Path
    run_id: str
    computed: Computed
    log: IssueLog

    @property
    def totals(self) -> dict[str, Any]:
        """The totals that the map, the workbook and ``run.json`` show."""
        return self.computed.totals


def prepare(
    path: Path, as_of: dt.date | None = None, *, land_only: bool = False
) -> tuple[Project, Rules, dt.date]:
    """Project, rules as they hold on the day, and the day itself.

    ``land_only``: the project need not name enterprises (:func:`load_project`).
    Raises :class:`landuse.errors.UserError` if no day is given anywhere: no rule reads a clock.
    """
    project = load_project(path, land_only=land_only)
    day = as_of or project.as_of
    if day is None:
        raise UserError.of("pipeline.no_as_of", file=path.name)
    rules = load(project.rules.pack, as_of=day, override=project.rules.override, base=project.base)
    return project, rules, day


def report_day(project: Project, day: dt.date, log: IssueLog) -> None:
    """An issue where the evaluation day lies before the end of the evaluated year."""
    if day < dt.date(project.year, 12, 31):
        place = {"file": project.file.name, "column": "as_of", "value": day.isoformat()}
        log.add("pipeline.day_before_year_end", **place, year=project.year)


def identify(
    path: Path,
    *,
    out: Path | None = None,
    as_of: dt.date | None = None,
    lang: Lang = "zh",
    progress: Progress = silent,
) -> Run:
    """Run the batch on the project file ``path`` and write the run folder.

    ``out`` is the run folder; the default is ``runs/<as_of>-<run id>`` beside the project file.
    Raises :class:`landuse.errors.UserError` for whatever the user can mend.
    """
    project, rules, day = prepare(path, as_of)
    if out is not None:
        ready(out, [project.file])
    log = IssueLog()
    report_day(project, day, log)
    computed = compute(project, rules, day, log, progress)
    identity = run_id(project, rules, day, computed.inputs.files, lang)
    folder = out or project.base / "runs" / f"{day.isoformat()}-{identity}"
    described = manifest(project, computed, day, identity, lang)
    progress("write", STEPS.index("write"), len(STEPS))
    inputs = [project.base / entry.path for entry in computed.inputs.files]
    written = write_run(
        run_tables(computed, described, log), folder, lang=lang, inputs=[project.file, *inputs]
    )
    progress("write", len(STEPS), len(STEPS))
    return Run(written, identity, computed, log)

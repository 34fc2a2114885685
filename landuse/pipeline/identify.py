"""The identification batch from a project file to a run folder."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landuse.issues import IssueLog
from landuse.pipeline.manifest import manifest, run_id
from landuse.pipeline.memory import kept_for_reuse
from landuse.pipeline.prepare import prepare, report_day
from landuse.pipeline.progress import Progress, silent
from landuse.pipeline.publish import run_tables
from landuse.pipeline.steps import STEPS, Computed, compute
from landuse.publish import ready, write_run

if TYPE_CHECKING:
    from landuse.messages import Lang

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
    with kept_for_reuse():
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

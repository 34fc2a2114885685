"""Intake alone: what is wrong with the files, where, and whose job it is to mend it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landuse import intake
from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.pipeline.issue_table import issue_table
from landuse.pipeline.prepare import prepare, report_day
from landuse.publish import write_issues

if TYPE_CHECKING:
    from landuse.intake.inputs import Inputs
    from landuse.messages import Lang

__all__ = ["Checked", "check"]


@dataclass(frozen=True)
class Checked:
    """What intake found; ``inputs`` is ``None`` where a fault of structure stopped the reading."""

    inputs: Inputs | None
    log: IssueLog
    workbook: Path


def check(
    path: Path,
    *,
    out: Path | None = None,
    as_of: dt.date | None = None,
    lang: Lang = "zh",
) -> Checked:
    """Read the project's files, write ``issues.xlsx`` (or ``out``) and give what was found.

    Faults that would stop the batch are among the issues, so that all are seen at once. Raises
    :class:`landuse.errors.UserError` only where the project file itself cannot be used or the
    workbook cannot be written.
    """
    project, rules, day = prepare(path, as_of)
    log = IssueLog()
    report_day(project, day, log)
    inputs: Inputs | None = None
    try:
        inputs = intake.read_inputs(project, rules, log)
    except UserError as error:
        known = list(log)
        log.extend(issue for issue in error.issues if issue not in known)
    target = out or project.base / "issues.xlsx"
    write_issues(issue_table(log), inputs.counts if inputs else None, target, lang=lang)
    return Checked(inputs, log, target)

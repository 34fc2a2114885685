"""Before anything is read: the project, its rules as they hold on the day, and the day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from landuse.errors import UserError
from landuse.intake.project import Project, load_project
from landuse.rules import load

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.rules.model import Rules

__all__ = ["prepare", "report_day"]


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

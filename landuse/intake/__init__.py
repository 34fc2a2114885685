"""Files → validated parcels, enterprises, occupancy, zones, supply.

Takes a project and its rules; gives every input table checked, in exact units, with what was set
aside and why. Does not match, compute or rank, and never writes beside the user's files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landuse.intake.inputs import Inputs
    from landuse.intake.project import Project
    from landuse.intake.read import Progress
    from landuse.issues import IssueLog
    from landuse.rules import Rules

__all__ = ["read_inputs"]


def read_inputs(
    project: Project,
    rules: Rules,
    log: IssueLog,
    progress: Progress | None = None,
    *,
    land_only: bool = False,
) -> Inputs:
    """Every table of ``project``; see :func:`landuse.intake.read.read_inputs`."""
    from landuse.intake.read import read_inputs as read

    return read(project, rules, log, progress, land_only=land_only)

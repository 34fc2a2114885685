"""The rasters that a project names as evidence: which files they are. Opens none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse.errors import UserError
from landuse.intake.safety import RASTER_SUFFIXES, checked_path
from landuse.issues import IssueLog

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.intake.project import Project

__all__ = ["images_of"]


def images_of(project: Project) -> list[Path]:
    """The file of each ``[[evidence]]`` of the project, in their order.

    Raises :class:`landuse.errors.UserError` for every path that is an address, absent, or no
    raster that the program reads.
    """
    log = IssueLog()
    found = []
    for entry in project.evidence:
        try:
            found.append(checked_path(entry.path, project.base, RASTER_SUFFIXES))
        except UserError as error:
            log.extend(error.issues)
    if len(log):
        raise UserError(list(log))
    return found

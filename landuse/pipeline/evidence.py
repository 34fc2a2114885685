"""Evidence of images within a batch: the rasters of the project, laid over its parcels."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from landuse.idle.evidence import NEEDED, Image, zonal
from landuse.intake.images import images_of
from landuse.intake.safety import parts_of
from landuse.intake.worksheets import shown

if TYPE_CHECKING:
    import pandas as pd

    from landuse.intake.project import Project
    from landuse.issues import IssueLog
    from landuse.rules.model import Rules

__all__ = ["evidence_of", "images", "raster_versions"]


def evidence_of(
    project: Project, parcels: pd.DataFrame, crs: str, rules: Rules, log: IssueLog
) -> pd.DataFrame | None:
    """EVIDENCE for ``parcels`` (PARCELS, in the working system ``crs``), sorted by parcel and
    label; ``None`` where the project names no images.

    Raises :class:`landuse.errors.UserError` with the faults of all images.
    """
    if not project.evidence:
        return None
    return zonal(parcels, images(project), crs, rules, log)


def images(project: Project) -> list[Image]:
    """The images of the project as the room of idle land takes them."""
    return [
        Image(
            path=path,
            name=shown(path, project.base),
            label=entry.title,
            kind=entry.kind,
            band=entry.band,
            built_values=entry.built_values,
            crs=entry.crs,
            nodata=entry.nodata,
            scale=entry.scale,
            offset=entry.offset,
            companions=tuple(parts_of(path)[1:]),
        )
        for entry, path in zip(project.evidence, images_of(project), strict=True)
    ]


def raster_versions(project: Project) -> dict[str, str]:
    """Versions of what reads rasters, where the project has any."""
    return {name: metadata.version(name) for name in NEEDED} if project.evidence else {}

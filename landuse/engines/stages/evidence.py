"""Evidence of images, looked at part by part of the land (method, section 7).

What an image shows of a parcel depends on no other parcel; what is said of the image as a whole
(how many parcels it covers, whether its values are shares at all) follows from what the parts saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landuse.engines.output.stored import as_published, store
from landuse.engines.parts.faults import noted
from landuse.engines.parts.frames import load
from landuse.engines.parts.notes import issue_of, place_of
from landuse.errors import UserError
from landuse.idle.evidence import Image, Seen, conclude, installed, look, of_images
from landuse.issues import IssueLog
from landuse.schema.tables import EVIDENCE

if TYPE_CHECKING:
    from landuse.engines.parts.job import Crew, Job
    from landuse.issues import Issue

__all__ = ["find_evidence", "look_at"]


def find_evidence(job: Job, crew: Crew, images: Sequence[Image], crs: str, log: IssueLog) -> None:
    """EVIDENCE of every part of the land, whose shapes are in the system ``crs``.

    Raises :class:`landuse.errors.UserError` with the faults of all images.
    """
    task = partial(look_at, job=job, images=images, crs=crs)
    told = list(crew.each(task, len(job.land)))
    said = [issue_of(*one) for part in told for one in part["issues"]]
    log.extend({issue.sort_key(): issue for issue in said}.values())
    faults: list[Issue] = []
    for number, image in enumerate(images):
        parts = [part["images"][number] for part in told]
        failed = [part["faults"] for part in parts if "faults" in part]
        if failed:
            faults += [issue_of(*one) for one in failed[0]]
            continue
        with noted(faults):
            conclude(image, Seen.together([Seen(**part) for part in parts]), log)
    if faults:
        raise UserError(faults)


def look_at(part: int, job: Job, images: Sequence[Image], crs: str) -> dict[str, Any]:
    """Write EVIDENCE of one part; tell what was seen of each image, or why it cannot be read."""

    def work(folder: Path) -> dict[str, Any]:
        installed()
        path = job.path("land", part) / "parcels.parquet"
        parcels = load(path, ["parcel_id", "geometry"])
        log, tables = IssueLog(), []
        told: list[dict[str, Any]] = []
        for image in images:
            try:
                table, seen = look(parcels, image, crs, job.rules, log)
            except UserError as error:
                told.append({"faults": [place_of(issue) for issue in error.issues]})
            else:
                tables.append(table)
                told.append(asdict(seen))
        store(as_published(of_images(tables), EVIDENCE), folder / "evidence.arrow")
        return {"images": told, "issues": [place_of(issue) for issue in log]}

    return job.once("evidence", part, work)

"""The files of the big tables, listed once: whoever does a part of the reading reads this list.

So a file that comes or goes while the parts are read moves no number, and nobody asks a disk or a
store for the names of all files again. A file that is changed meanwhile is a fault in words
(:meth:`landuse.intake.streamed.Pieces.read`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landuse.engines.parts.places import MARK, remove
from landuse.intake.enterprises import enterprise_sources
from landuse.intake.project import files_of
from landuse.intake.staged import Copy, copy_name
from landuse.intake.staging import can_stage
from landuse.intake.streamed import Pieces, mark_of
from landuse.intake.worksheets import shown
from landuse.stores import Stored

if TYPE_CHECKING:
    from landuse.engines.parts.job import Job
    from landuse.intake.project import Project, Source
    from landuse.stores import Place

__all__ = ["KINDS", "list_files", "pieces_of"]

KINDS = ("parcels", "enterprises", "occupancy")
"""The big tables; figures of enterprises count among these."""


def list_files(job: Job, project: Project) -> None:
    """List the files of all big tables in the stage ``listed`` of the job.

    A list that a run which stopped has left is replaced where a file was touched since (its bytes
    are the same: else the job were another).
    """
    found = {
        kind: [_listed(kind, one, project) for one in _sources(kind, project)] for kind in KINDS
    }
    if job.once("listed", "files", lambda _: found) != found:
        remove(job.folder / "listed")
        job.once("listed", "files", lambda _: found)


def pieces_of(kind: str, job: Job, project: Project) -> list[Pieces]:
    """The tables of a kind, as :func:`list_files` found them."""
    tables = json.loads((job.path("listed", "files") / MARK).read_text("utf-8"))[kind]
    return [
        _pieces(kind, source, files, job)
        for source, files in zip(_sources(kind, project), tables, strict=True)
    ]


def _sources(kind: str, project: Project) -> list[Source]:
    given = enterprise_sources(project) if kind == "enterprises" else [getattr(project, kind)]
    return [one for one in given if one is not None]


def _listed(kind: str, source: Source, project: Project) -> list[list[Any]]:
    """Every file: where it lies, what messages call it, what tells it from a later one, and the
    name of its copy if it has to have one."""
    found = []
    for place in files_of(source, project):
        file = shown(place, project.base)
        staged = can_stage(place, layer=kind == "parcels")
        copy = copy_name(kind, source, file) if staged else ""
        found.append([_told(place), file, mark_of(place), copy])
    return found


def _told(place: Place) -> list[str]:
    if isinstance(place, Stored):
        return [place.url, place.key, place.version]
    return [str(place)]


def _place(told: list[str]) -> Place:
    return Stored(*told) if len(told) > 1 else Path(*told)


def _pieces(kind: str, source: Source, listed: list[list[Any]], job: Job) -> Pieces:
    places, files, marks, copies = zip(*listed, strict=True)
    return Pieces(
        kind, source, tuple(map(_place, places)), files, kind == "parcels",
        _Copies(job.folder / "staged", copies), marks,
    )  # fmt: skip


class _Copies(dict[int, Copy | None]):
    """The copies of files by their number, each opened where it is asked for."""

    def __init__(self, folder: Place, names: tuple[str, ...]) -> None:
        super().__init__()
        self._folder, self._names = folder, names

    def __missing__(self, number: int) -> Copy | None:
        name = self._names[number]
        self[number] = Copy.at(self._folder / name) if name else None
        return self[number]

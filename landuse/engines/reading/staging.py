"""Big tables that are no Parquet, copied into such before they are surveyed: one part a file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from landuse.engines.parts.notes import facts_of, told_facts
from landuse.engines.reading.listing import KINDS, pieces_of
from landuse.intake.enterprise_table import enterprise_words
from landuse.intake.occupancy import occupancy_words
from landuse.intake.project import EnterpriseTable
from landuse.intake.staged import copy_name
from landuse.intake.staging import can_stage, stage
from landuse.intake.strange import Strange
from landuse.stores import local

if TYPE_CHECKING:
    from landuse.engines.parts.job import Crew, Job
    from landuse.intake.columns import Vocabulary
    from landuse.intake.project import Project, Source
    from landuse.intake.raw import Fact
    from landuse.rules.model import Rules
    from landuse.stores import Place

__all__ = ["stage_tables"]

_KEPT: Final = 96 << 20
"""What the libraries that read other formats keep of memory once they were used."""


class _File(NamedTuple):
    table: str
    source: Source
    path: Place
    file: str


def stage_tables(project: Project, rules: Rules, job: Job, crew: Crew, limit: int) -> int:
    """Copy the big tables of other formats into the stage ``staged`` of the job; how many bytes of
    memory that takes for good. Raises :class:`landuse.intake.strange.Strange` with the reasons of
    all files of which there can be no copy.

    ``limit`` is how many bytes a process may take. What is wrong with a file is said when it is
    read (:class:`landuse.intake.staged.Copy`).
    """
    many = len(list(_files(job, project)))
    reasons: list[Fact] = []
    for told in crew.each(
        partial(_stage, project=project, rules=rules, job=job, limit=limit), many
    ):
        reasons += facts_of(told["whole"])
    if reasons:
        raise Strange(*reasons)
    return _KEPT if many else 0


def _stage(part: int, project: Project, rules: Rules, job: Job, limit: int) -> dict[str, Any]:
    one = list(_files(job, project))[part]
    words = _words(one.table, one.source, rules)

    def work(folder: Path) -> dict[str, Any]:
        copy = stage(one.table, one.source, local(one.path), one.file, words, limit, folder)
        return {"whole": told_facts(copy.strange)}

    return job.once("staged", copy_name(one.table, one.source, one.file), work)


def _files(job: Job, project: Project) -> Iterator[_File]:
    """The files of big tables that must be copied."""
    for table in KINDS:
        for pieces in pieces_of(table, job, project):
            for path, file in zip(pieces.paths, pieces.files, strict=True):
                if can_stage(path, layer=pieces.layer):
                    yield _File(table, pieces.source, path, file)


def _words(table: str, source: Source, rules: Rules) -> Vocabulary | None:
    if table == "parcels":
        return None
    if isinstance(source, EnterpriseTable):
        return enterprise_words(source, rules)
    return occupancy_words(source)

"""Big tables that are no Parquet, copied into such before they are surveyed: one part a file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from landuse.intake.enterprise_table import enterprise_words
from landuse.intake.enterprises import enterprise_sources
from landuse.intake.occupancy import occupancy_words
from landuse.intake.project import files_of
from landuse.intake.staged import copy_name
from landuse.intake.staging import can_stage, stage
from landuse.intake.worksheets import shown
from landuse.stores import local

if TYPE_CHECKING:
    from landuse.engines.parts.job import Crew, Job
    from landuse.intake.columns import Vocabulary
    from landuse.intake.project import Project, Source
    from landuse.rules.model import Rules

__all__ = ["stage_tables"]

_KEPT: Final = 96 << 20
"""What the libraries that read other formats keep of memory once they were used."""


class _File(NamedTuple):
    table: str
    source: Source
    path: Path
    words: Vocabulary | None


def stage_tables(project: Project, rules: Rules, job: Job, crew: Crew, limit: int) -> int:
    """Copy the big tables of other formats into the stage ``staged`` of the job; how many bytes of
    memory that takes for good.

    ``limit`` is how many bytes a process may take. What is wrong with a file is said when it is
    read (:class:`landuse.intake.staged.Copy`).
    """
    many = len(list(_files(project, rules)))
    for _ in crew.each(partial(_stage, project=project, rules=rules, job=job, limit=limit), many):
        pass
    return _KEPT if many else 0


def _stage(part: int, project: Project, rules: Rules, job: Job, limit: int) -> dict[str, Any]:
    one = list(_files(project, rules))[part]
    file = shown(one.path, project.base)

    def work(folder: Path) -> dict[str, Any]:
        stage(one.table, one.source, one.path, file, one.words, limit, folder)
        return {}

    return job.once("staged", copy_name(one.table, one.source, file), work)


def _files(project: Project, rules: Rules) -> Iterator[_File]:
    """The files of big tables that must be copied."""
    firms = enterprise_sources(project)
    tables: list[tuple[str, Source, Vocabulary | None]] = [
        ("parcels", project.parcels, None),
        *(("enterprises", source, enterprise_words(source, rules)) for source in firms),
    ]
    if (rows := project.occupancy) is not None:
        tables.append(("occupancy", rows, occupancy_words(rows)))
    for table, source, words in tables:
        for path in files_of(source, project):
            if can_stage(path, layer=table == "parcels"):
                yield _File(table, source, local(path), words)

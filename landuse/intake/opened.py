"""One table of a project, opened: its files read, columns recognised, corrections applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from landuse.intake.columns import Columns, Vocabulary, recognise
from landuse.intake.project import files_of
from landuse.intake.rows import Rows
from landuse.intake.totals import drop_decoration
from landuse.intake.worksheets import read_tables

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from landuse.intake.corrections import Corrections
    from landuse.intake.project import Project, Source
    from landuse.intake.raw import Fact, Raw
    from landuse.issues import IssueLog

__all__ = ["Opened", "open_table"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A table whose columns are known and whose rows are under book-keeping."""

    source: Source
    columns: Columns
    rows: Rows
    paths: tuple[Path, ...]
    facts: tuple[Fact, ...]

    @property
    def raw(self) -> Raw:
        """The cells."""
        return self.rows.raw


def open_table(
    source: Source,
    project: Project,
    words: Vocabulary,
    corrections: Corrections,
    log: IssueLog,
    *,
    keys: Collection[str],
    amounts: Collection[str],
    needed: Collection[str] = (),
    typed: bool = False,
) -> Opened:
    """Read the files of ``source``; decoration is set aside, totals are compared.

    ``keys`` name a record, ``amounts`` can be added up, ``needed`` must be there. With ``typed``
    columns stay as their file has typed them. Raises :class:`landuse.errors.UserError`.
    """
    paths = files_of(source, project)
    raw = read_tables(paths, project.base, source, words, log, typed=typed)
    columns = recognise(raw, words, needed=needed)
    raw = corrections.apply(raw, columns)
    rows = Rows(raw)
    drop_decoration(rows, columns, keys, amounts, log)
    facts = (*raw.facts, *columns.facts(raw))
    return Opened(source, columns, rows, tuple(paths), facts)

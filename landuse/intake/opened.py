"""One table of a project, opened: its files read, columns recognised, corrections applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pandas as pd

from landuse.intake.columns import Columns, Vocabulary, recognise
from landuse.intake.project import files_of
from landuse.intake.rows import Rows
from landuse.intake.totals import drop_decoration
from landuse.intake.typed import same_everywhere
from landuse.intake.worksheets import read_tables

if TYPE_CHECKING:
    from collections.abc import Collection

    from landuse.intake.corrections import Corrections
    from landuse.intake.numbers import Large
    from landuse.intake.project import Project, Source
    from landuse.intake.raw import Fact, Raw
    from landuse.intake.totals_check import Total
    from landuse.issues import Issue, IssueLog
    from landuse.stores import Place

__all__ = ["Asked", "Extent", "Opened", "Opener", "open_table"]


class Extent(NamedTuple):
    """How many points a table gives, how many lie where their system says, and what is wrong if
    these were all.
    """

    given: int
    fitting: int
    fault: Issue | None


@dataclass(slots=True)
class Asked:
    """What some rows of a table say of it that can only be judged with the others: how much its
    columns are together, where its points lie, how many have no system, what its totals state.
    """

    amounts: list[Large] = field(default_factory=list)
    extent: list[Extent] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Opened:
    """A table whose columns are known and whose rows are under book-keeping.

    Where only some of its rows are here, ``files`` names all of its files and ``asked`` is there.
    """

    source: Source
    columns: Columns
    rows: Rows
    paths: tuple[Place, ...]
    facts: tuple[Fact, ...]
    files: str = ""
    asked: Asked | None = None

    @property
    def raw(self) -> Raw:
        """The cells."""
        return self.rows.raw

    @property
    def file(self) -> str:
        """The file or files, for messages."""
        if self.files:
            return self.files
        named = self.raw.file
        return ", ".join(map(str, named[:1] if same_everywhere(named) else pd.unique(named)))


class Opener(Protocol):
    """Gives a table of a project, as :func:`open_table` does from its files."""

    def __call__(
        self,
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
        """The table, or some of its rows; raises :class:`landuse.errors.UserError`."""


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

"""Some rows of a table for the whole of it: what is opened where a table is read in parts.

What the ordinary readers decide from all rows (headings, totals) is decided from the heads of the
files, or told by :class:`landuse.intake.opened.Asked`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landuse.intake.columns import recognise
from landuse.intake.opened import Asked, Opened
from landuse.intake.rows import Rows
from landuse.intake.totals import drop_decoration
from landuse.intake.worksheets import as_one
from landuse.issues import IssueLog

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import pyarrow as pa

    from landuse.intake.columns import Columns, Vocabulary
    from landuse.intake.corrections import Corrections
    from landuse.intake.project import Project, Source
    from landuse.intake.raw import Fact, Raw
    from landuse.intake.streamed import Pieces

__all__ = ["Known", "RowsOpener"]


class Known(NamedTuple):
    """What the heads of the files of a table told: the columns, and the files that have rows."""

    columns: Columns
    named: str


class RowsOpener:
    """Gives some rows of tables for whole ones (:class:`landuse.intake.opened.Opener`), one table
    of ``pieces`` after the other: those that ``rows`` gives of some files, where each table is
    ``known``, else the heads of the files.

    ``known`` is then what these told; ``said`` are the issues of headings, ``totals`` how many rows
    were totals.
    """

    def __init__(
        self,
        pieces: Sequence[Pieces],
        rows: Callable[[int, Pieces], Mapping[int, pa.Table]] | None = None,
        known: Sequence[Known] = (),
    ) -> None:
        self._pieces, self._rows = pieces, rows
        self._number = 0
        self.known = list(known)
        self.said = IssueLog()
        self.totals = 0

    def __call__(
        self,
        source: Source,
        project: Project,  # noqa: ARG002 - its files are listed
        words: Vocabulary,
        corrections: Corrections,  # noqa: ARG002 - none are for a table that is read so
        log: IssueLog,  # noqa: ARG002 - totals are compared with all rows
        *,
        keys: Collection[str],
        amounts: Collection[str],
        needed: Collection[str] = (),
        typed: bool = False,  # noqa: ARG002 - always
    ) -> Opened:
        """See :class:`landuse.intake.opened.Opener`."""
        pieces = self._pieces[self._number]
        facts: tuple[Fact, ...] = ()
        if self._rows is None:
            raw = self._head(pieces, words)
            columns = recognise(raw, words, needed=needed)
            named = ", ".join(dict.fromkeys(str(file) for file in raw.file))
            facts = (*raw.facts, *columns.facts(raw))
            self.known.append(Known(columns, named))
        else:
            columns, named = self.known[self._number]
            raw = as_one(pieces.raws(self._rows(self._number, pieces), IssueLog()), IssueLog())
        self._number += 1
        rows = Rows(raw)
        self.totals += len(drop_decoration(rows, columns, keys, amounts, None))
        return Opened(source, columns, rows, pieces.paths, facts, named, Asked())

    def _head(self, pieces: Pieces, words: Vocabulary) -> Raw:
        """The heads of the files of a table as one."""
        told = IssueLog()
        heads = pieces.heads(told)
        for head, file in zip(heads, pieces.files, strict=True):
            if not len(head):
                told.add("intake_tables.no_rows", table=words.table, file=file)
        found = as_one(heads, told)
        self.said.extend(told)
        return found

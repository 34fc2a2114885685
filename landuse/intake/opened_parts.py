"""Some rows of a table for the whole of it: what is opened where a table is read in parts.

What the ordinary readers decide from all rows (headings, totals) is decided from the heads of the
files, or told by :class:`landuse.intake.opened.Asked`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landuse.intake.columns import recognise
from landuse.intake.corrected import Cells
from landuse.intake.opened import Asked, Opened
from landuse.intake.rows import Rows
from landuse.intake.totals import set_decoration_aside
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
    from landuse.intake.totals_check import Total

__all__ = ["Known", "RowsOpener"]


class Known(NamedTuple):
    """What the heads of the files of a table told: the columns, the files that have rows, what
    names a record, what can be added up; and the cells that corrections changed."""

    columns: Columns
    named: str
    keys: tuple[str, ...]
    amounts: tuple[str, ...]
    cells: Cells = Cells()

    def rows(self, pieces: Pieces, rows: Mapping[int, pa.Table]) -> tuple[Rows, list[Total]]:
        """Some rows of the files, corrected, and those that are totals, set aside with notes."""
        raw = self.cells.put(as_one(pieces.raws(rows, IssueLog()), IssueLog()))
        found = Rows(raw)
        return found, set_decoration_aside(found, self.columns, self.keys, self.amounts)


class RowsOpener:
    """Gives some rows of tables for whole ones (:class:`landuse.intake.opened.Opener`), one table
    of ``pieces`` after the other: those that ``rows`` gives of some files, where each table is
    ``known``, else the heads of the files.

    ``known`` is then what these told; ``said`` are the issues of headings.
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

    def __call__(
        self,
        source: Source,
        project: Project,  # noqa: ARG002 - its files are listed
        words: Vocabulary,
        corrections: Corrections,  # noqa: ARG002 - what they changed is known
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
        asked = Asked()
        if self._rows is None:
            raw = self._head(pieces, words)
            columns = recognise(raw, words, needed=needed)
            named = ", ".join(dict.fromkeys(str(file) for file in raw.file))
            facts = (*raw.facts, *columns.facts(raw))
            known = Known(columns, named, tuple(keys), tuple(amounts))
            self.known.append(known)
            rows = Rows(raw)
            set_decoration_aside(rows, columns, keys, amounts)
        else:
            known = self.known[self._number]
            rows, asked.totals = known.rows(pieces, self._rows(self._number, pieces))
        self._number += 1
        return Opened(source, known.columns, rows, pieces.paths, facts, known.named, asked)

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

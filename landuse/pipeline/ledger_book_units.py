"""One case of a workbook that was handed back: its rows, what they change, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from landuse.issues import Issue

if TYPE_CHECKING:
    from landuse.intake.ledger_book import BookRow
    from landuse.ledger.book_edits import CaseEdit
    from landuse.schema.ledger_book import BookColumn

__all__ = ["Change", "Kind", "RowReport", "Unit", "issue_at"]

Kind = Literal["unchanged", "change", "new", "conflict", "illegal"]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that would change. ``column`` is a column of the workbook, ``part`` the number of
    a part (0: a new one; ``None``: the case); values as the ledger holds them."""

    column: BookColumn
    before: Any
    after: Any
    part: int | None = None


@dataclass(frozen=True)
class RowReport:
    """What becomes of one case of the file: of its row, and of the rows of its parts.

    ``places``: sheet and Excel row. ``issues`` say why it is refused, ``notes`` what else there is
    to know.
    """

    kind: Kind
    number: str
    places: tuple[tuple[str, int], ...]
    parcels: str = ""
    changes: tuple[Change, ...] = ()
    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()


@dataclass(slots=True)
class Unit:
    """Everything that the file says of one case; ``number`` is ``""`` for a new case."""

    number: str
    main: BookRow | None = None
    parts: list[BookRow] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    notes: list[Issue] = field(default_factory=list)
    conflicts: list[Issue] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    edit: CaseEdit | None = None

    @property
    def rows(self) -> list[BookRow]:
        """All its rows."""
        return [*([self.main] if self.main else []), *self.parts]

    def report(self, kind: Kind, number: str = "", more: Iterable[Issue] = ()) -> RowReport:
        """The report of this unit."""
        rows = self.rows
        notes = [*self.notes, *(note for row in rows for note in row.notes)]
        parcels = str(rows[0].raw.get("parcels") or "") if rows else ""
        return RowReport(
            kind,
            number or self.number,
            tuple((row.sheet, row.row) for row in rows),
            parcels,
            tuple(self.changes),
            (*self.issues, *self.conflicts, *more),
            tuple(notes),
        )


def issue_at(row: BookRow, code: str, column: str = "", **values: object) -> Issue:
    """An issue with the place of a row; other keywords fill its sentence."""
    known = {name: values.pop(name) for name in ("key", "value") if name in values}
    return Issue(code, **row.place(column), **known, values=values)  # type: ignore[arg-type]

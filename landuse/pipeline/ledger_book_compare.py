"""The cells of one case against what was exported and against what the ledger holds now.

A cell counts as changed where it differs from what was exported, and is done only where it differs
from what the ledger holds now: handing the same file back twice changes nothing the second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from landuse.intake.cells import text_of
from landuse.intake.ledger_book_cells import plain
from landuse.ledger.book import BookCase, as_exported, changed_since
from landuse.ledger.book_edits import CaseEdit, PartEdit
from landuse.pipeline.ledger_book_rows import PART_COLUMNS, Seen, case_cells, part_rows
from landuse.pipeline.ledger_book_units import Change, Unit, issue_at
from landuse.publish.sheets import clean
from landuse.scaled import MU, to_text
from landuse.schema.ledger_book import CASES, PARTS, BookColumn

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from landuse.intake.ledger_book import BookRow
    from landuse.issues import Issue

__all__ = ["Comparison"]

_PART_KEY: Final = re.compile(r"(\d{4}-\d{3,})/(\d+)")
_BLANK_PART: Final = {
    "way": "", "mu_e4": None, "floor_area_m2_e2": None, "receiving_enterprise": "",
    "started_on": None, "accepted_on": None,
}  # fmt: skip
_COMPARED: Final = frozenset(
    {"number", "parcels", "uscc", "case_mu_e4", "kind", "remaining_mu_e4", "tax_this_year",
     "tax_year_before", "state", "original_enterprises", "park"}
)  # fmt: skip


@dataclass(slots=True)
class Comparison:
    """One case of the file against the ledger."""

    session: Session
    unit: Unit
    case: BookCase
    seen: Seen
    otherwise: str
    why: str
    _described: dict[str, Any] = field(default_factory=dict)
    _state: str = ""
    _dates: dict[str, Any] = field(default_factory=dict)
    _floor: tuple[int | None, int | None] | None = None
    _parts: dict[int, dict[str, Any]] = field(default_factory=dict)
    _added: list[dict[str, Any]] = field(default_factory=list)
    _stale: int | None = None
    _check: str | None = None

    def compare(self) -> None:
        """Fill in the unit's changes, notes, conflicts and edit."""
        for row in self.unit.rows:
            self.unit.issues += row.issues
        if self.unit.issues:
            return
        for row in self.unit.rows:
            base = self._base(row)
            if base is None:
                continue
            if row.table == "case":
                self._main(row, base)
            elif row.key:
                self._part(row, base)
            else:
                self._new_part(row)
        self._finish()

    def _base(self, row: BookRow) -> BookCase | None:
        """The case as it was when the row was written."""
        if self._check is None:
            self._check = self.case.check
        if not row.key or row.check == self._check:
            return self.case
        revision = int(row.revision) if row.revision.isdigit() else 0
        then = as_exported(self.session, self.case, revision, row.check)
        if then is None:
            self.unit.issues.append(issue_at(row, "ledger_book.other_ledger", key=self.unit.number))
            return None
        self._stale = revision if self._stale is None else min(revision, self._stale)
        return then

    def _main(self, row: BookRow, base: BookCase) -> None:
        was = case_cells(base, self.seen, "zh")
        now = was if base is self.case else case_cells(self.case, self.seen, "zh")
        several = len(base.parts) > 1 or len(self.case.parts) > 1
        for column in CASES:
            if column.name not in row.values:
                continue
            if column.role == "edit" and not (column.entity == "part" and several):
                self._edited(row, column, was[column.name], now[column.name])
            elif column.entity == "part":
                self._shown_sum(row, column, was[column.name])
            elif column.name in _COMPARED:
                self._computed(row, column, was[column.name])

    def _edited(self, row: BookRow, column: BookColumn, was: Any, now: Any) -> None:  # noqa: ANN401
        value = row.values[column.name]
        blank = "" if column.form in {"text", "way", "state", "kind"} else None
        if value == _as_read(was, blank):
            return
        if isinstance(value, tuple):
            issue = issue_at(row, "ledger_book.several_ways", column.zh, key=self.unit.number)
            self.unit.issues.append(issue)
            return
        if column.name == "state" and not value:
            issue = issue_at(row, "ledger_book.blank_state", column.zh, key=self.unit.number)
            self.unit.issues.append(issue)
            return
        if value == _as_read(now, blank):
            return  # done already
        part = None
        if column.entity == "part":
            part = self.case.parts[0]["seq"] if self.case.parts else 0
            self._take_part(row, column, part, value)
        elif column.name == "state":
            self._state = value
        elif column.name in {"publication_from", "publication_to"}:
            self._dates[column.name] = value
        elif column.name == "floor_area_m2_e2":
            self._floor = (now, value)
        else:
            self._described[column.field] = value
        self.unit.changes.append(Change(column, now, value, part))

    def _take_part(self, row: BookRow, column: BookColumn, seq: int, value: Any) -> None:  # noqa: ANN401
        if seq == 0:
            if not self._added:
                self._added.append({})
            self._added[0][column.field] = value
            return
        taken = self._parts.setdefault(seq, {})
        if column.field in taken and taken[column.field] != value:
            self.unit.issues.append(
                issue_at(row, "ledger_book.two_answers", column.zh, key=self.unit.number,
                    value=str(taken[column.field]), other=str(value))
            )  # fmt: skip
        taken[column.field] = value

    def _shown_sum(self, row: BookRow, column: BookColumn, was: Any) -> None:  # noqa: ANN401
        """Columns of a part that show several: a change is told, not taken."""
        cell = row.values[column.name]
        if cell != _as_read(was, "" if column.form in {"text", "way"} else None):
            self.unit.notes.append(
                issue_at(row, "ledger_book.several_parts", column.zh, key=self.unit.number)
            )

    def _computed(self, row: BookRow, column: BookColumn, was: Any) -> None:  # noqa: ANN401
        cell = row.values[column.name]
        if column.form == "number":
            same = _near(cell, was)
        elif column.name == "uscc":  # one below the other
            same = _one_line(cell) == _one_line(_as_read(was, ""))
        else:
            same = cell == _as_read(was, "" if column.form in {"text", "kind", "state"} else None)
        if not same:
            held = to_text(was, MU) if column.form == "mu" else str("" if was is None else was)
            given = text_of(row.raw[column.name])
            note = issue_at(
                row, "ledger_book.computed_changed", column.zh,
                key=self.unit.number, held=held, value=given,
            )  # fmt: skip
            self.unit.notes.append(note)

    def _part(self, row: BookRow, base: BookCase) -> None:
        match = _PART_KEY.fullmatch(row.key)
        assert match is not None
        seq = int(match[2])
        was = next((part for part in base.parts if part["seq"] == seq), None)
        now = next((part for part in self.case.parts if part["seq"] == seq), None)
        if was is None:
            self.unit.issues.append(issue_at(row, "ledger_book.bad_key", value=row.key))
            return
        shown = dict(zip((part["seq"] for part in base.parts), part_rows([base]), strict=True))
        for column in PARTS:
            if column.name not in row.values:
                continue
            if column.role != "edit":
                if column.name in _COMPARED:
                    self._computed(row, column, shown[seq][1][column.name])
                continue
            value = row.values[column.name]
            if isinstance(value, tuple):
                self.unit.issues.append(
                    issue_at(row, "ledger_book.several_ways", column.zh, key=self.unit.number)
                )
                continue
            name = PART_COLUMNS[column.name]
            blank = _BLANK_PART[name]
            if value == _as_read(was[name], blank) or (
                now is not None and value == _as_read(now[name], blank)
            ):
                continue
            self._take_part(row, column, seq, value)
            change = Change(column, now[name] if now else was[name], value, seq)
            if change not in self.unit.changes:
                self.unit.changes.append(change)

    def _new_part(self, row: BookRow) -> None:
        fields = {
            PART_COLUMNS[column.name]: row.values[column.name]
            for column in PARTS
            if column.role == "edit" and row.values.get(column.name) not in (None, "")
        }
        known = [{name: part[name] for name in _BLANK_PART} for part in self.case.parts]
        if {**_BLANK_PART, **fields} in known:
            return  # handed back before: it is there
        if fields or row.values.get("why"):
            self._added.append(fields)
            columns = {one.name: one for one in PARTS}
            self.unit.changes += [
                Change(columns[name], _BLANK_PART[field_], fields[field_], 0)
                for name, field_ in PART_COLUMNS.items()
                if field_ in fields
            ]

    def _finish(self) -> None:
        unit = self.unit
        if unit.issues:
            return
        main = unit.main.values if unit.main else {}
        given = [str(row.values.get("why") or "") for row in unit.rows]
        why = "；".join(dict.fromkeys(one for one in given if one))
        basis = str(main.get("basis") or "")
        if not unit.changes and not basis:
            if why:
                unit.notes.append(
                    issue_at(unit.rows[0], "ledger_book.why_without_change", key=unit.number)
                )
            return
        if not unit.changes and self._basis_is_done(basis):
            return
        if self._stale is not None:
            told = changed_since(self.session, self.case, self._stale)
            unit.conflicts = [_meanwhile(unit.rows[0], one) for one in told]
            if unit.conflicts:
                return
        unit.edit = self._edit(basis, why or self.why)

    def _basis_is_done(self, basis: str) -> bool:
        """Whether the file was handed back before: its move is made, its basis is on record."""
        return (
            bool(basis)
            and self._stale is not None
            and self.unit.main is not None
            and (self.unit.main.values.get("state") == self.case.values["state"])
        )

    def _edit(self, basis: str, why: str) -> CaseEdit:
        publication = None
        if self._dates:
            held = self.case.values
            publication = (
                self._dates.get("publication_from", held["publication_from"]),
                self._dates.get("publication_to", held["publication_to"]),
            )
        return CaseEdit(
            number=self.unit.number,
            described=self._described,
            to=self._state,
            publication=publication,
            floor_m2_e2=self._floor,
            parts=tuple(self._part_edits()),
            basis=basis,
            why=why,
            otherwise=self.otherwise,
        )

    def _part_edits(self) -> Iterator[PartEdit]:
        held = {part["seq"]: part for part in self.case.parts}
        for seq, changes in sorted(self._parts.items()):
            whole = {**_BLANK_PART, **held.get(seq, {}), **changes}
            yield PartEdit(seq, changes, whole)
        for fields in self._added:
            yield PartEdit(None, fields, {**_BLANK_PART, **fields})


def _as_read(value: Any, blank: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    """A value as its cell comes back: long texts are cut, signs without a shape made visible."""
    if value is None:
        return blank
    return plain(clean(value)) if isinstance(value, str) else value


def _one_line(value: Any) -> str:  # noqa: ANN401 - a cell or a text
    return str(value or "").replace("\n", "")


def _meanwhile(row: BookRow, one: Issue) -> Issue:
    code = "ledger_book.meanwhile" if one.code == "ledger.stale" else one.code
    return replace(one, code=code, sheet=row.sheet, row=row.row)


def _near(cell: object, was: object) -> bool:
    if was is None:
        return cell in (None, "")
    try:
        return abs(float(str(cell)) - float(str(was))) <= 1e-9 * max(1.0, abs(float(str(was))))
    except ValueError:
        return False

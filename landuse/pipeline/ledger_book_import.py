"""A ledger's workbook handed back: what it would change, and the change itself.

The preview does everything in one transaction and takes it back, so that it refuses exactly what
the import refuses. Nothing is written in part unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.intake.ledger_book import Book, BookRow, read_ledger_book
from landuse.intake.totals import is_total
from landuse.issues import Issue
from landuse.ledger.backup import safety_backup
from landuse.ledger.book import book_cases, shape_of_parcel
from landuse.ledger.book_edits import apply_edit
from landuse.ledger.new_cases import CaseForm, ParcelForm, open_case
from landuse.messages import text
from landuse.pipeline.ledger_book import seen_by_runs
from landuse.pipeline.ledger_book_plan import make_plan
from landuse.pipeline.ledger_book_units import Change, RowReport, Unit
from landuse.schema.ledger_book import CASES

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from landuse.ledger.store import Ledger

__all__ = ["Applied", "Preview", "apply_import", "look", "preview_import"]

_COPIED: Final = ("original_enterprises", "address", "township", "park", "responsible_unit",
                  "responsible_person", "deadline", "issue_type", "problems", "progress",
                  "notes")  # fmt: skip
_REFUSED: Final = frozenset({"illegal", "conflict"})


@dataclass(frozen=True)
class Preview:
    """What handing back the file would do.

    ``rows``: every case that changes, is new, or is refused, in the order of the file;
    ``unchanged`` counts the others. ``missing``: what was exported and is not in the file.
    """

    file: str
    rows: list[RowReport]
    unchanged: int
    missing: list[str]
    notes: list[Issue]
    work: Callable[[Session], list[RowReport]] = field(repr=False, compare=False)

    @property
    def applicable(self) -> list[RowReport]:
        """Those that would be written."""
        return [row for row in self.rows if row.kind in {"change", "new"}]

    @property
    def refused(self) -> list[RowReport]:
        """Those that are refused."""
        return [row for row in self.rows if row.kind in _REFUSED]


@dataclass(frozen=True)
class Applied:
    """What was written: cases changed, numbers of new ones; ``backup`` was made before."""

    changed: int
    new: list[str]
    refused: int
    backup: Path | None


class _TakenBackError(Exception):
    """Ends a transaction that only looked."""


def preview_import(ledger: Ledger, path: Path, *, by: str, at: datetime, why: str = "") -> Preview:
    """What handing back ``path`` would change; nothing is written.

    Raises :class:`landuse.errors.UserError` where the file cannot be read.
    """
    book = read_ledger_book(path)
    found: dict[str, Any] = {}

    def work(session: Session) -> list[RowReport]:
        reports, unchanged, missing = _carry_out(session, book, by=by, at=at, why=why)
        found.update(unchanged=unchanged, missing=missing)
        return reports

    rows = look(ledger, work)
    return Preview(book.file, rows, found["unchanged"], found["missing"], book.notes, work)


def look(ledger: Ledger, work: Callable[[Session], list[RowReport]]) -> list[RowReport]:
    """The reports of ``work``, which is then taken back."""
    rows: list[RowReport] = []
    try:
        with ledger.write() as session:
            rows = work(session)
            raise _TakenBackError  # noqa: TRY301 - the way out of the transaction
    except _TakenBackError:
        return rows


def apply_import(ledger: Ledger, preview: Preview, *, only_legal: bool = False) -> Applied:
    """Write what ``preview`` showed, in one transaction.

    With refused rows nothing is written unless ``only_legal``. Raises
    :class:`landuse.errors.UserError` where rows are refused, or where the ledger changed so that
    something else would be done than what was shown.
    """
    if preview.refused and not only_legal:
        raise _refusal(preview)
    if not preview.applicable:
        return Applied(0, [], len(preview.refused), None)
    kept = safety_backup(ledger, "import")

    def work(session: Session) -> list[RowReport]:
        rows = preview.work(session)
        if [_told(row) for row in rows] != [_told(row) for row in preview.rows]:
            raise UserError.of("ledger_book.changed_meanwhile", file=preview.file)
        return rows

    rows = ledger.transact(work)
    new = [row.number for row in rows if row.kind == "new"]
    changed = sum(row.kind == "change" for row in rows)
    return Applied(changed, new, len(preview.refused), kept)


def _refusal(preview: Preview) -> UserError:
    said = [replace(issue, file=preview.file) for row in preview.refused for issue in row.issues]
    head = Issue("ledger_book.refused", file=preview.file, values={"n": len(preview.refused)})
    return UserError([*said, head])


def _told(row: RowReport) -> tuple[object, ...]:
    """What the preview showed of a row; the number of a new case may still move."""
    number = "" if row.kind == "new" else row.number
    return row.kind, number, row.places, row.changes, tuple(issue.code for issue in row.issues)


def _carry_out(
    session: Session, book: Book, *, by: str, at: datetime, why: str
) -> tuple[list[RowReport], int, list[str]]:
    """Do what the file asks, each case by itself; what is refused leaves no trace."""
    cases = {case.number: case for case in book_cases(session)}
    otherwise = text("ledger_book.why_import", file=book.file)
    plan = make_plan(session, book, cases, seen_by_runs(session), otherwise, why)
    reports: list[RowReport] = []
    unchanged = 0
    for unit in plan.units:
        report = _do_unit(session, unit, by, at)
        if report.kind == "unchanged":
            unchanged += 1
        if report.kind != "unchanged" or report.notes:
            reports.append(report)
    reports += [_open(session, unit, by, at, why or otherwise) for unit in plan.new]
    return reports, unchanged, plan.missing


def _do_unit(session: Session, unit: Unit, by: str, at: datetime) -> RowReport:
    if unit.issues:
        return unit.report("illegal")
    if unit.conflicts:
        return unit.report("conflict")
    if unit.edit is None:
        return unit.report("unchanged")
    try:
        with session.begin_nested():
            apply_edit(session, unit.edit, by=by, at=at)
    except UserError as fault:
        return unit.report("illegal", more=_placed(fault, unit.rows[0]))
    return unit.report("change")


def _placed(fault: UserError, row: BookRow) -> list[Issue]:
    return [replace(issue, sheet=row.sheet, row=row.row) for issue in fault.issues]


def _open(session: Session, unit: Unit, by: str, at: datetime, why: str) -> RowReport:
    """A row without key: a new case, opened as found."""
    row = unit.main
    assert row is not None
    unit.issues += row.issues
    form = None if unit.issues else _form(session, row, unit)
    if form is None:
        return unit.report("illegal")
    try:
        with session.begin_nested():
            case = open_case(session, form, by=by, at=at, why=str(row.values.get("why") or why))
    except UserError as fault:
        return unit.report("illegal", more=_placed(fault, row))
    return unit.report("new", case.number)


def _form(session: Session, row: BookRow, unit: Unit) -> CaseForm | None:
    values = row.values
    parcels = [one.strip() for one in _split(str(values.get("parcels") or ""))]
    needed = {"parcels": parcels, "case_mu_e4": values.get("case_mu_e4"),
              "kind": values.get("kind")}  # fmt: skip
    columns = {column.name: column for column in CASES}
    lacking = [columns[name] for name, value in needed.items() if not value]
    if lacking:
        said = {"value_en": ", ".join(column.en for column in lacking)}
        words = "、".join(column.zh for column in lacking)
        issue = Issue("ledger_book.new_incomplete", value=words, values=said, **row.place())
        unit.issues.append(issue)
    if values.get("state") not in (None, "", "found"):
        shown = str(row.raw.get("state"))
        unit.issues.append(Issue("ledger_book.new_state", value=shown, **row.place()))
    for column in CASES:
        later = column.entity == "part" or column.name in {"publication_from", "publication_to"}
        if later and values.get(column.name) not in (None, ""):
            place = row.place(column.zh)
            unit.issues.append(Issue("ledger_book.new_disposal", **place))
    if values.get("number"):
        note = Issue("ledger_book.new_number", value=str(values["number"]), **row.place())
        unit.notes.append(note)
    if unit.issues:
        return None
    unit.changes += [
        Change(column, None, values[column.name])
        for column in CASES
        if column.name in {*_COPIED, "case_mu_e4", "floor_area_m2_e2", "kind"}
        and values.get(column.name) not in (None, "")
    ]
    return CaseForm(
        kind=values["kind"],
        parcels=tuple(
            ParcelForm(code, geometry=shape_of_parcel(session, code)) for code in parcels
        ),
        mu_e4=values["case_mu_e4"],
        floor_area_m2_e2=values.get("floor_area_m2_e2"),
        **{name: values[name] for name in _COPIED if values.get(name)},
    )


def _split(words: str) -> list[str]:
    """Parcel codes in one cell."""
    for sign in "，,;；\n ":
        words = words.replace(sign, "、")
    return [one for one in words.split("、") if one and not is_total(one)]

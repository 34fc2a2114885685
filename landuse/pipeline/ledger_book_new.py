"""An office's own ledger taken over: shown first, then opened as cases in one transaction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.intake.ledger_book_new import OfficeLedger, OfficeRow, read_office_ledger
from landuse.issues import Issue
from landuse.ledger.book import numbers_of, shape_of_parcel
from landuse.ledger.new_cases import CaseForm, ParcelForm, PartForm, open_cases
from landuse.ledger.reading import names_by_code
from landuse.messages import text
from landuse.pipeline.ledger_book_import import Preview, look
from landuse.pipeline.ledger_book_units import Change, RowReport
from landuse.scaled import MU, to_text
from landuse.schema.headings import fold
from landuse.schema.ledger_book import CASES

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from landuse.ledger.store import Ledger

__all__ = ["OfficePreview", "preview_office"]

_COPIED: Final = (
    "original_enterprises", "address", "township", "park", "responsible_unit",
    "responsible_person", "deadline", "issue_type", "problems", "progress",
    "publication_from", "publication_to",
)  # fmt: skip
_SPLIT: Final = re.compile(r"[、，,;；/\s]+")
_Fate = tuple[str, list[Issue]]
_NEEDED: Final = ("parcels", "case_mu_e4", "kind")


@dataclass(frozen=True)
class OfficePreview(Preview):
    """A preview that also shows what headings and words were taken for."""

    office: OfficeLedger


def preview_office(
    ledger: Ledger,
    path: Path,
    *,
    by: str,
    at: datetime,
    why: str = "",
    kind: str = "",
    sheet: str | None = None,
    area_unit: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> OfficePreview:
    """What taking over the ledger at ``path`` would open; nothing is written.

    ``kind`` is that of cases whose row names none, ``answers`` the meaning of words of the office.
    Words that nobody knows are in ``office.unknown``; their rows are refused. Raises
    :class:`landuse.errors.UserError` where the file cannot be read.
    """
    office = read_office_ledger(path, sheet=sheet, area_unit=area_unit, answers=answers)
    reason = why or text("ledger_book.why_new", file=office.file)
    known = _known_names(ledger, office.rows)
    for row in office.rows:
        _settle(row, known)
    forms = [_form(row, kind) for row in office.rows]

    def work(session: Session) -> list[RowReport]:
        return _carry_out(session, office, forms, by=by, at=at, why=reason)

    rows = look(ledger, work)
    notes = [*office.notes, *_dropped(office)]
    placed = [replace(note, file=office.file) for note in notes]
    return OfficePreview(office.file, rows, 0, [], placed, work, office)


def _known_names(ledger: Ledger, rows: list[OfficeRow]) -> dict[str, str]:
    """The names that runs know of the credit codes in these rows."""
    wanted = {code for row in rows for code in _uscc(row)}
    if not wanted:
        return {}
    with ledger.read() as session:
        return names_by_code(session, wanted)


def _uscc(row: OfficeRow) -> list[str]:
    words = unicodedata.normalize("NFKC", str(row.values.get("uscc") or "")).upper()
    return [one for one in _SPLIT.split(words) if one]


def _settle(row: OfficeRow, known: Mapping[str, str]) -> None:
    """Credit codes go beside the enterprise, what has no column of ours into the notes."""
    name = str(row.values.get("original_enterprises") or "")
    codes = _uscc(row)
    for code in codes:
        if code in known:
            said = {"name": known[code]}
            same = not name or fold(known[code]) in fold(name)
            told = "uscc_known" if same else "uscc_named_otherwise"
            row.notes.append(Issue(f"ledger_book.{told}", value=code, values=said))
    name = name or "、".join(known[code] for code in codes if code in known)
    beside = "、".join(code for code in codes if code not in name)
    both = text("ledger_book.with_uscc", value=name, uscc=beside) if name and beside else ""
    row.values["original_enterprises"] = both or name or beside
    kept = [text("ledger_book.kept", value=words, heading=head) for head, words in row.kept]
    own = str(row.values.get("notes") or "")
    row.values["notes"] = "；".join(one for one in (own, *kept) if one)


def _dropped(office: OfficeLedger) -> list[Issue]:
    notes = []
    if office.dropped:
        notes.append(Issue("ledger_book.rows_dropped", values={"n": office.dropped}))
    if "state" not in office.headings:
        notes.append(Issue("ledger_book.no_state_column"))
    if office.unknown:
        notes.append(Issue("ledger_book.words_unknown"))
    return notes


def _carry_out(
    session: Session,
    office: OfficeLedger,
    forms: list[CaseForm | list[Issue]],
    *,
    by: str,
    at: datetime,
    why: str,
) -> list[RowReport]:
    """Open all cases at once; where that is refused, one by one, to tell which rows are."""
    good = [form for form in forms if isinstance(form, CaseForm)]
    shaped = [_with_shapes(session, form) for form in good]

    def open_(some: list[CaseForm]) -> list[str]:
        with session.begin_nested():
            return numbers_of(session, open_cases(session, some, by=by, at=at, why=why))

    try:
        fates: list[_Fate] = [(number, []) for number in (open_(shaped) if shaped else [])]
    except UserError:
        fates = [_fate(open_, form) for form in shaped]
    told = iter(fates)
    reports = []
    for row, form in zip(office.rows, forms, strict=True):
        number, issues = ("", form) if isinstance(form, list) else next(told)
        reports.append(_report(row, number, issues))
    return reports


def _fate(open_: Callable[[list[CaseForm]], list[str]], form: CaseForm) -> _Fate:
    try:
        return open_([form])[0], []
    except UserError as fault:
        return "", fault.issues


def _with_shapes(session: Session, form: CaseForm) -> CaseForm:
    parcels = tuple(
        replace(parcel, geometry=shape_of_parcel(session, parcel.parcel_id))
        for parcel in form.parcels
    )
    return replace(form, parcels=parcels)


def _report(row: OfficeRow, number: str, issues: list[Issue]) -> RowReport:
    changes = [
        Change(column, None, row.values[column.name])
        for column in CASES
        if column.name not in {"remaining_mu_e4", "uscc", "parcels"}
        if row.values.get(column.name) not in (None, "")
    ]
    placed = [replace(issue, sheet=row.sheet, row=row.row) for issue in issues]
    return RowReport(
        "illegal" if issues else "new", number, ((row.sheet, row.row),),
        str(row.values.get("parcels") or ""), tuple(changes), tuple(placed), tuple(row.notes),
    )  # fmt: skip


def _form(row: OfficeRow, kind: str) -> CaseForm | list[Issue]:
    """The case that a row asks for, or why it cannot be one."""
    values = {**row.values, "kind": row.values.get("kind") or kind}
    issues = list(row.issues)
    columns = {column.name: column for column in CASES}
    misread = [name for name in _NEEDED if row.issues and name not in values]
    lacking = [columns[name] for name in _NEEDED if not values.get(name) and name not in misread]
    if lacking:
        words = "、".join(column.zh for column in lacking)
        english = {"value_en": ", ".join(column.en for column in lacking)}
        issues.append(Issue("ledger_book.new_incomplete", value=words, values=english))
    issues += [
        Issue("ledger_book.word_unknown", value=word, values={"group": group})
        for group, word in row.unknown
    ]
    if isinstance(values.get("way"), tuple) and values.get("part_mu_e4") is not None:
        issues.append(Issue("ledger_book.ways_share_area", key=str(values.get("parcels"))))
    if issues:
        return issues
    _compare_rest(row, values)
    return CaseForm(
        kind=values["kind"],
        parcels=tuple(ParcelForm(code) for code in _codes(values["parcels"])),
        mu_e4=values["case_mu_e4"],
        floor_area_m2_e2=values.get("floor_area_m2_e2"),
        state=values.get("state") or "found",
        accepted_on=values.get("part_accepted_on") if values.get("state") == "closed" else None,
        notes=values["notes"],
        parts=_parts(values),
        **{name: values[name] for name in _COPIED if values.get(name)},
    )


def _compare_rest(row: OfficeRow, values: Mapping[str, Any]) -> None:
    """A stated remaining area that the other two do not give is told."""
    stated = values.get("remaining_mu_e4")
    if stated is None:
        return
    rest = values["case_mu_e4"] - (values.get("part_mu_e4") or 0)
    if stated != rest:
        said = {"rest": to_text(rest, MU)}
        row.notes.append(
            Issue(
                "ledger_book.rest_differs", sheet=row.sheet, row=row.row,
                value=to_text(stated, MU), values=said,
            )
        )  # fmt: skip


def _codes(words: str) -> list[str]:
    for sign in "，,;；\n /":
        words = words.replace(sign, "、")
    return [one for one in words.split("、") if one]


def _parts(values: Mapping[str, Any]) -> tuple[PartForm, ...]:
    way = values.get("way") or ""
    if isinstance(way, tuple):
        return tuple(PartForm(way=one, started_on=values.get("started_on")) for one in way)
    fields: dict[str, Any] = {
        "mu_e4": values.get("part_mu_e4"),
        "floor_area_m2_e2": values.get("part_floor_m2_e2"),
        "receiving_enterprise": values.get("receiving_enterprise") or "",
        "started_on": values.get("started_on"),
        "accepted_on": values.get("part_accepted_on"),
    }
    if not way and not any(fields.values()):
        return ()
    return (PartForm(way=way, **fields),)

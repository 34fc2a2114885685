"""The ledger as files that people read and fill in: a workbook, a CSV, a GeoPackage."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.ledger.book import (
    BookCase,
    book_cases,
    last_crs,
    latest_findings,
    papers_of,
    shapes_of,
)
from landuse.ledger.days import day_of
from landuse.ledger.papers import Due, coming
from landuse.ledger.reading import Wanted, lines
from landuse.ledger.states import KINDS, STATES, WAYS, allowed, word
from landuse.ledger.totals import PartSum, Standing, month_against_last, summarise
from landuse.messages import text
from landuse.pipeline.ledger_book_rows import Seen, case_row, idle_rows, part_rows
from landuse.publish.ledger_book_view import LedgerView

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from landuse.ledger.store import Ledger
    from landuse.messages import Lang

__all__ = ["Exported", "export_ledger", "seen_by_runs", "view_of"]

FORMATS: Final = (".xlsx", ".csv", ".gpkg")
_DUE_DAYS: Final = 90
_OPTION: Final = re.compile(r"\s*[（(][a-z、, -]+[)）]")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: cases and mu × 10⁴."""

    path: Path
    cases: int
    mu_e4: int


def export_ledger(
    ledger: Ledger,
    path: Path,
    wanted: Wanted | None = None,
    *,
    at: datetime,
    lang: Lang = "zh",
    over: bool = False,
) -> Exported:
    """Write the cases that are wanted (all without ``wanted``) to ``path``, by its ending.

    ``.xlsx`` is to be filled in and handed back, ``.csv`` (UTF-8 with BOM) and ``.gpkg`` (with
    outlines) are for reading. Whole or not at all. Raises :class:`landuse.errors.UserError`.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UserError.of("ledger_book.unknown_format", value=path.suffix or path.name)
    with ledger.read() as session:
        view = view_of(session, wanted or Wanted(), at=at, lang=lang, shapes=suffix == ".gpkg")
    if suffix == ".xlsx":
        from landuse.publish.ledger_book import write_ledger

        write_ledger(view, path, lang=lang, over=over)
    elif suffix == ".csv":
        from landuse.publish.ledger_book_files import write_csv

        write_csv(view, path, lang=lang, over=over)
    else:
        from landuse.publish.ledger_book_files import write_geopackage

        write_geopackage(view, path, lang=lang, over=over)
    return Exported(path, len(view.cases), sum(row["case_mu_e4"] for _, row in view.cases))


def view_of(
    session: Session, wanted: Wanted, *, at: datetime, lang: Lang, shapes: bool = False
) -> LedgerView:
    """The rows of the workbook: the cases that are wanted, and the totals of the whole ledger."""
    cases = book_cases(session)
    if wanted != Wanted():
        numbers = {line.number for line in lines(session, wanted)}
        cases = [case for case in cases if case.number in numbers]
    seen = seen_by_runs(session)
    papers = papers_of(session)
    return LedgerView(
        day=day_of(at),
        cases=[case_row(case, seen, lang, place) for place, case in enumerate(cases, 1)],
        parts=part_rows(cases),
        idle=idle_rows(cases, seen, papers, lang),
        due=_due(session, cases, at, lang),
        totals=summarise(map(_standing, cases)),
        months=month_against_last(session, at),
        filters=_filters(wanted, lang),
        years=seen.years,
        states=tuple(STATES),
        ways=WAYS,
        kinds=KINDS,
        moves=_moves(lang),
        shapes=_shapes(session, cases) if shapes else {},
        crs=last_crs(session),
    )


def seen_by_runs(session: Session) -> Seen:
    """The findings beside the cases, and the two years whose tax is shown."""
    findings = latest_findings(session)
    years = [one.year for (kind, _), runs in findings.items() if kind == "low_efficiency"
             for one in runs]  # fmt: skip
    last = max(years, default=None)
    return Seen(findings, None if last is None else (last, last - 1))


def _shapes(session: Session, cases: Sequence[BookCase]) -> dict[str, list[object]]:
    numbers = {case.key: case.number for case in cases}
    return {numbers[key]: shapes for key, shapes in shapes_of(session, numbers).items()}


def _standing(case: BookCase) -> Standing:
    parts = tuple(
        PartSum(
            part["way"], part["mu_e4"] or 0, part["floor_area_m2_e2"] or 0,
            part["started_on"] is not None, part["accepted_on"] is not None,
        )
        for part in case.parts
    )  # fmt: skip
    values = case.values
    return Standing(
        values["state"], values["kind"], values["park"], values["case_mu_e4"],
        values["floor_area_m2_e2"] or 0, parts,
    )  # fmt: skip


def _due(
    session: Session, cases: Sequence[BookCase], at: datetime, lang: Lang
) -> list[dict[str, object]]:
    numbers = {case.number for case in cases}
    found = [one for one in coming(session, day_of(at), within_days=_DUE_DAYS)
             if one.number in numbers]  # fmt: skip
    return [
        {
            "seq_no": place,
            "on": one.on,
            "days_left": one.days_left,
            "what": _what(one, lang),
            "number": one.number,
            "state": one.state,
            "park": one.park,
            "original_enterprises": one.original_enterprises,
            "responsible_unit": one.responsible_unit,
            "responsible_person": one.responsible_person,
        }
        for place, one in enumerate(found, 1)
    ]


def _what(one: Due, lang: Lang) -> str:
    """What is due; of a paper also what it is called."""
    said = word("due", one.what, lang)
    return text("ledger_book.due_paper", lang, what=said, name=one.name) if one.name else said


def _filters(wanted: Wanted, lang: Lang) -> list[tuple[str, str]]:
    said = {
        "state": word("state", wanted.state, lang) if wanted.state else "",
        "park": wanted.park,
        "way": word("way", wanted.way, lang) if wanted.way else "",
        "kind": word("kind", wanted.kind, lang) if wanted.kind else "",
        "deadline_before": wanted.deadline_before.isoformat() if wanted.deadline_before else "",
    }
    return [
        (text(f"ledger_book.filter_{name}", lang), value) for name, value in said.items() if value
    ]


def _moves(lang: Lang) -> list[tuple[str, str, str]]:
    """Each state, where it may go, and what entering it needs, in words."""
    joint = "、" if lang == "zh" else ", "
    rows = []
    for code, state in STATES.items():
        may = [word("state", to, lang) for to in allowed(code)]
        if code == "deferred":
            may.insert(0, text("ledger_book.came_from", lang))
        needs = [_OPTION.sub("", word("need", need, lang)) for need in state.needs]
        rows.append((word("state", code, lang), joint.join(may), joint.join(needs)))
    return rows

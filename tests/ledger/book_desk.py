"""A desk at which workbooks of the ledger are exported, edited by openpyxl, and handed back."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from case_life import NOW, brought, disposed, opened
from sqlalchemy import func, select

from landuse.ledger.models import Case, Event
from landuse.ledger.store import Ledger
from landuse.ledger.verify import verify
from landuse.pipeline.ledger_book import export_ledger
from landuse.pipeline.ledger_book_import import Preview, apply_import, preview_import

BACK = NOW + timedelta(days=10)
HEAD = 3
MAIN, PARTS = "处置台账", "处置明细"
AREA, WAY, STATE = "面积（亩）", "处置方式", "当前状态"
DISPOSED, STARTED, ACCEPTED = "处置面积（亩）", "处置开始日期", "验收日期"


WORDS = ("original_enterprises", "park", "township", "address", "responsible_unit",
         "responsible_person", "issue_type", "problems", "progress", "notes")  # fmt: skip
SIGNS = [
    *"ab \t\n\r\"'=+-@<>&;_x0041;%|\\/,，。：亩年月无—\x01\x0b\x1f\x7f\x85\xa0\u200b\u202e\ufeff\ufffe😀𠮷é",  # noqa: E501
    *("_x000D_", "_x0041_", "_x005F_", "\r\n", "2026-01-01", "1e5", "TRUE", "#REF!", "<r><t>"),
    *("&amp;", "合计", "备注："),
]


class Desk:
    """One ledger, one folder."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self.folder = folder
        self.number = 0

    def fill(self) -> None:
        """001 found, 002 found, 003 planned with one part, 004 confirmed with two, 005 idle."""
        with self.ledger.write() as session:
            opened(session, "P1", "10", original_enterprises="甲公司", park="北园")
            opened(session, "P2", "20.1234", original_enterprises="=1+1", park="南园",
                   progress="第一行\n第二行", notes="_x0041_ \x01 备注")  # fmt: skip
            brought(session, opened(session, "P3", "30", park="北园"), "planned")
            case = brought(
                session, opened(session, "P4", "40", floor_area_m2_e2=90000), "confirmed"
            )
            disposed(session, case, "15", way="auction", started_on=None)
            disposed(session, case, "5.5", "300", way="land_reserve", started_on=None)
            opened(session, "P5", "50", kind="idle", deadline=date(2026, 6, 30))

    def fill_wildly(self, seed: int, count: int = 60) -> None:
        """Cases with whatever a keyboard, a clipboard and a bad import can leave in a text."""
        signs = random.Random(seed)

        def text() -> str:
            return "".join(signs.choice(SIGNS) for _ in range(signs.choice([0, 1, 2, 3, 8, 40])))

        with self.ledger.write() as session:
            for n in range(count):
                words = {name: text() for name in WORDS}
                day = date(1890, 1, 1) + timedelta(days=signs.randint(0, 80_000))
                area = f"{1 + signs.randint(0, 10 ** signs.randint(1, 12))}e-4"
                opened(session, f"W{n}", area, deadline=day, **words)

    def export(self, **options: Any) -> Path:
        self.number += 1
        path = self.folder / f"台账{self.number}.xlsx"
        export_ledger(self.ledger, path, at=NOW, **options)
        return path

    def back(self, path: Path, at: datetime = BACK, by: str = "赵六", why: str = "") -> Preview:
        return preview_import(self.ledger, path, by=by, at=at, why=why)

    def hand_in(self, path: Path, **options: Any) -> Any:
        """Preview and apply; everything must be legal unless said otherwise."""
        legal = options.pop("only_legal", False)
        return apply_import(self.ledger, self.back(path, **options), only_legal=legal)

    def events(self) -> int:
        with self.ledger.read() as session:
            return session.scalar(select(func.count()).select_from(Event)) or 0

    def case(self, number: str) -> Case:
        with self.ledger.read() as session:
            case = session.scalars(select(Case).where(Case.number == number)).one()
            _ = [*case.parts, *case.parcels, *case.documents]
            return case

    def last_event(self, number: str) -> Event:
        with self.ledger.read() as session:
            query = select(Event).join(Case, Case.id == Event.case_id).where(Case.number == number)
            return session.scalars(query.order_by(Event.seq.desc())).first()

    def faults(self) -> list[str]:
        with self.ledger.read() as session:
            return [issue.message() for issue in verify(session)]


class Edit:
    """An exported workbook under somebody's hands: cells by heading and case."""

    def __init__(self, path: Path, sheet: str = MAIN) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)
        self.use(sheet)

    def use(self, sheet: str) -> Edit:
        self.sheet = self.book[sheet]
        cells = self.sheet[HEAD]
        self.columns = {cell.value: cell.column for cell in cells if cell.value}
        return self

    def row_of(self, key: str) -> int:
        place = self.columns["landuse:case" if "landuse:case" in self.columns else "landuse:part"]
        for row in range(HEAD + 1, self.sheet.max_row + 1):
            if self.sheet.cell(row, place).value == key:
                return row
        raise AssertionError(key)

    def put(self, key: str | int, **cells: Any) -> Edit:
        return self.set(key, cells)

    def set(self, key: str | int, cells: dict[str, Any]) -> Edit:
        row = key if isinstance(key, int) else self.row_of(key)
        for heading, value in cells.items():
            self.sheet.cell(row, self.columns[heading]).value = value
        return self

    def get(self, key: str | int, heading: str) -> Any:
        row = key if isinstance(key, int) else self.row_of(key)
        return self.sheet.cell(row, self.columns[heading]).value

    @property
    def next_row(self) -> int:
        """The first row below the last one with a key."""
        place = self.columns["landuse:case" if "landuse:case" in self.columns else "landuse:part"]
        last = HEAD
        for row in range(HEAD + 1, self.sheet.max_row + 1):
            if self.sheet.cell(row, place).value:
                last = row
        return last + 1

    def save(self, name: str = "") -> Path:
        path = self.path.with_name(name) if name else self.path
        self.book.save(path)
        return path


def fates(preview: Preview) -> dict[str, str]:
    """Case (or parcels of a new one) → what becomes of it."""
    return {row.parcels if row.kind == "new" else row.number: row.kind for row in preview.rows}


def codes(preview: Preview, number: str = "") -> list[str]:
    """Why rows (of one case) are refused."""
    rows = [row for row in preview.rows if number in ("", row.number)]
    return [issue.code.partition(".")[2] for row in rows for issue in row.issues]


def notes(preview: Preview) -> list[str]:
    """What else there is to know of rows."""
    return [issue.code.partition(".")[2] for row in preview.rows for issue in row.notes]


def said(preview: Preview, number: str) -> dict[str, Any]:
    """The changes of one case: column → after."""
    (row,) = [row for row in preview.rows if row.number == number]
    return {one.column.name: one.after for one in row.changes}


def copy_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    """Write a value as it is; openpyxl takes a text that begins with = for a formula."""
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"

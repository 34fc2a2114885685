"""One cell of a ledger's workbook as the ledger holds it, or what is wrong with it.

People type as they like: full-width digits, numbers as text, 2026年6月30日, 50亩. What is
understood is taken exactly; what is not is refused with its place, never rounded, never guessed.
"""

from __future__ import annotations

import calendar
import contextlib
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from landuse.errors import UserError
from landuse.intake.cells import is_missing, text_of
from landuse.intake.dates import parse_date
from landuse.intake.ledger_book_words import code_of, known_codes
from landuse.intake.numbers import parse
from landuse.issues import Issue
from landuse.messages import LANGUAGES, Lang, text
from landuse.scaled import FLOOR_M2, MU
from landuse.scaled import parse as parse_scaled
from landuse.schema.ledger_book import BookColumn

__all__ = ["Cell", "plain", "read_cell"]

_PLACES: Final = {"mu": (MU, "mu"), "floor": (FLOOR_M2, "m2")}
_BETWEEN: Final = re.compile(r"[、，,;；/+\n]|\s及\s|和")
_JOINT: Final[dict[Lang, str]] = {"zh": "、", "en": ", "}
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR_END: Final = re.compile(r"(\d{4})年?(?:年底|年末|底|末)")
_MONTH_END: Final = re.compile(r"(\d{4})[年./-](\d{1,2})月?(?:月底|月末|底|末)")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says: a value, or the issue that forbids to take it.

    ``note`` tells of something that was understood, but not as it stands (a month as its last day).
    """

    value: Any = None
    issue: Issue | None = None
    note: Issue | None = None


def plain(words: str) -> str:
    """A text without what spreadsheet programs add or drop: line ends, outer blanks, escapes.

    >>> plain(" a\\r\\nb _x000D_"), plain("x_x005F_x0041_")
    ('a\\nb', 'x_x0041_')
    """
    if "_x" in words:
        words = _ESCAPED.sub(_unescaped, words)
    return words.replace("\r\n", "\n").replace("\r", "\n").strip()


def _unescaped(match: re.Match[str]) -> str:
    sign = chr(int(match[1], 16))
    return sign if sign in "_\r\n\t" else match[0]


def read_cell(column: BookColumn, cell: object) -> Cell:
    """The cell of ``column`` as the ledger holds it: text, code, date, or scaled whole number."""
    if column.form in {"state", "way", "kind"}:
        return _coded(column.form, cell)
    if column.form == "date":
        return _date(cell, rough=column.name == "deadline")
    if column.form in _PLACES:
        return _amount(cell, *_PLACES[column.form])
    return Cell(_text(cell))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return plain(cell) if isinstance(cell, str) else text_of(cell)


def _coded(group: str, cell: object) -> Cell:
    """A code; several ways in one cell (返租共管、司法拍卖) are a tuple of codes."""
    words = _text(cell)
    if not words or is_missing(words):
        return Cell("")
    code = code_of(group, words)
    if code:
        return Cell(code)
    several = [code_of(group, one) for one in _BETWEEN.split(words) if one.strip()]
    if group == "way" and len(several) > 1 and all(several):
        return Cell(tuple(several))
    values = {f"known_{lang}": _JOINT[lang].join(_listed(group, lang)) for lang in LANGUAGES}
    return Cell(issue=Issue(f"ledger_book.unknown_{group}", value=words, values=values))


def _listed(group: str, lang: Lang) -> list[str]:
    return [text(f"ledger_cases.{group}_{code}", lang) for code in known_codes(group)]


def _amount(cell: object, places: int, unit: str) -> Cell:
    """A quantity as a whole number of its last decimal; blank is ``None``."""
    if cell is None:
        return Cell()
    shown = text_of(cell)
    if isinstance(cell, bool | dt.date | dt.time):
        return Cell(issue=Issue("ledger.not_a_number", value=shown))
    number: Decimal | float
    if isinstance(cell, str):
        read = parse(plain(cell))
        if read.value is None and not read.bad:
            return Cell()
        if read.bad or read.value is None or (read.unit and read.unit != unit):
            return Cell(issue=Issue("ledger.not_a_number", value=shown))
        number = read.value
    else:
        number = cell  # type: ignore[assignment]
    try:
        return Cell(parse_scaled(number, places))
    except UserError as fault:
        return Cell(issue=fault.issues[0])


def _date(cell: object, *, rough: bool) -> Cell:
    """A day. Only a deadline (``rough``) may be a month or a year: then its last day is meant."""
    if cell is None:
        return Cell()
    if isinstance(cell, dt.datetime):
        return Cell(cell.date())
    if isinstance(cell, dt.date):
        return Cell(cell)
    shown = plain(cell) if isinstance(cell, str) else text_of(cell)
    if not shown or is_missing(shown):
        return Cell()
    if isinstance(cell, bool):
        return Cell(issue=Issue("ledger_book.not_a_date", value=shown))
    return _day_written(shown, rough=rough)


def _day_written(shown: str, *, rough: bool) -> Cell:
    if _ISO.fullmatch(shown):
        with contextlib.suppress(ValueError):  # as we write days before 1900
            return Cell(dt.date.fromisoformat(shown))
    end = _end_of(shown) if rough else None
    if end is not None:
        return Cell(end, note=_taken(shown, end))
    one = parse_date(shown, end=rough)
    if one.bad or one.value is None:
        return Cell(issue=Issue("ledger_book.not_a_date", value=shown))
    if not one.rough:
        return Cell(one.value)
    if not rough:
        return Cell(issue=Issue("ledger_book.rough_date", value=shown))
    return Cell(one.value, note=_taken(shown, one.value))


def _taken(shown: str, day: dt.date) -> Issue:
    return Issue("ledger_book.end_taken", value=shown, values={"taken": day.isoformat()})


def _end_of(shown: str) -> dt.date | None:
    """2026年底, 2026年6月底 as their last day.

    >>> _end_of("2026年底").isoformat(), _end_of("２０２６年６月底").isoformat(), _end_of("年底")
    ('2026-12-31', '2026-06-30', None)
    """
    folded = "".join(unicodedata.normalize("NFKC", shown).split())
    if match := _YEAR_END.fullmatch(folded):
        return dt.date(int(match[1]), 12, 31)
    if match := _MONTH_END.fullmatch(folded):
        year, month = int(match[1]), int(match[2])
        if 1 <= month <= 12:
            return dt.date(year, month, calendar.monthrange(year, month)[1])
    return None

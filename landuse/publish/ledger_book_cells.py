"""How the cells of a ledger's workbook look, and who may write in them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang
from landuse.publish.sheets import clean
from landuse.publish.words import sentence
from landuse.scaled import FLOOR_M2, MU, to_float
from landuse.schema.ledger_book import BookColumn

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

__all__ = ["BookStyles", "put", "shown"]

_PATTERNS: Final = {
    "mu": "#,##0.00??",  # a blank for each decimal that is not there: the points stand in a line
    "floor": "#,##0.00",
    "number": "#,##0.00??",
    "int": "0",
    "date": "yyyy-mm-dd",
}
_PLACES: Final = {"mu": MU, "floor": FLOOR_M2}
_CODED: Final = frozenset({"state", "way", "kind"})
_FIRST_DAY: Final = dt.date(1900, 3, 1)
"""Before this spreadsheet programs disagree on what a day's number is."""


class BookStyles:
    """The formats of the workbook: grey cells are computed and locked, white and yellow are not."""

    def __init__(self, book: Workbook) -> None:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        self._line = {**base, "border": 1, "border_color": "#BFBFBF"}
        self._book = book
        self._made: dict[tuple[str, str], Format] = {}
        self.title: Format = book.add_format({**base, "bold": True, "font_size": 16})
        self.section: Format = book.add_format({**base, "bold": True, "font_size": 11})
        self.note: Format = book.add_format({**base, "font_color": "#595959"})
        self.words: Format = book.add_format({**base, "text_wrap": True, "valign": "top"})
        self.head: Format = book.add_format(
            {**self._line, "bold": True, "text_wrap": True, "align": "center",
             "bg_color": "#DDEBF7"}
        )  # fmt: skip
        self.hidden: Format = book.add_format({**base, "num_format": "@", "font_color": "#808080"})
        self.below: Format = book.add_format({**base, "locked": False})

    def of(self, form: str, role: str) -> Format:
        """The format of a cell: ``role`` is computed, edit, entry, or late (a day that is past)."""
        if (form, role) not in self._made:
            look: dict[str, Any] = {**self._line, "num_format": _PATTERNS.get(form, "@")}
            if form not in _PATTERNS:
                look["text_wrap"] = True
            if form in {"int", "date"}:
                look["align"] = "center"
            if role == "computed":
                look["bg_color"] = "#F2F2F2"
            elif role == "late":
                look |= {"font_color": "#C00000", "bold": True}
            else:
                look["locked"] = False
                look |= {"bg_color": "#FFF9E5"} if role == "entry" else {}
            self._made[form, role] = self._book.add_format(look)
        return self._made[form, role]


def shown(column: BookColumn, value: Any, lang: Lang) -> Any:  # noqa: ANN401 - what a cell holds
    """A value as its cell shows it: words for codes, floats for areas, days; ``None`` is blank."""
    if value is None or value == "":
        return None
    if column.form in _CODED:
        codes = value if isinstance(value, tuple) else (value,)
        joint = "、" if lang == "zh" else ", "
        return joint.join(sentence(f"ledger_cases.{column.form}_{code}", lang) for code in codes)
    if column.form in _PLACES:
        return to_float(value, _PLACES[column.form])
    return clean(value) if isinstance(value, str) else value


def put(page: Any, row: int, place: int, value: Any, form: Format) -> None:  # noqa: ANN401
    """Write one cell; a text is a text cell whatever it begins with."""
    if value is None:
        page.write_blank(row, place, None, form)
    elif isinstance(value, str):
        page.write_string(row, place, value, form)
    elif isinstance(value, dt.date):
        if value < _FIRST_DAY:
            page.write_string(row, place, value.isoformat(), form)
        else:
            page.write_datetime(row, place, value, form)
    else:
        page.write_number(row, place, value, form)

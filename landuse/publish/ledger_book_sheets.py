"""The sheets beside the ledger itself: idle land, totals, what is due, how to fill in, lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang, text
from landuse.publish.ledger_book_cells import BookStyles, put, shown
from landuse.publish.ledger_book_view import LedgerView, Row
from landuse.publish.sheets import clean, new_worksheet, page_setup, row_height
from landuse.publish.words import sentence
from landuse.scaled import FLOOR_M2, MU, to_float
from landuse.schema.ledger_book import EXPORTED, BookColumn, Form

if TYPE_CHECKING:
    from xlsxwriter import Workbook

__all__ = ["write_due", "write_guide", "write_idle", "write_lists", "write_summary"]

_WIDTHS: Final = (30, 14, 16, 16, 16, 16, 16, 16, 16)
_IDLE: Final[tuple[tuple[str, Form, float], ...]] = (
    ("seq_no", "int", 5), ("number", "text", 9.5), ("parcels", "text", 20),
    ("contract_no", "text", 16), ("holder", "text", 20), ("address", "text", 14),
    ("case_mu_e4", "mu", 10), ("finding", "text", 10), ("cause", "text", 10),
    ("base_on", "date", 11), ("one_year_on", "date", 11), ("two_years_on", "date", 11),
    ("consequence", "text", 22), ("fee_wan", "number", 11), ("late_delivery", "text", 8),
    ("papers", "text", 26), ("state", "state", 10), ("responsible_unit", "text", 12),
    ("responsible_person", "text", 10), ("deadline", "date", 11), ("accepted_on", "date", 11),
    ("notes", "text", 14),
)  # fmt: skip
_DUE: Final[tuple[tuple[str, Form, float], ...]] = (
    ("seq_no", "int", 5), ("on", "date", 11), ("days_left", "int", 9), ("what", "text", 26),
    ("number", "text", 9.5), ("state", "state", 11), ("park", "text", 14),
    ("original_enterprises", "text", 26), ("responsible_unit", "text", 16),
    ("responsible_person", "text", 12),
)  # fmt: skip


def _say(name: str, lang: Lang, **values: object) -> str:
    return text(f"ledger_book.{name}", lang, **values)


def write_idle(book: Workbook, view: LedgerView, styles: BookStyles, lang: Lang) -> None:
    """The cases of idle land with the clock of each contract; for reading."""
    _write_list(book, "idle", _IDLE, view.idle, styles, lang)


def write_due(book: Workbook, view: LedgerView, styles: BookStyles, lang: Lang) -> None:
    """What is due, the longest overdue first."""
    _write_list(book, "due", _DUE, view.due, styles, lang)


def _write_list(
    book: Workbook,
    name: str,
    columns: Sequence[tuple[str, Form, float]],
    rows: Sequence[Row],
    styles: BookStyles,
    lang: Lang,
) -> None:
    """A sheet that is only read: title, note, heading, rows."""
    title = _say(f"sheet_{name}", lang)
    page = new_worksheet(book, title)
    page.set_row(0, 26)
    page.write_string(0, 0, clean(title), styles.title)
    page.write_string(1, 0, clean(_say(f"note_{name}", lang)), styles.note)
    page.set_row(2, 30)
    widths = [width for _, _, width in columns]
    for place, (column, _, width) in enumerate(columns):
        page.set_column(place, place, width)
        page.write_string(2, place, _say(f"{name}_{column}", lang), styles.head)
    known = [BookColumn(column, "", "", form, "computed", 0) for column, form, _ in columns]
    for at, row in enumerate(rows, 3):
        cells = [shown(column, row.get(column.name), lang) for column in known]
        height = row_height(cells, widths)
        if height:
            page.set_row(at, height)
        late = name == "due" and row["days_left"] < 0
        for place, cell in enumerate(cells):
            role = "late" if late and known[place].name in {"on", "days_left"} else "computed"
            put(page, at, place, cell, styles.of(known[place].form, role))
    last = max(len(rows) + 2, 3)
    page.autofilter(2, 0, last, len(columns) - 1)
    page.freeze_panes(3, 2)
    page.repeat_rows(0, 2)
    page.fit_to_pages(1, 0)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    page_setup(page, f"{_say('title', lang)}　{title}")
    page.protect("", {"autofilter": True, "sort": True, "format_columns": True})


def write_summary(book: Workbook, view: LedgerView, styles: BookStyles, lang: Lang) -> None:
    """Cases and mu by state, way, park and kind; this month against last; all add up."""
    title = _say("sheet_summary", lang)
    page = new_worksheet(book, title)
    for place, width in enumerate(_WIDTHS):
        page.set_column(place, place, width)
    page.set_row(0, 26)
    page.write_string(0, 0, clean(title), styles.title)
    page.write_string(1, 0, clean(_say("note_summary", lang, n=len(view.cases))), styles.note)
    at = 3
    for heading, head, rows in _sections(view, lang):
        page.write_string(at, 0, clean(heading), styles.section)
        for place, label in enumerate(head):
            page.write_string(at + 1, place, clean(label), styles.head)
        for line, row in enumerate(rows, at + 2):
            for place, cell in enumerate(row):
                form = "int" if isinstance(cell, int) else "mu"
                put(page, line, place, cell, styles.of("text" if place == 0 else form, "computed"))
        at += len(rows) + 3
    page.fit_to_pages(1, 0)
    page_setup(page, f"{_say('title', lang)}　{title}")
    page.protect("", {"format_columns": True})


_Section = tuple[str, list[str], list[list[Any]]]
_CASE_SUMS: Final = ("cases", "mu_e4", "disposed_mu_e4", "accepted_mu_e4", "remaining_mu_e4",
                     "floor_m2_e2")  # fmt: skip
_PART_SUMS: Final = ("parts", "mu_e4", "floor_m2_e2")
_MONTH: Final = ("cases", "mu_e4")


def _sections(view: LedgerView, lang: Lang) -> Iterator[_Section]:
    totals, months = view.totals, view.months
    yield (
        _say("sum_headline", lang),
        [_say(f"sum_{name}", lang) for name in ("what", "this", "last", "change")],
        list(_headline(months, lang)),
    )
    for group in ("state", "kind", "park"):
        head = [_say(f"by_{group}", lang), *(_say(f"sum_{name}", lang) for name in _CASE_SUMS)]
        rows = _sums(totals[f"by_{group}"], group, _CASE_SUMS, lang)
        yield _say(f"sum_by_{group}", lang), head, rows
    head = [_say("by_way", lang), *(_say(f"sum_{name}", lang) for name in _PART_SUMS)]
    yield _say("sum_by_way", lang), head, _sums(totals["by_way"], "way", _PART_SUMS, lang)
    yield _month(months, lang)


def _sums(
    groups: Mapping[str, Mapping[str, int]], group: str, names: Sequence[str], lang: Lang
) -> list[list[Any]]:
    rows = [
        [_group_word(group, key, lang), *(_cell(name, sums[name]) for name in names)]
        for key, sums in groups.items()
    ]
    added = [sum(sums[name] for sums in groups.values()) for name in names]
    total = [_cell(name, value) for name, value in zip(names, added, strict=True)]
    return [*rows, [_say("sum_total", lang), *total]]


def _group_word(group: str, key: str, lang: Lang) -> str:
    if group == "park":
        return clean(key) or _say("no_park", lang)
    return sentence(f"ledger_cases.{group}_{key}", lang)


def _cell(name: str, value: int) -> int | float:
    if name.endswith("_e4"):
        return to_float(value, MU)
    return to_float(value, FLOOR_M2) if name.endswith("_e2") else value


def _headline(months: Mapping[str, Any], lang: Lang) -> Iterator[list[Any]]:
    this, last, change = (months[name]["headline"] for name in ("this", "last", "change"))
    for name in this:
        cells = [_cell(name, one.get(name, 0)) for one in (this, last, change)]
        yield [_say(f"headline_{name}", lang), *cells]


def _month(months: Mapping[str, Any], lang: Lang) -> _Section:
    """By state, the whole ledger at the end of last month and now."""
    head = [_say("by_state", lang)]
    head += [
        _say("sum_month", lang, what=_say(f"sum_{name}", lang), when=_say(f"sum_{when}", lang))
        for name in _MONTH
        for when in ("this", "last", "change")
    ]
    groups = [months[when]["by_state"] for when in ("this", "last", "change")]
    keys = dict.fromkeys(key for group in groups for key in group)
    rows = [
        [
            _group_word("state", key, lang),
            *(_cell(name, group.get(key, {}).get(name, 0)) for name in _MONTH for group in groups),
        ]
        for key in keys
    ]
    total = [
        _cell(name, sum(sums.get(name, 0) for sums in group.values()))
        for name in _MONTH
        for group in groups
    ]
    title = _say("sum_months", lang, day=months["last_day"])
    return title, head, [*rows, [_say("sum_total", lang), *total]]


def write_guide(book: Workbook, view: LedgerView, styles: BookStyles, lang: Lang) -> None:
    """How to fill in and hand back; which state may follow which, and what it needs."""
    title = _say("sheet_guide", lang)
    page = new_worksheet(book, title)
    for place, width in enumerate((18, 44, 60)):
        page.set_column(place, place, width)
    page.set_row(0, 26)
    page.write_string(0, 0, clean(title), styles.title)
    lines = _say("guide", lang).strip().split("\n")
    for row, line in enumerate(lines, 1):
        page.write_string(row, 0, clean(line), styles.note)
    at = len(lines) + 2
    for place, name in enumerate(("guide_state", "guide_may", "guide_needs")):
        page.write_string(at, place, _say(name, lang), styles.head)
    for row, cells in enumerate(view.moves, at + 1):
        height = row_height(cells, (18, 44, 60))
        if height:
            page.set_row(row, height)
        for place, cell in enumerate(cells):
            put(page, row, place, clean(cell) or None, styles.of("text", "computed"))
    page.fit_to_pages(1, 0)
    page_setup(page, f"{_say('title', lang)}　{title}")
    page.protect("", {"format_columns": True})


def write_lists(book: Workbook, view: LedgerView, styles: BookStyles, lang: Lang) -> None:
    """Hidden: the words of the drop-down lists, and which cases were written."""
    page = new_worksheet(book, _say("sheet_lists", lang))
    lists = {"state": view.states, "way": view.ways, "kind": view.kinds}
    heads = [_say(f"by_{group}", lang) for group in lists]
    words = [
        [sentence(f"ledger_cases.{group}_{code}", lang) for code in codes]
        for group, codes in lists.items()
    ]
    for at in range(max(map(len, words)) + 1):
        for place, column in enumerate(words):
            if at == 0:
                page.write_string(0, place, heads[place], styles.hidden)
            elif at <= len(column):
                page.write_string(at, place, column[at - 1], styles.hidden)
    page.protect("")
    page.hide()
    page = new_worksheet(book, "landuse")
    for at, words_of in enumerate((EXPORTED, *(row["number"] for _, row in view.cases))):
        page.write_string(at, 0, words_of, styles.hidden)
    page.protect("")
    page.very_hidden()

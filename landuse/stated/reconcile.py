"""Figures of periods against one another: what must add up, grow or agree, and does not.

Takes the PERIODS table, gives the contradictions with both values and where each stands; nothing
is corrected. A figure stands for all values that round to it, so that only what cannot be true
is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from landuse.errors import UserError
from landuse.schema.periods import Span, read_period
from landuse.stated.check import judge
from landuse.stated.figures import Figure, read_figure

__all__ = ["COLUMNS", "reconcile"]

COLUMNS: Final = (
    "rule", "scope", "key", "measure", "period", "stated", "computed", "stated_at", "computed_from",
)  # fmt: skip
"""``rule``: same | sum | shrinks | scale_parts | part_exceeds | share_of_city | growth |
share_of_target | target | expected | unread; the last two columns name file, sheet and row."""

_BOUNDS: Final = {
    "exact": "exact", "about": "near", "near": "at_most", "more": "at_least", "below": "at_most",
}  # fmt: skip
_UNIT: Final = {"firms": "家"}
_OUR_UNIT: Final = "万元"


@dataclass(frozen=True, slots=True)
class _Cell:
    """A stated figure with its place."""

    figure: Figure
    row: Mapping[str, Any]

    @property
    def at(self) -> str:
        return f"{self.row['source_file']} {self.row['source_sheet']} {self.row['source_row']}"


_HALVES: Final = ("规上", "规下")
_Key = tuple[str, str, str]
_Book = dict[_Key, dict[Span, _Cell]]


def reconcile(periods: pd.DataFrame) -> pd.DataFrame:
    """The contradictions in ``periods`` (PERIODS), one row each, columns :data:`COLUMNS`.

    Sorted, whatever the order of the rows. A share or a growth whose text holds no figure is named
    too (``unread``).
    """
    found: list[tuple[str, ...]] = []
    book: _Book = {}
    order = ["scope", "key", "measure", "period", "source_file", "source_sheet", "source_row"]
    for row in periods.sort_values(order, kind="stable").to_dict("records"):
        if pd.isna(row["value_micro"]):
            continue
        span = read_period(str(row["period"]), cumulative=bool(row["cumulative"]))
        key = (str(row["scope"]), str(row["key"]), str(row["measure"]))
        cell = _Cell(_figure(row, "value_micro"), {str(name): row[name] for name in row})
        kept = book.setdefault(key, {}).setdefault(span, cell)
        if kept is not cell:
            found += _fault("same", key, span, cell, [kept], "same")
    for key, spans in book.items():
        found += _sums(key, spans)
        found += _rising(key, spans)
        found += _texts(key, spans, book)
        found += _targets(key, spans)
    found += _scales(book)
    found += _parts_of_the_city(book)
    return pd.DataFrame(sorted(set(found)), columns=list(COLUMNS), dtype="str")


def _figure(row: Mapping[Any, Any], column: str) -> Figure:
    step = Fraction(int(row["step_micro"]), 10**6)
    unit = _UNIT.get(str(row["measure"]), _OUR_UNIT)
    value = Fraction(int(row[column]), 10**6)
    quantity = unit if unit != _OUR_UNIT else "wan"
    digits = 0 if step >= 1 or step == 0 else len(str(step.denominator)) - 1
    bound = _BOUNDS[str(row["bound"])] if column == "value_micro" else "exact"
    blank = Figure("", value, step, quantity, bound, digits, unit, Fraction(1))
    text = blank.show(value)
    return Figure(text, value, step, quantity, bound, digits, unit, Fraction(1))


def _fault(
    rule: str, key: _Key, span: Span, stated: _Cell, inputs: Sequence[_Cell], relation: str
) -> list[tuple[str, ...]]:
    verdict = judge(rule, relation, stated.figure, [one.figure for one in inputs])
    if verdict.verdict not in ("wrong", "contradiction", "bound_fails"):
        return []
    return [_line(rule, key, span, stated, verdict.computed, [one.at for one in inputs])]


def _line(
    rule: str, key: _Key, span: Span, stated: _Cell, computed: str, places: Sequence[str]
) -> tuple[str, ...]:
    scope, name, measure = key
    said = stated.figure.text
    return (rule, scope, name, measure, span.label, said, computed, stated.at, "; ".join(places))


def _sums(key: _Key, spans: Mapping[Span, _Cell]) -> list[tuple[str, ...]]:
    """A span against every way to put it together from two, from its quarters or its months."""
    found = []
    for span, cell in spans.items():
        for parts in _divisions(span):
            if all(part in spans for part in parts):
                found += _fault("sum", key, span, cell, [spans[part] for part in parts], "sum")
    return found


def _divisions(span: Span) -> Iterator[list[Span]]:
    year, first, last = span.year, span.first, span.last
    for middle in range(first, last):
        yield [Span(year, first, middle), Span(year, middle + 1, last)]
    for months in (1, 3):
        starts = list(range(first, last + 1, months))
        if len(starts) > 2 and (last - first + 1) % months == 0:
            yield [Span(year, start, start + months - 1) for start in starts]


def _rising(key: _Key, spans: Mapping[Span, _Cell]) -> list[tuple[str, ...]]:
    """What is counted from January on does not shrink; the number of firms may."""
    if key[2] == "firms":
        return []
    found = []
    from_january = sorted(span for span in spans if span.from_january)
    for one, two in pairwise(from_january):
        low, high = spans[one].figure.interval.low, spans[two].figure.interval.high
        if one.year == two.year and low is not None and high is not None and high < low:
            said = spans[one].figure.text
            found.append(_line("shrinks", key, two, spans[two], said, [spans[one].at]))
    return found


def _texts(key: _Key, spans: Mapping[Span, _Cell], book: _Book) -> list[tuple[str, ...]]:
    """The shares and the growth that stand beside a figure."""
    found = []
    city = book.get(("city", "", key[2]), {})
    for span, cell in spans.items():
        for column, rule, relation, other in (
            ("growth_text", "growth", "growth", spans.get(span.before)),
            ("share_of_city_text", "share_of_city", "share", city.get(span)),
            ("share_of_target_text", "share_of_target", "share", _target(cell)),
        ):
            said = str(cell.row[column] or "").strip()
            if not said or other is None or "百分点" in said:  # points are not of the value
                continue
            try:
                stated = _Cell(read_figure(said, "%"), cell.row)
            except UserError:
                found.append(_unread(key, span, said, cell))
                continue
            if stated.figure.quantity == "%":
                found += _fault(rule, key, span, stated, [cell, other], relation)
            else:
                found.append(_unread(key, span, said, cell))
    return found


def _unread(key: _Key, span: Span, said: str, cell: _Cell) -> tuple[str, ...]:
    return ("unread", *key, span.label, said, "", cell.at, cell.at)


def _target(cell: _Cell) -> _Cell | None:
    if pd.isna(cell.row["target_micro"]):
        return None
    return _Cell(_exact(cell, "target_micro"), cell.row)


def _exact(cell: _Cell, column: str) -> Figure:
    """A figure of the row that is set rather than measured: it is not rounded."""
    made = _figure(cell.row, column)
    return Figure(made.text, made.value, Fraction(0), *_rest(made))


def _rest(made: Figure) -> tuple[str, str, int, str, Fraction]:
    return made.quantity, made.bound, made.digits, made.unit, made.factor


def _targets(key: _Key, spans: Mapping[Span, _Cell]) -> list[tuple[str, ...]]:
    """One target a year; and what is expected of the year is no less than what there is."""
    found = []
    first: dict[int, _Cell] = {}
    for span, cell in sorted(spans.items(), key=lambda item: item[0]):
        target = _target(cell)
        if target is not None:
            kept = first.setdefault(span.year, target)
            if kept.figure.value != target.figure.value:
                found.append(_line("target", key, span, target, kept.figure.text, [kept.at]))
        low = cell.figure.interval.low
        if span.from_january and not pd.isna(cell.row["expected_year_micro"]) and low is not None:
            expected = _Cell(_exact(cell, "expected_year_micro"), cell.row)
            if expected.figure.value < low:
                line = _line("expected", key, span, expected, cell.figure.text, [cell.at])
                found.append(line)
    return found


def _scales(book: _Book) -> list[tuple[str, ...]]:
    """The firms above and below scale of a park are its firms, those of the city the city's."""
    found = []
    for (scope, name, measure), spans in sorted(book.items()):
        if scope not in ("park", "city"):
            continue
        keys = [("park_scale", f"{name}|{half}") if scope == "park" else ("scale", half)
                for half in _HALVES]  # fmt: skip
        parts = [book.get((*of, measure), {}) for of in keys]
        for span, cell in spans.items():
            if all(span in part for part in parts):
                cells = [part[span] for part in parts]
                found += _fault("scale_parts", (scope, name, measure), span, cell, cells, "sum")
    return found


def _parts_of_the_city(book: _Book) -> list[tuple[str, ...]]:
    """No park, no cluster and no firms of one scale are more than the city; nor are all parks.

    Clusters may share firms, so that only each of them is held against the city.
    """
    found = []
    parks: dict[tuple[str, Span], list[_Cell]] = {}
    for key, spans in sorted(book.items()):
        city = book.get(("city", "", key[2]), {})
        for span, cell in sorted(spans.items(), key=lambda item: item[0]):
            if span not in city or key[0] not in ("park", "cluster", "scale"):
                continue
            if key[0] == "park":
                parks.setdefault((key[2], span), []).append(cell)
            found += _fault("part_exceeds", key, span, cell, [city[span]], "part")
    for (measure, span), cells in sorted(parks.items()):
        whole = book["city", "", measure][span]
        sums = [cell.figure.interval.low for cell in cells]
        low = None if None in sums else sum((one for one in sums if one is not None), Fraction(0))
        high = whole.figure.interval.high
        if len(cells) > 1 and low is not None and high is not None and low > high:
            total = sum((cell.figure.value for cell in cells), Fraction(0))
            said = whole.figure.show(total)
            places = "; ".join(cell.at for cell in cells)
            city_key = ("city", "", measure)
            found.append(("part_exceeds", *city_key, span.label, said, whole.figure.text, places,
                          whole.at))  # fmt: skip
    return found

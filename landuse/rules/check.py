"""What must hold between the values of a pack: ranges, names that refer to each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from landuse.rules.document import Key, nearest, shorten
from landuse.units import UNITS

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.rules.model import Indicator, Rules

__all__ = ["check"]

Fault = tuple[str, Key, dict[str, object]]
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED: Final = frozenset(
    (
        *("unit_id", "uscc", "name", "industry_code", "division", "scale", "cohort", "year", "key"),
        *("parcel_count", "area_mu", "adjusted_area_mu", "price_coefficient", "score", "rank"),
        *("cohort_size", "quota", "cutoff_score", "margin", "firmness", "flips_under", "is_tied"),
        *("status", "reason", "grade_class", "land", "x", "y"),
    )
)
_COHORT_COLUMNS: Final = frozenset(("division", "scale", "industry_code"))
_WORKING: Final = frozenset(("production_started_on", "row", "order", "other", "place", "geometry"))
_Range = tuple[Callable[[Fraction], bool], str]
_ONE: Final = Fraction(1)
_RANGES: Final[dict[str, _Range]] = {
    "share": (lambda v: 0 <= v < 1, "[0, 1)"),
    "min_price_cover": (lambda v: 0 <= v <= 1, "[0, 1]"),
    "area_gap_share": (lambda v: v >= 0, "≥ 0"),
    "area_gap_mu": (lambda v: v >= 0, "≥ 0"),
    "repair_limit": (lambda v: v >= 0, "≥ 0"),
    "area_dispute_factor": (lambda v: v > 1, "> 1"),
    "outlier_factor": (lambda v: v > 1, "> 1"),
    "cap": (lambda v: v > 0, "> 0"),
    "reference_price": (lambda v: v > 0, "> 0"),
    "min_cohort": (lambda v: v >= 1, "≥ 1"),
    "idle_area_share": (lambda v: 0 < v <= 1, "(0, 1]"),
    "idle_investment_share": (lambda v: 0 < v <= 1, "(0, 1]"),
    "idle_fee_share": (lambda v: 0 <= v <= 1, "[0, 1]"),
    "evidence_supports_below": (lambda v: 0 <= v <= 1, "[0, 1]"),
    "evidence_contradicts_from": (lambda v: 0 <= v <= 1, "[0, 1]"),
}


def check(rules: Rules, place: Callable[[Key], dict[str, object]], log: IssueLog) -> None:
    """Report every value that contradicts its meaning or another value."""
    parts = (_ranges, _evidence, _tables, _lists, _figures, _energy)
    for faults in (part(rules) for part in parts):
        for code, key, values in faults:
            log.add(code, **{"value": "", **values, **place(key)})
    for indicator in rules.indicators:
        for code, key, values in _indicator(indicator, rules):
            log.add(code, **{"value": "", **values, **place(key)})
    if not rules.indicators:
        log.add("rules.no_indicator", **place(("indicators",)))


def _out(key: Key, value: object, expected: str) -> Fault:
    return "rules.out_of_range", key, {"value": shorten(value), "expected": expected}


def _ranges(rules: Rules) -> Iterator[Fault]:
    for name, (holds, expected) in _RANGES.items():
        value = getattr(rules, name)
        if not isinstance(value, str) and not holds(Fraction(value)):
            yield _out(("values", name), value, expected)


def _tables(rules: Rules) -> Iterator[Fault]:
    known = [indicator.key for indicator in rules.indicators]
    for key in rules.and_below:
        if key not in known:
            close = nearest(key, known)
            yield (
                "rules.unknown_indicator",
                ("values", "and_below"),
                {"value": key, "nearest": close},
            )
    for grade, k in rules.grade_coefficients.items():
        if k <= 0:
            yield _out(("values", "grade_coefficients"), f"{grade} = {k}", "> 0")
    shares = list(rules.classes.values())
    rising = all(a < b for a, b in zip([Fraction(0), *shares], shares, strict=False))
    if shares and not (rising and shares[-1] == _ONE):
        written = ", ".join(f"{name} = {share}" for name, share in rules.classes.items())
        yield "rules.bad_classes", ("values", "classes"), {"value": written}


def _evidence(rules: Rules) -> Iterator[Fault]:
    low, high = rules.evidence_supports_below, rules.evidence_contradicts_from
    if 0 <= high < low:
        yield _out(("values", "evidence_contradicts_from"), high, f"[{low}, 1]")


def _lists(rules: Rules) -> Iterator[Fault]:
    lists = ("land_use_codes", "cohort_by", "exempt_divisions")
    for name in lists:
        entries = getattr(rules, name)
        repeated = sorted({entry for entry in entries if entries.count(entry) > 1})
        if repeated:
            yield "rules.repeats", ("values", name), {"value": ", ".join(repeated)}
        if any(not entry.strip() for entry in entries) or (not entries and name == "cohort_by"):
            yield "rules.empty_entry", ("values", name), {}
    for entry in rules.cohort_by:
        if entry not in _COHORT_COLUMNS and _is_taken(entry, rules):
            yield "rules.name_taken", ("values", "cohort_by"), {"value": entry}
    for division in rules.exempt_divisions:
        if not re.fullmatch(r"[0-9]{2}", division):
            yield "rules.bad_division", ("values", "exempt_divisions"), {"value": division}


def _is_taken(name: str, rules: Rules) -> bool:
    """Whether a column of this name has another meaning in the tables of the program."""
    own = {figure.key for figure in rules.figures} | {figure.column for figure in rules.figures}
    own |= {one.key for one in rules.indicators} | {one.key for one in rules.energy}
    working = name in _WORKING or name.startswith("_") or name.endswith("_micro")
    return working or name.startswith("tce_from_") or name in {*_RESERVED, *own}


def _figures(rules: Rules) -> Iterator[Fault]:
    columns = [figure.column for figure in rules.figures]
    for figure in rules.figures:
        key: Key = ("figures", figure.key)
        if not _NAME.fullmatch(figure.key):
            yield "rules.bad_name", key, {"value": figure.key}
        if {figure.key, figure.column} & _RESERVED or columns.count(figure.column) > 1:
            yield "rules.name_taken", key, {"value": figure.key}
        yield from _unit((*key, "unit"), figure.unit)


def _energy(rules: Rules) -> Iterator[Fault]:
    for energy in rules.energy:
        key: Key = ("energy", energy.key)
        if not _NAME.fullmatch(energy.key):
            yield "rules.bad_name", key, {"value": energy.key}
        yield from _unit((*key, "unit"), energy.unit)
        for basis in ("calorific", "equivalent"):
            value = getattr(energy, basis)
            if value is not None and value <= 0:
                yield _out((*key, basis), value, "> 0")


def _unit(key: Key, unit: str) -> Iterator[Fault]:
    if unit not in UNITS:
        yield "rules.unknown_unit", key, {"value": unit, "nearest": nearest(unit, UNITS)}


def _indicator(indicator: Indicator, rules: Rules) -> Iterator[Fault]:
    key: Key = ("indicators", indicator.key)
    figures = [figure.key for figure in rules.figures]
    columns = [figure.column for figure in rules.figures]
    if not _NAME.fullmatch(indicator.key):
        yield "rules.bad_name", key, {"value": indicator.key}
    if indicator.key in {*_RESERVED, *columns}:
        yield "rules.name_taken", key, {"value": indicator.key}
    yield from _figure((*key, "numerator"), indicator.numerator, figures)
    yield from _figure((*key, "denominator"), indicator.denominator, [*figures, "land"])
    if indicator.weight <= 0:
        yield _out((*key, "weight"), indicator.weight, "> 0")
    yield from _benchmark(indicator)


def _figure(key: Key, name: str, known: Iterable[str]) -> Iterator[Fault]:
    if name not in known:
        yield "rules.unknown_figure", key, {"value": name, "nearest": nearest(name, known)}


def _benchmark(indicator: Indicator) -> Iterator[Fault]:
    key: Key = ("indicators", indicator.key)
    if indicator.benchmark == "published" and not indicator.published:
        yield "rules.no_published", (*key, "benchmark"), {}
    if indicator.benchmark != "published" and indicator.published:
        yield "rules.idle_published", (*key, "published"), {"value": indicator.benchmark}
    for name, value in indicator.published.items():
        if value <= 0:
            yield _out((*key, "published"), f"{name} = {value}", "> 0")
    for name in ("scope", "benchmark_year"):
        if indicator.benchmark != "twice_mean" and name in indicator.model_fields_set:
            yield "rules.only_twice_mean", (*key, name), {}

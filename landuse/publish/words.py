"""Codes and numbers of the tables in the words of a planner."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

from landuse.messages import Lang, text
from landuse.rules.model import Rules
from landuse.schema.frame import Column
from landuse.schema.industries import division_label

__all__ = [
    "class_label",
    "cohort",
    "firmness",
    "flips",
    "heading",
    "idle",
    "idle_list",
    "join",
    "labelled",
    "number",
    "reason",
    "sentence",
    "status_label",
    "table_label",
    "test",
    "tests",
    "unit",
    "verdict",
    "word",
    "yes_no",
]


@cache
def word(kind: str, code: str, lang: Lang) -> str:
    """The word for a code (``word("status", "ranked", "en")``); an unknown code stays itself."""
    if not code:
        return ""
    return _known(f"workbook.{kind}_{code}", lang) or code


def status_label(code: str, lang: Lang) -> str:
    """The word for a status of a unit."""
    return word("status", code, lang)


def class_label(code: str, lang: Lang) -> str:
    """The word for a class of land."""
    return word("class", code, lang)


def table_label(code: str, lang: Lang) -> str:
    """The word for one of our input tables."""
    return word("table", code, lang)


@cache
def reason(code: str, lang: Lang) -> str:
    """Why a unit is not graded, in words; an unknown code stays itself."""
    return (_known(f"ranking.reason_{code}", lang) or code) if code else ""


def sentence(code: str, lang: Lang) -> str:
    """The sentence of a code that needs no values; a code without one stays itself."""
    return _known(code, lang) or code


@cache
def idle(kind: str, code: str, lang: Lang) -> str:
    """The word for a code about idle land (``idle("land", "used", "en")``)."""
    return (_known(f"idle.{kind}_{code}", lang) or code) if code else ""


def verdict(code: str, lang: Lang) -> str:
    """What an image says of idleness (``verdict("supported", "en")``)."""
    return (_known(f"evidence.verdict_{code}", lang) or code) if code else ""


def idle_list(kind: str, codes: str, lang: Lang) -> str:
    """Several codes about idle land in one cell, in words.

    >>> idle_list("name", "agreed_start; delivered_on", "en")
    'agreed start; date of delivery'
    """
    return join([idle(kind, code, lang) for code in tests(codes)], lang)


def _known(code: str, lang: Lang) -> str:
    try:
        return text(code, lang)
    except (KeyError, FileNotFoundError, IndexError):
        return ""


@cache
def cohort(code: str, lang: Lang) -> str:
    """The name of a cohort: code and name of the industry, or the word for the pool.

    >>> cohort("17", "en"), cohort("17|规上", "en")
    ('17 manufacture of textiles', '17 manufacture of textiles · 规上')
    """
    division, rest = code[:2], code[2:].replace("|", " · ")
    if not division.isdigit() or rest[:1].isdigit():
        return word("cohort", code, lang)
    label = division_label(division, lang)
    return code if label == division else f"{division} {label}{rest}"


def yes_no(value: object, lang: Lang) -> str:
    """A truth value as a word."""
    return text("workbook.yes" if value else "workbook.no", lang)


def unit(code: str, lang: Lang) -> str:
    """The unit as it stands in a heading; empty for counts and pure numbers."""
    if "|" in code:  # an indicator's unit, in both languages
        zh, _, en = code.partition("|")
        return zh if lang == "zh" else en
    if code in {"", "1", "unit", "parcel", "row", "place"} or code.startswith("of "):
        return ""
    return _known(f"workbook.unit_{code}", lang) or code


def heading(column: Column, lang: Lang) -> str:
    """The heading of a column with its unit."""
    return labelled(column.label(lang), column.unit, lang)


def labelled(label: str, measured_in: str, lang: Lang) -> str:
    """A name with its unit, if it has one."""
    measured = unit(measured_in, lang)
    return text("workbook.heading", lang, label=label, unit=measured) if measured else label


def number(value: float | None, places: int = 2) -> str:
    """A number for a sentence: grouped, at most ``places`` decimals; a missing one is a dash.

    >>> number(1234.5), number(9.0), number(None), number(66.6666666)
    ('1,234.5', '9', '—', '66.67')
    """
    if value is None or not isinstance(value, int | float) or not math.isfinite(value):
        return "—"
    shown = f"{value:,.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def join(parts: list[str], lang: Lang) -> str:
    """Several phrases as one."""
    return text("workbook.and", lang).join(parts)


def tests(flips_under: str) -> list[str]:
    """The codes of the tests in a ``flips_under`` cell.

    >>> tests("area+3%; last_year")
    ['area+3%', 'last_year']
    """
    return [code for part in flips_under.split(";") if (code := part.strip())]


def flips(flips_under: str, rules: Rules, lang: Lang) -> str:
    """What would change the finding, in words; empty if nothing would."""
    titles = {one.key: one.title_zh if lang == "zh" else one.title_en for one in rules.indicators}
    return join([test(code, titles.get, lang) for code in tests(flips_under)], lang)


def test(code: str, title: Callable[[str], str | None], lang: Lang) -> str:
    """One test of firmness in words; ``title`` gives the title of an indicator."""
    plain = {"area+3%": "area_more", "area-3%": "area_less", "last_year": "last_year"}
    if code in plain:
        return text(f"workbook.test_{plain[code]}", lang)
    kind, _, rest = code.partition(":")
    if kind == "weight" and rest[-4:] in {"+20%", "-20%"}:
        key, which = rest[:-4], "more" if rest[-4] == "+" else "less"
        return text(f"workbook.test_weight_{which}", lang, indicator=title(key) or key)
    if kind == "rounding":
        return word("test_rounding", rest, lang)
    return word("test", code, lang)


def firmness(value: float | None, flips_under: str, lang: Lang) -> str:
    """How firm a finding is, in words; empty where a unit is not ranked."""
    if value is None or not math.isfinite(value):
        return ""
    count = len(tests(flips_under))
    if not count:
        return text("workbook.firm", lang)
    return text("workbook.fairly_firm" if value >= _FAIRLY else "workbook.weak", lang, n=count)


_FAIRLY = 0.75

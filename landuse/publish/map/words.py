"""The words of the page in one language: its own, and those for the codes that occur in the run.

The words for codes are the workbook's, so that one thing has one name in all that people read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.messages import Lang, codes, sentence, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landuse.rules.model import Rules

__all__ = ["cohort_labels", "flip_words", "page_words", "unit_word"]

_SHARED: Final = ("status_", "evidence_", "certainty_", "relation_", "area_rule_", "area_source_")
_ALSO: Final = ("park_type_", "firm", "fairly_firm", "weak")


def page_words(lang: Lang) -> dict[str, str]:
    """Code → template, for everything that the page may say."""
    found = {}
    for code in codes():
        room, _, key = code.partition(".")
        shared = room == "workbook" and key.startswith((*_SHARED, *_ALSO))
        reason = room == "ranking" and key.startswith("reason_")
        if (room == "map" or shared or reason) and "severity" not in sentence(code):
            found[key] = sentence(code)[lang]
    return found


def flip_words(cells: Iterable[str], rules: Rules, lang: Lang) -> dict[str, str]:
    """Each test of firmness that occurs in ``flips_under`` → what it is, in words."""
    titles = {one.key: one.title_zh if lang == "zh" else one.title_en for one in rules.indicators}
    flips = {flip for cell in cells for flip in cell.split("; ") if flip}
    return {flip: _flip(flip, titles, lang) for flip in sorted(flips)}


def _flip(flip: str, titles: dict[str, str], lang: Lang) -> str:
    if flip.startswith("weight:"):
        more = flip.endswith("+20%")
        key = flip.removeprefix("weight:").removesuffix("+20%" if more else "-20%")
        code = "workbook.test_weight_more" if more else "workbook.test_weight_less"
        return text(code, lang, indicator=titles.get(key, key))
    name = flip.replace("+3%", "_more").replace("-3%", "_less").replace(":", "_")
    return text(f"workbook.test_{name}", lang)


def cohort_labels(cohorts: Iterable[str], lang: Lang) -> dict[str, str]:
    """Cohort → its name for people: code and name of the industry.

    >>> cohort_labels(["17"], "en")
    {'17': '17 manufacture of textiles'}
    """
    return {cohort: _cohort(cohort, lang) for cohort in sorted(set(cohorts))}


def _cohort(cohort: str, lang: Lang) -> str:
    from landuse.schema.industries import division_label

    if cohort == "pool":
        return text("workbook.cohort_pool", lang)
    division = cohort[:2]
    label = division_label(division, lang) if division.isdigit() else division
    return cohort if label == division else f"{division} {label}{cohort[2:]}"


def unit_word(unit: str, lang: Lang) -> str:
    """A unit of a figure as people write it; nothing for a pure number."""
    if unit == "1":
        return ""
    code = f"workbook.unit_{unit}"
    return text(code, lang) if code in set(codes()) else unit

"""The words of the page in one language: its own, and those for the codes that occur in the run.

The words for codes are those of the workbook, so that one thing has one name in all that people
read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from landuse.messages import Lang, codes, sentence
from landuse.publish import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landuse.rules.model import Rules

__all__ = ["cohort_labels", "firmness_words", "flip_words", "page_words"]

_SPOKEN: Final[dict[str, tuple[str, ...]]] = {
    "idle": ("finding_", "land_", "base_", "cause_", "consequence_", "name_", "remark_"),
    "ledger_cases": ("state_", "kind_", "way_"),
    "map": ("",),
    "ranking": ("reason_",),
    "review": ("verdict_",),
    "workbook": (
        *("status_", "evidence_", "certainty_", "relation_", "area_rule_", "area_source_"),
        *("park_type_", "class_"),
    ),
}
"""File of the catalogue → how the keys begin that the page may say."""


def page_words(lang: Lang) -> dict[str, str]:
    """Code → template, for everything that the page may say."""
    found = {}
    for code in codes(*_SPOKEN):
        room, _, key = code.partition(".")
        if key.startswith(_SPOKEN[room]) and "severity" not in sentence(code):
            found[key] = sentence(code)[lang]
    return found


def cohort_labels(cohorts: Iterable[str], lang: Lang) -> dict[str, str]:
    """Cohort → its name for people: code and name of the industry.

    >>> cohort_labels(["17"], "en")
    {'17': '17 manufacture of textiles'}
    """
    return {cohort: words.cohort(cohort, lang) for cohort in sorted(set(cohorts))}


def flip_words(cells: Iterable[str], rules: Rules, lang: Lang) -> dict[str, str]:
    """Each test of firmness that occurs in ``flips_under`` → what it is, in words."""
    titles = {one.key: one.title_zh if lang == "zh" else one.title_en for one in rules.indicators}
    found = sorted({code for cell in cells for code in words.tests(cell)})
    return {code: words.test(code, titles.get, lang) for code in found}


def firmness_words(units: pd.DataFrame, lang: Lang) -> pd.Series:
    """How firm each finding is, in words; empty where a unit is not ranked."""
    pairs = units[["firmness", "flips_under"]].fillna({"flips_under": ""})
    known = pairs.drop_duplicates()
    said = [
        words.firmness(float(share), flips, lang)
        for share, flips in zip(known["firmness"], known["flips_under"], strict=True)
    ]
    joined = pairs.merge(known.assign(said=said), how="left", on=["firmness", "flips_under"])
    return joined["said"]

"""Words that people write for states, ways and kinds of cases, and what they mean.

Our own words in both languages and the codes are known by themselves; what offices write instead
is committed data (``ledger_book_words.csv``). A word that is not listed means nothing here: it is
asked for, never guessed.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Final

from landuse.messages import LANGUAGES, codes, text
from landuse.schema.headings import fold

__all__ = ["GROUPS", "code_of", "known_codes"]

GROUPS: Final = ("state", "way", "kind")
_NONE: Final = "none"


@cache
def known_codes(group: str) -> tuple[str, ...]:
    """The codes of a group, in the order of the catalogue."""
    prefix = f"ledger_cases.{group}_"
    found = (code.removeprefix(prefix) for code in codes() if code.startswith(prefix))
    return tuple(code for code in found if code != _NONE)


@cache
def _words(group: str) -> dict[str, str]:
    source = resources.files("landuse.intake").joinpath("ledger_book_words.csv")
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    known = {fold(row["word"]): row["code"] for row in rows if row["group"] == group}
    for code in known_codes(group):
        known[fold(code)] = code
        for lang in LANGUAGES:
            known[fold(text(f"ledger_cases.{group}_{code}", lang))] = code
    return known


def code_of(group: str, word: str) -> str:
    """The code that a word stands for, or ``""``.

    >>> code_of("state", "处置中"), code_of("state", " 已 销号 "), code_of("way", "lease back")
    ('in_disposal', 'closed', '')
    """
    return _words(group).get(fold(word), "")

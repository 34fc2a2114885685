"""The words for the codes of this room: what a table, a page or a report writes for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse.messages import LANGUAGES, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from landuse.messages import Lang

__all__ = [
    "account_word",
    "criterion_word",
    "measure_word",
    "met_word",
    "named",
    "ratio_word",
    "state_word",
    "type_word",
    "unit_word",
    "verdict_word",
]


def type_word(code: str, lang: Lang) -> str:
    """A park type; "" stays blank."""
    return text(f"parks.type_{code}", lang) if code else ""


def ratio_word(key: str, lang: Lang) -> str:
    """A key of :data:`landuse.parks.ratios.FORMULAS`."""
    return text(f"parks.ratio_{key}", lang)


def unit_word(unit: str, lang: Lang) -> str:
    """A unit of ratios: ``wan/mu`` → 万元/亩."""
    return text(f"parks.unit_{unit.replace('/', '_per_')}", lang)


def measure_word(code: str, lang: Lang) -> str:
    """A measure of PERIODS: ``output`` → 产值."""
    return text(f"parks.measure_{code}", lang)


def state_word(code: str, lang: Lang) -> str:
    """A state of a project."""
    return text(f"parks.project_{code}", lang)


def verdict_word(code: str, lang: Lang) -> str:
    """A verdict on a promise."""
    return text(f"parks.promise_{code}", lang)


def criterion_word(code: str, lang: Lang) -> str:
    """A criterion of the matching."""
    return text(f"parks.criterion_{code}", lang)


def met_word(code: str, lang: Lang) -> str:
    """Whether a criterion is met, or what became of a proposal."""
    return text(f"parks.met_{code}", lang)


def account_word(code: str, lang: Lang) -> str:
    """A heading of the land account; what is stated of it (``stated_total``) has the same word."""
    return text(f"parks.land_{code.removeprefix('stated_')}", lang)


def named(word: Callable[[str, Lang], str], **codes: str) -> dict[str, object]:
    """Codes in both languages, as a sentence takes them: ``name_zh``, ``name_en``; ``word`` is one
    of the functions here."""
    return {f"{key}_{lang}": word(code, lang) for key, code in codes.items() for lang in LANGUAGES}

"""Fields and values of events in words, for messages and histories."""

from __future__ import annotations

from landuse import scaled
from landuse.issues import Issue
from landuse.ledger.replay import Difference
from landuse.messages import LANGUAGES, Lang, text

__all__ = ["difference_issue", "entity_word", "field_word", "value_word"]

_PLACES = {"mu_e4": scaled.MU, "wan_e6": scaled.WAN, "m2_e2": scaled.FLOOR_M2}
_CODED = {"state": "state", "previous_state": "state", "kind": "kind", "way": "way"}
_LONGEST = 60


def entity_word(entity: str, lang: Lang = "zh") -> str:
    """A case, a parcel, a part ... in words."""
    return _or(f"ledger.entity_{entity}", lang, entity)


def field_word(name: str, lang: Lang = "zh") -> str:
    """The field as a heading.

    >>> field_word("deadline", "zh"), field_word("case_mu_e4", "en")
    ('完成时限', 'area (mu)')
    """
    return _or(f"ledger.field_{name}", lang, name)


def value_word(name: str, value: object, lang: Lang = "zh") -> str:
    """A value of a field as an event holds it, in words; long texts are cut.

    >>> value_word("case_mu_e4", 5360000), value_word("deadline", None), value_word("removed", True)
    ('536', '（空）', '是')
    """
    if value is None or value == "":
        return text("ledger.value_blank", lang)
    if isinstance(value, bool):
        return text("ledger.value_yes" if value else "ledger.value_no", lang)
    for ending, places in _PLACES.items():
        if name.endswith(ending) and isinstance(value, int):
            return scaled.to_text(value, places)
    if name in _CODED:
        return _or(f"ledger_cases.{_CODED[name]}_{value}", lang, str(value))
    words = str(value)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def difference_issue(number: str, apart: Difference) -> Issue:
    """A row that is not what its events lead to, as an issue of the case ``number``."""
    values: dict[str, object] = {}
    for lang in LANGUAGES:
        values[f"entity_{lang}"] = entity_word(apart.entity, lang)
        values[f"field_{lang}"] = field_word(apart.field, lang)
        values[f"row_{lang}"] = value_word(apart.field, apart.row, lang)
        values[f"replayed_{lang}"] = value_word(apart.field, apart.replayed, lang)
    return Issue("ledger.rows_differ", key=number, value=str(apart.seq or ""), values=values)


def _or(code: str, lang: Lang, otherwise: str) -> str:
    try:
        return text(code, lang)
    except (KeyError, FileNotFoundError):
        return otherwise

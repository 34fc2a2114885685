"""One act of a case in one sentence, for the card of a plot and for those who watch it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, case, null, type_coerce

from landuse.ledger.journal import CREATED
from landuse.ledger.models import Event
from landuse.ledger.types import Json
from landuse.ledger.words import entity_word, field_word, value_word
from landuse.messages import Lang, text
from landuse.scaled import MU, to_text

__all__ = ["TOLD", "Told", "act_text"]


def _without_outlines(name: str) -> ColumnElement[Any]:
    column = getattr(Event, name)
    plain = type_coerce(case((Event.entity == "parcel", null()), else_=column), Json())
    return plain.label(name)


TOLD: Final[tuple[Any, ...]] = (
    Event.entity, Event.entity_seq, Event.field, _without_outlines("before_json"),
    _without_outlines("after_json"), Event.why, Event.undo_of,
)  # fmt: skip
"""Columns that :func:`act_text` needs; values of parcels, which may be outlines, are left out."""


class Told(Protocol):
    """What of an event a sentence needs: an :class:`~landuse.ledger.models.Event`, or its row."""

    entity: Any
    entity_seq: Any
    field: Any
    before_json: Any
    after_json: Any
    why: Any
    undo_of: Any


def act_text(events: Sequence[Told], lang: Lang = "zh") -> str:
    """The events of one act as one sentence with its reason; the change of state comes first."""
    if len(events) == 1:
        told = _phrase(events[0], lang, opened=False)
    else:
        opened = any(one.entity == "case" and one.field == CREATED for one in events)
        ordered = sorted(events, key=lambda one: (one.entity, one.field) != ("case", "state"))
        said = dict.fromkeys(_phrase(one, lang, opened=opened) for one in ordered)
        told = ("；" if lang == "zh" else "; ").join(phrase for phrase in said if phrase)
    if any(one.undo_of is not None for one in events):
        told = text("review.act_undo", lang, what=told)
    why = next((one.why for one in events if one.why), "")
    return text("review.act_why", lang, what=told, why=why) if why else told


def _phrase(one: Told, lang: Lang, *, opened: bool) -> str:
    if one.entity == "finding":
        return text("review.act_found" if one.after_json else "review.act_not_found", lang)
    if one.field == CREATED:
        return _created(one, lang, opened=opened)
    if one.field == "previous_state":
        return ""  # said by the change of state
    what = field_word(one.field, lang)
    if one.entity not in ("case", "correction"):
        what = f"{entity_word(one.entity, lang)} {one.entity_seq} · {what}"
    if one.entity == "parcel":
        return what
    after = value_word(one.field, one.after_json, lang)
    if one.before_json in (None, ""):
        return text("review.act_filled", lang, what=what, after=after)
    before = value_word(one.field, one.before_json, lang)
    return text("review.act_changed", lang, what=what, before=before, after=after)


@cache
def _state(code: str | None, lang: Lang) -> str:
    return value_word("state", code, lang)


def _created(one: Told, lang: Lang, *, opened: bool) -> str:
    if one.entity == "case":
        held = one.after_json or {}
        mu = to_text(held.get("case_mu_e4"), MU)
        return text("review.act_opened", lang, state=_state(held.get("state"), lang), mu=mu)
    if opened and one.entity == "parcel":
        return ""  # the opening says it
    held = one.after_json or {}
    name = str(held.get("name") or held.get("parcel_id") or "")
    if one.entity == "part" and held.get("way"):
        name = value_word("way", held["way"], lang)
    return text(
        "review.act_added", lang, what=entity_word(one.entity, lang), name=name or one.entity_seq
    )

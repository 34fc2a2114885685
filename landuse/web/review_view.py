"""What the templates of the review page are told: rows, filters, the card, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from landuse.exact import total
from landuse.ledger.days import LOCAL
from landuse.ledger.states import STATES, USES, WAYS
from landuse.messages import text
from landuse.pipeline.review import AGENDAS, listed
from landuse.publish.plot_list import ORDERS, list_columns, list_rows
from landuse.publish.plots import CLASSES
from landuse.publish.words import cohort, number, word
from landuse.schema.plot_filter import NONE

if TYPE_CHECKING:
    from datetime import datetime

    from landuse.ledger.reviews import ReviewLine
    from landuse.ledger.verdicts import Proposal
    from landuse.messages import Lang
    from landuse.pipeline.review import ListWish, PlotReview, Progress
    from landuse.publish.plots import PlotTable
    from landuse.schema.frame import Column

__all__ = ["CHUNK", "card_context", "choices", "list_context", "moment", "query_of"]

CHUNK: Final = 200
"""Rows that the list sends at once; the next ones come when the reader gets there."""
_KEYS: Final = {"confirm": "1", "reject": "2", "survey": "3", "defer": "4", "object": "5"}
_DATES: Final = frozenset(
    {"publication_from", "publication_to", "deadline", "started_on", "accepted_on"}
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A box of a filter: the name and value of the address, its words, whether it is ticked."""

    name: str
    value: str
    label: str
    chosen: bool


def query_of(wish: ListWish) -> str:
    """The wish as the address bar carries it."""
    return urlencode(wish.to_query())


def moment(at: datetime) -> str:
    """A moment of the ledger as people here read it."""
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def choices(table: PlotTable, wish: ListWish, lang: Lang) -> dict[str, Any]:
    """The boxes of the filter: only what occurs in the run, and what is chosen."""
    rows, chosen = table.rows, wish.filter
    here = set(rows["land_class"])
    cases = [code for code in STATES if code in set(rows["case_state"])]
    divisions = sorted({one for one in table.users["division"].unique() if one})
    parks = sorted({one for one in rows["park"].unique() if one})
    return {
        "class": _boxes(
            "class",
            [(one, word("class", one, lang)) for one in CLASSES if one in here],
            chosen.classes,
        ),
        "state": _boxes(
            "state",
            [
                (NONE, text("map.filter_no_case", lang)),
                *((one, text(f"ledger_cases.state_{one}", lang)) for one in cases),
            ],
            chosen.states,
        ),
        "industry": _boxes(
            "industry", [(one, cohort(one, lang)) for one in divisions], chosen.industries
        ),
        "park": _boxes(
            "park",
            [(NONE, text("map.filter_no_park", lang)), *((one, one) for one in parks)],
            chosen.parks,
        ),
        "measures": _measures(table, lang),
        "orders": ORDERS,
        "agendas": AGENDAS,
    }


def _boxes(name: str, offered: list[tuple[str, str]], chosen: tuple[str, ...]) -> list[Choice]:
    known = {value for value, _ in offered}
    more = [(value, value) for value in chosen if value not in known]
    return [Choice(name, value, label, value in chosen) for value, label in (*offered, *more)]


def _measures(table: PlotTable, lang: Lang) -> list[tuple[str, str]]:
    titles = {one.key: one.title_zh if lang == "zh" else one.title_en
              for one in table.rules.indicators}  # fmt: skip
    return [(key, titles.get(key) or text("map.score", lang)) for key in table.measures]


def list_context(
    table: PlotTable, wish: ListWish, meeting: Progress | None, start: int, lang: Lang
) -> dict[str, Any]:
    """A chunk of the list from the row ``start`` on, with what all of it adds up to."""
    places = listed(table, wish, meeting)
    chunk = places[start : start + CHUNK]
    columns = list_columns(table)
    frame = list_rows(table, chunk, lang)
    rows = [
        {
            "id": row["parcel_id"],
            "class_key": row["class_key"],
            "state_key": row["state_key"],
            "holder": row["holder"],
            "cells": [_cell(row[one.name], one.column) for one in columns],
        }
        for row in frame.to_dict("records")
    ]
    here = table.rows.iloc[places]
    area, flagged = here["accounting_area_mu"].to_numpy(), here["flagged_area_mu"].to_numpy()
    return {
        "wish": wish,
        "query": query_of(wish),
        "columns": columns,
        "rows": rows,
        "start": start,
        "count": len(places),
        "whole": len(table),
        "mu": f"{total(area):,.2f}",
        "low": f"{total(flagged):,.2f}",
        "next": start + CHUNK if start + CHUNK < len(places) else 0,
        "undecided": meeting.undecided if meeting else frozenset(),
        "agenda": frozenset(meeting.meeting.agenda) if meeting else frozenset(),
    }


def _cell(value: Any, column: Column) -> str:  # noqa: ANN401 - a cell of any kind
    if column.dtype == "text":
        return str(value)
    if value is None or value != value:
        return ""
    if column.unit == "mu":
        return f"{float(value):,.2f}"
    return number(float(value), 4) if column.dtype == "float" else f"{int(value):,}"


def card_context(review: PlotReview, lang: Lang) -> dict[str, Any]:
    """What the card shows beside the review itself."""
    return {
        "review": review,
        "card": review.card,
        "case": review.case,
        "number": review.case["number"] if review.case else "",
        "revision": review.case["revision"] if review.case else 0,
        "verdicts": [_verdict(one, lang) for one in review.proposals],
        "reviews": [_review(one, lang) for one in review.reviews],
        # confirming asks for who decided: the key does, the plain move does not
        "moves": [
            _move(one)
            for one in review.moves
            if one != "confirmed" or (review.case and review.case["state"] == "deferred")
        ],
        "ways": WAYS,
        "history": _history(review, lang),
        "meeting": review.progress.meeting if review.progress else None,
        "on_agenda": bool(
            review.progress and review.card.parcel_id in review.progress.meeting.agenda
        ),
        "number_of": number,
    }


def _verdict(one: Proposal, lang: Lang) -> dict[str, Any]:
    before, after = one.from_state or one.opens_in, one.to_state
    stays = bool(one.opens_in) and one.opens_in == after
    return {
        "code": one.verdict,
        "key": _KEYS[one.verdict],
        "word": text(f"review.verdict_{one.verdict}", lang),
        "opens": one.opens_case,
        "before": "" if stays else _state(before, lang),
        "after": _state(after, lang),
        "needs": one.needs,
        "refused": one.refused.message(lang) if one.refused else "",
        "hint": one.refused.hint(lang) if one.refused else "",
    }


def _state(code: str, lang: Lang) -> str:
    return text(f"ledger_cases.state_{code}", lang) if code else ""


def _review(one: ReviewLine, lang: Lang) -> dict[str, Any]:
    return {
        "id": one.id,
        "word": text(f"review.verdict_{one.verdict}", lang),
        "code": one.verdict,
        "move": " → ".join(
            filter(None, (_state(one.from_state, lang), _state(one.to_state, lang)))
        ),
        "comment": one.comment,
        "by": one.by,
        "at": moment(one.at),
        "meeting": one.meeting,
        "undone_by": one.undone_by,
        "may_undo": one.undo_of is None and not one.undone_by,
    }


def _move(state: str) -> dict[str, Any]:
    fields = [(name, _kind(name)) for name in USES.get(state, ())]
    return {"state": state, "fields": fields}


def _kind(name: str) -> str:
    if name in _DATES:
        return "date"
    return {"way": "way", "carry_rest": "box", "disposed_mu_e4": "mu"}.get(name, "text")


def _history(review: PlotReview, lang: Lang) -> list[dict[str, str]]:
    from datetime import datetime

    acts = review.case["history"] if review.case else []
    return [
        {
            "at": moment(datetime.fromisoformat(one["at"])),
            "by": one["by"],
            "said": one[f"text_{lang}"],
        }
        for one in acts
    ]

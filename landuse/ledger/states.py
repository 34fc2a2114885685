"""The life of a case as data: states, the moves between them and what each needs; ways; papers.

Takes nothing but codes and dates and gives tables and answers; knows no database. The law is
section 8 of the method; deadlines of papers are those of Order 53 of 2012 (articles 5 and 15)
and, where the order is silent, ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from landuse.errors import UserError
from landuse.messages import Lang, text

__all__ = [
    "COUNTED_OUT",
    "ENDED",
    "IDLE_STEPS",
    "KINDS",
    "PAPERS",
    "RESTS_ON",
    "STATES",
    "STATUTORY_YEARS",
    "USES",
    "WAYS",
    "IdleStep",
    "State",
    "allowed",
    "check_kind",
    "check_move",
    "check_paper",
    "check_way",
    "reply_by",
    "word",
    "words",
]


@dataclass(frozen=True, slots=True)
class State:
    """One state: where a case may go from it, and what entering it needs (codes of needs)."""

    code: str
    to: tuple[str, ...]
    needs: tuple[str, ...] = ()


_DECIDED: Final = ("way", "responsible_unit", "responsible_person", "deadline")

STATES: Final[dict[str, State]] = {
    state.code: state
    for state in (
        State("found", ("suspected", "removed")),
        State("suspected", ("publicised", "found", "deferred", "removed"), ("finding",)),
        State(
            "publicised",
            ("objected", "confirmed", "found", "deferred", "removed"),
            ("publication",),
        ),
        State("objected", ("publicised", "confirmed", "removed"), ("objection",)),
        State("confirmed", ("planned", "deferred"), ("document",)),
        State("planned", ("in_disposal", "deferred"), _DECIDED),
        State("in_disposal", ("awaiting_acceptance", "planned", "deferred"), ("started_on",)),
        State("awaiting_acceptance", ("closed", "in_disposal"), ("disposed_mu", "parts_started")),
        State("closed", (), ("accepted_on", "nothing_remains")),
        State("deferred", ("removed",), ("reason",)),  # and the state it came from
        State("removed", ("suspected",), ("reason",)),
    )
}
"""Section 8 of the method, in the order of a case's life; the words are ``state_<code>``."""

ENDED: Final = ("closed", "removed")
"""States in which a case is not open: its parcel may get another one."""

COUNTED_OUT: Final = ("removed",)
"""States that totals by state show and headline figures leave out."""

RESTS_ON: Final[dict[str, tuple[str, ...]]] = {
    "planned": _DECIDED,
    "in_disposal": (*_DECIDED, "started_on"),
    "awaiting_acceptance": (*_DECIDED, "parts_started", "disposed_mu"),
    "closed": (*_DECIDED, "parts_started", "disposed_mu", "accepted_on", "nothing_remains"),
}
"""What must not be taken away again while a case is in the state, once it was there."""

KINDS: Final = ("low_efficiency", "idle", "both")
"""Kinds of case; the words are ``kind_<code>``."""

WAYS: Final = (
    "lease_back",
    "buy_back",
    "auction",
    "lease_convert",
    "joint_development",
    "reinvest",
    "merger",
    "split_transfer",
    "land_reserve",
    "swap",
    "time_limit",
    "idle_fee",
    "withdrawal",
    "temporary_use",
    "standard_plant",
)
"""Ways of disposal in the order of the method; the words are ``way_<code>``."""

USES: Final[dict[str, tuple[str, ...]]] = {
    "suspected": ("survey_note",),
    "publicised": ("publication_from", "publication_to"),
    "objected": ("objection",),
    "confirmed": ("document",),
    "planned": _DECIDED,
    "in_disposal": ("started_on",),
    "awaiting_acceptance": ("disposed_mu_e4", "started_on"),
    "closed": ("accepted_on", "carry_rest"),
}
"""What may be given together with a move into the state."""

STATUTORY_YEARS: Final = {"idle_fee": 1, "withdrawal": 2}
"""Ways that only the statutory track has, and after how many full years."""

PAPERS: Final = (
    "survey_note",
    "objection",
    "investigation_notice",
    "confirmation",
    "hearing_notice",
    "decision",
    "service_receipt",
    "other",
)
"""Kinds of document; the words are ``paper_<code>``."""


@dataclass(frozen=True, slots=True)
class IdleStep:
    """One paper of an idle case: days until an answer is due once it is served."""

    kind: str
    reply_days: int | None


IDLE_STEPS: Final[dict[str, IdleStep]] = {
    step.kind: step
    for step in (
        IdleStep("investigation_notice", 30),  # Order 53, article 5: the holder's material
        IdleStep("confirmation", None),
        IdleStep("hearing_notice", 7),  # ours: five working days, told in calendar days
        IdleStep("decision", 30),  # Order 53, article 15: payment, or handing back
        IdleStep("service_receipt", None),
    )
}
"""The papers of an idle case in their order (调查通知书, 认定书, 听证告知, 决定书, 送达)."""

INVESTIGATION_DAYS: Final = 30
"""Days in which a suspicion is to be investigated (Order 53, article 5)."""


def word(group: str, code: str, lang: Lang = "zh") -> str:
    """What a reader calls ``code`` of ``group`` (state, way, kind, paper, need).

    >>> word("state", "closed"), word("way", "idle_fee", "en")
    ('销号', 'idle land fee')
    """
    return text(f"ledger_cases.{group}_{code}", lang)


def words(group: str, codes: tuple[str, ...] | list[str]) -> dict[str, str]:
    """The codes as one phrase in both languages, for a message.

    >>> words("state", ("found", "closed"))
    {'zh': '摸排、销号', 'en': 'found, closed'}
    """
    return {
        "zh": "、".join(word(group, code) for code in codes),
        "en": ", ".join(word(group, code, "en") for code in codes),
    }


def allowed(state: str, came_from: str | None = None) -> tuple[str, ...]:
    """Where a case may go from ``state``; ``came_from`` is the state a deferred case left.

    >>> allowed("confirmed")
    ('planned', 'deferred')
    >>> allowed("deferred", "planned")
    ('planned', 'removed')
    """
    moves = STATES[state].to
    return (came_from, *moves) if state == "deferred" and came_from else moves


def check_move(number: str, state: str, to: str, came_from: str | None = None) -> None:
    """Refuses a move that the method does not know, naming the allowed ones.

    Raises :class:`landuse.errors.UserError`.
    """
    if to not in STATES:
        known = words("state", tuple(STATES))
        raise UserError.of(
            "ledger_cases.unknown_state",
            key=number,
            value=to,
            known_zh=known["zh"],
            known_en=known["en"],
        )
    moves = allowed(state, came_from)
    if to in moves:
        return
    ways_on = words("state", moves)
    raise UserError.of(
        "ledger_cases.move_refused" if moves else "ledger_cases.move_from_closed",
        key=number,
        value=to,
        from_zh=word("state", state),
        from_en=word("state", state, "en"),
        to_zh=word("state", to),
        to_en=word("state", to, "en"),
        allowed_zh=ways_on["zh"],
        allowed_en=ways_on["en"],
        codes=", ".join(moves),
    )


def _check_code(code: str, known: tuple[str, ...], group: str, issue: str, number: str) -> str:
    if code in known:
        return code
    phrase = words(group, known)
    raise UserError.of(issue, key=number, value=code, known_zh=phrase["zh"], known_en=phrase["en"])


def check_way(way: str, number: str = "") -> str:
    """``way`` if it is one; :class:`landuse.errors.UserError` naming all of them otherwise."""
    return _check_code(way, WAYS, "way", "ledger_cases.unknown_way", number)


def check_kind(kind: str, number: str = "") -> str:
    """``kind`` of a case if it is one; :class:`landuse.errors.UserError` otherwise."""
    return _check_code(kind, KINDS, "kind", "ledger_cases.unknown_kind", number)


def check_paper(kind: str, number: str = "") -> str:
    """``kind`` of a document if it is one; :class:`landuse.errors.UserError` otherwise."""
    return _check_code(kind, PAPERS, "paper", "ledger_cases.unknown_paper", number)


def reply_by(kind: str, served_on: date | None) -> date | None:
    """Day until which an answer to a paper is due, by default; the day of service counts not.

    Source: Order 53 of 2012, articles 5 and 15; Civil Code, article 201.

    >>> reply_by("investigation_notice", date(2026, 3, 1))
    datetime.date(2026, 3, 31)
    """
    step = IDLE_STEPS.get(kind)
    if step is None or step.reply_days is None or served_on is None:
        return None
    return served_on + timedelta(days=step.reply_days)

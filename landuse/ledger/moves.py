"""What is given together with a move, taken into the draft of the case, and what still lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Final, TypedDict

from landuse.errors import UserError
from landuse.ledger.draft import Draft, LivePart, missing_words
from landuse.ledger.papers import Paper
from landuse.ledger.states import STATES, USES, check_paper, check_way, reply_by, word
from landuse.scaled import MU, to_text

__all__ = [
    "Needs",
    "refuse_accepted",
    "refuse_future",
    "refuse_lacking",
    "refuse_unasked",
    "take",
    "take_rest",
]


_OPTIONS: Final = {
    "publication_from": "--from",
    "publication_to": "--to",
    "responsible_unit": "--unit",
    "responsible_person": "--person",
    "disposed_mu_e4": "--mu",
}


class Needs(TypedDict, total=False):
    """What may come with a move; which of them a state takes is ``states.USES``.

    ``document`` is a name or a :class:`Paper`; ``disposed_mu_e4`` the mu × 10⁴ of the only part
    that has none, or of parts by number; ``carry_rest`` opens a new case for what remains.
    """

    survey_note: str
    publication_from: date
    publication_to: date
    objection: str
    document: str | Paper
    way: str
    responsible_unit: str
    responsible_person: str
    deadline: date
    started_on: date
    disposed_mu_e4: int | Mapping[int, int]
    accepted_on: date
    carry_rest: bool


def _to(state: str) -> dict[str, str]:
    return {"to_zh": word("state", state), "to_en": word("state", state, "en")}


def _spelt(names: Iterable[str]) -> str:
    """What was given, spelt as the options of the command are.

    >>> _spelt(["way", "publication_from"])
    '--from, --way'
    """
    options = (_OPTIONS.get(name, f"--{name.replace('_', '-')}") for name in names)
    return ", ".join(sorted(options))


def refuse_unasked(number: str, to: str, given: Mapping[str, Any]) -> None:
    """Refuses what the state takes no notice of, so that nothing given is lost in silence."""
    unasked = [name for name in given if name not in USES.get(to, ())]
    if unasked:
        raise UserError.of("ledger_cases.unasked_for", key=number, value=_spelt(unasked), **_to(to))


def take(draft: Draft, to: str, given: Mapping[str, Any], today: date) -> None:
    """Puts what is given into the draft. Raises :class:`landuse.errors.UserError`."""
    _take_papers(draft, given)
    for name in ("publication_from", "publication_to", "responsible_unit", "responsible_person",
                 "deadline"):  # fmt: skip
        if name in given:
            value = given[name]
            draft.set(**{name: value.strip() if isinstance(value, str) else value})
    _in_order(draft.case.number, given.get("publication_from"), given.get("publication_to"))
    if "way" in given:
        _take_way(draft, check_way(given["way"], draft.case.number))
    if "started_on" in given:
        for part in draft.parts:
            if part.started_on is None:
                draft.set_part(part.seq, started_on=given["started_on"])
    if "disposed_mu_e4" in given:
        _take_mu(draft, given["disposed_mu_e4"])
    if to == "closed":
        _take_acceptance(draft, given.get("accepted_on"), today)


def _take_papers(draft: Draft, given: Mapping[str, Any]) -> None:
    for name in ("survey_note", "objection"):
        if name in given:
            draft.papers.append(asdict(Paper(given[name].strip(), name)))
    document = given.get("document")
    if document is not None:
        paper = Paper(document, "confirmation") if isinstance(document, str) else document
        check_paper(paper.kind, draft.case.number)
        due = paper.deadline or reply_by(paper.kind, paper.served_on)
        draft.papers.append({**asdict(paper), "deadline": due})


def _in_order(number: str, first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        raise UserError.of(
            "ledger_cases.dates_reversed",
            key=number,
            value=last.isoformat(),
            earlier=first.isoformat(),
        )


def _take_way(draft: Draft, way: str) -> None:
    """The way of the only part that may still change, else of a new part."""
    changeable = [part for part in draft.parts if part.accepted_on is None]
    blank = [part for part in changeable if not part.way]
    chosen = blank or changeable
    if len(chosen) > 1:
        raise UserError.of(
            "ledger_cases.unasked_for",
            key=draft.case.number,
            value=_spelt(["way"]),
            **_to("planned"),
        )
    if chosen:
        draft.set_part(chosen[0].seq, way=way)
    else:
        draft.add_part(way=way)


def _take_mu(draft: Draft, mu_e4: int | Mapping[int, int]) -> None:
    if isinstance(mu_e4, Mapping):
        stated = dict(mu_e4)
    else:
        parts = draft.parts
        blank = [part.seq for part in parts if not part.mu_e4] or [part.seq for part in parts]
        if len(blank) != 1:
            raise UserError.of(
                "ledger_cases.unasked_for",
                key=draft.case.number,
                value=_spelt(["disposed_mu_e4"]),
                **_to("awaiting_acceptance"),
            )
        stated = {blank[0]: mu_e4}
    for seq, value in stated.items():
        refuse_accepted(draft, draft.part(seq), mu_e4=value)
        draft.set_part(seq, mu_e4=value)


def refuse_accepted(draft: Draft, part: LivePart, **changes: object) -> None:
    """Refuses to change a part that was accepted."""
    changed = {name for name, value in changes.items() if getattr(part, name) != value}
    if part.accepted_on is not None and changed:
        raise UserError.of(
            "ledger_cases.part_accepted",
            key=draft.case.number,
            value=part.seq,
            on=part.accepted_on.isoformat(),
        )


def _take_acceptance(draft: Draft, accepted_on: date | None, today: date) -> None:
    """The acceptance date of the case and of its parts that have none."""
    parts = draft.parts
    dates = [part.accepted_on for part in parts if part.accepted_on is not None]
    if accepted_on is None and len(dates) == len(parts) and dates:
        accepted_on = max(dates)
    if accepted_on is None:
        return
    refuse_future(draft.case.number, accepted_on, today)
    _in_order(draft.case.number, max(dates, default=None), accepted_on)
    draft.set(accepted_on=accepted_on)
    for part in parts:
        if part.accepted_on is None:
            draft.set_part(part.seq, accepted_on=accepted_on)


def refuse_future(number: str, accepted_on: date, today: date) -> None:
    """Refuses an acceptance that has not happened yet."""
    if accepted_on > today:
        raise UserError.of(
            "ledger_cases.accepted_in_future",
            key=number,
            value=accepted_on.isoformat(),
            on=today.isoformat(),
        )


def refuse_lacking(draft: Draft, to: str, why: str) -> None:
    """Refuses the move while needs of the state are unmet, naming all of them."""
    unmet = [
        need
        for need in STATES[to].needs
        if need != "nothing_remains" and not (why.strip() if need == "reason" else draft.met(need))
    ]
    if unmet:
        raise UserError.of(
            "ledger_cases.needs_missing", key=draft.case.number, **_to(to), **missing_words(unmet)
        )


def take_rest(draft: Draft, *, carry: bool) -> tuple[int, int | None] | None:
    """Mu and floor area that the closing case hands on; ``None`` where nothing remains.

    The case keeps what its parts have, so that the ledger's total stays. Raises
    :class:`landuse.errors.UserError` where something remains and is not to be carried.
    """
    rest, floor = draft.remaining_mu_e4, draft.remaining_floor_m2_e2
    if rest < 0:
        return None  # the sums are refused by the draft
    if rest and not carry:
        raise UserError.of(
            "ledger_cases.something_remains", key=draft.case.number, value=to_text(rest, MU)
        )
    if carry and not rest:
        raise UserError.of("ledger_cases.nothing_to_carry", key=draft.case.number)
    if not rest:
        return None
    draft.set(case_mu_e4=draft.value("case_mu_e4") - rest)
    if floor is not None:
        draft.set(floor_area_m2_e2=draft.value("floor_area_m2_e2") - floor)
    return rest, floor

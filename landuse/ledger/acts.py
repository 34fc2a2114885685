"""How every action on a case begins and ends: what is checked, and how it is undone."""

from __future__ import annotations

from typing import Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import events, journal
from landuse.ledger.days import day_of
from landuse.ledger.draft import Draft
from landuse.ledger.journal import Reasoned
from landuse.ledger.models import Case, Event
from landuse.ledger.states import word, words

__all__ = ["begin_draft", "find_case", "finish", "undo"]


def find_case(session: Session, number: str) -> Case:
    """The case called ``number`` (2026-003); :class:`landuse.errors.UserError` if there is none."""
    case = session.scalar(select(Case).where(Case.number == number.strip()))
    if case is None:
        raise UserError.of("ledger_cases.no_such_case", value=number)
    return case


def begin_draft(
    session: Session,
    case: Case,
    *,
    deed: str = "",
    states: tuple[str, ...] = (),
    **reasoned: Unpack[Reasoned],
) -> tuple[journal.Act, Draft]:
    """An action on a case and its draft; refused unless the case is in one of ``states``.

    ``deed`` names the action in the refusal (``deed_<code>``); no ``states`` means all.
    """
    act = journal.begin(session, case, **reasoned)
    if states and case.state not in states:
        phrase = words("state", states)
        raise UserError.of(
            "ledger_cases.not_now",
            key=case.number,
            state_zh=word("state", case.state),
            state_en=word("state", case.state, "en"),
            deed_zh=word("deed", deed),
            deed_en=word("deed", deed, "en"),
            allowed_zh=phrase["zh"],
            allowed_en=phrase["en"],
        )
    return act, Draft(session, case)


def finish(session: Session, act: journal.Act, draft: Draft) -> Case:
    """Checks the draft as of the day of the action and writes it."""
    draft.check(day_of(act.at))
    draft.write(act)
    session.flush()
    return act.case


def undo(
    session: Session,
    event_id: int,
    **reasoned: Unpack[Reasoned],
) -> Case:
    """Undoes the whole action that the event is part of, as a new action.

    Refused, and then nothing is written, where something later rests on the action, or where the
    case would break a rule: parts beyond it, a parcel with two open cases, a way that the order
    does not allow, what its state rests on gone. Raises :class:`landuse.errors.UserError`.
    """
    event = session.get(Event, event_id)
    case = session.get(Case, event.case_id) if event is not None else None
    before = Draft(session, case) if case is not None else None
    state = case.state if case is not None else ""

    def check(session: Session, case: Case) -> None:
        after = Draft(session, case)
        assert before is not None
        after.check_since(before, day_of(reasoned["at"]))
        if case.state == state:
            after.check_kept(before.rested)

    with session.begin_nested():
        return events.undo(session, event_id, check=check, **reasoned)

"""Writing a verdict, and taking one back: the act of the case and its row, together or not at all.

The door is :mod:`landuse.ledger.verdicts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from landuse.errors import UserError
from landuse.issues import Issue
from landuse.ledger import acts, cases, objections
from landuse.ledger.events import history
from landuse.ledger.journal import check_who
from landuse.ledger.models import Case, Correction, Event, Finding
from landuse.ledger.moves import refuse_unasked
from landuse.ledger.new_cases import CaseForm, ParcelForm, open_case
from landuse.ledger.papers import Paper
from landuse.ledger.plot_facts import PlotFacts, facts_of_plot
from landuse.ledger.review_models import Meeting, Review
from landuse.ledger.reviews import ReviewLine, review_line
from landuse.ledger.stale import StaleError, check_fresh, in_words
from landuse.ledger.undo import undone
from landuse.ledger.verdicts import Proposal, current_case, move, opening
from landuse.messages import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = ["Verdict", "judge", "take_back"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer said; ``given`` are the needs that came with it."""

    run_id: str
    parcel_id: str
    verdict: str
    comment: str
    by: str
    at: datetime
    meeting: str
    given: Mapping[str, Any]


def judge(
    session: Session,
    asked: Verdict,
    *,
    expected: tuple[str, int | None],
    authority: bool,
    plot: PlotFacts | None,
) -> ReviewLine:
    """Make the move that the verdict proposes and note it."""
    who = check_who(asked.by, asked.at)
    case = current_case(session, asked.parcel_id)
    _refuse_stale(session, case, asked.parcel_id, *expected)
    meeting = _meeting(session, asked)
    facts = None
    if case is not None and case.state != "closed":
        proposed = move(session, case, asked.parcel_id, asked.verdict, authority=authority)
    else:
        facts = facts_of_plot(session, asked.run_id, asked.parcel_id, plot)
        proposed = opening(case, asked.parcel_id, asked.verdict, facts)
    if proposed.refused is not None:
        raise UserError([proposed.refused])
    _refuse_lacking(asked, proposed)
    with session.begin_nested():
        if proposed.opens_case:
            assert facts is not None
            case = _open(session, asked, proposed, facts)
        assert case is not None
        first = 1
        if proposed.to_state != (proposed.opens_in or proposed.from_state):
            first = case.revision + 1
            _advance(session, case, asked, proposed.to_state)
        row = Review(
            run_id=asked.run_id,
            parcel_id=asked.parcel_id,
            verdict=asked.verdict,
            comment=asked.comment,
            deciding_authority=str(asked.given.get("deciding_authority", "")).strip(),
            by=who,
            at=asked.at,
            meeting_id=meeting,
            opened_case=proposed.opens_case,
            from_state=proposed.from_state,
            **_of_case(case, first),
        )
        session.add(row)
        session.flush()
    return review_line(session, row.id)


def _of_case(case: Case, act: int) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "to_state": case.state,
        "act": act,
        "revision": case.revision,
        "mu_e4": case.case_mu_e4,
        "enterprises": case.original_enterprises,
    }


def _refuse_stale(
    session: Session, case: Case | None, parcel_id: str, number: str, revision: int | None
) -> None:
    """The reviewer saw another case, or none, or this one as it was before."""
    if revision is None:
        return
    if case is None:
        if number or revision:
            raise StaleError([Issue("review.case_gone", key=parcel_id, value=number or "–")])
        return
    if revision == 0 or (number and number != case.number):
        events = history(session, case)
        told = in_words(events[0])
        raise StaleError([Issue("review.case_opened", key=parcel_id, value=case.number,
                                values=told)], events)  # fmt: skip
    check_fresh(session, case, revision)


def _meeting(session: Session, asked: Verdict) -> int | None:
    if not asked.meeting:
        return None
    row = session.scalar(select(Meeting).where(Meeting.number == asked.meeting.strip()))
    if row is None:
        raise UserError.of("review.no_such_meeting", value=asked.meeting)
    if row.closed_at is not None:
        raise UserError.of("review.meeting_closed", value=row.number, by=row.closed_by)
    if row.run_id != asked.run_id:
        raise UserError.of("review.meeting_other_run", value=row.number, run=row.run_id)
    return row.id


def _refuse_lacking(asked: Verdict, proposed: Proposal) -> None:
    """Everything that is missing at once, and what was given for nothing."""
    wanted = set(proposed.needs) | ({"document"} if proposed.to_state == "confirmed" else set())
    extra = set(asked.given) - wanted - ({"correction"} if asked.verdict == "object" else set())
    if extra:
        refuse_unasked(proposed.number or asked.parcel_id, proposed.to_state, dict.fromkeys(extra))
        raise UserError.of("review.not_needed", key=asked.parcel_id, value=", ".join(sorted(extra)))
    lacking = [
        need
        for need in proposed.needs
        if not (asked.comment if need == "comment" else asked.given.get(need))
    ]
    if lacking:
        raise UserError(
            [
                Issue(
                    "review.need_missing",
                    key=asked.parcel_id,
                    column=need,
                    values={f"need_{lang}": _word("need", need, lang) for lang in ("zh", "en")},
                )
                for need in lacking
            ]
        )


def _word(group: str, code: str, lang: Any) -> str:  # noqa: ANN401 - zh or en
    return text(f"review.{group}_{code}", lang)


def _open(session: Session, asked: Verdict, proposed: Proposal, facts: PlotFacts) -> Case:
    note = asked.comment if not facts.is_found else text("review.note_run", run=asked.run_id)
    query = select(Finding.id).where(Finding.parcel_id == asked.parcel_id).limit(1)
    known = facts.is_found and session.scalar(query) is not None
    form = CaseForm(
        kind=facts.kind,
        parcels=(ParcelForm(asked.parcel_id, geometry=facts.geometry),),
        mu_e4=facts.mu_e4,
        state=proposed.opens_in,
        original_enterprises=facts.enterprises,
        park=facts.park,
        township=facts.township,
        papers=() if known else (Paper(note, "survey_note"),),
    )
    return open_case(session, form, by=asked.by, at=asked.at, why=_why(asked) or asked.run_id)


def _advance(session: Session, case: Case, asked: Verdict, to: str) -> None:
    given = {
        name: value
        for name, value in asked.given.items()
        if name in ("publication_from", "publication_to", "document")
    }
    if to == "objected":
        correction = asked.given.get("correction")
        if correction is not None:
            objections.object_to(session, correction, case, by=asked.by, at=asked.at)
            return
        given["objection"] = asked.comment
    if to == "suspected" and asked.comment:
        given["survey_note"] = asked.comment
    cases.advance(session, case, to, by=asked.by, at=asked.at, why=_why(asked), **given)


def _why(asked: Verdict) -> str:
    """The comment, who decided, and at which meeting: the reason that the history shows."""
    said = [asked.comment]
    authority = str(asked.given.get("deciding_authority", "")).strip()
    if authority:
        said.append(text("review.why_authority", value=authority))
    if asked.meeting:
        said.append(text("review.why_meeting", value=asked.meeting.strip()))
    return "；".join(part for part in said if part)


def take_back(
    session: Session, review_id: int, *, by: str, at: datetime, why: str, authority: bool
) -> ReviewLine:
    """Undo the act of a verdict and note it."""
    who = check_who(by, at)
    row = session.get(Review, review_id)
    if row is None:
        raise UserError.of("review.no_such_review", value=review_id)
    if row.undo_of is not None:
        raise UserError.of("review.undo_of_undo", value=review_id)
    former = session.scalar(select(Review).where(Review.undo_of == review_id))
    if former is not None:
        raise UserError.of("review.undone_already", key=row.parcel_id, value=former.by)
    if row.to_state == "confirmed" and not authority:
        raise UserError.of("review.undo_of_confirmation", key=row.parcel_id, value=row.by)
    why = why or text("review.why_undo")
    with session.begin_nested():
        case = session.get_one(Case, row.case_id)
        state, first = case.state, case.revision + 1
        if row.act == 1:
            _put_aside(session, case, row, by=who, at=at, why=why)
        else:
            acts.undo(session, _first_event(session, row), by=who, at=at, why=why)
        if row.verdict == "object":
            _withdraw(session, row, by=who, at=at, why=why)
        taken = Review(
            run_id=row.run_id,
            parcel_id=row.parcel_id,
            verdict="undo",
            comment=why,
            by=who,
            at=at,
            meeting_id=_open_meeting(session, row),
            opened_case=False,
            from_state=state,
            undo_of=row.id,
            **_of_case(case, first),
        )
        session.add(taken)
        session.flush()
    return review_line(session, taken.id)


def _put_aside(
    session: Session, case: Case, row: Review, *, by: str, at: datetime, why: str
) -> None:
    """A case cannot be un-opened: one that was opened by hand and left alone is removed."""
    events = history(session, case)
    gone, before = undone(events), {one.id for one in events if one.seq <= row.revision}
    written = [
        one
        for one in events
        if one.id not in gone | before and one.entity != "finding"
        if one.undo_of is None or one.undo_of in before
    ]
    if written:
        event = written[-1]
        place = {"key": case.number, "value": row.id, "blocking": event.id}
        raise UserError.of("ledger.undo_blocked", **place, **in_words(event))
    cases.advance(session, case, "removed", by=by, at=at, why=why)


def _first_event(session: Session, row: Review) -> int:
    query = select(Event.id).where(Event.case_id == row.case_id, Event.seq == row.act)
    return session.scalars(query).one()


def _withdraw(session: Session, row: Review, *, by: str, at: datetime, why: str) -> None:
    """The correction that came with an objection, if it is not decided yet."""
    query = select(Correction.id).where(
        Correction.case_id == row.case_id,
        Correction.at == row.at,
        Correction.by == row.by,
        Correction.status == "proposed",
    )
    for key in session.scalars(query):
        objections.decide(session, key, "withdraw", by=by, at=at, why=why)


def _open_meeting(session: Session, row: Review) -> int | None:
    """An undo belongs to the meeting while that is open; afterwards its minutes stay."""
    if row.meeting_id is None:
        return None
    meeting = session.get_one(Meeting, row.meeting_id)
    return meeting.id if meeting.closed_at is None else None

"""What a reviewer decides on a plot: which move of its case a verdict makes, and making it.

*confirm* takes the case one step on (suspected → publicised, publicised or objected → confirmed);
*reject* removes it, *survey* sends it back to be surveyed, *defer* defers it, *object* notes an
objection. A plot without a case gets one: suspected where the run found something on it, else by
hand as found, with the comment as survey note. Each verdict is one row that names the act of the
case; taking it back is another row and another act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from landuse.errors import UserError
from landuse.issues import Issue
from landuse.ledger.draft import Draft
from landuse.ledger.models import Case
from landuse.ledger.new_cases import formers
from landuse.ledger.papers import Paper
from landuse.ledger.plot_facts import PlotFacts, facts_of_plot
from landuse.ledger.reviews import ReviewLine, changes_since, newest_event, reviews_of
from landuse.ledger.states import STATES, allowed, word, words
from landuse.messages import LANGUAGES, text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from landuse.ledger.objections import Objection

__all__ = [
    "VERDICTS",
    "PlotFacts",
    "Proposal",
    "ReviewLine",
    "VerdictNeeds",
    "changes_since",
    "newest_event",
    "proposal",
    "record",
    "reviews_of",
    "undo",
]

VERDICTS: Final = ("confirm", "reject", "survey", "defer", "object")
"""The words are ``review.verdict_<code>``."""

_MOVES: Final[dict[str, dict[str, str]]] = {
    "confirm": {
        "found": "suspected",
        "removed": "suspected",
        "suspected": "publicised",
        "publicised": "confirmed",
        "objected": "confirmed",
    },
    "reject": {state: "removed" for state in STATES if "removed" in STATES[state].to},
    "survey": {state: "found" for state in STATES if "found" in STATES[state].to},
    "defer": {state: "deferred" for state in STATES if "deferred" in STATES[state].to},
    "object": {"publicised": "objected"},
}


class VerdictNeeds(TypedDict, total=False):
    """What comes with a verdict beside the comment; which of them a move takes is
    :attr:`Proposal.needs`. ``correction`` says which input an objection finds wrong."""

    publication_from: date
    publication_to: date
    document: str | Paper
    deciding_authority: str
    correction: Objection


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a verdict would do now. ``number`` and ``from_state`` are blank without a case.

    ``opens_in`` is the state in which a new case begins (blank: there is one already); ``to_state``
    equals it where opening is all. ``needs`` are codes: ``comment``, ``publication_from``,
    ``publication_to``, ``deciding_authority``, ``document``; the words are ``review.need_<code>``.
    ``refused`` says why the verdict cannot be taken; the rest is then blank.
    """

    verdict: str
    number: str = ""
    revision: int = 0
    opens_in: str = ""
    from_state: str = ""
    to_state: str = ""
    needs: tuple[str, ...] = ()
    refused: Issue | None = None

    @property
    def opens_case(self) -> bool:
        """Whether the verdict opens a case."""
        return bool(self.opens_in)


def proposal(
    session: Session,
    run_id: str,
    parcel_id: str,
    verdict: str,
    *,
    authority: bool = False,
    plot: PlotFacts | None = None,
) -> Proposal:
    """The move that ``verdict`` would make, what it needs, or why it is refused.

    ``authority``: whoever decides may confirm (认定). ``plot`` is what the page knows of the plot,
    for one without a case. Raises :class:`~landuse.errors.UserError` for an unknown verdict.
    """
    _check_verdict(verdict)
    case = current_case(session, parcel_id)
    if case is not None and case.state != "closed":
        return move(session, case, parcel_id, verdict, authority=authority)
    return opening(case, parcel_id, verdict, facts_of_plot(session, run_id, parcel_id, plot))


def current_case(session: Session, parcel_id: str) -> Case | None:
    """The case of the plot that counts: the open one, else the one opened last."""
    former = formers(session, [parcel_id]).get(parcel_id)
    return None if former is None else session.get_one(Case, former.case_id)


def _check_verdict(verdict: str) -> None:
    if verdict not in VERDICTS:
        raise UserError.of("review.unknown_verdict", value=verdict, known=", ".join(VERDICTS))


def move(
    session: Session, case: Case, parcel_id: str, verdict: str, *, authority: bool
) -> Proposal:
    """What the verdict does to a case that is not closed."""
    to = _MOVES[verdict].get(case.state, "")
    known = Proposal(verdict, case.number, case.revision, from_state=case.state)
    if not to:
        moves = allowed(case.state, case.previous_state)
        refused = _no_move(parcel_id, case.number, verdict, case.state, moves)
        return replace(known, refused=refused)
    if to == "confirmed" and not authority:
        refused = Issue("review.authority_missing", key=parcel_id, value=case.number)
        return replace(known, to_state=to, refused=refused)
    return replace(known, to_state=to, needs=_needs(Draft(session, case), to))


def _needs(draft: Draft, to: str) -> tuple[str, ...]:
    if to == "publicised":
        return ("publication_from", "publication_to")
    if to == "confirmed":
        held = draft.met("document")
        return ("deciding_authority",) if held else ("deciding_authority", "document")
    if to == "suspected":
        again = draft.case.state == "removed"
        return ("comment",) if again or not draft.met("finding") else ()
    return ("comment",) if to in ("removed", "deferred", "objected") else ()


def opening(closed: Case | None, parcel_id: str, verdict: str, facts: PlotFacts | None) -> Proposal:
    """What the verdict does to a plot without a case, or whose case was ``closed``.

    What the run found on it is a suspicion, what people see is not.
    """
    if closed is not None and not _found_again(closed, facts):
        return Proposal(verdict, closed.number, closed.revision, from_state=closed.state,
                        refused=_closed(closed, parcel_id))  # fmt: skip
    if facts is None:
        return Proposal(verdict, refused=Issue("review.unknown_plot", key=parcel_id))
    begin = "suspected" if facts.is_found else "found"
    to = _MOVES[verdict].get(begin, "")
    if not facts.is_found and verdict in ("confirm", "survey"):
        to = "found"
    if not to:
        refused = _no_move(parcel_id, "", verdict, begin, STATES[begin].to)
        return Proposal(verdict, refused=refused)
    needs: tuple[str, ...] = ()
    if to == "publicised":
        needs = ("publication_from", "publication_to")
    elif not facts.is_found or to in ("removed", "deferred"):
        needs = ("comment",)
    return Proposal(verdict, opens_in=begin, to_state=to, needs=needs)


def _found_again(case: Case, facts: PlotFacts | None) -> bool:
    """Whether the run found the plot after its case was closed: then it is a relapse."""
    if facts is None or not facts.is_found:
        return False
    return facts.as_of is None or case.accepted_on is None or facts.as_of > case.accepted_on


def _closed(case: Case, parcel_id: str) -> Issue:
    on = case.accepted_on.isoformat() if case.accepted_on else ""
    return Issue("review.case_closed", key=parcel_id, value=case.number, values={"on": on})


def _no_move(
    parcel_id: str, number: str, verdict: str, state: str, moves: tuple[str, ...]
) -> Issue:
    phrase = words("state", moves)
    values: dict[str, object] = {"allowed_zh": phrase["zh"], "allowed_en": phrase["en"]}
    for lang in LANGUAGES:
        values[f"verdict_{lang}"] = text(f"review.verdict_{verdict}", lang)
        values[f"state_{lang}"] = word("state", state, lang)
    return Issue("review.no_such_move", key=parcel_id, value=number or "–", values=values)


def record(
    session: Session,
    run_id: str,
    parcel_id: str,
    verdict: str,
    *,
    comment: str = "",
    by: str,
    at: datetime,
    expected_revision: int | None,
    expected_number: str = "",
    meeting: str = "",
    authority: bool = False,
    plot: PlotFacts | None = None,
    **needs: Unpack[VerdictNeeds],
) -> ReviewLine:
    """Take the verdict: the case moves, and a row says who decided what, and why.

    ``expected_revision`` is the revision that the reviewer saw (0: no case), ``expected_number``
    the case; ``None`` looks at neither. ``meeting`` is the number of an open meeting. Raises
    :class:`~landuse.ledger.stale.StaleError` where somebody else was faster, and
    :class:`~landuse.errors.UserError` where the verdict is refused or something is missing.
    """
    from landuse.ledger.judging import Verdict, judge

    _check_verdict(verdict)
    given: Mapping[str, Any] = {
        name: value for name, value in needs.items() if value not in (None, "")
    }
    asked = Verdict(run_id, parcel_id, verdict, comment.strip(), by, at, meeting, given)
    return judge(
        session,
        asked,
        expected=(expected_number.strip(), expected_revision),
        authority=authority,
        plot=plot,
    )


def undo(
    session: Session,
    review_id: int,
    *,
    by: str,
    at: datetime,
    why: str = "",
    authority: bool = False,
) -> ReviewLine:
    """Take a verdict back, by a new act of its case; the row of the undo.

    The case goes back to where the verdict found it. A case that the verdict opened stays: where
    the run had found the plot as suspected, where it was by hand and nothing else was decided
    as removed. What confirmed a case takes the same ``authority`` back. Raises
    :class:`~landuse.errors.UserError` where it was taken back already, or something later rests
    on it.
    """
    from landuse.ledger.judging import take_back

    return take_back(session, review_id, by=by, at=at, why=why.strip(), authority=authority)

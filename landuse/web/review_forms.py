"""What reviewers write from the card of a plot: verdicts, their undoing, moves, objections."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from landuse.errors import UserError
from landuse.issues import Issue
from landuse.ledger.cases import advance, assign, find_case
from landuse.ledger.objections import Objection
from landuse.ledger.states import KINDS
from landuse.ledger.verdicts import undo
from landuse.messages import LANGUAGES, text
from landuse.pipeline.ledger import object_with_evidence, open_found_cases
from landuse.pipeline.review import decide
from landuse.scaled import MU, parse
from landuse.web.deck import deck_of, now
from landuse.web.errors import Refused
from landuse.web.review_pages import card_answer, first_address
from landuse.web.security import Form, require
from landuse.web.settings import User

__all__ = ["router"]

router: Final = APIRouter(prefix="/runs/{run_id}/review")
Reviewer = Annotated[User, Depends(require("reviewer"))]
_LONGEST: Final = 4000
_VERDICT_DATES: Final = ("publication_from", "publication_to")
_MOVE_DATES: Final = (*_VERDICT_DATES, "deadline", "started_on", "accepted_on")
_MOVE_TEXTS: Final = ("survey_note", "objection", "document", "way", "responsible_unit",
                      "responsible_person")  # fmt: skip


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    said = value.strip() if isinstance(value, str) else ""
    if len(said) > _LONGEST:
        raise UserError.of("review_web.too_long", value=str(len(said)), most=_LONGEST)
    return said


def _days(form: FormData, names: tuple[str, ...]) -> dict[str, Any]:
    """The days that were given; every one that is no day is named."""
    found, faults = {}, []
    for name in names:
        said = _text(form, name)
        if not said:
            continue
        try:
            found[name] = date.fromisoformat(said)
        except ValueError:
            faults.append(Issue("review_web.bad_day", value=said))
    if faults:
        raise UserError(faults)
    return found


def _whole(form: FormData, name: str) -> int | None:
    said = _text(form, name)
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > 18:
        raise Refused.at(422, "web.not_understood", value=name)
    return int(said)


def _seen(form: FormData) -> int:
    """The revision that the reviewer saw: without it nobody could be told that it is old."""
    revision = _whole(form, "revision")
    if revision is None:
        raise Refused.at(422, "web.not_understood", value="revision")
    return revision


@router.post("/verdict")
def verdict(request: Request, run_id: str, user: Reviewer, form: Form) -> Response:
    """Record a verdict; the card as it is then."""
    deck, plot = deck_of(request), _text(form, "plot")
    needs = _days(form, _VERDICT_DATES)
    needs |= {name: _text(form, name) for name in ("document", "deciding_authority")}
    line = decide(
        deck.site,
        run_id,
        plot,
        _text(form, "verdict"),
        by=user.name,
        at=now(),
        authority=user.may("administrator"),
        comment=_text(form, "comment"),
        expected_revision=_seen(form),
        expected_number=_text(form, "number"),
        meeting=_text(form, "meeting"),
        **needs,
    )
    lang = deck.views.lang(request)
    said = text(f"review.verdict_{line.verdict}", lang)
    done = text("review_web.recorded", lang, verdict=said, number=line.number, by=line.by)
    return card_answer(request, run_id, plot, user, done=done)


@router.post("/undo")
def take_back(request: Request, run_id: str, user: Reviewer, form: Form) -> Response:
    """Take a verdict back, as a new event."""
    deck, plot = deck_of(request), _text(form, "plot")
    review, why, at = _whole(form, "review"), _text(form, "why"), now()
    if review is None:
        raise Refused.at(422, "web.not_understood", value="review")
    decides = user.may("administrator")
    deck.site.ledger().transact(
        lambda session: undo(session, review, by=user.name, at=at, why=why, authority=decides)
    )
    done = text("review_web.taken_back", deck.views.lang(request))
    return card_answer(request, run_id, plot, user, done=done)


@router.post("/move")
def move(request: Request, run_id: str, user: Reviewer, form: Form) -> Response:
    """Move the case to another state with what that needs."""
    deck, plot, to = deck_of(request), _text(form, "plot"), _text(form, "to")
    needs = _days(form, _MOVE_DATES)
    needs |= {name: said for name in _MOVE_TEXTS if (said := _text(form, name))}
    if mu := _text(form, "disposed_mu_e4"):
        needs["disposed_mu_e4"] = parse(mu, MU)
    if form.get("carry_rest") == "yes":
        needs["carry_rest"] = True
    number, revision, why, at = _text(form, "number"), _seen(form), _text(form, "why"), now()
    authority = _text(form, "deciding_authority")
    if authority:
        why = "；".join(filter(None, (why, text("review.why_authority", value=authority))))

    def work(session: Any) -> None:  # noqa: ANN401 - a session of the ledger
        case = find_case(session, number)
        back = case.state == "deferred" and case.previous_state == "confirmed"
        if to == "confirmed" and not back:
            if not user.may("administrator"):
                raise UserError.of("review.authority_missing", key=plot, value=number)
            if not authority:
                need = {f"need_{one}": text("review.need_deciding_authority", one)
                        for one in LANGUAGES}  # fmt: skip
                raise UserError.of("review.need_missing", key=plot, column="deciding_authority",
                                   **need)  # fmt: skip
        advance(
            session, case, to, by=user.name, at=at, why=why, expected_revision=revision, **needs
        )

    deck.site.ledger().transact(work)
    lang = deck.views.lang(request)
    done = text("review_web.moved", lang, state=text(f"ledger_cases.state_{to}", lang))
    return card_answer(request, run_id, plot, user, done=done)


@router.post("/assign")
def assignment(request: Request, run_id: str, user: Reviewer, form: Form) -> Response:
    """Say who answers for the case and until when; a blank field changes nothing."""
    deck, plot = deck_of(request), _text(form, "plot")
    given = {
        name: said
        for name in ("responsible_unit", "responsible_person")
        if (said := _text(form, name))
    } | _days(form, ("deadline",))
    number, revision, at = _text(form, "number"), _seen(form), now()
    deck.site.ledger().transact(
        lambda session: assign(
            session,
            find_case(session, number),
            by=user.name,
            at=at,
            expected_revision=revision,
            **given,
        )
    )
    done = text("review_web.assigned", deck.views.lang(request))
    return card_answer(request, run_id, plot, user, done=done)


@router.post("/objection")
def objection(request: Request, run_id: str, user: Reviewer, form: Form) -> Response:
    """Record what somebody says is wrong in an input."""
    deck, plot = deck_of(request), _text(form, "plot")
    names = ("table", "key", "column", "old", "new", "reason")
    said = Objection(**{name: _text(form, name) for name in names})
    object_with_evidence(
        deck.site.ledger(), said, _text(form, "number"), None, by=user.name, at=now()
    )
    done = text("review_web.objected", deck.views.lang(request))
    return card_answer(request, run_id, plot, user, done=done)


@router.post("/open-cases")
def open_cases(request: Request, run_id: str, user: Reviewer, form: Form) -> Response:
    """Open a case for each finding of the run that asks for one."""
    deck, kind = deck_of(request), _text(form, "kind")
    if kind not in KINDS:
        raise Refused.at(422, "web.not_understood", value=kind)
    run = deck.site.run(run_id)
    opened = open_found_cases(deck.site.ledger(), run.folder, kind, by=user.name, at=now())
    more = f"&opened={len(opened.cases)}"
    return RedirectResponse(first_address(run_id) + more, status_code=303)

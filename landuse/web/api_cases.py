"""The API's cases: the ledger's list, one case with its history, and every act on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request

from landuse.errors import UserError
from landuse.ledger import acts, cases, events, parts
from landuse.ledger.reading import Wanted, lines
from landuse.ledger.telling import act_text
from landuse.ledger.totals import totals
from landuse.ledger.undo import undone
from landuse.messages import LANGUAGES, text
from landuse.pipeline.ledger import open_found_cases
from landuse.scaled import FLOOR_M2, MU, parse
from landuse.web import api_tables as tables_as
from landuse.web.api_auth import PREFIX, Administrator, Reader, Reviewer
from landuse.web.api_ledger_answers import ActOut, CaseOut, CasePage, LedgerTotals, OpenedOut
from landuse.web.api_models import (
    Acceptance,
    Assignment,
    Code,
    Description,
    Key,
    Move,
    Name,
    OpeningForm,
    PartChange,
    PartForm,
    Reason,
    State,
    Way,
)
from landuse.web.api_runs import Limit, Offset
from landuse.web.deck import deck_of, now

if TYPE_CHECKING:
    from landuse.ledger.models import Case
    from landuse.web.settings import User

__all__ = ["router"]

router: Final = APIRouter(prefix=PREFIX, tags=["cases"])
_REASON: Final = frozenset({"why", "expected_revision"})


@router.get("/totals")
def ledger_totals(
    request: Request,
    user: Reader,
    as_of: Annotated[date | None, Query(description="as the ledger stood then")] = None,
) -> LedgerTotals:
    """What the ledger adds up to, now or at the end of a day."""
    del user
    with deck_of(request).site.ledger().read() as session:
        return tables_as.ledger_totals(totals(session, as_of=as_of))


@router.get("/cases")
def listed(
    request: Request,
    user: Reader,
    state: Annotated[Literal[State, ""], Query()] = "",
    kind: Annotated[Literal["", "low_efficiency", "idle", "both"], Query()] = "",
    way: Annotated[Literal[Way, "none", ""], Query()] = "",
    park: Annotated[Name, Query()] = "",
    parcel_id: Annotated[Name, Query()] = "",
    enterprise: Annotated[Name, Query(description="part of a name")] = "",
    deadline_before: Annotated[date | None, Query()] = None,
    open_only: Annotated[bool, Query()] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> CasePage:
    """The wanted cases in the order of their opening."""
    del user
    wanted = Wanted(
        state=state, kind=kind, park=park, way=way, parcel=parcel_id, enterprise=enterprise,
        deadline_before=deadline_before, open_only=open_only,
    )  # fmt: skip
    with deck_of(request).site.ledger().read() as session:
        found = lines(session, wanted)
    items = [tables_as.case_row(one) for one in found[offset : offset + limit]]
    return CasePage(total=len(found), offset=offset, limit=limit, items=items)


@router.post("/runs/{run_id}/cases", status_code=201)
def open_cases(request: Request, run_id: Code, form: OpeningForm, user: Reviewer) -> OpenedOut:
    """Record a run, and open a case for each finding that asks for one."""
    site = deck_of(request).site
    done = open_found_cases(
        site.ledger(),
        site.run(run_id).folder,
        form.kind,
        by=user.name,
        at=now(),
        why=form.why,
    )
    return OpenedOut(numbers=done.numbers, found=done.found)


@router.get("/cases/{number}")
def shown(request: Request, number: Code, user: Reader) -> CaseOut:
    """One case."""
    del user
    with deck_of(request).site.ledger().read() as session:
        return tables_as.case(acts.find_case(session, number))


@router.get("/cases/{number}/history")
def history(request: Request, number: Code, user: Reader) -> list[ActOut]:
    """Everything that was done on the case, the newest first."""
    del user
    with deck_of(request).site.ledger().read() as session:
        found = events.history(session, acts.find_case(session, number))
        gone = undone(found)
        done = [list(act) for _, act in groupby(found, key=lambda event: event.act)]
        return [
            ActOut(
                event_id=act[0].id,
                revision=act[-1].seq,
                at=act[0].at,
                by=act[0].by,
                why=act[0].why,
                undone=act[0].id in gone,
                text={lang: act_text(act, lang) for lang in LANGUAGES},
            )
            for act in reversed(done)
        ]


def _act(request: Request, number: str, work: Callable[[Any, Case], object]) -> CaseOut:
    """The case after ``work``, in one transaction."""

    def whole(session: Any) -> CaseOut:  # noqa: ANN401 - of the ledger
        case = acts.find_case(session, number)
        work(session, case)
        session.refresh(case)
        return tables_as.case(case)

    return deck_of(request).site.ledger().transact(whole)


def _who(form: Reason, name: str) -> dict[str, Any]:
    return {
        "by": name,
        "at": now(),
        "why": form.why,
        "expected_revision": form.expected_revision,
    }


@router.post("/cases/{number}/moves")
def move(request: Request, number: Code, form: Move, user: Reviewer) -> CaseOut:
    """Move a case to another state; refused moves name the allowed ones."""
    needs = form.model_dump(exclude={*_REASON, "to", "disposed_mu", "deciding_authority"})
    if form.disposed_mu is not None:
        needs["disposed_mu_e4"] = parse(form.disposed_mu, MU, column="disposed_mu")
    who = _who(form, user.name)
    authority = form.deciding_authority.strip()
    if authority:
        decided = text("review.why_authority", value=authority)
        who["why"] = "；".join(part for part in (form.why.strip(), decided) if part)

    def work(session: Any, case: Case) -> object:  # noqa: ANN401 - of the ledger
        if form.to == "confirmed" and case.state != "deferred":
            _refuse_undecided(case, user, authority)
        return cases.advance(session, case, form.to, **who, **needs)

    return _act(request, number, work)


def _refuse_undecided(case: Case, user: User, authority: str) -> None:
    """Only who has the authority records that a case is confirmed, and names who decided."""
    held = ", ".join(one.parcel_id for one in case.parcels if not one.removed)
    if not user.may("administrator"):
        raise UserError.of("review.authority_missing", key=held, value=case.number)
    if not authority:
        words = {f"need_{lang}": text("review.need_deciding_authority", lang) for lang in LANGUAGES}
        raise UserError.of("review.need_missing", key=held, column="deciding_authority", **words)


@router.post("/cases/{number}/assignment")
def assign(request: Request, number: Code, form: Assignment, user: Reviewer) -> CaseOut:
    """Say who answers for a case, and until when."""
    given = form.model_dump(exclude=set(_REASON))
    who = _who(form, user.name)
    return _act(request, number, lambda session, case: cases.assign(session, case, **who, **given))


@router.patch("/cases/{number}")
def describe(request: Request, number: Code, form: Description, user: Reviewer) -> CaseOut:
    """Write on a case what people write freely."""
    said = form.model_dump(exclude=set(_REASON))
    given = {name: value for name, value in said.items() if value is not None}
    who = _who(form, user.name)
    return _act(
        request, number, lambda session, case: cases.describe(session, case, **who, **given)
    )


@router.post("/cases/{number}/parts", status_code=201)
def dispose(request: Request, number: Code, form: PartForm, user: Reviewer) -> CaseOut:
    """Add a part: land of the case that is disposed in one way."""
    given = _areas(form.model_dump(exclude=set(_REASON)))
    who = _who(form, user.name)
    return _act(request, number, lambda session, case: parts.dispose(session, case, **who, **given))


@router.patch("/cases/{number}/parts/{seq}")
def change(request: Request, number: Code, seq: Key, form: PartChange, user: Reviewer) -> CaseOut:
    """Change a part that is not accepted yet."""
    said = form.model_dump(exclude=set(_REASON), exclude_unset=True)
    needed = ("way", "receiving_enterprise")
    kept = {name: one for name, one in said.items() if one is not None or name not in needed}
    given, who = _areas(kept), _who(form, user.name)
    return _act(
        request,
        number,
        lambda session, case: parts.change(session, case, seq, **who, **given),
    )


@router.post("/cases/{number}/parts/{seq}/acceptance")
def accept(request: Request, number: Code, seq: Key, form: Acceptance, user: Reviewer) -> CaseOut:
    """Accept a part: its land is then revitalised."""
    who, day = _who(form, user.name), form.accepted_on
    return _act(
        request,
        number,
        lambda session, case: parts.accept(session, case, seq, accepted_on=day, **who),
    )


@router.post("/cases/{number}/parts/{seq}/removal")
def drop(request: Request, number: Code, seq: Key, form: Reason, user: Reviewer) -> CaseOut:
    """Take out a part that is not accepted; it stays in the history."""
    who = _who(form, user.name)
    return _act(request, number, lambda session, case: parts.drop(session, case, seq, **who))


@router.post("/events/{event_id}/undo")
def undo(request: Request, event_id: Key, form: Reason, user: Administrator) -> CaseOut:
    """Undo the whole act that an event is part of, by a new act; the case afterwards."""
    who = _who(form, user.name)

    def work(session: Any) -> CaseOut:  # noqa: ANN401 - of the ledger
        case = acts.undo(session, event_id, **who)
        session.refresh(case)
        return tables_as.case(case)

    return deck_of(request).site.ledger().transact(work)


def _areas(given: dict[str, Any]) -> dict[str, Any]:
    """``given`` with areas as the ledger holds them."""
    for name, stored, places in (
        ("mu", "mu_e4", MU), ("floor_area_m2", "floor_area_m2_e2", FLOOR_M2),
    ):  # fmt: skip
        if name in given:
            value = given.pop(name)
            given[stored] = None if value is None else parse(value, places, column=name)
    return given

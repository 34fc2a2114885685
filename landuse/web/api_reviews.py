"""The API's verdicts: giving one, taking it back, and what changed since somebody looked."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request

from landuse.ledger import verdicts
from landuse.ledger.objections import Objection
from landuse.pipeline.review import decide
from landuse.web import api_tables as tables_as
from landuse.web.api_answers import ChangeOut, ChangesOut, ReviewOut
from landuse.web.api_auth import PREFIX, Reader, Reviewer
from landuse.web.api_models import Code, Key, Name, UndoForm, VerdictForm
from landuse.web.api_runs import Limit
from landuse.web.deck import deck_of, now

__all__ = ["router"]

router: Final = APIRouter(prefix=PREFIX, tags=["reviews"])
_NEEDS: Final = ("publication_from", "publication_to", "document", "deciding_authority")


@router.get("/reviews")
def reviews(
    request: Request,
    user: Reader,
    run_id: Annotated[Name, Query()] = "",
    parcel_id: Annotated[Name, Query()] = "",
    meeting: Annotated[Name, Query(description="its number")] = "",
    limit: Limit = 100,
) -> list[ReviewOut]:
    """Verdicts of a run, a plot, a meeting, or all, the newest first."""
    del user
    with deck_of(request).site.ledger().read() as session:
        found = verdicts.reviews_of(
            session, run_id=run_id, parcel_id=parcel_id, meeting=meeting, limit=limit
        )
    return [tables_as.review(one) for one in found]


@router.post("/runs/{run_id}/reviews", status_code=201)
def give(request: Request, run_id: Code, form: VerdictForm, user: Reviewer) -> ReviewOut:
    """Take a verdict on a plot: its case moves, a plot without one gets one.

    To confirm (认定) a case takes an administrator, the authority that decided and its document.
    409: somebody else changed the case since; 422: the verdict is refused or lacks something.
    """
    needs: dict[str, Any] = {name: getattr(form, name) for name in _NEEDS}
    if form.correction is not None:
        cell = form.correction.model_dump()
        needs["correction"] = Objection(**cell, reason=form.comment)
    line = decide(
        deck_of(request).site,
        run_id,
        form.parcel_id,
        form.verdict,
        comment=form.comment,
        by=user.name,
        at=now(),
        authority=user.may("administrator"),
        expected_revision=form.expected_revision,
        expected_number=form.expected_number,
        meeting=form.meeting,
        **needs,
    )
    return tables_as.review(line)


@router.post("/reviews/{review_id}/undo", status_code=201)
def undo(request: Request, review_id: Key, form: UndoForm, user: Reviewer) -> ReviewOut:
    """Take a verdict back by a new one; refused where something later rests on it."""
    at = now()
    line = (
        deck_of(request)
        .site.ledger()
        .transact(
            lambda session: verdicts.undo(
                session,
                review_id,
                by=user.name,
                at=at,
                why=form.why,
                authority=user.may("administrator"),
            )
        )
    )
    return tables_as.review(line)


@router.get("/changes")
def changes(
    request: Request,
    user: Reader,
    since: Annotated[int, Query(ge=0, le=2**53, description="newest of the answer before")] = 0,
) -> ChangesOut:
    """The acts on cases since then, oldest first; ask again from ``newest``."""
    del user
    with deck_of(request).site.ledger().read() as session:
        newest, found = verdicts.changes_since(session, since)
    return ChangesOut(
        newest=newest,
        changes=[
            ChangeOut(
                event_id=one.event_id,
                parcel_ids=list(one.parcel_ids),
                number=one.number,
                state=one.state,
                revision=one.revision,
                by=one.by,
                at=one.at,
                text={"zh": one.text_zh, "en": one.text_en},
            )
            for one in found
        ],
    )

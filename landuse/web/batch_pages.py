"""The batch without a project file typed by hand: upload, confirm, check, run, download."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, RedirectResponse, Response

from landuse.errors import UserError
from landuse.issues import Issue
from landuse.messages import Lang
from landuse.pipeline import batch_form
from landuse.pipeline.batch_files import Batch, batch_at, batches_in, discard, put_batch
from landuse.pipeline.site import BATCHES, IDLE
from landuse.web.deck import deck_of, now
from landuse.web.errors import Refused
from landuse.web.jobs import Tell
from landuse.web.security import Form, require
from landuse.web.settings import User

__all__ = ["Outcome", "router"]

router: Final = APIRouter(prefix="/batch", dependencies=[Depends(require("reviewer"))])
Reviewer = Annotated[User, Depends(require("reviewer"))]
OWN: Final = "project"
"""Key of the project file that is served, beside those of the batches."""
_SHOWN: Final = 300


@dataclass(frozen=True)
class Outcome:
    """What a check or a run came to; small, for it is kept while the pages may ask."""

    issues: tuple[Issue, ...]
    counts: dict[str, int]
    run_id: str = ""
    workbook: Path | None = None


def _root(request: Request) -> Path:
    return deck_of(request).site.base / BATCHES


def _batch(request: Request, key: str) -> Batch:
    return batch_at(_root(request), key)


def _project(request: Request, key: str) -> Path:
    """The project file that ``key`` means."""
    return deck_of(request).site.project if key == OWN else _batch(request, key).project


@router.get("")
def overview(request: Request) -> Response:
    """Upload, and the batches that are there."""
    deck = deck_of(request)
    return deck.views.page(
        request,
        "batch.html",
        batches=batches_in(_root(request)),
        project=deck.site,
        job=deck.jobs.running(),
        own=OWN,
    )


@router.post("/upload")
def upload(request: Request, form: Form) -> Response:
    """Keep the files, look at them, and go on to what was recognised."""
    deck = deck_of(request)
    given = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    at = now()
    key = f"{at.astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    files = [(one.filename or "", one.file) for one in given]
    batch = put_batch(_root(request), key, files)
    try:
        _draft(batch, form, deck.views.lang(request))
    except UserError:
        discard(batch)
        raise
    return RedirectResponse(f"/batch/{key}", status_code=303)


def _draft(batch: Batch, form: FormData, lang: Lang) -> None:
    wished = str(form.get("parcels", ""))
    named = {path.name: path for path in batch.files}
    parcels = named.get(wished) or batch_form.guess(batch)
    if parcels is None:
        raise UserError.of("batch.no_layer", value=", ".join(named))
    head = {name: str(form.get(name, "")) for name in ("name", "year", "as_of")}
    batch_form.draft(batch, parcels, head, lang)


@router.get("/{key}")
def confirm(request: Request, key: str) -> Response:
    """What was recognised, as a form; and the buttons to check and to run."""
    deck = deck_of(request)
    if key == OWN:
        return deck.views.page(
            request, "batch_own.html", key=key, project=deck.site, job=deck.jobs.running()
        )
    batch = _batch(request, key)
    form = batch_form.form_of(batch, deck.views.lang(request))
    return deck.views.page(
        request, "batch_form.html", key=key, batch=batch, form=form, job=deck.jobs.running()
    )


@router.post("/{key}/parcels")
def choose_parcels(request: Request, key: str, form: Form) -> Response:
    """Another file is the layer of parcels: the files are looked at again."""
    _idle(request)
    _draft(_batch(request, key), form, deck_of(request).views.lang(request))
    return RedirectResponse(f"/batch/{key}", status_code=303)


@router.post("/{key}/answers")
def answers(request: Request, key: str, form: Form) -> Response:
    """Save the answers; with ``then`` go on to check or run."""
    _idle(request)
    batch = _batch(request, key)
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    batch_form.answer(batch, given, deck_of(request).views.lang(request))
    then = given.get("then", "")
    if then in _WORK:
        return _start(request, key, then)
    return RedirectResponse(f"/batch/{key}", status_code=303)


@router.post("/{key}/discard")
def throw_away(request: Request, key: str, form: Form) -> Response:
    """Remove a batch that never ran."""
    del form
    _idle(request)
    discard(_batch(request, key))
    return RedirectResponse("/batch", status_code=303)


@router.post("/{key}/work/{kind}")
def work(request: Request, key: str, kind: str, form: Form) -> Response:
    """Start a check or a run of a project file as it is."""
    del form
    if kind not in _WORK:
        raise Refused.at(404, "web.no_page", value=request.url.path)
    return _start(request, key, kind)


def _idle(request: Request) -> None:
    """Refused while something runs: it may be reading these files."""
    job = deck_of(request).jobs.running()
    if job is not None:
        raise UserError.of("web.busy", value=job.owner)


def _start(request: Request, key: str, kind: str) -> Response:
    deck = deck_of(request)
    project, lang, user = _project(request, key), deck.views.lang(request), request.state.user
    doing = _WORK[kind]
    job = deck.jobs.start(
        kind, lambda tell: doing(project, lang, tell), owner=user.name, place=f"/batch/{key}"
    )
    return RedirectResponse(f"/batch/{key}/work/{job.key}", status_code=303)


@router.get("/{key}/work/{job_key}")
def progress(request: Request, key: str, job_key: str) -> Response:
    """How far the work is; once it has ended, what came of it. htmx asks for the inner part."""
    deck = deck_of(request)
    job = deck.jobs.find(job_key)
    if job is None:
        return RedirectResponse(f"/batch/{key}", status_code=303)
    fragment = request.headers.get("HX-Request") == "true"
    name = "batch_job.html" if fragment else "batch_work.html"
    return deck.views.page(request, name, key=key, job=job, shown=_SHOWN, own=OWN)


@router.get("/{key}/work/{job_key}/issues.xlsx")
def issues_book(request: Request, key: str, job_key: str) -> Response:
    """The workbook of issues that a check wrote."""
    job = deck_of(request).jobs.find(job_key)
    path = job.result.workbook if job and isinstance(job.result, Outcome) else None
    if path is None or not path.is_file():
        raise Refused.at(404, "web.no_page", value=request.url.path)
    del key
    return FileResponse(path, filename="issues.xlsx", content_disposition_type="attachment")


def _check(project: Path, lang: Lang, tell: Tell) -> Outcome:
    from landuse.pipeline.check import check

    tell("read", 0, 1)
    checked = check(project, lang=lang)
    return _outcome(list(checked.log), workbook=checked.workbook)


def _identify(project: Path, lang: Lang, tell: Tell) -> Outcome:
    from landuse.pipeline.identify import identify

    run = identify(project, lang=lang, progress=tell)
    return _outcome(list(run.log), run.run_id)


def _idle_land(project: Path, lang: Lang, tell: Tell) -> Outcome:
    from landuse.pipeline.idle_run import find_idle_land

    run = find_idle_land(project, lang=lang, progress=tell)
    return _outcome(list(run.log), f"{run.run_id}{IDLE}")


def _outcome(issues: list[Issue], run_id: str = "", workbook: Path | None = None) -> Outcome:
    counts = {name: sum(one.severity == name for one in issues) for name in
              ("error", "warning", "info")}  # fmt: skip
    return Outcome(tuple(issues[:_SHOWN]), counts, run_id, workbook)


_WORK: Final[dict[str, Callable[[Path, Lang, Tell], Outcome]]] = {
    "check": _check,
    "identify": _identify,
    "idle": _idle_land,
}
"""What can be done with a project file; the same verbs as at the terminal."""

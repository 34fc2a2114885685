"""The ledger's totals, its workbook, and handing that back."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, RedirectResponse, Response

from landuse.errors import UserError
from landuse.intake.ledger_book_words import known_codes
from landuse.ledger.reading import Wanted
from landuse.ledger.states import KINDS, STATES, WAYS
from landuse.ledger.totals import totals
from landuse.pipeline.batch_files import plain_name
from landuse.web import ledger_view as view
from landuse.web.deck import deck_of, now
from landuse.web.errors import Refused
from landuse.web.pending import Handed
from landuse.web.security import Form, current_user, require
from landuse.web.settings import User

__all__ = ["router"]

router: Final = APIRouter(prefix="/ledger", dependencies=[Depends(current_user)])
Administrator = Annotated[User, Depends(require("administrator"))]
FORMATS: Final = ("xlsx", "csv", "gpkg")
_UNITS: Final = ("mu", "m2", "ha")
_NOT_A_WORD: Final = "-"


@router.get("")
def overview(request: Request) -> Response:
    """What the ledger adds up to, and the forms to take it out and hand it back."""
    deck = deck_of(request)
    lang = deck.views.lang(request)
    ledger = deck.site.ledger()
    with ledger.read() as session:
        found = totals(session)
    parks = sorted(name for name in found["by_park"] if name)
    return deck.views.page(
        request,
        "ledger.html",
        place=ledger.shown,
        headline=view.headline(found, lang),
        states=view.state_rows(found, lang),
        parks=parks,
        codes={"state": tuple(STATES), "kind": KINDS, "way": (*WAYS, "none")},
        formats=FORMATS,
        units=_UNITS,
    )


@router.get("/export", dependencies=[Depends(require("reviewer"))])
def export(request: Request) -> Response:
    """The wanted cases as a workbook (to be filled in and handed back), CSV or GeoPackage."""
    from landuse.pipeline.ledger_book import export_ledger

    deck, query = deck_of(request), request.query_params
    suffix = query.get("format", "xlsx")
    if suffix not in FORMATS:
        raise Refused.at(404, "web.no_page", value=request.url.path)
    wanted = _wanted(query)
    at = now()
    folder = tempfile.TemporaryDirectory(prefix="landuse-", ignore_cleanup_errors=True)
    try:
        path = Path(folder.name) / f"ledger.{suffix}"
        export_ledger(deck.site.ledger(), path, wanted, at=at, lang=deck.views.lang(request))
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path,
        filename=f"ledger-{at.astimezone():%Y%m%d-%H%M}.{suffix}",
        content_disposition_type="attachment",
        background=BackgroundTask(folder.cleanup),
    )


def _wanted(query: Mapping[str, str]) -> Wanted:
    """Which cases; what is no code is refused rather than taken for "all"."""
    known = {"state": tuple(STATES), "kind": KINDS, "way": (*WAYS, "none")}
    given = {name: query.get(name, "").strip() for name in (*known, "park", "deadline_before")}
    for name, codes in known.items():
        if given[name] and given[name] not in codes:
            raise UserError.of("ledger_pages.unknown_filter", value=given[name])
    before: date | None = None
    if given["deadline_before"]:
        with suppress(ValueError):
            before = date.fromisoformat(given["deadline_before"])
        if before is None:
            raise UserError.of("ledger_pages.unknown_filter", value=given["deadline_before"])
    return Wanted(
        state=given["state"],
        kind=given["kind"],
        way=given["way"],
        park=given["park"],
        deadline_before=before,
    )


@router.post("/import")
def hand_in(request: Request, user: Administrator, form: Form) -> Response:
    """Look at a workbook; nothing is written yet."""
    deck = deck_of(request)
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        raise UserError.of("ledger_pages.no_file")
    handed = deck.pending.keep(
        plain_name(given.filename),
        given.file,
        owner=user.name,
        why=str(form.get("why", "")).strip(),
        settings=_office(form) if form.get("whose") == "office" else None,
    )
    handed.look(deck.site.ledger(), now())
    return RedirectResponse(f"/ledger/import/{handed.key}", status_code=303)


def _office(form: Mapping[str, Any]) -> dict[str, Any]:
    kind, unit = str(form.get("kind", "")), str(form.get("area_unit", ""))
    return {
        "kind": kind if kind in KINDS else "",
        "sheet": str(form.get("sheet", "")).strip() or None,
        "area_unit": unit if unit in _UNITS else None,
    }


@router.get("/import/{key}")
def preview(request: Request, key: str, user: Administrator) -> Response:
    """What handing the file back would do, row by row."""
    deck = deck_of(request)
    lang = deck.views.lang(request)
    handed = deck.pending.find(key, user.name)
    found = handed.preview
    if found is None:
        raise Refused.at(404, "ledger_pages.gone")
    return deck.views.page(
        request,
        "ledger_preview.html",
        handed=handed,
        preview=found,
        rows=view.preview_rows(found, lang),
        sums=view.preview_sums(found, lang),
        notes=[view.told(note, lang) for note in found.notes],
        office=_words(handed, request),
    )


def _words(handed: Handed, request: Request) -> dict[str, Any] | None:
    """How an office's own headings and words were taken, and what may be answered."""
    from landuse.pipeline.ledger_book_new import OfficePreview

    found = handed.preview
    if not isinstance(found, OfficePreview):
        return None
    lang = deck_of(request).views.lang(request)
    return {
        "headings": view.headings(found, lang),
        "words": found.office.words,
        "unknown": found.office.unknown,
        "codes": {word.group: known_codes(word.group) for word in found.office.unknown},
    }


@router.post("/import/{key}/words")
def answer(request: Request, key: str, user: Administrator, form: Form) -> Response:
    """What words of the office mean; then look again."""
    deck = deck_of(request)
    handed = deck.pending.find(key, user.name)
    words = _words(handed, request) or {"unknown": (), "codes": {}}
    for place, word in enumerate(words["unknown"]):
        given = str(form.get(f"word{place}", ""))
        if given == _NOT_A_WORD or given in words["codes"][word.group]:
            handed.answers[word.word] = given
    handed.look(deck.site.ledger(), now())
    return RedirectResponse(f"/ledger/import/{key}", status_code=303)


@router.post("/import/{key}/apply")
def apply(request: Request, key: str, user: Administrator, form: Form) -> Response:
    """Write what was shown, in one transaction, after a backup."""
    from landuse.pipeline.ledger_book_import import apply_import

    deck = deck_of(request)
    handed = deck.pending.find(key, user.name)
    if handed.preview is None or handed.applied is not None:
        raise Refused.at(409, "ledger_pages.gone")
    handed.applied = apply_import(
        deck.site.ledger(), handed.preview, only_legal=form.get("only_legal") == "yes"
    )
    return RedirectResponse(f"/ledger/import/{key}", status_code=303)

"""What the user is told when something does not work: words, never a traceback."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from landuse.errors import LanduseError, UserError
from landuse.issues import Issue
from landuse.ledger.stale import StaleError
from landuse.web.api_problems import malformed, problem
from landuse.web.deck import deck_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LoginNeeded", "Refused", "fault", "install", "wants_fragment"]

_LOG: Final = logging.getLogger("landuse.web")
_API: Final = ("/api/", "/openapi.json")
_STATUS: Final = {
    "site.no_run": 404,
    "site.no_map": 404,
    "batch.no_batch": 404,
    "web.busy": 409,
    "api.no_plot": 404,
    "park_cli.unknown_firm": 404,
    "ledger.no_event": 404,
    "ledger_cases.no_such_case": 404,
    "ledger_runs.no_objection": 404,
    "review.no_such_meeting": 404,
    "review.no_such_review": 404,
}
"""Faults of the rooms below that have a status of their own; the others are 422."""


class Refused(UserError):  # noqa: N818 - it reads as what it is
    """A request that is refused with an HTTP status of its own."""

    status = 422

    @classmethod
    def at(cls, status: int, code: str, **place: object) -> Refused:
        """One fault with its status; see :meth:`landuse.errors.UserError.of`."""
        made = cls(UserError.of(code, **place).issues)
        made.status = status
        return made


class LoginNeeded(Refused):
    """The caller must log in first."""

    status = 401

    def __init__(self) -> None:
        super().__init__([Issue("web.login_needed")])


def install(app: FastAPI) -> None:
    """Answer every exception in words."""
    app.add_exception_handler(LanduseError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)


def wants_fragment(request: Request) -> bool:
    """Whether htmx asked, which puts the answer into the page that is open."""
    return request.headers.get("HX-Request") == "true"


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, LanduseError)
    if not isinstance(error, UserError):
        return fault(request, error)
    if isinstance(error, LoginNeeded) and not request.url.path.startswith(_API):
        return _to_login(request)
    asks = {"WWW-Authenticate": "Bearer"} if isinstance(error, LoginNeeded) else None
    return _told(request, error.issues, _status(error), asks)


def _status(error: UserError) -> int:
    if isinstance(error, StaleError):
        return 409
    if isinstance(error, Refused):
        return error.status
    return _STATUS.get(error.issues[0].code, 422) if error.issues else 422


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: "web.no_page", 405: "web.no_method", 413: "web.too_large"}
    issue = Issue(known.get(error.status_code, "web.not_understood"), value=request.url.path)
    return _told(request, [issue], error.status_code, dict(error.headers or {}))


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if request.url.path.startswith(_API):
        return _told(request, malformed(error.errors()), 422)
    return _told(request, [Issue("web.not_understood", value=request.url.path)], 422)


def fault(request: Request, error: Exception) -> Response:
    """Our fault: the log gets the traceback, the user a sentence.

    The guard asks for it, inside its own wall: Starlette's outermost handler would answer without
    the headers of safety.
    """
    _LOG.error("fault at %s %s", request.method, request.url.path, exc_info=error)
    return _told(request, [Issue("web.our_fault", value=type(error).__name__)], 500)


def _to_login(request: Request) -> Response:
    here = request.url.path
    if request.method == "GET" and request.url.query:
        here = f"{here}?{request.url.query}"
    if wants_fragment(request):
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    target = "/login" if request.method != "GET" else f"/login?next={quote(here, safe='')}"
    return RedirectResponse(target, status_code=303)


def _told(
    request: Request,
    issues: Sequence[Issue],
    status: int,
    headers: dict[str, str] | None = None,
) -> Response:
    deck = deck_of(request)
    lang = deck.views.lang(request)
    if request.url.path.startswith(_API):
        return problem(issues, status, lang, headers)
    name = "error_fragment.html" if wants_fragment(request) else "error.html"
    response = deck.views.page(request, name, status=status, issues=issues)
    response.headers.update(headers or {})
    return response

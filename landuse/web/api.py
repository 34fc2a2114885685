"""The API for programs: the same reads and writes as the pages, described by OpenAPI.

Its description is at ``/openapi.json``; there is no page that draws it, because such pages load
scripts from a network.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from landuse import __version__
from landuse.errors import UserError
from landuse.web import api_cases, api_meetings, api_reviews, api_runs, seats
from landuse.web.api_answers import Problem
from landuse.web.api_auth import PREFIX, Leaver, Reader, bearer
from landuse.web.api_models import Credentials, SessionOut, TokenOut
from landuse.web.api_problems import PROBLEM
from landuse.web.deck import deck_of, now
from landuse.web.errors import Refused
from landuse.web.guard import SEAT_COOKIE
from landuse.web.security import CSRF_HEADER, SESSION_COOKIE, csrf_token

__all__ = ["ROUTERS", "description"]

LOGIN: Final = f"{PREFIX}/login"
_REFUSALS: Final = {
    "400": "the request is no text that can be read, or asks for another host",
    "401": "nobody is logged in",
    "403": "the user may not do this, or the page's token is missing",
    "404": "there is no such thing",
    "409": "somebody else changed it since, and who",
    "413": "the request is too large",
    "422": "refused, in words: what is wrong and what to do",
}
_session: Final = APIRouter(prefix=PREFIX, tags=["session"])
_description: Final = APIRouter()
ROUTERS: Final = (
    _description,
    _session,
    api_runs.router,
    api_reviews.router,
    api_cases.router,
    api_meetings.router,
)


@_session.post("/login")
def log_in(request: Request, form: Credentials) -> TokenOut:
    """A token for a name and a password; too many failures make the name wait."""
    site = deck_of(request).site
    try:
        token = seats.sit_down(site, form.name, form.password, request.state.address, now())
    except UserError as error:
        if not error.issues[0].code.startswith("account."):
            raise  # the ledger itself: that is not about who asks
        refused = Refused(error.issues)
        refused.status = 401
        raise refused from error
    user = seats.who(site, token, now())
    if user is None:  # disabled this very moment
        raise Refused.at(401, "account.wrong")
    return TokenOut(token=token, name=user.name, role=user.role)


@_session.post("/logout", status_code=204)
def log_out(request: Request, user: Leaver) -> Response:
    """End the session of the token, or of the cookie."""
    del user
    token = bearer(request)
    if token is None:
        token = request.cookies.get(SESSION_COOKIE, "")
    if token:
        seats.stand_up(deck_of(request).site, token, now())
    return Response(status_code=204)


@_session.get("/session")
def session(request: Request, response: Response, user: Reader) -> SessionOut:
    """Who asks; a program on this computer finds here what its writes must carry."""
    if request.state.new_seat and bearer(request) is None:
        response.set_cookie(
            SEAT_COOKIE,
            request.state.seat,
            httponly=True,
            samesite="strict",
            secure=request.state.secure,
        )
    return SessionOut(name=user.name, role=user.role, local=user.local, csrf=csrf_token(request))


@_description.get("/openapi.json", include_in_schema=False)
def openapi(user: Reader) -> Response:
    """What the API can do, as OpenAPI 3.1."""
    del user
    return JSONResponse(description())


@cache
def description() -> dict[str, Any]:
    """The description of the API, with its refusals and its two ways to be known."""
    made = get_openapi(
        title="landuse",
        version=__version__,
        summary="Runs, plots, reviews, meetings and the ledger of disposal",
        description=f"Areas of the ledger are decimal text. Refusals are {PROBLEM}.",
        routes=[route for group in ROUTERS for route in group.routes],
    )
    parts = made["components"]
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"].update(schema.pop("$defs"))
    parts["schemas"]["Problem"] = schema
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        "page": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
    }
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            _complete(operation, path, writes=method != "get")
    return made


def _complete(operation: dict[str, Any], path: str, *, writes: bool) -> None:
    """Its refusals, and who may ask."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, said in _REFUSALS.items():
        operation["responses"][status] = {"description": said, "content": content}
    cookie: dict[str, list[str]] = {"session": []}
    known = [{"token": []}, {**cookie, "page": []} if writes else cookie]
    operation["security"] = [] if path == LOGIN else known

"""Who may do what: the user behind a request, their role, and forms that came from our own pages.

A form proves that it came from a page of ours twice: by its origin (:mod:`landuse.web.guard`), and
by a token derived from the HttpOnly cookie of the session (or, before a login, of the seat), which
no other site can read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException

from landuse.web import seats
from landuse.web.deck import deck_of, now
from landuse.web.errors import LoginNeeded, Refused
from landuse.web.settings import Role, User

__all__ = [
    "CSRF_FIELD",
    "CSRF_HEADER",
    "SESSION_COOKIE",
    "Form",
    "csrf_token",
    "current_user",
    "form_guard",
    "known_user",
    "open_form",
    "require",
]

SESSION_COOKIE: Final = "landuse_session"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
_BY_ITSELF: Final = ("/review/changes", "/review/states", "/park-progress")
"""What an open page asks by itself, whether or not anybody sits before it."""
_MAX_FILES: Final = 200
_MAX_FIELDS: Final = 5_000
_MAX_FIELD: Final = 64 * 1024


def known_user(request: Request) -> User | None:
    """Who asks, or ``None`` where nobody has logged in; looked up once a request.

    A server on loopback without accounts has one local user. That ends where a proxy stands
    before it: then anybody could be asking.
    """
    state = request.state
    if not hasattr(state, "user"):
        state.user = None  # also for the page that tells why looking up went wrong
        state.user = _look_up(request)
    found: User | None = state.user
    return found


def _look_up(request: Request) -> User | None:
    deck = deck_of(request)
    if not seats.has_accounts(deck.site):
        local = deck.settings.is_loopback and not request.state.forwarded
        return User(deck.settings.recorder, "administrator", local=True) if local else None
    token = request.cookies.get(SESSION_COOKIE, "")
    by_hand = not request.url.path.endswith(_BY_ITSELF)
    return seats.who(deck.site, token, now(), present=by_hand) if token else None


def current_user(request: Request) -> User:
    """Dependency: who asks. Raises :class:`~landuse.web.errors.LoginNeeded`."""
    user = known_user(request)
    if user is None:
        raise LoginNeeded
    return user


def require(role: Role) -> Callable[[Request], User]:
    """A dependency: the user, who has at least ``role``; refused (403) otherwise."""

    def check(request: Request) -> User:
        user = current_user(request)
        if not user.may(role):
            raise Refused.at(403, "web.not_allowed", value=user.name, role=role)
        return user

    return check


def csrf_token(request: Request) -> str:
    """The token that a form from this browser must carry; worthless with another cookie."""
    secret = request.cookies.get(SESSION_COOKIE) or request.state.seat
    return hmac.new(secret.encode(), b"landuse form", hashlib.sha256).hexdigest()


async def open_form(request: Request) -> FormData:
    """Dependency: the form of a request from one of our pages, whoever fills it in (the login)."""
    said = request.headers.get(CSRF_HEADER, "")
    try:
        form = await request.form(
            max_files=_MAX_FILES, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD
        )
    except (MultiPartException, ValueError) as error:
        raise Refused.at(422, "web.not_understood", value=request.url.path) from error
    except OSError as error:  # no room for what was sent
        raise Refused.at(507, "batch.not_kept", value=error.strerror or str(error)) from error
    if any("\0" in name or (isinstance(value, str) and "\0" in value)
           for name, value in form.multi_items()):  # fmt: skip
        raise Refused.at(422, "web.not_understood", value=request.url.path)
    field = form.get(CSRF_FIELD)
    given = said or (field if isinstance(field, str) else "")
    if not hmac.compare_digest(given.encode(), csrf_token(request).encode()):
        raise Refused.at(403, "web.stale_page")
    return form


async def form_guard(
    request: Request, user: Annotated[User, Depends(current_user)]
) -> FormData:  # the user first: nobody else's upload is even read
    """Dependency: the form that a known user sent from one of our pages.

    Raises :class:`~landuse.web.errors.Refused` (403) without the page's token, in a field ``csrf``
    or in the header ``X-CSRF-Token``.
    """
    del user
    return await open_form(request)


Form = Annotated[FormData, Depends(form_guard)]
"""How a page takes its form: ``def decide(form: Form) -> ...``."""

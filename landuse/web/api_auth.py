"""Who calls the API: a program with a token, or a page of ours with its session.

A token stands in a header that no other site's page can set, so it needs no more; a session's
cookie is sent by the browser itself, so that a write with it must also carry the page's token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends, Request

from landuse.web import seats
from landuse.web.deck import deck_of, now
from landuse.web.errors import LoginNeeded, Refused
from landuse.web.security import CSRF_HEADER, csrf_token, current_user
from landuse.web.settings import Role, User

__all__ = ["PREFIX", "Administrator", "Leaver", "Reader", "Reviewer", "bearer", "caller"]

PREFIX: Final = "/api/v1"
"""Where every address of the API begins; another meaning of a field is another number."""

_SCHEME: Final = "bearer"


def bearer(request: Request) -> str | None:
    """The token of the request; ``""`` for another scheme, ``None`` without the header."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    return token.strip() if scheme.lower() == _SCHEME else ""


def caller(request: Request) -> User:
    """Dependency: who asks. Raises :class:`~landuse.web.errors.LoginNeeded`."""
    token = bearer(request)
    if token is None:
        return current_user(request)
    request.state.user = seats.who(deck_of(request).site, token, now()) if token else None
    if request.state.user is None:
        raise LoginNeeded
    found: User = request.state.user
    return found


def _may(role: Role, *, writes: bool) -> Callable[..., User]:
    def check(request: Request, user: Annotated[User, Depends(caller)]) -> User:
        if writes and bearer(request) is None:
            given = request.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(given.encode(), csrf_token(request).encode()):
                raise Refused.at(403, "api.token_needed", value=CSRF_HEADER)
        if not user.may(role):
            raise Refused.at(403, "web.not_allowed", value=user.name, role=role)
        return user

    return check


Reader = Annotated[User, Depends(_may("viewer", writes=False))]
"""Anybody with an account."""
Reviewer = Annotated[User, Depends(_may("reviewer", writes=True))]
"""Who gives verdicts and keeps cases."""
Administrator = Annotated[User, Depends(_may("administrator", writes=True))]
"""Who has the deciding authority (认定)."""
Leaver = Annotated[User, Depends(_may("viewer", writes=True))]
"""Anybody with an account, for what changes nothing but their own session."""

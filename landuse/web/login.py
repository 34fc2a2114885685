"""Logging in and out."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from landuse.errors import UserError
from landuse.web import seats
from landuse.web.deck import deck_of, now
from landuse.web.security import SESSION_COOKIE, known_user, open_form

__all__ = ["router", "safe_path"]

router: Final = APIRouter()


def safe_path(written: str) -> str:
    r"""A place of ours to go on to; anything else is the first page.

    >>> [safe_path(one) for one in ("/runs/1?a=b", "//evil", "/\\evil", "https://evil", "/\t/evil")]
    ['/runs/1?a=b', '/', '/', '/', '/']
    """
    plain = written.isprintable() and "\\" not in written
    return written if plain and written.startswith("/") and not written.startswith("//") else "/"


@router.get("/login")
def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """The form; somebody who is known goes on."""
    if known_user(request) is not None:
        return RedirectResponse(safe_path(next), status_code=303)
    deck = deck_of(request)
    open_to_all = not seats.has_accounts(deck.site)
    return deck.views.page(
        request, "login.html", issues=[], next=safe_path(next), no_accounts=open_to_all, name=""
    )


@router.post("/login")
def log_in(request: Request, form: Annotated[FormData, Depends(open_form)]) -> Response:
    """Check the password; the cookie is for this browser alone and no script can read it."""
    deck = deck_of(request)
    name, target = str(form.get("name", "")), safe_path(str(form.get("next", "/")))
    try:
        token = seats.sit_down(
            deck.site, name, str(form.get("password", "")), request.state.address, now()
        )
    except UserError as error:
        return deck.views.page(
            request, "login.html", status=403, issues=error.issues, next=target,
            no_accounts=False, name=name,
        )  # fmt: skip
    response = RedirectResponse(target, status_code=303)
    response.set_cookie(
        SESSION_COOKIE, token, httponly=True, samesite="strict", secure=request.state.secure
    )
    return response


@router.post("/logout")
def log_out(request: Request, form: Annotated[FormData, Depends(open_form)]) -> Response:
    """End the session here and in the ledger."""
    del form
    token = request.cookies.get(SESSION_COOKIE, "")
    if token:
        seats.stand_up(deck_of(request).site, token, now())
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(SESSION_COOKIE)
    return response

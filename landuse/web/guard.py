"""The wall before every page: who is asked, from where, how much, and what the browser may do.

Plain ASGI, so that it also holds for static files, errors and answers that are streamed.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from landuse.messages import text
from landuse.web.settings import LOOPBACK, Settings

__all__ = ["SEAT_COOKIE", "UPLOADS", "Guard", "policy"]

SEAT_COOKIE: Final = "landuse_seat"
UPLOADS: Final = ("/batch/upload", "/ledger/import")
"""The only addresses that take files; everything else is small."""
Fault = Callable[[Request, Exception], Response]
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED: Final = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded",
                     "x-real-ip", "via")  # fmt: skip
_SEAT_LENGTH: Final = range(20, 100)


def policy(nonce: str) -> str:
    """What a page of ours may load: its own files, and only the scripts that bear the nonce."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'; object-src 'none'"
    )


class Guard:
    """Checks host, origin and size of each request, and sets the headers of each answer.

    ``request.state`` gets ``nonce``, ``seat`` (secret of this browser before a login),
    ``forwarded`` (something stands between us and the caller), ``address`` and ``secure``.
    """

    def __init__(self, app: ASGIApp, settings: Settings, fault: Fault) -> None:
        self._app = app
        self._settings = settings
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        self._describe(scope, headers)
        refusal = self._refusal(scope, headers)
        if refusal:
            await self._refuse(refusal, scope, receive, send)
            return
        dressed = _dressed(scope, send)
        try:
            await self._app(scope, _bounded(receive, self._limit(scope)), dressed)
        except Exception as error:  # the last line of defence: no traceback reaches a user
            if scope["state"]["answered"]:
                raise
            answer = await run_in_threadpool(self._fault, Request(scope, receive), error)
            await answer(scope, receive, dressed)

    def _describe(self, scope: Scope, headers: Headers) -> None:
        state = scope.setdefault("state", {})
        client = scope.get("client")
        address = client[0] if client else ""
        trusted = address in self._settings.proxies
        forwarded = any(name in headers for name in _FORWARDED)
        if trusted:
            # the last entry is the proxy's own word; the ones before it are the caller's
            said = headers.getlist("x-forwarded-for") or [address]
            address = said[-1].rpartition(",")[2].strip()
            if headers.get("x-forwarded-proto", "") == "https":
                scope["scheme"] = "https"
        seat = _cookie(headers.get("cookie", ""), SEAT_COOKIE)
        state["answered"] = False
        state["new_seat"] = len(seat) not in _SEAT_LENGTH
        state["seat"] = secrets.token_urlsafe(32) if state["new_seat"] else seat
        state["nonce"] = secrets.token_urlsafe(16)
        state["forwarded"] = forwarded
        state["address"] = address
        state["secure"] = scope["scheme"] == "https"

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            return 400, "web.other_host"
        if scope["method"] not in _SAFE and not _same_origin(scope, headers, host):
            return 403, "web.other_origin"
        if _has_nul(scope):
            return 400, "web.not_understood"
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > self._limit(scope):
            return 413, "web.too_large"
        return None

    def _is_ours(self, host: str) -> bool:
        """A page of another site cannot make itself ours by pointing its own name at this machine.

        Bound to the network, a plain address is as good as a name: it is nobody else's.
        """
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        known = {*LOOPBACK, self._settings.host.lower(), *(n.lower() for n in self._settings.names)}
        if name in known:
            return True
        return not self._settings.is_loopback and _is_address(name)

    def _limit(self, scope: Scope) -> int:
        # only files go to the disk; any other form is held in memory
        kind = Headers(scope=scope).get("content-type", "").lower()
        takes_files = scope["path"].startswith(UPLOADS) and kind.startswith("multipart/form-data")
        return self._settings.upload_bytes if takes_files else self._settings.form_bytes

    async def _refuse(
        self, refusal: tuple[int, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        status, code = refusal
        about = Headers(scope=scope).get("host", "")
        if code == "web.not_understood":
            about = scope["path"].replace("\0", "")
        words = text(code, self._settings.lang, value=about[:100])
        answer = PlainTextResponse(words, status, {"Connection": "close"})
        await answer(scope, receive, _dressed(scope, send))


def _same_origin(scope: Scope, headers: Headers, host: str) -> bool:
    """A browser says where a form comes from; what says nothing is no browser's form of ours.

    Programs (the API's users) send neither header; their requests carry a token of their own.
    """
    origin = headers.get("origin")
    if origin is not None:
        return origin == f"{scope['scheme']}://{host}"
    return headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def _has_nul(scope: Scope) -> bool:
    """No address of a page has one, and PostgreSQL holds none; the API looks for itself."""
    if scope["path"].startswith("/api/"):
        return False
    return (
        "\0" in scope["path"] or b"%00" in scope["query_string"] or b"\0" in scope["query_string"]
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _cookie(header: str, name: str) -> str:
    """A cookie of ours; what other programs on this host set beside it may be any text."""
    value = cookie_parser(header).get(name, "")
    return value if value.isascii() else ""


def _bounded(receive: Receive, limit: int) -> Receive:
    """``receive``, that stops a body which grows past ``limit`` whatever its headers said."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413)
        return message

    return bounded


def _dressed(scope: Scope, send: Send) -> Send:
    """``send``, with the headers of safety on every answer."""
    state = scope["state"]

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            state["answered"] = True
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Security-Policy", policy(state["nonce"]))
            headers.setdefault("Cache-Control", "no-store")
            headers["X-Content-Type-Options"] = "nosniff"
            headers["X-Frame-Options"] = "SAMEORIGIN"
            # not no-referrer: with it browsers hide the origin of our own forms too
            headers["Referrer-Policy"] = "same-origin"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
            if state["new_seat"] and headers.get("content-type", "").startswith("text/html"):
                secure = "; Secure" if state["secure"] else ""
                headers.append(
                    "Set-Cookie",
                    f"{SEAT_COOKIE}={state['seat']}; HttpOnly; SameSite=Strict; Path=/{secure}",
                )
        await send(message)

    return dressed

"""Pages from templates: everything escaped, every sentence from the catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, partial
from importlib import resources
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from landuse.messages import LANGUAGES, Lang, text
from landuse.web.security import csrf_token, known_user
from landuse.web.settings import Settings

__all__ = ["LANG_COOKIE", "Views", "static_url"]

LANG_COOKIE: Final = "landuse_lang"


@cache
def static_url(name: str) -> str:
    """Address of a file of ``static/`` with a mark of its content, so that it may be kept.

    Raises ``FileNotFoundError`` for a name that does not exist (a fault of ours).
    """
    source = resources.files(__package__).joinpath("static", *name.split("/"))
    return f"/static/{name}?{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"


def _as_text(value: object, lang: Lang) -> str:
    """Numbers with separators, nothing for what is missing; for use in cells.

    >>> [_as_text(one, "zh") for one in (1234.5, None, float("nan"), 7)]
    ['1,234.50', '', '', '7']
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return text("web.yes" if value else "web.no", lang)
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


class Views:
    """The templates of ``landuse/web/templates``; one environment, shared by all threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environment = Environment(
            loader=PackageLoader("landuse.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = static_url

    def lang(self, request: Request) -> Lang:
        """``?lang=``, else what was chosen before, else the setting."""
        for wished in (request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
            for known in LANGUAGES:
                if wished == known:
                    return known
        return self._settings.lang

    def page(
        self, request: Request, template: str, /, *, status: int = 200, **context: object
    ) -> HTMLResponse:
        """The template filled in, as a response.

        A template knows ``t("room.code", value=...)``, ``said("room", "group_", code)`` and
        ``word("group_", code)`` (of the room ``web``) for the words of a code, ``number(value)``,
        ``lang``, ``user`` (or ``None``), ``csrf`` (for forms and htmx), ``nonce``, ``here`` (the
        path), ``static(name)`` and what ``context`` gives.
        """
        html = self.fragment(request, template, **context)
        response = HTMLResponse(html, status)
        if request.query_params.get("lang") in LANGUAGES:
            lang = self.lang(request)
            response.set_cookie(LANG_COOKIE, lang, max_age=31_536_000, samesite="strict")
        return response

    def fragment(self, request: Request, template: str, /, **context: object) -> str:
        """The template filled in, as text."""
        lang = self.lang(request)
        shared: dict[str, Any] = {
            "lang": lang,
            "t": _speaking(lang),
            "word": partial(_said, lang, "web"),
            "said": partial(_said, lang),
            "number": partial(_as_text, lang=lang),
            "user": known_user(request),
            "csrf": csrf_token(request),
            "nonce": request.state.nonce,
            "here": request.url.path,
            "in_other_language": _in_other_language(request, lang),
        }
        return self._environment.get_template(template).render({**shared, **context})


def _in_other_language(request: Request, lang: Lang) -> str:
    """This very page in the other language, with its filter."""
    other = next(one for one in LANGUAGES if one != lang)
    return f"?{request.url.include_query_params(lang=other).query}"


def _said(lang: Lang, room: str, group: str, code: str) -> str:
    """The word for a code: the sentence ``room.group_code``; what has none stands as it is."""
    try:
        return text(f"{room}.{group}{code}", lang)
    except KeyError:
        return code


def _speaking(lang: Lang) -> Callable[..., str]:
    def speak(code: str, /, **values: object) -> str:
        return text(code, lang, **values)

    return speak

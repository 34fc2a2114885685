"""Refusals as programs get them: problem JSON (RFC 9457), each fault in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from landuse.issues import Issue
from landuse.messages import LANGUAGES

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["PROBLEM", "fault", "malformed", "problem"]

PROBLEM: Final = "application/problem+json"
_MISSING: Final = frozenset({"missing"})
_UNKNOWN: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument"})


def problem(
    issues: Sequence[Issue],
    status: int,
    lang: Lang = "zh",
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The faults as an answer: ``code`` is that of the first one, ``detail`` says it in words."""
    first = issues[0] if issues else Issue("web.not_understood")
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": first.code,
        "detail": first.message(lang),
        "errors": [fault(issue) for issue in issues],
    }
    return JSONResponse(content, status, dict(headers or {}), media_type=PROBLEM)


def fault(issue: Issue) -> dict[str, Any]:
    """One fault: its code, where it is, and its words in both languages."""
    return {
        "code": issue.code,
        "key": issue.key,
        "column": issue.column,
        "message": {lang: issue.message(lang) for lang in LANGUAGES},
        "hint": {lang: issue.hint(lang) for lang in LANGUAGES},
        "place": {lang: issue.place(lang) for lang in LANGUAGES},
    }


def malformed(errors: Sequence[Mapping[str, Any]]) -> list[Issue]:
    """What pydantic found wrong in a request; what was sent is not repeated."""
    return list({(one.code, one.column): one for one in map(_field, errors)}.values())


def _field(error: Mapping[str, Any]) -> Issue:
    place = [str(part) for part in error.get("loc", ())][1:]  # without body, query or path
    name, kind = ".".join(place)[:200] or "body", str(error.get("type", ""))
    if kind in _MISSING:
        return Issue("api.field_missing", column=name)
    if kind in _UNKNOWN:
        return Issue("api.field_unknown", column=name)
    said = str(error.get("msg", "")).encode("utf-8", "replace").decode()
    return Issue("api.field_wrong", column=name, values={"what": said})

"""Who may use which address, with what, for how long; and text that means harm."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from api_desk import API, RUN, Program, codes, plot, with_page, with_token
from docx import Document
from fastapi.routing import APIRoute
from httpx import Response
from served_site import AT, HOSTILE, Desk, words

from landuse.ledger import accounts
from landuse.schema.plot_filter import PlotFilter
from landuse.web import api_auth, security
from landuse.web.app import ROUTERS
from landuse.web.settings import ROLES

OPEN = {("GET", "/login"), ("POST", "/login"), ("POST", "/logout"), ("POST", f"{API}/login")}
"""Without a login there is only the login; leaving without a session leaves nothing."""
FOR_ALL = {("POST", f"{API}/logout")}
READ_BY_REVIEWERS = {"/batch", "/ledger/export"}
ADMINISTRATORS = {"/ledger/import", f"{API}/events/{{event_id}}/undo"}


def routes() -> list[tuple[str, str]]:
    found = [one for group in ROUTERS for one in group.routes]
    assert all(isinstance(one, APIRoute) for one in found), "a group that hides its addresses"
    named = [
        (method, route.path)
        for route in found
        if isinstance(route, APIRoute)
        for method in sorted(route.methods - {"HEAD"})
    ]
    assert len(named) == len(set(named)) > 60
    return named


def least(method: str, path: str) -> str:
    """The least role: reading is for all, writing for reviewers, but for what is listed above."""
    if any(path.startswith(one) for one in ADMINISTRATORS):
        return "administrator"
    if any(path.startswith(one) for one in READ_BY_REVIEWERS):
        return "reviewer"
    return "viewer" if method == "GET" or (method, path) in FOR_ALL else "reviewer"


def ask(desk: Desk, method: str, path: str, **more: Any) -> Response:
    where = re.sub(r"\{[^}]+\}", "1", path)
    return desk.client.request(method, where, follow_redirects=False, **more)


def test_nobody_reaches_anything_without_a_login(people: Callable[..., Desk]) -> None:
    desk = people()
    for method, path in routes():
        if (method, path) in OPEN:
            continue
        answer = ask(desk, method, path)
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/login"), (method, path)
        else:
            assert answer.status_code == 401, (method, path)
        if path.startswith((API, "/openapi")):
            assert codes(answer) == ["web.login_needed"]
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_it_may_and_nothing_else(people: Callable[..., Desk], role: str) -> None:
    """Every address of the application, pages and API, asked by each role with all its tokens."""
    desk = people()
    desk.log_in(role, f"{role} 2026 long")
    desk.get("/ledger")
    headers = {"X-CSRF-Token": desk.token}
    for method, path in routes():
        if (method, path) in OPEN | FOR_ALL:
            continue
        answer = ask(desk, method, path, headers=headers)
        refused = ROLES.index(role) < ROLES.index(least(method, path))  # type: ignore[arg-type]
        # what needs no form is looked for first where it is not there
        allowed = {403} if refused else {200, 303, 404, 409, 422}
        assert answer.status_code in allowed, (method, path, answer.status_code)
        assert answer.status_code != 500


def test_a_write_with_a_cookie_needs_the_token_of_this_page(people: Callable[..., Desk]) -> None:
    desk = people()
    other = desk.fresh()
    for one in (desk, other):
        one.log_in("reviewer", "reviewer 2026 long")
    mine, theirs = with_page(desk), with_page(other)
    assert mine.headers != theirs.headers
    for headers in ({}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": ""}, theirs.headers):
        answer = Program(desk, headers).give(1, "defer", comment="缓")
        assert (answer.status_code, codes(answer)) == (403, ["api.token_needed"])
    assert mine.get("/reviews").json() == []
    assert mine.give(1, "defer", comment="缓").status_code == 201
    writes = [one for one in routes() if one[1].startswith(API) and one[0] != "GET"]
    for method, path in writes:
        if (method, path) not in OPEN:
            assert ask(desk, method, path).status_code == 403, path


def test_the_local_user_needs_it_too(desk: Desk) -> None:
    """Else any page that a planner opens could write by way of this computer."""
    assert codes(Program(desk).give(1, "defer", comment="缓")) == ["api.token_needed"]
    program = with_page(desk)
    assert "HttpOnly" in desk.client.get(f"{API}/session").headers.get("set-cookie", "HttpOnly")
    assert program.give(1, "defer", comment="缓").status_code == 201


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_another_site_cannot_write_even_with_a_token(
    people: Callable[..., Desk], headers: dict[str, str]
) -> None:
    program = with_token(people(), "reviewer")
    program.headers |= headers
    assert program.give(1, "defer", comment="缓").status_code == 403
    program.headers = {**program.headers, "Host": "evil.example"}
    assert program.get("/runs").status_code == 400


def test_a_form_of_a_page_is_no_request_of_a_program(desk: Desk) -> None:
    """What a form can send without asking (text, form fields) is not read as JSON."""
    headers = with_page(desk).headers
    body = f'{{"parcel_id": "{plot(1)}", "verdict": "survey", "expected_revision": 0}}'.encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; b=c"):
        answer = desk.client.post(
            f"{API}/runs/{RUN}/reviews", content=body, headers={**headers, "Content-Type": kind}
        )
        assert answer.status_code == 422, kind


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Basic cmV2aWV3ZXI6eA==", "", "Bearer é", "x" * 9000],
)
def test_what_is_no_token_lets_nobody_in(people: Callable[..., Desk], header: str) -> None:
    desk = people()
    desk.log_in("reviewer", "reviewer 2026 long")  # nor does it fall back on the cookie
    answer = desk.client.get(f"{API}/runs", headers=[(b"Authorization", header.encode("latin-1"))])
    assert (answer.status_code, codes(answer)) == (401, ["web.login_needed"])


def test_a_token_ends_by_logging_out_and_with_its_account(people: Callable[..., Desk]) -> None:
    desk = people()
    first, second = with_token(desk, "reviewer"), with_token(desk, "reviewer")
    assert first.post("/logout").status_code == 204
    assert (first.get("/runs").status_code, second.get("/runs").status_code) == (401, 200)
    assert second.get("/session").json()["role"] == "reviewer"
    with desk.site.ledger().write() as session:
        accounts.set_role(session, "reviewer", "viewer", by="t", at=AT)
    assert second.give(1, "survey").status_code == 403
    with desk.site.ledger().write() as session:
        accounts.set_disabled(session, "reviewer", disabled=True, by="t", at=AT)
    assert second.get("/runs").status_code == 401


@pytest.mark.parametrize(("minutes", "step"), [(61, 61), (12 * 60 + 1, 59)])
def test_a_session_ends_when_idle_and_after_half_a_day(
    people: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, minutes: int, step: int
) -> None:
    """Idle for an hour, or used every hour for twelve: token and cookie alike."""
    desk = people()
    program = with_token(desk, "viewer")
    desk.log_in("viewer", "viewer 2026 long")
    begun = security.now()
    for gone in [*range(step, minutes, step), minutes]:
        at = begun + timedelta(minutes=gone)
        for module in (security, api_auth):
            monkeypatch.setattr(module, "now", lambda at=at: at)
        alive = 200 if gone < minutes else 401
        assert program.get("/runs").status_code == alive, gone
        assert desk.client.get(f"{API}/runs").status_code == alive, gone


def test_guessing_is_slowed_down_for_programs_too(people: Callable[..., Desk]) -> None:
    desk = people()

    def guess(password: str, name: str = "viewer") -> Response:
        return desk.client.post(f"{API}/login", json={"name": name, "password": password})

    wrong = [guess("wrong wrong wrong"), guess("wrong wrong wrong", "nobody at all")]
    assert wrong[0].json() == wrong[1].json()
    for _ in range(4):
        assert codes(guess("wrong wrong wrong")) == ["account.wrong"]
    locked = guess("viewer 2026 long")
    assert (locked.status_code, codes(locked)) == (401, ["account.locked"])
    assert desk.log_in("viewer", "viewer 2026 long").status_code == 403, "the page knows of it"
    assert with_token(desk, "reviewer").get("/runs").status_code == 200


def test_what_is_too_large_is_refused_before_it_is_read(serve: Callable[..., Desk]) -> None:
    desk = serve(form_bytes=2000)
    program = with_page(desk)
    answer = program.give(1, "survey", comment="长" * 1000)
    assert answer.status_code == 413
    assert program.get("/reviews").json() == []


@pytest.mark.parametrize(
    "trick",
    ["..%2f..%2fproject.toml", "one%00", "/etc/passwd", "C:%5c..\\one", "%ff", "a" * 5000,
     "'; DROP TABLE cases; --"],
)  # fmt: skip
def test_names_of_runs_meetings_and_cases_are_no_paths(desk: Desk, trick: str) -> None:
    for path in (
        f"{API}/runs/{trick}",
        f"{API}/runs/{trick}/plots",
        f"{API}/cases/{trick}",
        f"{API}/meetings/{trick}/minutes/docx",
        f"/runs/{trick}/review",
        f"/runs/{trick}/map",
        f"/runs/{trick}/files/results.xlsx",
        f"/runs/{RUN}/files/{trick}",
    ):
        answer = desk.client.get(path, follow_redirects=False)
        assert answer.status_code in {400, 404, 405, 422, 307}, (path, answer.status_code)
        assert "[project]" not in answer.text


def test_every_answer_of_the_api_bears_the_headers_of_safety(desk: Desk) -> None:
    nonces = set()
    for path in ("/api/v1/runs", "/api/v1/none", "/api/v1/cases/1", "/openapi.json"):
        headers = desk.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
        nonces.add(re.findall(r"'nonce-([\w-]+)'", headers["content-security-policy"])[0])
    assert len(nonces) == 4
    preflight = desk.client.options("/api/v1/runs", headers={"Origin": "http://127.0.0.1:8000"})
    assert preflight.status_code == 405


TEXTS = ["".join(HOSTILE), "=1+1", "@SUM(A1)", "+\u202e反\n第二行\t表"]


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_is_only_text_wherever_it_comes_out(
    desk: Desk, tmp_path: Path, text: str
) -> None:
    """In each field that a user fills in: itself in JSON and pages, and no formula in files."""
    program = with_page(desk)
    meeting = program.post("/meetings", title=text, run_id=RUN, filter="class=low_efficiency")
    number = meeting.json()["number"]
    assert meeting.json()["title"] == text.strip()
    line = program.give(1, "defer", comment=text, meeting=number).json()
    assert line["comment"] == text.strip()
    at, seen = f"/cases/{line['number']}", line["revision"]
    fields = dict.fromkeys(("notes", "problems", "progress", "address", "park"), text)
    case = program.post(at, "PATCH", **fields, why=text, expected_revision=seen).json()
    assert {case[name] for name in fields} == {text.strip()}
    unit = {"responsible_unit": text, "responsible_person": text}
    program.post(f"{at}/assignment", **unit, expected_revision=case["revision"])
    said = {"table": "parcels", "key": text, "column": "holder", "old": text, "new": "甲"}
    made = program.post("/objections", **said, reason=text).json()
    assert (made["reason"], made["new"]) == (text.strip(), "甲")
    search = program.get(f"/runs/{RUN}/plots", q=text)
    table = desk.site.plots(RUN)
    assert search.json()["total"] == table.filter(PlotFilter(text=text)).sum()
    for answer in (program.get(f"/runs/{RUN}/plot", parcel_id=plot(1)), program.get(at), search):
        assert answer.headers["content-type"] == "application/json"
    for path in ("/ledger", f"/runs/{RUN}/review", f"/runs/{RUN}/review/card"):
        page = desk.get(path, params={"plot": plot(1), "q": text})
        assert page.status_code == 200, path
        assert_harmless(page, text)
    _files_are_harmless(program, number, text, tmp_path)


class _Tags(HTMLParser):
    """What a browser would make of a page: its elements, their attributes."""

    def __init__(self, page: Response) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(page: Response, text: str) -> None:
    tags = _Tags(page).found
    assert len(tags) > 20
    assert "img" not in {tag for tag, _ in tags}
    assert all(attributes.get("nonce") for tag, attributes in tags if tag == "script")
    assert not [one for _, attributes in tags for one in attributes if one.startswith("on")]
    if "{{" in text:
        assert "{{7*7}}{% raw %}" in words(page)


def _files_are_harmless(program: Program, number: str, text: str, folder: Path) -> None:
    word = program.get(f"/meetings/{number}/minutes/docx").content
    (folder / "a.docx").write_bytes(word)
    document = Document(str(folder / "a.docx"))
    shown = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    wanted = "".join(text.split())[2:]  # what it begins with may have got a mark
    assert any(wanted in "".join(one.split()) for one in shown), shown
    sheet = program.get(f"/meetings/{number}/minutes/xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(sheet))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert any(wanted in "".join(str(cell.value).split()) for cell in cells)
    taken = program.desk.client.get("/ledger/export").content
    exported = openpyxl.load_workbook(io.BytesIO(taken))
    formulas = [
        cell.value
        for page in exported
        for row in page.iter_rows()
        for cell in row
        if cell.data_type == "f" and text.strip() in str(cell.value)
    ]
    assert formulas == []


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\x08", "\ufffe", "\ud800"])
def test_signs_that_no_document_holds_are_refused(desk: Desk, text: str) -> None:
    import json

    program = with_page(desk)
    form = {"parcel_id": plot(1), "verdict": "defer", "expected_revision": 0, "comment": text}
    answer = desk.client.post(
        f"{API}/runs/{RUN}/reviews",
        content=json.dumps(form),
        headers={**program.headers, "Content-Type": "application/json"},
    )
    assert (answer.status_code, codes(answer)) == (422, ["api.field_wrong"])
    assert text not in answer.text


def test_no_field_of_a_page_takes_a_sign_that_postgresql_cannot_hold(desk: Desk) -> None:
    """A fault of ours it would be there, before any login too."""
    desk.get("/ledger")
    told = desk.post("/login", {"name": "a\0b", "password": "x"})
    assert told.status_code == 422
    verdict = {"plot": plot(1), "verdict": "defer", "revision": "0", "comment": "a\0b"}
    assert desk.post(f"/runs/{RUN}/review/verdict", verdict).status_code == 422
    assert desk.post("/login", {"na\0me": "a"}).status_code == 422
    for path in (f"/runs/{RUN}/review/list?q=%00", "/ledger/export?park=a%00", "/runs/a%00/map"):
        assert desk.client.get(path).status_code == 400, path
    assert with_page(desk).get("/reviews").json() == []


def test_nobody_accepts_their_own_objection(people: Callable[..., Desk]) -> None:
    desk = people()
    said = {"table": "宗地", "key": plot(1), "column": "registered_area_mu", "old": "50",
            "new": "48.5", "reason": "证书为 48.5 亩"}  # fmt: skip
    own, chief = with_token(desk, "reviewer"), with_token(desk, "administrator")
    made = own.post("/objections", **said).json()
    at = f"/objections/{made['id']}/decision"
    for verdict in ("accept", "reject"):
        refused = own.post(at, verdict=verdict, why="属实")
        assert (refused.status_code, codes(refused)) == (403, ["api.own_objection"])
    assert own.get("/objections", status="proposed").json() == [made]
    assert chief.post(at, verdict="accept", why="属实").json()["decided_by"] == "administrator"
    assert own.post(at, verdict="withdraw", why="误报").json()["status"] == "withdrawn"

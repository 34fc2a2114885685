"""The wall before the pages, the login, and what each role may."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from served_site import HOSTILE, Desk, desk_at, make_project, words
from sqlalchemy import select

from landuse.ledger.review_models import Login
from landuse.web.app import ROUTERS


def test_the_list_of_runs_shows_them_the_runs_with_their_files(desk: Desk) -> None:
    page = desk.get("/runs")
    assert page.status_code == 200
    run = desk.site.runs()[0]
    assert run.name in words(page)
    assert f"/runs/{run.run_id}/files/results.xlsx" in page.text
    assert "王工 · 本机" in words(page)
    assert "内部资料" in words(page)


def test_only_scripts_with_the_nonce_of_this_answer_may_run(desk: Desk) -> None:
    first, second = desk.get("/runs"), desk.get("/runs")
    policy = first.headers["content-security-policy"]
    (nonce,) = re.findall(r"script-src 'nonce-([\w-]+)'", policy)
    assert nonce not in second.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    scripts = re.findall(r"<script[^>]*>", first.text)
    assert len(scripts) == 2
    assert all(f'nonce="{nonce}"' in script for script in scripts)
    assert not re.search(r"<[^>]+ (on\w+|style|hx-on[\w:-]*)=", first.text)
    assert '"allowEval":false' in first.text


@pytest.mark.parametrize("path", ["/", "/nothing", "/static/site.css", "/runs/none/map", "/login"])
def test_every_answer_bears_the_headers_of_safety(desk: Desk, path: str) -> None:
    headers = desk.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == (
        "public, max-age=31536000, immutable" if path.startswith("/static/") else "no-store"
    )


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil", "192.168.1.9", "[::1"]
)
def test_another_name_for_this_machine_is_refused(desk: Desk, host: str) -> None:
    """A page of evil.example that points its name at 127.0.0.1 must not read anything."""
    assert desk.client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_this_machine_may_be_called_by_its_own_names(desk: Desk, host: str) -> None:
    assert desk.client.get("/", headers={"Host": host}).status_code == 200


def test_on_a_network_addresses_and_declared_names_are_ours(people: Callable[..., Desk]) -> None:
    desk = people(host="0.0.0.0", names=("Land.example.gov.cn",))
    asked = {
        host: desk.client.get("/login", headers={"Host": host}).status_code
        for host in ("10.1.2.3:8000", "land.example.gov.cn", "evil.example")
    }
    assert asked == {"10.1.2.3:8000": 200, "land.example.gov.cn": 200, "evil.example": 400}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_origin_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    desk.get("/")
    answer = desk.post("/logout", headers=headers, follow_redirects=False)
    assert answer.status_code == 403
    assert "别的网站" in answer.text


def test_a_form_of_our_own_page_passes(desk: Desk) -> None:
    desk.get("/")
    own = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    assert desk.post("/logout", headers=own, follow_redirects=False).status_code == 303


def test_a_form_needs_the_token_of_this_browser(desk: Desk) -> None:
    desk.get("/")
    other = desk.fresh()
    other.get("/")
    assert other.token != desk.token
    for token in ("", "0" * 64, other.token, "é"):
        answer = desk.client.post("/logout", data={"csrf": token})
        assert answer.status_code == 403
        assert "已经过期" in answer.text
    as_header = {"X-CSRF-Token": desk.token}
    assert desk.client.post("/logout", headers=as_header, follow_redirects=False).status_code == 303


def test_a_strange_cookie_of_another_program_does_not_lock_anybody_out(desk: Desk) -> None:
    desk.get("/")
    seat = desk.client.cookies["landuse_seat"]
    headers = {"Cookie": f'other={{"a": "b c"}}; landuse_seat={seat}', "X-CSRF-Token": desk.token}
    answer = desk.client.post("/logout", headers=headers, follow_redirects=False)
    assert answer.status_code == 303


def test_what_is_too_large_is_not_read(serve: Callable[..., Desk]) -> None:
    desk = serve(form_bytes=1000, upload_bytes=3000)
    desk.get("/")
    token = {"csrf": desk.token}
    assert desk.client.post("/logout", data={**token, "x": "a" * 990}).status_code == 413
    unsaid = {"Content-Type": "application/x-www-form-urlencoded"}
    assert desk.client.post("/logout", content=_stream(400, 5), headers=unsaid).status_code == 413
    taken = {"files": ("a.csv", b"x" * 1500)}
    assert desk.client.post("/batch/upload", data=token, files=taken).status_code == 422
    memory = desk.client.post("/batch/upload", data={**token, "x": "a" * 1500})
    assert memory.status_code == 413, "a form without files is held in memory"
    large = {"files": ("a.csv", b"x" * 5000)}
    assert desk.client.post("/batch/upload", data=token, files=large).status_code == 413


def _stream(size: int, pieces: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(pieces):
        yield b"x" * size


def test_an_unknown_page_says_so_in_words(desk: Desk) -> None:
    page = desk.get("/nothing<b>")
    assert page.status_code == 404
    assert "没有这个页面或文件：/nothing<b>" in words(page)
    assert "<b>" not in page.text.replace("<b>内", "")


def test_a_fault_of_ours_shows_no_traceback(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(desk.site, "runs", broken)
    with caplog.at_level(logging.ERROR):
        page = desk.get("/")
    assert page.status_code == 500
    assert "程序内部错误（RuntimeError）" in words(page)
    assert "secret inside" not in page.text
    assert "Traceback" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "secret inside" in caplog.text


def test_htmx_gets_a_fault_as_a_fragment(desk: Desk) -> None:
    answer = desk.client.get("/runs/none/map", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert "没有编号为 none 的成果" in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    "name", ["run.json", "units.parquet", "../one/results.xlsx", "%2e%2e/project.toml", "x.xlsx"]
)
def test_a_run_gives_only_the_files_for_people(desk: Desk, name: str) -> None:
    run = desk.site.runs()[0].run_id
    assert desk.client.get(f"/runs/{run}/files/{name}").status_code == 404
    good = desk.client.get(f"/runs/{run}/files/results.xlsx")
    assert good.content == (desk.site.runs()[0].folder / "results.xlsx").read_bytes()
    assert good.headers["content-disposition"].startswith("attachment")


def test_the_map_stands_in_a_frame_of_ours_alone(desk: Desk) -> None:
    run = desk.site.runs()[0].run_id
    page = desk.client.get(f"/runs/{run}/map")
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("frame-ancestors 'self'")
    assert "default-src 'none'; script-src 'sha256-" in page.text
    again = desk.client.get(f"/runs/{run}/map")
    assert again.url == page.url, "drawn anew only after a change"
    for name in ("../x/map.html", "%2e%2e/x.json", "map-files/none.json", "run.json"):
        assert desk.client.get(f"{page.url.path.rpartition('/')[0]}/{name}").status_code in {
            404,
            422,
        }


def test_the_language_stays_as_chosen(desk: Desk) -> None:
    assert "Runs" in words(desk.get("/runs?lang=en"))
    assert "Runs" in words(desk.get("/runs"))
    assert "成果列表" in words(desk.get("/runs?lang=zh&a=1"))
    assert 'href="?lang=en&amp;a=1"' in desk.get("/runs?lang=zh&a=1").text.replace(
        "a=1&amp;lang=en", "lang=en&amp;a=1"
    )


def test_hostile_names_are_only_shown(tmp_path: Path) -> None:
    desk = desk_at(make_project(tmp_path / "p", "".join(HOSTILE).replace("'", "")))
    page = desk.get("/runs")
    for text in HOSTILE:
        assert text in words(page)
    assert "<img" not in page.text
    assert len(re.findall("<script", page.text)) == 2
    desk.site.close()


def test_a_proxy_before_a_server_without_accounts_ends_the_local_user(desk: Desk) -> None:
    """Else everybody behind it would be the administrator."""
    for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        answer = desk.client.get("/", headers={name: "1.2.3.4"}, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=%2F"


def test_with_accounts_every_page_asks_for_a_login(people: Callable[..., Desk]) -> None:
    desk = people()
    desk.get("/login")
    for path, method in _addresses():
        answer = desk.client.request(
            method, path, data={"csrf": desk.token}, follow_redirects=False
        )
        if method == "GET":
            assert (answer.status_code, answer.headers.get("location", "")[:12]) in {
                (303, "/login?next="), (401, ""),
            }, path  # fmt: skip
        else:
            assert answer.status_code in {303, 401, 403}, path
            assert answer.headers.get("location", "/login") == "/login", path
    fragment = desk.client.get("/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/login")


def test_every_form_needs_its_token(desk: Desk) -> None:
    posts = [(path, method) for path, method in _addresses() if method != "GET"]
    assert len(posts) >= 8
    for path, method in posts:
        answer = desk.client.request(method, path, follow_redirects=False)
        assert answer.status_code == 403, path


def _addresses() -> list[tuple[str, str]]:
    """Every address of the application with something in its places, but those of the login."""
    routes = [one for group in ROUTERS for one in group.routes if isinstance(one, APIRoute)]
    found = [
        (re.sub(r"\{[^}]+\}", "1", route.path), method)
        for route in routes
        for method in sorted(route.methods - {"HEAD"})
        if route.path not in {"/login", "/logout", "/api/v1/login"}
    ]
    assert len(found) >= 12
    return found


def test_logging_in_and_out(people: Callable[..., Desk]) -> None:
    desk = people()
    desk.get("/login?next=/ledger")
    seat = desk.token
    answer = desk.post(
        "/login",
        {"name": "reviewer", "password": "reviewer 2026 long", "next": "/ledger"},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/ledger")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie  # plain http; behind TLS it is set
    assert "reviewer · 审查" in words(desk.get("/"))
    assert desk.token != seat, "the token of the login page is worth nothing afterwards"
    stolen = desk.client.cookies["landuse_session"]
    assert desk.post("/logout").url.path == "/login"
    desk.client.cookies.set("landuse_session", stolen)
    assert desk.client.get("/").url.path == "/login", "the session ended in the ledger too"


def test_wrong_name_and_wrong_password_sound_alike(people: Callable[..., Desk]) -> None:
    desk = people()
    wrong = desk.log_in("reviewer", "nothing like it")
    unknown = desk.log_in("nobody<b>", "nothing like it")
    assert wrong.status_code == unknown.status_code == 403
    told = [
        re.findall(r'class="issue error">(.*?)</div>', one.text, re.DOTALL)
        for one in (wrong, unknown)
    ]
    assert told[0] == told[1] != []
    assert "nothing like it" not in wrong.text
    assert "<b>" not in unknown.text.split("<form")[-1]


def test_too_many_failures_close_the_door_for_a_while(people: Callable[..., Desk]) -> None:
    desk = people()
    for _ in range(5):
        desk.log_in("viewer", "wrong wrong wrong")
    answer = desk.log_in("viewer", "viewer 2026 long")
    assert answer.status_code == 403
    assert "分钟" in words(answer)


def test_the_address_of_a_login_is_what_a_declared_proxy_says(people: Callable[..., Desk]) -> None:
    desk = people(proxies=("testclient",), names=("land.example",))
    said = {
        "Host": "land.example",
        "X-Forwarded-For": "6.6.6.6, 10.0.0.7",
        "X-Forwarded-Proto": "https",
    }
    page = desk.client.get("/login", headers=said)
    token = re.search(r'name="csrf" content="(\w+)"', page.text)
    assert token is not None
    assert "Secure" in page.headers["set-cookie"]
    seat = re.search(r"landuse_seat=([\w-]+)", page.headers["set-cookie"])
    assert seat is not None
    answer = desk.client.post(
        "/login",
        data={"csrf": token[1], "name": "viewer", "password": "viewer 2026 long"},
        headers=[
            ("X-Forwarded-For", "7.7.7.7"),  # the caller's own line, before that of the proxy
            *said.items(),
            ("Origin", "https://land.example"),
            ("Cookie", f"landuse_seat={seat[1]}"),
        ],
        follow_redirects=False,
    )
    assert answer.status_code == 303
    assert "Secure" in answer.headers["set-cookie"]
    with desk.site.ledger().read() as session:
        assert session.scalars(select(Login.address)).all() == ["10.0.0.7"]


def test_what_an_undeclared_proxy_says_does_not_count(people: Callable[..., Desk]) -> None:
    desk = people()
    desk.get("/login")
    desk.post("/login", {"name": "viewer", "password": "x"}, headers={"X-Forwarded-For": "6.6.6.6"})
    with desk.site.ledger().read() as session:
        assert session.scalars(select(Login.address)).all() == ["testclient"]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", {"/", "/ledger"}),
        ("reviewer", {"/", "/ledger", "/batch", "/ledger/export"}),
        ("administrator", {"/", "/ledger", "/batch", "/ledger/export"}),
    ],
)
def test_each_role_sees_what_it_may(
    people: Callable[..., Desk], role: str, allowed: set[str]
) -> None:
    desk = people()
    desk.log_in(role, f"{role} 2026 long")
    statuses = {
        path: desk.get(path).status_code for path in ("/", "/ledger", "/batch", "/ledger/export")
    }
    assert statuses == {path: 200 if path in allowed else 403 for path in statuses}
    taken = desk.post("/ledger/import", files={"file": ("a.xlsx", b"")}).status_code
    assert taken == (422 if role == "administrator" else 403)


def test_tianditu_is_off_without_a_key(desk: Desk) -> None:
    assert desk.client.get("/tiles/tianditu/vec/3/6/2").status_code == 404


class _Answer:
    def __init__(self, kind: str, content: bytes) -> None:
        self.headers, self._kind, self._content = self, kind, content

    def __enter__(self) -> _Answer:
        return self

    def __exit__(self, *_: object) -> None: ...

    def get_content_type(self) -> str:
        return self._kind

    def read(self, _most: int) -> bytes:
        return self._content


def test_a_slow_map_service_holds_no_more_than_its_share(
    serve: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    from landuse.web import tianditu

    taken = threading.BoundedSemaphore(1)
    taken.acquire()  # somebody waits for the service already
    monkeypatch.setattr(tianditu, "_AT_ONCE", taken)
    monkeypatch.setattr(tianditu, "_PATIENCE", 0)
    monkeypatch.setattr(tianditu, "_fetch", lambda _: (b"png", "image/png"))
    desk = serve(tianditu_key="KEY1")
    assert desk.client.get("/tiles/tianditu/img/3/6/2").status_code == 503
    taken.release()
    for _ in range(2):  # each gives its place back
        assert desk.client.get("/tiles/tianditu/img/3/6/2").content == b"png"


def test_tianditu_gets_the_key_and_the_page_does_not(
    serve: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from landuse.web import tianditu

    asked: list[str] = []
    answers: list[Any] = [
        _Answer("image/png", b"png"),
        _Answer("text/html", b"no"),
        OSError("KEY1"),
    ]

    class _Opener:
        def open(self, request: Any, timeout: int) -> Any:
            asked.append(request.full_url)
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    monkeypatch.setattr(tianditu, "_OPENER", _Opener())
    desk = serve(tianditu_key="KEY1")
    good = desk.client.get("/tiles/tianditu/img/3/6/2")
    assert (good.content, good.headers["content-type"]) == (b"png", "image/png")
    assert asked == ["https://t0.tianditu.gov.cn/DataServer?T=img_w&x=6&y=2&l=3&tk=KEY1"]
    for _ in range(2):
        bad = desk.client.get("/tiles/tianditu/img/3/6/2")
        assert bad.status_code == 502
        assert "KEY1" not in bad.text
    assert "KEY1" not in caplog.text
    for path in ("nope/3/6/2", "img/3/8/2", "img/19/0/0", "img/3/-1/0", "img/a/0/0"):
        assert desk.client.get(f"/tiles/tianditu/{path}").status_code in {404, 422}
    assert len(asked) == 3
    assert "KEY1" not in repr(desk.client.app.state.deck.settings)  # type: ignore[attr-defined]

"""The bridge between the map in a frame and the page around it: who is heard, and who is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OUTER = """<!DOCTYPE html><meta charset="utf-8"><title>outer</title>
<iframe id="map" name="{name}" src="{address}" width="1200" height="700"></iframe>
<script>
window.heard = [];
window.addEventListener("message", event => heard.push(event.data));
window.tell = (data) => document.getElementById("map").contentWindow.postMessage(data, "*");
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is written to the terminal."""


@pytest.fixture
def site(tmp_path: Path, make_run) -> Iterator[str]:
    from landuse.publish.map import MapOptions, write_map

    write_map(make_run(), tmp_path / "map.html", options=MapOptions(served=True))
    write_map(make_run(), tmp_path / "file.html")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def outer(chromium: Any, tmp_path: Path, site: str, *, name: str, file: str = "map.html") -> Any:
    """The page around the map, and the map's frame when its script has run."""
    page = chromium.new_page()
    text = OUTER.format(name=name, address=f"{site}/{file}")
    (tmp_path / "outer.html").write_text(text, encoding="utf-8")
    page.goto(f"{site}/outer.html")
    frame = page.frames[1]
    frame.wait_for_selector(".legend tbody tr")
    return page, frame


def heard(page: Any, act: str) -> Any:
    """The last message of a kind, waited for."""
    for _ in range(250):
        found = page.evaluate("act => heard.filter(one => one.act === act).pop()", act)
        if found:
            return found
        page.wait_for_timeout(20)
    raise AssertionError(act)


def until(page: Any, frame: Any, condition: str) -> None:
    for _ in range(250):
        if frame.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(condition)


def test_list_and_map_are_in_step(chromium, tmp_path, site):
    page, frame = outer(chromium, tmp_path, site, name="landuse:abc")
    ready = heard(page, "ready")
    assert (ready["kind"], ready["token"], ready["count"]) == ("landuse", "abc", 12)
    tell = "([act, more]) => tell(Object.assign({kind: 'landuse', token: 'abc', act}, more))"
    page.evaluate(tell, ["filter", {"query": "class=normal"}])
    assert heard(page, "filtered") == {
        "kind": "landuse", "token": "abc", "act": "filtered",
        "query": "class=normal", "count": 6, "asked": True,
    }  # fmt: skip
    page.evaluate(tell, ["select", {"id": "350582001001GB00003"}])
    until(page, frame, "landuse.app.selected === 2")
    assert frame.locator("#card h2").inner_text() == "350582001001GB00003"
    # what the page itself asked for is not told back to it
    assert page.evaluate("heard.filter(one => one.act === 'selected').length") == 0
    frame.evaluate("landuse.app.select(1, false)")
    assert heard(page, "selected")["id"] == "350582001001GB00002"
    page.evaluate(tell, ["states", {"states": {"350582001001GB00002": "confirmed", "?": "x"}}])
    until(page, frame, "landuse.app.plots.state.values.includes('confirmed')")
    page.evaluate(tell, ["filter", {"query": "state=confirmed"}])
    until(page, frame, "landuse.app.mask && landuse.app.mask[1] === 1")
    assert frame.evaluate("landuse.app.mask.reduce((a, b) => a + b, 0)") == 1
    page.evaluate(tell, ["presenter", {"on": True}])
    until(page, frame, "document.documentElement.classList.contains('presenter')")
    page.evaluate(tell, ["layout", {"card": False, "head": False}])
    until(page, frame, "document.body.classList.contains('no-card')")
    assert frame.locator("#card").is_hidden()
    assert frame.locator("header").is_hidden()
    frame.locator(".folium-map").focus()
    page.keyboard.press("3")
    assert heard(page, "key")["key"] == "3"
    page.close()


@pytest.mark.parametrize(
    "message",
    [
        {"kind": "landuse", "token": "wrong", "act": "select", "id": "350582001001GB00003"},
        {"kind": "other", "token": "abc", "act": "select", "id": "350582001001GB00003"},
        {"kind": "landuse", "act": "select", "id": "350582001001GB00003"},
        {"kind": "landuse", "token": "abc", "act": "constructor"},
        "select",
        None,
    ],
)
def test_a_message_without_kind_token_or_act_is_not_heard(chromium, tmp_path, site, message):
    page, frame = outer(chromium, tmp_path, site, name="landuse:abc")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.evaluate("message => tell(message)", message)
    # a good message after it is heard: the bad one has been passed over by then
    page.evaluate("tell({kind: 'landuse', token: 'abc', act: 'filter', query: 'class=idle'})")
    heard(page, "filtered")
    assert frame.evaluate("landuse.app.selected") == -1
    assert errors == []
    page.close()


def test_a_page_of_another_origin_is_not_heard_and_told_nothing(chromium, tmp_path, site):
    foreign = site.replace("127.0.0.1", "localhost")
    page = chromium.new_page()
    text = OUTER.format(name="landuse:abc", address=f"{site}/map.html")
    (tmp_path / "outer.html").write_text(text, encoding="utf-8")
    page.goto(f"{foreign}/outer.html")
    frame = page.frames[1]
    frame.wait_for_selector(".legend tbody tr")
    page.evaluate("tell({kind: 'landuse', token: 'abc', act: 'filter', query: 'class=normal'})")
    frame.evaluate("new Promise(done => setTimeout(done, 50))")
    assert frame.evaluate("landuse.app.mask") is None
    assert page.evaluate("heard") == []
    page.close()


@pytest.mark.parametrize(("name", "file"), [("", "map.html"), ("landuse:abc", "file.html")])
def test_without_a_token_or_outside_the_server_there_is_no_bridge(
    chromium, tmp_path, site, name, file
):
    page, frame = outer(chromium, tmp_path, site, name=name, file=file)
    page.evaluate("tell({kind: 'landuse', token: '', act: 'filter', query: 'class=normal'})")
    page.evaluate("tell({kind: 'landuse', token: 'abc', act: 'filter', query: 'class=normal'})")
    frame.evaluate("new Promise(done => setTimeout(done, 50))")
    assert frame.evaluate("landuse.app.mask") is None
    assert page.evaluate("heard") == []
    page.close()

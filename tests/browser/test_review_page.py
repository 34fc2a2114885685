"""The review page in a browser: two at once, keys, the address, the presenter, a meeting."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pytest
from other_rooms import loaded
from served_pages import Heard, browsing, serving

pytestmark = pytest.mark.browser

FLAGGED = "350582001001GB00001"
NORMAL = "350582001001GB00002"


@dataclass
class Served(Heard):
    """A server of its own project, and every browser before it with what it asked and said."""

    site: Any = None

    def state(self, plot: str = FLAGGED) -> str:
        """The state of a plot's case in the ledger."""
        return str(self.site.cases().set_index("parcel_id")["state"].get(plot, ""))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    from landuse.pipeline.site import Site
    from landuse.web.app import create_app
    from landuse.web.settings import Settings

    project = loaded("web", "served_site").make_project(tmp_path / "县")
    site = Site(project, str(project.parent / "landuse.db"))

    def application(port: int) -> Any:
        return create_app(site, Settings(port=port, recorder="王工"))

    with serving(application) as (address, _):
        yield Served(address, site=site)


@pytest.fixture
def browse(chromium: Any, served: Served) -> Iterator[Callable[..., Any]]:
    """Open an address in a browser of its own; when all is done nothing may have complained."""

    def ready(page: Any) -> None:
        page.frames[1].wait_for_selector(".legend tbody tr", state="attached")

    with browsing(chromium, served, ready) as opened:
        yield opened


def until(page: Any, condition: str, frame: Any = None) -> None:
    """Wait for a condition of the page; its policy forbids playwright's own way (``eval``)."""
    for _ in range(500):
        if (frame or page).evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(condition)


def shown(page: Any, plot: str) -> Any:
    """The card of a plot, waited for."""
    page.wait_for_selector(f'#card article[data-plot="{plot}"]')
    return page.locator("#card article")


def codes(page: Any) -> list[str]:
    return [code[-2:] for code in page.locator("#plots tr[data-plot]").evaluate_all(
        "rows => rows.map(row => row.dataset.plot)")]  # fmt: skip


def query(page: Any) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(page.url).query)


def test_list_map_and_card_are_in_step(served: Served, browse: Callable[..., Any]) -> None:
    page = browse("/runs/0000000258/review")
    frame = page.frames[1]
    page.locator(f'tr[data-plot="{NORMAL}"]').click()
    shown(page, NORMAL)
    selected = "landuse.app.selected < 0 ? '' : landuse.app.plots.id[landuse.app.selected]"
    until(page, f"({selected}) === '{NORMAL}'", frame)
    assert ("plot", NORMAL) in query(page)
    frame.evaluate(f"landuse.app.select(landuse.app.plotOf('{FLAGGED}'), false)")
    shown(page, FLAGGED)
    assert page.locator("#plots tr[aria-current]").get_attribute("data-plot") == FLAGGED
    page.reload()
    shown(page, FLAGGED)


def test_the_address_carries_the_filter(served: Served, browse: Callable[..., Any]) -> None:
    page = browse("/")
    assert codes(page) == ["01"]
    frame = page.frames[1]
    until(page, "landuse.app.mask && landuse.app.mask.reduce((a, b) => a + b, 0) === 1", frame)
    page.locator("#clear").click()
    until(page, "document.querySelectorAll('#plots tr').length === 12")
    assert query(page) == []
    page.locator('[data-kind="class"] summary').click()
    page.locator('.tick input[value="normal"]').check()
    until(page, "document.querySelectorAll('#plots tr').length === 6")
    page.locator('[name="q"]').fill("持有人3")
    until(page, "document.querySelectorAll('#plots tr').length === 1")
    assert query(page) == [("q", "持有人3"), ("class", "normal")]
    until(page, "landuse.app.mask.reduce((a, b) => a + b, 0) === 1", frame)
    again = browse(page.url.removeprefix(served.address))
    assert codes(again) == ["03"]
    assert again.locator('[name="q"]').input_value() == "持有人3"
    assert again.locator('.tick input[value="normal"]').is_checked()
    page.go_back()
    page.wait_for_selector("#plots tr:nth-child(6)", state="attached")
    assert query(page) == [("class", "normal")]
    page.frames[1].wait_for_selector(".legend tbody tr", state="attached")
    # a filter that is set in the map is the page's too
    page.frames[1].evaluate("landuse.app.setFilter(landuse.readFilter('class=low_efficiency'))")
    until(page, "document.querySelectorAll('#plots tr').length === 1")
    assert query(page) == [("class", "low_efficiency")]
    assert page.locator('.tick input[value="low_efficiency"]').is_checked()


def test_a_verdict_by_the_keyboard_alone(served: Served, browse: Callable[..., Any]) -> None:
    page = browse("/runs/0000000258/review?class=normal&class=low_efficiency")
    page.keyboard.press("j")
    shown(page, FLAGGED)
    page.keyboard.press("j")
    shown(page, NORMAL)
    page.keyboard.press("k")
    shown(page, FLAGGED)
    page.keyboard.press("4")
    assert page.locator("#verdict-defer").is_visible()
    page.keyboard.type("12 缺材料 jk")  # keys are text while somebody types
    assert page.locator("#verdict-defer textarea").input_value() == "12 缺材料 jk"
    page.keyboard.press("Enter")
    page.wait_for_selector("#card .done")
    assert served.state() == "deferred"
    row = page.locator(f'tr[data-plot="{FLAGGED}"] .state')
    until(
        page, f"document.querySelector('tr[data-plot=\"{FLAGGED}\"] .state').textContent === '暂缓'"
    )
    assert row.get_attribute("class") == "state s-deferred"
    frame = page.frames[1]
    place = f"landuse.app.plotOf('{FLAGGED}')"
    until(page, f"landuse.textAt(landuse.app.plots.state, {place}) === 'deferred'", frame)
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    page.wait_for_selector("#card .undone")
    assert served.state() == "suspected"
    page.keyboard.press("5")  # no objection to a suspicion: the key does nothing
    assert page.locator("form.verdict:visible").count() == 0
    page.keyboard.press("1")
    assert page.locator("#verdict-confirm").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("form.verdict:visible").count() == 0
    page.keyboard.press("/")
    page.keyboard.type("1")
    assert page.locator('[name="q"]').input_value() == "1"


def test_two_browsers_at_once(served: Served, browse: Callable[..., Any]) -> None:
    """The second sees the change within seconds; what it typed meanwhile stays, and is refused."""
    first, second = (browse(f"/runs/0000000258/review?plot={FLAGGED}") for _ in range(2))
    for page in (first, second):
        shown(page, FLAGGED)
    second.locator('.key[data-verdict="reject"]').click()
    second.locator("#verdict-reject textarea").fill("写了一半")
    first.locator('.key[data-verdict="defer"]').click()
    first.locator("#verdict-defer textarea").fill("先放一放")
    first.locator("#verdict-defer button.main").click()
    first.wait_for_selector("#card .done")
    second.wait_for_selector("#notice.told")
    assert "王工" in second.locator("#notice").inner_text()
    assert second.locator("#verdict-reject textarea").input_value() == "写了一半"
    state = f"document.querySelector('tr[data-plot=\"{FLAGGED}\"] .state').textContent"
    until(second, f"{state} === '暂缓'")
    second.locator("#verdict-reject button.main").click()
    second.wait_for_selector("#messages .issue")
    assert "王工" in second.locator("#messages").inner_text()
    assert served.state() == "deferred"
    assert [one for one in served.complaints if "409" in one], "the browser tells of the refusal"
    served.complaints.clear()
    second.locator("#notice button").click()
    second.wait_for_selector("#card .reviews li")
    assert "先放一放" in second.locator("#card .reviews").inner_text()


def test_the_presenter_hides_codes_persons_and_money(
    served: Served, browse: Callable[..., Any]
) -> None:
    page = browse(f"/runs/0000000258/review?plot={FLAGGED}")
    card = shown(page, FLAGGED)
    assert "91350582000000001X" in card.inner_text()
    assert "600 万元" in card.inner_text()
    before = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.why')).fontSize)")
    page.keyboard.press("p")
    said = page.locator("body").inner_text()
    for hidden in ("91350582000000001X", "600 万元", "王工"):
        assert hidden not in said
    assert FLAGGED in said
    after = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.why')).fontSize)")
    assert after > 1.12 * before
    on = "document.documentElement.classList.contains('presenter')"
    until(page, on, page.frames[1])
    page.keyboard.press("w")
    assert page.locator("td.c-main_uscc").first.is_hidden()
    assert page.locator("td.c-margin").first.is_visible()
    page.keyboard.press("p")
    assert page.locator("td.c-main_uscc").first.is_visible()


def test_a_meeting_from_the_agenda_to_the_minutes(
    served: Served, browse: Callable[..., Any]
) -> None:
    page = browse("/runs/0000000258/review?class=normal&class=low_efficiency")
    page.locator("#meeting summary").click()
    page.locator("#meeting [name=title]").fill("七月会审")
    page.locator("#meeting button.main").click()
    page.wait_for_selector("#progress")
    assert page.locator("#progress").inner_text() == "0 / 7"
    page.frames[1].wait_for_selector(".legend tbody tr", state="attached")
    page.keyboard.press("j")
    shown(page, FLAGGED)
    page.keyboard.press("4")
    page.keyboard.type("再议")
    page.keyboard.press("Enter")
    until(page, "document.getElementById('progress').textContent === '1 / 7'")
    page.locator("#meeting summary").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#meeting button.main").click()
    page.wait_for_url("**/meetings/**")
    assert "再议" in page.locator("main").inner_text()
    with page.expect_download() as download:
        page.locator('a[href$="minutes.xlsx"]').click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    sums = {row[0]: row[3] for row in book["汇总"].iter_rows(min_row=3, values_only=True)}
    assert sums["合计"] == 50.0


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)])
def test_everything_is_on_the_screen(
    served: Served, browse: Callable[..., Any], size: tuple[int, int]
) -> None:
    page = browse(f"/runs/0000000258/review?plot={FLAGGED}",
                  viewport={"width": size[0], "height": size[1]})  # fmt: skip
    shown(page, FLAGGED)
    fits = "document.documentElement.scrollHeight <= innerHeight && scrollX === 0"
    assert page.evaluate(fits)
    boxes = [page.locator(one).bounding_box() for one in ("#list", "#map", "#card", ".bench")]
    assert all(box["y"] + box["height"] <= size[1] + 1 for box in boxes)
    assert boxes[1]["width"] > 0.4 * size[0], "the map keeps its place"
    inner = page.frames[1].evaluate("document.querySelector('.folium-map').clientHeight")
    assert abs(inner - boxes[1]["height"]) < 2

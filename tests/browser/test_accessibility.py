"""No serious fault of accessibility on the map and on any served page, as axe-core finds them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from other_rooms import loaded
from served_pages import serving

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
AXE = next((ROOT / "tests" / "vendor").glob("axe-core-*/axe.min.js"))
WIDE = {"width": 1600, "height": 900}
GRAVE = ("serious", "critical")
RUN = """() => axe.run(document, { iframes: false }).then((found) => {
  const said = found.violations.map((one) => [one.impact, one.id,
    one.nodes.map((node) => node.target.join(" ") + ": " + node.failureSummary)]);
  // Over the map axe-core cannot tell what stands behind a word: it is the nearest filled ancestor.
  const read = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const over = (ink, ground) => [0, 1, 2].map((at) => {
    const opacity = ink.length < 4 ? 1 : ink[3];
    return ink[at] * opacity + ground[at] * (1 - opacity);
  });
  const light = (colour) => colour.map((part) => {
    const value = part / 255;
    return value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }).reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    return over(read(getComputedStyle(element).backgroundColor), ground(element.parentElement));
  };
  const faint = [];
  let looked = 0;
  for (const one of found.incomplete.filter((one) => one.id === "color-contrast")) {
    for (const node of one.nodes) {
      const element = document.querySelector(node.target[0]);
      if (!element || element.closest("svg, [disabled]")) continue;
      const style = getComputedStyle(element), behind = ground(element);
      const pair = [light(over(read(style.color), behind)), light(behind)].sort((a, b) => b - a);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      looked += 1;
      if ((pair[0] + 0.05) / (pair[1] + 0.05) < (large ? 3 : 4.5)) faint.push(node.target[0]);
    }
  }
  if (faint.length) said.push(["serious", "faint", faint]);
  return { said, looked, passed: found.passes.length };
})"""


@contextlib.contextmanager
def served(project: Path) -> Iterator[str]:
    """The pages of a project, at a free port."""
    from landuse.pipeline.site import Site
    from landuse.web.app import create_app
    from landuse.web.settings import Settings

    site = Site(project, str(project.parent / "landuse.db"))

    def application(port: int) -> Any:
        return create_app(site, Settings(port=port, recorder="王工"))

    with serving(application) as (address, _):
        yield address


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sample county with its run and its ledger, served."""
    from landuse.cli import main

    folder = tmp_path_factory.mktemp("无障碍") / "示例"
    assert main(["demo", str(folder)]) == 0
    with served(folder / "project.toml") as place:
        yield place


@pytest.fixture(scope="module")
def page(chromium: Any, address: str) -> Iterator[Any]:
    context = chromium.new_context(viewport=WIDE, base_url=address, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def grave(page: Any) -> list[str]:
    """What is serious or critical on a page or in a frame as it is now."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found = page.evaluate(RUN)
    assert found["passed"] > 10  # it did look
    return [
        f"{impact} {rule}: {place}"
        for impact, rule, places in found["said"]
        for place in places
        if impact in GRAVE
    ]


def review(page: Any) -> Any:
    """Open the review page; its map's frame once it is drawn."""
    page.goto("/")
    frame = page.frames[1]
    frame.wait_for_selector(".legend tbody tr", state="attached")
    return frame


def run_of(page: Any) -> str:
    """The run that the first page shows."""
    review(page)
    return str(page.url.split("/runs/")[1].split("/")[0])


def open_all(page: Any, inside: str = "", *, closed: bool = False) -> None:
    """Open (or close) everything that folds."""
    page.evaluate(
        "([inside, open]) => document.querySelectorAll(inside + ' details').forEach((one) => {"
        " one.open = open; })",
        [inside, not closed],
    )


def test_the_reader_sees_faults(page):
    page.goto("/ledger")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
          "<img src='data:,'><p class=pale>pale words</p>"
          + "<p class=covered>pale words</p><canvas class=cover></canvas><input>")"""
    )
    page.evaluate(
        """() => {
          const ink = (name, colour) => {
            const one = document.querySelector(name);
            one.style.color = colour;
            return one;
          };
          ink(".pale", "#bbbbbb");
          const at = ink(".covered", "#bbbbbb").getBoundingClientRect();
          Object.assign(document.querySelector(".cover").style, {position: "absolute",
            left: at.left + "px", top: at.top + window.scrollY + "px", width: "300px"});
        }"""
    )
    found = grave(page)
    for rule in ("image-alt", "color-contrast", "label", "faint"):
        assert any(f" {rule}: " in one for one in found), (rule, found)
    assert any(" faint: " in one and "covered" in one for one in found)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["/runs", "/meetings", "/batch", "/batch/project", "/ledger", "/no-page"]
)
def test_a_served_page(page, path, lang):
    page.goto(f"{path}?lang={lang}")
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if lang == "zh" else "en")
    assert grave(page) == []


def test_the_login_page(chromium, tmp_path):
    from landuse.ledger import accounts, open_ledger

    desk = loaded("web", "served_site")
    project = desk.make_project(tmp_path / "县")
    with open_ledger(project.parent / "landuse.db") as ledger, ledger.write() as session:
        accounts.create(session, "张三", "viewer", "eine lange Parole", by="t", at=desk.AT)
    with served(project) as place:
        page = chromium.new_page(base_url=place)
        page.goto("/")
        page.fill('input[name="name"]', "张三")
        page.fill('input[name="password"]', "a wrong password")
        assert grave(page) == []
        page.click("main button.main")
        page.wait_for_selector(".issue")
        assert grave(page) == []
        page.context.close()


def test_the_charts(page):
    page.goto(f"/runs/{run_of(page)}/charts?lang=zh")
    assert page.locator(".charts svg").count() >= 3
    assert grave(page) == []


def test_the_review_page_in_every_state(page):
    page.goto("/?lang=zh")
    frame = review(page)
    assert grave(page) == []
    page.keyboard.press("j")
    page.wait_for_selector("#card article")
    open_all(page, "#card")
    assert grave(page) == []
    page.keyboard.press("2")
    page.wait_for_selector("#verdict-reject")
    open_all(page)
    assert page.locator("details.menu[open]").count() >= 5
    assert grave(page) == []
    open_all(page, closed=True)
    page.locator("#wide").click()
    assert grave(page) == []
    page.locator("#wide").click()
    page.locator("#presenter").click()
    assert grave(page) == []
    for _ in range(250):
        if frame.evaluate("document.documentElement.className.includes('presenter')"):
            break
        page.wait_for_timeout(20)
    assert grave(frame) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_map_in_every_state(page, lang):
    run = run_of(page)
    page.goto(f"/runs?lang={lang}")
    page.goto(f"/runs/{run}/map")
    page.wait_for_selector(".legend tbody tr")
    assert grave(page) == []
    page.evaluate("landuse.app.select(0, true)")
    page.wait_for_selector("#card:not([hidden])")
    open_all(page)
    assert grave(page) == []
    page.fill("#search-text", "园")
    page.wait_for_selector("#search-hits li")
    assert grave(page) == []
    page.fill("#search-text", "")
    page.evaluate("landuse.app.setFilter(landuse.readFilter('class=low_efficiency'))")
    assert grave(page) == []


def test_the_steps_of_a_batch(page):
    page.goto("/batch?lang=zh")
    files = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        for _, (name, content) in loaded("web", "small_county").files()
    ]
    page.set_input_files('input[name="files"]', files)
    page.fill('input[name="year"]', "2025")
    page.click("main form button.main")
    page.wait_for_selector('button[value="check"]')
    open_all(page)
    assert page.locator("fieldset table select").count() > 5
    assert grave(page) == []
    page.click('button[value="check"]')
    page.wait_for_selector(".steps li:nth-child(3)[aria-current]")
    page.wait_for_selector("main section:not([hx-trigger])")
    assert grave(page) == []


def test_a_meeting(page):
    review(page)
    menu = page.locator("#meeting details")
    menu.locator("summary").click()
    menu.locator('input[name="title"]').fill("第一次会商")
    menu.locator("button.main").click()
    page.wait_for_selector("#meeting #progress")
    page.locator("#meeting summary").click()
    assert grave(page) == []
    page.locator("#meeting .sheet a").click()
    page.wait_for_selector("main .counts")
    assert grave(page) == []
    page.goto("/meetings")
    assert page.locator("main tbody tr").count() == 1
    assert grave(page) == []


def test_the_preview_of_an_import(page):
    page.goto("/ledger")
    book = openpyxl.load_workbook(io.BytesIO(page.request.get("/ledger/export").body()))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "责任单位" for cell in row))
    place = {cell.value: cell.column for cell in head}
    sheet.cell(head[0].row + 1, place["责任单位"]).value = "经信局"
    sheet.cell(head[0].row + 2, place["当前状态"]).value = "销号"  # not from here: refused
    out = io.BytesIO()
    book.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    given = {"name": "台账.xlsx", "mimeType": kind, "buffer": out.getvalue()}
    page.set_input_files('input[name="file"]', given)
    page.locator('form[action="/ledger/import"] button.main').click()
    page.wait_for_selector(".wrong")
    assert page.locator("button[data-ask]").count() == 1
    assert grave(page) == []


def test_the_lists_of_the_map_of_two_runs_can_be_scrolled_by_keys(open_map, make_run):
    run = make_run()  # loads the county that the module builds on
    earlier = loaded("publish", "map_ledger").earlier()
    shown = open_map(run, second=earlier)
    open_all(shown.page)
    assert shown.page.locator(".moved ol").count() >= 1
    # long enough to scroll, as in a real county
    shown.page.evaluate(
        """() => document.querySelectorAll(".moved ol").forEach((list) => {
          for (let at = 0; at < 60; at += 1) list.append(document.createElement("li"));
          list.lastChild.textContent = "one more";
          list.querySelectorAll("button, a").forEach((one) => one.remove());
        })"""
    )
    assert grave(shown.page) == []

"""Pages of parks in a browser: silent, at home, on any screen, by keys, and on paper."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from other_rooms import loaded
from served_pages import Heard, browsing, serving

pytestmark = pytest.mark.browser

AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-core-*/axe.min.js"))
PARK = "青石工业园"
SCREENS = {"telephone": (360, 740), "office": (1366, 768), "projector": (1920, 1080)}
GRAVE = """() => axe.run(document).then((found) => found.violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => [one.id, one.nodes.map((node) => node.target.join(" "))]))"""


@dataclass
class Served(Heard):
    """A server of the sample county, and what browsers before it asked and said."""

    firm: str = ""

    def pages(self) -> dict[str, str]:
        """One of each kind."""
        at_park = loaded("web", "park_sites").at_park
        return {
            "parks": "/parks",
            "park": at_park(PARK),
            "enterprises": "/enterprises",
            "near": "/enterprises?list=near_the_line",
            "enterprise": f"/enterprises/{self.firm}",
            "promises": "/promises",
        }


@pytest.fixture(scope="module")
def served(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from landuse.cli import main
    from landuse.pipeline.site import Site
    from landuse.web.app import create_app
    from landuse.web.settings import Settings

    for name in ("small_county", "served_site"):
        loaded("web", name)
    sites = loaded("web", "park_sites")
    project = sites.copy_sample(sample, tmp_path_factory.mktemp("county") / "县")
    database = str(project.parent / "landuse.db")
    taken = [str(project.parent / "disposed.xlsx"), "--new", "--yes", "--by", "t"]
    assert main(["ledger", "import", *taken, "--project", str(project), "--db", database]) == 0
    sites.add_run(project)
    site = Site(project, database)

    def application(port: int) -> Any:
        return create_app(site, Settings(port=port, recorder="王工"))

    with serving(application) as (address, app):
        promises = app.state.deck.parks.figures(patience=120).book.promises
        firm = promises.loc[promises["verdict"].isin(["broken", "partly"]), "uscc"].iloc[0]
        yield Served(address, firm=str(firm))
    site.close()


@pytest.fixture
def browse(chromium: Any, served: Served) -> Iterator[Callable[..., Any]]:
    """Open an address; when all is done nothing may have complained or asked elsewhere."""
    with browsing(chromium, served, lambda page: page.wait_for_selector(".rooms")) as opened:
        yield opened


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_fits_the_screen(
    served: Served, browse: Callable[..., Any], screen: str
) -> None:
    wide, high = SCREENS[screen]
    for name, path in served.pages().items():
        page = browse(path, viewport={"width": wide, "height": high})
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, name
        # no word is set letter under letter, however narrow the screen
        lines = """Array.from(document.querySelectorAll("tbody th")).filter((one) =>
          one.textContent.trim().length > 2 && one.clientWidth < 40).length"""
        assert page.evaluate(lines) == 0, name
        small = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert small >= (19 if screen == "projector" else 16), name
        page.context.close()


def test_no_page_has_a_grave_fault_of_accessibility(
    served: Served, browse: Callable[..., Any]
) -> None:
    # the page's own policy forbids scripts of others: only this one may read it
    few = {"enterprises": "/enterprises?q=91339901MA2", "near": "/enterprises?list=chains"}
    for name, path in (served.pages() | few).items():
        page = browse(path, bypass_csp=True)
        page.add_script_tag(path=str(AXE))
        assert page.evaluate(GRAVE) == [], name
        page.context.close()


def test_a_park_is_opened_by_keys(served: Served, browse: Callable[..., Any]) -> None:
    page = browse("/parks")
    for _ in range(60):
        page.keyboard.press("Tab")
        target = page.evaluate("document.activeElement.getAttribute('href') || ''")
        if unquote(target).startswith("/parks/"):
            break
    assert unquote(target).startswith("/parks/")
    page.keyboard.press("Enter")
    page.wait_for_selector("#land table")
    assert unquote(page.url).removeprefix(served.address) == unquote(target)


def test_the_period_changes_with_its_box(served: Served, browse: Callable[..., Any]) -> None:
    page = browse(served.pages()["park"])
    before = page.inner_text("#economy table")
    page.select_option("#economy select", "2025-H1")
    page.wait_for_url("**period=2025-H1*")
    page.wait_for_selector("#economy table")
    assert page.inner_text("#economy table") != before


def _printed(page: Any, path: Path) -> list[str]:
    """The pages of a print as text."""
    path.write_bytes(page.pdf(prefer_css_page_size=True))
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine (Debian: apt install poppler-utils)")
    told = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True
    ).stdout.decode()
    return [one for one in told.split("\f") if one.strip()]


def test_a_park_prints_on_a4_without_the_bar_of_the_page(
    served: Served, browse: Callable[..., Any], tmp_path: Path
) -> None:
    page = browse(served.pages()["park"])
    sheets = _printed(page, tmp_path / "park.pdf")
    size = subprocess.run(
        ["pdfinfo", str(tmp_path / "park.pdf")], capture_output=True, check=True
    ).stdout.decode()
    assert "A4" in size
    whole = "".join(sheets)
    assert "内部资料" in whole
    for word in ("导入与运行", "打印", "English", "跳到正文"):
        assert word not in whole
    for word in ("土地账", "集约利用指标", "标准厂房", "承诺履行", "数据矛盾"):
        assert word in whole
    page.emulate_media(media="print")
    inks = page.evaluate(
        """Array.from(new Set(Array.from(document.querySelectorAll("td, th, h1, h2, a"))
          .filter((one) => one.offsetParent)
          .map((one) => getComputedStyle(one).color)))"""
    )
    assert set(inks) <= {"rgb(0, 0, 0)", "rgb(51, 51, 51)"}


def test_a_long_table_repeats_its_headings_and_cuts_no_row(
    served: Served, browse: Callable[..., Any], tmp_path: Path
) -> None:
    page = browse(served.pages()["enterprises"])
    sheets = _printed(page, tmp_path / "list.pdf")
    assert len(sheets) > 1
    assert all("企业名称" in sheet.replace(" ", "") for sheet in sheets)
    page.emulate_media(media="print")
    kept = page.evaluate(
        """Array.from(document.querySelectorAll("tbody tr"))
          .every((one) => getComputedStyle(one).breakInside === "avoid")"""
    )
    assert kept

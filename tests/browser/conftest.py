"""A headless Chromium of the system, driven by playwright, that counts what it asks for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from other_rooms import loaded

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def make_run() -> Callable[..., Any]:
    return loaded("publish", "publish_county").make_run


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A map in the browser, with all that it asked for and all that it complained of."""

    page: Any
    run: Any
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def at(self, plot: int) -> tuple[float, float]:
        """Where a plot's middle is on the screen."""
        x, y = self.page.evaluate(
            """plot => {
              const app = landuse.app, box = landuse.extent(app.shapes, [plot]);
              const point = app.map.latLngToContainerPoint(landuse.bounds(box).getCenter());
              const frame = app.map.getContainer().getBoundingClientRect();
              return [frame.left + point.x, frame.top + point.y];
            }""",
            plot,
        )
        return x, y

    def click(self, plot: int) -> None:
        """Click on a plot as a person does."""
        self.page.mouse.click(*self.at(plot))

    def colour(self, plot: int) -> tuple[int, ...]:
        """Red, green, blue and opacity that the canvas has in the middle of a plot."""
        x, y = self.at(plot)
        found = self.page.evaluate(
            """([x, y]) => {
              const canvas = document.querySelector("canvas.landuse-plots");
              const frame = canvas.getBoundingClientRect(), ratio = canvas.width / frame.width;
              const at = [(x - frame.left) * ratio, (y - frame.top) * ratio];
              const probe = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
              const context = probe.getContext("2d", {willReadFrequently: true});
              context.drawImage(canvas, Math.floor(at[0]), Math.floor(at[1]), 1, 1, 0, 0, 1, 1);
              return Array.from(context.getImageData(0, 0, 1, 1).data);
            }""",
            [x, y],
        )
        return tuple(found)

    def clean(self) -> bool:
        """Nothing asked for but the file itself, no complaint, no foreign script run."""
        assert self.complaints == []
        assert self.requests == [self.address.partition("#")[0]]
        assert self.page.evaluate("typeof window.hacked") == "undefined"
        return True


@pytest.fixture
def open_map(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Write the map of a run and open it from disk, in a window of a projector's size."""
    from landuse.publish.map import MapOptions, write_map

    contexts = []

    def opened(
        run: Any,
        lang: str = "zh",
        *,
        cases: Any = None,
        second: Any = None,
        at: str = "",
        wish: dict[str, Any] | None = None,
        **options: Any,
    ) -> Opened:
        path = tmp_path / "示范 地图.html"
        wanted = MapOptions(lang=lang, second=second, **(wish or {}))
        write_map(run, path, options=wanted, cases=cases)
        context = chromium.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})
        contexts.append(context)
        shown = Opened(context.new_page(), run, path.as_uri() + at)
        context.on("request", lambda request: shown.requests.append(request.url))
        shown.page.on("console", lambda said: shown.complaints.append(said.text))
        shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        shown.page.goto(shown.address)
        assert shown.page.evaluate("Boolean(window.landuse && landuse.app)"), shown.complaints
        return shown

    yield opened
    for context in contexts:
        context.close()

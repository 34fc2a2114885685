"""A large map in a browser: plots from tiles look, answer and filter like outlines of the page."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

import pytest

from landuse.publish.map import MapOptions, write_map

pytestmark = pytest.mark.browser

READY = """() => {
  const shapes = landuse.app.shapes;
  const tiles = shapes.tiles ? Array.from(shapes.tiles.tiles.values()) : [];
  return tiles.every((one) => one.tile !== undefined);
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Answers ranges, as the meeting page does."""

    def do_GET(self):
        wanted, path = self.headers.get("Range", ""), Path(self.translate_path(self.path))
        if not wanted or not path.is_file():
            return super().do_GET()
        first, last = (int(one) for one in wanted.removeprefix("bytes=").split("-"))
        content = path.read_bytes()[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_run):
    """The same county thrice: as outlines, from tiles in the page, from tiles beside it."""
    place = tmp_path_factory.mktemp("地图 瓦片")
    run = make_run()
    write_map(run, place / "outlines.html")
    few = {"canvas_up_to": 0, "cards_up_to": 0}
    write_map(run, place / "tiles.html", options=MapOptions(canvas_up_to=0))
    write_map(run, place / "beside.html", options=MapOptions(folder=True, **few))
    write_map(run, place / "few.html", options=MapOptions(**few))
    return place


def ours(line):
    """Not the advice that this test reads pixels slowly."""
    return "willReadFrequently" not in line.text


@pytest.fixture
def opened(chromium, folder):
    contexts = []

    def show(name, address=None, refused=None):
        context = chromium.new_context(viewport={"width": 1366, "height": 768})
        contexts.append(context)
        page = context.new_page()
        if refused:
            page.route(refused, lambda route: route.abort())
        page.said, page.asked = [], []
        page.on("console", lambda line: page.said.append(line.text) if ours(line) else None)
        page.on("pageerror", lambda fault: page.said.append(str(fault)))
        context.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{address}/{name}" if address else (folder / name).as_uri())
        page.wait_for_function("() => window.landuse && landuse.app")
        return page

    yield show
    for context in contexts:
        context.close()


@pytest.fixture
def server(folder):
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def centre(page, zoom):
    """The county in the middle of the map at a zoom level."""
    page.evaluate(
        """zoom => {
          const { map, shapes, plots } = landuse.app;
          const box = landuse.extent(shapes, plots.id.keys());
          map.setView(landuse.bounds(box).getCenter(), zoom, { animate: false });
        }""",
        zoom,
    )
    page.wait_for_function(READY)
    page.wait_for_timeout(150)  # two frames: what has come is painted


COLOURS = """() => {
  const { app } = landuse, canvas = document.querySelector("canvas.landuse-plots");
  const frame = canvas.getBoundingClientRect();
  const holder = app.map.getContainer().getBoundingClientRect();
  const context = canvas.getContext("2d");
  return app.plots.id.map((id, plot) => {
    const box = Array.from(app.shapes.box.subarray(4 * plot, 4 * plot + 4));
    // off the middle, where a pattern would have its dots
    const at = landuse.latLng(box[0] + 0.43 * (box[2] - box[0]), box[1] + 0.43 * (box[3] - box[1]));
    const point = app.map.latLngToContainerPoint(at);
    const x = holder.left + point.x - frame.left, y = holder.top + point.y - frame.top;
    return Array.from(context.getImageData(Math.round(x), Math.round(y), 1, 1).data).join();
  });
}"""


def test_plots_from_tiles_are_painted_as_outlines_are(opened):
    pages = [opened(name) for name in ("outlines.html", "tiles.html")]
    assert pages[1].evaluate("landuse.app.shapes.tiles.zoom") >= 10
    tiled = pages[1].evaluate("Array.from(landuse.app.shapes.tiled)")
    assert tiled == [0] + [1] * 11  # the flagged plot is an outline of the page
    for zoom, least in ((14, 4), (15.5, 2), (18, 1)):
        for page in pages:
            centre(page, zoom)
        colours = [page.evaluate(COLOURS) for page in pages]
        shown = [one for one in colours[0] if not one.endswith(",0")]
        assert len(set(shown)) >= least
        assert colours[1] == colours[0], zoom
    assert [page.said for page in pages] == [[], []]


def test_far_away_every_plot_is_still_there(opened):
    page = opened("tiles.html")
    centre(page, 11)
    colours = page.evaluate(COLOURS)
    assert colours[0] == "230,159,0,255"  # low efficiency, at three pixels
    assert not [one for one in colours if one.endswith(",0")]
    page.evaluate("landuse.app.layer.setMask(Uint8Array.from({ length: 12 }, (one, i) => i % 2))")
    masked = page.evaluate(COLOURS)
    assert masked[0] != colours[0]
    assert page.said == []


def test_a_click_finds_the_plot_of_a_tile_and_shows_its_card(opened, folder):
    page = opened("tiles.html")
    centre(page, 15)
    where = page.evaluate(
        """() => {
          const { app } = landuse, box = landuse.bounds(landuse.extent(app.shapes, [5]));
          const point = app.map.latLngToContainerPoint(box.getCenter());
          const holder = app.map.getContainer().getBoundingClientRect();
          return [holder.left + point.x, holder.top + point.y];
        }"""
    )
    page.mouse.click(*where)
    assert page.locator("#card h2").first.text_content() == "350582001001GB00006"
    assert page.evaluate("landuse.app.layer.selected") == 5
    page.wait_for_timeout(150)
    red = page.evaluate(
        """() => {
          const canvas = document.querySelector("canvas.landuse-plots");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let found = 0;
          for (let i = 0; i < data.length; i += 4) {
            if (data[i] === 193 && data[i + 1] === 18 && data[i + 2] === 31) found++;
          }
          return found;
        }"""
    )
    assert red > 50  # the outline of the chosen plot
    page.mouse.click(where[0], where[1] - 100)  # between the plots: nothing
    assert page.evaluate("landuse.app.selected") == 5
    assert page.said == []
    assert page.asked == [(folder / "tiles.html").as_uri()]


def test_without_all_cards_the_filter_still_asks_every_user(opened):
    pages = [opened(name) for name in ("outlines.html", "few.html")]
    for wish in (
        "industry=none", "industry=33", "state=suspected", "park=none",
        "indicator=tax_wan_per_mu&min=30", "indicator=tax_wan_per_mu&min=48&industry=none",
        "indicator=score&max=1&industry=33", "class=normal&indicator=output_wan_per_tce&min=3",
    ):  # fmt: skip
        masks = [
            page.evaluate(
                "wish => { location.hash = wish; return new Promise((done) => setTimeout(() =>"
                " done(landuse.app.mask ? Array.from(landuse.app.mask) : null), 60)); }",
                wish,
            )
            for page in pages
        ]
        assert masks[0] == masks[1], wish
        assert masks[0] is None or 0 in masks[0], wish


def test_tiles_and_cards_beside_the_page_are_fetched_when_needed(opened, server):
    page = opened("beside.html", server)
    centre(page, 16)
    assert {url.rpartition(".")[2] for url in page.asked} == {"html", "pmtiles"}
    page.evaluate("landuse.app.select(6, true)")
    page.wait_for_function(
        "() => document.querySelector('#card').textContent.includes('用地关系.xlsx')"
    )
    asked = [url for url in page.asked if url.endswith(".json")]
    assert len(asked) == 1
    assert (
        "乙" in page.locator("#card").text_content() or page.locator("#card details").count() >= 2
    )
    page.evaluate("landuse.app.select(5, true)")
    page.wait_for_function("() => document.querySelector('#card h2').textContent.endsWith('00006')")
    assert [url for url in page.asked if url.endswith(".json")] == asked  # the same piece
    assert {url.startswith(server) for url in page.asked} == {True}
    assert page.said == []


def test_a_server_that_is_gone_leaves_every_plot_in_its_place(opened, server):
    page = opened("beside.html", server, refused="**/*.pmtiles")
    while not page.said:  # the page says so to whoever looks for the reason
        page.wait_for_timeout(20)
    assert not [one for one in page.evaluate(COLOURS) if one.endswith(",0")]


def test_many_outlines_are_painted_as_few_are(chromium, folder, make_run, tmp_path):
    import dataclasses

    import numpy as np
    import pandas as pd
    import shapely

    one = make_run()
    times = 251  # 3 012 plots: above the number from which the page paints tile by tile
    parcels = pd.concat([one.parcels] * times, ignore_index=True)
    copy = np.repeat(np.arange(times), 12)
    parcels["parcel_id"] += pd.Series(copy).map("-{:03d}".format)
    shift = np.column_stack([np.zeros(len(copy)), 300.0 * copy])
    rings = shapely.get_coordinates(parcels["geometry"].to_numpy()).reshape(-1, 5, 2)
    shapes = shapely.polygons(rings + shift[:, None, :])
    parcels["geometry"] = pd.Series(shapes, dtype=object)
    classes = {
        key: {"count": times * found["count"], "mu": times * found["mu"]}
        for key, found in one.totals["classes"].items()
    }
    totals = {**one.totals, "classes": classes, "parcels_mu": times * one.totals["parcels_mu"]}
    run = dataclasses.replace(one, parcels=parcels, links=one.links.head(0), totals=totals)
    write_map(run, tmp_path / "many.html")
    found = []
    for path in (tmp_path / "many.html", folder / "outlines.html"):
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        page.goto(path.as_uri())
        page.wait_for_function("() => window.landuse && landuse.app")
        page.evaluate(
            """() => {
              const { map, shapes, plots } = landuse.app;
              const wanted = (id) => /(GB\\d{5}|-000)$/.test(id);
              const first = Array.from(plots.id.keys()).filter((plot) => wanted(plots.id[plot]));
              const middle = landuse.bounds(landuse.extent(shapes, first)).getCenter();
              landuse.app.first = first;
              map.setView(middle, 14.5, { animate: false });
            }"""
        )
        page.wait_for_timeout(400)
        colours = page.evaluate(COLOURS)
        found.append([colours[plot] for plot in page.evaluate("landuse.app.first")])
        assert bool(page.evaluate("Boolean(landuse.app.shapes.tiles)")) == (
            path.name == "many.html"
        )
        page.close()
    assert found[0] == found[1]
    assert len(set(found[0])) >= 4

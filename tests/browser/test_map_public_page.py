"""The public copy and the base maps in a browser: every control used, nothing asked of anybody."""

from __future__ import annotations

import functools
import http.server
import io
import threading
from pathlib import Path

import numpy as np
import pyproj
import pytest
from other_rooms import loaded

from landuse.publish.map import MapOptions, write_map
from landuse.publish.map.base_map import TIANDITU, base_map
from landuse.publish.map.public_form import settings_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def county():
    """The county of the tests of ``publish``, which lie in another folder."""
    for name in ("publish_county", "map_ledger"):  # the third builds on them
        loaded("publish", name)
    return loaded("publish", "public_county").county(20)


@pytest.fixture
def public(open_map, county):
    return lambda **wish: open_map(county, wish={"audience": "public", **wish})


def until(page, expression):
    """Wait for something to be true (playwright's own way needs eval, which the page forbids)."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def asked(shown):
    """What the page asked for besides pictures that stand in it."""
    return [one for one in shown.requests if not one.startswith("data:")]


def test_a_public_copy_works_and_says_what_it_is(public):
    shown = public()
    page = shown.page
    assert page.locator(".mark").inner_text() == "公开前须按规定审核"
    assert "运行编号" not in page.locator("#facts").inner_text()
    rows = page.locator(".legend tbody tr")
    assert "未公开（不足 3 家）" in rows.last.inner_text()
    counts = [int(one) for one in page.locator(".legend tbody td.count").all_text_contents()]
    assert sum(counts) == 240
    plot = page.evaluate("landuse.app.plots.values.score.findIndex(one => one === 1)")
    page.evaluate("plot => landuse.app.select(plot, true)", plot)
    shown.click(plot)
    card = page.locator("#card")
    assert card.locator("h2").inner_text() == f"图上编号 {plot + 1}"
    assert "第 1 档（最低）" in card.inner_text()
    assert "约 50 亩" in card.inner_text()
    assert page.locator("#card dt", has_text="信用代码").count() == 0
    hidden = page.evaluate("""() => {
      const app = landuse.app;
      return app.plots.class.findIndex(one => app.meta.classes[one].key === "withheld");
    }""")
    page.evaluate("plot => landuse.app.select(plot, true)", hidden)
    assert "不公开" in card.inner_text()
    assert shown.clean()


def test_its_controls_are_used(public):
    shown = public()
    page = shown.page
    assert page.locator('.filter-list[data-kind="state"]').count() == 0
    page.locator('.filter-list[data-kind="park"] summary').click()
    page.locator('.filter-list[data-kind="park"] .tick', has_text="第0园区").click()
    assert "120" in page.locator(".filter-said").inner_text()
    page.locator('.filter-list[data-kind="industry"] summary').click()
    page.locator('.filter-list[data-kind="industry"] .tick').first.click()
    page.get_by_role("button", name="清除筛选").click()
    page.locator("#group-colours summary").click()
    page.get_by_label("按什么着色").select_option("score")
    assert page.get_by_label("分级方法").is_hidden()
    labels = page.locator(".legend tbody th").all_inner_texts()
    assert labels[0].strip() == "第 1 档（最低）"
    page.get_by_label("指标档次范围").select_option("score")
    page.get_by_label("不高于").fill("1")
    until(page, "landuse.app.mask !== null")
    passing = page.evaluate("landuse.app.mask.reduce((sum, one) => sum + one, 0)")
    assert passing == page.evaluate(
        "landuse.app.plots.values.score.filter(one => one === 1).length"
    )
    page.get_by_role("button", name="清除筛选").click()
    page.fill("#search-text", "第1园区")
    page.wait_for_selector("#search-hits li")
    assert "108" in page.locator("#search-count").inner_text()
    page.locator("#group-layers summary").first.click()
    assert page.locator('[data-layer="tied"]').count() == 0
    page.locator('[data-layer="flagged"] input').check()
    page.locator("#group-about summary").click()
    assert "公开前须按规定审核" in page.locator("#group-about").inner_text()
    assert shown.clean()


def test_a_public_copy_from_tiles_and_one_of_parks(public):
    shown = public(canvas_up_to=30)
    assert shown.page.evaluate("landuse.app.plots.id.length") == 240
    shown.page.evaluate("landuse.app.select(5, true)")
    assert shown.page.locator("#card h2").inner_text() == "图上编号 6"
    assert shown.clean()
    shown = public(public=settings_of("park"))
    shown.page.evaluate("landuse.app.select(landuse.app.plots.id.indexOf('第0园区'), true)")
    table = shown.page.locator("#card table.within")
    assert "正常" in table.inner_text()
    assert shown.page.locator('.filter-list[data-kind="industry"]').count() == 0
    assert shown.clean()


# --- base maps


@pytest.fixture(scope="module")
def photo(tmp_path_factory, make_run):
    """A magenta image around all plots."""
    rasterio = pytest.importorskip("rasterio", reason="the extra raster is not installed")
    from rasterio.transform import Affine

    path = tmp_path_factory.mktemp("photo") / "photo.tif"
    cells = np.zeros((3, 60, 450), dtype="uint8")
    cells[0] = cells[2] = 200
    where = Affine(10, 0, 500_100, 0, -10, 2_700_400)
    with rasterio.open(path, "w", driver="GTiff", width=450, height=60, count=3, dtype="uint8",
                       crs="EPSG:4549", transform=where) as file:  # fmt: skip
        file.write(cells)
    return path


def based(run, **wish):
    shapes = run.parcels["geometry"].to_numpy(dtype=object)
    return base_map(shapes, run.crs, **wish)


def pixel(shown, x, y):
    """The colour that is on the screen."""
    from PIL import Image

    clip = {"x": x - 1, "y": y - 1, "width": 3, "height": 3}
    return Image.open(io.BytesIO(shown.page.screenshot(clip=clip))).convert("RGB").getpixel((1, 1))


def test_plots_stay_readable_over_a_photo(open_map, make_run, photo):
    run = make_run()
    shown = open_map(run, wish={"base": based(run, orthophoto=photo)})
    page = shown.page
    page.locator("#group-about").evaluate("one => one.remove()")
    until(page, "document.querySelector('.leaflet-base-pane img').complete")
    # plot 2 is normal (#e0e0e0) at 45 % over (200, 0, 200): 0.45 * 224 + 0.55 * 200 = 211
    x, y = shown.at(1)
    red, green, _ = pixel(shown, x, y)
    assert (red, green) == pytest.approx((211, 101), abs=8)
    page.get_by_label("宗地填色不透明度").fill("100")
    assert pixel(shown, x, y) == (224, 224, 224)
    page.get_by_label("宗地填色不透明度").fill("0")
    assert pixel(shown, x, y)[1] < 30
    page.get_by_label("底图不透明度").fill("50")
    assert pixel(shown, x, y)[1] > 80
    page.get_by_label("底图", exact=True).select_option("")
    assert page.locator(".leaflet-base-pane img").count() == 0
    assert shown.colour(1) == (224, 224, 224, 255)
    assert shown.complaints == []
    assert asked(shown) == [shown.address]


@pytest.fixture(scope="module")
def tiles(tmp_path_factory, make_run):
    """Local tiles of one colour at zoom 14, all around the plots."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("瓦片")
    shapes = make_run().parcels["geometry"].to_numpy(dtype=object)
    turn = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    side = 2**14
    for shape in shapes:
        longitude, latitude = turn.transform(shape.centroid.x, shape.centroid.y)
        row = (1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * side
        place = folder / "14" / str(int((longitude / 360 + 0.5) * side))
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (256, 256), (200, 0, 200)).save(place / f"{int(row)}.png")
    return folder


def test_local_tiles_in_the_page(open_map, make_run, tiles):
    run = make_run()
    shown = open_map(run, wish={"base": based(run, tiles=tiles)})
    page = shown.page
    page.get_by_label("宗地填色不透明度").fill("0")
    until(page, LOADED)
    page.wait_for_timeout(400)  # tiles fade in
    assert pixel(shown, *shown.at(1)) == (200, 0, 200)
    assert shown.complaints == []
    assert asked(shown) == [shown.address]


class Ranged(http.server.SimpleHTTPRequestHandler):
    """Answers ranges, as the meeting page does."""

    def do_GET(self):
        wanted, path = self.headers.get("Range", ""), Path(self.translate_path(self.path))
        if self.path == "/favicon.ico":
            return self.send_response(204) or self.end_headers()
        if self.path.startswith("/tiles/tianditu/"):
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            return self.wfile.write(self.server.picture)
        if not wanted or not path.is_file():
            return super().do_GET()
        first, last = (int(one) for one in wanted.removeprefix("bytes=").split("-"))
        self.send_response(206)
        self.end_headers()
        return self.wfile.write(path.read_bytes()[first : last + 1])

    def log_message(self, *_):
        pass


@pytest.fixture
def served(chromium, tmp_path, tiles):
    """Writes a map into a folder and opens it from a server on this machine."""
    handler = functools.partial(Ranged, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.picture = next(tiles.rglob("*.png")).read_bytes()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context(viewport={"width": 1366, "height": 768})

    def opened(run, **wish):
        write_map(run, tmp_path / "map.html", options=MapOptions(**wish))
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text))
        page.goto(f"http://127.0.0.1:{server.server_port}/map.html")
        return page

    yield opened
    context.close()
    server.shutdown()
    server.server_close()


LOADED = "document.querySelectorAll('.leaflet-base-pane img.leaflet-tile-loaded').length > 1"
DRAWN = """Array.from(document.querySelectorAll('.leaflet-base-pane img'))
  .some(one => one.naturalWidth === 256)"""


def test_tiles_beside_the_page_come_by_ranges(served, make_run, tiles):
    run = make_run()
    page = served(run, base=based(run, tiles=tiles, beside=True), folder=True)
    until(page, LOADED)
    until(page, DRAWN)
    assert page.locator("#group-base .reason").is_hidden()
    assert page.complaints == []


def test_tianditu_is_asked_only_when_it_is_chosen(served, make_run):
    page = served(make_run(), base=TIANDITU, served=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(200)
    assert asked == []
    page.get_by_label("底图", exact=True).select_option("tianditu-img")
    until(page, LOADED)
    layers = {url.split("/tiles/tianditu/")[1].split("/")[0] for url in asked if "tianditu" in url}
    assert layers == {"img", "cia"}
    page.get_by_label("底图", exact=True).select_option("")
    assert page.locator(".leaflet-base-pane img").count() == 0
    assert page.complaints == []

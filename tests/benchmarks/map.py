"""Benchmark: ``python tests/benchmarks/map.py [1000 … 1000000]`` prints a Markdown table.

For each size: our map of a county in one file, the same with its tiles beside it (from
``LARGE`` plots, over a local server that knows ranges), and folium's own ``GeoJson`` of the same
plots coloured by the same classes (up to ``--folium``, 10 000 without it). Build is the time to
write the file from the tables in memory; open, from asking for the page until it stands still and
painted; pan, from moving the map by 300 × 150 pixels until two frames later, the median and the
worst of twelve, at the opening view and 2.5 levels closer. Needs Debian's Chromium.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

LARGE = 30_001
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHAPES = {"ours": "one file", "beside": "tiles beside it", "folium": "folium.GeoJson"}
PANS = """async (map) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const times = [];
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    map.panBy(i % 2 ? [-300, -150] : [300, 150], { animate: false });
    await frame();
    await frame();
    times.push(performance.now() - start);
  }
  return times;
}"""


def main() -> None:
    """Measure every size named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--folium", type=int, default=10_000, metavar="N")
    parser.add_argument("--keep", type=Path, help="folder for counties and maps, used again")
    parser.add_argument("--child", nargs=3, metavar=("SHAPE", "RUN", "OUT"))
    options = parser.parse_args()
    if options.child:
        shape, run, out = options.child
        print(_build(shape, Path(run), Path(out)))
        return
    print("| plots | map | file MB | beside MB | build s | open s | pan ms | closer, pan ms |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for size in options.sizes:
            _size(size, options.keep or Path(scratch), options.folium)


def _size(size: int, place: Path, folium_up_to: int) -> None:
    folder = place / str(size)
    if not (folder / "run" / "units.parquet").is_file():
        _county(size, folder)
    shapes = ["ours"] + ["beside"] * (size >= LARGE) + ["folium"] * (size <= folium_up_to)
    for shape in shapes:
        out = folder / f"{shape}.html"
        command = [sys.executable, __file__, "--child", shape, str(folder / "run"), str(out)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        opened, near, close = _measure(shape, out)
        beside = sum(path.stat().st_size for path in (folder / "beside-files").glob("*"))
        cells = [
            f"{size:,}",
            SHAPES[shape],
            f"{out.stat().st_size / 1e6:.1f}",
            f"{beside / 1e6:.1f}" if shape == "beside" else "",
            f"{float(done.stdout.split()[-1]):.1f}",
            f"{opened:.1f}",
            _pair(near),
            _pair(close),
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


def _pair(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} (≤ {max(times):.0f})"


def _county(size: int, folder: Path) -> None:
    from county import make
    from run import _ours

    make(size, folder / "in")
    _ours(folder / "in", folder / "run")


def _build(shape: str, run_folder: Path, out: Path) -> float:
    from landuse.publish.map import MapOptions, write_map
    from landuse.publish.reader import run_tables
    from landuse.publish.run_reading import MAP_TABLES

    run = run_tables(run_folder, only=MAP_TABLES)
    shutil.rmtree(out.with_name("beside-files"), ignore_errors=True)
    start = time.perf_counter()
    if shape == "folium":
        _folium(run, out)
    else:
        write_map(run, out, options=MapOptions(folder=shape == "beside"))
    return time.perf_counter() - start


def _folium(run: Any, out: Path) -> None:
    import folium
    import geopandas as gpd

    colours = {"low_efficiency": "#e69f00", "idle": "#0072b2", "normal": "#e0e0e0"}
    frame = gpd.GeoDataFrame(
        run.parcels[["parcel_id", "park", "land_class", "geometry"]], crs=run.crs
    ).to_crs(4326)

    def style(feature: dict[str, Any]) -> dict[str, object]:
        fill = colours.get(feature["properties"]["land_class"], "#ffffff")
        return {"fillColor": fill, "color": "#555555", "weight": 1, "fillOpacity": 1}

    west, south, east, north = frame.total_bounds
    page = folium.Map(tiles=None, prefer_canvas=True)
    folium.GeoJson(frame, style_function=style).add_to(page)
    page.fit_bounds([[south, west], [north, east]])
    page.save(str(out))


def _measure(shape: str, out: Path) -> tuple[float, list[float], list[float]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, _served(out.parent) as address:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        if shape == "folium":
            page.route("**/*", functools.partial(_answer, address))
        page.set_default_timeout(600_000)
        url = f"{address}/{out.name}" if shape == "beside" else out.as_uri()
        start = time.perf_counter()
        page.goto(url, timeout=600_000)
        page.wait_for_function(
            "window.landuse ? Boolean(landuse.app) : document.readyState === 'complete'"
        )
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        opened = time.perf_counter() - start
        handle = page.evaluate_handle(
            "window.landuse ? landuse.app.map : "
            "window[Object.keys(window).find((name) => name.startsWith('map_'))]"
        )
        near = page.evaluate(PANS, handle)
        page.evaluate("(map) => void map.setZoom(map.getZoom() + 2.5, { animate: false })", handle)
        page.wait_for_timeout(3000)
        close = page.evaluate(PANS, handle)
        browser.close()
    return opened, near, close


def _answer(address: str, route: Any) -> None:
    """The network is away: folium's Leaflet is ours, what else it asks for is empty."""
    from landuse.publish.map.assets import vendored

    url = route.request.url
    if url.startswith(("file:", "data:", "blob:", address)):
        route.continue_()
    elif "leaflet.js" in url or "leaflet.css" in url:
        route.fulfill(body=vendored("leaflet", f"dist/{url.rpartition('/')[2]}"))
    else:
        route.fulfill(body="", content_type="text/javascript")


class _Ranges(http.server.SimpleHTTPRequestHandler):
    """A server of files that answers a range with that range."""

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        path = Path(self.translate_path(self.path))
        if not wanted.startswith("bytes=") or not path.is_file():
            super().do_GET()
            return
        first, last = (int(one) for one in wanted.removeprefix("bytes=").split("-"))
        with path.open("rb") as file:
            file.seek(first)
            content = file.read(last - first + 1)
        self.send_response(206)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the table is the output."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    handler: Callable[..., Any] = functools.partial(_Ranges, directory=os.fspath(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()

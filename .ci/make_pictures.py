"""Take the pictures under ``maps``: ``python .ci/make_pictures.py``.

For a developer with the extras ``browser`` and a chromium, never for a run. The sample county is
run in a folder of its own, a case is taken to its end by the ledger's commands, a meeting is held
in the served pages as reviewers hold it, and the windows and sheets are kept as PNG files.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
MAPS: Final = ROOT / "maps"
LARGEST: Final = 400_000
"""Bytes that a picture may have."""
VERDICTS: Final = ("11", "2", "14", "1", "11")
"""Keys of the verdicts that the meeting gives, plot after plot (a new case is 摸排)."""
CLOSED: Final = "339901001001GB00053"
"""The plot whose case is taken to its end."""
SHOWN: Final = "339901001002GB00160"
"""The plot that the meeting is looking at."""
DAYS: Final = ("2026-07-06", "2026-07-27")
"""When what the meeting lays open is laid open."""


def say(*words: str) -> None:
    """A command of ours, as at the terminal; stops where it fails."""
    from landuse.cli import main

    kept = io.StringIO()
    with contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):
        code = main(list(words))
    if code:
        sys.exit(f"landuse {' '.join(words)}\n{kept.getvalue()}")


def revitalise(folder: Path) -> None:
    """Take the case of one plot from suspected to closed, its land accepted."""
    from landuse.ledger import open_ledger
    from landuse.ledger.plot_cases import plot_cases

    with open_ledger(folder / "landuse.db") as ledger, ledger.read() as session:
        case = plot_cases(session).set_index("parcel_id").loc[CLOSED]
    number, mu = str(case["number"]), str(case["case_mu"])

    def ledger_says(*words: str) -> None:
        say("ledger", *words, "--project", str(folder / "project.toml"), "--by", "李工")

    ledger_says("advance", number, "suspected")
    ledger_says("advance", number, "publicised", "--from", "2026-07-01", "--to", "2026-07-14")
    ledger_says("advance", number, "confirmed", "--document", "云政发〔2026〕12号")
    ledger_says("advance", number, "planned", "--way", "reinvest", "--unit", "县经信局",
                "--person", "周工", "--deadline", "2026-10-31")  # fmt: skip
    ledger_says("advance", number, "in_disposal", "--started-on", "2026-08-03")
    ledger_says("dispose", number, "--part", "1", "--mu", mu)
    ledger_says("advance", number, "awaiting_acceptance")
    ledger_says("advance", number, "closed", "--accepted-on", "2026-10-20")


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The pages of a project, at a free port."""
    import uvicorn

    from landuse.pipeline.site import Site
    from landuse.web.app import create_app
    from landuse.web.settings import Settings

    site = Site(folder / "project.toml", str(folder / "landuse.db"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        app = create_app(site, Settings(port=port, recorder="王工"))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(20)


def shoot(page: Any, name: str) -> None:  # noqa: ANN401 - playwright is an extra
    """Keep the window as it is."""
    page.wait_for_timeout(800)
    page.screenshot(path=MAPS / f"{name}.png")


def the_map(page: Any, file: Path) -> None:  # noqa: ANN401
    """The file that a run holds, and the one that ``landuse map`` writes, coloured by a figure."""
    page.goto((file.parent / "map.html").as_uri())
    page.fill("#search-text", "云泽")
    page.wait_for_selector("#search-hits li")
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    shoot(page, "identify")
    page.goto(file.as_uri())
    page.wait_for_selector(".legend tbody tr")
    page.evaluate(f"landuse.app.select(landuse.app.plotOf('{CLOSED}'), true)")
    shoot(page, "map")


def the_meeting(page: Any, address: str) -> None:  # noqa: ANN401
    """Open a meeting on the flagged plots, give verdicts by the keyboard, and look at one."""
    page.goto(address)
    page.frames[1].wait_for_selector(".legend tbody tr", state="attached")
    meeting = page.locator("#meeting details")
    meeting.locator("summary").click()
    meeting.locator('input[name="title"]').fill("低效用地会商（第一次）")
    meeting.locator("button.main").click()
    page.wait_for_selector("#progress")
    before = None
    for keys in VERDICTS:
        page.keyboard.press("j")
        before = _another_card(page, before)
        for key in keys:
            _decide(page, key)
    page.locator(f'tr[data-plot="{SHOWN}"]').click()
    page.wait_for_selector(f'#card article[data-plot="{SHOWN}"]')
    shoot(page, "review")
    page.keyboard.press("p")
    page.wait_for_selector("html.presenter")
    shoot(page, "presenter")


def _decide(page: Any, key: str) -> None:  # noqa: ANN401
    """Give a verdict on the plot of the card by its key, and wait until it is recorded."""
    seen = page.locator("#card article").get_attribute("data-revision")
    page.keyboard.press(key)
    form = page.locator("form.verdict:visible")
    form.wait_for()
    for field, day in zip(form.locator('input[type="date"]').all(), DAYS, strict=False):
        field.fill(day)
    form.locator("textarea").fill("会上意见：现场核实后办理")
    form.locator("button.main").click()
    page.wait_for_selector(f'#card article:not([data-revision="{seen}"]) .done')


def _another_card(page: Any, before: str | None) -> str:  # noqa: ANN401
    """The plot of the card, once it is not the one before."""
    other = f':not([data-plot="{before}"])' if before else ""
    card = page.wait_for_selector(f"#card article{other}")
    return str(card.get_attribute("data-plot"))


def the_sheets(folder: Path) -> None:
    """The printed sheet and a page of its atlas."""
    project, sheet, atlas = (str(folder / name) for name in ("project.toml", "a.pdf", "b.pdf"))
    who = ("--maker", "云泽县自然资源局", "--date", "2026-07-01")
    say("sheet", project, "--out", sheet, *who)
    say("sheet", project, "--out", atlas, "--plot", CLOSED, "--atlas", *who)
    for file, number, name in ((sheet, "1", "sheet"), (atlas, "2", "atlas")):
        command = ["pdftoppm", "-png", "-singlefile", "-f", number, "-l", number,
                   "-scale-to-x", "1600", "-scale-to-y", "-1", file, str(MAPS / name)]  # fmt: skip
        subprocess.run(command, check=True)  # noqa: S603


def smaller(picture: Path) -> None:
    """At most 256 colours where a picture is too large; says so where that does not do."""
    from PIL import Image

    if picture.stat().st_size > LARGEST:
        with Image.open(picture) as image:
            few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(picture, optimize=True)
    if picture.stat().st_size > LARGEST:
        sys.exit(f"{picture.name}: {picture.stat().st_size} bytes")


def main() -> None:
    """Make every picture anew."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary) / "示例"
        say("demo", str(folder))
        revitalise(folder)
        run = next((folder / "runs").iterdir())
        drawn = Path(shutil.copytree(run, Path(temporary) / "图")) / "地图.html"
        say("map", str(folder / "project.toml"), "--out", str(drawn))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1600, "height": 900})
        the_map(page, drawn)
        with served(folder) as address:
            the_meeting(page, address)
        browser.close()
        the_sheets(folder)
    for picture in sorted(MAPS.glob("*.png")):
        smaller(picture)


if __name__ == "__main__":
    main()

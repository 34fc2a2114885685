"""``landuse serve`` at the terminal, and the site that it serves."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import pytest
from served_site import AT, Desk, county

from landuse.cli import main
from landuse.errors import UserError
from landuse.ledger.new_cases import CaseForm, ParcelForm, open_case
from landuse.pipeline import site as site_module
from landuse.pipeline.site import Site
from landuse.publish import write_run
from landuse.publish.run_folder import OUTPUTS


@contextlib.contextmanager
def serving(project: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server in a process of its own on a free port."""
    command = [sys.executable, "-c", "import sys; from landuse.cli import main; sys.exit(main())"]
    with subprocess.Popen(
        [*command, "serve", str(project), "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "LANDUSE_LANG": "zh"},
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        try:
            found = None
            while found is None:
                line = process.stdout.readline()
                assert line, "the server ended"
                found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            yield found[0], process
        finally:
            process.kill()


def test_the_command_serves_this_computer_and_ends_when_asked(project: Path) -> None:
    with serving(project) as (address, process):
        with urllib.request.urlopen(address) as page:
            assert "地块审议" in page.read().decode()
            assert "server" not in page.headers
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.mark.parametrize(
    "options", [["--host", "0.0.0.0"], ["--proxy", "127.0.0.1"], ["--name", "land.example"]]
)
def test_a_network_needs_accounts(
    project: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", str(project), "--no-browser", *options]) == 2
    assert "landuse user add" in capsys.readouterr().err


def test_a_port_in_use_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", str(project), "--no-browser", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err


def test_without_a_project_it_says_how_to_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", str(tmp_path / "project.toml"), "--no-browser"]) == 2
    assert "landuse demo" in capsys.readouterr().err


def case_of(site: Site, parcel: str) -> None:
    with site.ledger().write() as session:
        form = CaseForm("low_efficiency", (ParcelForm(parcel, geometry=None),), mu_e4=10_000)
        open_case(session, form, by="t", at=AT, why="摸排")


def test_plots_follow_the_ledger_and_tables_are_read_once(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []
    real = site_module._tables_of
    monkeypatch.setattr(site_module, "_tables_of", lambda path: reads.append(path) or real(path))
    site = Site(project, str(project.parent / "landuse.db"))
    run = site.runs()[0].run_id
    first = site.plots(run)
    assert site.plots(run) is first
    assert set(first.rows["case_state"]) == {""}
    edition = site.map_edition(run, "zh")
    case_of(site, county().parcel(1))
    assert site.map_edition(run, "zh") != edition
    states = site.plots(run).rows.set_index("parcel_id")["case_state"]
    assert states[county().parcel(1)] == "found"
    assert (states != "").sum() == 1
    assert len(reads) == 1
    site.close()


def test_many_threads_get_the_same_plots(project: Path) -> None:
    site = Site(project, str(project.parent / "landuse.db"))
    run = site.runs()[0].run_id
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(site.plots(run))) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 30
    assert len({id(one) for one in found}) == 1
    site.close()


def test_runs_of_uploads_and_of_idle_land_stand_beside_the_others(project: Path) -> None:
    import dataclasses

    run = county().make_run()
    idle = dataclasses.replace(run, manifest={**run.manifest, "examined": ["idle"]})
    folder = project.parent / "batches" / "20260701-080000-abcdef" / "runs"
    folder.mkdir(parents=True)
    write_run(idle, folder / "two", lang="zh", outputs=OUTPUTS[:1])
    (project.parent / "runs" / "broken").mkdir()
    (project.parent / "runs" / "broken" / "run.json").write_text("{")
    site = Site(project, str(project.parent / "landuse.db"))
    same = run.manifest["run_id"]
    assert {(one.run_id, one.graded) for one in site.runs()} == {
        (same, True), (f"{same}-idle", False),
    }  # fmt: skip
    newest = site.newest()
    assert newest is not None
    assert newest.graded
    with pytest.raises(UserError):
        site.run("none")
    site.close()


def test_tiles_beside_a_map_are_read_by_parts(desk: Desk) -> None:
    run = desk.site.runs()[0].run_id
    edition = desk.site.map_edition(run, "zh")
    page = desk.site.map_part(run, edition, "map.html")
    beside = page.with_name("map-files")
    beside.mkdir()
    (beside / "plots-1a2b.pmtiles").write_bytes(bytes(range(100)))
    address = f"/runs/{run}/map/{edition}/map-files/plots-1a2b.pmtiles"
    part = desk.client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))


def test_vendored_scripts_are_those_of_the_lock() -> None:
    vendor = resources.files("landuse.web").joinpath("static", "vendor")
    lock = json.loads(vendor.joinpath("assets.lock.json").read_text(encoding="utf-8"))
    assert "htmx.org" in lock
    for entry in lock.values():
        (folder,) = [one for one in vendor.iterdir() if one.name.endswith(entry["version"])]
        assert any("LICENSE" in name for name in entry["files"])
        for name, digest in entry["files"].items():
            content = folder.joinpath(*name.split("/")).read_bytes()
            assert hashlib.sha256(content).hexdigest() == digest


def test_sessions_outlive_a_restart(people: Callable[..., Desk], project: Path) -> None:
    desk = people()
    desk.log_in("reviewer", "reviewer 2026 long")
    from served_site import desk_at

    again = desk_at(project)
    again.client.cookies = desk.client.cookies
    assert "reviewer" in again.get("/").text
    assert again.post("/logout", follow_redirects=False).status_code == 303
    again.site.close()

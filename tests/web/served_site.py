"""A small project with runs, and a browser's view of its pages without a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from other_rooms import loaded

from landuse.ledger import open_ledger
from landuse.pipeline.site import Site
from landuse.publish import write_run
from landuse.publish.run_folder import OUTPUTS
from landuse.web.app import create_app
from landuse.web.settings import Settings

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "`${alert(1)}`",
    "{{7*7}}{% raw %}",
    '" onmouseover="alert(1)',
]
AT = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)


def county() -> Any:
    """The county of the tests of ``publish``."""
    return loaded("publish", "publish_county")


def make_project(folder: Path, name: str = "城东县") -> Path:
    """A project file with one run beside it; its inputs are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "project.toml"
    text = f"[project]\nname = {name!r}\nyear = 2025\nas_of = 2026-06-30\n"
    text += '[parcels]\npath = "a.gpkg"\n[enterprises]\npath = "b.csv"\n'
    file.write_text(text + '[rules]\npack = "three-indicator"\n', encoding="utf-8")
    run = county().make_run()
    (folder / "runs").mkdir(exist_ok=True)
    outputs = [one for one in OUTPUTS if not one.name.endswith((".gpkg", ".html"))]
    write_run(run, folder / "runs" / "one", lang="zh", outputs=outputs)
    open_ledger(folder / "landuse.db").close()
    return file


@dataclass
class Desk:
    """A browser before the pages: keeps cookies, sends the token of the page that it saw."""

    client: TestClient
    site: Site
    token: str = ""

    def get(self, path: str, **more: Any) -> Response:
        """Open a page and remember its token."""
        answer = self.client.get(path, **more)
        found = re.search(r'<meta name="csrf" content="(\w+)">', answer.text)
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Response:
        """Send a form as the page would."""
        if not self.token:
            self.get("/login")
        return self.client.post(path, data={"csrf": self.token, **(data or {})}, **more)

    def log_in(self, name: str, password: str) -> Response:
        """Log in by the form."""
        self.get("/login")
        return self.post("/login", {"name": name, "password": password, "next": "/"})

    def fresh(self) -> Desk:
        """Another browser before the same server."""
        made = TestClient(self.client.app, base_url=str(self.client.base_url))
        return Desk(made, self.site)


def desk_at(project: Path, **settings: Any) -> Desk:
    """A browser before a server of ``project``; the caller closes ``desk.site``."""
    site = Site(project, f"{project.parent / 'landuse.db'}")
    wish = Settings(**{"recorder": "王工", **settings})
    client = TestClient(
        create_app(site, wish),
        base_url=f"http://{wish.host}:{wish.port}",
        raise_server_exceptions=False,
    )
    return Desk(client, site)


def words(answer: Response) -> str:
    """What a person reads on a page."""
    import html

    bare = re.sub(r"<(script|style).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare)))

"""The list of runs, their files, and the map of a run in a frame."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from landuse.pipeline.site import MAP, Site
from landuse.web.deck import deck_of
from landuse.web.errors import Refused
from landuse.web.security import current_user, require
from landuse.web.settings import User

__all__ = ["FRAME_POLICY", "router"]

router: Final = APIRouter(dependencies=[Depends(current_user)])
FILES: Final = ("results.xlsx", "idle.xlsx", "results.gpkg", "map.html")
"""What a run offers for download; the rest of its folder is for programs."""
FRAME_POLICY: Final = "frame-ancestors 'self'; object-src 'none'; base-uri 'none'"
"""The map carries a stricter policy of its own, with the hashes of its scripts."""


@router.get("/runs")
def all_runs(request: Request) -> Response:
    """Every run of the project, the newest first, and where to go from here."""
    deck = deck_of(request)
    return deck.views.page(
        request, "runs.html", project=deck.site.name, runs=deck.site.runs(), files=_files(deck.site)
    )


def _files(site: Site) -> dict[str, list[str]]:
    return {
        run.run_id: [name for name in FILES if (run.folder / name).is_file()] for run in site.runs()
    }


@router.get("/runs/{run_id}/files/{name}")
def file_of(
    request: Request, run_id: str, name: str, user: Annotated[User, Depends(require("viewer"))]
) -> Response:
    """One file of a run as a download."""
    del user
    run = deck_of(request).site.run(run_id)
    path = run.folder / name
    if name not in FILES or not path.is_file():
        raise Refused.at(404, "web.no_page", value=request.url.path)
    return FileResponse(
        path, filename=f"{run.as_of}-{run.run_id}-{name}", content_disposition_type="attachment"
    )


@router.get("/runs/{run_id}/map")
def map_of(request: Request, run_id: str, compare: str = "") -> Response:
    """The map of a run as it is now, to stand in a frame of our pages."""
    deck = deck_of(request)
    edition = deck.site.map_edition(run_id, deck.views.lang(request), second=compare)
    return RedirectResponse(f"/runs/{run_id}/map/{edition}/{MAP}", status_code=303)


@router.get("/runs/{run_id}/map/{edition}/{name:path}")
def map_part(request: Request, run_id: str, edition: str, name: str) -> Response:
    """The page of a map, and what it reads by parts (ranges of bytes) from beside it."""
    path = deck_of(request).site.map_part(run_id, edition, name)
    is_page = name == MAP
    return FileResponse(
        path,
        media_type="text/html" if is_page else "application/octet-stream",
        headers={"Content-Security-Policy": FRAME_POLICY} if is_page else None,
    )

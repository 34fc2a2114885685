"""What all pages about parks begin with: the figures, or a page that says they are being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.responses import Response

from landuse.web.deck import deck_of

if TYPE_CHECKING:
    from landuse.pipeline.park_site import ParkFigures
    from landuse.pipeline.site import SiteRun

__all__ = ["about_run", "figures_of", "waiting"]


def figures_of(request: Request) -> ParkFigures | None:
    """The figures of parks as they stand now, or ``None`` while they are being made.

    Raises :class:`landuse.errors.UserError` for whatever in the files the user can mend.
    """
    return deck_of(request).parks.figures()


def waiting(request: Request) -> Response:
    """The page that asks by itself until the figures are there."""
    deck = deck_of(request)
    return deck.views.page(request, "park_waiting.html", step=deck.parks.step)


def about_run(request: Request, figures: ParkFigures) -> dict[str, Any]:
    """The newest run, to which plots lead, and whether it was made of these files."""
    run: SiteRun | None = deck_of(request).site.newest()
    return {
        "run": run,
        "run_id": run.run_id if run else "",
        "run_is_current": bool(run and figures.is_of(run)),
        "as_of": figures.book.as_of.isoformat(),
        "year": figures.book.project.year,
        "project": figures.book.project.name,
        "given": figures.book.inputs.given,
    }

"""What every page works with: the site, the settings, the templates; and the clock of this door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import Request

if TYPE_CHECKING:
    from landuse.pipeline.park_site import ParkSite
    from landuse.pipeline.site import Site
    from landuse.web.jobs import Jobs
    from landuse.web.pending import Pending
    from landuse.web.settings import Settings
    from landuse.web.views import Views

__all__ = ["Deck", "deck_of", "now"]


@dataclass(frozen=True)
class Deck:
    """One of each for the whole server."""

    site: Site
    settings: Settings
    views: Views
    jobs: Jobs
    pending: Pending
    parks: ParkSite


def deck_of(request: Request) -> Deck:
    """The deck of the server that got ``request``."""
    deck: Deck = request.app.state.deck
    return deck


def now() -> datetime:
    """The clock of this machine (UTC); no other module of the server reads it."""
    return datetime.now(UTC)

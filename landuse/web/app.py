"""The application: which pages there are, and the wall around them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib import resources
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from landuse.pipeline.park_site import ParkSite
from landuse.web import (
    api,
    batch_pages,
    chart_pages,
    enterprise_pages,
    errors,
    ledger_pages,
    login,
    meeting_pages,
    park_pages,
    review_forms,
    review_pages,
    runs_pages,
    tianditu,
)
from landuse.web.deck import Deck
from landuse.web.guard import Guard
from landuse.web.jobs import Jobs
from landuse.web.pending import Pending
from landuse.web.views import Views

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Scope

    from landuse.pipeline.site import Site
    from landuse.web.settings import Settings

__all__ = ["ROUTERS", "create_app"]

ROUTERS: Final[tuple[APIRouter, ...]] = (
    login.router,
    review_pages.router,
    review_forms.router,
    meeting_pages.router,
    chart_pages.router,
    runs_pages.router,
    batch_pages.router,
    ledger_pages.router,
    park_pages.router,
    enterprise_pages.router,
    tianditu.router,
    *api.ROUTERS,
)
"""A new group of pages is one line here."""


class _Static(StaticFiles):
    """Our own files; their addresses bear a mark of the content, so browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_app(site: Site, settings: Settings) -> FastAPI:
    """The pages of ``site``. Documentation pages of FastAPI are off: they load from a network."""

    pending = Pending()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        pending.close()
        site.close()

    app = FastAPI(
        title="landuse", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    app.state.deck = Deck(site, settings, Views(settings), Jobs(), pending, ParkSite(site))
    errors.install(app)
    with resources.as_file(resources.files("landuse.web").joinpath("static")) as folder:
        app.mount("/static", _Static(directory=folder))
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Guard, settings=settings, fault=errors.fault)
    return app

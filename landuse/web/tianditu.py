"""Tianditu's tiles through this server, so that the key is in no page and no file.

The one outgoing call of the program, to one fixed host, and only where the user's key is in the
environment (``LANDUSE_TIANDITU_KEY``) and somebody who is logged in looks at a map with it.
"""

from __future__ import annotations

import logging
import threading
import urllib.error
import urllib.request
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from landuse.web.deck import deck_of
from landuse.web.errors import Refused
from landuse.web.security import current_user

__all__ = ["LAYERS", "router", "tile_url"]

router: Final = APIRouter(dependencies=[Depends(current_user)])
LAYERS: Final = ("vec", "cva", "img", "cia", "ter", "cta")
"""Streets, imagery, terrain, and the names on each; all in Web Mercator (``_w``)."""
_HOST: Final = "t0.tianditu.gov.cn"
_LOG: Final = logging.getLogger("landuse.web")
_SECONDS: Final = 5
_PATIENCE: Final = 2
_AT_ONCE: Final = threading.BoundedSemaphore(8)
"""A slow map service must not hold the threads that the other pages need."""
_LARGEST: Final = 2 * 1024**2
_DEEPEST: Final = 18


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        """Follow nothing: the key goes to the one host and nowhere else."""


_OPENER: Final = urllib.request.build_opener(_NoRedirect)


def tile_url(layer: str, z: int, x: int, y: int, key: str) -> str:
    """The address of a tile.

    >>> tile_url("vec", 3, 6, 2, "k")
    'https://t0.tianditu.gov.cn/DataServer?T=vec_w&x=6&y=2&l=3&tk=k'
    """
    return f"https://{_HOST}/DataServer?T={layer}_w&x={x}&y={y}&l={z}&tk={key}"


@router.get("/tiles/tianditu/{layer}/{z}/{x}/{y}")
def tile(
    request: Request,
    layer: str,
    z: Annotated[int, Path(ge=1, le=_DEEPEST)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
) -> Response:
    """One tile. Refused (404) without a key, and for a layer or place that does not exist."""
    key = deck_of(request).settings.tianditu_key
    if not key or layer not in LAYERS or max(x, y) >= 2**z:
        raise Refused.at(404, "web.no_page", value=request.url.path)
    if not key.isalnum():
        raise Refused.at(502, "web.no_tiles", value="LANDUSE_TIANDITU_KEY")
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise Refused.at(503, "web.no_tiles", value="")
    try:
        content, kind = _fetch(tile_url(layer, z, x, y, key))
    finally:
        _AT_ONCE.release()
    return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=86400"})


def _fetch(url: str) -> tuple[bytes, str]:
    """A picture and its kind; whatever else comes back is refused without a word of it."""
    asked = urllib.request.Request(url, headers={"User-Agent": "Mozilla/5.0 landuse"})  # noqa: S310 - https, fixed host
    try:
        with _OPENER.open(asked, timeout=_SECONDS) as answer:
            kind = answer.headers.get_content_type()
            content = answer.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        # never the error itself: it may repeat the address, and with it the key
        _LOG.warning("a tile could not be fetched: %s", type(error).__name__)
        status = error.code if isinstance(error, urllib.error.HTTPError) else ""
        raise Refused.at(502, "web.no_tiles", value=status) from None
    if kind not in ("image/png", "image/jpeg", "image/webp") or len(content) > _LARGEST:
        raise Refused.at(502, "web.no_tiles", value=kind)
    return content, kind

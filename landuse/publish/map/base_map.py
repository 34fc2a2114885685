"""What lies under the plots of a map: nothing, an orthophoto, local tiles, or (served) Tianditu."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.publish.map.local_tiles import LocalTiles, found_tiles
from landuse.publish.map.orthophoto import Picture, picture_of
from landuse.publish.map.secrecy import photo_warning, place_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from landuse.messages import Lang

__all__ = ["TIANDITU", "BaseMap", "base_map"]

_SHIFTED: Final = re.compile(
    r"amap|autonavi|gaode|高德|tencent|腾讯|\bqq\b|baidu|百度|gcj.?02|bd.?09|火星", re.IGNORECASE
)
_NETWORK: Final = re.compile(r"^\s*(https?|wmts|wms|xyz|ftp)\s*:|tianditu|天地图", re.IGNORECASE)


@dataclass(frozen=True)
class BaseMap:
    """A base map ready to be put into a page.

    ``block`` is what the page is told, ``raw`` what stands in it as base64, ``beside`` tiles that
    lie beside it. ``km2`` and ``metres`` say how much an image covers and how finely (0: no image).
    """

    block: dict[str, Any]
    raw: tuple[tuple[str, str], ...] = ()
    beside: LocalTiles | None = None
    from_server: bool = False
    km2: float = 0.0
    metres: float = 0.0

    def warning(self, lang: Lang) -> str:
        """What is to be said about secrecy; blank otherwise."""
        return photo_warning(self.km2, self.metres, lang) if self.km2 else ""


TIANDITU: Final = BaseMap({"kind": "tianditu", "deepest": 18}, from_server=True)
"""Tianditu through the server's own route, which adds the user's key."""


def base_map(
    geometry: NDArray[np.object_],
    crs: str,
    *,
    orthophoto: Path | str | None = None,
    tiles: Path | str | None = None,
    beside: bool = False,
) -> BaseMap | None:
    """The base map that was asked for, cut to the plots ``geometry``; ``None`` where none was.

    ``beside``: tiles may lie beside the page. Raises :class:`landuse.errors.UserError`: both are
    asked for, either is of a service whose positions are shifted or of a network, cannot be read,
    does not meet the plots, or is too large.
    """
    for asked in (orthophoto, tiles):
        if asked is not None:
            _local(str(asked))
    if orthophoto is not None and tiles is not None:
        raise UserError.of("map_public.one_base")
    here = place_of(geometry, crs)
    if orthophoto is not None:
        return _photo(picture_of(Path(orthophoto), here, crs))
    if tiles is not None:
        found = found_tiles(Path(tiles), here, beside=beside)
        about = {"kind": "tiles", "zooms": list(found.zooms)}
        return BaseMap(about, beside=found) if beside else BaseMap({**about, **found.embedded()})
    return None


def _local(asked: str) -> None:
    """Refuse what is shifted, and what is of a network."""
    name = asked if "://" in asked or ":/" in asked else Path(asked).name
    if _SHIFTED.search(name):
        raise UserError.of("map_public.gaode", value=asked)
    if _NETWORK.search(asked) and not Path(asked).exists():
        raise UserError.of("map_public.tiles_from_network", value=asked)


def _photo(picture: Picture) -> BaseMap:
    block = {"kind": "photo", "bounds": list(picture.bounds), "metres": picture.shown_metres}
    return BaseMap(
        block, raw=(("photo", picture.base64()),), km2=picture.km2, metres=picture.metres
    )

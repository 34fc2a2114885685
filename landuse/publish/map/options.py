"""What a reader may ask of a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.publish.map.base_map import BaseMap
    from landuse.publish.map.public_form import PublicSettings
    from landuse.publish.run_tables import RunTables

__all__ = ["CANVAS_UP_TO", "CARDS_UP_TO", "MOST_INDICATORS", "MapOptions"]

CANVAS_UP_TO: Final = 30_000
"""Up to so many plots every one is drawn as a vector; above, tiles lie under those that matter."""
CARDS_UP_TO: Final = 100_000
"""Up to so many plots one file carries every card."""
MOST_INDICATORS: Final = 3
"""Indicators that a map without all cards carries for every plot."""


@dataclass(frozen=True)
class MapOptions:
    """How a map is made; the default is the map of the batch.

    ``audience``: ``public`` is the copy without names, codes and money. ``served``: the page
    stands in a frame of the meeting page (the bridge is on). ``folder``: tiles and cards of a large
    run lie beside the page, in ``<name of the page>-files``, for a server. ``indicators``: at most
    three keys of the pack, for maps that cannot carry all. ``base``: an orthophoto or raster tiles.
    ``second``: the run to compare with. ``public``: settings of the public copy.
    """

    lang: Lang = "zh"
    audience: Literal["internal", "public"] = "internal"
    served: bool = False
    folder: bool = False
    indicators: tuple[str, ...] = ()
    base: BaseMap | None = None
    second: RunTables | None = None
    public: PublicSettings | None = None
    canvas_up_to: int = CANVAS_UP_TO
    cards_up_to: int = CARDS_UP_TO

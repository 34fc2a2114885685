"""What a page of very many plots carries, and what lies beside it.

Up to ``canvas_up_to`` plots the page has every outline. Above, it has the outlines of those that
matter (flagged, idle, with a case); the others come from tiles, of which the page knows place and
size. Above ``cards_up_to`` the page has the cards of those that matter alone; with ``folder`` the
others lie beside it in pieces.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from landuse.publish.map.embed import json_text
from landuse.publish.map.shapes import STEP, degrees
from landuse.publish.map.tiles import Tiles, write_tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.publish.map.cards import Cards
    from landuse.publish.map.options import MapOptions
    from landuse.publish.run_tables import RunTables

__all__ = [
    "BLOCK",
    "PIECE",
    "TILES",
    "Large",
    "carried",
    "embedded",
    "folder_of",
    "large",
    "named",
    "write_pieces",
]

BLOCK: Final = 3 * 2**18
"""Bytes of the tiles in one block of the page: a multiple of three, so that base64 has no end in
it, and little enough to be decoded between two frames."""
TILES: Final = "plots.pmtiles"
"""Name of the tiles beside the page."""
PIECE: Final = 2000
"""Cards in one file beside the page."""
_KEY: Final = 12
_TIMES_USUAL: Final = 4
_MOST_WIDE: Final = 20_000
_NOWHERE: Final = (1, 1, 0, 0)
_MATTERS: Final = ("revitalised", "both", "idle", "low_efficiency")


@dataclasses.dataclass(frozen=True)
class Large:
    """A run of which the page draws most plots from tiles."""

    run: RunTables
    places: NDArray[np.int32]
    tiles: Tiles
    typical: float

    def about(self, options: MapOptions) -> dict[str, Any]:
        """What the page is told of the tiles."""
        path = self.tiles.path
        beside = {"file": f"{path.parent.name}/{path.name}"}
        where = beside if options.folder else {"block": BLOCK}
        return {"zoom": self.tiles.zoom, "typical": self.typical, **where}


def carried(run: RunTables, cases: pd.DataFrame | None) -> NDArray[np.bool_]:
    """Which plots (in the order of their codes) are never left to tiles: those that matter."""
    parcels = run.parcels.sort_values("parcel_id", kind="stable", ignore_index=True)
    matters = parcels["is_low_efficiency"] | parcels["is_idle"]
    matters |= parcels["land_class"].isin(_MATTERS)
    if cases is not None:
        matters |= parcels["parcel_id"].isin(cases["parcel_id"])
    found: NDArray[np.bool_] = matters.to_numpy(dtype=bool)
    return found


def large(run: RunTables, keep: NDArray[np.bool_], path: Path) -> Large:
    """Write the plots that are not in ``keep`` as tiles to ``path``.

    The run that comes back is the same with empty shapes for these. What no tile holds keeps its
    shape, and so do the widest plots: drawn by their place alone, they would be boxes. Raises what
    :func:`landuse.publish.map.tiles.write_tiles` does.
    """
    parcels = run.parcels.sort_values("parcel_id", kind="stable", ignore_index=True)
    shapes = parcels["geometry"].to_numpy(dtype=object)
    keep = keep | _wide(shapes)
    numbers = np.flatnonzero(~keep)
    tiles = write_tiles(shapes[numbers], numbers, run.crs, path)
    tiled = ~keep
    tiled[list(tiles.lost)] = False
    places = _places(shapes, tiled, run.crs)
    drawn = shapes.copy()
    drawn[tiled] = shapely.Polygon()
    left = dataclasses.replace(run, parcels=parcels.assign(geometry=drawn))
    return Large(left, places, tiles, _typical(places))


def _wide(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """The plots far wider than usual, at most :data:`_MOST_WIDE` of them."""
    box = shapely.bounds(shapes)
    sides = np.nan_to_num(np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]))
    line = _TIMES_USUAL * float(np.median(sides)) if len(sides) else 0.0
    if len(sides) > _MOST_WIDE:
        line = max(line, float(np.partition(sides, -_MOST_WIDE)[-_MOST_WIDE]))
    wide: NDArray[np.bool_] = sides > line
    return wide


def _places(shapes: NDArray[np.object_], tiled: NDArray[np.bool_], crs: str) -> NDArray[np.int32]:
    """West, south, east, north of each tiled plot in whole steps; of the others nowhere."""
    places = np.tile(np.array(_NOWHERE, dtype=np.int32), (len(shapes), 1))
    xy, owner = shapely.get_coordinates(shapes[tiled], return_index=True)
    if len(xy):
        steps = np.rint(degrees(crs)(xy) / STEP)
        first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
        low = np.minimum.reduceat(steps, first, axis=0)
        high = np.maximum.reduceat(steps, first, axis=0)
        places[np.flatnonzero(tiled)[owner[first]]] = np.column_stack([low, high])
    return places


def _typical(places: NDArray[np.int32]) -> float:
    """The larger side of the usual tiled plot, in pixels of zoom level 0."""
    known = places[places[:, 2] >= places[:, 0]].astype(np.float64)
    if not len(known):
        return 0.0
    sides = known[:, 2:] - known[:, :2]
    return round(float(np.median(sides.max(axis=1))) * STEP / 360 * 256, 9)


def embedded(found: Large, options: MapOptions) -> Iterator[tuple[str, str]]:
    """Name and base64 of each block of bytes in the page."""
    yield "places", base64.b64encode(found.places.astype("<i4").tobytes()).decode()
    if options.folder:
        return
    with found.tiles.path.open("rb") as file:
        for number, part in enumerate(iter(lambda: file.read(BLOCK), b"")):
            yield f"tiles-{number}", base64.b64encode(part).decode()


def folder_of(page: Path) -> Path:
    """Where the files of a page with ``folder`` lie."""
    return page.with_name(f"{page.stem}-files")


def named(path: Path) -> Path:
    """Give a file beside a page the name of its content: an old page never reads a new file."""
    with path.open("rb") as file:
        key = hashlib.file_digest(file, "sha256").hexdigest()[:_KEY]
    return path.replace(path.with_name(f"{path.stem}-{key}{path.suffix}"))


def write_pieces(cards: Cards, folder: Path) -> dict[str, Any]:
    """Write every card into files of ``folder``, :data:`PIECE` plots in each.

    What the page is told of them: how their names begin, and how many plots each has.
    """
    digest = hashlib.sha256()
    written = []
    for number, start in enumerate(range(0, len(cards.parcels), PIECE)):
        block = cards.block(range(start, min(start + PIECE, len(cards.parcels))))
        content = json_text(block).encode("utf-8")
        digest.update(content)
        written.append(folder / f"cards-{number}.json.new")
        written[-1].write_bytes(content)
    key = digest.hexdigest()[:_KEY]
    for number, path in enumerate(written):
        path.replace(folder / f"cards-{key}-{number}.json")
    return {"files": f"{folder.name}/cards-{key}-", "piece": PIECE}

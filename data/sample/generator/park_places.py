"""The parks of ``parks.toml``: the three of the batch and the small ones of the townships.

The batch knows three parks (``parks.shp``). The tables about parks know more: two townships made
parks of estates that lie outside those three, and one park is only planned.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pyproj
import shapely

from generator import layers, shapefile, shapes
from generator.county import MU, County, Firm, Lot

EMERGING, TRADITIONAL, EMPLOYMENT = "新兴产业", "传统产业", "就业型"


@dataclass(frozen=True)
class Place:
    """A park: the rows of blocks of an estate (all where ``rows`` is empty); ``estate`` −1 is
    land that nobody has drawn yet. ``room`` is how far its boundary lies from the lots, metres."""

    name: str
    kind: str
    level: str
    estate: int
    rows: tuple[int, ...] = ()
    room: float = 8.0


MAIN = tuple(
    Place(estate.name, kind, level, number, (), 30.0)
    for number, (estate, kind, level) in enumerate(
        zip(
            shapes.ESTATES[:3],
            (EMERGING, TRADITIONAL, EMPLOYMENT),
            ("省级", "县级", "县级"),
            strict=True,
        )
    )
)
TOWN = (
    Place("白湖镇工业集中区", TRADITIONAL, "镇级", 3, (0, 1)),
    Place("青石镇东片工业区", TRADITIONAL, "镇级", 4, (0,)),
    Place("青石镇小微企业园", EMPLOYMENT, "镇级", 4, (1,)),
    Place("南浦乡小微企业园", EMPLOYMENT, "镇级", 5, (0, 1)),
)
PLANNED = Place("柳塘镇科创产业片区", EMERGING, "镇级", -1)


def place_of(lot: Lot) -> Place | None:
    """The park that ``lot`` was laid out in."""
    for place in (*MAIN, *TOWN):
        if lot.estate == place.estate and (not place.rows or _row(lot) in place.rows):
            return place
    return None


def _row(lot: Lot) -> int:
    """Which row of blocks of its estate a lot stands in; −1 where it has no shape."""
    if not lot.shape:
        return -1
    estate = shapes.ESTATES[lot.estate]
    cos, sin = math.cos(math.radians(estate.angle)), math.sin(math.radians(estate.angle))
    x, y = lot.point()
    x, y = x - estate.origin[0], y - estate.origin[1]
    up = (cos * y - sin * x) / (1.03 * cos * cos + sin * sin)
    return math.floor(up / (estate.block[1] + estate.street))


def lots_of(county: County, place: Place) -> list[Lot]:
    """The lots of a park, whatever is wrong with them."""
    return [lot for lot in county.lots if place_of(lot) == place]


def firms_of(county: County, place: Place) -> list[Firm]:
    """The firms whose first lot lies in the park, each once."""
    found: dict[str, tuple[Place | None, Firm]] = {}
    for lot, firm, _ in county.uses:
        if firm.uscc not in found:
            found[firm.uscc] = (place_of(lot), firm)
    return [firm for where, firm in found.values() if where == place]


def boundary(county: County, place: Place) -> shapely.Polygon:
    """The drawn park: around its lots, a little wider."""
    parts = [
        shapely.make_valid(shapely.Polygon(lot.shape[0]))
        for lot in lots_of(county, place)
        if lot.shape
    ]
    hull = shapely.union_all(parts).convex_hull.buffer(place.room, quad_segs=1)
    return shapely.geometry.polygon.orient(hull)


def mu(county: County, place: Place) -> float:
    """The area of the park as its layer draws it."""
    return float(boundary(county, place).area / MU)


def write(path: Path, county: County) -> None:
    """The layer of all drawn parks, as ``parks.shp`` is made: UTF-8, in degrees."""
    to_degrees = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    rings, rows = [], []
    for place in (*MAIN, *TOWN):
        ring = list(boundary(county, place).exterior.coords)[:-1]
        degrees = [to_degrees.transform(x, y) for x, y in ring]
        rings.append([[(round(x, 8), round(y, 8)) for x, y in degrees]])
        rows.append((place.name, place.kind))
    fields = (("YQMC", "C", 60, 0), ("YQLX", "C", 30, 0))
    shapefile.write(path, rings, fields, rows, prj=layers.DEGREES, encoding="utf-8", cpg="UTF-8")

"""Lots: blocks along streets, two rows back to back, shared borders, 4 to 12 vertices."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]


@dataclass(frozen=True)
class Estate:
    """A rotated grid of blocks; ``lot`` is the range of frontages in metres."""

    name: str
    township: int
    lots: int
    origin: Point
    angle: float
    columns: int
    block: tuple[float, float]
    lot: tuple[float, float]
    street: float = 24.0


ESTATES = (
    Estate("云泽经济开发区", 0, 172, (516500.0, 3312700.0), 8.0, 6, (320.0, 230.0), (48.0, 130.0)),
    Estate("青石工业园", 1, 176, (519350.0, 3311150.0), -14.0, 7, (360.0, 190.0), (45.0, 120.0)),
    Estate("柳塘创业园", 2, 104, (515050.0, 3310350.0), 21.0, 5, (240.0, 140.0), (32.0, 75.0)),
    Estate("", 3, 62, (521200.0, 3314600.0), 5.0, 4, (260.0, 170.0), (50.0, 110.0)),
    Estate("", 1, 44, (520250.0, 3309450.0), -30.0, 4, (230.0, 150.0), (45.0, 100.0)),
    Estate("", 4, 42, (514000.0, 3307400.0), 12.0, 4, (240.0, 150.0), (50.0, 105.0)),
)


def lots(rng: random.Random, estate: Estate) -> list[list[Point]]:
    """The open rings of the lots of ``estate``, counter-clockwise, to the millimetre."""
    local: list[list[Point]] = []
    block = 0
    while len(local) < estate.lots:
        column, row = block % estate.columns, block // estate.columns
        width, height = estate.block
        corner = (column * (width + estate.street), row * (height + estate.street))
        local += [_moved(ring, corner) for ring in _block(rng, estate)]
        block += 1
    return [_placed(ring, estate) for ring in local[: estate.lots]]


def _block(rng: random.Random, estate: Estate) -> list[list[Point]]:
    width, height = estate.block
    if rng.random() < 0.06:
        return [_cut(rng, [(0, 0), (width, 0), (width, height), (0, height)], {0, 1, 2, 3})]
    middle = height * rng.uniform(0.42, 0.58)
    lower = _row(rng, estate, 0.0, middle, street_at_bottom=True)
    return lower + _row(rng, estate, middle, height, street_at_bottom=False)


def _row(
    rng: random.Random, estate: Estate, bottom: float, top: float, *, street_at_bottom: bool
) -> list[list[Point]]:
    width = estate.block[0]
    cuts = [0.0]
    while width - cuts[-1] > 1.6 * estate.lot[0]:
        step = rng.uniform(*estate.lot)
        if width - cuts[-1] - step < estate.lot[0]:
            break
        cuts.append(cuts[-1] + step)
    cuts.append(width)
    borders = [_border(rng, x, bottom, top, inner=0 < x < width) for x in cuts]
    rings = []
    for left, right in pairwise(borders):
        ring = [*right, *reversed(left)]
        ring = [left[0], *ring[:-1]]
        rings.append(_rounded(rng, ring, width, bottom if street_at_bottom else top))
    return rings


def _border(rng: random.Random, x: float, bottom: float, top: float, *, inner: bool) -> list[Point]:
    """The shared side of two lots from bottom to top: straight, slanted or with a jog."""
    kind = rng.random()
    if not inner or kind < 0.55:
        return [(x, bottom), (x, top)]
    if kind < 0.75:
        return [(x, bottom), (x + rng.uniform(-6, 6), top)]
    at, shift = bottom + (top - bottom) * rng.uniform(0.35, 0.65), rng.uniform(-9, 9)
    return [(x, bottom), (x, at), (x + shift, at), (x + shift, top)]


def _rounded(rng: random.Random, ring: list[Point], width: float, street: float) -> list[Point]:
    corners = {i for i, (x, y) in enumerate(ring) if y == street and x in (0.0, width)}
    return _cut(rng, ring, corners)


def _cut(rng: random.Random, ring: list[Point], corners: set[int]) -> list[Point]:
    """Street corners cut by one edge or by two."""
    out: list[Point] = []
    for index, point in enumerate(ring):
        if index not in corners:
            out.append(point)
            continue
        radius = rng.uniform(6.0, 12.0)
        before = _towards(point, ring[index - 1], radius)
        after = _towards(point, ring[(index + 1) % len(ring)], radius)
        out.append(before)
        if rng.random() < 0.5:
            middle = ((before[0] + after[0]) / 2, (before[1] + after[1]) / 2)
            out.append(_towards(middle, point, radius * 0.2))
        out.append(after)
    return out


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end)
    share = distance / length
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def _moved(ring: list[Point], by: Point) -> list[Point]:
    return [(x + by[0], y + by[1]) for x, y in ring]


def _placed(ring: list[Point], estate: Estate) -> list[Point]:
    """Turned about the estate's origin; an affine map keeps shared borders shared."""
    cos, sin = math.cos(math.radians(estate.angle)), math.sin(math.radians(estate.angle))
    x0, y0 = estate.origin
    return [
        (round(x0 + x * cos - y * sin, 3), round(y0 + x * sin + 1.03 * y * cos, 3)) for x, y in ring
    ]


def signed_area(ring: list[Point]) -> float:
    """Shoelace area in m², counter-clockwise positive.

    >>> signed_area([(0, 0), (2, 0), (2, 1), (0, 1)])
    2.0
    """
    x0, y0 = ring[0]
    closed = [*ring, ring[0]]
    return 0.5 * math.fsum(
        (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in pairwise(closed)
    )

"""Outlines in the page: placed on the earth, every ring kept, nothing that stops the page."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest
import shapely

from landuse.errors import UserError
from landuse.publish.map.shapes import outlines

GEODETIC = "EPSG:4490"


def decoded(found: dict[str, list[int]]) -> list[list[list[tuple[int, int]]]]:
    """Plots → rings → points in steps, read as the page reads them."""
    steps = found["xy"]
    points = list(zip(accumulate(steps[0::2]), accumulate(steps[1::2]), strict=True))
    rings = iter([[points.pop(0) for _ in range(count)] for count in found["points"]])
    assert not points
    return [[next(rings) for _ in range(count)] for count in found["rings"]]


def geometries(*shapes: object) -> np.ndarray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def turns(ring: list[tuple[int, int]]) -> float:
    """Twice the signed area: above 0 is counter-clockwise."""
    following = ring[1:] + ring[:1]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, following, strict=True))


def test_a_square_in_degrees_keeps_its_corners_and_is_not_closed():
    found = outlines(geometries(shapely.box(118.0, 24.0, 118.001, 24.002)), GEODETIC)
    [[ring]] = decoded(found)
    # 0.001° and 0.002° are 1 000 and 2 000 steps of 1e-6°
    corners = {(118_000_000 + x, 24_000_000 + y) for x in (0, 1000) for y in (0, 2000)}
    assert set(ring) == corners
    assert len(ring) == 4


def test_a_projected_plot_stands_where_the_ellipsoid_says():
    # the meridian arc of GRS 80 from the equator to 30° is 3 320 113.398 m; 4549 has its
    # central meridian, with 500 km added to the east, at 120°
    shape = shapely.Polygon([(500000, 3320113.398), (500100, 3320113.398), (500000, 3320213.398)])
    [[ring]] = decoded(outlines(geometries(shape), "EPSG:4549"))
    assert (120_000_000, 30_000_000) in ring


def test_holes_run_against_their_outer_ring_whatever_the_source():
    outer = [(0, 0), (0, 9), (9, 9), (9, 0)]  # clockwise
    inner = [(3, 3), (3, 6), (6, 6), (6, 3)]  # clockwise too
    [rings] = decoded(outlines(geometries(shapely.Polygon(outer, [inner])), GEODETIC))
    assert [turns(ring) > 0 for ring in rings] == [True, False]


def test_parts_of_a_plot_stay_with_it_and_empty_ones_leave_it_undrawn():
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    mixed = shapely.GeometryCollection([shapely.Point(5, 5), two])
    last = shapely.box(7, 7, 8, 8)
    empty = shapely.Polygon()
    found = decoded(
        outlines(geometries(two, None, mixed, empty, shapely.Point(1, 1), last), GEODETIC)
    )
    assert [len(rings) for rings in found] == [2, 0, 2, 0, 0, 1]
    assert set(found[5][0]) == {(x * 10**6, y * 10**6) for x in (7, 8) for y in (7, 8)}


def test_a_plot_outside_the_projection_is_undrawn_and_its_neighbours_stay():
    good = shapely.box(500000, 3320000, 500100, 3320100)
    far = shapely.box(1e12, 1e12, 2e12, 2e12)
    found = decoded(outlines(geometries(good, far, good), "EPSG:4549"))
    assert [len(rings) for rings in found] == [1, 0, 1]
    assert found[0] == found[2]


def test_points_closer_than_a_step_are_one_and_the_smallest_plot_remains():
    dense = shapely.Polygon([(0, 0), (1e-8, 1e-8), (0.5, 0), (0.5, 0.5)])
    speck = shapely.box(1, 1, 1 + 1e-8, 1 + 1e-8)
    [[ring], [dot]] = decoded(outlines(geometries(dense, speck), GEODETIC))
    assert len(ring) == 3
    assert dot == [(10**6, 10**6)]


def test_heights_are_dropped():
    flat = outlines(geometries(shapely.Polygon([(0, 0, 7), (1, 0, 7), (1, 1, 7)])), GEODETIC)
    assert flat == outlines(geometries(shapely.Polygon([(0, 0), (1, 0), (1, 1)])), GEODETIC)


def test_no_plots_at_all():
    assert outlines(geometries(), GEODETIC) == {"rings": [], "points": [], "xy": []}


def test_a_system_without_a_place_on_the_earth_is_told():
    local = 'LOCAL_CS["grid of the works",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]'
    with pytest.raises(UserError) as caught:
        outlines(geometries(shapely.box(0, 0, 1, 1)), local)
    assert "grid of the works" in caught.value.lines("zh")[0]

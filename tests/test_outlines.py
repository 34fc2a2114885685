"""Polygons as they lie in a file: what GEOS says of them, and when only GEOS can tell."""

import numpy as np
import pyarrow as pa
import pytest
import shapely

from landuse.outlines import outlines
from landuse.overlay import overlaps


def lots(count=200):
    """Rings of 4 to 23 corners far from the origin, as projected coordinates are."""
    rng = np.random.default_rng(11)
    made = []
    for number in range(count):
        angle = np.sort(rng.uniform(0, 2 * np.pi, 4 + number % 20))
        centre = np.array([420_000.0 + number % 20 * 12, 2_740_000.0 + number // 20 * 12])
        corners = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        made.append(shapely.Polygon(centre + corners * rng.uniform(1, 7)))
    return np.array(made)


def column(shapes, **how):
    wkb = pa.array(shapely.to_wkb(shapes, **how), pa.binary())
    return pa.chunked_array([wkb.slice(0, 70), wkb.slice(70)])


def test_bounds_areas_and_shapes_are_those_of_the_geometries():
    shapes = lots()
    found = outlines(column(shapes))
    assert (found.bounds == shapely.bounds(shapes)).all()
    assert found.area == pytest.approx(shapely.area(shapes), rel=1e-9)
    assert (shapely.equals_exact(found.shapes(np.array([150, 3])), shapes[[150, 3]])).all()


def test_overlaps_are_those_of_the_geometries():
    shapes = lots()
    zones = np.array([shapely.box(419_000, 2_739_000, 420_100, 2_750_000), shapes[77].buffer(20)])
    at, zone, area = overlaps(outlines(column(shapes)), zones)
    expected = overlaps(shapes, zones)
    assert (at == expected[0]).all()
    assert (zone == expected[1]).all()
    assert area == pytest.approx(expected[2], rel=1e-9)
    assert 0 < len(at) < 2 * len(shapes)


HOLE = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
ODD = {
    "hole": (HOLE, {}),
    "two parts": (shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]), {}),
    "heights": (shapely.Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)]), {}),
    "byte order": (shapely.box(0, 0, 1, 1), {"byte_order": 0}),
    "empty": (shapely.Polygon(), {}),
    "nothing": (None, {}),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_plain_ring_is_left_to_the_geometries(odd):
    shape, how = ODD[odd]
    assert outlines(column(np.array([shape]), **how)) is None
    if not how:
        assert outlines(column(np.append(lots(), shape))) is None

"""Polygons as they lie in a file: what GEOS says of them, and when only GEOS can tell."""

import numpy as np
import pyarrow as pa
import pytest
import shapely

from landuse.outlines import geometries, outlines, written
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


def zones_over(shapes):
    """A half-plane, a lot with its surroundings, a ring with an island in its hole, two parts of
    which one runs clockwise, a lot itself (edges that coincide) and a needle through many."""
    ring = shapely.Polygon(
        shapely.box(420_030, 2_740_015, 420_170, 2_740_075).exterior.coords,
        [shapely.box(420_060, 2_740_030, 420_120, 2_740_060).exterior.coords],
    )
    island = shapely.box(420_070, 2_740_035, 420_100, 2_740_050, ccw=False)
    return np.array(
        [
            shapely.box(419_000, 2_739_000, 420_100, 2_750_000),
            shapes[77].buffer(20),
            shapely.MultiPolygon([ring, island]),
            shapely.MultiPolygon([shapes[3].reverse(), shapes[150]]),
            shapes[42],
            shapely.Polygon([(419_900, 2_740_000), (420_300, 2_740_110), (420_300, 2_740_112)]),
        ]
    )


@pytest.mark.parametrize("turned", [False, True], ids=["as they are", "clockwise"])
def test_overlaps_are_those_of_the_geometries(turned, monkeypatch):
    monkeypatch.setattr("landuse.outlines._PAIRS", 60)  # several blocks of every zone
    shapes = lots()
    zones = zones_over(shapes)
    shapes = shapely.orient_polygons(shapes, exterior_cw=turned)
    at, zone, area = overlaps(outlines(column(shapes)), zones)
    expected = overlaps(shapes, zones)
    assert (at == expected[0]).all()
    assert (zone == expected[1]).all()
    assert area == pytest.approx(expected[2], rel=1e-9, abs=1e-6)
    assert set(zone) == set(range(len(zones)))


def test_squares_that_share_edges_with_zones():
    """Upright edges, and edges upon each other: 4 m² squares in a zone of 5 m × 6 m."""
    corner = np.stack(np.meshgrid(np.arange(4) * 2.0, np.arange(4) * 2.0), axis=-1).reshape(-1, 2)
    shapes = shapely.box(*corner.T, *(corner + 2.0).T)
    at, _, area = overlaps(outlines(column(shapes)), np.array([shapely.box(0, 0, 5, 6)]))
    inside = [min(x + 2.0, 5.0) - x for x, y in corner.tolist() if x < 5 and y < 6]
    assert area.tolist() == [2.0 * width for width in inside]
    assert at.tolist() == [row for row, (x, y) in enumerate(corner.tolist()) if x < 5 and y < 6]


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


def all_kinds():
    """Lots, and among them what is written otherwise: holes, parts, heights, measures, nothing."""
    holed = shapely.box(0, 0, 9, 9).difference(shapely.box(1, 1, 2, 2))
    odd = [
        holed,
        None,
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), holed]),
        shapely.from_wkt("POLYGON Z ((0 0 1, 1 0 2, 1 1 3, 0 0 1))"),
        shapely.from_wkt("POLYGON M ((0 0 1, 1 0 2, 1 1 3, 0 0 1))"),
        shapely.Polygon(),
        shapely.Point(1, 2),
        shapely.LineString([(0, 0), (1, 1)]),
    ]
    return np.concatenate([odd[:2], lots(20), odd[2:], lots(5)])


@pytest.mark.parametrize("together", [1, 7, 4096])
def test_shapes_are_written_as_geos_writes_them(together, monkeypatch):
    monkeypatch.setattr("landuse.outlines._TOGETHER", together)
    shapes = all_kinds()
    assert written(shapes).to_pylist() == shapely.to_wkb(shapes, flavor="iso").tolist()
    assert written(shapes[:0]).to_pylist() == []


def test_shapes_of_all_chunks_are_read_and_a_broken_one_is_none():
    shapes = lots()
    wkb = shapely.to_wkb(shapes).tolist()
    wkb[3] = wkb[3][:40]
    found = geometries(pa.chunked_array([wkb[:70], wkb[70:]], pa.binary()).chunks)
    assert found[3] is None
    assert np.delete(found, 3).tolist() == np.delete(shapes, 3).tolist()
    assert len(geometries([])) == 0

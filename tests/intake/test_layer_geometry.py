"""Polygons are repaired or set aside, and the change is measured against the rings as they came."""

from fractions import Fraction

import numpy as np
import pyproj
import pytest
import shapely
from layer_files import EAST, NORTH, box

from landuse.crs import choose_ground
from landuse.intake.geometry import centres, mend, same_shape
from landuse.intake.star_shaped import are_star_shaped

CRS = pyproj.CRS(4549)


def mended(*shapes, limit="0.001"):
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    ground = choose_ground(centres(array), CRS, None)
    return mend(array, CRS, ground, Fraction(limit))


def ring(*points):
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in points])


def test_a_sound_polygon_stays_as_it_is():
    found = mended(box(0, 0))
    assert found.fault.tolist() == [""]
    assert found.area_m2.tolist() == [5000.0]
    assert not found.repaired.any()
    assert found.change_m2.tolist() == [0.0]


def test_a_figure_of_eight_is_set_aside_against_its_signed_area():
    # two triangles of 100 x 50 / 2 = 2 500 m² that cancel out in the signed area: 0 → 5 000 m²
    found = mended(ring((0, 0), (100, 100), (100, 0), (0, 100)))
    assert found.fault.tolist() == ["intake_layers.repair_too_large"]
    assert found.before_m2[0] == pytest.approx(0.0, abs=1e-6)
    assert found.area_m2[0] == pytest.approx(5000.0, abs=1e-6)
    assert found.shapes[0] is None


def with_a_turned_tip():
    """100 x 50 m; the upper edge makes a detour round a triangle of 2 x 2 / 2 = 2 m² the wrong
    way: the rings have 5 000 - 2 = 4 998 m², the repaired polygon 5 002 m².
    """
    return ring((0, 0), (100, 0), (100, 50), (50, 50), (49, 52), (51, 52), (50, 50), (0, 50))


def test_a_small_fault_is_repaired_and_its_change_reported():
    shape = with_a_turned_tip()
    assert not shape.is_valid
    found = mended(shape)  # 4 / 4 998 = 0.08 %
    assert found.fault.tolist() == [""]
    assert found.repaired.tolist() == [True]
    assert found.shapes[0].is_valid
    assert found.before_m2[0] == pytest.approx(4998.0, abs=1e-6)
    assert found.change_m2[0] == pytest.approx(4.0, abs=1e-6)


def test_the_limit_decides():
    found = mended(with_a_turned_tip(), limit="0.0008")
    assert found.fault.tolist() == ["intake_layers.repair_too_large"]
    assert mended(with_a_turned_tip(), limit="0.000801").fault.tolist() == [""]


def test_a_ring_that_touches_itself_keeps_its_area():
    # a hole that touches the shell, drawn as one ring (as some programs write it)
    banana = ring((0, 0), (100, 0), (100, 50), (50, 50), (60, 20), (40, 20), (50, 50), (0, 50))
    assert not banana.is_valid
    found = mended(banana)
    # 5 000 less the triangle 20 x 30 / 2 = 300
    assert found.area_m2[0] == pytest.approx(4700.0, abs=1e-9)
    assert found.fault.tolist() == [""]


def test_what_is_missing_empty_endless_or_no_polygon_is_set_aside():
    line = shapely.LineString([(EAST, NORTH), (EAST + 5, NORTH)])
    endless = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH), (np.inf, NORTH + 9)])
    collapsed = ring((0, 0), (50, 0), (100, 0), (0, 0))
    found = mended(None, shapely.Polygon(), endless, line, shapely.Point(EAST, NORTH), collapsed)
    assert found.fault.tolist() == [
        "intake_layers.geometry_missing",
        "intake_layers.geometry_missing",
        "intake_layers.geometry_missing",
        "intake_layers.geometry_not_polygon",
        "intake_layers.geometry_not_polygon",
        "intake_layers.geometry_collapsed",
    ]
    assert all(shape is None for shape in found.shapes)


def test_the_polygons_of_a_collection_count():
    mixed = shapely.GeometryCollection([box(0, 0), shapely.Point(EAST, NORTH), box(200, 0)])
    only = shapely.GeometryCollection([shapely.Point(EAST, NORTH)])
    found = mended(mixed, only)
    assert found.area_m2.tolist() == [10_000.0, 0.0]
    assert found.fault.tolist() == ["", "intake_layers.geometry_not_polygon"]


def test_parts_that_overlap_are_not_counted_twice():
    # two boxes of 5 000 m² that overlap by half: rings 10 000 m², ground 7 500 m²
    found = mended(shapely.MultiPolygon([box(0, 0), box(50, 0)]))
    assert found.before_m2.tolist() == [10_000.0]
    assert found.area_m2.tolist() == [7_500.0]
    assert found.fault.tolist() == ["intake_layers.repair_too_large"]


def test_equal_shapes_may_begin_elsewhere_and_run_the_other_way():
    one = box(0, 0)
    turned = shapely.Polygon(list(shapely.reverse(one).exterior.coords)[2:4] * 1
                             + list(shapely.reverse(one).exterior.coords)[:3])  # fmt: skip
    more_points = shapely.segmentize(one, 10.0)
    assert same_shape(one, turned)
    assert same_shape(one, more_points)
    assert not same_shape(one, box(0.01, 0))


def test_middles_of_what_has_none():
    middle = centres(np.array([box(0, 0), None, shapely.Polygon()], dtype=object))
    assert middle[0].tolist() == [EAST + 50, NORTH + 25]
    assert np.isnan(middle[1:]).all()


def rings_at_random(count=2000):
    """Rings of 3 to 12 corners far from the origin: round, crossing themselves, turned."""
    rng = np.random.default_rng(5)
    made = []
    for number in range(count):
        corners = 3 + number % 10
        angle = rng.uniform(0, 4 * np.pi if number % 3 else 2 * np.pi, corners)
        angle = np.sort(angle) if number % 4 else angle
        out = np.stack([np.cos(angle), np.sin(angle)], axis=1) * rng.uniform(5, 9, (corners, 1))
        made.append(shapely.Polygon(np.array([EAST, NORTH]) + out[:: 1 - 2 * (number % 2)]))
    return np.array(made)


def test_a_star_shaped_polygon_is_valid():
    rings = rings_at_random()
    stars, are_valid = are_star_shaped(rings), shapely.is_valid(rings)
    assert not (stars & ~are_valid).any()
    assert min(stars.sum(), are_valid.sum() - stars.sum(), (~are_valid).sum()) > 100


def test_only_one_ring_that_runs_once_round_is_star_shaped():
    square, inner = box(0, 0), shapely.box(EAST + 20, NORTH + 20, EAST + 80, NORTH + 30)
    twice = np.array(square.exterior.coords)[[0, 1, 2, 3, 0, 1, 2, 3, 0]]
    spike = ring((0, 0), (50, 0), (50, -30), (50, 0), (100, 0), (100, 50), (0, 50))
    shapes = [
        square,
        square.reverse(),
        None,
        shapely.Polygon(twice),
        shapely.Polygon(square.exterior.coords, [inner.exterior.coords]),
        shapely.Polygon(square.exterior.coords, [inner.exterior.coords[::-1]]),
        shapely.MultiPolygon([square, inner]),
        spike,
        ring((0, 0), (0, 0), (100, 0), (100, 50), (0, 50)),  # valid: GEOS is asked
        shapely.Polygon(),
    ]
    assert are_star_shaped(np.array(shapes)).tolist() == [True, True] + [False] * 8
    assert are_star_shaped(np.array([None])).tolist() == [False]

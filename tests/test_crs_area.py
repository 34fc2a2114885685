"""Where areas are measured, and how large they come out."""

import math

import numpy as np
import pyproj
import pytest
import shapely

from landuse.crs import CrsFault, Ground, area_m2, choose_ground, ellipsoid_area, reproject


def shapes(*polygons) -> np.ndarray:
    out = np.empty(len(polygons), dtype=object)
    out[:] = polygons
    return out


def middles(array: np.ndarray) -> np.ndarray:
    return shapely.get_coordinates(shapely.centroid(array))


def measure(array, crs, project=None, method="planar") -> np.ndarray:
    crs = pyproj.CRS(crs)
    project = pyproj.CRS(project) if project else None
    return area_m2(array, crs, choose_ground(middles(array), crs, project, method))


@pytest.mark.parametrize(
    ("south", "expected"),
    [(24.8, 1_119_982.473437), (30.0, 1_069_521.173251), (34.3, 1_021_127.888166)],
)
def test_the_series_agrees_with_the_published_cells(south, expected):
    cell = shapes(shapely.box(117.0, south, 117.01, south + 0.01))
    assert ellipsoid_area(cell)[0] == pytest.approx(expected, abs=1e-5)


def test_the_series_agrees_with_the_integral_of_the_ellipsoid():
    # an edge straight in (latitude, longitude) on a right triangle: integrate M·N·cosB numerically
    a, f = 6378137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    south, north, east = math.radians(30.0), math.radians(30.01), math.radians(0.01)
    steps = 2000
    total = 0.0
    for k in range(steps):
        lat = south + (k + 0.5) * (north - south) / steps
        w = 1 - e2 * math.sin(lat) ** 2
        width = east * (north - lat) / (north - south)
        total += a * a * (1 - e2) / w**2 * math.cos(lat) * width * (north - south) / steps
    triangle = shapes(shapely.Polygon([(117, 30), (117.01, 30), (117, 30.01)]))
    # the published trapezoid takes the mean longitude of an edge: a few parts in 10⁵ off
    assert ellipsoid_area(triangle)[0] == pytest.approx(total, rel=5e-5)


def test_holes_and_parts_and_direction_of_rings():
    outer, hole = shapely.box(117, 30, 117.01, 30.01), shapely.box(117.002, 30.002, 117.004, 30.004)
    far = shapely.box(118, 31, 118.01, 31.01)
    with_hole = shapely.Polygon(outer.exterior, [hole.exterior])
    one, two, three, both, turned = ellipsoid_area(
        shapes(outer, hole, far, shapely.MultiPolygon([with_hole, far]), shapely.reverse(outer))
    )
    assert both == pytest.approx(one - two + three, abs=1e-6)
    assert turned == pytest.approx(one, abs=1e-9)
    assert ellipsoid_area(shapes(None, shapely.Polygon())).tolist() == [0.0, 0.0]


def test_in_its_zone_the_area_is_the_plain_one():
    box = shapely.box(500_000, 3_300_000, 500_100, 3_300_050)  # 100 m x 50 m
    assert measure(shapes(box), 4549).tolist() == [5000.0]
    prefixed = shapely.box(40_500_000, 3_300_000, 40_500_100, 3_300_050)
    assert measure(shapes(prefixed), 4528).tolist() == [5000.0]


def test_each_parcel_is_measured_in_the_zone_of_its_own_centroid():
    # a parcel at 120.0°E drawn in zone 39 (117°E), 290 km off its meridian: scale² is
    # 1 + (290/6371)² = 1.00207, so the drawn area is some 2 permille too large
    box = shapes(shapely.box(500_000, 3_300_000, 500_100, 3_300_050))
    drawn = reproject(box, pyproj.CRS(4549), pyproj.CRS(4548))
    assert shapely.area(drawn)[0] == pytest.approx(5000 * 1.00207, rel=1e-4)
    assert measure(drawn, 4548)[0] == pytest.approx(5000.0, abs=1e-4)


def test_degrees_and_web_mercator_are_measured_in_the_zone():
    box = shapes(shapely.box(500_000, 3_300_000, 500_100, 3_300_050))
    degrees = reproject(box, pyproj.CRS(4549), pyproj.CRS(4490))
    web = reproject(box, pyproj.CRS(4549), pyproj.CRS(3857))
    assert shapely.area(web)[0] == pytest.approx(5000 / math.cos(math.radians(29.8)) ** 2, rel=0.01)
    assert measure(degrees, 4490)[0] == pytest.approx(5000.0, abs=1e-4)
    assert measure(degrees, 4326)[0] == pytest.approx(5000.0, abs=1e-2)
    assert measure(web, 3857)[0] == pytest.approx(5000.0, abs=1e-2)


def test_a_projected_source_of_another_datum_is_measured_in_its_own_zone_in_metres():
    # 1 000 x 1 000 US survey feet = (1200/3937 x 1000)² m²
    square = shapes(shapely.box(984_000, 180_000, 985_000, 181_000))
    assert measure(square, 2263)[0] == pytest.approx((1_200_000 / 3937) ** 2, rel=1e-12)
    old = shapes(shapely.box(500_000, 3_300_000, 500_100, 3_300_050))
    assert measure(old, 2379).tolist() == [5000.0]
    assert measure(old, 2379, project=4549).tolist() == [5000.0]


@pytest.mark.parametrize("crs", [4214, 4610, 4269])
def test_degrees_of_another_datum_are_refused(crs):
    cell = shapes(shapely.box(117.0, 30.0, 117.01, 30.01))
    with pytest.raises(CrsFault) as caught:
        measure(cell, crs)
    assert caught.value.issue.code == "crs.degrees_of_old_datum"


def test_degrees_of_another_datum_are_measured_in_the_project_system_of_that_datum():
    cell = shapes(shapely.box(117.0, 30.0, 117.01, 30.01))
    own = measure(cell, 4214, project=2436)[0]  # Beijing 1954 / 3-degree CM 117E
    assert own == pytest.approx(1_069_521, rel=1e-3)
    with pytest.raises(CrsFault):
        measure(cell, 4214, project=4548)  # CGCS2000: another datum


def test_wgs84_outside_china_needs_a_plane():
    cell = shapes(shapely.box(-74.0, 40.7, -73.99, 40.71))
    with pytest.raises(CrsFault):
        measure(cell, 4326)
    assert measure(cell, 4326, project=32618)[0] > 900_000
    with pytest.raises(CrsFault):
        measure(cell, 4326, project=3857)


def test_on_the_ellipsoid_the_system_of_the_drawing_does_not_matter():
    cell = shapes(shapely.box(117.0, 30.0, 117.01, 30.01))
    plane = reproject(cell, pyproj.CRS(4490), pyproj.CRS(4548))
    area = measure(plane, 4548, method="ellipsoid")[0]
    assert area == pytest.approx(1_069_521.173251, abs=1e-3)
    # on the Krassowsky ellipsoid (1 part in 10⁴ larger) it is another number
    assert measure(cell, 4214, method="ellipsoid")[0] == pytest.approx(
        1_069_521 * 1.00003, rel=1e-4
    )


def test_missing_shapes_have_no_area():
    crs = pyproj.CRS(4549)
    ground = Ground(None, np.array([40, 0]))
    array = shapes(shapely.box(500_000, 3_300_000, 500_100, 3_300_050), None)
    assert area_m2(array, crs, ground).tolist() == [5000.0, 0.0]

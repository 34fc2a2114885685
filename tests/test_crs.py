"""Coordinate systems: what they are, whether coordinates fit them, how points move."""

import numpy as np
import pyproj
import pytest
import shapely

from landuse.crs import (
    CrsFault,
    check_extent,
    code_of,
    datum_of,
    is_settled,
    missing_system,
    one_frame,
    outside,
    parse,
    reproject,
    to_lonlat,
    zone_crs,
    zone_in,
    zone_of,
)


def points(x: float, y: float) -> np.ndarray:
    step = 0.01 if abs(x) < 200 else 50.0
    return np.array([[x, y], [x + step, y + step], [x + step, y - step]])


def refusal(call, *args) -> tuple[str, dict]:
    with pytest.raises(CrsFault) as caught:
        call(*args)
    issue = caught.value.issue
    assert issue.message("zh")
    assert issue.message("en")
    assert issue.hint("zh")
    return issue.code, dict(issue.values)


@pytest.mark.parametrize("text", ["EPSG:4549", "4549", " epsg:4549 ", pyproj.CRS(4549).to_wkt()])
def test_a_system_is_read_as_code_number_or_wkt(text):
    assert code_of(parse(text)) == "EPSG:4549"


def test_the_height_of_a_compound_system_is_left_aside():
    # EPSG:9518 is WGS 84 + a height; its horizontal part is WGS 84
    assert parse("EPSG:9518").to_epsg() == 4326


@pytest.mark.parametrize("text", ["GCJ-02", "bd09", "火星坐标系", "百度坐标"])
def test_shifted_systems_of_web_maps_are_refused(text):
    assert refusal(parse, text)[0] == "crs.offset_system"


def test_nonsense_and_local_systems_are_refused():
    assert refusal(parse, "四五四九")[0] == "crs.unreadable"
    local = 'LOCAL_CS["厂区坐标",UNIT["metre",1],AXIS["E",EAST],AXIS["N",NORTH]]'
    assert refusal(parse, local)[0] == "crs.not_on_earth"


@pytest.mark.parametrize(
    ("epsg", "name"),
    [(4490, "cgcs2000"), (4528, "cgcs2000"), (32650, "wgs84"), (3857, "wgs84"),
     (2379, "xian80"), (4214, "beijing54"), (4799, "new_beijing"),
     (2263, "North American Datum 1983")],
)  # fmt: skip
def test_the_datum_of_a_system(epsg, name):
    assert datum_of(pyproj.CRS(epsg)) == name


def test_cgcs2000_and_wgs84_are_one_frame_and_the_old_datums_are_not():
    new, wgs = pyproj.CRS(4549), pyproj.CRS(4326)
    assert one_frame(new, wgs)
    for old in (2379, 4214, 4799, 3826, 2263):
        assert not one_frame(new, pyproj.CRS(old))


def test_zones_change_half_way_between_their_meridians():
    # meridians at 3° x number: 117 -> 39, 120 -> 40; half way is 118.5
    assert zone_of(np.array([116.0, 118.499999, 118.5, 121.4])).tolist() == [39, 39, 40, 40]
    assert zone_crs(39).to_epsg() == 4548


def test_a_zone_is_known_with_and_without_prefix_and_nothing_else_is_one():
    assert [zone_in(pyproj.CRS(code)) for code in (4549, 4528)] == [40, 40]
    for other in (4490, 4498, 32650, 2379, 3857, 4326):  # degrees, 6-degree, UTM, Xi'an 80 ...
        assert zone_in(pyproj.CRS(other)) is None
    own = pyproj.CRS(4549).to_wkt().replace("120", "118.5")
    assert zone_in(pyproj.CRS(own)) is None


@pytest.mark.parametrize(
    ("epsg", "x", "y"),
    [(4549, 500_000, 3_300_000), (4528, 40_500_000, 3_300_000), (4490, 120.1, 30.2),
     (4326, 120.1, 30.2), (3857, 13_360_000, 3_500_000), (2263, 984_000, 180_000),
     (3826, 215_000, 2_675_000), (32650, 600_000, 3_300_000), (4326, -74.0, 40.7)],
)  # fmt: skip
def test_coordinates_in_their_place_pass(epsg, x, y):
    check_extent(points(x, y), pyproj.CRS(epsg))


@pytest.mark.parametrize(
    ("epsg", "x", "y"),
    [(4549, 3_300_000, 500_000), (4490, 30.2, 120.1), (4326, 30.2, 120.1), (4326, 39.9, 75.2)],
)
def test_swapped_axes_are_detected_and_said(epsg, x, y):
    assert refusal(check_extent, points(x, y), pyproj.CRS(epsg))[0] == "crs.axes_swapped"


def test_a_prefix_that_the_system_does_not_have_is_said_with_the_right_code():
    code, values = refusal(check_extent, points(40_500_000, 3_300_000), pyproj.CRS(4549))
    assert code == "crs.zone_prefix"
    assert (values["carried"], values["expected"], values["suggestion"]) == (40, "-", "EPSG:4528")


def test_a_missing_prefix_and_the_prefix_of_another_zone_are_said():
    code, values = refusal(check_extent, points(500_000, 3_300_000), pyproj.CRS(4528))
    assert (code, values["carried"], values["expected"]) == ("crs.zone_prefix", "-", 40)
    assert values["suggestion"] == "EPSG:4549"
    code, values = refusal(check_extent, points(39_500_000, 3_300_000), pyproj.CRS(4528))
    assert (code, values["carried"], values["suggestion"]) == ("crs.zone_prefix", 39, "EPSG:4527")


def test_swapped_axes_with_a_prefix_too_many():
    code, values = refusal(check_extent, points(3_300_000, 40_500_000), pyproj.CRS(4549))
    assert (code, values["suggestion"]) == ("crs.axes_swapped_and_prefix", "EPSG:4528")


def test_degrees_in_a_projected_system_and_metres_in_degrees():
    code, _ = refusal(check_extent, points(120.1, 30.2), pyproj.CRS(4549))
    assert code == "crs.degrees_as_metres"
    code, _ = refusal(check_extent, points(500_000, 3_300_000), pyproj.CRS(4490))
    assert code == "crs.metres_as_degrees"


def test_coordinates_that_fit_in_no_way_are_outside():
    assert refusal(check_extent, points(500.0, 200.0), pyproj.CRS(2379))[0] == "crs.outside"


def test_one_point_far_away_does_not_condemn_the_layer_and_is_found():
    many = np.array([[500_000.0, 3_300_000.0]] * 3 + [[0.0, 0.0], [np.nan, np.nan]])
    check_extent(many, pyproj.CRS(4549))
    assert outside(many, pyproj.CRS(4549)).tolist() == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("x", "y", "code", "suggestion"),
    [(120.1, 30.2, "crs.missing_degrees", "EPSG:4490"),
     (30.2, 120.1, "crs.missing_degrees_swapped", "EPSG:4490"),
     (40_500_000, 3_300_000, "crs.missing_prefixed", "EPSG:4528"),
     (39_400_000, 2_700_000, "crs.missing_prefixed", "EPSG:4527"),
     (20_400_000, 2_700_000, "crs.missing_prefixed", "EPSG:4498"),
     (3_300_000, 40_500_000, "crs.missing_prefixed_swapped", "EPSG:4528"),
     (500_000, 3_300_000, "crs.missing_unprefixed", None),
     (3_300_000, 500_000, "crs.missing_unprefixed_swapped", None),
     (400.0, 300.0, "crs.missing_unknown", None)],
)  # fmt: skip
def test_a_layer_without_system_is_told_what_its_numbers_look_like(x, y, code, suggestion):
    fault = missing_system(points(x, y))
    assert fault.issue.code == code
    assert fault.issue.values.get("suggestion") == suggestion
    words = fault.issue.message("zh") + fault.issue.hint("zh")
    if code != "crs.missing_unknown":
        assert (suggestion or "EPSG:4534") in words


def test_moving_between_prefix_and_no_prefix_shifts_by_the_prefix_alone():
    shape = np.array([shapely.box(500_000, 3_300_000, 500_100, 3_300_050)], dtype=object)
    moved = reproject(shape, pyproj.CRS(4549), pyproj.CRS(4528))
    assert shapely.bounds(moved)[0] == pytest.approx(
        [40_500_000, 3_300_000, 40_500_100, 3_300_050], abs=1e-6
    )


def test_moving_to_the_next_zone_agrees_with_proj():
    point = np.array([shapely.Point(700_000.0, 3_300_000.0)], dtype=object)
    moved = reproject(point, pyproj.CRS(4548), pyproj.CRS(4549))[0]
    through = pyproj.Transformer.from_crs(4548, 4549, always_xy=True)
    assert (moved.x, moved.y) == pytest.approx(through.transform(700_000, 3_300_000), abs=1e-6)


WEST, NORTH = 408_000.0, 2_740_000.0
"""In zone 40 (EPSG:4549, central meridian 120°), some 92 km west of it."""


@pytest.mark.parametrize(
    ("epsg", "box", "settled"),
    [
        (4549, (WEST, NORTH, WEST + 50_000, NORTH + 80_000), True),
        (4490, (119.0, 24.5, 119.8, 25.5), True),
        (4326, (119.0, 24.5, 119.8, 25.5), True),
        (4490, (118.2, 24.5, 118.8, 25.5), False),  # zones 39 and 40 meet at 118.5
        (4549, (330_000, NORTH, 380_000, NORTH + 10_000), False),  # 118.3 to 118.8
        (4490, (24.5, 119.0, 25.5, 119.8), False),  # axes swapped
        (4549, (WEST, NORTH, 40_500_000, NORTH + 10), False),  # a prefix too many
        (4549, (np.nan, np.nan, np.nan, np.nan), False),
        (4549, (-np.inf, NORTH, WEST, NORTH), False),
    ],
)
def test_a_box_in_one_zone_where_coordinates_can_be_settles_all_points_in_it(epsg, box, settled):
    system = pyproj.CRS(epsg)
    assert is_settled(np.array(box), system) == settled
    if settled:
        rng = np.random.default_rng(0)
        inside = rng.uniform(box[:2], box[2:], (2000, 2))
        assert not outside(inside, system).any()
        assert len(set(zone_of(to_lonlat(inside, system)[:, 0]).tolist())) == 1


@pytest.mark.parametrize("old", [2379, 4214, 4610, 4799, 3826])
def test_another_datum_is_never_joined_without_a_transformation(old):
    shape = np.array([shapely.Point(100.0, 30.0)], dtype=object)
    code, values = refusal(reproject, shape, pyproj.CRS(old), pyproj.CRS(4549))
    assert code == "crs.datum_differs"
    assert "+towgs84" in pyproj_hint(values)


def pyproj_hint(values: dict) -> str:
    from landuse.messages import hint

    return hint("crs.datum_differs", "zh", **values)


def test_the_transformation_that_the_user_gives_is_used_and_the_hint_shows_how():
    # Beijing 54, zone 40, shifted by dX = 100 m at 120°E on the equator side: compare with PROJ's
    # own steps (geocentric translation on the Krassowsky ellipsoid)
    text = "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=krass +units=m"
    given = parse(f"{text} +towgs84=15.8,-154.4,-82.3,0,0,0,0")
    assert datum_of(given) == "wgs84"
    lonlat = to_lonlat(np.array([[500_000.0, 3_300_000.0]]), given)[0]
    steps = pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +inv {text} +step +proj=push +v_3 +step +proj=cart +ellps=krass "
        "+step +proj=helmert +x=15.8 +y=-154.4 +z=-82.3 +step +inv +proj=cart +ellps=WGS84 "
        "+step +proj=pop +v_3 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    ).transform(500_000.0, 3_300_000.0)
    assert lonlat == pytest.approx(steps, abs=1e-9)
    moved = reproject(
        np.array([shapely.Point(500_000.0, 3_300_000.0)], dtype=object), given, pyproj.CRS(4549)
    )[0]
    # 15.8 m west-east mixed with 154.4 m along Y: at 120°E east = -X sin(120°) + Y cos(120°)
    # = -15.8*0.8660 + 154.4*0.5 = 63.5 m
    assert moved.x - 500_000 == pytest.approx(63.5, abs=0.1)


def test_every_sentence_of_the_room_has_both_languages_and_a_hint():
    from landuse.messages import codes, sentence

    mine = [code for code in codes() if code.startswith("crs.")]
    assert len(mine) > 15
    for code in mine:
        entry = sentence(code)
        assert entry["zh"]
        assert entry["en"]
        assert entry["hint_zh"]
        assert entry["hint_en"]

"""Parcel layers end as one validated table, and every row is accounted for."""

import stat

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from layer_files import EAST, NORTH, box, code, fingerprint, frame, project, rules, table_of

from landuse.crs import reproject
from landuse.errors import UserError
from landuse.intake.parcels import read_parcels
from landuse.issues import IssueLog

SHP = '[parcels]\npath = "宗地.shp"\n'


def read(folder, text=SHP, correct=None, **override):
    log = IssueLog()
    reading = read_parcels(project(folder, text), rules(**override), log, correct=correct)
    for table in (reading.counts,):
        assert (table["read"] == table["used"] + table["set_aside"]).all()
    for issue in log:
        assert issue.message("zh")
        assert issue.message("en")
    return reading, log


def codes(log):
    return sorted(issue.code.removeprefix("intake_layers.") for issue in log)


def faults(folder, text=SHP, **override):
    with pytest.raises(UserError) as caught:
        read(folder, text, **override)
    for issue in caught.value.issues:
        assert issue.message("zh")
        assert issue.hint("zh")
    return [issue.code for issue in caught.value.issues]


def saved(folder, data, name="宗地.shp"):
    data.to_file(folder / name, encoding="GB18030")
    return data


def test_a_plain_layer(tmp_path):
    more = {"TYSHXYDM": ["９１350582ma0000015j", None], "DKJZDJ": [360, 0]}
    uses = ["0601 工业", "仓储用地"]
    data = frame(2, DJMJ=[5000.5, 0.0], TDSYQR=["某公司", "／"], TDYT=uses, **more)
    saved(tmp_path, data)
    reading, log = read(tmp_path)
    assert table_of(reading.frame, "parcel_id", "holder", "uscc", "land_use_code") == [
        (code(1), "某公司", "91350582MA0000015J", "0601"),
        (code(2), "", "", "0604"),
    ]
    assert reading.frame["registered_area_m2_micro"].tolist() == [5_000_500_000, 0]
    assert reading.frame["geometry_area_m2_micro"].tolist() == [5_000_000_000] * 2
    assert reading.frame["accounting_area_m2_micro"].tolist() == [5_000_500_000, 5_000_000_000]
    assert reading.frame["area_source"].tolist() == ["registered", "geometry"]
    assert reading.frame["benchmark_price_yuan_per_m2"].fillna(-1).tolist() == [360.0, -1.0]
    assert reading.crs == "EPSG:4549"
    assert codes(log) == []
    assert reading.counts.to_dict("records") == [
        {"table": "parcels", "file": "宗地.shp", "read": 2, "used": 2, "set_aside": 0}
    ]
    assert table_of(reading.sources, "key", "source_file", "source_row") == [
        (code(1), "宗地.shp", 1), (code(2), "宗地.shp", 2)
    ]  # fmt: skip
    assert {"parcel_id", "registered_area", "land_use_code"} <= reading.has


def test_every_row_that_cannot_be_used_says_why(tmp_path):
    data = frame(7)
    data.loc[1, "ZDDM"] = None
    data.loc[2, "ZDDM"] = "3.50582E+18"
    data.loc[3, "geometry"] = None
    crossing = [(EAST + x, NORTH + y) for x, y in ((0, 900), (100, 1000), (100, 900), (0, 1000))]
    data.loc[4, "geometry"] = shapely.Polygon(crossing)
    data.loc[6, "ZDDM"] = code(6)
    saved(tmp_path, data)
    reading, log = read(tmp_path)
    assert reading.frame["parcel_id"].tolist() == [code(1)]
    assert table_of(reading.set_aside, "source_row", "key", "reason") == [
        (2, "", "intake_layers.no_key"),
        (3, "", "intake_layers.key_destroyed"),
        (4, code(4), "intake_layers.geometry_missing"),
        (5, code(5), "intake_layers.repair_too_large"),
        (6, code(6), "intake_layers.key_repeated"),
        (7, code(6), "intake_layers.key_repeated"),
    ]
    assert sorted({issue.row for issue in log}) == [2, 3, 4, 5, 6, 7]
    assert len(log) == 6
    # also those without a code: whose land they are is known by holder, code or point
    assert table_of(reading.lost, "parcel_id", "source_row") == [
        ("", 2), ("", 3), (code(4), 4), (code(5), 5), (code(6), 6), (code(6), 7)
    ]  # fmt: skip
    assert reading.counts[["read", "used", "set_aside"]].iloc[0].tolist() == [7, 1, 6]


def test_a_parcel_without_a_code_keeps_its_users_for_the_land_that_is_lost(tmp_path):
    data = frame(2, TDSYQR=["某公司", "某公司"], TYSHXYDM=["91350582MA0000015J", None])
    data.loc[0, "ZDDM"] = None
    saved(tmp_path, data)
    reading, _ = read(tmp_path)
    assert table_of(reading.lost, "parcel_id", "holder", "uscc", "reason") == [
        ("", "某公司", "91350582MA0000015J", "intake_layers.no_key")
    ]


def test_equal_parcels_are_kept_once_whichever_comes_first(tmp_path):
    data = frame(3, TDSYQR=["甲", "", "丙"])
    data.loc[1, "ZDDM"] = code(1)
    data.loc[1, "geometry"] = shapely.reverse(data.loc[0, "geometry"])
    kept = []
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        folder = tmp_path / str(order[0])
        folder.mkdir()
        saved(folder, data.iloc[order].reset_index(drop=True))
        reading, log = read(folder)
        kept.append(table_of(reading.frame, "parcel_id", "holder", "accounting_area_m2_micro"))
        assert codes(log) == ["same_parcel_twice"]
        assert len(reading.lost) == 0
    assert kept[0] == [(code(1), "甲", 5_000_000_000), (code(3), "丙", 5_000_000_000)]
    assert kept[1] == kept[0]
    assert kept[2] == kept[0]


def test_equal_parcels_that_say_different_things_are_named(tmp_path):
    data = frame(2, TDSYQR=["甲公司", "乙公司"])
    data.loc[1, ["ZDDM", "geometry"]] = [code(1), data.loc[0, "geometry"]]
    saved(tmp_path, data)
    reading, log = read(tmp_path)
    assert codes(log) == ["same_parcel_differs", "same_parcel_twice"]
    assert len(reading.frame) == 1


def test_a_code_with_a_good_and_a_missing_polygon_loses_both(tmp_path):
    data = frame(3)
    data.loc[1, ["ZDDM", "geometry"]] = [code(1), None]
    saved(tmp_path, data)
    reading, _ = read(tmp_path)
    assert reading.frame["parcel_id"].tolist() == [code(3)]
    assert reading.set_aside["reason"].tolist() == [
        "intake_layers.key_repeated", "intake_layers.geometry_missing"
    ]  # fmt: skip


def test_areas_that_cannot_both_be_right(tmp_path):
    saved(tmp_path, frame(3, DJMJ=[5000.0, 5400.0, 10_001.0]))
    reading, log = read(tmp_path)
    # 400 m² = 0.6 mu and 7.4 %; 10 001 / 5 000 > 2
    assert codes(log) == ["area_gap", "area_in_dispute"]
    assert reading.frame["area_in_dispute"].tolist() == [False, False, True]
    gap = next(issue for issue in log if issue.code.endswith("area_gap"))
    assert gap.values["gap"] == "0.60"
    assert gap.values["share"] == "7.4%"


@pytest.mark.parametrize(
    ("text", "values"),
    [('area_unit = "mu"', 7.5), ('area_unit = "ha"', 0.5), ('area_unit = "m2"', 5000.0),
     ('area_unit = "ft2"', 5000 / 0.09290304), ("", 5000.0)],
)  # fmt: skip
def test_registered_areas_in_every_unit(tmp_path, text, values):
    saved(tmp_path, frame(12, DJMJ=[values] * 12))
    reading, log = read(tmp_path, SHP + text)
    areas = reading.frame["registered_area_m2_micro"].to_numpy(dtype=float)
    assert areas == pytest.approx(5e9, rel=1e-9)
    assert codes(log) == []


def test_a_wrong_unit_stops_the_run_and_is_named(tmp_path):
    saved(tmp_path, frame(12, DJMJ=[0.5] * 12))
    with pytest.raises(UserError) as caught:
        read(tmp_path, SHP + 'area_unit = "mu"')
    (issue,) = caught.value.issues
    assert issue.code == "intake_layers.area_unit_wrong"
    assert issue.values["likely"] == "ha"
    assert issue.column == "DJMJ"


def test_a_heading_that_contradicts_the_declared_unit_stops_the_run(tmp_path):
    data = frame(2).assign(**{"面积(亩)": [7.5, 7.5]})
    data.to_file(tmp_path / "a.gpkg", driver="GPKG")
    text = '[parcels]\npath = "a.gpkg"\n'
    reading, _ = read(tmp_path, text)
    assert reading.frame["registered_area_m2_micro"].tolist() == [5_000_000_000] * 2
    assert faults(tmp_path, text + 'area_unit = "m2"') == ["intake_tables.unit_contradicts"]


def test_townships_in_two_zones_become_one_table(tmp_path):
    east = frame(2)
    west = frame(4)
    west["ZDDM"] = [code(number) for number in range(11, 15)]
    shapes = [
        shapely.box(700_000 + 200 * n, NORTH, 700_100 + 200 * n, NORTH + 50) for n in range(4)
    ]
    west = west.set_geometry(gpd.GeoSeries(shapes, crs=4548))  # zone 39, some 119.1°E: zone 40
    (tmp_path / "乡镇").mkdir()
    saved(tmp_path / "乡镇", east, "东.shp")
    saved(tmp_path / "乡镇", west, "西.shp")
    reading, log = read(tmp_path, '[parcels]\npath = "乡镇/*.shp"\n')
    assert reading.crs == "EPSG:4549"
    assert len(reading.frame) == 6
    assert codes(log) == []
    assert reading.counts["file"].tolist() == ["乡镇/东.shp", "乡镇/西.shp"]
    # measured where each lies (zone 40): the drawing is 200 km off 117°E, scale² = 1 + (200/6371)²
    # = 1.000986; 3° are 289.8 km there, so it is 89.7 km off 120°E: 1 + (89.7/6371)² = 1.000198
    measured = reading.frame["geometry_area_m2_micro"].to_numpy() / 1e6
    moved = reproject(np.array(shapes, dtype=object), pyproj.CRS(4548), pyproj.CRS(4549))
    assert measured[:2].tolist() == [5000.0, 5000.0]
    assert measured[2:] == pytest.approx(shapely.area(moved), abs=1e-5)
    assert measured[2] == pytest.approx(5000 / 1.000986 * 1.000198, rel=1e-5)
    # joins happen in one system
    assert shapely.bounds(reading.frame["geometry"].to_numpy())[:, 0].max() < 600_000


def test_the_working_system_is_the_zone_of_most_parcels_in_the_form_it_came(tmp_path):
    prefixed = frame(2).to_crs(4528)
    saved(tmp_path, prefixed)
    assert read(tmp_path)[0].crs == "EPSG:4528"
    degrees = frame(2).to_crs(4490)
    degrees.to_file(tmp_path / "a.geojson", driver="GeoJSON")
    reading, _ = read(tmp_path, '[parcels]\npath = "a.geojson"\n')
    assert reading.crs == "EPSG:4549"
    assert reading.frame["geometry_area_m2_micro"].to_numpy() / 1e6 == pytest.approx(5000, abs=0.1)
    text = f'[project]\nname = "a"\nyear = 2025\ncrs = "EPSG:4548"\n{SHP}'
    assert read(tmp_path, text)[0].crs == "EPSG:4548"


def test_the_area_does_not_depend_on_the_working_system(tmp_path):
    saved(tmp_path, frame(2))
    plain, _ = read(tmp_path)
    text = f'[project]\nname = "a"\nyear = 2025\ncrs = "EPSG:4548"\n{SHP}'
    other, _ = read(tmp_path, text)
    assert (
        other.frame["geometry_area_m2_micro"].tolist()
        == plain.frame["geometry_area_m2_micro"].tolist()
    )


def test_areas_on_the_ellipsoid(tmp_path):
    cell = gpd.GeoDataFrame(
        {"ZDDM": [code(1)]}, geometry=[shapely.box(117.0, 30.0, 117.01, 30.01)], crs=4490
    )
    saved(tmp_path, cell)
    reading, _ = read(tmp_path, area_method="ellipsoid")
    assert reading.frame["geometry_area_m2_micro"][0] / 1e6 == pytest.approx(
        1_069_521.173251, abs=1e-5
    )
    assert reading.crs == "EPSG:4548"
    assert "intake_layers.fact_area_on_ellipsoid" in {fact.code for fact in reading.facts}


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4490", "abc"])
def test_a_working_system_in_which_nothing_can_be_measured_is_refused(tmp_path, crs):
    saved(tmp_path, frame(2))
    given = project(tmp_path, SHP).model_copy(update={"crs": crs})
    with pytest.raises(UserError) as caught:
        read_parcels(given, rules(), IssueLog())
    expected = "crs.unreadable" if crs == "abc" else "crs.project_not_plane"
    assert [issue.code for issue in caught.value.issues] == [expected]


def test_a_working_system_of_another_datum_is_refused(tmp_path):
    saved(tmp_path, frame(2))
    text = f'[project]\nname = "a"\nyear = 2025\ncrs = "EPSG:2379"\n{SHP}'
    assert faults(tmp_path, text) == ["crs.datum_differs"]


def test_a_missing_system_stops_the_run_and_can_be_declared(tmp_path):
    saved(tmp_path, frame(2).to_crs(4528))
    (tmp_path / "宗地.prj").unlink()
    assert faults(tmp_path) == ["crs.missing_prefixed"]
    reading, _ = read(tmp_path, SHP + 'crs = "EPSG:4528"\n')
    assert reading.crs == "EPSG:4528"


def test_the_faults_of_all_files_are_told_at_once(tmp_path):
    saved(tmp_path, frame(2), "a.shp")
    (tmp_path / "a.prj").unlink()
    (tmp_path / "b.gpkg").write_text("no")
    saved(tmp_path, frame(2), "c.shp")
    text = '[parcels]\npath = ["a.shp", "b.gpkg", "c.shp"]\n'
    assert faults(tmp_path, text) == ["intake_layers.other_format"]
    frame(2).to_crs(4528).set_crs(4549, allow_override=True).to_file(tmp_path / "b.gpkg")
    assert faults(tmp_path, text) == ["crs.missing_unprefixed", "crs.zone_prefix"]


def test_old_and_new_datum_are_joined_only_by_the_users_transformation(tmp_path):
    saved(tmp_path, frame(2), "new.shp")
    old = frame(2)
    old["ZDDM"] = [code(8), code(9)]
    old = old.set_geometry([box(9000.0, 0.0), box(9200.0, 0.0)]).set_crs(2437, allow_override=True)
    saved(tmp_path, old, "old.shp")  # Beijing 1954, central meridian 120°E
    text = '[parcels]\npath = ["new.shp", "old.shp"]\n'
    assert faults(tmp_path, text) == ["crs.datum_differs"]
    assert faults(tmp_path, f'[project]\nname = "a"\nyear = 2025\ncrs = "EPSG:4549"\n{text}') == [
        "crs.datum_differs"
    ]
    alone, _ = read(tmp_path, '[parcels]\npath = "old.shp"\n')
    assert alone.crs == "EPSG:2437"
    assert alone.frame["geometry_area_m2_micro"].tolist() == [5_000_000_000] * 2
    given = (
        '[project]\nname = "a"\nyear = 2025\ncrs = "EPSG:4549"\n[parcels]\npath = "old.shp"\n'
        'crs = "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=krass +units=m '
        '+towgs84=15.8,-154.4,-82.3,0,0,0,0"\n'
    )
    joined, _ = read(tmp_path, given)
    assert joined.crs == "EPSG:4549"
    assert shapely.bounds(joined.frame["geometry"].to_numpy())[0, 0] != EAST + 9000


def test_feet_of_another_datum_are_measured_in_metres(tmp_path):
    lots = gpd.GeoDataFrame(
        {"bbl": ["3001830028", "3001830029"]},
        geometry=[shapely.box(984_000 + x, 180_000, 984_100 + x, 180_100) for x in (0, 200)],
        crs=2263,
    )
    lots.to_file(tmp_path / "lots.gpkg", driver="GPKG")
    text = '[project]\nname = "a"\nyear = 2025\nid_scheme = "free"\n[parcels]\npath = "lots.gpkg"\n'
    reading, log = read(tmp_path, text)
    square = (100 * 1200 / 3937) ** 2  # 100 x 100 US survey feet
    assert reading.frame["geometry_area_m2_micro"].to_numpy() / 1e6 == pytest.approx(square)
    assert reading.crs == "EPSG:2263"
    assert codes(log) == []


def test_overlaps_are_issues_above_one_square_metre_and_change_nothing(tmp_path):
    data = frame(4)
    # 5 000 m² each; 2 lies 10 m over 1 (10 x 50 = 500 m²), 3 by 0.019 m over 2 (0.95 m²)
    data["geometry"] = [box(0, 0), box(90, 0), box(189.981, 0), box(289.981, 0)]
    saved(tmp_path, data)
    reading, log = read(tmp_path)
    assert [(issue.key, issue.values["other"], issue.value) for issue in log] == [
        (code(1), code(2), "500.00")
    ]
    assert reading.frame["accounting_area_m2_micro"].tolist() == [5_000_000_000] * 4


def test_odd_codes_are_said_and_used_and_free_codes_are_not_judged(tmp_path):
    data = frame(2)
    data["ZDDM"] = ["350582001001gb00001", "A-1"]
    saved(tmp_path, data)
    reading, log = read(tmp_path)
    assert reading.frame["parcel_id"].tolist() == [code(1), "A-1"]
    assert codes(log) == ["key_form"]
    text = f'[project]\nname = "a"\nyear = 2025\nid_scheme = "free"\n{SHP}'
    reading, log = read(tmp_path, text)
    assert reading.frame["parcel_id"].tolist() == ["350582001001gb00001", "A-1"]
    assert codes(log) == []


def test_many_odd_codes_are_counted_after_the_first_thousand(tmp_path):
    data = frame(1003)
    data["ZDDM"] = [f"L{number:05d}" for number in range(1003)]
    data.to_file(tmp_path / "a.gpkg", driver="GPKG")
    _, log = read(tmp_path, '[parcels]\npath = "a.gpkg"\n')
    assert len([issue for issue in log if issue.code == "intake_layers.key_form"]) == 1000
    more = [issue for issue in log if issue.code == "intake_layers.key_form_more"]
    assert [issue.values["n"] for issue in more] == [3]


def test_a_real_estate_unit_number_gives_the_parcel_code(tmp_path):
    data = frame(1).rename(columns={"ZDDM": "BDCDYH"})
    data["BDCDYH"] = [code(1) + "F00010001"]
    saved(tmp_path, data)
    assert read(tmp_path)[0].frame["parcel_id"].tolist() == [code(1)]


def test_no_code_column_stops_the_run(tmp_path):
    saved(tmp_path, frame(1).rename(columns={"ZDDM": "某列"}))
    assert faults(tmp_path) == ["intake_tables.needed_column"]


def test_an_empty_layer_stops_the_run(tmp_path):
    frame(2).iloc[:0].to_file(tmp_path / "a.gpkg", driver="GPKG", geometry_type="Polygon")
    assert faults(tmp_path, '[parcels]\npath = "a.gpkg"\n') == ["intake_layers.empty_layer"]


@pytest.mark.parametrize("method", ["planar", "ellipsoid"])
@pytest.mark.parametrize("crs", [4549, 4490])
def test_a_layer_without_one_geometry_stops_the_run(tmp_path, method, crs):
    data = frame(2, crs=crs)
    data["geometry"] = None
    data.to_file(tmp_path / "a.gpkg", driver="GPKG", geometry_type="Polygon")
    text = '[parcels]\npath = "a.gpkg"\n'
    assert faults(tmp_path, text, area_method=method) == ["intake_layers.no_shapes"]


def test_corrections_are_applied_before_anything_is_judged(tmp_path):
    saved(tmp_path, frame(2, DJMJ=[5000.0, 50_000.0]))

    def correct(raw, columns):
        table = raw.with_cells().frame.copy()
        table.loc[1, columns.heading("registered_area")] = "5000"
        return raw.with_frame(table)

    reading, log = read(tmp_path, correct=correct)
    assert reading.frame["accounting_area_m2_micro"].tolist() == [5_000_000_000] * 2
    assert codes(log) == []


def test_cells_that_are_no_number_are_blank_and_said(tmp_path):
    saved(tmp_path, frame(2, DJMJ=["约五千", "5,000.00"], DKJZDJ=["三百", "360"]))
    reading, log = read(tmp_path)
    assert codes(log) == ["bad_number", "bad_number"]
    assert reading.frame["area_source"].tolist() == ["geometry", "registered"]
    assert reading.frame["benchmark_price_yuan_per_m2"].fillna(-1).tolist() == [-1.0, 360.0]


def test_a_parcel_far_from_its_system_is_said_and_used(tmp_path):
    data = frame(4)
    data.loc[3, "geometry"] = shapely.box(10, 10, 110, 60)
    saved(tmp_path, data)
    reading, log = read(tmp_path)
    assert codes(log) == ["far_away"]
    assert len(reading.frame) == 4


def test_nothing_is_written_beside_the_files_and_a_read_only_folder_works(tmp_path):
    folder = tmp_path / "某县 只读"
    folder.mkdir()
    saved(folder, frame(2))
    (folder / "宗地.shx").unlink()
    given = project(folder, SHP)
    before = fingerprint(folder)
    for path in folder.iterdir():
        path.chmod(stat.S_IRUSR)
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        reading = read_parcels(given, rules(), IssueLog())
    finally:
        folder.chmod(stat.S_IRWXU)
    assert len(reading.frame) == 2
    assert fingerprint(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == sorted(before)


def test_the_order_of_the_rows_does_not_show(tmp_path):
    data = frame(30, DJMJ=np.linspace(4900, 5100, 30))
    data.loc[7, "geometry"] = None
    data.loc[9, "ZDDM"] = code(9)
    frames = []
    for name, order in (("a", range(30)), ("b", range(29, -1, -1))):
        folder = tmp_path / name
        folder.mkdir()
        saved(folder, data.iloc[list(order)].reset_index(drop=True))
        found = read(folder)[0].frame.drop(columns=["source_row", "geometry"])
        frames.append(found)
    assert frames[0].equals(frames[1])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("0601", "0601"), ("601", "601"), (601, "0601"), (61.0, "0601"), ("061", "0601"),
     ("0601 工业用地", "0601"), ("工业用地（0601）", "0601"), ("工业用地", "0601"), ("M1", "M1"),
     ("m2", "M2"), ("一类工业用地", "100101"), ("05H1", "05H1"), ("住宅", "住宅"), (None, ""),
     ("／", ""), ("A类工业用地", "0601"), ("A 类工业用地", "0601"), ("B类", "B类"), ("A", "A"),
     ("工矿仓储用地", "0601"), ("06", "0601"), ("06工矿仓储用地", "0601"), (6, "0601"), ("W", "W"),
     ("063", "0604"), ("062 采矿用地", "0602"), ("仓储", "0604"), ("物流仓储", "0508"),
     ("M1类工业用地", "M1"), ("新型产业用地", "M0"), ("07 住宅用地", "07"), (0, "0"),
     ("2023年工业用地", "2023年工业用地"), ("非工业用地", "非工业用地")],
)  # fmt: skip
def test_land_use_codes(cell, expected):
    from landuse.intake.layer_cells import land_use_codes

    assert land_use_codes(np.array([cell], dtype=object)).tolist() == [expected]


def test_uses_that_were_read_as_codes_are_a_fact(tmp_path):
    uses = ["工矿仓储用地", "工矿仓储用地", "061", "0601 工业用地", "住宅", None]
    saved(tmp_path, frame(6, TDYT=uses))
    reading, _ = read(tmp_path)
    assert reading.frame["land_use_code"].tolist() == ["0601"] * 4 + ["住宅", ""]
    (fact,) = [one for one in reading.facts if one.code == "intake_tables.land_use_read_as"]
    assert fact.values["value"] == "工矿仓储用地 → 0601 ×2; 061 → 0601 ×1"

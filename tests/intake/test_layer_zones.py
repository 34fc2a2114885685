"""Land-price zones and parks: in the working system, repaired, in an order of their own."""

import pytest
import shapely
from layer_files import box, frame, project, rules, table_of

from landuse.errors import UserError
from landuse.intake.zones import park_type, read_parks, read_zones
from landuse.issues import IssueLog

PARCELS = '[parcels]\npath = "宗地.shp"\n'
ZONES = PARCELS + '[price_zones]\npath = "级别.gpkg"\n'
PARKS = PARCELS + '[parks]\npath = "园区.gpkg"\n'


def zones(folder, **columns):
    data = frame(len(next(iter(columns.values()))), **columns).drop(columns="ZDDM")
    data.to_file(folder / "级别.gpkg", driver="GPKG")
    return data


def read(reader, folder, text, crs="EPSG:4549"):
    log = IssueLog()
    reading = reader(project(folder, text), rules(), log, crs=crs)
    assert (reading.counts["read"] == reading.counts["used"] + reading.counts["set_aside"]).all()
    return reading, sorted(issue.code.removeprefix("intake_layers.") for issue in log)


def test_zones_are_read_whatever_their_order(tmp_path):
    zones(tmp_path, 级别=["二级", "一级", "三级"], 基准地价=[360, 480.5, None])
    reading, issues = read(read_zones, tmp_path, ZONES)
    assert table_of(reading.frame.fillna(-1), "grade", "benchmark_price_yuan_per_m2") == [
        ("一级", 480.5), ("三级", -1.0), ("二级", 360.0)
    ]  # fmt: skip
    assert issues == ["zone_without_price"]
    assert reading.frame["source_row"].tolist() == [2, 3, 1]


def test_a_grade_needs_no_price_where_the_pack_gives_its_coefficient(tmp_path):
    zones(tmp_path, 级别=["一级", None], 基准地价=[None, None])
    log = IssueLog()
    table = rules(grade_coefficients={"一级": "1.2"})
    reading = read_zones(project(tmp_path, ZONES), table, log, crs="EPSG:4549")
    assert reading.counts["used"].tolist() == [2]
    assert [(issue.code, issue.row) for issue in log] == [("intake_layers.zone_without_price", 2)]


def test_zones_in_another_zone_come_to_the_working_system(tmp_path):
    zones(tmp_path, 级别=["一级"], 基准地价=[480]).to_crs(4548).to_file(
        tmp_path / "级别.gpkg", driver="GPKG"
    )
    reading, _ = read(read_zones, tmp_path, ZONES)
    assert shapely.bounds(reading.frame["geometry"][0]) == pytest.approx(box(0, 0).bounds, abs=1e-4)


def test_a_zone_without_geometry_is_set_aside_and_another_datum_refused(tmp_path):
    data = zones(tmp_path, 级别=["一级", "二级"], 基准地价=[480, 360])
    data.loc[0, "geometry"] = None
    data.to_file(tmp_path / "级别.gpkg", driver="GPKG")
    reading, issues = read(read_zones, tmp_path, ZONES)
    assert reading.frame["grade"].tolist() == ["二级"]
    assert reading.set_aside["reason"].tolist() == ["intake_layers.geometry_missing"]
    assert issues == ["geometry_missing"]
    data.set_crs(2437, allow_override=True).to_file(tmp_path / "级别.gpkg", driver="GPKG")
    with pytest.raises(UserError) as caught:
        read(read_zones, tmp_path, ZONES)
    assert caught.value.issues[0].code == "crs.datum_differs"
    assert caught.value.issues[0].file == "级别.gpkg"


def test_zones_that_say_nothing_stop_the_run(tmp_path):
    zones(tmp_path, 颜色=["红"])
    with pytest.raises(UserError) as caught:
        read(read_zones, tmp_path, ZONES)
    assert caught.value.issues[0].code == "intake_layers.zone_without_content"
    assert "颜色" in caught.value.issues[0].message("zh")


def test_parks_with_their_types(tmp_path):
    names = ["城东园", None, "城西园", "城南园"]
    data = frame(4, 园区名称=names, 园区类型=["新兴产业", "传统产业", "综合型", None])
    data.drop(columns="ZDDM").to_file(tmp_path / "园区.gpkg", driver="GPKG")
    reading, issues = read(read_parks, tmp_path, PARKS)
    assert table_of(reading.frame, "park", "park_type") == [
        ("城东园", "emerging"), ("城南园", ""), ("城西园", "")
    ]  # fmt: skip
    assert issues == ["park_type_unknown", "park_without_name"]


def test_a_park_layer_without_names_stops_the_run(tmp_path):
    frame(1).to_file(tmp_path / "园区.gpkg", driver="GPKG")
    with pytest.raises(UserError) as caught:
        read(read_parks, tmp_path, PARKS)
    assert caught.value.issues[0].code == "intake_tables.needed_column"


@pytest.mark.parametrize(
    ("text", "code"),
    [("新兴", "emerging"), ("战略性新兴产业园区", "emerging"), ("传统产业", "traditional"),
     ("就业型园区", "employment"), ("Employment", "employment"), ("", ""), ("新兴/传统", "")],
)  # fmt: skip
def test_words_for_park_types(text, code):
    assert park_type(text) == code


def test_corrections_reach_zones_too(tmp_path):
    zones(tmp_path, 级别=["一级"], 基准地价=[4800])

    def correct(raw, columns):
        table = raw.frame.copy()
        table[columns.heading("benchmark_price_yuan_per_m2")] = ["480"]
        return raw.with_frame(table)

    given = project(tmp_path, ZONES)
    reading = read_zones(given, rules(), IssueLog(), crs="EPSG:4549", correct=correct)
    assert reading.frame["benchmark_price_yuan_per_m2"].tolist() == [480.0]


def test_a_boundary_without_attributes_is_the_park_of_its_file(tmp_path):
    import geopandas as gpd

    for name, x in (("东港开发区", 0), ("西山园区", 500)):
        shape = gpd.GeoDataFrame(geometry=[box(x, 0)], crs=4549)
        shape.to_file(tmp_path / f"{name}.gpkg", driver="GPKG")
    text = PARCELS + '[parks]\npath = ["西山园区.gpkg", "东港开发区.gpkg"]\n'
    reading, issues = read(read_parks, tmp_path, text)
    assert reading.frame["park"].tolist() == ["东港开发区", "西山园区"]
    assert reading.frame["source_file"].tolist() == ["东港开发区.gpkg", "西山园区.gpkg"]
    assert issues == ["park_named_by_file", "park_named_by_file"]

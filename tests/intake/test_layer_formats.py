"""Every layer format reads the same rows, and only as what its name says it is."""

import json
import sqlite3
import struct
import zipfile

import geopandas as gpd
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely
from layer_files import EAST, NORTH, box, code, fingerprint, frame

from landuse.errors import UserError
from landuse.intake.layers import read_layer
from landuse.issues import IssueLog


def read(path, **wishes):
    log = IssueLog()
    table = wishes.pop("table", "parcels")
    return read_layer(path, table=table, file=path.name, log=log, **wishes)


def refused(path, **wishes):
    with pytest.raises(UserError) as caught:
        read(path, **wishes)
    for issue in caught.value.issues:
        assert issue.message("zh")
        assert issue.message("en")
    return [issue.code for issue in caught.value.issues]


def shp(folder, data):
    data.to_file(folder / "a.shp", encoding="UTF-8")
    return folder / "a.shp"


def zipped_shp(folder, data):
    shp(folder, data)
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        for part in sorted(folder.glob("a.*")):
            archive.write(part, f"镇街/{part.name}")
    return folder / "z.zip"


def gdb(folder, data):
    how = {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"}
    data.to_file(folder / "a.gdb", driver="OpenFileGDB", **how)
    return folder / "a.gdb"


def zipped_gdb(folder, data):
    gdb(folder, data)
    with zipfile.ZipFile(folder / "b.gdb.zip", "w") as archive:
        for part in sorted((folder / "a.gdb").iterdir()):
            archive.write(part, f"a.gdb/{part.name}")
    return folder / "b.gdb.zip"


def other(name, **how):
    def write(folder, data):
        data.to_file(folder / name, **how)
        return folder / name

    return write


def geoparquet(**how):
    def write(folder, data):
        data.to_parquet(folder / "a.parquet", **how)
        return folder / "a.parquet"

    return write


FORMATS = {
    "shapefile": shp,
    "zipped shapefile": zipped_shp,
    "geopackage": other("a.gpkg", driver="GPKG"),
    "geodatabase": gdb,
    "zipped geodatabase": zipped_gdb,
    "geojson": other("a.geojson", driver="GeoJSON", RFC7946="NO"),
    "flatgeobuf": other("a.fgb", driver="FlatGeobuf", SPATIAL_INDEX="NO"),
    "geoparquet": geoparquet(),
    "geoparquet with boxes": geoparquet(write_covering_bbox=True),
    "geoparquet native": geoparquet(geometry_encoding="geoarrow"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path, name):
    folder = tmp_path / "某县 数据"
    folder.mkdir()
    data = frame(3, QLR=["泉州某某公司", None, "丙"], MJ=[5000.5, None, 4999.0], N=[1, 2, 3])
    path = FORMATS[name](folder, data)
    before = fingerprint(folder)
    raw = read(path)
    assert fingerprint(folder) == before
    assert raw.frame["ZDDM"].tolist() == [code(1), code(2), code(3)]
    assert raw.frame["QLR"].tolist() == ["泉州某某公司", None, "丙"]
    assert raw.frame["MJ"].tolist() == [5000.5, None, 4999.0]
    assert raw.frame["N"].tolist() == [1, 2, 3]
    assert raw.row.tolist() == [1, 2, 3]
    assert set(raw.file) == {path.name}
    assert pyproj.CRS(4549).equals(raw.crs, ignore_axis_order=True)
    for index, shape in enumerate(raw.geometry):
        assert shapely.equals(shape, box(110.0 * index, 0.0))


@pytest.mark.parametrize("name", FORMATS)
def test_a_feature_without_shape_takes_no_other_its_own(tmp_path, name):
    data = frame(5)
    data.loc[[1, 3], "geometry"] = None
    raw = read(FORMATS[name](tmp_path, data))
    assert [shape is None for shape in raw.geometry] == [False, True, False, True, False]
    for index in (0, 2, 4):
        assert shapely.equals(raw.geometry[index], box(110.0 * index, 0.0))


@pytest.mark.parametrize("name", ["geopackage", "flatgeobuf", "geojson"])
def test_a_layer_without_any_shape_is_read(tmp_path, name):
    data = frame(3)
    data["geometry"] = None
    raw = read(FORMATS[name](tmp_path, data.set_geometry("geometry", crs="EPSG:4549")))
    assert raw.geometry.tolist() == [None] * 3
    assert raw.frame["ZDDM"].tolist() == [code(1), code(2), code(3)]


def test_a_list_of_other_files_behind_a_geopackage_name_is_not_opened(tmp_path):
    frame().to_file(tmp_path / "a.shp")
    (tmp_path / "b.gpkg").write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource relativeToVRT="1">a.shp'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    assert refused(tmp_path / "b.gpkg") == ["intake_layers.other_format"]


def test_a_script_of_gdal_behind_a_json_name_is_not_run(tmp_path):
    frame().to_file(tmp_path / "a.shp")
    script = {
        "type": "gdal_streamed_alg",
        "command_line": f"gdal vector pipeline ! read {tmp_path / 'a.shp'} ! write --of stream x",
    }
    (tmp_path / "b.json").write_text(json.dumps(script))
    assert refused(tmp_path / "b.json") == ["intake_layers.unreadable_file"]


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.fgb", "a.parquet", "a.geojson"])
def test_a_renamed_file_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"ZDDM,MJ\r\n1,2\r\n")
    assert refused(tmp_path / name) == ["intake_layers.other_format"]


def test_an_sqlite_file_that_is_no_geopackage_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "a.gpkg")
    connection.execute("create table t (a text)")
    connection.commit()
    connection.close()
    assert refused(tmp_path / "a.gpkg")[0] in {
        "intake_layers.no_layer", "intake_layers.other_format", "intake_layers.unreadable_file",
        "intake_layers.no_polygons",
    }  # fmt: skip


def test_a_damaged_file_ends_in_a_message(tmp_path):
    frame(50).to_file(tmp_path / "a.gpkg", driver="GPKG")
    content = (tmp_path / "a.gpkg").read_bytes()
    (tmp_path / "a.gpkg").write_bytes(content[:5000])
    assert refused(tmp_path / "a.gpkg") == ["intake_layers.unreadable_file"]
    frame().to_parquet(tmp_path / "b.parquet")
    content = (tmp_path / "b.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(content[: len(content) // 2])
    assert refused(tmp_path / "b.parquet") == ["intake_layers.unreadable_file"]


def test_points_and_tables_are_no_parcels(tmp_path):
    points = gpd.GeoDataFrame({"ZDDM": ["1"]}, geometry=[shapely.Point(EAST, NORTH)], crs=4549)
    points.to_file(tmp_path / "a.shp")
    assert refused(tmp_path / "a.shp") == ["intake_layers.no_polygons"]
    frame().drop(columns="geometry").to_parquet(tmp_path / "b.parquet")
    assert refused(tmp_path / "b.parquet") == ["intake_layers.no_polygons"]


def several(path):
    frame(2).to_file(path, layer="宗地", driver="GPKG")
    frame(1).rename(columns={"ZDDM": "注记"}).to_file(path, layer="图框", driver="GPKG")
    points = gpd.GeoDataFrame({"ZDDM": ["1"]}, geometry=[shapely.Point(EAST, NORTH)], crs=4549)
    points.to_file(path, layer="界址点", driver="GPKG")
    return path


def test_of_several_layers_the_one_with_known_headings_is_read(tmp_path):
    raw = read(several(tmp_path / "a.gpkg"))
    assert len(raw) == 2
    assert set(raw.sheet) == {"宗地"}


def test_the_declared_layer_is_read_and_a_wrong_name_lists_what_there_is(tmp_path):
    path = several(tmp_path / "a.gpkg")
    assert read(path, layer="图框").headings == ["注记"]
    with pytest.raises(UserError) as caught:
        read(path, layer="宗地层")
    assert caught.value.issues[0].code == "intake_layers.layer_absent"
    assert "宗地" in caught.value.issues[0].message("zh")
    assert refused(path, layer="界址点") == ["intake_layers.no_polygons"]


def test_a_declared_name_that_the_only_layer_does_not_have_is_said(tmp_path):
    frame(1).to_file(tmp_path / "a.gpkg", layer="宗地", driver="GPKG")
    assert refused(tmp_path / "a.gpkg", layer="宗地2025") == ["intake_layers.layer_absent"]
    assert len(read(tmp_path / "a.gpkg", layer="宗地")) == 1


def test_one_of_several_files_in_an_archive_is_chosen_by_its_name(tmp_path):
    for name in ("东镇", "西镇"):
        frame(1, QLR=[name]).to_file(tmp_path / f"{name}.shp", encoding="UTF-8")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for part in sorted(tmp_path.glob("*镇.*")):
            archive.write(part, part.name)
    assert read(tmp_path / "z.zip", layer="西镇").frame["QLR"].tolist() == ["西镇"]
    assert refused(tmp_path / "z.zip") == ["project.archive_several"]


def test_layers_that_cannot_be_told_apart_are_listed(tmp_path):
    path = tmp_path / "a.gpkg"
    for name in ("东镇", "西镇"):
        frame(1).to_file(path, layer=name, driver="GPKG")
    with pytest.raises(UserError) as caught:
        read(path)
    message = caught.value.issues[0].message("zh")
    assert caught.value.issues[0].code == "intake_layers.several_layers"
    assert "东镇" in message
    assert "西镇" in message


def test_heights_and_measures_are_left_aside(tmp_path):
    data = frame(2)
    data["geometry"] = shapely.force_3d(data.geometry.to_numpy(), 12.5)
    data.to_file(tmp_path / "a.gpkg", driver="GPKG")
    raw = read(tmp_path / "a.gpkg")
    assert not shapely.has_z(raw.geometry).any()
    assert shapely.area(raw.geometry).tolist() == [5000.0, 5000.0]


def test_arcs_become_short_chords(tmp_path):
    path = tmp_path / "a.gpkg"
    frame(1).to_file(path, driver="GPKG")
    ring = [(0, 0), (100, 100), (200, 0), (100, -100), (0, 0)]  # a circle of radius 100 m
    points = b"".join(struct.pack("<dd", EAST + x, NORTH + y) for x, y in ring)
    circle = struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, len(ring)) + points
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("select name from sqlite_master where type='trigger'"):
        connection.execute(f'drop trigger "{name}"')
    connection.execute("update a set geom = ?", (b"GP\x00\x01" + struct.pack("<i", 4549) + circle,))
    connection.execute("update gpkg_geometry_columns set geometry_type_name='CURVEPOLYGON'")
    connection.commit()
    connection.close()
    raw = read(path)
    assert raw.frame["ZDDM"].tolist() == [code(1)]
    assert shapely.area(raw.geometry)[0] == pytest.approx(31415.9265, rel=2e-5)


def test_geoparquet_without_a_system_and_with_the_default_one(tmp_path):
    path = tmp_path / "a.parquet"
    frame(1).to_parquet(path)
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    geo["columns"]["geometry"]["crs"] = None
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    assert read(path).crs is None
    del geo["columns"]["geometry"]["crs"]
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    assert read(path).crs.is_geographic


def test_the_declared_system_wins_over_the_files_own_and_is_said(tmp_path):
    frame(1).to_file(tmp_path / "a.shp")
    log = IssueLog()
    raw = read_layer(tmp_path / "a.shp", table="parcels", file="a.shp", log=log, crs="EPSG:4548")
    assert raw.crs.to_epsg() == 4548
    assert [issue.code for issue in log] == ["intake_layers.crs_contradicts"]
    assert "intake_layers.fact_crs_declared" in {fact.code for fact in raw.facts}
    assert refused(tmp_path / "a.shp", crs="火星坐标") == ["crs.offset_system"]


def test_nested_and_true_and_missing_values_of_geojson(tmp_path):
    properties = {"a": [1, 2], "b": {"c": 1}, "d": None, "e": True}
    shape = shapely.geometry.mapping(shapely.box(120, 30, 120.1, 30.1))
    features = [
        {"type": "Feature", "properties": properties, "geometry": shape},
        {"type": "Feature", "properties": properties, "geometry": None},
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (tmp_path / "a.geojson").write_text("\ufeff" + text, encoding="utf-8")
    raw = read(tmp_path / "a.geojson")
    assert raw.frame["e"].tolist() == [True, True]
    assert raw.frame["d"].tolist() == [None, None]
    assert isinstance(raw.frame["a"][0], str)
    assert raw.geometry[1] is None


def test_a_system_that_the_file_spoils_is_an_error_unless_one_is_declared(tmp_path):
    frame(1).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").write_text('LOCAL_CS["厂区",UNIT["metre",1]]', encoding="utf-8")
    assert refused(tmp_path / "a.shp") == ["crs.not_on_earth"]
    assert read(tmp_path / "a.shp", crs="EPSG:4549").crs.to_epsg() == 4549


@pytest.mark.parametrize("write", [gdb, lambda folder, data: saved(folder, data, "a.gpkg")])
def test_the_encoding_of_a_format_that_states_it_is_not_doubted(tmp_path, write):
    # ĳ is C4 B3 in UTF-8, which is 某 in GBK: a DBF may be doubted, this is what stands there
    log = IssueLog()
    path = write(tmp_path, frame(1, QLR=["ĳ"]))
    raw = read_layer(path, table="parcels", file=path.name, log=log)
    assert raw.frame["QLR"].tolist() == ["ĳ"]
    assert len(log) == 0


def saved(folder, data, name):
    data.to_file(folder / name)
    return folder / name

"""Real files that nobody here wrote: each reads correctly or ends in a clear message.

The expected names are decoded here from the bytes of the DBF by its own layout, without GDAL.
"""

import contextlib
import shutil

import numpy as np
import pyproj
import pytest
import shapely
from layer_files import fingerprint, project, rules

from landuse.errors import UserError
from landuse.intake.layers import read_layer
from landuse.intake.parcels import read_parcels
from landuse.intake.zones import read_zones
from landuse.issues import IssueLog

ENCODINGS = {
    "chinese_poly": ("NAME", "gb18030", 1),
    "chinese_encoding": ("PRO_NAME", "gbk", 78),
    "同济新村房屋": ("Layer", "gbk", 104),
    "pro": ("name", "gbk", 32),
    "DLTB": ("Id", "gbk", 8),
    "10_tn-village": ("VILLAGE", "cp950", 752),
}
FREE = '[project]\nname = "a"\nyear = 2025\nid_scheme = "free"\n'


@pytest.fixture
def copied(shared_data, tmp_path):
    """A folder of the real data, copied, so that a sidecar would show."""

    def copy(folder):
        target = tmp_path / folder
        shutil.copytree(shared_data(folder), target)
        return target

    return copy


def read(path, **wishes):
    log = IssueLog()
    table = wishes.pop("table", "parcels")
    return read_layer(path, table=table, file=path.name, log=log, **wishes), log


def dbf_column(path, name):
    """The raw bytes of one DBF column, from its own layout."""
    content = path.read_bytes()
    count, start, size = (
        int.from_bytes(content[4:8], "little"),
        int.from_bytes(content[8:10], "little"),
        int.from_bytes(content[10:12], "little"),
    )
    offset, at = 1, 32
    while content[at] != 0x0D:
        field = content[at : at + 32]
        if field[:11].split(b"\0")[0] == name.encode():
            break
        offset += field[16]
        at += 32
    width = content[at + 16]
    rows = (start + size * row + offset for row in range(count))
    return [content[row : row + width].strip(b" \0") for row in rows]


@pytest.mark.parametrize("stem", ENCODINGS)
def test_names_are_the_true_text(shared_data, stem):
    column, codec, count = ENCODINGS[stem]
    path = shared_data("encodings", f"{stem}.shp")
    raw, _ = read(path)
    assert len(raw) == count
    truth = dbf_column(path.with_suffix(".dbf"), column)
    found = raw.frame[column].tolist()
    wrong = 0
    for cell, true in zip(found, truth, strict=True):
        try:
            assert ("" if cell is None else str(cell)) == true.decode(codec)
        except UnicodeDecodeError:  # characters that only the author's computer knew
            wrong += 1
            assert any("\ue000" <= char <= "\uf8ff" for char in cell)
    assert wrong == (8 if stem == "10_tn-village" else 0)


def test_some_names_as_people_know_them(shared_data):
    raw, _ = read(shared_data("encodings", "chinese_poly.shp"))
    assert raw.frame["NAME"].tolist() == ["黑龙江省"]
    raw, _ = read(shared_data("encodings", "pro.shp"))
    assert raw.frame["name"].tolist()[0] == "新疆维吾尔自治区"
    raw, log = read(shared_data("encodings", "10_tn-village.shp"))
    assert raw.frame.loc[0, ["COUNTY", "TOWN", "VILLAGE"]].tolist() == [
        "臺南市",
        "白河區",
        "內角里",
    ]
    assert [issue.code for issue in log] == ["intake_layers.own_characters"]


def test_no_real_file_grows_a_sidecar_or_crashes(copied):
    for folder in ("encodings", "broken", "taiwan_zoning"):
        target = copied(folder)
        before = fingerprint(target)
        kinds = {".shp", ".json", ".zip"}
        inputs = [path for path in sorted(target.iterdir()) if path.suffix in kinds]
        assert inputs
        for path in inputs:
            with contextlib.suppress(UserError):
                read(path)
        assert fingerprint(target) == before


def parcels_of(folder, path, more="", columns="", crs="", **override):
    wish = f'crs = "{crs}"\n' if crs else ""
    given = project(folder, f'{FREE}{wish}[parcels]\npath = "{path.as_posix()}"\n{more}{columns}')
    log = IssueLog()
    return read_parcels(given, rules(**override), log), log


def test_without_a_plane_abroad_the_run_stops_even_on_the_ellipsoid(shared_data, tmp_path):
    path = shared_data("broken", "Victoria North.shp")
    with pytest.raises(UserError) as caught:
        parcels_of(tmp_path, path, 'crs = "EPSG:4326"\n', id_column("cropId"),
                   area_method="ellipsoid")  # fmt: skip
    assert [issue.code for issue in caught.value.issues] == ["crs.degrees_of_old_datum"]


def refused(tmp_path, path, more="", columns=""):
    with pytest.raises(UserError) as caught:
        parcels_of(tmp_path, path, more, columns)
    for issue in caught.value.issues:
        assert issue.message("zh")
        assert issue.hint("zh")
    return [issue.code for issue in caught.value.issues]


def id_column(heading):
    return f'[parcels.columns]\nparcel_id = "{heading}"\n'


@pytest.mark.parametrize(
    ("name", "expected"),
    [("encodings/chinese_encoding.shp", "crs.missing_degrees"),
     ("encodings/同济新村房屋.shp", "crs.missing_unknown"),
     ("encodings/DLTB.shp", "crs.outside"),
     ("encodings/pro.shp", "crs.degrees_of_old_datum"),
     ("broken/error_union.shp", "crs.missing_unknown"),
     ("broken/Victoria North.shp", "crs.missing_unknown"),
     ("broken/testopenfilegdb.gdb.zip", "intake_layers.several_layers")],
)  # fmt: skip
def test_real_files_that_end_in_a_message(shared_data, tmp_path, name, expected):
    assert refused(tmp_path, shared_data(*name.split("/"))) == [expected]


def test_a_bad_ring_and_null_geometries_set_aside_one_row_each(shared_data, tmp_path):
    path = shared_data("broken", "Victoria North.shp")
    raw, _ = read(path)
    assert [shape is None for shape in raw.geometry] == [True, False]
    reading, log = parcels_of(
        tmp_path, path, 'crs = "EPSG:4326"\n', id_column("cropId"), crs="EPSG:32615"
    )
    # both rows say 9788, so the sound one cannot be trusted to be the whole parcel either
    assert reading.counts[["read", "used", "set_aside"]].iloc[0].tolist() == [2, 0, 2]
    assert {issue.code for issue in log if issue.key == "9788"} == {
        "intake_layers.geometry_missing", "intake_layers.key_repeated"
    }  # fmt: skip
    for where in ("Start", "InMiddle", "End"):
        name = "UnifiedChecksMaterialNull" + (where if where == "InMiddle" else f"At{where}")
        raw, _ = read(shared_data("broken", f"{name}.shp"))
        assert [shape is None for shape in raw.geometry].count(True) == 1
        assert len(raw) == 3


def test_polygons_without_index_and_table_are_read(shared_data):
    raw, _ = read(shared_data("broken", "error_union.shp"))
    assert len(raw) == 511
    assert int((~shapely.is_valid(raw.geometry)).sum()) == 78
    assert raw.headings == []


@pytest.mark.parametrize("layer", ["polygon", "polygon25D", "multipolygonzm", "several_polygons",
                                   "null_polygon", "empty_polygon"])  # fmt: skip
def test_a_chosen_layer_of_the_geodatabase_is_read_in_two_dimensions(shared_data, layer):
    raw, _ = read(shared_data("broken", "testopenfilegdb.gdb.zip"), layer=layer)
    assert len(raw) > 0
    assert not shapely.has_z(raw.geometry).any()


def test_the_system_without_a_code_is_used_as_it_is(shared_data, tmp_path):
    path = shared_data("encodings", "10_tn-village.shp")
    reading, _ = parcels_of(tmp_path, path, columns=id_column("VILLCODE"))
    measured = reading.frame["geometry_area_m2_micro"].to_numpy() / 1e6
    raw, _ = read(path)
    # the file's own column of areas, computed by somebody else in the same projection
    stated = dict(zip(raw.frame["VILLCODE"], raw.frame["Shape_Area"], strict=True))
    theirs = np.array([stated[code] for code in reading.frame["parcel_id"]])
    assert np.median(np.abs(measured / theirs - 1)) < 1e-6
    assert pyproj.CRS(reading.crs).coordinate_operation.method_name == "Transverse Mercator"
    counts = reading.counts.iloc[0]
    assert counts["read"] == 752 == counts["used"] + counts["set_aside"]


@pytest.mark.parametrize("name", ["L0301", "F0302", "H0304"])
def test_taiwan_zoning_as_price_zones(shared_data, tmp_path, name):
    path = shared_data("taiwan_zoning", f"{name}.json")
    given = project(
        tmp_path,
        f'{FREE}[parcels]\npath = "p.shp"\n[price_zones]\npath = "{path.as_posix()}"\n'
        '[price_zones.columns]\ngrade = "使用分"\n',
    )
    log = IssueLog()
    reading = read_zones(given, rules(), log, crs="EPSG:3826")
    counts = reading.counts.iloc[0]
    assert counts["read"] == counts["used"] + counts["set_aside"]
    raw, _ = read(path, table="price_zones")
    assert counts["read"] == len(raw)
    assert set(reading.frame["grade"]) <= {cell or "" for cell in raw.frame["使用分"]}
    assert shapely.is_valid(reading.frame["geometry"].to_numpy()).all()


@pytest.mark.parametrize("name", ["L0301", "F0302", "H0304"])
def test_declared_against_measured_area_of_taiwan_zoning(shared_data, tmp_path, name):
    path = shared_data("taiwan_zoning", f"{name}.json")
    columns = '[parcels.columns]\nparcel_id = "OBJECTID"\nregistered_area = "參考面"\n'
    reading, log = parcels_of(tmp_path, path, columns=columns)
    raw, _ = read(path)
    theirs = dict(zip(raw.frame["OBJECTID"].astype(str), raw.frame["Shape_STAr"], strict=True))
    stated = np.array([theirs[key] or np.nan for key in reading.frame["parcel_id"]], dtype=float)
    measured = reading.frame["geometry_area_m2_micro"].to_numpy() / 1e6
    assert np.nanmedian(np.abs(measured / stated - 1)) < 1e-6
    registered = reading.frame["registered_area_m2_micro"]
    gap = (registered - reading.frame["geometry_area_m2_micro"]).abs() / 1e6
    expected = (registered > 0) & (gap > 0.01 * registered / 1e6) & (gap > 1000 / 3)
    said = {"intake_layers.area_gap", "intake_layers.area_in_dispute"}
    keys = {issue.key for issue in log if issue.code in said}
    assert set(reading.frame.loc[expected.fillna(value=False), "parcel_id"]) <= keys


def test_new_york_lots_in_feet(shared_data, tmp_path):
    path = shared_data("nyc_gowanus", "lots.gpkg")
    reading, _ = parcels_of(tmp_path, path, columns=id_column("lot_id"))
    assert reading.crs == "EPSG:2263"
    raw, _ = read(path)
    feet = dict(zip(raw.frame["lot_id"], raw.frame["geom_area_sqft"], strict=True))
    theirs = np.array([feet[key] for key in reading.frame["parcel_id"]]) * (1200 / 3937) ** 2
    measured = reading.frame["geometry_area_m2_micro"].to_numpy() / 1e6
    assert np.median(np.abs(measured / theirs - 1)) < 1e-8  # stored to 1e-6 m²
    counts = reading.counts.iloc[0]
    assert counts["read"] == 16_188 == counts["used"] + counts["set_aside"]


def test_new_york_buildings_read_by_lot(shared_data, tmp_path):
    path = shared_data("nyc_energy", "buildings.gpkg")
    reading, _ = parcels_of(tmp_path, path, columns=id_column("BBL"))
    counts = reading.counts.iloc[0]
    assert counts["read"] == 8187 == counts["used"] + counts["set_aside"]
    assert reading.frame["parcel_id"].is_unique

"""Copies of tables hold the very cells of the ordinary readers, or are none."""

from __future__ import annotations

import datetime as dt
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from landuse.errors import UserError
from landuse.intake import staging, staging_texts
from landuse.intake.columns import Vocabulary
from landuse.intake.layers import read_layer
from landuse.intake.project import Source
from landuse.intake.raw import stack
from landuse.intake.staged import Copy
from landuse.intake.staging import stage
from landuse.intake.strange import Strange
from landuse.intake.streamed import Pieces
from landuse.intake.worksheets import read_one
from landuse.issues import IssueLog

WORDS = Vocabulary.of("occupancy", {})
ROWS = 23
HEADS = ("parcel_id", "uscc", "relation", "area")


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(staging, "_BATCH", 5)
    monkeypatch.setattr(staging_texts, "_BLOCK", 5)
    monkeypatch.setattr("landuse.intake.staged._GROUP", 7)


def source_of(path, wish=None, **settings):
    return Source(path=path.name, layer=wish, **settings)


def copied(path, layer, **settings):
    """The head of the copy of a file, its rows piece by piece, and what was said."""
    source = source_of(path, **settings)
    folder = path.parent / f"copy-{path.name}"
    folder.mkdir()
    words = None if layer else WORDS
    stage("parcels" if layer else "occupancy", source, path, path.name, words, 1 << 30, folder)
    copy, log = Copy.at(folder), IssueLog()
    table = "parcels" if layer else "occupancy"
    pieces = Pieces(table, source, (path,), (path.name,), layer, (copy,))
    head = pieces.head(0, log)
    parts = [
        pieces.raw(0, rows, IssueLog()) for one in pieces.spans(6) for rows in pieces.read(one)
    ]
    return head, stack(parts), log


def ordinary(path, layer, **settings):
    log, source = IssueLog(), source_of(path, **settings)
    if not layer:
        return read_one(path, path.name, source, WORDS, log).with_types(), log
    more = {name: getattr(source, name) for name in ("layer", "encoding", "crs")}
    return read_layer(path, table="parcels", file=path.name, log=log, typed=True, **more), log


def plain(log):
    return sorted(issue.sort_key() for issue in log)


def same(path, *, layer=False, **settings):
    """The copy of a file says what its ordinary reader says."""
    one, said = ordinary(path, layer, **settings)
    head, two, told = copied(path, layer, **settings)
    assert plain(said) == plain(told)
    assert one.facts == head.facts
    assert one.unit_line == two.unit_line == head.unit_line
    assert one.headings == two.headings == head.headings
    for name in one.headings:
        cells, others = (list(map(repr, raw.with_cells().cells(name))) for raw in (one, two))
        assert cells == others, name
    for name in ("file", "sheet", "row"):
        assert getattr(one, name).tolist() == getattr(two, name).tolist()
    if layer:
        assert one.crs == head.crs
        found = [shapely.to_wkb(raw.geometry).tolist() for raw in (one, two)]
        assert found[0] == found[1]
    else:
        marks = np.zeros(len(one), bool) if one.repeated is None else one.repeated
        assert marks.tolist() == two.repeated.tolist()
    return one, head


def rows(dirty=True):
    for number in range(ROWS):
        area = "合计" if dirty and number == 20 else f"{number}.5"
        yield [f"{number:03}", f"企业{number}", "own" if number % 3 else "", area]


TEXT = "\n".join(",".join(row) for row in [list(HEADS), *rows()]) + "\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", "\t").replace("\n", "\r\n").encode(),
        ("单位：万元、亩\n\n" + TEXT).encode("gb18030"),
        TEXT.replace("\n", ",,\n").encode(),
        TEXT.replace("012,企业12,,12.5", ",,,\n \n012,企业12").encode(),
        (TEXT + TEXT).encode(),
        TEXT.replace("企业15", '"企\n业15"').encode(),
        "".join(f"{line},{n % 2 or ''}\n" for n, line in enumerate(TEXT.splitlines())).encode(),
    ],
    ids=["utf8", "gb18030", "bom", "utf16", "tabs", "title", "commas", "blank", "heads", "breaks",
         "unnamed"],
)  # fmt: skip
def test_text_tables(tmp_path, content):
    path = tmp_path / "表.csv"
    path.write_bytes(content)
    same(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n\t\n",
        b"PK\x03\x04abc",
        TEXT.encode()[:-1] + b"\xff\xff",
        b"\0" * 50 + TEXT.encode(),
        b"a,b\n1,2\n",
        (TEXT + '"' + TEXT).encode(),
        TEXT.replace("企业15", '"企业15').encode(),
    ],
    ids=["empty", "blank", "book", "bytes", "binary", "headings", "quote", "swallows"],
)
def test_faults_of_text_tables_are_the_same(tmp_path, content):
    path = tmp_path / "表.csv"
    path.write_bytes(content)
    with pytest.raises(UserError) as one:
        ordinary(path, layer=False)
    with pytest.raises(UserError) as two:
        copied(path, layer=False)
    assert plain(one.value.issues) == plain(two.value.issues)


@pytest.mark.parametrize(
    ("content", "why", "values"),
    [
        (TEXT.replace("relation", "area").encode(), "headings", {"value": "area"}),
        (TEXT.replace("企业3", "企\0业3").encode(), "text", {}),
        ((TEXT * 3 + "1,2,3,4,5\n").encode(), "no_name", {"value": "E", "row": 73}),
        (b"\n" * 100 + TEXT.encode(), "no_heading", {"n": 52}),
    ],
    ids=["twins", "nul", "wider", "deep"],
)
def test_what_only_all_rows_can_say_is_no_copy(tmp_path, content, why, values):
    path = tmp_path / "表.csv"
    path.write_bytes(content)
    with pytest.raises(Strange) as found:
        copied(path, layer=False)
    (reason,) = found.value.reasons
    assert (reason.code, reason.file) == (f"read_whole.{why}", "表.csv")
    assert dict(reason.values) == {"table": "occupancy", **values}
    assert [one.name for one in tmp_path.glob("copy-*/*")] == ["about.json"]


def test_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "占用"
    for row in (["单位：亩"], HEADS, ("宗地", None, None, None), *rows()):
        sheet.append(row)
    day = dt.datetime(2026, 3, 4, 5, 6)  # noqa: DTZ001 - cells know no zone
    for place, cell in {
        "A6": 7,
        "B7": day,
        "C8": True,
        "D9": 1.25,
        "D10": dt.date(2025, 1, 2),
    }.items():
        sheet[place] = cell
    sheet.row_dimensions[9].hidden = True
    sheet.merge_cells("A12:A14")
    book.create_sheet("说明").append(["无"])
    book.save(tmp_path / "book.xlsx")
    one, _ = same(tmp_path / "book.xlsx")
    assert {fact.code.partition(".")[2] for fact in one.facts} >= {"hidden_rows", "merged_keys"}


def test_a_workbook_larger_than_the_limit_is_no_copy(tmp_path):
    path = tmp_path / "book.xlsx"
    pd.DataFrame([*rows()], columns=HEADS).to_excel(path, index=False)
    stage("occupancy", Source(path=path.name), path, path.name, WORDS, 400 << 20, tmp_path)
    with pytest.raises(Strange, match="workbook"):
        Copy.at(tmp_path).prove()


def land(**more):
    shapes = [shapely.box(n, 0, n + 1, 1) for n in range(ROWS)]
    shapes[3], shapes[4] = None, shapely.Point(0, 0).buffer(1)
    shapes[5] = shapely.MultiPolygon([shapes[6], shapely.box(50, 0, 51, 1)])
    data = {
        "parcel_id": [f"{n:03}" for n in range(ROWS)],
        "holder": [None if n == 9 else f"恒禾{n}厂" for n in range(ROWS)],
        "area": [None if n % 7 == 0 else n / 3 for n in range(ROWS)],
        "floors": np.arange(ROWS),
        "day": [dt.date(2026, 1, 1 + n) for n in range(ROWS)],
        **more,
    }
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4549")


def write(frame, path):
    # the spatial index of FlatGeobuf has no place for nothing
    frame.to_file(path, **({"SPATIAL_INDEX": "NO"} if path.suffix == ".fgb" else {}))


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "geojson"])
def test_layers(tmp_path, kind):
    path = tmp_path / f"land.{kind}"
    frame = land(own=["\ue123"] * ROWS)
    frame = frame.to_crs(4490) if kind == "geojson" else frame
    write(frame, path)
    same(path, layer=True)
    other = path.rename(tmp_path / f"other.{kind}")
    same(other, layer=True, crs="EPSG:4548")


def test_one_of_several_layers(tmp_path):
    path = tmp_path / "land.gpkg"
    land().to_file(path, layer="宗地")
    land().iloc[:3].to_file(path, layer="旧宗地")
    one, _ = same(path, layer=True, wish="宗地")
    assert set(one.sheet) == {"宗地"}


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("said", ["right", "wrong", "none"])
def test_shapefiles(tmp_path, encoding, said):
    path = tmp_path / "land.shp"
    frame = land().drop(columns="day").rename(columns={"holder": "使用", "area": "面积"})
    frame.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    other = {"GBK": "UTF-8", "UTF-8": "GBK"}[encoding]
    if said != "none":
        path.with_suffix(".cpg").write_text(encoding if said == "right" else other)
    same(path, layer=True)
    with zipfile.ZipFile(tmp_path / "land.zip", "w") as archive:
        for part in tmp_path.glob("land.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    same(tmp_path / "land.zip", layer=True)


def test_texts_that_a_field_cut_are_counted_once(tmp_path):
    path = tmp_path / "land.shp"
    names = ["a" + "中" * 126 + "文"[: n % 2] for n in range(ROWS)]
    land(holder=names).drop(columns="day").to_file(path, encoding="UTF-8")
    said = bytearray(path.with_suffix(".dbf").read_bytes())
    path.with_suffix(".dbf").write_bytes(said.replace("文".encode(), "中".encode()[:2] + b" "))
    same(path, layer=True)


def test_a_damaged_layer_has_the_same_fault(tmp_path):
    for kind, cut in (("gpkg", 9000), ("fgb", 900), ("shp", 300), ("geojson", 700)):
        path = tmp_path / f"land.{kind}"
        write(land(), path)
        part = path.with_suffix(".dbf") if kind == "shp" else path
        part.write_bytes(part.read_bytes()[:cut])
        with pytest.raises(UserError) as one:
            ordinary(path, layer=True)
        with pytest.raises(UserError) as two:
            copied(path, layer=True)
        assert plain(one.value.issues) == plain(two.value.issues), kind


def test_features_that_are_lost_are_a_fault_of_both_readers(tmp_path):
    path = tmp_path / "land.fgb"
    write(land(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-700] + b"\xff" * 500 + whole[-200:])
    with pytest.raises(UserError, match=f"< {ROWS}") as one:
        ordinary(path, True)
    with pytest.raises(UserError) as other:
        copied(path, True)
    assert plain(one.value.issues) == plain(other.value.issues)


def test_categories_are_read_as_their_values(tmp_path):
    path = tmp_path / "rows.parquet"
    frame = pd.DataFrame([*rows()], columns=HEADS)
    frame = frame.astype({"uscc": "category", "relation": "category"})
    frame["many"] = pd.Categorical([None if n == 3 else n % 4 for n in range(ROWS)])
    frame.to_parquet(path, index=False, row_group_size=5)
    one, _ = ordinary(path, layer=False)
    source = Source(path=path.name)
    pieces = Pieces("occupancy", source, (path,), (path.name,), False, (None,))
    parts = [
        pieces.raw(0, part, IssueLog()) for span in pieces.spans(5) for part in pieces.read(span)
    ]
    two = stack(parts)
    for name in one.headings:
        cells = [list(map(repr, raw.with_cells().cells(name))) for raw in (one, two)]
        assert cells[0] == cells[1], name

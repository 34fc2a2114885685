"""[[evidence]] in the project file: what it may say, its faults, and the raster as an input."""

from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from affine import Affine
from evidence_rasters import write
from openpyxl import load_workbook

from landuse.errors import UserError
from landuse.intake import read_inputs
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.messages import text
from landuse.pipeline.evidence import evidence_of, images, raster_versions
from landuse.pipeline.identify import identify, prepare
from landuse.pipeline.idle_run import find_idle_land
from landuse.pipeline.manifest import run_id
from landuse.publish import words
from landuse.publish.explain import explain
from landuse.schema.tables import EVIDENCE

HEAD = """[project]
name = "测试"
year = 2025
as_of = 2026-06-30
[parcels]
path = "宗地.shp"
[enterprises]
path = "enterprises.xlsx"
[rules]
pack = "three-indicator"
"""
LINES = HEAD.count("\n")


def load(tmp_path, text):
    path = tmp_path / "project.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load_project(path)


def faults(tmp_path, text):
    with pytest.raises(UserError) as caught:
        load(tmp_path, text)
    assert all(issue.file == "project.toml" for issue in caught.value.issues)
    assert all(caught.value.lines(lang) for lang in ("zh", "en"))
    return caught.value.issues


def test_without_images(tmp_path):
    project = load(tmp_path, "")
    assert project.evidence == ()
    assert images(project) == []
    assert raster_versions(project) == {}
    assert evidence_of(project, None, "", None, IssueLog()) is None  # type: ignore[arg-type]


def test_everything_that_an_image_may_say(tmp_path):
    project = load(
        tmp_path,
        """[[evidence]]
path = "影像/2020.tif"
kind = "built_up"
band = 2
built_values = [1, 50]
date = 2020-06-01
crs = "EPSG:4490"
nodata = -9999.5
[[evidence]]
path = "lst.tif"
kind = "mean"
label = "地表温度"
nodata = "none"
scale = 0.00341802
offset = 149
[[evidence]]
path = "b.img"
kind = "built_up"
built_values = 7
""",
    )
    first, second, third = project.evidence
    assert (first.path, first.kind, first.band) == ("影像/2020.tif", "built_up", 2)
    assert first.built_values == (1.0, 50.0)
    assert (first.nodata, first.crs) == (-9999.5, "EPSG:4490")
    assert (second.nodata, second.scale, second.offset) == ("none", 0.00341802, 149.0)
    assert (third.built_values, third.nodata, third.scale) == ((7.0,), None, None)
    assert [entry.title for entry in project.evidence] == ["2020-06-01", "地表温度", "b"]


def test_nan_as_nodata_is_what_missing_is_anyway(tmp_path):
    text = '[[evidence]]\npath = "a.tif"\nkind = "mean"\nnodata = nan\n'
    nodata = load(tmp_path, text).evidence[0].nodata
    assert isinstance(nodata, float)
    assert math.isnan(nodata)


@pytest.mark.parametrize(
    ("lines", "code", "row"),
    [
        ('path = "a.tif"\nkind = "built"', "rules.not_a_choice", 3),
        ('path = "a.tif"', "rules.missing_key", 1),
        ('kind = "mean"', "rules.missing_key", 1),
        ('path = ["a.tif"]\nkind = "mean"', "rules.not_text", 2),
        ('path = "a.tif"\nkind = "mean"\nband = 0', "project.bad_row", 4),
        ('path = "a.tif"\nkind = "mean"\nnodata = "没有"', "evidence.not_a_number", 4),
        ('path = "a.tif"\nkind = "mean"\nnodata = true', "evidence.not_a_number", 4),
        ('path = "a.tif"\nkind = "mean"\nscale = "0.1"', "evidence.not_a_number", 4),
        ('path = "a.tif"\nkind = "built_up"\nbuilt_values = []', "evidence.no_values", 4),
        ('path = "a.tif"\nkind = "built_up"\nbuilt_values = ["1"]', "evidence.no_values", 4),
        ('path = "a.tif"\nkind = "mean"\nbuilt_values = [1]', "evidence.values_of_a_mean", 4),
        ('path = "a.tif"\nkind = "mean"\ndate = "2024年"', "rules.not_a_date", 4),
        ('path = "a.tif"\nkind = "mean"\ncrs = "EPSG:1"', "project.unknown_crs", 4),
        ('path = "a.tif"\nkind = "mean"\ncrs = "bd09"', "project.shifted_crs", 4),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path, lines, code, row):
    found = faults(tmp_path, f"[[evidence]]\n{lines}\n")
    assert [(issue.code, issue.row) for issue in found] == [(code, LINES + row)]


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("nodate", "nodata"), ("built_value", "built_values"), ("bnad", "band"), ("lable", "label")],
)
def test_unknown_names_give_the_nearest(tmp_path, wrong, near):
    text = f'[[evidence]]\npath = "a.tif"\nkind = "mean"\n{wrong} = 1\n'
    (issue,) = faults(tmp_path, text)
    assert (issue.code, issue.value) == ("rules.unknown_key", wrong)
    assert issue.values["nearest"] == near  # noqa: PD011


def test_one_table_is_no_list(tmp_path):
    assert faults(tmp_path, '[evidence]\npath = "a.tif"\nkind = "mean"\n')


def test_images_that_could_not_be_told_apart(tmp_path):
    entry = '[[evidence]]\npath = "{}/a.tif"\nkind = "mean"\n'
    (issue,) = faults(tmp_path, entry.format("2020") + entry.format("2024"))
    assert (issue.code, issue.value) == ("evidence.label_twice", "a")
    text = entry.format("2020") + "date = 2020-01-01\n" + entry.format("2024")
    assert len(load(tmp_path, text).evidence) == 2


# the raster as an input of a run


@pytest.fixture(scope="module")
def county(tmp_path_factory, sample):
    """The sample county with a raster of 30 m cells over it, of which a third is built-up."""
    import shutil

    folder = tmp_path_factory.mktemp("county") / "sample"
    shutil.copytree(sample, folder, ignore=shutil.ignore_patterns("generator", "__pycache__"))
    project, rules, _ = prepare(folder / "project.toml")
    inputs = read_inputs(project, rules, IssueLog())
    left, bottom, right, top = shapely.total_bounds(inputs.parcels["geometry"].to_numpy())
    shape = int((top - bottom) / 30) + 2, int((right - left) / 30) + 2
    values = (np.random.default_rng(5).random(shape) < 1 / 3).astype("uint8")
    grid = Affine(30, 0, left - 30, 0, -30, top + 30)
    (folder / "影像").mkdir()
    write(folder / "影像" / "建成区.tif", values, transform=grid, crs=inputs.crs)
    return folder


def with_images(county, *lines):
    path = county / "with.toml"
    text = (county / "project.toml").read_text(encoding="utf-8")
    path.write_text(text + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


BUILT = (
    '[[evidence]]', 'path = "影像/建成区.tif"', 'kind = "built_up"', "built_values = [1]",
    "date = 2024-06-01",
)  # fmt: skip


def test_a_batch_has_the_evidence_of_every_parcel(county):
    project, rules, _ = prepare(with_images(county, *BUILT))
    log = IssueLog()
    inputs = read_inputs(project, rules, log)
    found = evidence_of(project, inputs.parcels, inputs.crs, rules, log)
    assert found is not None
    EVIDENCE.check(found)
    assert found["parcel_id"].tolist() == sorted(inputs.parcels["parcel_id"])
    assert set(found["label"]) == {"2024-06-01"}
    assert (found["covered_share"] == 1).all()
    assert found["value"].mean() == pytest.approx(1 / 3, abs=0.05)
    assert {"rasterio", "exactextract"} <= set(raster_versions(project))


def test_the_raster_and_its_world_file_are_hashed_into_the_run(county):
    project, rules, day = prepare(with_images(county, *BUILT))

    def known():
        files = read_inputs(project, rules, IssueLog()).files
        (entry,) = [one for one in files if one.path == "影像/建成区.tif"]
        return entry, run_id(project, rules, day, files, "zh")

    entry, before = known()
    assert entry.bytes == (county / "影像" / "建成区.tif").stat().st_size
    world = county / "影像" / "建成区.tfw"
    world.write_text("10\n0\n0\n-10\n0\n0\n")
    try:
        other, after = known()
    finally:
        world.unlink()
    assert other.sha256 != entry.sha256
    assert after != before


def test_how_an_image_is_read_is_part_of_the_run(county):
    project, rules, day = prepare(with_images(county, *BUILT))
    files = read_inputs(project, rules, IssueLog()).files
    other = project.model_copy(update={"evidence": ()})
    assert run_id(other, rules, day, files, "zh") != run_id(project, rules, day, files, "zh")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("影像/没有.tif", "project.file_absent"),
        ("影像/建成区.vrt", "evidence.unknown_suffix"),
        ("宗地.shp", "evidence.unknown_suffix"),
        ("/vsicurl/https://example.org/a.tif", "project.address"),
        ("https://example.org/a.tif", "project.address"),
        ("GTIFF_DIR:1:a.tif", "evidence.unknown_suffix"),
        ("//server/share/a.tif", "project.network_path"),
    ],
)
def test_paths_that_cannot_be_used(county, path, code):
    lines = ["[[evidence]]", f'path = "{path}"', 'kind = "mean"']
    project, rules, _ = prepare(with_images(county, *lines))
    with pytest.raises(UserError) as caught:
        read_inputs(project, rules, IssueLog())
    expected = {"GTIFF_DIR:1:a.tif": "project.file_absent"}.get(path, code)
    assert [issue.code for issue in caught.value.issues] == [expected]


def test_a_day_of_an_image_is_a_day(tmp_path):
    text = '[[evidence]]\npath = "a.tif"\nkind = "mean"\ndate = "2024-06-01"\n'
    assert load(tmp_path, text).evidence[0].date == dt.date(2024, 6, 1)


# the whole way to what people read


@pytest.fixture(scope="module")
def runs(county, tmp_path_factory):
    """The same county without and with images, as run folders."""
    folder = tmp_path_factory.mktemp("runs")
    plain = identify(county / "project.toml", out=folder / "plain", lang="en")
    second = (*BUILT[:1], 'path = "影像/建成区.tif"', 'kind = "mean"', 'label = "mean"')
    path = with_images(county, *BUILT, *second)
    return plain, identify(path, out=folder / "images", lang="en")


def rows(run, name):
    return pq.read_table(run.folder / f"{name}.parquet").to_pandas()


def test_evidence_never_makes_a_finding(runs):
    plain, images = runs
    for name in ("idle", "units", "links"):
        pd.testing.assert_frame_equal(rows(plain, name), rows(images, name))
    assert plain.totals == images.totals
    assert len(rows(plain, "evidence")) == 0
    assert len(rows(images, "evidence")) == 2 * len(rows(images, "parcels"))


def test_the_run_says_which_raster_and_which_versions(runs):
    plain, images = (json.loads((run.folder / "run.json").read_text("utf-8")) for run in runs)
    assert [one["path"] for one in images["inputs"]].count("影像/建成区.tif") == 1
    assert set(images["versions"]) - set(plain["versions"]) == {"rasterio", "exactextract"}


def test_the_workbook_shows_the_evidence_beside_each_finding(runs):
    plain, images = (load_workbook(run.folder / "results.xlsx", read_only=True) for run in runs)
    assert "Evidence of images" not in plain.sheetnames
    assert "Evidence of images" in images.sheetnames
    found = rows(runs[1], "idle").query("finding != '' and known_parcel")
    assert len(found)
    sheet = list(images[text("workbook.sheet_idle", "en")].iter_rows(values_only=True))
    (at,) = {row.index("evidence of images") for row in sheet if "evidence of images" in row}
    shown = [(row[0], row[at]) for row in sheet if row[0] in set(found["parcel_id"])]
    assert len(shown) == len(found)
    share = rows(runs[1], "evidence").set_index(["label", "parcel_id"])["value"]["2024-06-01"]
    for parcel, cell in shown:
        assert cell.startswith(f"2024-06-01: {words.number(100 * share[parcel], 4)} % built-up")
        assert "; mean: mean of the band" in cell


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_explain_tells_the_evidence(runs, lang):
    plain, images = runs
    parcel = rows(images, "idle").query("finding != '' and known_parcel")["parcel_id"].iloc[0]
    one = rows(images, "evidence").set_index(["parcel_id", "label"]).loc[(parcel, "2024-06-01")]
    said = "\n".join(explain(images.folder, parcel, lang).text())
    assert text(f"evidence.verdict_{one['verdict']}", lang) in said
    assert f"{words.number(100 * one['value'], 4)} %" in said
    assert "2024-06-01" not in "\n".join(explain(plain.folder, parcel, lang).text())
    found = explain(images.folder, parcel, lang).json["evidence"]
    assert [entry["label"] for entry in found] == ["2024-06-01", "mean"]


def test_a_parcel_without_a_contract_has_its_evidence_too(runs):
    images = runs[1]
    contracts = set(rows(images, "idle")["parcel_id"])
    parcel = next(one for one in rows(images, "parcels")["parcel_id"] if one not in contracts)
    said = "\n".join(explain(images.folder, parcel, "en").text())
    assert f"images of parcel {parcel}" in said


def test_idle_land_alone_has_the_evidence(county, tmp_path):
    run = find_idle_land(with_images(county, *BUILT), out=tmp_path / "run", lang="zh")
    assert len(rows(run, "evidence")) == len(rows(run, "parcels"))
    assert "影像证据" in load_workbook(run.folder / "idle.xlsx", read_only=True).sheetnames

"""The public copy: what was dropped is nowhere in the file, and what is shown is coarse."""

from __future__ import annotations

import base64
import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
from payloads import everything, layers
from public_county import MONEY, county, planted

from landuse.errors import UserError
from landuse.publish.map import MapOptions, write_map
from landuse.publish.map.base_map import TIANDITU
from landuse.publish.map.public import public_said
from landuse.publish.map.public_form import (
    OTHER,
    WITHHELD,
    PublicSettings,
    public_plots,
    settings_of,
)
from landuse.publish.map.public_units import units_of
from landuse.publish.plots import plot_table

SIZES = {
    "canvas": {},
    "tiles": {"canvas_up_to": 50},
    "large": {"canvas_up_to": 50, "cards_up_to": 60},
    "folder": {"canvas_up_to": 50, "cards_up_to": 60, "folder": True},
    "parks": {"public": settings_of("park")},
    "grid": {"public": settings_of("grid:500")},
    "english": {"lang": "en"},
}


@pytest.fixture(scope="module")
def run():
    return county()


@pytest.fixture(scope="module")
def hostile(run):
    return planted(run)


@pytest.fixture(scope="module")
def plots(run):
    return public_plots(run, None, PublicSettings())


def written(run, cases, place, **options):
    place.mkdir(exist_ok=True)
    options = {"audience": "public", **options}
    write_map(run, place / "map.html", options=MapOptions(**options), cases=cases)
    return {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}


def block(page, name):
    found = re.search(rf'id="landuse-{name}">(.*?)</script>', page.decode("utf-8"))
    return json.loads(found[1])


@pytest.mark.parametrize("size", SIZES)
def test_nothing_that_was_dropped_is_in_any_payload(hostile, tmp_path, size):
    run, cases, marks = hostile
    files = written(run, cases, tmp_path / "a", **SIZES[size])
    assert len(files) == (2 if size == "folder" else 1)
    for path, content in files.items():
        held = everything(content)
        for mark in marks:
            assert mark.encode() not in held, (path.name, mark)
        assert re.search(rb"MK\d\d\dq", held) is None
        assert str(int(MONEY)).encode() not in held
        for word in ("青阳街道", "持有人", str(run.manifest["run_id"])):
            assert word.encode() not in held, word


def test_the_same_search_finds_the_marks_of_an_internal_copy(hostile, tmp_path):
    run, cases, marks = hostile
    (page,) = written(run, cases, tmp_path / "a", audience="internal").values()
    held = everything(page)
    seen = {mark.partition("q")[2] for mark in marks if mark.encode() in held}
    assert {"parcel_id", "uscc", "parcels.holder", "units.industry_code", "case.number",
            "links.source_file", "cases.responsible_person", "by", "zh"} <= seen  # fmt: skip
    assert str(int(MONEY)).encode() in held


def test_payloads_are_unpacked_however_they_are_wrapped():
    import gzip

    secret = b"a secret of some length that is looked for"
    wrapped = base64.b64encode(gzip.compress(base64.b64encode(secret)))
    page = b'<script type="application/octet-stream" id="x">' + wrapped[:40] + b"</script>"
    page += b'<script type="application/octet-stream" id="y">' + wrapped[40:] + b"</script>"
    assert any(secret in layer for layer in layers(page))


def test_tiles_carry_numbers_alone(run, tmp_path):
    (page,) = written(run, None, tmp_path / "a", canvas_up_to=50).values()
    parts = re.findall(rb'id="landuse-tiles-\d+">(.*?)</script>', page)
    place = tmp_path / "plots.pmtiles"
    place.write_bytes(b"".join(base64.b64decode(one) for one in parts))
    zoom = block(page, "shapes")["tiles"]["zoom"]
    frame = pyogrio.read_dataframe(place, ZOOM_LEVEL=str(zoom))
    assert set(frame.columns) <= {"n", "mvt_id", "geometry"}  # mvt_id is GDAL's count
    # withheld plots are in the tiles with the others: an outline in the page would tell them apart
    shapes, blocks = block(page, "shapes"), block(page, "plots")
    keys = [one["key"] for one in block(page, "meta")["classes"]]
    for at, rings in enumerate(shapes["rings"]):
        flagged = keys[blocks["class"][at]] in ("low_efficiency", "idle", "both", "revitalised")
        assert bool(rings) == flagged
    assert set(frame["n"]) == {at for at, rings in enumerate(shapes["rings"]) if not rings}


def test_the_page_knows_no_more_columns_than_these(run, tmp_path):
    (page,) = written(run, None, tmp_path / "a").values()
    assert set(block(page, "plots")) == {
        *("id", "class", "park", "state", "mu", "flagged_mu", "low", "idle", "revitalised"),
        *("accepted", "division", "values", "others"),
    }
    details = block(page, "details")
    assert details["links"]["unit"] == details["units"]["name"] == details["plots"] == []
    assert block(page, "meta")["run_id"] == ""
    assert block(page, "areas")["price"] == []


def test_corners_stand_on_the_grid(run, tmp_path):
    (page,) = written(run, None, tmp_path / "a", public=settings_of(round_metres=50)).values()
    shapes = block(page, "shapes")
    steps = np.cumsum(np.array(shapes["xy"]).reshape(-1, 2), axis=0)
    back = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True)
    metres = np.column_stack(back.transform(*(steps * shapes["step"]).T))
    assert np.abs(metres / 50 - np.rint(metres / 50)).max() * 50 < 0.2  # a step is 0.11 m
    assert shapes["rings"] == [1] * 480  # a plot of 18 m by 18 m is still there


def test_a_plot_smaller_than_the_grid_is_one_cell_of_it(run):
    # plot 12 has 10 mu: 81.6 m a side; a grid of 1000 m swallows all of them
    coarse = public_plots(run, None, PublicSettings(round_metres=1000.0))
    assert {one.area for one in coarse.shape} == {1_000_000.0}


def test_numbers_follow_the_place_and_not_the_register(run, plots):
    north = [shape.bounds[3] for shape in plots.shape]
    assert north == sorted(north, reverse=True)
    # the register runs the other way: its codes sort by plot, then by copy from the south
    first = run.parcels.sort_values("parcel_id")["geometry"].iloc[0]
    assert first.bounds[3] < north[-1] + 150


def test_areas_are_whole_mu_and_the_legend_adds_them(run, tmp_path):
    (page,) = written(run, None, tmp_path / "a").values()
    meta, plots = block(page, "meta"), block(page, "plots")
    assert all(isinstance(one, int) for one in plots["mu"])
    for place, one in enumerate(meta["classes"]):
        own = [mu for mu, kind in zip(plots["mu"], plots["class"], strict=True) if kind == place]
        assert (one["count"], one["mu"]) == (len(own), sum(own))
    assert meta["total"] == {"count": 480, "mu": sum(plots["mu"])}


def test_every_group_that_is_shown_has_three_users(run, plots):
    table = pd.DataFrame(
        {"kind": plots.kind, "park": plots.park, "division": plots.division, "owner": plots.owner}
    )
    for keys in (["kind"], ["kind", "park"], ["kind", "division"], ["park"], ["division"]):
        users = table.groupby(keys)["owner"].nunique()
        assert users.min() >= 3, users[users < 3]
    assert (table["park"] == OTHER).sum() == 0  # the smallest park has twelve users
    assert WITHHELD in set(plots.kind)  # the small park has one flagged plot


def test_a_park_without_a_name_keeps_its_plots_classes_to_itself(run):
    # two parks of two users each: together they have four, but everybody sees where a plot lies
    rows = plot_table(run).rows
    alone = rows[rows["land_class"] == "normal"].drop_duplicates("main_uscc")["parcel_id"].head(4)
    places = dict(zip(alone, ("甲园", "甲园", "乙园", "乙园"), strict=True))
    parcels = run.parcels.copy()
    parcels["park"] = parcels["parcel_id"].map(places).fillna(parcels["park"])
    found = public_plots(dataclasses.replace(run, parcels=parcels), None, PublicSettings())
    assert (found.park == OTHER).sum() == 4
    assert set(found.kind[found.park == OTHER]) == {WITHHELD}


def test_withheld_plots_have_no_band(plots):
    hidden = plots.kind == WITHHELD
    assert hidden.any()
    for band in plots.bands.values():
        assert not band[hidden].any()
        for k in range(1, band.max() + 1):
            assert len(set(plots.owner[band == k])) >= 3


def test_bands_follow_the_values(run, plots):
    rows = plot_table(run).rows
    fine = public_plots(run, None, PublicSettings(1.0))
    score = dict(zip(_middles(run), rows["score"], strict=True))
    pairs = [
        (band, score[_middle(shape)])
        for band, shape in zip(fine.bands["score"], fine.shape, strict=True)
        if band
    ]
    low, high = {}, {}
    for band, value in pairs:
        low[band], high[band] = min(low.get(band, 9), value), max(high.get(band, -9), value)
    assert all(high[k] <= low[k + 1] for k in range(1, 5))


def _middle(shape):
    x, y = shape.centroid.coords[0]
    return round(x / 5), round(y / 5)


def _middles(run):
    shapes = run.parcels.sort_values("parcel_id")["geometry"]
    from landuse.publish.map.public_form import rounded

    return [_middle(one) for one in rounded(shapes.to_numpy(dtype=object), run.crs, 1.0)]


def test_parks_stand_for_their_plots(run, plots, tmp_path):
    settings = settings_of("park")
    units = units_of(run, public_plots(run, None, settings), settings)
    assert sorted(units.name) == ["小园区", "第0园区", "第1园区", "第2园区", "第3园区"]
    assert sum(count for row in units.rows for count, _ in row.values()) == 480
    for row in units.rows:
        assert all(count >= 3 for count, _ in row.values())
    small = units.rows[list(units.name).index("小园区")]
    assert "low_efficiency" not in small  # one plot of twelve
    assert WITHHELD in small
    (page,) = written(run, None, tmp_path / "a", public=settings).values()
    assert len(block(page, "plots")["id"]) == 5
    assert block(page, "meta")["flagged"] is None


def test_squares_stand_on_the_grid_and_small_ones_together(run):
    settings = settings_of("grid:500")
    units = units_of(run, public_plots(run, None, settings), settings)
    for shape, row in zip(units.shape, units.rows, strict=True):
        if not shape.is_empty:
            assert shape.area == 250_000
            assert all(edge % 500 == 0 for edge in shape.bounds)
            assert sum(count for count, _ in row.values()) >= 3


def test_what_a_public_copy_cannot_have_is_refused(run, tmp_path):
    for wish in ({"second": run}, {"base": TIANDITU}):
        with pytest.raises(UserError) as caught:
            written(run, None, tmp_path / "a", **wish)
        assert caught.value.issues[0].code == "map_public.not_in_public"
    (page,) = written(run, None, tmp_path / "a", served=True).values()
    assert block(page, "meta")["served"] is False


@pytest.mark.parametrize(
    "wrong", [{"merge": "town"}, {"merge": "grid:5"}, {"round_metres": 0.1}, {"merge": "grid:"}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(UserError):
        settings_of(**wrong)


def test_the_same_run_gives_the_same_bytes_and_says_what_to_do(run, tmp_path):
    first = written(run, None, tmp_path / "a", canvas_up_to=50)
    again = written(run, None, tmp_path / "b", canvas_up_to=50)
    assert list(first.values()) == list(again.values())
    assert "公开前须按规定审核" in next(iter(first.values())).decode()
    assert "公开前须按规定审核" in public_said(run, None, PublicSettings(), "zh")
    assert "公开前须按规定审核" in public_said(run, None, settings_of("park"), "zh")


def test_a_county_where_all_is_small_shows_no_class(run, tmp_path):
    few = dataclasses.replace(run, parcels=run.parcels.head(4), links=run.links.head(4))
    plots = public_plots(few, None, PublicSettings())
    assert set(plots.kind) == {WITHHELD}
    (page,) = written(few, None, tmp_path / "a").values()
    assert [one["key"] for one in block(page, "meta")["classes"]] == [WITHHELD]

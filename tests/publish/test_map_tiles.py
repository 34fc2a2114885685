"""Tiles of large maps: no plot is lost, the page knows where each is, and no card is missing."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import warnings

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
import shapely.affinity
from publish_county import make_run, parcel, typed

from landuse.errors import InternalError, UserError
from landuse.publish.map import MapOptions, write_map
from landuse.publish.map import partial as partial_module
from landuse.publish.map import tiles as tiles_module
from landuse.publish.map.partial import PIECE, carried, large
from landuse.publish.map.tiles import LAYER, write_tiles

CRS = "EPSG:4549"


@pytest.fixture(scope="module")
def field():
    """Two thousand octagons side by side, each 60 m wide, and some that tiles are bad at."""
    east, north = np.meshgrid(np.arange(50), np.arange(40))
    angle = np.arange(8) * np.pi / 4 + np.pi / 8
    ring = 30 * np.column_stack([np.cos(angle), np.sin(angle)])
    middle = np.column_stack([east.ravel(), north.ravel()]) * 60.0 + (500_000, 2_700_000)
    plots = list(shapely.polygons(middle[:, None, :] + ring[None]))
    plots += [
        shapely.box(500_000, 2_710_000, 500_000.6, 2_710_000.6),  # 0.36 m²
        shapely.box(500_000, 2_710_100, 500_009, 2_710_100.4),  # a strip 0.4 m wide
        shapely.box(500_000, 2_710_200, 500_000.02, 2_710_200.02),  # two centimetres
        shapely.box(480_000, 2_690_000, 510_000, 2_715_000),  # over hundreds of tiles
        shapely.MultiPolygon([middle_box(500_000), middle_box(503_000)]),
        shapely.Polygon(),
    ]
    return np.array(plots, dtype=object)


def middle_box(east):
    return shapely.box(east, 2_705_000, east + 50, 2_705_040)


@pytest.fixture(scope="module")
def tiles(field, tmp_path_factory):
    place = tmp_path_factory.mktemp("tiles") / "plots.pmtiles"
    return write_tiles(field, np.arange(len(field)), CRS, place)


def read(tiles):
    """Each part of each plot in each tile, in metres of EPSG:3857."""
    return pyogrio.read_dataframe(tiles.path, layer=LAYER, ZOOM_LEVEL=str(tiles.zoom))


def test_no_plot_is_lost_at_the_zoom_of_the_tiles(tiles, field):
    found = set(read(tiles)["n"])
    assert found | set(tiles.lost) == set(range(len(field)))
    assert not found & set(tiles.lost)
    # what has no step of the tile, and what is empty
    assert tiles.lost == (2002, 2005)


def test_the_outlines_in_tiles_are_where_the_plots_are(tiles, field):
    parts = read(tiles)
    of_plot = parts.groupby("n")["geometry"].agg(lambda some: shapely.union_all(list(some)))
    import pyproj

    turn = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:3857", always_xy=True)
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)

    def mercator(xy):
        return np.column_stack(turn.transform(*back.transform(xy[:, 0], xy[:, 1])))

    for number in (0, 777, 1999, 2003):
        true = shapely.transform(field[number], mercator)
        drawn = of_plot[number]
        # a step of at most 0.2 m along the whole outline, twice where a tile cuts it
        assert shapely.area(shapely.symmetric_difference(drawn, true)) < 0.6 * true.length


def test_the_same_plots_give_the_same_bytes(field, tmp_path):
    for name in ("a", "b"):
        write_tiles(field[:300], np.arange(300), CRS, tmp_path / f"{name}.pmtiles")
    assert (tmp_path / "a.pmtiles").read_bytes() == (tmp_path / "b.pmtiles").read_bytes()


def test_a_warning_of_gdal_is_no_map(field, tmp_path, monkeypatch):
    def warn(*_):
        warnings.warn("At least one tile exceeded the default maximum tile size", stacklevel=1)

    monkeypatch.setattr(tiles_module, "_write", warn)
    with pytest.raises(InternalError, match="exceeded"):
        write_tiles(field[:3], np.arange(3), CRS, tmp_path / "x.pmtiles")


def test_a_crowded_tile_loses_nothing(tmp_path):
    # 9 000 outlines of 256 points within 600 m: 0.76 MB, where GDAL by itself aims at 0.5 a tile
    angle = np.linspace(0, 2 * np.pi, 257)[:-1]
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    corner = np.array([500_000, 2_700_000])
    place = np.random.default_rng(7).uniform(0, 600, (9000, 1, 2)) + corner
    many = shapely.polygons(place + 20 * ring[None])
    found = write_tiles(many, np.arange(9000), CRS, tmp_path / "many.pmtiles")
    assert found.lost == ()
    assert set(read(found)["n"]) == set(range(9000))


# --- the page


@pytest.fixture(scope="module")
def run():
    """Sixty copies of the county of twelve: one plot in twelve is flagged."""
    one = make_run()
    copies = range(60)

    def renamed(frame, column):
        parts = [frame.assign(**{column: frame[column] + f"-{copy:02d}"}) for copy in copies]
        return pd.concat(parts, ignore_index=True)

    parcels = renamed(one.parcels, "parcel_id")
    north = np.repeat(np.arange(60) * 300.0, len(one.parcels))
    shapes = [
        shapely.affinity.translate(shape, 0.0, shift)
        for shape, shift in zip(parcels["geometry"], north, strict=True)
    ]
    parcels["geometry"] = np.array(shapes, dtype=object)
    links = renamed(one.links, "parcel_id")
    totals = {
        **one.totals,
        "classes": {
            key: {"count": 60 * value["count"], "mu": 60 * value["mu"]}
            for key, value in one.totals["classes"].items()
        },
        "parcels_mu": 60 * one.totals["parcels_mu"],
    }
    return typed(dataclasses.replace(one, parcels=parcels, links=links, totals=totals))


def block(page, name):
    found = re.search(rf'<script type="application/json" id="landuse-{name}">(.*?)</script>', page)
    return json.loads(found[1])


def raw(page, name):
    kind = "application/octet-stream"
    return re.search(rf'<script type="{kind}" id="landuse-{name}">(.*?)</script>', page)[1]


def drawn(run, tmp_path, **options):
    path = tmp_path / "map.html"
    write_map(run, path, options=MapOptions(canvas_up_to=100, **options))
    return path.read_text(encoding="utf-8")


def test_what_matters_is_an_outline_and_the_rest_is_in_tiles(run, tmp_path):
    page = drawn(run, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]
    plots, shapes = block(page, "plots"), block(page, "shapes")
    flagged = [code.startswith(parcel(1)) for code in plots["id"]]
    assert shapes["rings"] == [int(one) for one in flagged]
    content = b""
    while f'id="landuse-tiles-{len(content) // partial_module.BLOCK}"' in page:
        number = len(content) // partial_module.BLOCK
        part = base64.b64decode(raw(page, f"tiles-{number}"))
        content += part
        if len(part) < partial_module.BLOCK:
            break
    (tmp_path / "plots.pmtiles").write_bytes(content)
    zoom = str(shapes["tiles"]["zoom"])
    found = pyogrio.read_dataframe(tmp_path / "plots.pmtiles", read_geometry=False, ZOOM_LEVEL=zoom)
    assert set(found["n"]) == {at for at, one in enumerate(flagged) if not one}


def test_the_page_knows_the_place_of_every_tiled_plot(run, tmp_path):
    page = drawn(run, tmp_path)
    places = np.frombuffer(base64.b64decode(raw(page, "places")), dtype="<i4").reshape(-1, 4)
    ids = block(page, "plots")["id"]
    west, south, east, north = places[ids.index(f"{parcel(2)}-00")] * 1e-6
    shape = run.parcels.set_index("parcel_id").loc[f"{parcel(2)}-00", "geometry"]
    import pyproj

    turn = pyproj.Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    true = shapely.bounds(
        shapely.transform(shape, lambda xy: np.column_stack(turn.transform(*xy.T)))
    )
    assert [west, south, east, north] == pytest.approx(list(true), abs=6e-7)
    first = places[ids.index(f"{parcel(1)}-00")]
    assert first[2] < first[0]  # an outline in the page: no place is needed


def test_all_cards_up_to_the_limit_and_above_it_those_that_matter(run, tmp_path):
    full = block(drawn(run, tmp_path, cards_up_to=720), "details")
    assert "plots" not in full
    assert len(full["links"]["per_plot"]) == 720
    page = drawn(run, tmp_path, cards_up_to=719)
    few = block(page, "details")
    plots = block(page, "plots")
    assert [plots["id"][at] for at in few["plots"]] == [f"{parcel(1)}-{n:02d}" for n in range(60)]
    assert few["links"]["per_plot"] == [1] * 60
    assert len(few["parcels"]["in_scope"]) == 60
    assert few["units"]["uscc"] == ["91350582000000001X"]
    # every plot keeps what is filtered and coloured by
    for column in (
        plots["class"],
        plots["park"]["at"],
        plots["state"]["at"],
        plots["division"]["at"],
    ):
        assert len(column) == 720
    assert set(plots["values"]) == {
        "tax_wan_per_mu",
        "output_wan_per_mu",
        "output_wan_per_tce",
        "score",
    }
    assert block(page, "meta")["partial"]


def test_chosen_indicators_are_those_carried(run, tmp_path):
    page = drawn(run, tmp_path, cards_up_to=10, indicators=("output_wan_per_tce",))
    assert set(block(page, "plots")["values"]) == {"output_wan_per_tce", "score"}
    keys = [one["key"] for one in block(page, "meta")["measures"]]
    assert keys == ["output_wan_per_tce", "score"]
    with pytest.raises(UserError) as caught:
        drawn(run, tmp_path, indicators=("nothing",))
    assert caught.value.issues[0].code == "map_command.unknown_indicator"
    with pytest.raises(UserError) as caught:
        drawn(run, tmp_path, indicators=("tax_wan_per_mu",) * 4)
    assert caught.value.issues[0].code == "map_command.too_many_indicators"


def test_a_plot_with_a_case_is_an_outline_with_a_card(run):
    cases = pd.DataFrame({"parcel_id": [f"{parcel(5)}-07", "elsewhere"]})
    without, with_case = carried(run, None), carried(run, cases)
    ids = sorted(run.parcels["parcel_id"])
    assert [ids[at] for at in np.flatnonzero(with_case & ~without)] == [f"{parcel(5)}-07"]


def test_a_plot_far_wider_than_usual_is_an_outline(run, tmp_path):
    parcels = run.parcels.sort_values("parcel_id", ignore_index=True)
    wide = parcels["geometry"].to_numpy(dtype=object).copy()
    wide[100] = shapely.box(500_000, 2_700_000, 503_000, 2_701_000)
    changed = dataclasses.replace(run, parcels=parcels.assign(geometry=wide))
    found = large(changed, np.zeros(720, bool), tmp_path / "t.pmtiles")
    kept = [at for at, shape in enumerate(found.run.parcels["geometry"]) if not shape.is_empty]
    assert kept == [100]


def test_beside_the_page_lie_tiles_and_every_card(run, tmp_path):
    page = drawn(run, tmp_path, folder=True, cards_up_to=10)
    about, shapes = block(page, "meta")["cards"], block(page, "shapes")
    assert about["piece"] == PIECE
    beside = sorted(path.name for path in (tmp_path / "map-files").iterdir())
    assert len(beside) == 2
    assert (tmp_path / shapes["tiles"]["file"]).is_file()
    cards = json.loads((tmp_path / f"{about['files']}0.json").read_text(encoding="utf-8"))
    assert cards["plots"] == list(range(720))
    assert sum(cards["links"]["per_plot"]) == len(run.links)
    assert "landuse-tiles-0" not in page
    assert "connect-src 'self'" in page
    again = drawn(run, tmp_path, folder=True, cards_up_to=10)
    assert again == page
    assert sorted(path.name for path in (tmp_path / "map-files").iterdir()) == beside


def test_pieces_of_cards_hold_each_plot_once(run, tmp_path, monkeypatch):
    monkeypatch.setattr(partial_module, "PIECE", 100)
    page = drawn(run, tmp_path, folder=True, cards_up_to=10)
    about, plots = block(page, "meta")["cards"], block(page, "plots")
    held = {}
    for number in range(8):
        piece = json.loads((tmp_path / f"{about['files']}{number}.json").read_text("utf-8"))
        link = 0
        for plot, count in zip(piece["plots"], piece["links"]["per_plot"], strict=True):
            users = piece["links"]["unit"][link : link + count]
            held[plots["id"][plot]] = {piece["units"]["uscc"][unit] for unit in users}
            link += count
    users = run.links.groupby("parcel_id")["uscc"].agg(set)
    assert held == {code: users.get(code, set()) for code in run.parcels["parcel_id"]}


def test_one_file_asks_nobody(run, tmp_path):
    page = drawn(run, tmp_path)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "connect-src" not in policy
    assert policy.startswith("default-src 'none'")

"""Base maps: where an image lies, what is refused in words, and the warnings about secrecy."""

from __future__ import annotations

import base64
import io
import json
import re

import numpy as np
import pyproj
import pytest
import shapely
from publish_county import make_run

from landuse.errors import UserError
from landuse.publish.map import MapOptions, write_map
from landuse.publish.map import local_tiles as tiles_module
from landuse.publish.map import orthophoto as photo_module
from landuse.publish.map.base_map import TIANDITU, base_map
from landuse.publish.map.secrecy import covered_km2, photo_warning, plots_warning

CRS = "EPSG:4549"
PLOTS = np.array([shapely.box(500_000, 2_700_000, 501_000, 2_700_500)], dtype=object)
PNG = b"\x89PNG\r\n\x1a\n" + b"rest of a picture"


def refused(code, **wish):
    with pytest.raises(UserError) as caught:
        base_map(PLOTS, CRS, **wish)
    assert [issue.code for issue in caught.value.issues] == [code]
    return caught.value.issues[0]


# --- secrecy


def square(side):
    return np.array([shapely.box(500_000, 2_700_000, 500_000 + side, 2_700_000 + side)], object)


def test_the_land_that_plots_cover_is_measured_on_the_ground():
    assert covered_km2(square(5000), CRS) == pytest.approx(25, rel=0.01)
    two = np.array([shapely.Point(500_000, 2_700_000).buffer(1), shapely.Point(510_000, 2_710_000)])
    assert covered_km2(two, CRS) == pytest.approx(100, rel=0.01)  # what a map of both shows
    degrees = np.array([shapely.box(118, 24.5, 118.05, 24.55)], dtype=object)
    assert covered_km2(degrees, "EPSG:4490") == pytest.approx(5.067 * 5.539, rel=0.01)
    assert covered_km2(np.array([shapely.Polygon(), None]), CRS) == 0


def test_more_than_25_square_kilometres_are_warned_of():
    assert plots_warning(square(4900), CRS, "zh") == ""
    said = plots_warning(square(5200), CRS, "zh")
    assert "27 平方千米" in said
    assert "秘密" in said


@pytest.mark.parametrize(
    ("km2", "metres", "warns"), [(26, 0.4, True), (26, 0.5, False), (25, 0.1, False)]
)
def test_fine_images_of_much_land_are_warned_of(km2, metres, warns):
    assert bool(photo_warning(km2, metres, "en")) == warns


def test_the_warning_stands_in_the_page(tmp_path):
    run = make_run()
    wide = run.parcels["geometry"].to_numpy(dtype=object).copy()
    wide[0] = square(6000)[0]
    import dataclasses

    for name, one in {
        "small": run,
        "wide": dataclasses.replace(run, parcels=run.parcels.assign(geometry=wide)),
    }.items():
        write_map(one, tmp_path / "map.html", options=MapOptions())
        meta = block(tmp_path / "map.html", "meta")
        assert meta["warned"] == (name == "wide")
        assert "内部资料" in meta["about"][0]


def block(path, name):
    found = re.search(rf'id="landuse-{name}">(.*?)</script>', path.read_text(encoding="utf-8"))
    return json.loads(found[1])


# --- an orthophoto


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Writes a photo of the plots: grey, 2 m a cell, with one red square of 40 m."""
    rasterio = pytest.importorskip("rasterio", reason="the extra raster is not installed")
    from rasterio.transform import Affine

    place = tmp_path_factory.mktemp("photo")

    def write(
        name="photo.tif", *, crs=CRS, dtype="uint8", shift=(0, 0), cells=(700, 500), step=2, angle=0
    ):
        wide, tall = cells
        colours = np.full((3, tall, wide), 120, dtype=dtype)
        # 600..640 m east and 200..240 m north of the plots' corner
        colours[:, 250 + 30 : 250 + 50, 400:420] = np.array([250, 10, 10])[:, None, None]
        if dtype == "uint16":
            colours = colours * 40
        west, north = 499_800 + shift[0], 2_700_800 + shift[1]
        where = (
            {
                "crs": crs,
                "transform": Affine(step, 0, west, 0, -step, north) @ Affine.rotation(angle),
            }
            if crs
            else {}
        )
        with rasterio.open(
            place / name,
            "w",
            driver="GTiff",
            width=wide,
            height=tall,
            count=3,
            dtype=dtype,
            **where,
        ) as file:
            file.write(colours)
        return place / name

    return write


def cells(base):
    """The picture and a function from metres of the plots to its cells."""
    from PIL import Image

    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(base.raw[0][1]))).convert("RGBA"))
    south, west, north, east = base.block["bounds"]
    system = pyproj.CRS(CRS)
    turn = pyproj.Transformer.from_crs(system, system.geodetic_crs, always_xy=True)

    def at(x, y):
        longitude, latitude = turn.transform(x, y)
        across = (longitude - west) / (east - west)
        up = lambda degree: np.arcsinh(np.tan(np.radians(degree)))  # noqa: E731
        down = (up(north) - up(latitude)) / (up(north) - up(south))
        return picture[int(down * picture.shape[0]), int(across * picture.shape[1])]

    return picture, at


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_the_image_lies_where_it_belongs(image, dtype):
    base = base_map(PLOTS, CRS, orthophoto=image(f"{dtype}.tif", dtype=dtype))
    _, at = cells(base)
    for x, y, red in [
        (500_620, 2_700_220, True),
        (500_604, 2_700_236, True),
        (500_636, 2_700_204, True),
        (500_594, 2_700_220, False),
        (500_620, 2_700_246, False),
    ]:
        colour = at(x, y)
        assert (int(colour[0]) - int(colour[1]) > 100) == red, (x, y)
        assert colour[3] == 255
    assert base.metres == pytest.approx(2, rel=0.01)
    assert base.block["metres"] == pytest.approx(2, rel=0.01)


def test_an_image_of_the_plots_own_datum_is_not_shifted(image):
    xian = "EPSG:2383"  # Xian 1980, zone 38: a datum about 100 m from WGS 84
    base = base_map(PLOTS, xian, orthophoto=image("xian.tif", crs=xian))
    south, west, north, east = base.block["bounds"]
    turn = pyproj.Transformer.from_crs(
        xian, pyproj.CRS(xian).geodetic_crs, always_xy=True
    ).transform
    longitude, latitude = turn(500_500, 2_700_300)
    assert west < longitude < east
    from PIL import Image

    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(base.raw[0][1]))).convert("RGBA"))
    red = np.argwhere(picture[..., 0].astype(int) - picture[..., 1] > 100).mean(axis=0)
    longitude, latitude = turn(500_620, 2_700_220)
    across = (longitude - west) / (east - west) * picture.shape[1]
    down = (north - latitude) / (north - south) * picture.shape[0]
    assert red == pytest.approx([down, across], abs=3)  # cells of 2 m


def test_what_no_image_covers_is_clear(image):
    # turned by 20 degrees, a corner of the frame is without it: not black, but nothing
    base = base_map(PLOTS, CRS, orthophoto=image("turned.tif", angle=20))
    picture, _ = cells(base)
    share = (picture[..., 3] > 0).mean()
    assert 0.3 < share < 0.95
    assert base.km2 < 1.4  # of the image alone
    assert base.metres == pytest.approx(2, rel=0.01)


def test_only_what_the_plots_need_is_in_the_page(image):
    base = base_map(PLOTS, CRS, orthophoto=image("half.tif", shift=(700, 0)))
    whole = base_map(PLOTS, CRS, orthophoto=image())
    picture, full = cells(base)[0], cells(whole)[0]
    # plots end 100 m (5 % and 50 m) before the frame does; the image begins 500 m east of them
    assert picture.shape[1] == pytest.approx((1100 - 500) / 2, abs=4)
    assert full.shape[1] == pytest.approx(1200 / 2, abs=4)


def test_the_picture_is_never_larger_than_a_page_can_show(image, monkeypatch):
    monkeypatch.setattr(photo_module, "MOST_CELLS", 10_000)
    base = base_map(PLOTS, CRS, orthophoto=image())
    picture, _ = cells(base)
    assert picture.shape[0] * picture.shape[1] <= 10_200
    assert base.block["metres"] > 5
    assert base.metres == pytest.approx(
        2, rel=0.01
    )  # the image's own fineness is what is warned of
    monkeypatch.setattr(photo_module, "MOST_BYTES", 100)
    refused("map_public.photo_too_large", orthophoto=image())


def test_images_that_do_not_serve_are_refused_in_words(image, tmp_path):
    refused("sheet.photo_no_place", orthophoto=image("nowhere.tif", crs=None))
    far = refused("map_public.photo_elsewhere", orthophoto=image("far.tif", shift=(90_000, 0)))
    assert far.values["there"] != far.values["here"]
    refused("sheet.no_photo", orthophoto=tmp_path / "absent.tif")
    (tmp_path / "broken.tif").write_bytes(b"II*\0 no image")
    refused("sheet.photo_unreadable", orthophoto=tmp_path / "broken.tif")
    (tmp_path / "tiles").mkdir()
    refused("map_public.one_base", orthophoto=image(), tiles=tmp_path / "tiles")


def test_the_whole_image_is_measured_for_a_sheet(image):
    # 700 by 500 cells of 2 m: 1.4 km²
    km2, metres = photo_module.facts_of(image(), CRS)
    assert km2 == pytest.approx(1.4, rel=0.01)
    assert metres == pytest.approx(2, rel=0.01)


# --- local tiles


def tile_of(zoom, x=500_500, y=2_700_250):
    turn = pyproj.Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    longitude, latitude = turn.transform(x, y)
    side = 2**zoom
    row = (1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * side
    return int((longitude / 360 + 0.5) * side), int(row)


@pytest.fixture
def tiles(tmp_path):
    folder = tmp_path / "瓦片"
    for zoom in (13, 15):
        column, row = tile_of(zoom)
        for x, y in ((column, row), (column + 400, row), (column, row - 400)):
            (folder / str(zoom) / str(x)).mkdir(parents=True, exist_ok=True)
            (folder / str(zoom) / str(x) / f"{y}.png").write_bytes(PNG + bytes([zoom]))
    return folder


def test_tiles_around_the_plots_are_taken_and_no_others(tiles):
    base = base_map(PLOTS, CRS, tiles=tiles)
    keys = [f"{zoom}/{'/'.join(map(str, tile_of(zoom)))}" for zoom in (13, 15)]
    assert sorted(base.block["index"]) == sorted(keys)
    assert base.block["zooms"] == [13, 15]
    kind, content = base.block["index"][keys[0]]
    assert (kind, base64.b64decode(content)) == ("png", PNG + bytes([13]))


def test_tiles_beside_the_page_are_one_file(tiles, tmp_path):
    base = base_map(PLOTS, CRS, tiles=tiles, beside=True)
    run = make_run()
    write_map(run, tmp_path / "map.html", options=MapOptions(base=base, folder=True))
    found = block(tmp_path / "map.html", "base")
    content = (tmp_path / found["file"]).read_bytes()
    for kind, start, size in found["index"].values():
        assert kind == "png"
        assert content[start : start + size].startswith(PNG)
    assert sum(size for *_, size in found["index"].values()) == len(content)
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "connect-src 'self'" in page
    write_map(run, tmp_path / "map.html", options=MapOptions(base=base, folder=True))
    assert (tmp_path / "map.html").read_text(encoding="utf-8") == page


def test_rows_from_the_south_are_turned(tmp_path):
    column, row = tile_of(14)
    (tmp_path / "14" / str(column)).mkdir(parents=True)
    (tmp_path / "14" / str(column) / f"{2**14 - 1 - row}.png").write_bytes(PNG)
    refused("map_public.tiles_elsewhere", tiles=tmp_path)
    (tmp_path / "tilemapresource.xml").write_text("<TileMap/>")
    assert list(base_map(PLOTS, CRS, tiles=tmp_path).block["index"]) == [f"14/{column}/{row}"]


def test_what_is_no_picture_is_left_out(tiles):
    column, row = tile_of(13)
    (tiles / "13" / str(column) / f"{row}.png").write_bytes(b"<svg onload=alert(1)>")
    assert len(base_map(PLOTS, CRS, tiles=tiles).block["index"]) == 1


def test_tiles_that_do_not_serve_are_refused_in_words(tiles, tmp_path, monkeypatch):
    refused("map_public.no_tiles", tiles=tmp_path / "absent")
    refused("map_public.no_tiles", tiles=tiles / "13" / str(tile_of(13)[0]))
    monkeypatch.setattr(tiles_module, "MOST_BYTES", 10)
    refused("map_public.tiles_too_large", tiles=tiles)
    assert base_map(PLOTS, CRS, tiles=tiles, beside=True) is not None


@pytest.mark.parametrize(
    "name",
    [
        "https://webrd01.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}",
        "高德",
        "tiles/amap",
        "http://rt0.map.gtimg.com/tencent",
        "百度瓦片",
    ],
)
def test_shifted_base_maps_are_refused_with_the_reason(name):
    issue = refused("map_public.gaode", tiles=name)
    assert issue.value == name


@pytest.mark.parametrize("name", ["https://tile.example/{z}/{x}/{y}.png", "天地图"])
def test_a_network_is_no_base_map(name):
    refused("map_public.tiles_from_network", tiles=name)


def test_a_folder_below_one_of_that_name_is_nobodys_concern(tiles, tmp_path):
    inside = tmp_path / "高德旧数据" / "自制瓦片"
    inside.parent.mkdir()
    tiles.rename(inside)
    assert base_map(PLOTS, CRS, tiles=inside) is not None


def test_tianditu_is_offered_by_the_server_alone(tmp_path):
    run = make_run()
    write_map(run, tmp_path / "map.html", options=MapOptions(served=True, base=TIANDITU))
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "img-src data: 'self';" in page
    assert block(tmp_path / "map.html", "base") == {"kind": "tianditu", "deepest": 18}
    write_map(run, tmp_path / "map.html", options=MapOptions())
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "img-src data:;" in page
    assert 'id="landuse-base"' not in page

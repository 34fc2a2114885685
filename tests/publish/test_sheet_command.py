"""``landuse sheet`` from a run folder or a project file, with its ledger and an orthophoto."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from idle_county import idle_run
from publish_county import parcel

from landuse.errors import UserError
from landuse.ledger import open_ledger
from landuse.pipeline.ledger import open_found_cases
from landuse.pipeline.sheet import Wanted, print_sheet
from landuse.publish.sheet import SheetOptions

AT = dt.datetime(2026, 7, 1, 1, tzinfo=dt.UTC)

pytestmark = pytest.mark.usefixtures("chinese_font")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with one run and, later, a ledger."""
    from landuse.publish import OUTPUTS, write_run

    base = tmp_path_factory.mktemp("project")
    write_run(idle_run(), base / "runs" / "2026-06-30-0000000258", outputs=OUTPUTS[:1])
    (base / "project.toml").write_text('[project]\nname = "示范县"\n', encoding="utf-8")
    return base / "project.toml"


@pytest.fixture
def show(project, tmp_path, monkeypatch):
    """Print without drawing: what would be drawn, and what the command would say."""
    seen = []

    def write(land, path, options, *, over):
        from landuse.publish.sheet import Sheets

        seen.append((land, options, over))
        return Sheets(path, 1)

    monkeypatch.setattr("landuse.pipeline.sheet.write_sheet", write)

    def run(source=project, env=None, **wanted):
        out = tmp_path / "a.pdf"
        done = print_sheet(source, out, Wanted(**wanted), SheetOptions(), env or {})
        return done, seen[-1][0]

    return run


def test_a_project_shows_its_newest_run_and_no_ledger_where_there_is_none(show, project):
    done, land = show()
    assert done.run == project.parent / "runs" / "2026-06-30-0000000258"
    assert done.ledger == ""
    assert not land.with_ledger
    assert not (project.parent / "landuse.db").exists()


def test_a_ledger_that_is_named_must_be_there(show, tmp_path):
    for wanted, env in (({"db": str(tmp_path / "x.db")}, {}), ({}, {"LANDUSE_DB": "y.db"})):
        with pytest.raises(UserError) as fault:
            show(env=env, **wanted)
        assert fault.value.issues[0].code == "ledger.no_ledger"


@pytest.mark.parametrize("source", ["project", "run"])
def test_the_ledger_of_the_project_is_read(show, project, source, tmp_path):
    folder = project.parent / "runs" / "2026-06-30-0000000258"
    path = tmp_path / "ledger.db"
    with_cases = open_ledger(path)
    open_found_cases(with_cases, folder, "both", by="张三", at=AT)
    with_cases.close()
    done, land = show(project if source == "project" else folder, db=str(path))
    assert done.ledger.endswith("ledger.db")
    rows = land.plots.rows.set_index("parcel_id")
    assert rows.loc[parcel(1), "case_state"] == "found"
    assert rows.loc[parcel(2), "case_state"] == ""


def test_the_project_beside_the_run_names_the_ledger(show, project):
    folder = project.parent / "runs" / "2026-06-30-0000000258"
    ledger = open_ledger(project.parent / "landuse.db")
    try:
        open_found_cases(ledger, folder, "idle", by="张三", at=AT)
        ledger.close()
        done, land = show(folder)
        assert land.with_ledger
        assert done.ledger.endswith("landuse.db")
    finally:
        for path in project.parent.glob("landuse.db*"):
            path.unlink()


def test_nothing_is_written_into_a_run_folder(project):
    folder = project.parent / "runs" / "2026-06-30-0000000258"
    before = sorted(folder.iterdir())
    with pytest.raises(UserError) as fault:
        print_sheet(folder, folder / "a.pdf", Wanted(), SheetOptions(), {})
    assert fault.value.issues[0].code == "sheet.inside_run"
    assert sorted(folder.iterdir()) == before


def test_projects_without_a_file_or_a_run(tmp_path):
    with pytest.raises(UserError) as fault:
        print_sheet(tmp_path / "p.toml", tmp_path / "a.pdf", Wanted(), SheetOptions(), {})
    assert fault.value.issues[0].code == "sheet.no_project"
    (tmp_path / "p.toml").write_text("[project]\n")
    with pytest.raises(UserError) as fault:
        print_sheet(tmp_path / "p.toml", tmp_path / "a.pdf", Wanted(), SheetOptions(), {})
    assert fault.value.issues[0].code == "sheet.no_run"


def test_the_command_writes_a_sheet_and_says_what_it_shows(project, tmp_path, capsys):
    from landuse.cli.app import run

    out = tmp_path / "经开区.png"
    words = ["sheet", str(project), "--out", str(out), "--park", "经开区", "--maker", "自然资源局"]
    assert run([*words, "--date", "2026-07-01"], "zh") == 0
    said = capsys.readouterr().out
    assert "2026-06-30-0000000258" in said
    assert "没有台账" in said
    assert "1 页" in said
    assert out.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert run(words, "zh") == 2  # it exists
    assert "经开区.png" in capsys.readouterr().err


# --- the orthophoto -----------------------------------------------------------------------------


def photo(path, *, crs="EPSG:4549", kind="uint8", bands=3):
    """2 km from (500000, 2701000) down and right: red west of 501000, blue south of 2700000."""
    rasterio = pytest.importorskip("rasterio")
    from rasterio.transform import from_origin

    image = np.zeros((bands, 200, 200), dtype=kind)
    image[0, :, :100] = 250
    if bands > 1:
        image[2, 100:, 100:] = 250
        image[1] = 1
    place = from_origin(500_000, 2_701_000, 10, 10)
    with rasterio.open(
        path, "w", driver="GTiff", width=200, height=200, count=bands, dtype=kind, crs=crs,
        transform=place,
    ) as file:  # fmt: skip
        file.write(image)
    return path


def cut(path, left, bottom, crs="EPSG:4549"):
    """A square of 100 m as 60 by 60 cells."""
    import pyproj

    from landuse.publish.sheet.photo import opened
    from landuse.publish.sheet.scale import Frame

    with opened(path, pyproj.CRS(crs)) as image:
        return image.picture(Frame(1, left, bottom, left + 100, bottom + 100), 10, 10)


def test_the_photo_lies_under_the_plot_with_north_up(tmp_path):
    path = photo(tmp_path / "a.tif")
    seen = cut(path, 500_950, 2_699_950)  # its middle is where red, black and blue meet
    assert seen.shape == (60, 60, 4)
    assert seen[5, 5, :3].tolist() == [250, 1, 0]  # north-west: red
    assert seen[55, 5, :3].tolist() == [250, 1, 0]  # south-west: red
    assert seen[5, 55, :3].tolist() == [0, 1, 0]  # north-east
    assert seen[55, 55, :3].tolist() == [0, 1, 250]  # south-east: blue
    assert (seen[:, :, 3] == 255).all()


def test_what_the_photo_does_not_cover_is_left_open(tmp_path):
    path = photo(tmp_path / "a.tif")
    half = cut(path, 499_950, 2_700_500)
    assert half[30, 5, 3] == 0
    assert half[30, 55].tolist() == [250, 1, 0, 255]
    assert cut(path, 400_000, 2_700_500) is None


def test_photos_of_one_band_or_more_bits_are_stretched(tmp_path):
    seen = cut(photo(tmp_path / "a.tif", kind="uint16", bands=1), 500_950, 2_700_500)
    assert seen[30, 5].tolist() == [255, 255, 255, 255]
    assert seen[30, 55].tolist() == [0, 0, 0, 255]


@pytest.mark.parametrize(
    ("name", "code"),
    [("none.tif", "no_photo"), ("a.ecw", "no_photo"), ("b.tif", "photo_unreadable"),
     ("c.tif", "photo_no_place")],
)  # fmt: skip
def test_images_that_do_not_serve(tmp_path, name, code):
    pytest.importorskip("rasterio")
    (tmp_path / "a.ecw").write_bytes(b"x")
    (tmp_path / "b.tif").write_bytes(b"II*\x00damaged")
    photo(tmp_path / "c.tif", crs=None)
    with pytest.raises(UserError) as fault:
        cut(tmp_path / name, 500_950, 2_700_500)
    assert fault.value.issues[0].code == f"sheet.{code}"


def test_without_the_extra_it_says_how_to_install_it(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(UserError) as fault:
        cut(tmp_path / "a.tif", 0, 0)
    assert ".[raster]" in fault.value.lines("zh")[0]


def test_a_page_shows_the_photo_with_the_plot_outlined(tmp_path):
    from landuse.publish.sheet import land_of
    from landuse.publish.sheet.atlas import atlas_pages
    from landuse.publish.sheet.fonts import find_fonts, printing
    from landuse.publish.sheet.overview import Imprint

    path = photo(tmp_path / "a.tif")
    land = land_of(idle_run(), codes=[parcel(1), parcel(12)])
    fonts = find_fonts()
    with printing(fonts):
        pages = list(atlas_pages(land, fonts, Imprint("图", "", dt.date(2026, 7, 1), "zh"), path))
    first, last = (
        next(axes for axes in page.figure.axes if axes.get_label() == "photo") for page in pages
    )
    assert len(first.images) == 1
    assert len(first.patches) == 1
    assert not last.images  # plot 12 lies east of the photo
    words = [one.get_text() for one in pages[1].figure.texts]
    assert "影像没有覆盖该宗地" in words

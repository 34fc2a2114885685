"""``landuse map``: from a run folder or a project file to a page, whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from other_rooms import loaded

from landuse.cli import main
from landuse.errors import UserError
from landuse.pipeline import map as drawing


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """The sample with one run, made here once."""
    folder = tmp_path_factory.mktemp("地图 命令") / "示例"
    assert main(["demo", str(folder)]) == 0
    return folder / "project.toml"


@pytest.fixture
def run_folder(project) -> Path:
    return next(iter((project.parent / "runs").iterdir()))


def said(capsys):
    shown = capsys.readouterr()
    return shown.out + shown.err


def block(page: Path, name: str):
    text = page.read_text(encoding="utf-8")
    found = re.search(rf'id="landuse-{name}">(.*?)</script>', text)
    return json.loads(found[1])


def test_a_project_file_stands_for_its_newest_run_with_the_ledger(project, run_folder, capsys):
    out = project.parent / "地图.html"
    assert main(["map", str(project), "--out", str(out)]) == 0
    words = said(capsys)
    assert run_folder.name in words
    assert "landuse.db" in words
    assert "内部资料" in words
    manifest = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    assert block(out, "meta")["run_id"] == manifest["run_id"]
    # the sample's ledger has 77 suspected cases, as demo opens them
    states = block(out, "plots")["state"]
    named = [states["values"][at] for at in states["at"]]
    assert sum(1 for one in named if one) == 77


def test_a_run_folder_finds_the_ledger_beside_its_project(run_folder, tmp_path, capsys):
    assert main(["map", str(run_folder), "--out", str(tmp_path / "a.html"), "--lang", "en"]) == 0
    assert "landuse.db" in said(capsys)
    alone = shutil.copytree(run_folder, tmp_path / "elsewhere" / "runs" / "run")
    assert main(["map", str(alone), "--out", str(tmp_path / "b.html")]) == 0
    assert "没有台账" in said(capsys)
    assert not block(tmp_path / "b.html", "meta")["ledger"]


def test_an_existing_file_is_replaced_only_where_asked(run_folder, tmp_path, capsys):
    out = tmp_path / "map.html"
    out.write_text("mine", encoding="utf-8")
    assert main(["map", str(run_folder), "--out", str(out)]) == 2
    assert "map.html" in said(capsys)
    assert out.read_text(encoding="utf-8") == "mine"
    assert main(["map", str(run_folder), "--out", str(out), "--replace"]) == 0
    assert block(out, "meta")["project"]


def test_what_fails_leaves_nothing_behind(run_folder, tmp_path, monkeypatch, capsys):
    def fail(_run, path, **_):
        path.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drawing, "write_map", fail)
    assert main(["map", str(run_folder), "--out", str(tmp_path / "map.html")]) == 2
    assert list(tmp_path.iterdir()) == []
    said(capsys)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{run}", "--out", "{here}/map.txt"], "map.txt"),
        (["{run}", "--out", "{run}/map2.html"], "成果文件夹"),
        (["{here}/none.toml", "--out", "{here}/map.html"], "none.toml"),
        (["{here}", "--out", "{here}/map.html"], "run.json"),
        (["{run}", "--out", "{here}/map.html", "--indicator", "nothing"], "tax_wan_per_mu"),
        (["{run}", "--out", "{here}/map.html", "--db", "{here}/none.db"], "none.db"),
        (["{run}", "--out", "{here}/none/map.html"], "none"),
    ],
)
def test_what_the_user_can_mend_is_said(run_folder, tmp_path, capsys, arguments, words):
    given = [one.format(run=run_folder, here=tmp_path) for one in arguments]
    assert main(["map", *given]) == 2
    assert words in said(capsys)
    assert list(tmp_path.glob("*.html")) == []


def test_a_project_without_a_run_says_so(project, tmp_path, capsys):
    shutil.copy(project, tmp_path / "project.toml")
    out = tmp_path / "map.html"
    assert main(["map", str(tmp_path / "project.toml"), "--out", str(out)]) == 2
    assert "landuse identify" in said(capsys)


def test_a_large_run_has_its_files_beside_the_page(run_folder, tmp_path, monkeypatch, capsys):
    from landuse.publish.map import options

    small = options.MapOptions.__dataclass_fields__
    monkeypatch.setattr(
        drawing,
        "write_map",
        lambda run, path, *, options, cases, real=drawing.write_map: real(
            run, path, options=_lowered(options), cases=cases
        ),
    )
    assert small["canvas_up_to"].default == 30_000
    out, beside = tmp_path / "map.html", tmp_path / "map-files"
    command = ["map", str(run_folder), "--out", str(out), "--folder", "--replace"]
    beside.mkdir()
    (beside / "cards-000000000000-7.json").write_text("old", encoding="utf-8")
    (beside / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(command) == 0
    assert "map-files" in said(capsys)
    names = sorted(path.name for path in beside.iterdir())
    assert len(names) == 3  # tiles, one piece of cards, and what is not ours
    assert "mine.txt" in names
    assert (tmp_path / block(out, "shapes")["tiles"]["file"]).is_file()
    assert (tmp_path / f"{block(out, 'meta')['cards']['files']}0.json").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map-files", "map.html"]


def _lowered(options):
    import dataclasses

    return dataclasses.replace(options, canvas_up_to=100, cards_up_to=200)


def test_two_runs_in_one_map(run_folder, tmp_path, capsys):
    out = tmp_path / "two.html"
    command = ["map", str(run_folder), "--out", str(out), "--compare", str(run_folder)]
    assert main(command) == 0
    assert 'id="landuse-second"' in out.read_text(encoding="utf-8")
    said(capsys)


# --- the public copy and base maps


@pytest.mark.parametrize("merge", [[], ["--merge", "park"], ["--merge", "grid:800"]])
def test_the_public_copy_of_the_sample_holds_nothing_that_was_dropped(
    project, run_folder, tmp_path, capsys, merge
):
    out = tmp_path / "public.html"
    assert main(["map", str(project), "--out", str(out), "--audience", "public", *merge]) == 0
    assert "公开前须按规定审核" in said(capsys)
    held = loaded("publish", "payloads").everything(out.read_bytes())
    tables = {path.stem: pd.read_parquet(path) for path in run_folder.glob("*.parquet")}
    dropped = {
        "parcels": ("parcel_id", "holder", "township"),
        "units": ("uscc", "unit_id", "name"),
        "links": ("uscc", "name", "source_file"),
        "idle": ("contract_no", "source_file"),
        "unmatched_enterprises": ("name", "uscc"),
    }
    looked_for = {
        str(value)
        for table, columns in dropped.items()
        for column in columns
        for value in tables[table][column].dropna().unique()
        if len(str(value)) > 2
    }
    assert len(looked_for) > 1500
    assert [value for value in looked_for if value.encode() in held] == []
    # areas to the second decimal, indicators and money: nothing but whole mu and bands
    for column in ("tax_wan", "output_wan", "score"):
        values = {f"{value:.6g}" for value in tables["units"][column].dropna() if value > 1000}
        numbers = set(re.findall(rb"\d+\.?\d*", out.read_bytes()))
        assert [value for value in values if "." in value and value.encode() in numbers] == []


def test_options_of_the_public_copy_are_for_it_alone(project, tmp_path, capsys):
    for wrong, words in (
        (["--merge", "park"], "--audience public"),
        (["--round-metres", "50"], "--audience public"),
        (["--audience", "press"], "internal"),
        (["--audience", "public", "--merge", "town"], "grid:500"),
        (["--audience", "public", "--compare", str(project.parent)], ""),
        (["--tiles", "https://webrd01.is.autonavi.com/appmaptile"], "400"),
    ):
        out = tmp_path / "no.html"
        assert main(["map", str(project), "--out", str(out), *wrong]) == 2
        assert words in said(capsys)
        assert not out.exists()


def test_tiles_beside_a_map_are_forgotten_with_it(project, tmp_path, capsys):
    # tiles of zoom 6 all around the county of the sample
    picture = b"\x89PNG\r\n\x1a\n"
    for column in range(48, 56):
        for row in range(22, 30):
            place = tmp_path / "瓦片" / "6" / str(column)
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{row}.png").write_bytes(picture + bytes([column, row]))
    out = tmp_path / "map.html"
    tiles = ["--tiles", str(tmp_path / "瓦片"), "--folder"]
    assert main(["map", str(project), "--out", str(out), *tiles]) == 0
    (beside,) = (tmp_path / "map-files").iterdir()
    assert beside.name.startswith("base-")
    assert block(out, "base")["file"] == f"map-files/{beside.name}"
    assert main(["map", str(project), "--out", str(out), "--replace"]) == 0
    assert not (tmp_path / "map-files").exists()
    assert "保密提醒" in said(capsys)  # the sample extends over 66 km²


@pytest.mark.parametrize("has_key", [False, True])
def test_a_served_map_offers_tianditu_where_there_is_a_key(project, has_key):
    from landuse.pipeline.site import Site

    site = Site(project, str(project.parent / "landuse.db"), tianditu=has_key)
    try:
        run = site.runs()[0].run_id
        page = site.map_part(run, site.map_edition(run, "zh"), "map.html").read_text("utf-8")
    finally:
        site.close()
    assert ('id="landuse-base"' in page) == has_key
    assert ("img-src data: 'self'" in page) == has_key


def test_a_sheet_of_much_land_warns_of_secrecy(run_folder, tmp_path, capsys):
    from landuse.publish.sheet.fonts import find_fonts

    try:
        find_fonts(None)
    except UserError:
        pytest.skip("no Chinese font on this machine")
    assert main(["sheet", str(run_folder), "--out", str(tmp_path / "all.png")]) == 0
    assert "保密提醒" in said(capsys)
    plot = pd.read_parquet(run_folder / "parcels.parquet")["parcel_id"].iloc[0]
    single = ["sheet", str(run_folder), "--out", str(tmp_path / "one.png"), "--plot", plot]
    assert main(single) == 0
    assert "保密提醒" not in said(capsys)

"""Which rasters are opened, how, and that nothing is left beside the user's file."""

from __future__ import annotations

import os

import numpy as np
import pytest
import rasterio
from affine import Affine
from evidence_rasters import CRS, LEFT, NORTH_UP, RULES, TOP, cells_box, image, parcels, write

from landuse.errors import UserError
from landuse.idle import evidence, evidence_raster
from landuse.idle.evidence import Image, zonal
from landuse.intake import safety
from landuse.issues import IssueLog

ONE_CELL = cells_box(0, 0, 1, 1)
VALUES = np.array([[1, 0], [0, 0]], dtype="uint8")


def look(path, log=None, max_memory=evidence.MAX_MEMORY, **options):
    options = {"built_values": (1,), **options}
    images = [image(path, **options)]
    log = log if log is not None else IssueLog()
    return zonal(parcels(ONE_CELL), images, CRS, RULES, log, max_memory=max_memory)


def refused(path, **options):
    with pytest.raises(UserError) as caught:
        look(path, **options)
    assert caught.value.exit_code == 2
    (issue,) = caught.value.issues
    assert issue.table == "evidence"
    assert issue.file == path.name
    for lang in ("zh", "en"):
        assert str(path.parent) not in "".join(caught.value.lines(lang))
    return issue


def state(folder):
    return {
        entry.name: (entry.stat().st_size, entry.stat().st_mtime_ns) for entry in folder.iterdir()
    }


def test_nothing_is_written_beside_the_raster(tmp_path):
    path = write(tmp_path / "a.tif", VALUES)
    before = state(tmp_path)
    look(path)
    assert state(tmp_path) == before


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="folder modes of POSIX")
def test_a_folder_that_may_not_be_written_to(tmp_path):
    path = write(tmp_path / "a.tif", VALUES)
    tmp_path.chmod(0o500)
    try:
        assert look(path)["value"].tolist() == [1.0]
    finally:
        tmp_path.chmod(0o700)


def vrt(target):
    return f"""<VRTDataset rasterXSize="2" rasterYSize="2"><SRS>{CRS}</SRS>
      <GeoTransform>{LEFT}, 10, 0, {TOP}, 0, -10</GeoTransform>
      <VRTRasterBand dataType="Byte" band="1"><SimpleSource>
      <SourceFilename relativeToVRT="1">{target}</SourceFilename><SourceBand>1</SourceBand>
      </SimpleSource></VRTRasterBand></VRTDataset>"""


@pytest.mark.parametrize("name", ["trap.tif", "trap.tiff", "trap.img", "trap.TIF"])
def test_a_virtual_raster_under_another_name_is_refused(tmp_path, name):
    write(tmp_path / "real.tif", VALUES)
    (tmp_path / name).write_text(vrt("real.tif"))
    with rasterio.open(tmp_path / name) as lured:  # a plain open follows it
        assert lured.read(1).tolist() == VALUES.tolist()
    assert refused(tmp_path / name).code == "evidence.unreadable"


@pytest.mark.parametrize("name", ["a.vrt", "a.png", "a.jp2", "a.hdf", "a"])
def test_other_kinds_are_refused_by_their_name(tmp_path, name):
    write(tmp_path / "a.tif", VALUES).rename(tmp_path / name)
    assert refused(tmp_path / name).code == "evidence.no_raster"


@pytest.mark.parametrize(
    "path", ["/vsicurl/http://127.0.0.1:9/a.tif", "/vsizip/a.zip/a.tif", "/vsimem/a.tif"]
)
def test_virtual_paths_are_no_files(tmp_path, path):
    with rasterio.MemoryFile(filename="a.tif") as memory:
        assert memory.name
        settings = Image(path=type(tmp_path)(path), name="a.tif", label="", kind="mean")
        with pytest.raises(UserError) as caught:
            zonal(parcels(ONE_CELL), [settings], CRS, RULES, IssueLog())
    assert [issue.code for issue in caught.value.issues] == ["evidence.no_raster"]


def test_companions_are_not_read_and_that_is_told(tmp_path):
    """A mask, statistics and nodata beside the file: the file alone counts."""
    path = write(tmp_path / "a.tif", VALUES)
    (tmp_path / "a.tif.aux.xml").write_text(
        "<PAMDataset><PAMRasterBand band='1'><NoDataValue>1</NoDataValue></PAMRasterBand>"
        "</PAMDataset>"
    )
    (tmp_path / "a.tif.msk").write_text(vrt("a.tif"))
    with rasterio.open(path) as plain:
        assert plain.nodata == 1
    log = IssueLog()
    assert look(path, log)["value"].tolist() == [1.0]
    assert [(issue.code, issue.value) for issue in log] == [
        ("evidence.beside_not_read", "a.tif.aux.xml"),
        ("evidence.beside_not_read", "a.tif.msk"),
    ]


def test_an_erdas_image(tmp_path):
    path = write(tmp_path / "a.img", VALUES, driver="HFA")
    for extra in tmp_path.glob("*.aux.xml"):
        extra.unlink()
    assert look(path)["value"].tolist() == [1.0]


def test_a_damaged_file(tmp_path):
    rng = np.random.default_rng(0)
    big = rng.integers(0, 2, (512, 512), dtype="uint8")
    path = write(tmp_path / "a.tif", big, compress="deflate", tiled=True)
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    assert refused(path).code == "evidence.unreadable"
    path.write_bytes(b"")
    assert refused(path).code == "evidence.unreadable"
    path.write_bytes(b"II*\0" + b"\xff" * 500)
    assert refused(path).code == "evidence.unreadable"


@pytest.mark.parametrize("max_memory", [evidence.MAX_MEMORY, 1 << 19])
def test_damage_inside_is_found_when_it_is_read(tmp_path, max_memory):
    """Also where a parcel is read in pieces, from within the library."""
    big = np.random.default_rng(0).integers(0, 2, (512, 512), dtype="uint8")
    options = {"compress": "deflate", "tiled": True, "blockxsize": 16, "blockysize": 16}
    path = write(tmp_path / "a.tif", big, **options)
    whole = bytearray(path.read_bytes())
    middle = slice(len(whole) // 4, 3 * len(whole) // 4)
    whole[middle] = b"\xff" * len(whole[middle])
    path.write_bytes(bytes(whole))
    images = [image(path, built_values=(1,))]
    frame = parcels(cells_box(0, 0, 512, 512))
    with pytest.raises(UserError) as caught:
        zonal(frame, images, CRS, RULES, IssueLog(), max_memory=max_memory)
    assert [issue.code for issue in caught.value.issues] == ["evidence.unreadable"]


@pytest.mark.parametrize("seed", range(8))
def test_a_file_with_wrong_bytes_ends_in_an_answer_or_a_message(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = write(tmp_path / "a.tif", rng.integers(0, 2, (64, 64), dtype="uint8"), compress="lzw")
    whole = np.frombuffer(path.read_bytes(), dtype="uint8")
    for _ in range(25):
        wrong = whole.copy()
        places = rng.integers(0, min(len(whole), 400), rng.integers(1, 6))
        wrong[places] = rng.integers(0, 256, len(places))
        path.write_bytes(wrong.tobytes())
        try:
            found = look(path)
        except UserError:
            continue
        assert len(found) == 1


def test_a_band_that_is_not_there(tmp_path):
    issue = refused(write(tmp_path / "a.tif", VALUES), band=2)
    assert issue.code == "evidence.no_band"
    assert "1 bands and no band 2" in issue.message("en")


def test_complex_numbers_have_no_share(tmp_path):
    path = write(tmp_path / "a.tif", VALUES.astype("complex64"))
    assert refused(path).code == "evidence.no_numbers"


@pytest.mark.parametrize(("bands", "enough"), [(1, 400_000), (3, 1_200_000)])
def test_a_file_in_one_giant_block_is_refused_before_it_is_read(tmp_path, bands, enough):
    """One block of 360 000 bytes; with three bands cell by cell, of three times that."""
    values = np.zeros((bands, 600, 600), dtype="uint8")
    options = {"compress": "deflate", "blockysize": 600, "interleave": "pixel"}
    path = write(tmp_path / "a.tif", values, **options)
    assert refused(path, max_memory=enough * 3 // 4).code == "evidence.block_too_large"
    assert look(path, max_memory=enough)["value"].tolist() == [0.0]


# where it lies


def test_without_a_place_it_is_refused(tmp_path):
    path = write(tmp_path / "a.tif", VALUES, transform=Affine.identity())
    assert refused(path).code == "evidence.no_place"


@pytest.mark.parametrize("name", ["a.tfw", "a.TFW", "a.tifw"])
def test_a_world_file_gives_the_place(tmp_path, name):
    """It names the middle of the first cell; lines end as on Windows."""
    path = write(tmp_path / "a.tif", VALUES, transform=Affine.identity())
    lines = ["10.0", "0.0", "0.0", "-10.0", str(LEFT + 5), str(TOP - 5)]
    world = tmp_path / name
    world.write_bytes("\r\n".join(lines).encode())
    companions = tuple(safety.parts_of(path)[1:])
    assert companions == (world,)
    found = look(path, companions=companions)
    assert (found["value"].item(), found["covered_share"].item()) == (1.0, 1.0)


@pytest.mark.parametrize("content", [b"", b"1 2 3", b"10 0 0 -10 x y", b"0 0 0 0 5 5", b"\xff" * 9])
def test_a_world_file_of_another_form(tmp_path, content):
    path = write(tmp_path / "a.tif", VALUES, transform=Affine.identity())
    (tmp_path / "a.tfw").write_bytes(content)
    issue = refused(path, companions=tuple(safety.parts_of(path)[1:]))
    assert issue.code == "evidence.no_place"


def test_the_place_in_the_file_comes_before_a_world_file(tmp_path):
    path = write(tmp_path / "a.tif", VALUES)
    (tmp_path / "a.tfw").write_text("10\n0\n0\n-10\n0\n0\n")
    companions = tuple(safety.parts_of(path)[1:])
    assert look(path, companions=companions)["covered_share"].tolist() == [1.0]


def test_the_faults_of_all_images_come_together(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"nothing")
    missing = tmp_path / "none.tif"
    images = [image(tmp_path / "a.tif"), image(missing, label="b")]
    with pytest.raises(UserError) as caught:
        zonal(parcels(ONE_CELL), images, CRS, RULES, IssueLog())
    assert [issue.file for issue in caught.value.issues] == ["a.tif", "none.tif"]


# what must be installed, and the lists that two rooms keep


def test_without_the_extra_the_message_names_it(tmp_path, monkeypatch):
    monkeypatch.setattr(evidence, "NEEDED", ("rasterio", "no_such_module"))
    with pytest.raises(UserError) as caught:
        look(tmp_path / "a.tif")
    (issue,) = caught.value.issues
    assert issue.code == "evidence.extra_absent"
    assert "no_such_module" in issue.message("zh")
    assert "[raster]" in issue.hint("zh")


def test_what_reads_rasters_is_not_loaded_without_need():
    import subprocess
    import sys

    code = "import sys, landuse.cli, landuse.pipeline.evidence, landuse.idle.evidence as e\n"
    code += "print(sorted(set(e.NEEDED) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_both_rooms_know_the_same_files():
    assert set(evidence_raster.DRIVERS) == set(safety.RASTER_SUFFIXES)
    known = {suffix for kind in (".tif", ".tiff") for suffix in safety._SIDECARS[kind]}
    assert known == set(evidence_raster.WORLD_FILES)


def test_the_grid_of_the_tests_is_what_it_says():
    assert NORTH_UP @ (0, 0) == (LEFT, TOP)

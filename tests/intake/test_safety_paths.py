"""Which files are opened, what belongs to them, and that nothing is written beside them."""

import hashlib
import os
import sys

import pytest

from landuse.errors import UserError
from landuse.intake.safety import checked_path, digest, parts_of, working_copy


def code(written, base):
    with pytest.raises(UserError) as caught:
        checked_path(written, base)
    (issue,) = caught.value.issues
    assert issue.hint("zh")
    return issue.code


@pytest.mark.parametrize(
    "written",
    [
        "http://example.com/a.shp",
        "HTTPS://example.com/a.gpkg",
        "ftp://x/a.zip",
        "s3://bucket/a.parquet",
        "file:///etc/passwd.csv",
        "/vsicurl/http://x/a.shp",
        "/VSIZIP/a.zip/a.shp",
        "\\vsimem\\a.shp",
        " /vsis3/x/a.shp",
        "PG:dbname=x.shp",
        "GPKG:/tmp/a.gpkg:t",
        "a\0b.shp",
    ],
)
def test_addresses_and_virtual_paths_are_refused(tmp_path, written):
    assert code(written, tmp_path) == "project.address"


@pytest.mark.parametrize("written", ["\\\\server\\share\\a.shp", "//server/share/a.shp"])
def test_network_shares_are_refused_with_their_own_reason(tmp_path, written):
    assert code(written, tmp_path) == "project.network_path"


@pytest.mark.parametrize("name", ["a.vrt", "a.dwg", "a.mdb", "a.py", "a", "a.shp.xml", "a.dbf"])
def test_other_kinds_of_files_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    assert code(name, tmp_path) == "project.unknown_suffix"


def test_a_folder_is_no_file_and_a_file_no_geodatabase(tmp_path):
    (tmp_path / "a.shp").mkdir()
    (tmp_path / "b.gdb").write_bytes(b"x")
    assert code("a.shp", tmp_path) == "project.file_absent"
    assert code("b.gdb", tmp_path) == "project.file_absent"


def test_a_good_path_comes_back_from_its_folder(tmp_path):
    (tmp_path / "数 据").mkdir()
    path = tmp_path / "数 据" / "宗地.SHP"
    path.write_bytes(b"x")
    assert checked_path("数 据/宗地.SHP", tmp_path) == path


def shapefile(folder, stem="宗地", upper=False):
    for number, suffix in enumerate((".shp", ".dbf", ".shx", ".prj", ".cpg", ".sbn", ".shp.xml")):
        name = suffix.upper() if upper else suffix
        (folder / f"{stem}{name}").write_bytes(f"{number}{suffix}".encode())
    return folder / f"{stem}{'.SHP' if upper else '.shp'}"


def test_a_shapefile_has_its_parts_and_no_more(tmp_path):
    main = shapefile(tmp_path)
    shapefile(tmp_path, "宗地2")
    assert [part.name for part in parts_of(main)] == [
        "宗地.shp",
        "宗地.shx",
        "宗地.dbf",
        "宗地.prj",
        "宗地.cpg",
    ]


def test_parts_in_capitals_belong_to_it_too(tmp_path):
    main = shapefile(tmp_path, upper=True)
    assert [part.suffix for part in parts_of(main)] == [".SHP", ".SHX", ".DBF", ".PRJ", ".CPG"]


@pytest.mark.skipif(sys.platform == "win32", reason="names differ by case only")
def test_of_two_spellings_the_one_like_the_main_file_counts(tmp_path):
    main = shapefile(tmp_path)
    (tmp_path / "宗地.DBF").write_bytes(b"another")
    if len(list(tmp_path.glob("宗地.[dD][bB][fF]"))) < 2:
        pytest.skip("this file system does not tell them apart")
    assert "宗地.dbf" in [part.name for part in parts_of(main)]


def test_digest_of_one_file_is_the_usual_sha256(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n")
    assert digest(path) == hashlib.sha256(b"a,b\n").hexdigest()


@pytest.mark.parametrize("part", [".shp", ".dbf", ".shx", ".prj", ".cpg"])
def test_digest_changes_with_every_part(tmp_path, part):
    main = shapefile(tmp_path)
    before = digest(main)
    (tmp_path / f"宗地{part}").write_bytes(b"changed")
    assert digest(main) != before


def test_digest_does_not_change_with_name_or_what_does_not_count(tmp_path):
    main = shapefile(tmp_path)
    before = digest(main)
    (tmp_path / "宗地.sbn").write_bytes(b"changed")
    assert digest(main) == before
    other = tmp_path / "other"
    other.mkdir()
    assert digest(shapefile(other, "renamed", upper=True)) == before


def test_digest_says_when_a_part_is_gone(tmp_path):
    main = shapefile(tmp_path)
    before = digest(main)
    (tmp_path / "宗地.cpg").unlink()
    assert digest(main) != before


def test_digest_of_a_geodatabase_covers_its_files(tmp_path):
    base = tmp_path / "a.gdb"
    base.mkdir()
    (base / "a00000001.gdbtable").write_bytes(b"1")
    (base / "a00000001.lock").write_bytes(b"x")
    before = digest(base)
    (base / "a00000001.lock").write_bytes(b"y")
    assert digest(base) == before
    (base / "a00000001.gdbtable").write_bytes(b"2")
    assert digest(base) != before


def test_a_working_copy_is_elsewhere_whole_and_gone_afterwards(tmp_path):
    main = shapefile(tmp_path, upper=True)
    with working_copy(main) as copy:
        assert copy.parent != tmp_path
        assert copy.name == "宗地.shp"
        assert sorted(path.suffix for path in copy.parent.iterdir()) == [
            ".cpg",
            ".dbf",
            ".prj",
            ".shp",
            ".shx",
        ]
        assert copy.read_bytes() == main.read_bytes()
        folder = copy.parent
        (folder / "宗地.qix").write_bytes(b"a sidecar")
        if os.name == "posix":
            assert folder.stat().st_mode & 0o077 == 0  # nobody else may look
    assert not folder.exists()
    assert not list(tmp_path.glob("*.qix"))


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_read_only_files_in_read_only_folders_work(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    main = shapefile(folder)
    for part in folder.iterdir():
        part.chmod(0o444)
    folder.chmod(0o555)
    try:
        with working_copy(main) as copy:
            (copy.parent / "宗地.dbf").write_bytes(b"a reader may do this to its copy")
        assert digest(main)
    finally:
        folder.chmod(0o755)


def test_a_geodatabase_is_copied_as_a_folder(tmp_path):
    base = tmp_path / "库.gdb"
    base.mkdir()
    (base / "a00000001.gdbtable").write_bytes(b"1")
    with working_copy(base) as copy:
        assert copy.is_dir()
        assert copy != base
        assert (copy / "a00000001.gdbtable").read_bytes() == b"1"


def test_a_geopackage_keeps_what_was_not_yet_written_back(tmp_path):
    main = tmp_path / "a.gpkg"
    main.write_bytes(b"main")
    (tmp_path / "a.gpkg-wal").write_bytes(b"log")
    with working_copy(main) as copy:
        assert (copy.parent / "a.gpkg-wal").read_bytes() == b"log"
    with_log = digest(main)
    (tmp_path / "a.gpkg-wal").write_bytes(b"other log")
    assert digest(main) != with_log


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.geojson", "a.parquet", "a.fgb"])
def test_what_no_reader_writes_beside_is_read_where_it_is(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"x")
    with working_copy(path) as same:
        assert same == path
    assert path.exists()


def test_a_file_that_vanishes_is_told(tmp_path):
    with pytest.raises(UserError) as caught:
        digest(tmp_path / "gone.csv")
    assert caught.value.issues[0].code == "project.file_closed"
    with pytest.raises(UserError), working_copy(tmp_path / "gone.shp"):
        pass

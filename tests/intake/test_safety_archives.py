"""Archives: what is inside, under the right name, and nothing that does harm."""

import stat
import zipfile

import pytest

from landuse.errors import UserError
from landuse.intake import archive as module
from landuse.intake.safety import working_copy


def make(path, entries, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def opened(path, layer=None):
    with working_copy(path, layer) as copy:
        return copy.name, copy.read_bytes(), sorted(p.name for p in copy.parent.iterdir())


def code(path, layer=None):
    with pytest.raises(UserError) as caught, working_copy(path, layer):
        pass
    (issue,) = caught.value.issues
    assert issue.file == path.name
    assert issue.message("zh")
    assert issue.hint("en")
    return issue.code


def test_a_zipped_shapefile_comes_out_with_its_parts(tmp_path):
    path = make(
        tmp_path / "a.zip", {"数据/宗地.shp": b"s", "数据/宗地.dbf": b"d", "说明.txt": b"t"}
    )
    assert opened(path) == ("宗地.shp", b"s", ["宗地.dbf", "宗地.shp"])
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def renamed(path, placeholder, raw):
    """The archive with a name replaced by other bytes of the same length, no UTF-8 flag."""
    assert len(placeholder) == len(raw)
    path.write_bytes(path.read_bytes().replace(placeholder, raw))
    return path


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize("stem", ["云泽县宗地", "宗地", "目录"])
def test_chinese_names_without_a_flag(tmp_path, encoding, stem):
    """Windows writes GBK, macOS writes UTF-8, neither says so."""
    raw = stem.encode(encoding)
    mark = b"Q" * len(raw)
    path = make(tmp_path / "a.zip", {f"{mark.decode()}.shp": b"s"})
    assert opened(renamed(path, mark, raw))[0] == f"{stem}.shp"


def test_names_with_the_flag_are_taken_as_they_are(tmp_path):
    path = make(tmp_path / "a.zip", {"宗地é.shp": b"s"})
    assert opened(path)[0] == "宗地é.shp"


def test_windows_separators_are_folders(tmp_path):
    mark = "QQ/a.shp"
    path = renamed(make(tmp_path / "a.zip", {mark: b"s"}), mark.encode(), b"QQ\\a.shp")
    assert opened(path)[0] == "a.shp"


@pytest.mark.parametrize(
    "name",
    [
        "../a.shp",
        "x/../../a.shp",
        "/etc/a.shp",
        "C:/a.shp",
        "C:a.shp",
        "..\\a.shp",
        "\\\\server\\a.shp",
    ],
)
def test_entries_outside_are_refused(tmp_path, name):
    info = zipfile.ZipInfo("x")
    info.filename = name
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"s")
    before = {p.name for p in tmp_path.parent.iterdir()}
    assert code(path) == "project.archive_outside"
    assert {p.name for p in tmp_path.parent.iterdir()} == before


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path, kind):
    info = zipfile.ZipInfo("a.shp")
    info.external_attr = (kind | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"/etc/passwd")
    assert code(path) == "project.archive_outside"


def test_growth_is_limited_to_twenty_times(tmp_path):
    """Zeros shrink about a thousand times: 2 MB of them come from some 2 kB."""
    path = make(tmp_path / "a.zip", {"a.shp": b"\0" * 2_000_000}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size * 20 < 2_000_000
    assert code(path) == "project.archive_grows"


def test_growth_counts_all_entries_together(tmp_path):
    entries = {f"{n}.bin": b"\0" * 20_000 for n in range(20)} | {"a.shp": b"s"}
    path = make(tmp_path / "a.zip", entries, zipfile.ZIP_DEFLATED)
    size = path.stat().st_size
    assert 20_000 < size * 20 < 400_000
    assert code(path) == "project.archive_grows"


def test_the_absolute_limit_holds_too(tmp_path, monkeypatch):
    path = make(tmp_path / "a.zip", {"a.shp": b"s" * 2000})
    monkeypatch.setattr(module, "LARGEST", 1999)
    assert code(path) == "project.archive_grows"
    monkeypatch.setattr(module, "LARGEST", 2000)
    assert opened(path)[0] == "a.shp"


def test_a_size_that_is_lied_about_is_counted_as_it_comes(tmp_path):
    path = make(tmp_path / "a.zip", {"a.shp": b"\0" * 2_000_000}, zipfile.ZIP_DEFLATED)
    raw = path.read_bytes().replace((2_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(raw)
    assert code(path) in {"project.archive_grows", "project.broken_archive"}


def test_broken_locked_and_foreign_archives_are_told_apart(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"Rar!\x1a\x07\x00 not a zip")
    assert code(path) == "project.broken_archive"
    make(path, {"a.shp": b"content" * 50})
    raw = bytearray(path.read_bytes())
    at = raw.index(b"content")
    raw[at] ^= 1  # a checksum that fits no more
    path.write_bytes(raw)
    assert code(path) == "project.broken_archive"
    make(path, {"a.shp": b"s"})
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption
    path.write_bytes(raw)
    assert code(path) == "project.archive_locked"


def test_two_entries_of_one_name_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", b"1")
        archive.writestr("A.SHP", b"2")
    assert code(path) == "project.archive_repeats"


def test_too_many_entries_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_ENTRIES", 2)
    path = make(tmp_path / "a.zip", {"a.shp": b"", "a.dbf": b"", "a.shx": b""})
    assert code(path) == "project.archive_entries"


def test_without_a_layer_there_is_nothing_to_read(tmp_path):
    assert code(make(tmp_path / "a.zip", {"说明.txt": b""})) == "project.archive_without_layer"


def test_of_several_layers_the_named_one_is_read(tmp_path):
    path = make(tmp_path / "a.zip", {"宗地.shp": b"1", "道路.shp": b"2"})
    assert code(path) == "project.archive_several"
    assert code(path, "没有") == "project.archive_several"
    assert opened(path, "道路")[:2] == ("道路.shp", b"2")


def test_a_zipped_geodatabase_is_one_data_set(tmp_path):
    entries = {"库.gdb/a1.gdbtable": b"1", "库.gdb/a1.gdbtablx": b"2", "__MACOSX/x.shp": b""}
    with working_copy(make(tmp_path / "a.zip", entries)) as copy:
        assert copy.name == "库.gdb"
        assert copy.is_dir()

"""What may be replaced, and what the disk can answer."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest
from publish_county import make_run

from landuse.errors import UserError
from landuse.publish import OUTPUTS, Output, folder, ready, write_run
from landuse.publish.folder import replacing
from landuse.publish.lock import BusyError, hold

TABLES = OUTPUTS[:1]


def content(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.iterdir()}


def codes(caught: pytest.ExceptionInfo[UserError]) -> list[str]:
    return [issue.code for issue in caught.value.issues]


def left_over(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if one != path)


@pytest.fixture
def old(run, tmp_path) -> Path:
    return write_run(run, tmp_path / "out", outputs=TABLES)


def test_a_folder_of_ours_is_replaced_and_nothing_is_left_beside_it(old):
    before = content(old)
    write_run(make_run(tax1=700.0), old, outputs=TABLES)
    assert content(old) != before
    assert left_over(old) == []


def test_a_table_of_the_old_run_that_the_new_one_has_not_is_gone(run, tmp_path):
    target = write_run(run, tmp_path / "out", outputs=OUTPUTS[:2])
    write_run(run, target, outputs=TABLES)
    assert "results.gpkg" not in content(target)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("notes.docx", "publish.folder_has_more"),
        ("~$results.xlsx", "publish.file_open"),
        (".~lock.results.xlsx#", "publish.file_open"),
    ],
)
def test_what_we_did_not_write_is_never_replaced(run, old, name, code):
    (old / name).write_text("mine", encoding="utf-8")
    before = content(old)
    with pytest.raises(UserError) as caught:
        write_run(run, old, outputs=TABLES)
    assert codes(caught) == [code]
    assert content(old) == before
    assert left_over(old) == []


def test_a_file_that_people_filled_in_is_never_replaced(run, old):
    table = old / "suggestions.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"x")  # the same size
    with pytest.raises(UserError) as caught:
        write_run(run, old, outputs=TABLES)
    assert codes(caught) == ["publish.folder_changed"]
    assert "suggestions.parquet" in caught.value.lines()[0]


def test_a_subfolder_of_a_listed_name_is_not_ours(run, old):
    (old / "units.parquet").unlink()
    (old / "units.parquet").mkdir()
    with pytest.raises(UserError) as caught:
        write_run(run, old, outputs=TABLES)
    assert codes(caught) == ["publish.folder_has_more"]


@pytest.mark.parametrize("manifest", ["", "{}", '{"made_by": "other", "files": {}}', "[1]"])
def test_a_folder_without_a_manifest_of_ours_is_refused(run, tmp_path, manifest):
    target = tmp_path / "out"
    target.mkdir()
    (target / "run.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        write_run(run, target, outputs=TABLES)
    assert codes(caught) == ["publish.folder_not_ours"]
    assert content(target) == {"run.json": manifest.encode()}


def test_an_empty_folder_is_filled_and_marks_of_a_desktop_do_not_matter(run, tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / ".DS_Store").write_bytes(b"x")
    write_run(run, target, outputs=TABLES)
    assert (target / "run.json").exists()


def test_a_file_in_the_place_of_the_folder(run, tmp_path):
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        write_run(run, tmp_path / "out", outputs=TABLES)
    assert codes(caught) == ["publish.folder_is_a_file"]


def test_an_address_is_no_folder():
    with pytest.raises(UserError) as fault:
        ready(Path("s3://bucket/run"))
    assert [issue.code for issue in fault.value.issues] == ["publish.out_is_address"]


def test_inputs_never_lie_inside_the_output_nor_around_it(run, old, tmp_path):
    inside = old / "units.parquet"
    geodatabase = tmp_path / "county.gdb"
    geodatabase.mkdir()
    for target, given in [(old, inside), (geodatabase / "out", geodatabase), (old, old)]:
        with pytest.raises(UserError) as caught:
            write_run(run, target, outputs=TABLES, inputs=[given])
        assert codes(caught) == ["publish.input_inside"]
    write_run(run, old, outputs=TABLES, inputs=[tmp_path / "out.csv"])  # only the name begins so


def test_an_input_reached_through_a_link_is_still_inside(run, old, tmp_path):
    link = tmp_path / "link"
    try:
        link.symlink_to(old, target_is_directory=True)
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(UserError) as caught:
        ready(old, [link / "units.parquet"])
    assert codes(caught) == ["publish.input_inside"]
    write_run(run, link, outputs=TABLES)  # the link stays, what it names is replaced
    assert link.is_symlink()
    assert (old / "run.json").exists()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "publish.disk_full"),
        (errno.EROFS, "publish.not_writable"),
        (errno.EIO, "publish.cannot_write"),
    ],
)
def test_what_the_disk_answers_becomes_words_and_the_old_result_stays(run, old, number, code):
    def fail(run, path, lang):
        path.write_bytes(b"half")
        raise OSError(number, os.strerror(number), str(path))

    before = content(old)
    with pytest.raises(UserError) as caught:
        write_run(run, old, outputs=(*TABLES, Output("x", fail)))
    assert codes(caught) == [code]
    assert content(old) == before
    assert left_over(old) == []


def test_an_interrupt_leaves_the_old_result(run, old):
    def stop(run, path, lang):
        raise KeyboardInterrupt

    before = content(old)
    with pytest.raises(KeyboardInterrupt):
        write_run(run, old, outputs=(*TABLES, Output("x", stop)))
    assert content(old) == before
    assert left_over(old) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /dev/full")
def test_a_full_disk_in_each_writer_is_said(run, tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "_is_full", lambda _: True)  # C libraries lose the reason
    for output in OUTPUTS[1:3]:
        with pytest.raises(UserError) as caught, folder.user_errors(tmp_path):
            output.write(run, Path("/dev/full/x"), "zh")
        assert codes(caught) == ["publish.disk_full"]


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="POSIX permissions")
def test_a_read_only_place(run, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UserError) as caught:
            write_run(run, tmp_path / "out", outputs=TABLES)
    finally:
        tmp_path.chmod(0o700)
    assert codes(caught) == ["publish.not_writable"]


def test_two_runs_at_once_do_not_mix(run, old):
    lock = old.with_name(".out.landuse-lock")
    with hold(lock), pytest.raises(UserError) as caught:
        write_run(run, old, outputs=TABLES)
    assert codes(caught) == ["publish.folder_busy"]
    write_run(run, old, outputs=TABLES)
    assert not lock.exists()


def test_the_lock_is_held_by_one(tmp_path):
    with hold(tmp_path / "lock"), pytest.raises(BusyError), hold(tmp_path / "lock"):
        pass


def test_what_a_killed_run_left_is_cleaned(run, old):
    new = old.with_name(".out.landuse-new")
    new.mkdir()
    (new / "units.parquet").write_bytes(b"half")
    (new / "tmp12").mkdir()
    old.with_name(".out.landuse-lock").write_bytes(b"")
    write_run(run, old, outputs=TABLES)
    assert left_over(old) == []


def test_without_an_exchange_the_old_folder_comes_back_after_a_kill(run, old):
    before = content(old)
    old.rename(old.with_name(".out.landuse-old"))  # killed between the two renames
    with pytest.raises(ZeroDivisionError), replacing(old):
        raise ZeroDivisionError
    assert content(old) == before


@pytest.fixture
def no_exchange(monkeypatch):
    monkeypatch.setattr(folder, "exchange", lambda one, two: False)


@pytest.mark.usefixtures("no_exchange")
def test_two_renames_where_the_system_has_no_exchange(old):
    before = content(old)
    write_run(make_run(tax1=700.0), old, outputs=TABLES)
    assert content(old) != before
    assert left_over(old) == []


@pytest.mark.usefixtures("no_exchange")
def test_the_old_folder_comes_back_if_the_second_rename_fails(run, old, monkeypatch):
    before, real = content(old), folder.rename_new

    def fail_once(source, target):
        if source.name.endswith("-new"):
            monkeypatch.setattr(folder, "rename_new", real)
            raise PermissionError(errno.EACCES, "denied", str(target))
        real(source, target)

    monkeypatch.setattr(folder, "rename_new", fail_once)
    with pytest.raises(UserError):
        write_run(run, old, outputs=TABLES)
    assert content(old) == before
    assert left_over(old) == []


def test_a_workbook_opened_while_we_write_stops_the_swap(run, old):
    def open_it(run, path, lang):
        (old / ".~lock.results.xlsx#").write_text("me", encoding="utf-8")

    with pytest.raises(UserError) as caught:
        write_run(run, old, outputs=(*TABLES, Output("x", open_it)))
    assert codes(caught) == ["publish.file_open"]
    assert (old / ".~lock.results.xlsx#").exists()


def test_a_note_saved_while_we_swap_is_not_lost(run, old, monkeypatch):
    real = folder.exchange
    saved: list[bool] = []

    def late(one, two):
        if not saved:
            (two / "note.txt").write_text("mine", encoding="utf-8")
            saved.append(True)
        return real(one, two)

    monkeypatch.setattr(folder, "exchange", late)
    with pytest.raises(UserError) as caught:
        write_run(run, old, outputs=TABLES)
    assert codes(caught) == ["publish.folder_has_more"]
    assert (old / "note.txt").read_text(encoding="utf-8") == "mine"


def test_windows_says_close_it(run, old, monkeypatch):
    monkeypatch.setattr(folder.os, "name", "nt")
    fault = PermissionError(errno.EACCES, "used by another process", str(old / "results.xlsx"))
    assert folder._in_words(fault, old).issues[0].code == "publish.file_open"

"""A ledger that may be looked at and not written: who looks sees everything, who writes is told.

Root may write anywhere: as root the commands run as ``nobody``, who is given one right beyond his
own, to read (the interpreter may lie in root's home); on a disk that is mounted read-only root is
refused like anybody else.
"""

from __future__ import annotations

import functools
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_desk import Done, chinese_fault, here, picture, plain, together
from ledger_acts import new_case, refused, who

from landuse.ledger import events, open_ledger, readonly
from landuse.ledger.models import Case

NOBODY = [
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
]
LOOKS = (["list"], ["show", "2026-001"], ["totals"], ["history", "2026-001"], ["verify"], ["runs"])
WRITES: dict[str, list[str]] = {
    "open": ["open", "--parcel", "Z1", "--mu", "3", "--kind", "idle", "--by", "甲"],
    "note": ["note", "2026-001", "--notes", "新", "--by", "甲"],
    "advance": ["advance", "2026-001", "suspected", "--survey-note", "停产", "--by", "甲"],
    "object": ["object", "--case", "2026-001", "--old", "1", "--new", "2", "--by", "甲",
               "--why", "有误"],
}  # fmt: skip


@functools.cache
def prefix() -> list[str]:
    """What makes a command one of a user without rights; skips where that cannot be had."""
    if not hasattr(os, "geteuid"):
        pytest.skip("rights as POSIX has them")
    if os.geteuid() != 0:
        return []
    try:
        done = subprocess.run([*NOBODY, sys.executable, "-c", ""], capture_output=True, check=False)
    except OSError:
        pytest.skip("root cannot become nobody here: no setpriv")
    if done.returncode:
        pytest.skip(f"root cannot become nobody here: {done.stderr.decode().strip()}")
    return NOBODY


class Shelf:
    """A folder with a ledger, and a place beside it where anybody may write."""

    def __init__(self, root: Path) -> None:
        self.folder, self.desk = root / "台账 #1", root / "desk"
        for one in (self.folder, self.desk):
            one.mkdir()
        root.chmod(0o755)
        self.desk.chmod(0o777)
        self.file = self.folder / "landuse.db"
        with open_ledger(self.file) as ledger, ledger.write() as session:
            new_case(session)

    def lock(self, files: int = 0o444, folder: int = 0o555) -> None:
        for one in self.folder.iterdir():
            one.chmod(files)
        self.folder.chmod(folder)

    def look(self, *arguments: str) -> Done:
        command = ["ledger", *arguments, "--db", str(self.file)]
        return plain(command, self.desk, prefix=prefix())

    def looks(self, *commands: list[str]) -> list[Done]:
        """The same of several commands, in one process."""
        whole = [["ledger", *one, "--db", str(self.file)] for one in commands]
        return together(whole, self.desk, prefix())

    def bytes(self) -> dict[str, bytes]:
        return {one.name: one.read_bytes() for one in sorted(self.folder.iterdir())}


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    root = Path(tempfile.mkdtemp(prefix="landuse-shelf-"))
    try:
        yield Shelf(root)
    finally:
        for one in root.rglob("*"):
            one.chmod(0o755)
        shutil.rmtree(root)


def test_in_a_read_only_folder_everything_can_be_seen_and_nothing_written(shelf: Shelf) -> None:
    expected = [here("ledger", *one, "--db", str(shelf.file)).said for one in LOOKS]
    before = picture(str(shelf.file))
    shelf.lock()
    held = shelf.bytes()
    assert shelf.look("list").said == expected[0]
    for done, words in zip(shelf.looks(*LOOKS), expected, strict=True):
        assert (done.code, done.complained, done.said) == (0, "", words)
    elsewhere = (["export", "台账.xlsx"], ["export", "台账.csv"], ["backup", "备份.db"])
    for done in shelf.looks(*elsewhere, ["copy", "--to", "copy.db"]):
        assert done.code == 0, done.complained
    assert before == picture(str(shelf.desk / "备份.db")) == picture(str(shelf.desk / "copy.db"))
    assert (shelf.desk / "台账.csv").stat().st_size > 100
    import_ = ["import", "台账.xlsx", "--yes", "--by", "甲"]
    for done in shelf.looks(*WRITES.values(), import_):
        chinese_fault(done, "没有权限写", str(shelf.file), "只读")
    chinese_fault(shelf.look("restore", "备份.db"), "没有权限写", "只读")
    assert shelf.bytes() == held
    shelf.folder.chmod(0o755)
    shelf.file.chmod(0o644)
    assert here("ledger", *WRITES["advance"], "--db", str(shelf.file)).code == 0


@pytest.mark.parametrize(("files", "folder"), [(0o444, 0o777), (0o666, 0o555)])
def test_a_read_only_file_and_a_read_only_folder_alone(
    shelf: Shelf, files: int, folder: int
) -> None:
    """A reader leaves nothing beside the file that would lock its owner out."""
    shelf.lock(files, folder)
    held = shelf.bytes()
    looked, written = shelf.looks(["list"], WRITES["note"])
    assert "2026-001" in looked.said
    chinese_fault(written, "没有权限写", str(shelf.file), "只读")
    assert shelf.bytes() == held


def test_what_a_killed_writer_had_saved_is_seen_too(shelf: Shelf) -> None:
    """It is still in the file beside the ledger, where a reader must not overlook it."""
    (shelf.folder / "landuse.db").rename(shelf.desk / "landuse.db")
    _killed_after_commit(shelf.desk / "landuse.db", shelf.folder)
    assert (shelf.folder / "landuse.db-wal").stat().st_size > 0
    shelf.lock()
    looked, written = shelf.looks(["history", "2026-001"], WRITES["note"])
    assert "已保存" in looked.said
    chinese_fault(written, "没有权限写", str(shelf.file), "只读")
    shelf.folder.chmod(0o755)
    (shelf.folder / "landuse.db-shm").unlink()  # as when only two of the three files were copied
    shelf.folder.chmod(0o555)
    chinese_fault(shelf.look("list"), "-wal", "复制到可写的位置")


def _killed_after_commit(source: Path, folder: Path) -> None:
    """In ``folder`` a copy of the ledger as a writer leaves it who dies after a commit."""
    with open_ledger(source) as ledger:
        with ledger.write() as session:
            case = session.query(Case).one()
            events.change(session, case, {"notes": "已保存"}, **who())
        for ending in ("", "-wal", "-shm"):
            shutil.copy(f"{source}{ending}", folder)


def test_while_another_writes_a_reader_without_rights_sees_one_moment(shelf: Shelf) -> None:
    shelf.lock(0o644, 0o755)
    if os.geteuid() != 0:
        pytest.skip("the writer and the reader are the same user here")
    with open_ledger(shelf.file) as ledger:
        with ledger.write() as session:
            events.change(session, session.query(Case).one(), {"notes": "第一次"}, **who())
        with ledger.write() as session:
            events.change(session, session.query(Case).one(), {"notes": "未完"}, **who())
            session.flush()
            said = shelf.look("history", "2026-001").said
    assert ("第一次" in said, "未完" in said) == (True, False)


def test_without_locks_a_reader_notices_that_somebody_wrote(shelf: Shelf, monkeypatch: Any) -> None:
    monkeypatch.setattr(readonly, "may_write", lambda _file: False)
    with open_ledger(shelf.file) as reader:
        with reader.read() as session:
            assert session.query(Case).count() == 1

        def look() -> None:
            with reader.read() as session:
                session.query(Case).count()
                with sqlite3.connect(shelf.file) as other:  # as its owner does
                    other.execute("UPDATE cases SET notes = 'x'")
                other.close()

        assert refused(look) == ["ledger.changed_while_read"]
        with reader.read() as session:  # and the next look sees it
            assert session.query(Case).one().notes == "x"


def test_an_old_a_new_and_no_ledger_in_a_read_only_folder(shelf: Shelf) -> None:
    def of_version(version: str) -> None:
        with sqlite3.connect(shelf.file) as connection:
            connection.execute("UPDATE landuse_version SET version_num = ?", [version])
        connection.close()

    from landuse.ledger import migrating

    words = {"9999": "更新版本的程序"}
    if len(migrating.versions()) > 1:
        words[migrating.versions()[0]] = "旧版本"
    for version, word in words.items():
        of_version(version)
        shelf.lock()
        held = shelf.bytes()
        for done in shelf.looks(["list"], WRITES["note"]):
            chinese_fault(done, word, str(shelf.file))
        assert shelf.bytes() == held
        shelf.folder.chmod(0o755)
    shelf.file.chmod(0o644)
    shelf.file.unlink()
    shelf.folder.chmod(0o555)
    looked, written = shelf.looks(["list"], WRITES["open"])
    chinese_fault(looked, "还没有台账")
    chinese_fault(written, "无法打开或建立台账文件", str(shelf.file))


@pytest.mark.parametrize(("files", "folder"), [(0o000, 0o555), (0o444, 0o000)])
def test_a_ledger_that_may_not_even_be_read(shelf: Shelf, files: int, folder: int) -> None:
    assert here("ledger", "list", "--db", str(shelf.file)).code == 0  # loads what it needs
    shelf.lock(files, folder)
    root = os.geteuid() == 0 if hasattr(os, "geteuid") else pytest.skip("rights as POSIX has them")
    if root:
        os.seteuid(65534)
    try:
        done = here("ledger", "list", "--db", str(shelf.file))
    finally:
        if root:
            os.seteuid(0)
        shelf.folder.chmod(0o755)
    chinese_fault(done, "无法打开或建立台账文件", "没有权限", str(shelf.file))


@pytest.fixture
def disc(shelf: Shelf) -> Iterator[Shelf]:
    """The same ledger on a disk that is mounted read-only."""
    place = str(shelf.folder)
    held = shelf.file.read_bytes()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    if not made:
        pytest.skip("a disk cannot be mounted here")
    try:
        shelf.file.write_bytes(held)
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        yield shelf
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def test_on_a_disk_that_is_mounted_read_only(disc: Shelf) -> None:
    for one in LOOKS:
        done = here("ledger", *one, "--db", str(disc.file))
        assert done.code == 0, done.complained
    for command in WRITES.values():
        chinese_fault(here("ledger", *command, "--db", str(disc.file)), "没有权限写", "只读")

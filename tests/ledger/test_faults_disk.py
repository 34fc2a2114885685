"""A disk that is really full: the command says so, nothing is half written, reading goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from book_desk import Edit
from fault_desk import chinese_fault, here, picture, plain, sound
from fault_life import another_run, sample_run

KB = 1024
ROOT = Path(__file__).resolve().parents[2]


class Disk:
    """A file system of 3 MB whose free space is what the test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ballast = folder, folder / "ballast"
        self.url = str(folder / "landuse.db")

    def leave(self, kilobytes: int) -> None:
        self.ballast.unlink(missing_ok=True)
        free = shutil.disk_usage(self.folder).free
        self.ballast.write_bytes(bytes(max(0, free - kilobytes * KB)))

    def free(self) -> None:
        self.ballast.unlink(missing_ok=True)

    def names(self) -> set[str]:
        """What is on it, but for the ballast and what SQLite keeps beside a file in use."""
        found = {str(one.relative_to(self.folder)) for one in self.folder.rglob("*")}
        return {one for one in found if not one.endswith(("ballast", "-wal", "-shm"))}


def mounted(folder: Path) -> bool:
    """Whether 3 MB of memory could be mounted there."""
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture
def disk() -> Iterator[Disk]:
    folder = Path(tempfile.mkdtemp(prefix="landuse-full-"))
    if not mounted(folder):
        folder.rmdir()
        pytest.skip("a small disk cannot be mounted here: neither root nor in its own name space")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root mounts the small disk directly"
)
def test_as_another_user_all_of_this_runs_in_a_name_space_of_its_own() -> None:
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        allowed = subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        allowed = False
    if not allowed:
        pytest.skip("a small disk cannot be mounted here: user name spaces are not allowed")
    command = [*alone, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_run(tmp_path_factory.getbasetemp())


@pytest.fixture
def opening(sample: Path, tmp_path: Path) -> list[str]:
    """Opens 24 cases."""
    run = another_run(sample, tmp_path, 1)
    return ["ledger", "open", str(run), "--kind", "both", "--by", "甲", "--db"]


def test_opening_a_ledger_where_there_is_no_room_for_it(
    disk: Disk, opening: list[str], tmp_path: Path
) -> None:
    for kilobytes in (0, 40, 120, 250):  # not a byte; within the schema; after it; in the cases
        disk.leave(kilobytes)
        done = here(*opening, disk.url)
        chinese_fault(done, "磁盘已满", disk.url)
        disk.free()
        sound(disk.url)
        assert not picture(disk.url)
        assert disk.names() <= {"landuse.db"}
    done = plain([*opening, disk.url], tmp_path)
    assert done.code == 0, done.complained
    sound(disk.url)
    assert len(picture(disk.url)["cases"]) == 24


def _opened(disk: Disk, opening: list[str]) -> None:
    done = here(*opening, disk.url)
    assert done.code == 0, done.complained


def test_a_workbook_that_does_not_fit_changes_nothing(
    disk: Disk, opening: list[str], tmp_path: Path
) -> None:
    _opened(disk, opening)
    book = tmp_path / "台账.xlsx"
    assert here("ledger", "export", str(book), "--db", disk.url).code == 0
    edit = Edit(book)
    for row in range(1, 25):
        edit.put(f"2026-{row:03d}", 备注="满" * 1000)
    edit.save()
    before = picture(disk.url)
    import_ = ["ledger", "import", str(book), "--yes", "--by", "乙", "--db", disk.url]
    # not a byte; in the preview; in the backup; in the import itself, after its backup
    for kilobytes in (0, 50, 200, 420):
        disk.leave(kilobytes)
        done = plain(import_, tmp_path) if kilobytes == 200 else here(*import_)
        chinese_fault(done, "磁盘已满", str(disk.folder))
        disk.free()
        sound(disk.url)
        assert picture(disk.url) == before
        kept = {one for one in disk.names() if one.endswith(".db") and "backups" in one}
        assert disk.names() <= {"landuse.db", "backups", *kept}
        for one in kept:
            sound(str(disk.folder / one))
            assert picture(str(disk.folder / one)) == before
        shutil.rmtree(disk.folder / "backups", ignore_errors=True)
    assert here(*import_).code == 0
    assert [row for row in picture(disk.url)["cases"] if "满" * 1000 in row]


def test_a_case_is_not_moved_and_the_ledger_can_still_be_read(
    disk: Disk, opening: list[str], tmp_path: Path
) -> None:
    _opened(disk, opening)
    before = picture(disk.url)
    for kilobytes in (0, 4, 34):
        disk.leave(kilobytes)
        move = ["ledger", "advance", "2026-001", "suspected", "--survey-note", "停产", "--by", "丙"]
        chinese_fault(here(*move, "--db", disk.url), "磁盘已满", disk.url)
        for look in (["list"], ["show", "2026-001"], ["history", "2026-001"], ["totals"]):
            done = here("ledger", *look, "--db", disk.url)
            assert done.code == 0, done.complained
        sound(disk.url)
        elsewhere = str(tmp_path / f"{kilobytes}.xlsx")
        assert here("ledger", "export", elsewhere, "--db", disk.url).code == 0
        assert here("ledger", "backup", f"{elsewhere}.db", "--db", disk.url).code == 0
        assert picture(f"{elsewhere}.db") == before
    disk.free()
    assert picture(disk.url) == before
    assert here(*move, "--db", disk.url).code == 0


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_an_export_to_a_full_disk_leaves_what_was_there(
    disk: Disk, opening: list[str], tmp_path: Path, ending: str
) -> None:
    url, file = str(tmp_path / "landuse.db"), disk.folder / f"台账.{ending}"
    assert here(*opening, url).code == 0
    disk.leave(4)
    export = ["ledger", "export", str(file), "--db", url]
    chinese_fault(plain(export, tmp_path), "磁盘空间不足", str(file))
    assert disk.names() == set()
    disk.free()
    assert here(*export).code == 0
    written = file.read_bytes()
    disk.leave(4)
    chinese_fault(here(*export, "--replace"), "磁盘空间不足", str(file))
    assert (file.read_bytes(), disk.names()) == (written, {file.name})


def test_a_backup_to_a_full_disk_names_that_disk(
    disk: Disk, opening: list[str], tmp_path: Path
) -> None:
    url, file = str(tmp_path / "landuse.db"), disk.folder / "备份.db"
    assert here(*opening, url).code == 0
    for kilobytes in (0, 100):
        disk.leave(kilobytes)
        done = plain(["ledger", "backup", str(file), "--db", url], tmp_path)
        chinese_fault(done, "磁盘已满", str(file))
        assert url not in done.complained
        assert disk.names() == set()
    disk.free()
    assert here("ledger", "backup", str(file), "--db", url).code == 0
    sound(str(file))

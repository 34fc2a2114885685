"""A program that dies while it makes a backup leaves no half file under a backup's name."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fault_desk import picture, sound
from ledger_acts import new_case

from landuse.ledger import backup, filesystems, open_ledger

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="dies as POSIX has it")
FILES = {"open", "os.rename", "os.link", "os.remove", "sqlite3.connect"}


def dies_at(step: int, url: Path, folder: Path) -> bool:
    """Whether a child that makes an automatic backup died before its ``step``-th use of a file."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    try:
        with open_ledger(url, backups=folder) as ledger:
            steps = itertools.count(1)

            def audit(name: str, _arguments: object) -> None:
                if name in FILES and next(steps) == step:
                    os._exit(9)  # nothing is cleaned up

            sys.addaudithook(audit)
            backup.safety_backup(ledger, "import")
    finally:
        os._exit(0)


def test_whenever_it_dies(tmp_path: Path) -> None:
    url, folder = tmp_path / "landuse.db", tmp_path / "backups"
    with open_ledger(url) as ledger, ledger.write() as session:
        new_case(session)
    held = picture(str(url))
    done = 0
    for step in itertools.count(1):
        died = dies_at(step, url, folder)
        finished = sorted(folder.glob("landuse-*.db"))
        assert len(finished) in {done, done + 1}
        done = len(finished)
        for one in finished:
            assert picture(str(one)) == held
        if not died:
            break
    assert step > 5  # that many times it died
    assert done >= 1
    assert not [one for one in folder.iterdir() if ".part" in one.name], "litter of the dead"
    for one in finished:
        sound(str(one))


def test_what_the_living_write_and_what_is_on_a_network_drive_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder = tmp_path / "backups"
    folder.mkdir()
    name = ".landuse-00001-import.db.{}.part"
    dead, alive = folder / name.format(gone.pid), folder / name.format(os.getpid())
    other = folder / f".other-00001-import.db.{gone.pid}.part"
    strange = folder / name.format("x")
    files = [dead, dead.with_name(dead.name + "-journal"), alive, other, strange]
    for one in files:
        one.write_text("half")
    with open_ledger(tmp_path / "landuse.db") as ledger:
        with ledger.write() as session:
            new_case(session)
        monkeypatch.setattr(filesystems, "network_type", lambda _path: "cifs")
        backup.safety_backup(ledger, "restore")
        assert all(one.exists() for one in files)
        monkeypatch.setattr(filesystems, "network_type", lambda _path: "")
        backup.safety_backup(ledger, "restore")
    assert [one.exists() for one in files] == [False, False, True, True, True]


def test_a_disk_that_knows_no_second_name_gets_its_backup_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with open_ledger(tmp_path / "landuse.db") as ledger:
        with ledger.write() as session:
            new_case(session)
        monkeypatch.setattr(os, "link", refuse)
        first = backup.safety_backup(ledger, "import")
        second = backup.safety_backup(ledger, "import")
    assert first is not None
    assert second is not None
    assert first != second
    assert picture(str(first)) == picture(str(second)) == picture(str(tmp_path / "landuse.db"))

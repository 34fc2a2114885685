"""Opening a ledger: what every kind of database gives, and what is refused in which words."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ledger_acts import new_case, refused
from ledger_databases import PASSWORD, cluster
from sqlalchemy import text

from landuse.ledger import Ledger, filesystems, open_ledger, replay
from landuse.ledger.backup import backup
from landuse.ledger.models import Case


def one(ledger: Ledger, query: str) -> object:
    with ledger.read() as session:
        return session.execute(text(query)).scalar()


def test_a_new_ledger_is_empty_and_what_is_written_is_there_the_next_time(
    ledger_url: str, tmp_path: Path
) -> None:
    with open_ledger(ledger_url, backups=tmp_path / "b") as ledger:
        assert one(ledger, "SELECT count(*) FROM cases") == 0
        with ledger.write() as session:
            new_case(session)
    with open_ledger(ledger_url, create=False, backups=tmp_path / "b") as again:
        assert one(again, "SELECT number FROM cases") == "2026-001"
    assert not (tmp_path / "b").exists()  # nothing was migrated: no backup


def test_create_false_refuses_where_no_ledger_is(ledger_url: str, tmp_path: Path) -> None:
    assert refused(lambda: open_ledger(ledger_url, create=False)) == ["ledger.no_ledger"]
    assert not (tmp_path / "landuse.db").exists()


def test_foreign_keys_hold(ledger: Ledger) -> None:
    orphan = (
        "INSERT INTO parts (case_id, seq, way, receiving_enterprise, removed)"
        " VALUES (77, 1, '', '', {})"
    )
    with pytest.raises(Exception, match=r"(?i)foreign key"), ledger.write() as session:
        session.execute(text(orphan.format("false")))
    assert one(ledger, "SELECT count(*) FROM parts") == 0


def test_sqlite_on_a_local_disk_uses_wal_and_syncs_every_commit(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as ledger:
        assert one(ledger, "PRAGMA journal_mode") == "wal"
        assert one(ledger, "PRAGMA synchronous") == 2
        assert one(ledger, "PRAGMA foreign_keys") == 1
        assert not list(ledger.issues)


def test_on_a_network_file_system_no_wal_and_a_warning_that_names_postgis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(tmp_path / "a.db").close()  # made on a local disk, in WAL mode
    monkeypatch.setattr(filesystems, "network_type", lambda _path: "cifs")
    with open_ledger(tmp_path / "a.db") as ledger:
        assert one(ledger, "PRAGMA journal_mode") == "delete"
        (issue,) = ledger.issues
        assert (issue.code, issue.severity) == ("ledger.network_file_system", "warning")
        assert "PostGIS" in issue.hint("zh")
        with ledger.write() as session:
            new_case(session)
    assert not (tmp_path / "a.db-wal").exists()


_MOUNTS = """\
22 1 0:20 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/share rw - cifs //nas/plan rw
31 22 0:41 / /mnt/share\\040two rw - nfs4 nas:/x rw
32 30 0:42 / /mnt/share/local rw - tmpfs tmpfs rw
33 22 0:43 / /mnt/fuse rw - fuse.sshfs host: rw
34 22 0:44 / /mnt/ntfs rw - fuseblk /dev/sdb1 rw
35 22 0:45 / /mnt/\\345\\217\\260\\350\\264\\246 rw - nfs nas:/t rw
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/a", "ext4"),
        ("/mnt/share", "cifs"),
        ("/mnt/share/x/landuse.db", "cifs"),
        ("/mnt/share two/x", "nfs4"),
        ("/mnt/sharex", "ext4"),
        ("/mnt/share/local/x", "tmpfs"),
        ("/mnt/fuse/x", "fuse.sshfs"),
        ("/mnt/台账/x", "nfs"),
    ],
)
def test_the_mount_of_a_place_is_the_longest_that_holds_it(place: str, kind: str) -> None:
    assert filesystems.type_in_mounts(_MOUNTS, place) == kind


@pytest.mark.parametrize(
    ("kind", "network"), [("ext4", ""), ("cifs", "cifs"), ("fuseblk", ""), ("fuse.x", "fuse.x")]
)
def test_unknown_fuse_counts_as_network(
    kind: str, network: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(filesystems, "type_in_mounts", lambda _table, _place: kind)
    assert filesystems.network_type(tmp_path / "absent" / "a.db") == network


def test_files_that_are_no_ledger_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    other = tmp_path / "other.gpkg"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE gpkg_contents (x)")
        connection.commit()
    page = tmp_path / "page.html"
    page.write_text("<html>" + "x" * 5000)
    before = other.read_bytes(), page.read_bytes()
    assert refused(lambda: open_ledger(other)) == ["ledger.not_a_ledger"]
    assert refused(lambda: open_ledger(page)) == ["ledger.not_a_database"]
    assert refused(lambda: open_ledger(tmp_path)) == ["ledger.path_is_folder"]
    assert refused(lambda: open_ledger(tmp_path / "no" / "a.db")) == ["ledger.no_folder"]
    assert (other.read_bytes(), page.read_bytes()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.gpkg", "page.html"]


def test_a_ledger_of_a_newer_program_is_refused(ledger_url: str) -> None:
    with open_ledger(ledger_url) as ledger, ledger.write() as session:
        session.execute(text("UPDATE landuse_version SET version_num = '9999'"))
    assert refused(lambda: open_ledger(ledger_url)) == ["ledger.newer_version"]


def test_two_programs_that_make_the_same_ledger_at_once_both_get_it(ledger_url: str) -> None:
    script = "import sys; from landuse.ledger import open_ledger; open_ledger(sys.argv[1]).close()"
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, ledger_url]
    running = [subprocess.Popen(command, env=here, stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    with open_ledger(ledger_url) as ledger:
        assert one(ledger, "SELECT count(*) FROM landuse_version") == 1


@contextlib.contextmanager
def _holding(ledger: Ledger) -> Iterator[None]:
    """Another program in the middle of its writing."""
    with contextlib.ExitStack() as stack:
        if ledger.file is not None:
            other = sqlite3.connect(ledger.file, isolation_level=None)
            stack.enter_context(contextlib.closing(other))
            other.execute("BEGIN IMMEDIATE")
        else:
            writer = stack.enter_context(open_ledger(ledger.url.render_as_string(False)))
            stack.enter_context(writer.write())
        yield


def test_a_locked_ledger_is_said_to_be_locked_and_can_be_read(ledger: Ledger) -> None:
    url = ledger.url.render_as_string(hide_password=False)
    with ledger.write() as session:
        new_case(session)
    with open_ledger(url, wait_seconds=0.2) as impatient, _holding(ledger):

        def write() -> None:
            with impatient.write() as session:
                new_case(session, "2026-002")

        assert refused(write) == ["ledger.locked"]
        with impatient.read() as session:
            assert session.query(Case).count() == 1
    with ledger.write() as session:  # and afterwards it is free
        new_case(session, "2026-002")


@pytest.fixture
def poor() -> Iterator[Path]:
    """A folder in which this test, as another user than root, may read but not write."""
    folder = Path(tempfile.mkdtemp(prefix="landuse-poor-"))
    try:
        yield folder
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@contextlib.contextmanager
def _as_nobody() -> Iterator[None]:
    if not hasattr(os, "geteuid"):
        pytest.skip("rights as POSIX has them")
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_folder(poor: Path) -> None:
    with open_ledger(poor / "there.db") as ledger, ledger.write() as session:
        new_case(session)
    (poor / "there.db").chmod(0o444)
    poor.chmod(0o555)
    with _as_nobody():
        assert refused(lambda: open_ledger(poor / "new.db")) == ["ledger.cannot_open_file"]

        def write() -> None:
            with open_ledger(poor / "there.db") as ledger, ledger.write() as session:
                new_case(session, "2026-002")

        assert set(refused(write)) <= {"ledger.read_only", "ledger.cannot_open_file"}


def test_a_full_disk(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as ledger:
        with ledger.write() as session:
            new_case(session)

        def fill() -> None:
            with ledger.write() as session:
                pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
                session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
                for number in range(2, 200):
                    new_case(session, f"2026-{number:03d}", notes="满" * 500)

        assert refused(fill) == ["ledger.disk_full"]
        assert one(ledger, "SELECT count(*) FROM cases") == 1
        assert one(ledger, "SELECT count(*) FROM events") == 2


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = Path(tempfile.mkdtemp(prefix="landuse-small-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    if not made:
        folder.rmdir()
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def test_a_small_disk_that_fills_up_loses_nothing_that_was_saved(small_disk: Path) -> None:
    with open_ledger(small_disk / "a.db") as ledger:
        saved: list[str] = []

        def fill() -> None:
            for number in range(10_000):
                with ledger.write() as session:
                    new_case(session, f"2026-{number:05d}", notes="满" * 2000)
                saved.append(f"2026-{number:05d}")

        assert refused(fill) == ["ledger.disk_full"]
        assert len(saved) > 10
        full = small_disk / "backup.db"
        assert refused(lambda: backup(ledger, full)) == ["ledger.disk_full"]
        assert not full.exists()
        with ledger.read() as session:
            assert [case.number for case in session.query(Case).order_by(Case.id)] == saved
            assert not list(replay.differences(session))
    with open_ledger(small_disk / "a.db") as ledger, ledger.read() as session:
        assert session.query(Case).count() == len(saved)


def test_a_wrong_password_an_unknown_user_and_no_database_on_postgis(
    postgis_url: Callable[[], str],
) -> None:
    url = postgis_url()
    from urllib.parse import quote

    right = quote(PASSWORD)
    assert refused(lambda: open_ledger(url.replace(right, "falsch"))) == ["ledger.wrong_password"]
    assert refused(lambda: open_ledger(url.replace("plan:", "nobody:"))) == [
        "ledger.wrong_password"
    ]
    missing = url.rsplit("/", 1)[0] + "/missing"
    assert refused(lambda: open_ledger(missing)) == ["ledger.no_such_database"]


def test_a_database_without_postgis_whose_user_cannot_install_it() -> None:
    server = cluster()
    server.run("postgres", "CREATE ROLE clerk LOGIN PASSWORD 'klein'", "CREATE DATABASE bare")
    try:
        url = f"postgresql://clerk:klein@127.0.0.1:{server.port}/bare"
        assert refused(lambda: open_ledger(url)) == ["ledger.no_postgis"]
        server.run("bare", "CREATE EXTENSION postgis")
        assert refused(lambda: open_ledger(url)) == ["ledger.no_right"]
        server.run("postgres", "GRANT CREATE ON DATABASE bare TO clerk")
        with open_ledger(url) as ledger, ledger.write() as session:
            new_case(session)
    finally:
        server.run("postgres", "DROP DATABASE bare WITH (FORCE)", "DROP ROLE clerk")


def test_tables_of_other_programs_in_the_same_postgis_do_not_matter(
    postgis_url: Callable[[], str],
) -> None:
    url = postgis_url()
    cluster().run(url.rsplit("/", 1)[1], "CREATE TABLE public.events (x int)")
    with open_ledger(url) as ledger:
        with ledger.write() as session:
            new_case(session)
        assert one(ledger, "SELECT count(*) FROM public.events") == 0
        assert one(ledger, "SELECT count(*) FROM landuse.events") == 2


def test_a_postgis_server_that_goes_away_is_said_to_be_lost(postgis_url: Callable[[], str]) -> None:
    url = postgis_url()
    with open_ledger(url) as ledger:

        def cut() -> None:
            with ledger.write() as session:
                new_case(session)
                name = url.rsplit("/", 1)[1]
                cluster().run(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    f" WHERE datname = '{name}'",
                )
                new_case(session, "2026-002")

        assert refused(cut) == ["ledger.connection_lost"]
        assert one(ledger, "SELECT count(*) FROM cases") == 0  # connects again by itself

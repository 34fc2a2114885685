"""Ledgers to test with: an SQLite file, and a database of a throw-away PostGIS cluster.

A test folder that wants the fixtures says in its ``conftest.py``::

    from ledger_databases import ledger, ledger_url, postgis_url  # noqa: F401

Without PostgreSQL and PostGIS on the machine the PostGIS half is skipped and says so; with
``LANDUSE_REQUIRE_POSTGIS`` set that is an error.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

USER, PASSWORD = "plan", "geheim-密码"
KINDS = ("sqlite", "postgis")
_NUMBERS = itertools.count(1)


class NoPostgisError(Exception):
    """This machine cannot run the PostGIS half; the message says why."""


class Cluster:
    """A PostgreSQL server on loopback with PostGIS, in a temporary folder, without fsync."""

    def __init__(self) -> None:
        self.tools = _tools()
        self.port = _free_port()
        self.root = Path(tempfile.mkdtemp(prefix="landuse-pg-"))
        self.data = self.root / "data"
        atexit.register(self.stop)
        try:
            self._start()
        except subprocess.CalledProcessError as fault:
            log = self.root / "log"
            more = log.read_text(errors="replace")[-500:] if log.exists() else ""
            raise NoPostgisError(f"{fault.stderr or fault}\n{more}") from fault

    def _start(self) -> None:
        self.root.chmod(0o755)  # its owner is another user than the one who made the folder
        secret = self.root / "secret"
        secret.write_text(PASSWORD, encoding="utf-8")
        if _is_root():
            shutil.chown(self.root, "postgres", "postgres")
            shutil.chown(secret, "postgres", "postgres")
        how = ["-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-sync"]
        self._as_owner("initdb", "-D", self.data, "-U", USER, "--pwfile", secret, *how)
        secret.unlink()
        settings = {
            "listen_addresses": "127.0.0.1",
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "60",
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        options += f" -p {self.port} -k {self.root}"
        log = self.root / "log"
        self._as_owner("pg_ctl", "-D", self.data, "-w", "-l", log, "-o", options, "start")
        self.run("postgres", "CREATE DATABASE landuse_template")
        try:
            self.run("landuse_template", "CREATE EXTENSION postgis")
        except Exception as fault:
            raise NoPostgisError(f"PostGIS is not installed: {fault}") from fault

    def url(self, database: str) -> str:
        """The address of one of its databases, password and all."""
        from urllib.parse import quote

        return f"postgresql://{USER}:{quote(PASSWORD)}@127.0.0.1:{self.port}/{database}"

    def run(self, database: str, *statements: str) -> None:
        """Run statements outside any transaction."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def new(self) -> str:
        """The address of a new database with PostGIS in it."""
        name = f"ledger_{os.getpid()}_{next(_NUMBERS)}"
        self.run("postgres", f"CREATE DATABASE {name} TEMPLATE landuse_template")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self.run("postgres", f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove everything."""
        if (self.data / "postmaster.pid").exists():
            self._as_owner("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.root, ignore_errors=True)

    def _as_owner(self, tool: str, *arguments: object) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if _is_root() else []
        command = [*prefix, str(self.tools / tool), *map(str, arguments)]
        # pg_ctl leaves a server behind that would hold a pipe open for ever
        with tempfile.TemporaryFile("w+") as told:
            done = subprocess.run(command, stdout=told, stderr=told, cwd="/", check=False)
            told.seek(0)
            if done.returncode:
                raise subprocess.CalledProcessError(
                    done.returncode, command, stderr=told.read()[-2000:]
                )


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _tools() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(folders, key=lambda tool: int(tool.parts[-3]))
    if not newest:
        raise NoPostgisError("no PostgreSQL server binaries (initdb) on this machine")
    return newest[-1].parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@functools.cache
def _cluster() -> Cluster | str:
    try:
        import geoalchemy2  # noqa: F401
        import psycopg  # noqa: F401

        return Cluster()
    except (NoPostgisError, ImportError, OSError) as fault:
        return str(fault)


def cluster() -> Cluster:
    """The cluster of this process; skips the test, or fails it where PostGIS is required."""
    got = _cluster()
    if isinstance(got, Cluster):
        return got
    message = f"PostGIS half not run: {got}"
    if os.environ.get("LANDUSE_REQUIRE_POSTGIS"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def postgis_url() -> Iterator[Callable[[], str]]:
    """Makes addresses of new, empty PostGIS databases; they are dropped after the test."""
    made: list[str] = []

    def new() -> str:
        made.append(cluster().new())
        return made[-1]

    yield new
    for url in made:
        cluster().drop(url)


@pytest.fixture(params=KINDS)
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that holds nothing yet, of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "landuse.db")
    url: str = request.getfixturevalue("postgis_url")()
    return url


@pytest.fixture
def ledger(ledger_url: str, tmp_path: Path) -> Iterator[object]:
    """An empty, open ledger on either kind of database; backups go into the test's folder."""
    from landuse.ledger import open_ledger

    opened = open_ledger(ledger_url, backups=tmp_path / "backups")
    yield opened
    opened.close()

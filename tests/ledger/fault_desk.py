"""Commands in processes of their own, watched and killed; and what a ledger holds after it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import Connection

from landuse.cli import main
from landuse.errors import UserError
from landuse.ledger import canonical, open_ledger

HERE = Path(__file__).resolve().parent
CHILD = HERE / "fault_child.py"
ENTRY = ["-c", "import sys; from landuse.cli import main; sys.exit(main())"]
Picture = dict[str, list[tuple[Any, ...]]]
_MOMENTS = {"at", "opened_at", "recorded_at"}


@dataclass
class Done:
    """How a command ended (minus the signal that killed it), what it said, and its steps."""

    code: int
    said: str
    complained: str
    steps: list[tuple[int, str]] = field(default_factory=list)

    @property
    def phase(self) -> str:
        """Where it ended: ``before`` its first write, ``writing`` (between the first write of a
        transaction and its commit), ``committing``, ``between`` two transactions, ``after``."""
        now, written = "before", False
        for _, what in self.steps:
            if what == "write":
                now, written = "writing", True
            elif what == "commit" and now == "writing":
                now = "committing"
            elif what == "rollback" or (what == "ended" and now == "writing"):
                now = "between" if written else "before"
            elif what == "ended" and now == "committing":
                now = "after"
        return now

    @property
    def from_first_write(self) -> tuple[int, float]:
        """Steps and seconds from the first write to the last end of a transaction."""
        places = [place for place, (_, what) in enumerate(self.steps) if what == "write"]
        if not places:
            return 0, 0.0
        ends = [place for place, (_, what) in enumerate(self.steps) if what == "ended"]
        last = max([*ends, places[0]])
        return last - places[0], (self.steps[last][0] - self.steps[places[0]][0]) / 1e9


def environment(home: Path, **more: str) -> dict[str, str]:
    """Of a planner whose home is ``home``."""
    import landuse

    paths = [str(Path(landuse.__file__).parents[1]), *sys.path]
    # coverage would write into the checkout, where nobody may, and at steps that nobody counts
    mine = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return {
        **mine,
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "200",
        **more,
    }


def run(
    arguments: Sequence[str],
    home: Path,
    *,
    last: int = 0,
    of: str = "write",
    wait: float | None = None,
    seconds: float | None = None,
    after: tuple[str, float] | None = None,
    at_write: Callable[[], object] | None = None,
) -> Done:
    """Run ``landuse`` watched; killed at step ``last`` from its first "write" or "commit" on, or so
    many seconds after its start, or ``after`` its first "write" or "commit" and so many seconds.
    ``at_write`` is called at the first write."""
    told, tell = os.pipe()
    plan: dict[str, Any] = {"tell": tell, "last": last, "of": of}
    plan["postgres"] = any(one.startswith("postgresql:") for one in arguments)
    if wait is not None:
        plan["wait"] = wait
    command = [sys.executable, str(CHILD), json.dumps(plan), *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen(
            command, stdout=out, stderr=err, cwd=home, env=environment(home), pass_fds=[tell]
        )
        os.close(tell)
        deadline = None if seconds is None else start + seconds
        lines = _watch(process, told, deadline, after, at_write)
        code = process.wait()
        out.seek(0)
        err.seek(0)
        words = [one.read().decode("utf-8", "replace") for one in (out, err)]
    steps = [(int(line.split()[1]), line.split()[2]) for line in lines.decode().splitlines()]
    return Done(code, words[0], words[1], steps)


def _watch(
    process: subprocess.Popen[bytes],
    told: int,
    deadline: float | None,
    after: tuple[str, float] | None,
    at_write: Callable[[], object] | None,
) -> bytes:
    """What the process tells until it ends; it is killed when its time is over."""
    lines = b""
    with contextlib.closing(os.fdopen(told, "rb", buffering=0)) as stream:
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([stream], [], [], left)[0]:
                process.kill()
                deadline = None
                continue
            chunk = stream.read(65536)
            if not chunk:
                return lines[: lines.rfind(b"\n") + 1]
            lines += chunk
            if after is not None and f" {after[0]}\n".encode() in lines:
                deadline, after = time.monotonic() + after[1], None
            if at_write is not None and b" write\n" in lines:
                at_write()
                at_write = None


def plain(arguments: Sequence[str], home: Path, *, prefix: Sequence[str] = ()) -> Done:
    """Run ``landuse`` as a planner does: nothing counted, nothing changed."""
    command = [*prefix, sys.executable, *ENTRY, *arguments]
    done = subprocess.run(
        command, capture_output=True, cwd=home, env=environment(home), check=False
    )
    words = [one.decode("utf-8", "replace") for one in (done.stdout, done.stderr)]
    return Done(done.returncode, *words)


def together(commands: Sequence[Sequence[str]], home: Path, prefix: Sequence[str]) -> list[Done]:
    """Run one command after the other in one process of its own, as another user perhaps."""
    script = (
        "import json, sys; from dataclasses import astuple; from fault_desk import here;"
        " print(json.dumps([astuple(here(*one)) for one in json.loads(sys.argv[1])]))"
    )
    command = [*prefix, sys.executable, "-c", script, json.dumps([list(one) for one in commands])]
    done = subprocess.run(
        command, capture_output=True, cwd=home, env=environment(home), check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return [Done(*one) for one in json.loads(done.stdout)]


def here(*arguments: str) -> Done:
    """Run ``landuse`` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.dict(os.environ, COLUMNS="200"),
    ):
        code = main(list(arguments))
    return Done(code, out.getvalue(), err.getvalue())


def settle(url: str) -> None:
    """Wait until a server has ended what a killed client had sent it, a commit perhaps."""
    if not url.startswith("postgresql"):
        return  # a file has no life of its own
    import psycopg

    url = url.replace("+psycopg", "", 1)

    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
    with psycopg.connect(url, autocommit=True) as connection:
        end = time.monotonic() + 60
        while connection.execute(others, [connection.info.backend_pid]).fetchone():
            assert time.monotonic() < end, "the server does not let go of a killed client"
            time.sleep(0.01)


def picture(url: str) -> Picture:
    """All that a ledger holds but for moments and the database's own numbers; empty where there
    is no ledger yet."""
    try:
        ledger = open_ledger(url, create=False)
    except UserError as fault:
        if fault.issues[0].code != "ledger.no_ledger":
            raise
        return {}
    with ledger, ledger.read() as session:
        connection = session.connection()
        drawn = {table: _rows(connection, table) for table in canonical.tables(connection)}
    return {table: rows for table, rows in drawn.items() if rows}


def _rows(connection: Connection, table: str) -> list[tuple[Any, ...]]:
    own = {"id"} if table != "cases" else set()
    own |= {"run_id"} if table in ("findings", "run_units") else set()
    columns = canonical.table_columns(connection, table)
    kept = [name for name in columns if name not in own | _MOMENTS]
    return list(canonical.read(connection, table, kept))


def sound(url: str) -> None:
    """``landuse ledger verify`` passes; before there is any ledger it says that."""
    done = here("ledger", "verify", "--db", url)
    if picture(url) or done.code == 0:
        assert (done.code, "核验通过" in done.said) == (0, True), done.complained
    else:
        assert (done.code, "还没有台账" in done.complained) == (2, True), done.complained


def chinese_fault(done: Done, *words: str) -> None:
    """Refused in words that a planner can act on: exit code 2, no traceback, all of ``words``."""
    assert done.code == 2, (done.code, done.said, done.complained)
    assert "Traceback" not in done.complained
    for word in (*words, "→"):
        assert word in done.complained, done.complained

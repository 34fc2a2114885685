"""``landuse`` on the command line, each of its steps told to the test that watches it.

Run as a program: ``fault_child.py PLAN ARGUMENT...``; PLAN is JSON: ``tell`` the file descriptor
that is told, ``last`` the step before which the process kills itself, counted from the first
``of`` ("write" or "commit") on, which is 1 (0: none), ``wait`` the seconds that it waits for a lock
(as shipped if absent).

Steps are: every SQL statement, what SQLite does within one (every few thousand instructions), every
file that is made, renamed or removed, every fsync. A step is told, and perhaps the last, *before*
it happens.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sqlite3
import sys
import time
from typing import Any

WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "TRUNCATE", "DROP", "COPY")
FILES = {"os.rename", "os.link", "os.remove", "os.mkdir", "sqlite3.connect"}
INSTRUCTIONS = 4000


class Steps:
    """Counts the steps, tells each, and ends the process before the one that is to be the last."""

    def __init__(self, tell: int, last: int, of: str) -> None:
        self.tell, self.last, self.of, self.numbers = tell, last, of, itertools.count(1)
        self.counts = False

    def step(self, what: str) -> None:
        self.counts = self.counts or what == self.of
        number = next(self.numbers) if self.counts else 0
        os.write(self.tell, f"{number} {time.monotonic_ns()} {what}\n".encode())
        if number and number == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def sql(self, statement: str) -> None:
        word = statement.lstrip()[:20].split(" ")[0].upper().rstrip(";")
        self.step("write" if word in WRITES else word.lower() if word in ENDS else "sql")

    def on_sqlite(self, connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(self.sql)
        connection.set_progress_handler(lambda: self.step("within"), INSTRUCTIONS)

    def on_postgres(self) -> None:
        import psycopg
        from sqlalchemy import Engine, event

        def told(conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if conn.dialect.name == "postgresql":
                self.sql(statement)

        def copy(cursor: Any, statement: str, *more: Any) -> Any:
            self.sql(statement)
            return original(cursor, statement, *more)

        def commit(conn: Any) -> None:
            if conn.dialect.name == "postgresql":
                self.step("commit")

        original = psycopg.Cursor.copy
        psycopg.Cursor.copy = copy  # type: ignore[method-assign,assignment]
        event.listen(Engine, "before_cursor_execute", told)
        event.listen(Engine, "commit", commit)

    def on_files(self) -> None:
        def audit(name: str, arguments: tuple[Any, ...]) -> None:
            if name in FILES or (name == "open" and _makes(arguments)):
                self.step("file")

        def sync(handle: int) -> None:
            self.step("file")
            original(handle)

        original = os.fsync
        os.fsync = sync
        sys.addaudithook(audit)

    def on_sessions(self) -> None:
        """A connection that is given back has ended its transaction."""
        from sqlalchemy import event
        from sqlalchemy.pool import Pool

        def connected(connection: Any, _record: Any) -> None:
            if isinstance(connection, sqlite3.Connection):
                self.on_sqlite(connection)

        event.listen(Pool, "connect", connected)
        event.listen(Pool, "reset", lambda *_arguments: self.step("ended"))


ENDS = ("COMMIT", "ROLLBACK")


def _makes(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def main() -> int:
    plan = json.loads(sys.argv[1])
    steps = Steps(plan["tell"], plan["last"], plan["of"])
    from landuse.cli import main as landuse
    from landuse.ledger import open_ledger

    if "wait" in plan:
        open_ledger.__kwdefaults__["wait_seconds"] = plan["wait"]
    steps.on_sessions()
    if plan.get("postgres"):
        steps.on_postgres()
    steps.on_files()
    return landuse(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())

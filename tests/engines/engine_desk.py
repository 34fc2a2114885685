"""Commands, schedulers and workers as processes of their own, none of which may be left over.

Every process that is started through a ``Desk`` carries its mark in its environment, and so does
whatever it starts in turn: ``strays`` finds those that outlive the test.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

__all__ = ["ENTRY", "Desk", "desk", "files", "parts", "wait_until"]

ROOT = Path(__file__).resolve().parents[2]
ENTRY = [sys.executable, "-c", "import sys; from landuse.cli import main; sys.exit(main())"]
_MARK = "LANDUSE_TEST_DESK"


def files(folder: Path) -> dict[str, object]:
    """What the run in ``folder`` says that its files are."""
    found: dict[str, object] = json.loads((folder / "run.json").read_text("utf-8"))["files"]
    return found


def parts(work: Path, stage: str) -> list[Path]:
    """The parts of a stage that are done."""
    return list(work.glob(f".parts-*/{stage}/?????/told.json"))


def wait_until(true: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Wait for a condition; fails with ``what`` when it does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.005)


class Desk:
    """Processes of one test."""

    def __init__(self, home: Path) -> None:
        self.home, self.mark = home, uuid4().hex
        self._started: list[subprocess.Popen[bytes]] = []

    def start(
        self, *words: str, prefix: Sequence[str] = (), **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start ``landuse`` with ``words``, behind ``prefix``."""
        return self.run([*prefix, *ENTRY, *words], **environment)

    def run(self, command: Sequence[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start any command; what it says goes into a file (:meth:`said`)."""
        mine = {name: text for name, text in os.environ.items() if not name.startswith("COV")}
        mine |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "300",
                 _MARK: self.mark, **environment}  # fmt: skip
        told = (self.home / f"said-{len(self._started)}").open("wb")
        with told:
            process = subprocess.Popen(
                list(command), env=mine, cwd=self.home, stdout=told, stderr=told
            )
        self._started.append(process)
        return process

    def said(self, process: subprocess.Popen[bytes]) -> str:
        """What a process of this desk has said so far."""
        number = self._started.index(process)
        return (self.home / f"said-{number}").read_text("utf-8", "replace").replace("\n", "")

    def ended(self, process: subprocess.Popen[bytes], code: int, seconds: float = 240) -> str:
        """Wait for its end with ``code``; what it said."""
        process.wait(seconds)
        assert process.returncode == code, self.said(process)
        return self.said(process)

    def strays(self) -> dict[int, str]:
        """Living processes with this desk's mark: number → command."""
        mark, found = f"{_MARK}={self.mark}".encode(), {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (folder / "environ").read_bytes():
                    words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(folder.name)] = words.decode("utf-8", "replace")
        return found

    def clean(self) -> None:
        """Fail where a process is left though all that were started have ended."""
        wait_until(lambda: not self.strays(), "processes are left over", 30)

    def close(self) -> None:
        """End whatever still lives."""
        for process in self._started:
            process.kill()
            process.wait(30)
        for number in self.strays():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Starts processes and ends them after the test."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("processes of this machine cannot be told apart (no /proc)")
    made = Desk(tmp_path)
    try:
        yield made
    finally:
        made.close()

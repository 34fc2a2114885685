"""Runs a command and tells what its whole family of processes used: CPU, wall, peak memory.

CPU seconds are those of the process and of all that it waited for; a server that works for it is
named by its process number counts with the CPU that it and its children used meanwhile. The peak is
the largest sum of the proportional memory (PSS) of all of them at one moment, looked at ten times a
second; of a process alone the largest that the system noted for it. (``ru_maxrss`` is asked only
where the system told nothing: it begins with that of the process that started the command.)
Families and servers want psutil.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

try:
    import psutil
except ImportError:  # the guard asks for CPU alone
    psutil = None

__all__ = ["Spent", "spend"]

LOOK = 0.1
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True)
class Spent:
    """Seconds and megabytes of one run, and what it said last."""

    wall: float
    cpu: float
    peak: float
    said: str


def spend(command: list[str], server: int | None = None) -> Spent:
    """Run ``command`` to its end; raises ``CalledProcessError`` if it fails."""
    before = _server_cpu(server)
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_installed())
    watch = _Watch(child.pid, server)
    watch.start()
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    watch.done.set()
    watch.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command, said)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    own = used.ru_utime + used.ru_stime
    cpu = own + _server_cpu(server) - before
    lines = said.splitlines()
    return Spent(wall, cpu, watch.peak or used.ru_maxrss / unit, lines[-1] if lines else "")


def _installed() -> dict[str, str]:
    """The surroundings of a program that was installed: what was compiled once is kept."""
    return {name: value for name, value in os.environ.items() if name != _UNCOMPILED}


class _Watch(threading.Thread):
    """Looks at the memory of a process or a family."""

    def __init__(self, child: int, server: int | None) -> None:
        super().__init__(daemon=True)
        self.heads = [child] if server is None else [child, server]
        self.peak, self.done = 0.0, threading.Event()

    def run(self) -> None:
        while not self.done.wait(LOOK):
            family = [process for head in self.heads for process in _family(head)]
            used = sum(map(_memory, family)) if len(family) > 1 else _highest(self.heads[0])
            self.peak = max(self.peak, used / 1024)


def _family(head: int) -> list[int]:
    if psutil is None:
        return [head]
    try:
        return [head, *(child.pid for child in psutil.Process(head).children(recursive=True))]
    except psutil.Error:
        return []


def _memory(process: int) -> float:
    """Kilobytes of a process, pages that it shares divided among those who share them."""
    return _told(process, "smaps_rollup", "Pss:")


def _highest(process: int) -> float:
    """The most kilobytes that a process has had so far."""
    return _told(process, "status", "VmHWM:")


def _told(process: int, file: str, name: str) -> float:
    try:
        lines = Path(f"/proc/{process}/{file}").read_text(encoding="utf-8").splitlines()
    except (OSError, ProcessLookupError):
        return 0.0
    return sum(float(line.split()[1]) for line in lines if line.startswith(name))


def _server_cpu(server: int | None) -> float:
    """CPU seconds of a server, of its children that have ended, and of those that live."""
    if server is None:
        return 0.0
    head = psutil.Process(server)
    seconds = sum(head.cpu_times()[:4])
    for child in head.children(recursive=True):
        try:
            seconds += sum(child.cpu_times()[:4])
        except psutil.Error:
            continue
    return seconds

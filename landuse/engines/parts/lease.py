"""The lock of a folder of parts in a store: an object that its holder writes anew all the time.

One that nobody writes any more is taken over. Whoever was silent for so long and lives yet learns
that he has lost the folder, and ends (:func:`still_held`). That only one run writes the object
first is the store's to keep: it must refuse to write over what is there when it is asked to. Proven
are the protocol of S3 (``If-None-Match``, as moto speaks it) and the memory of fsspec; on a store
that does not refuse, two runs begun in one moment learn of each other with the next beat.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from landuse.errors import LanduseError, UserError
from landuse.stores import Stored, drop_copies

if TYPE_CHECKING:
    from landuse.stores import Place

__all__ = ["leased", "still_held"]

_BEAT: Final = 5.0
"""Seconds after which a run that holds a folder says again that it lives."""
_WATCH: Final = 30.0
"""Seconds for which it must have said nothing to be taken for dead."""
_HELD: Final[dict[Stored, _Lease]] = {}
"""The folders that runs of this process hold."""


@contextlib.contextmanager
def leased(folder: Stored) -> Iterator[None]:
    """Nobody else has the folder for the time of the block.

    Raises :class:`landuse.errors.UserError` while another run has it.
    """
    lease = _Lease(Stored(folder.url, f"{folder.key}.lock"))
    lease.take()
    ended = threading.Event()
    beats = threading.Thread(target=lease.keep, args=(ended,), daemon=True)
    _HELD[folder] = lease
    beats.start()
    try:
        yield
    finally:
        ended.set()
        beats.join()
        if _HELD.get(folder) is lease:
            del _HELD[folder]
        drop_copies(folder.url, folder.key)
        if lease.is_mine():
            lease.lock.unlink()


def still_held(place: Place) -> None:
    """Raise :class:`landuse.errors.UserError` where the run of this process that held the folder
    of ``place`` has lost it to another. Workers elsewhere are ended by that run."""
    if not isinstance(place, Stored):
        return
    for folder, lease in list(_HELD.items()):
        if place.url == folder.url and f"{place.key}/".startswith(f"{folder.key}/"):
            lease.check()


class _Lease:
    """One run's hold of a lock."""

    def __init__(self, lock: Stored) -> None:
        self.lock, self.lost, self._beat = lock, threading.Event(), 0
        self._who = {"host": socket.gethostname(), "process": os.getpid(), "token": uuid4().hex}
        self._written = time.monotonic()

    def take(self) -> None:
        """Have the lock; where there is one, wait until it is gone or nobody has written it."""
        while not self.lock.create(self._said()):
            found = self._silent()
            if found and self._taken_over(found):
                break
        if not self.is_mine():
            raise _busy(self.lock)
        self._written = time.monotonic()

    def _silent(self) -> bytes:
        """What the lock says for as long as it is watched; nothing where it has gone."""
        wait, found, waited = threading.Event(), _seen(self.lock), 0.0
        while found and waited < _WATCH:
            wait.wait(_BEAT)
            waited += _BEAT
            now = _seen(self.lock)
            if now and now != found:
                raise _busy(self.lock)
            found = now
        return found

    def _taken_over(self, found: bytes) -> bool:
        """Write the lock of a dead run; of several that would, the one that says so first."""
        claim = Stored(self.lock.url, f"{self.lock.key}.next")
        before = _seen(claim)
        if not claim.create(self._said()):
            threading.Event().wait(_BEAT)
            if before and _seen(claim) == before:
                claim.unlink()  # whoever said so has died over it
            return False
        try:
            if _seen(self.lock) != found:
                return False
            self.lock.write_bytes(self._said())
            return True
        finally:
            claim.unlink()

    def keep(self, ended: threading.Event) -> None:
        """Write the lock anew until ``ended``, or another run has taken it over."""
        while not ended.wait(_BEAT) and not self.lost.is_set():
            with contextlib.suppress(LanduseError):  # the store may answer again
                self._look()
                if not self.lost.is_set():
                    self._beat += 1
                    self.lock.write_bytes(self._said())
                    self._written = time.monotonic()

    def check(self) -> None:
        """Raise where the lock is another's; after a silence the store is asked."""
        if time.monotonic() - self._written > _WATCH / 2:
            self._look()
        if self.lost.is_set():
            raise _busy(self.lock)

    def is_mine(self) -> bool:
        """Whether the lock says that this run has it."""
        return _told(_seen(self.lock)).get("token") == self._who["token"]

    def _look(self) -> None:
        if not self.is_mine():
            self.lost.set()

    def _said(self) -> bytes:
        return json.dumps({**self._who, "beat": self._beat}).encode()


def _seen(lock: Stored) -> bytes:
    try:
        return lock.read_bytes()
    except FileNotFoundError:
        return b""


def _told(content: bytes) -> dict[str, object]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _busy(lock: Stored) -> UserError:
    told = _told(_seen(lock))
    return UserError.of(
        "engines.store_busy", value=str(lock), host=str(told.get("host", "?")),
        process=str(told.get("process", "?")),
    )  # fmt: skip

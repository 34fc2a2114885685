"""One run at a time in one folder of parts, and nothing left there of runs that were killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from landuse.errors import LanduseError, UserError
from landuse.publish.folder import user_errors
from landuse.publish.lock import BusyError, hold
from landuse.stores import Stored

if TYPE_CHECKING:
    from landuse.stores import Place

__all__ = ["held"]

_BEAT: Final = 5.0
"""Seconds after which a run that holds a folder in a store says again that it lives."""
_WATCH: Final = 30.0
"""Seconds for which it must have said nothing to be taken for dead."""


@contextlib.contextmanager
def held(folder: Place) -> Iterator[None]:
    """Nobody else runs in ``folder`` for the time of the block.

    On a disk the lock dies with its process. What a killed run was still writing when it ended is
    removed first: whatever has its own name is whole. In a store the lock is an object that its
    holder writes anew every few seconds; one that nobody writes any more is taken over. Raises
    :class:`landuse.errors.UserError` while another run holds the folder.
    """
    if isinstance(folder, Stored):
        with _leased(Stored(folder.url, f"{folder.key}.lock")):
            yield
        return
    place = Path(folder)
    with contextlib.ExitStack() as stack:
        with user_errors(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                stack.enter_context(hold(place.with_name(f"{place.name}.lock")))
            except BusyError as fault:
                raise UserError.of("engines.parts_busy", value=str(place)) from fault
            for left in place.glob("*/.*"):
                shutil.rmtree(left, ignore_errors=True)  # a worker of a killed run may write yet
        yield


@contextlib.contextmanager
def _leased(lock: Stored) -> Iterator[None]:
    who = {"host": socket.gethostname(), "process": os.getpid(), "token": uuid4().hex}
    _take(lock, who)
    ended = threading.Event()
    beats = threading.Thread(target=_keep, args=(lock, who, ended), daemon=True)
    beats.start()
    try:
        yield
    finally:
        ended.set()
        beats.join()
        if _token(_seen(lock)) == who["token"]:
            lock.unlink()


def _take(lock: Stored, who: dict[str, object]) -> None:
    """Have the lock; where there is one, wait until it is gone or nobody has written it."""
    wait = threading.Event()
    while not lock.create(_said(who, 0)):
        found, waited = _seen(lock), 0.0
        while found and waited < _WATCH:
            wait.wait(_BEAT)
            waited += _BEAT
            now = _seen(lock)
            if now and now != found:
                raise _busy(lock, now)
            found = now
        if found and _seen(lock) == found:
            lock.unlink()


def _keep(lock: Stored, who: dict[str, object], ended: threading.Event) -> None:
    """Write the lock anew until the block has ended, or another run has taken it over."""
    beat = 0
    while not ended.wait(_BEAT):
        beat += 1
        with contextlib.suppress(LanduseError):  # the store may answer again
            if _token(_seen(lock)) != who["token"]:
                return
            lock.write_bytes(_said(who, beat))


def _said(who: dict[str, object], beat: int) -> bytes:
    return json.dumps({**who, "beat": beat}).encode()


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


def _token(content: bytes) -> object:
    return _told(content).get("token")


def _busy(lock: Stored, content: bytes) -> UserError:
    told = _told(content)
    return UserError.of(
        "engines.store_busy", value=str(lock), host=str(told.get("host", "?")),
        process=str(told.get("process", "?")),
    )  # fmt: skip

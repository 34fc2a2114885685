"""One run at a time in one folder of parts, and nothing left there of runs that were killed."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from landuse.errors import UserError
from landuse.publish.folder import user_errors
from landuse.publish.lock import BusyError, hold

__all__ = ["held"]


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else runs in ``folder`` for the time of the block; the lock dies with its process.

    What a killed run was still writing when it ended is removed first: whatever has its own name
    is whole. Raises :class:`landuse.errors.UserError` while another run holds the folder.
    """
    with contextlib.ExitStack() as stack:
        with user_errors(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                stack.enter_context(hold(folder.with_name(f"{folder.name}.lock")))
            except BusyError as fault:
                raise UserError.of("engines.parts_busy", value=str(folder)) from fault
            for left in folder.glob("*/.*"):
                shutil.rmtree(left, ignore_errors=True)  # a worker of a killed run may write yet
        yield

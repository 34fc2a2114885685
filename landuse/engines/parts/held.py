"""One run at a time in one folder of parts, and nothing left there of runs that were killed."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from landuse.engines.parts.lease import leased
from landuse.errors import UserError
from landuse.publish.folder import user_errors
from landuse.publish.lock import BusyError, hold
from landuse.stores import Stored

if TYPE_CHECKING:
    from landuse.stores import Place

__all__ = ["held"]


@contextlib.contextmanager
def held(folder: Place) -> Iterator[None]:
    """Nobody else runs in ``folder`` for the time of the block.

    On a disk the lock dies with its process. What a killed run was still writing when it ended is
    removed first: whatever has its own name is whole. In a store see
    :mod:`landuse.engines.parts.lease`. Raises
    :class:`landuse.errors.UserError` while another run holds the folder.
    """
    if isinstance(folder, Stored):
        with leased(folder):
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

"""The only room with memory: runs, findings, cases, and every change a person made.

Takes the address of a database (:func:`open_ledger`: an SQLite file or PostGIS); gives a
:class:`Ledger` with readers and one writer at a time. Does not find anything and draws nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from landuse.ledger.store import Ledger, open_ledger
    from landuse.ledger.urls import choose_url, shown

__all__ = ["Ledger", "choose_url", "open_ledger", "shown"]

_HOME: Final = {"Ledger": "store", "choose_url": "urls", "open_ledger": "store", "shown": "urls"}


def __getattr__(name: str) -> object:
    """Load the module behind a name of the door when it is first used."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

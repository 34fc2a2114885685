"""The printed sheet: a map on A3, and an atlas with one page a plot.

Takes the tables of a run and the latest case of each plot; gives a PDF or PNG file. Does not
compute a figure that the tables have not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from landuse.publish.sheet.land import Land, land_of
    from landuse.publish.sheet.write import SheetOptions, Sheets, write_sheet

__all__ = ["Land", "SheetOptions", "Sheets", "land_of", "write_sheet"]

_HOME: Final = {
    "Land": "land",
    "SheetOptions": "write",
    "Sheets": "write",
    "land_of": "land",
    "write_sheet": "write",
}


def __getattr__(name: str) -> object:
    """Load the module behind a name of the door when it is first used."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

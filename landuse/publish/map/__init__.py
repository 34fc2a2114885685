"""The map of a run: one HTML file that opens without a network.

Takes the published tables of a run (and the latest cases of its parcels), gives a file. Does not
compute a number: what the legend and the cards show are the figures of the tables.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from landuse.messages import Lang
    from landuse.publish.map.options import MapOptions
    from landuse.publish.run_tables import RunTables

__all__ = ["MapOptions", "write_map"]

_HOME: Final = {"MapOptions": "options"}


def __getattr__(name: str) -> object:
    """Load the module behind a name of the door when it is first used."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def write_map(
    run: RunTables,
    path: Path,
    *,
    lang: Lang | None = None,
    options: MapOptions | None = None,
    cases: pd.DataFrame | None = None,
) -> None:
    """Write the map of ``run`` to ``path``; the same run and cases give the same bytes.

    ``cases`` is PLOT_CASES (:mod:`landuse.schema.plot_cases`) where there is a ledger. ``lang``
    alone is short for options with that language. Raises
    :class:`landuse.errors.InternalError` where tables and totals contradict each other,
    :class:`landuse.errors.UserError` for options that the run cannot meet, and ``OSError`` if the
    file cannot be written. With ``options.folder`` a large run also has files beside the page.
    """
    from landuse.publish.map.options import MapOptions
    from landuse.publish.map.write import write_small, write_with_tiles

    wish = options or MapOptions(lang=lang or "zh")
    if wish.audience == "public":
        from landuse.publish.map.public import write_public

        write_public(run, path, wish, cases)
        return
    write = write_small if len(run.parcels) <= wish.canvas_up_to else write_with_tiles
    write(run, path, wish, cases)

"""The map of a run: one HTML file that opens without a network.

Takes the published tables of a run, gives a file. Does not compute a number: what the legend and
the cards show are the figures of the tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.messages import Lang
    from landuse.publish.run_tables import RunTables

__all__ = ["write_map"]


def write_map(run: RunTables, path: Path, *, lang: Lang = "zh") -> None:
    """Write the map of ``run`` to ``path``; the same run gives the same bytes.

    Raises :class:`landuse.errors.InternalError` where tables and totals contradict each other, and
    ``OSError`` if the file cannot be written.
    """
    from landuse.publish.map.figure import OfflineFigure, PlotMap, Plots
    from landuse.publish.map.payload import payload

    figure = OfflineFigure(lang, payload(run, lang))
    plot_map = PlotMap()
    plot_map.add_child(Plots())
    figure.add_child(plot_map)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(figure.page())

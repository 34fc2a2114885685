"""Putting a map together: the small one whole, the large one with tiles and pieces of cards."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.errors import UserError
from landuse.messages import text
from landuse.publish.map.cards import Cards
from landuse.publish.map.figure import OfflineFigure, PlotMap, Plots
from landuse.publish.map.options import MOST_INDICATORS
from landuse.publish.map.partial import (
    TILES,
    carried,
    embedded,
    folder_of,
    large,
    named,
    write_pieces,
)
from landuse.publish.map.payload import payload
from landuse.publish.map.secrecy import plots_warning
from landuse.publish.plots import plot_table

if TYPE_CHECKING:
    import pandas as pd

    from landuse.publish.map.options import MapOptions
    from landuse.publish.run_tables import RunTables

__all__ = ["check_indicators", "write_page", "write_small", "write_with_tiles"]


def write_small(
    run: RunTables, path: Path, options: MapOptions, cases: pd.DataFrame | None
) -> None:
    """A map that has every outline and every card."""
    check_indicators(run, options)
    run = _with_classes(run)
    blocks = payload(run, options.lang, options=options, cases=cases)
    blocks["meta"] |= told(run, options)
    write_page(path, options, blocks)


def write_with_tiles(
    run: RunTables, path: Path, options: MapOptions, cases: pd.DataFrame | None
) -> None:
    """A map that draws most plots from tiles; above ``cards_up_to`` most cards are not in it."""
    check_indicators(run, options)
    run = _with_classes(run)
    keep = carried(run, cases)
    few = len(run.parcels) > options.cards_up_to
    folder = folder_of(path)
    with tempfile.TemporaryDirectory(prefix="landuse-") as scratch:
        if options.folder:
            folder.mkdir(exist_ok=True)
        found = large(run, keep, (folder if options.folder else Path(scratch)) / TILES)
        if options.folder:
            tiles = dataclasses.replace(found.tiles, path=named(found.tiles.path))
            found = dataclasses.replace(found, tiles=tiles)
        plots = np.flatnonzero(keep).tolist() if few else None
        blocks = payload(found.run, options.lang, options=options, cases=cases, keep=plots)
        blocks["meta"] |= told(run, options)
        blocks["shapes"]["tiles"] = found.about(options)
        if few and options.folder:
            cards = Cards.of(run, plot_table(run, cases), options.lang)
            blocks["meta"]["cards"] = write_pieces(cards, folder)
        write_page(path, options, blocks, embedded(found, options), reads_beside=options.folder)


def _with_classes(run: RunTables) -> RunTables:
    """A run of idle land alone states no classes and no graded land: those of its plots are."""
    if "classes" in run.totals:
        return run
    found = plot_table(run).totals()
    low = {"low_efficiency_parcels": 0, "low_efficiency_mu": 0.0}
    return dataclasses.replace(run, totals={**low, **run.totals, "classes": found["classes"]})


def told(run: RunTables, options: MapOptions) -> dict[str, Any]:
    """What the page's reader must know of its use, and whether there is a warning among it."""
    shapes = run.parcels["geometry"].to_numpy(dtype=object)
    warnings = [plots_warning(shapes, run.crs, options.lang)]
    if options.base is not None:
        warnings.append(options.base.warning(options.lang))
    said = [one for one in warnings if one]
    return {"about": [text("map_public.about_internal", options.lang), *said], "warned": bool(said)}


def check_indicators(run: RunTables, options: MapOptions) -> None:
    """Refuse indicators that the run has not, or too many (:class:`landuse.errors.UserError`)."""
    known = [one.key for one in run.rules.indicators]
    for key in options.indicators:
        if key not in known:
            said = ", ".join(known)
            raise UserError.of("map_command.unknown_indicator", value=key, known=said)
    if len(options.indicators) > MOST_INDICATORS:
        n = len(options.indicators)
        raise UserError.of("map_command.too_many_indicators", n=n, most=MOST_INDICATORS)


def write_page(
    path: Path,
    options: MapOptions,
    blocks: dict[str, Any],
    raw: Iterable[tuple[str, str]] = (),
    *,
    reads_beside: bool = False,
) -> None:
    """The page of ``blocks`` and ``raw`` to ``path``, with its base map."""
    base = options.base
    if base is not None:
        about = base.beside.written(folder_of(path)) if base.beside else {}
        blocks = {**blocks, "base": {**base.block, **about}}
        raw = (*base.raw, *raw) if base.raw else raw
        reads_beside = reads_beside or base.beside is not None
    figure = OfflineFigure(
        options.lang,
        blocks,
        raw,
        reads_beside=reads_beside,
        images_of_server=base is not None and base.from_server,
    )
    plot_map = PlotMap()
    plot_map.add_child(Plots())
    figure.add_child(plot_map)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(figure.page())

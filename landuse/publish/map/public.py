"""The public copy of the map: the page of the internal one, told only what may be told.

The page gets what :mod:`landuse.publish.map.public_form` made, and nothing else of the run: what is
not to be known is not in the file.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.errors import UserError
from landuse.messages import Lang, text
from landuse.publish.map.partial import TILES, embedded, folder_of, large, named
from landuse.publish.map.public_form import WITHHELD, PublicSettings, public_plots
from landuse.publish.map.public_page import public_blocks, unit_blocks
from landuse.publish.map.public_units import units_of
from landuse.publish.map.shapes import STEP, outlines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.publish.map.options import MapOptions
    from landuse.publish.run_tables import RunTables

__all__ = ["public_said", "write_public"]

_MATTERS: Final = ("revitalised", "both", "idle", "low_efficiency")


def write_public(
    run: RunTables, path: Path, options: MapOptions, cases: pd.DataFrame | None
) -> None:
    """Write the public copy of ``run`` to ``path``; its files lie where those of others would.

    Raises :class:`landuse.errors.UserError` for what a public copy cannot have: another run, a
    base map, a place in the meeting page.
    """
    from landuse.publish.map.write import check_indicators, write_page

    for wish, name in ((options.second, "--compare"), (options.base, "--orthophoto/--tiles")):
        if wish is not None:
            raise UserError.of("map_public.not_in_public", value=name)
    check_indicators(run, options)
    options = dataclasses.replace(options, served=False)
    settings = options.public or PublicSettings()
    plots = public_plots(run, cases, settings)
    if settings.merge:
        units = units_of(run, plots, settings)
        blocks, shape, matters = unit_blocks(run, plots, units, options), units.shape, None
    else:
        blocks, shape = public_blocks(run, plots, options), plots.shape
        matters = np.isin(plots.kind, _MATTERS)
    if matters is None or len(shape) <= options.canvas_up_to:
        blocks["shapes"] = {"step": STEP, **outlines(shape, run.crs)}
        write_page(path, options, blocks)
        return
    with tempfile.TemporaryDirectory(prefix="landuse-") as scratch:
        place = Path(scratch)
        if options.folder:
            place = folder_of(path)
            place.mkdir(exist_ok=True)
        found = large(_bare(run, shape), matters, place / TILES)
        if options.folder:
            tiles = dataclasses.replace(found.tiles, path=named(found.tiles.path))
            found = dataclasses.replace(found, tiles=tiles)
        drawn_here = found.run.parcels["geometry"].to_numpy(dtype=object)
        outline = outlines(drawn_here, run.crs)
        blocks["shapes"] = {"step": STEP, **outline, "tiles": found.about(options)}
        write_page(path, options, blocks, embedded(found, options), reads_beside=options.folder)


def public_said(
    run: RunTables, cases: pd.DataFrame | None, settings: PublicSettings, lang: Lang
) -> str:
    """What the command says of a public copy: that it is to be reviewed, and what it withholds."""
    plots = public_plots(run, cases, settings)
    if settings.merge:
        units = len(units_of(run, plots, settings))
        return text("map_public.said_units", lang, n=len(plots), units=units)
    hidden = int((plots.kind == WITHHELD).sum())
    metres = f"{settings.round_metres:g}"
    return text("map_public.said", lang, n=len(plots), withheld=hidden, metres=metres)


def _bare(run: RunTables, shape: NDArray[np.object_]) -> RunTables:
    """The run with nothing but numbered shapes, as tiles are made of it."""
    numbers = [f"{n:09d}" for n in range(len(shape))]
    return dataclasses.replace(run, parcels=pd.DataFrame({"parcel_id": numbers, "geometry": shape}))

"""Codes written on plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from landuse.publish.sheet.fonts import Fonts
    from landuse.publish.sheet.land import Land

__all__ = ["label_plots", "short"]

_TAIL: Final = 7


def short(code: str) -> str:
    """The end of a parcel code, by which people call a plot.

    >>> short("350582001001GB00012"), short("A-7")
    ('GB00012', 'A-7')
    """
    return code[-_TAIL:]


def label_plots(
    axes: Axes,
    land: Land,
    mask: np.ndarray[Any, np.dtype[np.bool_]],
    fonts: Fonts,
    *,
    size: float = 7.0,
    color: str = "#111111",
) -> None:
    """The end of the code in the middle of each plot of ``mask``."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=1.6, foreground="#ffffff")]
    places = shapely.point_on_surface(land.shapes[mask])
    for code, point in zip(land.plots.rows["parcel_id"][mask], places, strict=True):
        if not shapely.is_empty(point):
            axes.text(
                shapely.get_x(point), shapely.get_y(point), fonts.legible(short(code)),
                fontsize=size, ha="center", va="center", color=color, zorder=9, clip_on=True,
                path_effects=halo,
            )  # fmt: skip

"""Codes written on plots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from landuse.publish.sheet.paper import MM_PER_POINT, WIDTH, ems

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from landuse.publish.sheet.fonts import Fonts
    from landuse.publish.sheet.land import Land

__all__ = ["Box", "free_place", "label_plots", "short"]

_TAIL, _LONG_TAIL = 7, 13
_PLACES: Final = (
    *((0.0, 0.0), (0.0, 1.1), (0.0, -1.1), (1.1, 0.0), (-1.1, 0.0), (0.0, 2.2), (0.0, -2.2)),
    *((1.1, 1.1), (-1.1, 1.1), (1.1, -1.1), (-1.1, -1.1), (0.0, 3.3), (0.0, -3.3)),
)
"""Where a label is tried, in widths and heights of itself from the middle of its plot."""
Box = tuple[float, float, float, float]


def short(codes: Iterable[str]) -> dict[str, str]:
    """The end of each parcel code, by which people call a plot: as much of it as tells them apart.

    >>> short(["350582001001GB00012", "A-7"])["350582001001GB00012"]
    'GB00012'
    >>> list(short(["350582001001GB00012", "350582001002GB00012"]).values())
    ['001001GB00012', '001002GB00012']
    """
    known = sorted(set(codes))
    for length in (_TAIL, _LONG_TAIL):
        if len({code[-length:] for code in known}) == len(known):
            return {code: code[-length:] for code in known}
    return {code: code for code in known}


def label_plots(
    axes: Axes,
    land: Land,
    mask: np.ndarray[Any, np.dtype[np.bool_]],
    fonts: Fonts,
    *,
    size: float = 7.0,
    taken: list[Box] | None = None,
) -> list[Box]:
    """The end of the code on each plot of ``mask``, beside it where another label stands.

    ``taken``: where labels stand already; gives these with the new ones.
    """
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2.6, foreground="#ffffff")]
    stand = list(taken or ())
    places = shapely.point_on_surface(land.shapes[mask])
    codes = land.plots.rows["parcel_id"][mask].tolist()
    names = short(codes)
    for code, point in zip(codes, places, strict=True):
        if shapely.is_empty(point):
            continue
        label = fonts.legible(names[code])
        x, y, box = free_place(
            axes, (shapely.get_x(point), shapely.get_y(point)), label, size, stand
        )
        if not _inside(axes, box):  # of a plot that the frame cuts off
            continue
        stand.append(box)
        axes.text(
            x, y, label, fontsize=size, ha="center", va="center", color="#111111", zorder=9,
            clip_on=True, path_effects=halo,
        )  # fmt: skip
    return stand


def free_place(
    axes: Axes, at: tuple[float, float], label: str, size: float, stand: list[Box]
) -> tuple[float, float, Box]:
    """The nearest place for a label, at and then around a point, that covers no other."""
    metres = _metres_per_mm(axes)
    wide = ems(label) * size * MM_PER_POINT * metres
    tall = size * 1.2 * MM_PER_POINT * metres
    for across, up in _PLACES:
        x, y = at[0] + across * wide, at[1] + up * tall
        box = (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
        if not any(_meet(box, other) for other in stand):
            return x, y, box
    return *at, (at[0] - wide / 2, at[1] - tall / 2, at[0] + wide / 2, at[1] + tall / 2)


def _inside(axes: Axes, box: Box) -> bool:
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    return box[0] >= left and box[2] <= right and box[1] >= bottom and box[3] <= top


def _metres_per_mm(axes: Axes) -> float:
    left, right = axes.get_xlim()
    return (right - left) / (axes.get_position().width * WIDTH)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]

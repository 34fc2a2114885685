"""Plots, parks and grid on the map of a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from landuse.publish.sheet.labels import Box, free_place
from landuse.publish.sheet.looks import CONTEXT, LOOKS, PrintLook
from landuse.publish.sheet.scale import Frame, grid_lines, grid_step

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

    from landuse.publish.sheet.fonts import Fonts
    from landuse.publish.sheet.land import Land

__all__ = ["map_grid", "map_parks", "map_plots", "outline", "show_frame", "swatch"]

_TOGETHER: Final = 2000
"""Plots in one path: a path of everything at once is slow, one for each plot slower."""
_AS_IMAGE: Final = 20_000
"""From so many plots in the frame on, those that are not flagged are an image in the PDF."""
_POLYGON: Final = 3
_HALO: Final = 2.0
_ROOMY_MM: Final = 2.0


def show_frame(axes: Axes, frame: Frame) -> None:
    """The part of the ground that ``axes`` show; north is up."""
    axes.set_xlim(frame.left, frame.right)
    axes.set_ylim(frame.bottom, frame.top)
    axes.set_autoscale_on(False)


def map_plots(axes: Axes, land: Land, frame: Frame, *, alike: bool = False) -> None:
    """Every plot in the frame, the weightiest classes on top.

    What is not chosen is pale, unless all are drawn ``alike``.
    """
    seen = frame.holds(land.bounds)
    many = int(seen.sum()) > _AS_IMAGE
    chosen = seen if alike else seen & land.chosen
    thin = _thinness(land.bounds[seen], frame)
    _put(axes, land.shapes[seen & ~chosen], CONTEXT, 1.0, thin, as_image=many)
    for place, look in enumerate(reversed(LOOKS)):
        mine = chosen & (land.kinds == look.key)
        order = 2.0 + place / 10
        _put(axes, land.shapes[mine], look, order, thin, as_image=many and not look.flagged)


def _thinness(bounds: np.ndarray[Any, Any], frame: Frame) -> float:
    """How much of their width lines keep: on plots of less than 2 mm they would cover the fill."""
    if not len(bounds):
        return 1.0
    sides = np.sqrt((bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1]))
    on_paper = float(np.median(sides)) / frame.denominator * 1000
    return min(max(on_paper / _ROOMY_MM, 0.15), 1.0)


def _put(
    axes: Axes,
    shapes: np.ndarray[Any, Any],
    look: PrintLook,
    order: float,
    thin: float,
    *,
    as_image: bool,
) -> None:
    from matplotlib.patches import PathPatch

    for begin in range(0, len(shapes), _TOGETHER):
        for path in _paths(shapes[begin : begin + _TOGETHER]):
            style = look.style()
            patch = PathPatch(path, **style, zorder=order, rasterized=as_image, joinstyle="bevel")
            patch.set_linewidth(look.width * thin)
            patch.set_hatch_linewidth(look.line * max(thin, 0.4))
            axes.add_artist(patch)


def _paths(shapes: np.ndarray[Any, Any]) -> Iterator[Path]:
    """One path with all rings of the polygons; outer and inner ones run against each other."""
    from matplotlib.path import Path

    parts = shapely.get_parts(shapely.get_parts(shapes))
    parts = parts[(shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)]
    if not len(parts):
        return
    rings = shapely.get_rings(shapely.orient_polygons(parts))
    points, owner = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    codes[np.append(True, owner[1:] != owner[:-1])] = Path.MOVETO
    codes[np.append(owner[1:] != owner[:-1], True)] = Path.CLOSEPOLY
    yield Path(points, codes)


def outline(axes: Axes, shape: Any, *, order: float = 6.0, **look: Any) -> None:  # noqa: ANN401
    """The edge of one shape, unfilled."""
    from matplotlib.patches import PathPatch

    style = {"facecolor": "none", "edgecolor": "#111111", "linewidth": 1.0, **look}
    for path in _paths(np.array([shape], dtype=object)):
        axes.add_artist(PathPatch(path, zorder=order, **style))


def swatch(axes: Axes, x: float, y: float, width: float, height: float, look: PrintLook) -> None:
    """A rectangle with the look of a class, as the map draws it."""
    from matplotlib.patches import Rectangle

    patch = Rectangle((x, y), width, height, **{**look.style(), "linewidth": max(look.width, 0.5)})
    patch.set_hatch_linewidth(look.line)
    axes.add_patch(patch)


def map_parks(axes: Axes, land: Land, frame: Frame, fonts: Fonts, *, size: float) -> None:
    """Outlines of the parks, and the name of each above its northernmost plot in the frame."""
    for shape in land.parks.values():
        outline(axes, shape, order=5.0, edgecolor="#444444", linewidth=0.9, linestyle=(0, (6, 3)))
    rows = land.plots.rows
    seen = frame.holds(land.bounds) & (rows["park"] != "").to_numpy()
    gap = (frame.top - frame.bottom) * 0.008
    stand: list[Box] = []
    for name in sorted(set(rows["park"][seen])):
        box = land.bounds[seen & (rows["park"] == name).to_numpy()]
        shape = land.parks.get(name)
        if shape is not None and not shapely.is_empty(shape):
            box = shapely.bounds(np.array([shape]))
        x = (max(box[:, 0].min(), frame.left) + min(box[:, 2].max(), frame.right)) / 2
        y = min(box[:, 3].max() + 2 * gap, frame.top - 3 * gap)
        label = fonts.legible(name)
        x, y, taken = free_place(axes, (x, y), label, size, stand)
        stand.append(taken)
        _label(axes, x, y, label, size)


def _label(axes: Axes, x: float, y: float, text: str, size: float) -> None:
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=_HALO, foreground="#ffffff")]
    axes.text(
        x, y, text, fontsize=size, ha="center", va="center", color="#111111", weight="bold",
        zorder=8, clip_on=True, path_effects=halo,
    )  # fmt: skip


def map_grid(axes: Axes, frame: Frame, *, lines: int = 6) -> None:
    """Lines at round coordinates, with the coordinates in metres outside the frame."""
    step = grid_step(frame.right - frame.left, lines)
    across = grid_lines(frame.left, frame.right, step)
    up = grid_lines(frame.bottom, frame.top, step)
    axes.set_xticks(across, [_grouped(one) for one in across])
    axes.set_yticks(up, [_grouped(one) for one in up], rotation=90, va="center")
    axes.tick_params(
        top=True, right=True, direction="out", length=2.5, width=0.5, labelsize=7, pad=2
    )
    axes.grid(visible=True, color="#777777", linewidth=0.3, alpha=0.6, zorder=4)
    axes.set_axisbelow(False)
    for line in (*axes.get_xgridlines(), *axes.get_ygridlines()):
        line.set_zorder(4)


def _grouped(metres: int) -> str:
    """
    >>> _grouped(3312000)
    '3 312 000'
    """
    return f"{metres:,}".replace(",", " ")

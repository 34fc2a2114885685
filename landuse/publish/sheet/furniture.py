"""What every map needs besides its content, each in a place of its own beside the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.messages import text
from landuse.publish.sheet.draw import outline
from landuse.publish.sheet.paper import INK, PALE

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.publish.sheet.land import Land
    from landuse.publish.sheet.paper import Page
    from landuse.publish.sheet.scale import Frame

__all__ = ["inset", "north_arrow", "scale_bar"]

_CELLS: Final = 160
_SMALL: Final = 0.06


def north_arrow(page: Page, x: float, y: float, lang: Lang, *, size: float = 16.0) -> None:
    """An arrow that points up the page, which is grid north, with the letter at its tip."""
    from matplotlib.patches import Polygon

    axes = page.axes(x, y, size * 0.6, size, frame=False)
    axes.set_label("north")
    axes.set_xlim(0, 6)
    axes.set_ylim(0, 10)
    tip, foot, notch = (3.0, 7.4), 0.0, (3.0, 1.6)
    axes.add_patch(Polygon([tip, (1.2, foot), notch], facecolor=INK, edgecolor=INK, lw=0.6))
    axes.add_patch(Polygon([tip, (4.8, foot), notch], facecolor="#ffffff", edgecolor=INK, lw=0.6))
    letter = text("sheet.north", lang)
    axes.text(3.0, 7.8, letter, fontsize=9, ha="center", va="bottom", color=INK, weight="bold")


def scale_bar(page: Page, x: float, y: float, frame: Frame, lang: Lang) -> None:
    """A bar in axes of the map's own scale, and the scale as a ratio (for A3)."""
    from matplotlib_scalebar.scalebar import ScaleBar

    width = 78.0
    axes = page.axes(x, y + 1.0, width, 8.0, frame=False)
    axes.set_label("scale")
    axes.set_xlim(0, width / 1000 * frame.denominator)
    axes.set_ylim(0, 1)
    bar = ScaleBar(
        1, "m", location="center left", length_fraction=0.75, width_fraction=0.16, pad=0,
        border_pad=0, sep=4, frameon=False, color=INK, font_properties={"size": 8},
        scale_loc="right", rotation="horizontal-only",
    )  # fmt: skip
    axes.add_artist(bar)
    ratio = text("sheet.scale", lang, n=f"{frame.denominator:,}".replace(",", " "))
    page.words(x, y - 2.6, ratio, 9)


def inset(page: Page, place: tuple[float, float, float, float], land: Land, frame: Frame) -> None:
    """All plots of the run small, the parks, and where the map's frame lies among them.

    The plots are an image of cells, whatever their number.
    """
    x, y, width, height = place
    axes = page.axes(x, y, width, height)
    axes.set_label("inset")
    left, bottom, right, top = _whole(land, frame, width / height)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_xticks([])
    axes.set_yticks([])
    image = _cells(land, (left, bottom, right, top), width / height)
    axes.imshow(
        image, extent=(left, right, bottom, top), origin="lower", cmap="Greys", vmin=0, vmax=2,
        interpolation="nearest", aspect="auto", zorder=1,
    )  # fmt: skip
    for shape in land.parks.values():
        outline(axes, shape, order=2, edgecolor=PALE, linewidth=0.5)
    _mark(axes, frame, (right - left, top - bottom))


def _whole(land: Land, frame: Frame, shape: float) -> tuple[float, float, float, float]:
    """The box of the whole run and of the frame, of the inset's proportions, with a margin."""
    everything = land.extent(np.ones(len(land.bounds), dtype=bool))
    left, bottom = min(everything[0], frame.left), min(everything[1], frame.bottom)
    right, top = max(everything[2], frame.right), max(everything[3], frame.top)
    height = max(top - bottom, (right - left) / shape) * 1.06
    x, y = (left + right) / 2, (bottom + top) / 2
    return x - height * shape / 2, y - height / 2, x + height * shape / 2, y + height / 2


def _cells(
    land: Land, box: tuple[float, float, float, float], shape: float
) -> np.ndarray[Any, Any]:
    left, bottom, right, top = box
    known = land.bounds[~np.isnan(land.bounds[:, 0])]
    x, y = (known[:, 0] + known[:, 2]) / 2, (known[:, 1] + known[:, 3]) / 2
    cells = (max(round(_CELLS / shape), 1), _CELLS)
    counted, _, _ = np.histogram2d(y, x, bins=cells, range=((bottom, top), (left, right)))
    return (counted > 0).astype(np.uint8)


def _mark(axes: Any, frame: Frame, whole: tuple[float, float]) -> None:  # noqa: ANN401 - Axes
    """The frame as a rectangle; where that is too small to be seen, a cross through it too."""
    from matplotlib.patches import Rectangle

    size = frame.right - frame.left, frame.top - frame.bottom
    axes.add_patch(
        Rectangle((frame.left, frame.bottom), *size, fill=False, edgecolor=INK, lw=1.1, zorder=4)
    )
    if max(size[0] / whole[0], size[1] / whole[1]) < _SMALL:
        x, y = (frame.left + frame.right) / 2, (frame.bottom + frame.top) / 2
        axes.axvline(x, color=INK, lw=0.4, zorder=3)
        axes.axhline(y, color=INK, lw=0.4, zorder=3)

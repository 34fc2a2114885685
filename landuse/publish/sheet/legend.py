"""The legend: every class with its look, its plots and its mu, in axes of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.errors import InternalError
from landuse.issues import Issue
from landuse.messages import text
from landuse.publish.sheet.draw import swatch
from landuse.publish.sheet.looks import CONTEXT, LOOKS, PrintLook
from landuse.publish.sheet.paper import INK, PALE, Page, wrapped
from landuse.publish.words import class_label, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from landuse.messages import Lang
    from landuse.publish.sheet.land import Land
    from landuse.publish.sheet.scale import Frame

__all__ = ["Line", "legend", "legend_lines", "small_legend"]

_ROW: Final = 8.0
_SWATCH: Final = (9.0, 5.0)
_COLUMN, _LINE = 44.0, 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the legend: a class with its look, or a total without one."""

    label: str
    count: int | None
    mu: float | None
    look: PrintLook | None = None
    strong: bool = False
    dashed: bool = False


def legend_lines(land: Land, frame: Frame, lang: Lang) -> list[Line]:
    """Classes that occur among the chosen plots, their total, and the totals of the two flags.

    Plots in ``frame`` that are not chosen have a line without figures.

    Raises :class:`landuse.errors.InternalError` where the plots of a whole run do not add up to
    the totals that its other outputs show.
    """
    totals = land.plots.totals(land.chosen)
    _agrees(land)
    lines = []
    for look in LOOKS:
        if look.key in totals["classes"]:
            one = totals["classes"][look.key]
            lines.append(Line(class_label(look.key, lang), one["count"], one["mu"], look))

    def add(name: str, one: dict[str, Any], *, strong: bool = False) -> None:
        label = text(f"sheet.legend_{name}", lang)
        lines.append(Line(label, one["count"], one["mu"], strong=strong))

    add("total", totals["total"], strong=True)
    if "low_efficiency" in land.plots.examined:
        add("flagged", totals["low_efficiency"])
    if "idle" in land.plots.examined:
        add("idle", totals["idle"])
    if land.with_ledger:
        done = totals["revitalised"]
        floor = number(done["floor_m2"], 2)
        label = text("sheet.legend_revitalised", lang, floor=floor)
        lines.append(Line(label, done["cases"], done["mu"]))
    if land.parks:
        lines.append(Line(text("sheet.legend_park", lang), None, None, dashed=True))
    if (frame.holds(land.bounds) & ~land.chosen).any():
        lines.append(Line(text("sheet.legend_context", lang), None, None, CONTEXT))
    return lines


def _agrees(land: Land) -> None:
    """The plots of the run, counted by the class that the run gave them, are its totals.

    A run of idle land alone states no classes.
    """
    rows = land.plots.rows
    if "classes" not in land.run.totals:
        return
    counted = {str(key): int(n) for key, n in rows["run_class"].value_counts().items()}
    stated = {key: int(one["count"]) for key, one in land.run.totals["classes"].items()}
    whole = land.plots.totals(np.ones(len(rows), dtype=bool))["total"]["mu"]
    differ = abs(whole - float(land.run.totals["parcels_mu"])) > 1e-4 * max(1.0, len(rows) / 1e4)
    if {key: n for key, n in stated.items() if n} != counted or differ:
        value = f"totals {sorted(stated.items())}, parcels {sorted(counted.items())}"
        raise InternalError([Issue("sheet.totals", value=value)])


def legend(page: Page, place: tuple[float, float, float], lines: list[Line], lang: Lang) -> float:
    """Draw the legend below ``place`` (left, top, width); gives the height where it ends (mm)."""
    x, top, width = place
    names = [wrapped(page.fonts.legible(one.label), width - 13 - 42, 8.5) for one in lines]
    heights = [max(_ROW, 3.8 * len(name) + 2.6) for name in names]
    height = sum(heights) + 16
    axes = page.axes(x, top - height, width, height, frame=False)
    axes.set_label("legend")
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    _head(axes, width, height, lang)
    at = height - 15.0
    for line, name, tall in zip(lines, names, heights, strict=True):
        _row(axes, at - tall / 2, width, line, name)
        if line.strong:
            axes.plot([0, width], [at, at], color=INK, lw=0.5)
        at -= tall
    return top - height


def _head(axes: Axes, width: float, height: float, lang: Lang) -> None:
    axes.text(0, height - 5, text("sheet.legend", lang), fontsize=11, weight="bold", color=INK)
    heads = {"legend_count": width - 25, "legend_mu": width}
    for name, right in heads.items():
        axes.text(
            right, height - 12.5, text(f"sheet.{name}", lang), fontsize=8, ha="right", color=PALE
        )
    axes.plot([0, width], [height - 14.5, height - 14.5], color=INK, lw=0.5)


def _row(axes: Axes, y: float, width: float, line: Line, name: list[str]) -> None:
    wide, tall = _SWATCH
    look = line.look
    if look is not None:
        swatch(axes, 0.3, y - tall / 2, wide, tall, look)
    elif line.dashed:
        axes.plot([0.3, wide + 0.3], [y, y], color="#444444", lw=0.9, linestyle=(0, (6, 3)))
    weight = "bold" if line.strong else "normal"
    style: dict[str, Any] = {"fontsize": 8.5, "va": "center", "color": INK, "weight": weight}
    middle = y + 1.9 * (len(name) - 1)
    for place, piece in enumerate(name):
        axes.text(13, middle - 3.8 * place, piece, **style)
    if line.count is not None and line.mu is not None:
        axes.text(width - 25, y, f"{line.count:,}", ha="right", **style)
        axes.text(width, y, f"{line.mu:,.2f}", ha="right", **style)


def small_legend(page: Page, x: float, y: float, land: Land, frame: Frame, lang: Lang) -> None:
    """The classes in the frame by name, in three columns below the map; no counts."""
    kinds = set(land.kinds[frame.holds(land.bounds)])
    looks = [look for look in LOOKS if look.key in kinds]
    axes = page.axes(x, y, 3 * _COLUMN, 3 * _LINE, frame=False)
    axes.set_label("small legend")
    axes.set_xlim(0, 3 * _COLUMN)
    axes.set_ylim(0, 3 * _LINE)
    for place, look in enumerate(looks):
        left, low = place // 3 * _COLUMN, (2 - place % 3) * _LINE
        swatch(axes, left + 0.3, low + 0.8, 6.0, 3.4, look)
        shown = wrapped(class_label(look.key, lang), _COLUMN - 9, 7)[0]
        axes.text(left + 7.6, low + 2.4, shown, fontsize=7, va="center", color=INK)

"""Small pictures: where a unit stands in its group, and what images say of a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.messages import text
from landuse.publish import words
from landuse.publish.sheet.paper import INK, PALE

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.publish.sheet.column import Column
    from landuse.publish.sheet.facts import Record, Strip
    from landuse.rules.model import Rules

__all__ = ["draw_strips", "evidence_bars"]

_TALL: Final = 8.8
_NAME: Final = 46.0
_VALUES: Final = 42.0
_MINE: Final = "#c1121f"
_BAR: Final = "#0072b2"
_MOST: Final = 400
"""Lines drawn one by one; of a larger group, as many of its quantiles."""


def draw_strips(column: Column, strips: list[Strip], rules: Rules, lang: Lang) -> None:
    """One strip a line: every member a tick, this one a red mark, the benchmark dashed."""
    titles = {one.key: one for one in rules.indicators}
    for strip in strips:
        if not column.fits(_TALL):
            return
        column.y -= _TALL
        known = titles.get(strip.key)
        if known is None:
            name, measured = text("sheet.score", lang), ""
        else:
            name = known.title_zh if lang == "zh" else known.title_en
            measured = known.unit_zh if lang == "zh" else known.unit_en
        column.page.words(column.x, column.y + 4.2, name, 8)
        column.page.words(column.x, column.y + 0.8, measured, 7, color=PALE)
        _strip(column, strip)
        line = "strip_cutoff" if known is None else "strip_benchmark"
        right = column.x + column.width
        value = text("sheet.strip_mine", lang, value=words.number(strip.mine, 4))
        base = text(f"sheet.{line}", lang, value=words.number(strip.line, 4))
        column.page.words(right, column.y + 4.2, value, 8, ha="right", color=_MINE)
        column.page.words(right, column.y + 0.8, base, 7.5, ha="right", color=PALE)


def _strip(column: Column, strip: Strip) -> None:
    width = column.width - _NAME - _VALUES
    axes = column.page.axes(column.x + _NAME, column.y, width, 7.0, frame=False)
    axes.set_label("strip")
    low, high = _range(strip)
    axes.set_xlim(low - (high - low) * 0.02, high + (high - low) * 0.02)
    axes.set_ylim(0, 1)
    values = strip.values
    if len(values) > _MOST:
        values = np.quantile(values, np.linspace(0, 1, _MOST))
    axes.hlines(0.1, low, high, color=PALE, lw=0.5)
    axes.vlines(np.clip(values, low, high), 0.1, 0.62, color="#7a7a7a", lw=0.5)
    if np.isfinite(strip.line):
        axes.vlines(min(strip.line, high), 0.0, 1.0, color=INK, lw=1.0, linestyles=(0, (3, 2)))
    if strip.line > high:  # beyond the end: an arrow says so
        axes.plot([high], [0.35], marker=">", ms=5, color=INK, clip_on=False)
    axes.vlines(strip.mine, 0.1, 0.8, color=_MINE, lw=1.6)
    axes.plot([strip.mine], [0.9], marker="v", ms=5, color=_MINE, clip_on=False)


def _range(strip: Strip) -> tuple[float, float]:
    """From the least to the 95th percentile, and on to this one.

    The few beyond stand at the end: a single giant would press all others into one line.
    """
    low = min(0.0, float(strip.values.min()), strip.mine)
    high = max(float(np.quantile(strip.values, 0.95)), strip.mine)
    return low, high if high > low else low + 1.0


def evidence_bars(column: Column, evidence: list[Record], lines: list[str], lang: Lang) -> None:
    """One bar an image: the built-up share of what the image covers; and what it says in words."""
    ordered = sorted(evidence, key=lambda one: one["label"])
    for one, words_of in zip(ordered, lines, strict=True):
        if one["kind"] == "built_up" and one["value"] is not None and column.fits(5.5):
            column.y -= 5.0
            _bar(column, one, lang)
        column.paragraph(words_of, 8)


def _bar(column: Column, one: dict[str, Any], lang: Lang) -> None:
    from matplotlib.patches import Rectangle

    axes = column.page.axes(column.x + _NAME, column.y, column.width - _NAME, 3.6, frame=False)
    axes.set_label("evidence")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    share = min(max(float(one["value"]), 0.0), 1.0)
    axes.add_patch(Rectangle((0, 0), 1, 1, facecolor="#ffffff", edgecolor=INK, lw=0.6))
    axes.add_patch(Rectangle((0, 0), share, 1, facecolor=_BAR, edgecolor=INK, lw=0.6, hatch="////",
                             hatchcolor="#ffffff"))  # fmt: skip
    column.page.words(column.x, column.y + 0.9, text("sheet.built_up", lang), 8, color=PALE)

"""Charts of a report: bars against the target, clusters, a heat table."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from landuse.publish.report.model import Number, Table
from landuse.publish.sheet.fonts import Fonts, find_fonts

__all__ = ["bars", "drawing", "heat"]

_PLAIN: Final = {"Software": None}
_BLUE, _PALE, _LINE = "#0b5cad", "#b9cfe8", "#b35806"
_SHARE_SHADED: Final = 0.65
"""The darkest shade on which black figures are easily read."""


@contextlib.contextmanager
def drawing(path: Path, wide: float, high: float) -> Iterator[tuple[Any, Any, Fonts]]:
    """Figure, axes and fonts; the picture is written at the end, with the same bytes each time."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fonts = find_fonts()
    with rc_context({"font.family": list(fonts.families), "font.size": 10,
                     "axes.unicode_minus": False, "text.parse_math": False}):  # fmt: skip
        figure = Figure(figsize=(wide, high), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure, figure.add_subplot(), fonts
        figure.savefig(path, format="png", metadata=_PLAIN)


def bars(
    values: Sequence[tuple[str, Number]],
    path: Path,
    line: tuple[str, Number] | None = None,
    before: Sequence[Number | None] = (),
    words: tuple[str, str] = ("", ""),
) -> None:
    """Bars with their figures; ``line``: words and the share of the year gone; ``before``: paler
    bars of the year before below them; ``words``: what the two kinds of bars are."""
    high = min(max(1.8, (0.5 if before else 0.3) * len(values) + 0.9), 9.0)
    with drawing(path, 8, high) as (figure, axes, fonts):
        thick = 0.4 if before else 0.7
        places = np.arange(len(values), dtype=float)
        amounts = [float(number.text) for _, number in values]
        axes.barh(places - (thick / 2 if before else 0), amounts, thick, color=_BLUE,
                  label=words[0] or None)  # fmt: skip
        for at, (_, number) in zip(places, values, strict=True):
            axes.text(float(number.text), at - (thick / 2 if before else 0), f" {number.text}",
                      va="center", fontsize=8)  # fmt: skip
        if before:
            past = [0.0 if one is None else float(one.text) for one in before]
            axes.barh(places + thick / 2, past, thick, color=_PALE, label=words[1] or None)
        axes.set_yticks(places, [fonts.legible(name) for name, _ in values], fontsize=9)
        axes.invert_yaxis()
        if line is not None:
            axes.axvline(float(line[1].text), color=_LINE, linestyle="--", label=line[0])
        if line is not None or before:
            figure.legend(loc="outside lower right", ncols=2, frameon=False, fontsize=9)
        axes.margins(x=0.12, y=0.02)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)


def heat(table: Table, rows: Sequence[tuple[str, ...]], columns: Sequence[str], path: Path) -> None:
    """Rows × columns shaded within each column from its least to its greatest figure."""
    lines = [table.cells(key) for key in rows]
    grid = np.full((len(lines), len(columns)), np.nan)
    for at, cells in enumerate(lines):
        for place, column in enumerate(columns):
            cell = cells.get(column)
            if isinstance(cell, Number):
                grid[at, place] = float(cell.text)
    low = np.array([_end(np.nanmin, column) for column in grid.T])
    high = np.array([_end(np.nanmax, column) for column in grid.T])
    wide = np.where(high > low, high - low, 1)
    shade = np.where(high > low, (grid - low) / wide, 0.5) * _SHARE_SHADED
    with drawing(path, 9, 0.36 * len(lines) + 1.9) as (_, axes, fonts):
        seen = np.where(np.isnan(grid), np.nan, shade)
        axes.imshow(seen, cmap="Blues", aspect="auto", vmin=0, vmax=1)
        heads = [fonts.legible(table.columns[one]).replace("（", "\n（") for one in columns]
        axes.set_xticks(range(len(columns)), heads, fontsize=9, rotation=35, ha="right",
                        rotation_mode="anchor")  # fmt: skip
        axes.set_yticks(range(len(lines)), [fonts.legible(str(r.get("park") or "")) for r in lines])
        for at, cells in enumerate(lines):
            for place, column in enumerate(columns):
                cell = cells.get(column)
                said = cell.text if isinstance(cell, Number) else "—"
                axes.text(place, at, said, ha="center", va="center", fontsize=9)


def _end(of: Any, column: Any) -> float:  # noqa: ANN401
    return 0.0 if np.isnan(column).all() else float(of(column))

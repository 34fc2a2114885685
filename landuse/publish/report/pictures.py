"""Pictures of a report: bars against the target, clusters, a heat table, the map of the parks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.messages import text
from landuse.publish.report.model import Number, Table
from landuse.publish.sheet.fonts import Fonts, find_fonts

if TYPE_CHECKING:
    import pandas as pd

    from landuse.messages import Lang

__all__ = ["bars", "heat", "park_map"]

_COLOURS: Final = {
    "both": "#7b3294", "idle": "#d7191c", "low_efficiency": "#fdae61", "no_enterprise": "#ffffbf",
    "normal": "#a6d96a", "not_graded": "#d9d9d9",
}  # fmt: skip
_PLAIN: Final = {"Software": None}


@contextlib.contextmanager
def _drawing(path: Path, wide: float, high: float) -> Iterator[tuple[Any, Any, Fonts]]:
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
    values: Sequence[tuple[str, Number]], title: str, path: Path, line: Number | None = None
) -> None:
    """Bars with their figures; ``line``: the share of the year gone."""
    with _drawing(path, 8, min(max(2.0, 0.42 * len(values) + 1), 8.5)) as (_, axes, fonts):
        amounts = [float(number.text) for _, number in values]
        axes.barh(range(len(values)), amounts, color="#0b5cad")
        axes.set_yticks(range(len(values)), [fonts.legible(name) for name, _ in values])
        axes.invert_yaxis()
        for at, (_, number) in enumerate(values):
            axes.text(float(number.text), at, f" {number.text}", va="center")
        if line is not None:
            axes.axvline(float(line.text), color="#b35806", linestyle="--")
        axes.set_title(fonts.legible(title))
        axes.margins(x=0.15)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)


def heat(table: Table, columns: Sequence[str], title: str, path: Path) -> None:
    """Rows × columns shaded within each column from its least to its greatest figure."""
    rows = list(table.rows.values())
    grid = np.full((len(rows), len(columns)), np.nan)
    for at, cells in enumerate(rows):
        for place, column in enumerate(columns):
            cell = cells.get(column)
            if isinstance(cell, Number):
                grid[at, place] = float(cell.text)
    with np.errstate(all="ignore"):
        low = np.array([_end(np.nanmin, column) for column in grid.T])
        high = np.array([_end(np.nanmax, column) for column in grid.T])
        shade = np.where(high > low, (grid - low) / np.where(high > low, high - low, 1), 0.5)
    with _drawing(path, 9, 0.5 * len(rows) + 1.9) as (_, axes, fonts):
        axes.imshow(np.where(np.isnan(grid), np.nan, shade), cmap="PuOr", aspect="auto", alpha=0.6)
        heads = [fonts.legible(table.columns[one]).replace("（", "\n（") for one in columns]
        axes.set_xticks(range(len(columns)), heads, fontsize=7, rotation=30, ha="right")
        names = [fonts.legible(str(cells.get("park") or "")) for cells in rows]
        axes.set_yticks(range(len(rows)), names)
        for at, cells in enumerate(rows):
            for place, column in enumerate(columns):
                cell = cells.get(column)
                said = cell.text if isinstance(cell, Number) else "—"
                axes.text(place, at, said, ha="center", va="center", fontsize=8)
        axes.set_title(fonts.legible(title))


def _end(of: Any, column: Any) -> float:  # noqa: ANN401
    return 0.0 if np.isnan(column).all() else float(of(column))


def park_map(
    parks: pd.DataFrame | None, parcels: pd.DataFrame, title: str, path: Path, lang: Lang
) -> None:
    """Boundaries of the parks with their names, parcels by class of land."""
    import shapely
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    with _drawing(path, 8, 6.4) as (_, axes, fonts):
        for kind, colour in _COLOURS.items():
            shapes = parcels.loc[parcels["land_class"] == kind, "geometry"].to_numpy(dtype=object)
            rings = [shapely.get_coordinates(shapely.get_exterior_ring(one))
                     for one in shapely.get_parts(shapes)
                     if shapely.get_type_id(one) == 3]  # fmt: skip
            axes.add_collection(
                PolyCollection(rings, facecolors=colour, edgecolors="#57606a", linewidths=0.15)
            )
        for row in [] if parks is None else parks.to_dict("records"):
            for one in shapely.get_parts(np.array([row["geometry"]], dtype=object)):
                edge = shapely.get_coordinates(shapely.get_exterior_ring(one))
                axes.plot(edge[:, 0], edge[:, 1], color="#1b1f24", linewidth=1.2)
            middle = shapely.point_on_surface(row["geometry"])
            axes.text(
                middle.x, middle.y, fonts.legible(str(row["park"])), ha="center", fontsize=9,
                bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1},
            )  # fmt: skip
        axes.autoscale_view()
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_title(fonts.legible(title))
        handles = [Patch(facecolor=colour, edgecolor="#57606a",
                         label=text(f"report.class_{kind}", lang))
                   for kind, colour in _COLOURS.items()]  # fmt: skip
        axes.legend(handles=handles, loc="lower left", fontsize=8, frameon=True)

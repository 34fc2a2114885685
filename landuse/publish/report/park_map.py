"""The map of the parks in a report: plots by class, revitalised ones, stopped projects."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from landuse.messages import text
from landuse.publish.map.palette import PALETTE
from landuse.publish.report.pictures import drawing
from landuse.publish.words import word

if TYPE_CHECKING:
    import pandas as pd

    from landuse.messages import Lang
    from landuse.publish.sheet.fonts import Fonts

__all__ = ["park_map"]

_INK: Final = "#1b1f24"
_LOOKS: Final = {look.key: look for look in reversed(PALETTE)}
"""As on the other maps; what matters more is drawn later."""
_HATCH: Final = {"": None, "dots": "...", "hatch": "////"}
_STOPPED: Final = "#d7191c"


def park_map(
    parks: pd.DataFrame | None,
    parcels: pd.DataFrame,
    revitalised: AbstractSet[str],
    stopped: AbstractSet[str],
    metres: float,
    path: Path,
    lang: Lang,
) -> None:
    """``parcels``: ``parcel_id``, ``land_class``, ``geometry``; ``revitalised`` and ``stopped``
    are parcel codes; ``metres``: the length of one unit of the coordinates. The legend has every
    class that is there with its number of plots."""
    codes = parcels["parcel_id"].astype(str)
    done = codes.isin(revitalised).to_numpy()
    kinds = np.where(done, "revitalised", parcels["land_class"].astype(str).to_numpy())
    shapes = parcels["geometry"].to_numpy(dtype=object)
    rests = shapes[codes.isin(stopped).to_numpy()]
    with drawing(path, 8, 7.0) as (figure, axes, fonts):
        handles = [_plots(axes, shapes[kinds == kind], kind, lang) for kind in _LOOKS]
        if len(rests):
            handles.append(_stops(axes, rests, lang))
        _outlines(axes, parks, fonts)
        axes.autoscale_view()
        axes.set_aspect("equal")
        axes.set_axis_off()
        _furniture(axes, metres, lang)
        figure.legend(handles=[one for one in handles if one is not None], ncols=4, fontsize=9,
                      loc="outside lower center", frameon=False)  # fmt: skip


def _plots(axes: Any, shapes: Any, kind: str, lang: Lang) -> Any:  # noqa: ANN401 - untyped library
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    if not len(shapes):
        return None
    parts = shapely.get_parts(shapes)
    parts = parts[shapely.get_type_id(parts) == 3]
    rings = [shapely.get_coordinates(one) for one in shapely.get_exterior_ring(parts)]
    look = _LOOKS[kind]
    looks: dict[str, Any] = {
        "facecolor": look.fill, "edgecolor": look.ink or look.stroke, "hatch": _HATCH[look.pattern],
    }  # fmt: skip
    axes.add_collection(PolyCollection(rings, linewidths=0.15, **looks))
    said = word("class", kind, lang)
    return Patch(label=text("report.class_count", lang, name=said, n=len(shapes)), **looks)


def _stops(axes: Any, shapes: Any, lang: Lang) -> Any:  # noqa: ANN401
    points = shapely.get_coordinates(shapely.point_on_surface(shapes))
    label = text("report.class_count", lang, name=text("report.class_stopped", lang), n=len(points))
    return axes.scatter(points[:, 0], points[:, 1], marker="X", s=34, c=_STOPPED,
                        edgecolors="white", linewidths=0.6, zorder=5, label=label)  # fmt: skip


def _outlines(axes: Any, parks: pd.DataFrame | None, fonts: Fonts) -> None:  # noqa: ANN401
    """Boundaries, and the names while they are few enough to be read."""
    rows = [] if parks is None else parks.to_dict("records")
    for row in rows:
        for one in shapely.get_parts(np.array([row["geometry"]], dtype=object)):
            edge = shapely.get_coordinates(shapely.get_exterior_ring(one))
            axes.plot(edge[:, 0], edge[:, 1], color=_INK, linewidth=1.0, zorder=4)
    if len(rows) <= _MOST_NAMES:
        _names(axes, rows, fonts)


_MOST_NAMES: Final = 40
_NEAR: Final = 0.05
"""Names nearer than this share of the map's height stand in each other's way."""


def _names(axes: Any, rows: Sequence[Any], fonts: Fonts) -> None:  # noqa: ANN401
    """Above its park; below it where the name of a neighbour stands there."""
    boxes = [shapely.bounds(row["geometry"]) for row in rows]
    high = max((box[3] for box in boxes), default=0) - min((box[1] for box in boxes), default=0)
    placed: list[tuple[float, float, float]] = []
    for row, (left, bottom, right, top) in sorted(
        zip(rows, boxes, strict=True), key=lambda one: (-one[1][3], str(one[0]["park"]))
    ):
        x, wide = (left + right) / 2, max(right - left, high * 0.15)
        taken = any(abs(x - a) < (wide + w) / 2 and abs(top - b) < high * _NEAR
                    for a, b, w in placed)  # fmt: skip
        y = bottom if taken else top
        placed.append((x, y, wide))
        axes.annotate(
            fonts.legible(str(row["park"])), (x, y), xytext=(0, -3 if taken else 3),
            textcoords="offset points", ha="center", va="top" if taken else "bottom",
            fontsize=9, zorder=6,
        )  # fmt: skip


def _furniture(axes: Any, metres: float, lang: Lang) -> None:  # noqa: ANN401
    """Scale bar below on the left, north arrow above on the right."""
    from matplotlib_scalebar.scalebar import ScaleBar

    axes.add_artist(
        ScaleBar(metres, "m", location="lower left", length_fraction=0.22, width_fraction=0.008,
                 frameon=False, color=_INK, font_properties={"size": 8})
    )  # fmt: skip
    axes.annotate(
        text("sheet.north", lang), xy=(1.04, 1.0), xytext=(1.04, 0.91),
        annotation_clip=False,
        xycoords="axes fraction", ha="center", va="center", fontsize=10, color=_INK,
        arrowprops={"arrowstyle": "-|>", "color": _INK},
    )  # fmt: skip

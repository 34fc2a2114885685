"""Parks and land grades as the page draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse.messages import Lang
from landuse.publish.map.columns import numbers, texts
from landuse.publish.map.shapes import STEP, degrees, outlines
from landuse.publish.words import word

if TYPE_CHECKING:
    from landuse.publish.run_tables import RunTables

__all__ = ["areas_block"]


def areas_block(run: RunTables, lang: Lang) -> dict[str, Any]:
    """Outlines (as in ``shapes``) with kind, name, type of park and price of each area.

    ``levels``: the grades in the order of their price, the dearest first, for their shades.
    """
    areas = run.areas
    grades = areas[areas["kind"] == "grade"]
    by_price = grades.groupby("name")["benchmark_price_yuan_per_m2"].max().reset_index()
    ordered = by_price.sort_values(
        ["benchmark_price_yuan_per_m2", "name"], ascending=[False, True], kind="stable"
    )
    types = {code: word("park_type", code, lang) for code in areas["park_type"].unique()}
    return {
        "step": STEP,
        **outlines(np.asarray(areas["geometry"], dtype=object), run.crs),
        "inside": _inside(run),
        "kind": areas["kind"].tolist(),
        "name": areas["name"].tolist(),
        "type": texts(areas["park_type"].map(types)),
        "typeCode": texts(areas["park_type"]),
        "price": numbers(areas["benchmark_price_yuan_per_m2"], 2),
        "levels": ordered["name"].tolist(),
    }


def _inside(run: RunTables) -> list[float]:
    """Longitude and latitude of a point inside each area, for its name."""
    points = shapely.point_on_surface(np.asarray(run.areas["geometry"], dtype=object))
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return [float(value) for value in np.round(degrees(run.crs)(xy), 6).ravel()]

"""Parks and land grades as the page draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.messages import Lang
from landuse.publish.map.columns import numbers, texts
from landuse.publish.map.shapes import STEP, outlines
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
        "kind": areas["kind"].tolist(),
        "name": areas["name"].tolist(),
        "type": texts(areas["park_type"].map(types)),
        "typeCode": texts(areas["park_type"]),
        "price": numbers(areas["benchmark_price_yuan_per_m2"], 2),
        "levels": ordered["name"].tolist(),
    }

"""The parks and land grades of a project as a run publishes them: for drawing only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from landuse.schema.published import RUN_AREAS

__all__ = ["published_areas"]


def published_areas(parks: pd.DataFrame | None, zones: pd.DataFrame | None) -> pd.DataFrame:
    """RUN_AREAS: the polygons of the parks and of the land grades, whichever were given.

    Sorted by kind, name and outline, so that the order of the user's file does not show.
    """
    empty = RUN_AREAS.empty()
    found = [empty]
    if parks is not None and len(parks):
        found.append(_rows("park", parks, parks["park"], park_type=parks["park_type"]))
    if zones is not None and len(zones):
        price = zones["benchmark_price_yuan_per_m2"]
        found.append(_rows("grade", zones, zones["grade"], benchmark_price_yuan_per_m2=price))
    frame = pd.concat(found, ignore_index=True) if len(found) > 1 else empty
    outline = shapely.to_wkb(shapely.normalize(frame["geometry"].to_numpy(dtype=object)))
    return (
        frame.assign(outline=outline)
        .sort_values(
            ["kind", "name", "park_type", "benchmark_price_yuan_per_m2", "outline"],
            kind="stable",
            ignore_index=True,
        )
        .drop(columns="outline")
    )


def _rows(kind: str, source: pd.DataFrame, name: pd.Series, **columns: pd.Series) -> pd.DataFrame:
    """Rows of one kind; what this kind does not have is blank."""
    rows = len(source)
    return pd.DataFrame(
        {
            "kind": pd.Series([kind] * rows, dtype="str"),
            "name": _text(name),
            "park_type": _text(columns.get("park_type", pd.Series([""] * rows))),
            "benchmark_price_yuan_per_m2": np.asarray(
                columns.get("benchmark_price_yuan_per_m2", np.full(rows, np.nan)), dtype=np.float64
            ),
            "geometry": source["geometry"].to_numpy(dtype=object),
        }
    )


def _text(column: pd.Series) -> pd.Series[str]:
    return column.reset_index(drop=True).astype("str")

"""Parcels that lie on each other: reported, never corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.crs import metres_per_unit

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyproj

    from landuse.issues import IssueLog

__all__ = ["report_overlaps"]

_MORE_THAN_M2: Final = 1.0


def report_overlaps(parcels: pd.DataFrame, crs: pyproj.CRS, log: IssueLog) -> None:
    """An issue for each two parcels whose common area exceeds 1 m² (method, section 2)."""
    shapes = parcels["geometry"].to_numpy()
    scale = metres_per_unit(crs) ** 2
    left, right, area = _pairs(shapes, _MORE_THAN_M2 / scale)
    ids = parcels["parcel_id"].to_numpy()
    files, rows = parcels["source_file"].to_numpy(), parcels["source_row"].to_numpy()
    for one, two, common in zip(left, right, area * scale, strict=True):
        log.add(
            "intake_layers.overlap", table="parcels", file=str(files[one]), row=int(rows[one]),
            key=str(ids[one]), other=str(ids[two]), value=f"{common:.2f}",
        )  # fmt: skip


def _pairs(
    shapes: npt.NDArray[np.object_], above: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Pairs ``i < j`` with a common area above ``above``, and that area.

    Neighbours share an edge, so most boxes that meet have no common area to speak of; only pairs
    whose boxes overlap by more than ``above`` and whose insides meet are cut.
    """
    left, right = shapely.STRtree(shapes).query(shapes)
    once = left < right
    left, right = left[once], right[once]
    boxes = shapely.bounds(shapes)
    low = np.maximum(boxes[left, :2], boxes[right, :2])
    high = np.minimum(boxes[left, 2:], boxes[right, 2:])
    wide = np.prod(np.clip(high - low, 0, None), axis=1) > above
    left, right = left[wide], right[wide]
    shapely.prepare(shapes)
    apart = shapely.touches(shapes[left], shapes[right]) | shapely.disjoint(
        shapes[left], shapes[right]
    )
    left, right = left[~apart], right[~apart]
    area = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    more = area > above
    left, right, area = left[more], right[more], area[more]
    order = np.lexsort((right, left))
    return left[order], right[order], area[order]

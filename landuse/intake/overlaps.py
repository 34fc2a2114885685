"""Parcels that lie on each other: reported, never corrected."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.crs import metres_per_unit
from landuse.intake.threads import in_threads

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyproj

    from landuse.issues import IssueLog

__all__ = ["report_overlaps"]

_MORE_THAN_M2: Final = 1.0
_BLOCK: Final = 400
"""Parcels in a block: large enough that few pairs lie across, small enough that one overlap in it
costs little."""
_FEW: Final = 2000
_FEW_BLOCKS: Final = 16
_SLACK: Final = 1e-9
"""Share by which sums of areas may differ from rounding alone."""


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
    whose boxes overlap by more than ``above``, that stand in no sound block and whose insides meet
    are cut.
    """
    boxes = shapely.bounds(shapes)
    left, right = _meeting(shapes, boxes, above)
    sound = _apart(shapes, boxes, left, right, above)
    left, right = left[~sound], right[~sound]
    apart = _insides_apart(shapes, left, right)
    left, right = left[~apart], right[~apart]
    area = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    more = area > above
    left, right, area = left[more], right[more], area[more]
    order = np.lexsort((right, left))
    return left[order], right[order], area[order]


def _meeting(
    shapes: npt.NDArray[np.object_], boxes: npt.NDArray[np.float64], above: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pairs ``i < j`` whose boxes have more than ``above`` in common."""
    left, right = shapely.STRtree(shapes).query(shapes)
    once = left < right
    left, right = left[once], right[once]
    low = np.maximum(boxes[left, :2], boxes[right, :2])
    high = np.minimum(boxes[left, 2:], boxes[right, 2:])
    wide = np.prod(np.clip(high - low, 0, None), axis=1) > above
    return left[wide], right[wide]


def _insides_apart(
    shapes: npt.NDArray[np.object_], left: npt.NDArray[np.intp], right: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    shapely.prepare(shapes[np.unique(left)])
    apart: npt.NDArray[np.bool_] = shapely.touches(shapes[left], shapes[right])
    apart |= shapely.disjoint(shapes[left], shapes[right])
    return apart


def _apart(
    shapes: npt.NDArray[np.object_],
    boxes: npt.NDArray[np.float64],
    left: npt.NDArray[np.intp],
    right: npt.NDArray[np.intp],
    above: float,
) -> npt.NDArray[np.bool_]:
    """Which pairs are proved to have no common area by a block of parcels in which both stand.

    Polygons that share their borders exactly are dissolved by dropping every edge that occurs
    twice. What is left bounds the ground that is covered an odd number of times; where it is a
    valid polygon as large as its parts together, nothing is covered twice: the two areas differ
    by at least twice the area of any overlap. Four ways to draw the blocks, half a block apart,
    leave few pairs between two of them; all others are looked at one by one.
    """
    proved = np.zeros(len(left), dtype=bool)
    if len(left) < _FEW:
        return proved
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    corner = np.nanmin(middle, axis=0)
    extent = np.maximum(np.nanmax(middle, axis=0) - corner, 1.0)
    side = float(np.sqrt(extent[0] * extent[1] * _BLOCK / len(shapes)))
    for shift in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        cell = np.floor((middle - corner) / side + np.array(shift)).astype(np.int64)
        block = cell[:, 0] * (int(cell[:, 1].max()) + 1) + cell[:, 1]
        waiting = np.flatnonzero(~proved & (block[left] == block[right]))
        wanted = np.zeros(len(shapes), dtype=bool)
        wanted[left[waiting]] = wanted[right[waiting]] = True
        members = np.flatnonzero(wanted)
        proved[waiting] = _sound_blocks(shapes, members, block, above)[block[left[waiting]]]
        if proved.all():
            break
    return proved


def _sound_blocks(
    shapes: npt.NDArray[np.object_],
    members: npt.NDArray[np.intp],
    block: npt.NDArray[np.int64],
    above: float,
) -> npt.NDArray[np.bool_]:
    """For each number of a block, whether its ``members`` are proved to lie side by side."""
    sound = np.zeros(int(block.max()) + 1, dtype=bool)
    if not len(members):
        return sound
    members = members[np.argsort(block[members], kind="stable")]
    mine = block[members]
    first = np.flatnonzero(np.append(True, mine[1:] != mine[:-1]))
    numbers = mine[first]
    groups = np.split(shapes[members], first[1:])
    whole = in_threads(_dissolved, _as_array(groups), few=_FEW_BLOCKS)
    parts = np.add.reduceat(shapely.area(shapes[members]), first)
    slack = np.minimum(above / 4, parts * _SLACK)
    sound[numbers] = shapely.is_valid(whole) & (np.abs(parts - shapely.area(whole)) <= slack)
    return sound


def _as_array(groups: list[npt.NDArray[np.object_]]) -> npt.NDArray[np.object_]:
    out = np.empty(len(groups), dtype=object)
    out[:] = groups
    return out


def _dissolved(groups: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Each group without the edges that occur twice; ``None`` where that cannot be built."""
    out = np.full(len(groups), None, dtype=object)
    for place, group in enumerate(groups):
        with suppress(shapely.GEOSException):
            out[place] = shapely.coverage_union_all(group)
    return out

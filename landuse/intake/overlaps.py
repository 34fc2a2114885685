"""Parcels that lie on each other: reported, never corrected."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from landuse.crs import metres_per_unit
from landuse.intake.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

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
"""Fewer parcels than this are compared pair by pair."""
_FEW_PAIRS: Final = 100
_FEW_BLOCKS: Final = 16
_SLACK: Final = 1e-9
"""Share by which sums of areas may differ from rounding alone."""


def report_overlaps(parcels: pd.DataFrame, crs: pyproj.CRS, log: IssueLog) -> None:
    """An issue for each two parcels whose common area exceeds 1 m² (method, section 2)."""
    shapes = parcels["geometry"].to_numpy()
    scale = metres_per_unit(crs) ** 2
    left, right, area = _pairs(shapes, _MORE_THAN_M2 / scale)
    place = parcels[["source_file", "source_row", "parcel_id"]].iloc[left]
    others = parcels["parcel_id"].iloc[right]
    for (file, row, key), other, common in zip(
        place.itertuples(index=False), others, area * scale, strict=True
    ):
        log.add(
            "intake_layers.overlap", table="parcels", file=str(file), row=int(row),
            key=str(key), other=str(other), value=f"{common:.2f}",
        )  # fmt: skip


def _pairs(
    shapes: npt.NDArray[np.object_], above: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Pairs ``i < j`` with a common area above ``above``, and that area.

    Neighbours share an edge, so most boxes that meet have no common area to speak of. Land is put
    together to sound blocks, and only what lies between those, or in none, is compared: pairs
    whose boxes overlap by more than ``above`` and whose insides meet are cut.
    """
    units = _units(shapes, above)
    # a block may hide as much as its slack allows, half of a quarter of the least overlap
    one, two = _meeting(units.shapes, above / 2)
    sound = _apart(units.shapes, one, two, above)
    left, right = _members(shapes, units, one[~sound], two[~sound], above)
    apart = _insides_apart(shapes, left, right)
    left, right = left[~apart], right[~apart]
    area = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    more = area > above
    left, right, area = left[more], right[more], area[more]
    order = np.lexsort((right, left))
    return left[order], right[order], area[order]


class _Units(NamedTuple):
    """Outlines of sound blocks, in which nothing lies on anything else, then the parcels that stand
    in none. ``of``: the unit of each parcel; ``blocks``: how many outlines.
    """

    shapes: npt.NDArray[np.object_]
    of: npt.NDArray[np.intp]
    blocks: int


def _units(shapes: npt.NDArray[np.object_], above: float) -> _Units:
    """The parcels of a large layer put together to blocks, so that few things need comparing."""
    if len(shapes) < _FEW:
        return _Units(shapes, np.arange(len(shapes)), 0)
    everyone = np.arange(len(shapes))
    numbers, whole, sound = _dissolved_blocks(shapes, everyone, _grid(shapes)(0.0, 0.0), above)
    place = np.cumsum(sound) - 1
    alone = ~sound[numbers]
    blocks = int(sound.sum())
    of = np.where(alone, blocks + np.cumsum(alone) - 1, place[numbers])
    return _Units(np.concatenate([whole[sound], shapes[alone]]), of, blocks)


def _members(
    shapes: npt.NDArray[np.object_],
    units: _Units,
    one: npt.NDArray[np.intp],
    two: npt.NDArray[np.intp],
    above: float,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The pairs of parcels in some pairs of units whose boxes have so much in common.

    The boxes of two units may meet where those of no two parcels do.
    """
    asked = np.zeros(len(units.shapes), dtype=bool)
    asked[one] = asked[two] = True
    parcels = np.flatnonzero(asked[units.of])
    left, right = (parcels[part] for part in _meeting(shapes[parcels], above))
    mine, other = units.of[left], units.of[right]
    count = len(units.shapes)
    wanted = np.isin(np.minimum(mine, other) * count + np.maximum(mine, other), one * count + two)
    return left[wanted], right[wanted]


def _meeting(
    shapes: npt.NDArray[np.object_], above: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pairs ``i < j`` whose boxes have more than ``above`` in common."""
    boxes = shapely.bounds(shapes)
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
    left: npt.NDArray[np.intp],
    right: npt.NDArray[np.intp],
    above: float,
) -> npt.NDArray[np.bool_]:
    """Which pairs are proved to have no common area by a block of shapes in which both stand.

    Four ways to draw the blocks, half a block apart and none like that of the units, leave few
    pairs between two of them; all others are looked at one by one.
    """
    proved = np.zeros(len(left), dtype=bool)
    if len(left) < _FEW_PAIRS:
        return proved
    grid = _grid(shapes)
    for shift in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)):
        block = grid(*shift)
        waiting = np.flatnonzero(~proved & (block[left] == block[right]))
        wanted = np.zeros(len(shapes), dtype=bool)
        wanted[left[waiting]] = wanted[right[waiting]] = True
        members = np.flatnonzero(wanted)
        numbers, _, sound = _dissolved_blocks(shapes, members, block[members], above)
        of = np.zeros(len(shapes), dtype=np.intp)
        of[members] = numbers
        proved[waiting] = sound[of[left[waiting]]]
        if proved.all():
            break
    return proved


def _grid(shapes: npt.NDArray[np.object_]) -> Callable[[float, float], npt.NDArray[np.int64]]:
    """The number of the block of each shape, if blocks of about ``_BLOCK`` begin so far away."""
    boxes = in_threads(shapely.bounds, shapes)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    corner = np.nanmin(middle, axis=0)
    extent = np.maximum(np.nanmax(middle, axis=0) - corner, 1.0)
    side = float(np.sqrt(extent[0] * extent[1] * _BLOCK / len(shapes)))

    def numbers(east: float, north: float) -> npt.NDArray[np.int64]:
        cell = np.floor((middle - corner) / side + np.array((east, north))).astype(np.int64)
        return np.asarray(cell[:, 0] * (int(cell[:, 1].max()) + 1) + cell[:, 1])

    return numbers


def _dissolved_blocks(
    shapes: npt.NDArray[np.object_],
    members: npt.NDArray[np.intp],
    block: npt.NDArray[np.int64],
    above: float,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Each block as one, and whether its ``members`` are proved to lie side by side; before that
    which of them is the block of each member (``block`` is its number).

    Polygons that share their borders exactly are dissolved by dropping every edge that occurs
    twice. What is left bounds the ground that is covered an odd number of times; where it is a
    valid polygon as large as its parts together, nothing is covered twice: the two areas differ
    by at least twice the area of any overlap.
    """
    numbers = np.zeros(len(members), dtype=np.intp)
    if not len(members):
        return numbers, np.zeros(0, dtype=object), np.zeros(0, dtype=bool)
    order = np.argsort(block, kind="stable")
    mine = block[order]
    is_first = np.append(True, mine[1:] != mine[:-1])
    first = np.flatnonzero(is_first)
    numbers[order] = np.cumsum(is_first) - 1
    ordered = shapes[members[order]]
    whole = in_threads(_dissolved, _as_array(np.split(ordered, first[1:])), few=_FEW_BLOCKS)
    parts = np.add.reduceat(in_threads(shapely.area, ordered), first)
    slack = np.minimum(above / 4, parts * _SLACK)
    sound = shapely.is_valid(whole) & (np.abs(parts - shapely.area(whole)) <= slack)
    return numbers, whole, sound


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

"""Parcels that were split, merged or given a new code since a case was opened.

Takes the parcels of open cases whose codes a run no longer has, and all parcels of that run; gives
what the ground says about their successors. Proposes only: people decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.crs import CrsFault, parse, reproject

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

__all__ = ["Held", "Succession", "successions"]

_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Held:
    """A parcel that an open case holds, with its shape in the system ``crs``."""

    case_number: str
    parcel_id: str
    shape: BaseGeometry | None
    crs: str


@dataclass(frozen=True, slots=True, order=True)
class Succession:
    """``parcel_id`` of the run lies on land that the case holds as ``previously_part_of``.

    ``how``: ``split`` (most of the new parcel lies in the old one), ``merged`` (most of the old one
    lies in the new), ``recoded`` (both). ``share`` is the larger of the two shares, of 1.
    """

    case_number: str
    previously_part_of: str
    parcel_id: str
    how: str
    share: float


def successions(held: Sequence[Held], parcels: pd.DataFrame, crs: str) -> list[Succession]:
    """Successors of the ``held`` parcels whose codes are not among ``parcels`` any more.

    ``parcels`` has ``parcel_id`` and ``geometry`` (WKB in ``crs``). A parcel succeeds where the
    overlap is more than half of either of the two. Held parcels without a shape, or on a datum that
    cannot be brought to ``crs``, have no known successor. Sorted by case, old and new code.
    """
    known = set(parcels["parcel_id"])
    vanished = [one for one in held if one.parcel_id not in known and one.shape is not None]
    comparable = {name for name in {one.crs for one in vanished} if _comparable(name, crs)}
    vanished = [one for one in vanished if one.crs in comparable]
    if not vanished:
        return []
    ids = parcels["parcel_id"].to_numpy(dtype=object)
    shapes = shapely.from_wkb(parcels["geometry"].to_numpy(dtype=object))
    old = _moved(vanished, crs)
    first, second = shapely.STRtree(shapes).query(old, predicate="intersects")
    overlap = shapely.area(shapely.intersection(old[first], shapes[second]))
    of_old, of_new = _share(overlap, old[first]), _share(overlap, shapes[second])
    found = [
        Succession(
            vanished[i].case_number,
            vanished[i].parcel_id,
            str(ids[j]),
            _how(a, b),
            float(max(a, b)),
        )
        for i, j, a, b in zip(first, second, of_old, of_new, strict=True)
        if max(a, b) > _HALF
    ]
    return sorted(found)


def _share(
    overlap: npt.NDArray[np.float64], shapes: npt.NDArray[np.object_]
) -> npt.NDArray[np.float64]:
    area = shapely.area(shapes)
    return np.divide(overlap, area, out=np.zeros_like(overlap), where=area > 0)


def _how(of_old: float, of_new: float) -> str:
    if of_old > _HALF and of_new > _HALF:
        return "recoded"
    return "split" if of_new > _HALF else "merged"


def _comparable(source: str, target: str) -> bool:
    try:
        reproject(np.empty(0, dtype=object), parse(source), parse(target))
    except CrsFault:
        return False
    return True


def _moved(held: Sequence[Held], crs: str) -> npt.NDArray[np.object_]:
    """The shapes in the system ``crs``, all of one system at once."""
    shapes = np.array([one.shape for one in held], dtype=object)
    systems = np.array([one.crs for one in held], dtype=object)
    for source in sorted(set(systems)):
        its = systems == source
        shapes[its] = reproject(shapes[its], parse(source), parse(crs))
    valid: npt.NDArray[np.object_] = shapely.make_valid(shapes)
    return valid

"""Coordinates of enterprises, brought to the working CRS."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely

from landuse.crs import CrsFault, check_extent, outside, parse, reproject
from landuse.errors import UserError
from landuse.intake.layers import placed
from landuse.intake.opened import Extent

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import pandas as pd
    import pyproj

    from landuse.intake.enterprise_table import Piece
    from landuse.intake.project import EnterpriseTable
    from landuse.issues import IssueLog

__all__ = ["System", "place_points"]

System: TypeAlias = "str | Callable[[], str]"
"""The working system, or who gives it as soon as the land is read; ``""`` where there is none."""


def place_points(
    piece: Piece, records: pd.DataFrame, source: EnterpriseTable, working: System, log: IssueLog
) -> pd.DataFrame:
    """``records`` with ``x`` and ``y`` in the CRS ``working``, NaN where a point is unusable.

    Points without a declared CRS are not used: an issue says so, or an error where the project
    maps the columns. Raises :class:`landuse.errors.UserError`, also for the shifted systems of
    web maps (GCJ-02, BD-09), for another datum than the parcels', and for coordinates that lie
    where the declared system cannot be.
    """
    columns = piece.opened.columns
    if not columns.heading("x") and not columns.heading("y"):
        return records
    xy = records[["x", "y"]].to_numpy(float)
    given = ~np.isnan(xy).any(axis=1)
    out = np.full(xy.shape, np.nan)
    system = "" if not given.any() else working if isinstance(working, str) else working()
    if system and _has_system(piece, source, int(given.sum()), log):
        index = np.flatnonzero(given)
        moved, strange = _moved(xy[index], str(source.crs), system, piece)
        out[index[~strange]] = moved[~strange]
        rows = np.unique(records["row"].to_numpy()[index[strange]])
        column = piece.opened.columns.heading("x")
        piece.opened.rows.tell(rows, "intake_tables.point_outside", log, column=column)
    return records.assign(x=out[:, 0], y=out[:, 1])


def _has_system(piece: Piece, source: EnterpriseTable, count: int, log: IssueLog) -> bool:
    if source.crs is not None:
        return True
    heading = piece.opened.columns.heading("x")
    place = {"table": "enterprises", "file": piece.file, "column": heading, "n": count}
    if "x" in source.columns or "y" in source.columns:
        raise UserError.of("intake_tables.points_need_crs", **place)
    log.add("intake_tables.points_without_crs", **place)
    return False


def _moved(
    xy: npt.NDArray[np.float64], system: str, working: str, piece: Piece
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Points in the working CRS, and which lie where the declared system cannot be."""
    try:
        source, target = parse(system), parse(working)
        _judge(xy, source, piece)
        points = np.asarray(shapely.points(xy), dtype=object)
        moved = shapely.get_coordinates(reproject(points, source, target))
    except CrsFault as fault:
        raise placed(fault, "enterprises", piece.file) from fault
    return moved, outside(xy, source) | ~np.isfinite(moved).all(axis=1)


def _judge(xy: npt.NDArray[np.float64], source: pyproj.CRS, piece: Piece) -> None:
    """Refuse points of which most lie elsewhere; of some rows, only tell how many do."""
    asked = piece.opened.asked
    if asked is None:
        check_extent(xy, source)
        return
    wrong = None
    try:
        check_extent(xy, source)
    except CrsFault as fault:
        wrong = placed(fault, "enterprises", piece.file).issues[0]
    asked.extent.append(Extent(len(xy), len(xy) - int(outside(xy, source).sum()), wrong))

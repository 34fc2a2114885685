"""A public copy that shows parks or squares of a grid instead of plots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from landuse.publish.map.public_form import OTHER, WITHHELD, rounded, step_of
from landuse.publish.map.public_groups import merged, withheld_too

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.publish.map.public_form import PublicPlots, PublicSettings
    from landuse.publish.run_tables import RunTables

__all__ = ["SHARES", "Units", "units_of"]

SHARES: Final = (0.0, 0.05, 0.15, 0.30, 1.0)
"""Upper ends of the bands of flagged land, as shares of the land whose class is shown."""
_FLAGGED: Final = ("low_efficiency", "idle", "both")


@dataclass(frozen=True)
class Units:
    """Parks or squares. ``name``: of a park, blank for a square; ``rows``: class → plots and mu, of
    each unit; ``band``: place in :data:`SHARES`, -1 where no class of the unit is shown."""

    name: NDArray[np.object_]
    shape: NDArray[np.object_]
    rows: list[dict[str, tuple[int, int]]]
    band: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


def units_of(run: RunTables, plots: PublicPlots, settings: PublicSettings) -> Units:
    """The units of ``plots``; those too small to be named stand together, without a shape.

    Classes within a unit are withheld as those within a park are, and those of plots that the copy
    with plots withholds always: neither copy tells what the other keeps. The flagged share is of
    what is shown, so that it tells no more.
    """
    if settings.merge == "park":
        labels, names, shapes = _parks(run, plots, settings)
    else:
        labels, names, shapes = _squares(plots, step_of(run.crs, settings.cell))
    first = plots.kind == WITHHELD
    labels = _joined(labels, plots.owner, first, len(names))
    names = np.array([*names, OTHER], dtype=object)
    shapes = np.array([*shapes, shapely.Polygon()], dtype=object)
    true, kinds = _codes(plots.true_kind)
    hidden = withheld_too(true, plots.owner, [labels], plots.secret, first)
    kind = np.where(hidden, WITHHELD, kinds[true])
    used = np.unique(labels)
    rows = [_rows(kind[labels == one], plots.mu[labels == one]) for one in used]
    bands = np.array([_band(one) for one in rows], dtype=np.int64)
    return Units(names[used], shapes[used], rows, bands)


def _joined(
    labels: NDArray[np.int64],
    owner: NDArray[np.int64],
    first: NDArray[np.bool_],
    count: int,
) -> NDArray[np.int64]:
    """Units of too few users become the unit ``count``.

    So do those of which the copy with plots shows too few: withholding one's rest would tell it.
    """
    found = np.where(merged(labels, owner, count)[labels], count, labels)
    few = merged(found[~first], owner[~first], count + 1)
    return np.where(few[found], count, found).astype(np.int64)


def _codes(texts: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    known, at = np.unique(texts.astype(str), return_inverse=True)
    return at.astype(np.int64), known.astype(object)


def _parks(
    run: RunTables, plots: PublicPlots, settings: PublicSettings
) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.object_]]:
    labels, names = _codes(plots.park)
    areas = run.areas[run.areas["kind"] == "park"]
    shapes = np.array([shapely.Polygon()] * len(names), dtype=object)
    for place, name in enumerate(names):
        if name in ("", OTHER):
            continue  # around plots all over the county there is no outline
        known = areas["geometry"][areas["name"] == name].to_numpy(dtype=object)
        whole = shapely.union_all(known) if len(known) else _hull(plots.shape[labels == place])
        shapes[place] = whole
    return labels, names, rounded(shapes, run.crs, settings.round_metres)


def _hull(shapes: NDArray[np.object_]) -> shapely.Geometry:
    return shapely.GeometryCollection(list(shapes)).convex_hull


def _squares(
    plots: PublicPlots, cell: float
) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.object_]]:
    """The square in which the middle of each plot lies; a plot without a shape is in none."""
    box = shapely.bounds(plots.shape)
    place = np.floor((box[:, :2] + box[:, 2:]) / 2 / cell)
    lost = ~np.isfinite(place).all(axis=1)
    place[lost] = 0
    squares, labels = np.unique(place[~lost], axis=0, return_inverse=True)
    corners = np.column_stack([squares * cell, (squares + 1) * cell])
    shapes = [shapely.box(*corner) for corner in corners.tolist()]
    found = np.full(len(plots), len(squares), dtype=np.int64)
    found[~lost] = labels.ravel()
    names = np.array([""] * (len(squares) + 1), dtype=object)
    return found, names, np.array([*shapes, shapely.Polygon()], dtype=np.object_)


def _rows(kind: NDArray[np.object_], mu: NDArray[np.int64]) -> dict[str, tuple[int, int]]:
    return {
        str(one): (int((kind == one).sum()), int(mu[kind == one].sum())) for one in np.unique(kind)
    }


def _band(rows: dict[str, tuple[int, int]]) -> int:
    shown = sum(mu for kind, (_, mu) in rows.items() if kind != WITHHELD)
    if not any(kind != WITHHELD for kind in rows):
        return -1
    flagged = sum(mu for kind, (_, mu) in rows.items() if kind in _FLAGGED)
    share = flagged / shown if shown else 0.0
    return int(np.searchsorted(SHARES, share, side="left"))

"""What a sheet shows, ready to draw: plots in metres, their classes, parks, the frame of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from landuse.crs import label, parse, reproject, zone_crs, zone_of
from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.publish.plots import PlotTable, plot_table

if TYPE_CHECKING:
    import pandas as pd
    import pyproj

    from landuse.publish.run_tables import RunTables

__all__ = ["Land", "choose", "land_of"]

_NEAR: Final = 5
_FLAGGED: Final = ("revitalised", "both", "idle", "low_efficiency")


@dataclass(frozen=True)
class Land:
    """The plots of a run in the order of ``plots.rows``: ``shapes`` in metres of ``crs``.

    ``bounds``: left, bottom, right, top of each shape. ``chosen``: the plots of this sheet, the
    others are context. ``parks``: name → outline, where the project gave them.
    """

    run: RunTables
    plots: PlotTable
    shapes: np.ndarray[Any, np.dtype[np.object_]]
    bounds: np.ndarray[Any, np.dtype[np.float64]]
    chosen: np.ndarray[Any, np.dtype[np.bool_]]
    crs: pyproj.CRS
    parks: dict[str, Any]
    with_ledger: bool

    @cached_property
    def kinds(self) -> np.ndarray[Any, np.dtype[np.object_]]:
        """The class of each plot."""
        return self.plots.rows["land_class"].to_numpy(dtype=object)

    @property
    def crs_name(self) -> str:
        """The coordinate system as people call it."""
        return label(self.crs)

    def extent(self, mask: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[float, ...]:
        """The box around some plots."""
        box = self.bounds[mask & ~np.isnan(self.bounds[:, 0])]
        return (*box[:, :2].min(axis=0).tolist(), *box[:, 2:].max(axis=0).tolist())

    @cached_property
    def pages(self) -> list[int]:
        """Places of the plots with a page of their own: the chosen ones that ask for a decision.

        Those are the flagged, idle and revitalised ones and those with a case; where plots were
        chosen by code, all of them.
        """
        rows = self.plots.rows
        asks = rows["land_class"].isin(_FLAGGED) | (rows["case_number"] != "")
        wanted = self.chosen if self.by_code else self.chosen & asks.to_numpy()
        return np.flatnonzero(wanted).tolist()

    by_code: bool = False


def land_of(
    run: RunTables,
    cases: pd.DataFrame | None = None,
    *,
    park: str = "",
    codes: Sequence[str] = (),
) -> Land:
    """The plots of ``run``, those of ``park`` or with ``codes`` chosen (all without either).

    Raises :class:`landuse.errors.UserError` for a park or a code that the run has not, or where
    nothing can be drawn.
    """
    plots = plot_table(run, cases)
    chosen = choose(plots, park, codes)
    ordered = run.parcels.sort_values("parcel_id", kind="stable", ignore_index=True)
    shapes, system = _in_metres(ordered["geometry"].to_numpy(dtype=object), run.crs)
    bounds = shapely.bounds(shapes)
    if np.isnan(bounds[chosen, 0]).all():
        raise UserError.of("sheet.nothing_to_draw")
    return Land(
        run, plots, shapes, bounds, chosen, system, _parks(run, system), cases is not None,
        by_code=bool(codes),
    )  # fmt: skip


def choose(
    plots: PlotTable, park: str, codes: Sequence[str]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which plots are meant; :class:`landuse.errors.UserError` names all that are unknown."""
    rows, log = plots.rows, IssueLog()
    chosen = np.ones(len(rows), dtype=bool)
    if park:
        chosen &= (rows["park"] == park).to_numpy()
        if not chosen.any():
            names = sorted({name for name in rows["park"] if name})
            log.add("sheet.unknown_park", value=park, known="、".join(names) or "—")
    if codes:
        wanted = {code.strip() for code in codes}
        known = set(rows["parcel_id"])
        for code in sorted(wanted - known):
            near = get_close_matches(code, sorted(known)[:20_000], n=_NEAR, cutoff=0.6)
            log.add("sheet.unknown_plot", key=code, near="、".join(near) or "—")
        named = rows["parcel_id"].isin(wanted).to_numpy()
        if park and chosen.any() and wanted <= known and (named & ~chosen).any():
            away = "、".join(sorted(rows.loc[named & ~chosen, "parcel_id"]))
            log.add("sheet.plot_elsewhere", key=away, value=park)
        chosen &= named
    if len(log):
        raise UserError(list(log))
    return chosen


def _in_metres(shapes: np.ndarray[Any, Any], crs: str) -> tuple[np.ndarray[Any, Any], pyproj.CRS]:
    """Flat shapes in a projected system: the run's own, or the zone of its middle."""
    flat = shapely.force_2d(shapes)
    system = parse(crs)
    if system.is_projected and system.axis_info[0].unit_conversion_factor == 1.0:
        return flat, system
    box = shapely.total_bounds(flat)
    middle = np.array([(box[0] + box[2]) / 2])
    target = zone_crs(int(zone_of(middle)[0]))
    return reproject(flat, system, target), target


def _parks(run: RunTables, system: pyproj.CRS) -> dict[str, Any]:
    areas = run.areas
    if "geometry" not in areas.columns or areas.empty:
        return {}
    parks = areas[(areas["kind"] == "park") & (areas["name"] != "")]
    if parks.empty:
        return {}
    shapes = shapely.force_2d(parks["geometry"].to_numpy(dtype=object))
    source = parse(run.crs)
    if source != system:
        shapes = reproject(shapes, source, system)
    found: dict[str, Any] = {}
    for name, shape in zip(parks["name"], shapes, strict=True):
        found[name] = shape if name not in found else shapely.union(found[name], shape)
    return dict(sorted(found.items()))

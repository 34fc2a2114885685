"""The public form of a run: what may leave the office, made anew and not cut from the full tables.

Only what stands in :class:`PublicPlots` can reach a public copy. There is no name, code, address,
person, note or sum of money in it: each plot has a number by its place on the map, its class (or
that it is withheld), its park and industry, its area in whole mu, and bands instead of figures.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import shapely

from landuse.errors import UserError
from landuse.publish.map.public_groups import LEAST, merged, owners_of, withheld
from landuse.publish.plots import plot_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.publish.plots import PlotTable
    from landuse.publish.run_tables import RunTables

__all__ = [
    "BANDS",
    "OTHER",
    "WITHHELD",
    "PublicPlots",
    "PublicSettings",
    "public_plots",
    "rounded",
    "settings_of",
    "step_of",
]

WITHHELD: Final = "withheld"
"""Class of a plot of a small group, and of those withheld with it."""
OTHER: Final = "\0other"
"""Parks or industries too small to be named, as one; no text of a table can be this."""
BANDS: Final = 5
_ROUND: Final = 10.0
_ROUNDED: Final = (1.0, 1000.0)
_CELL: Final = (100.0, 20_000.0)
_GRID: Final = re.compile(r"grid:(\d+(?:\.\d+)?)")
_METRES_A_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """How coarse a public copy is: corners rounded to ``round_metres``; ``merge`` shows parks, or
    squares of ``cell`` metres, instead of plots."""

    round_metres: float = _ROUND
    merge: Literal["", "park", "grid"] = ""
    cell: float = 0.0


def settings_of(merge: str = "", round_metres: float | None = None) -> PublicSettings:
    """Read ``--merge park|grid:500`` and ``--round-metres``.

    Raises :class:`landuse.errors.UserError` for another word, and for metres out of range.

    >>> settings_of("grid:500")
    PublicSettings(round_metres=10.0, merge='grid', cell=500.0)
    """
    metres = _ROUND if round_metres is None else round_metres
    low, high = _ROUNDED
    if not low <= metres <= high:
        raise UserError.of("map_public.bad_rounding", value=f"{metres:g}", least=low, most=high)
    if merge in ("", "park"):
        return PublicSettings(metres, merge)  # type: ignore[arg-type]
    found = _GRID.fullmatch(merge)
    low, high = _CELL
    if found is None or not low <= float(found[1]) <= high:
        raise UserError.of("map_public.bad_merge", value=merge, least=low, most=high)
    return PublicSettings(metres, "grid", float(found[1]))


@dataclass(frozen=True)
class PublicPlots:
    """Plots in the order of their numbers, 1 first.

    ``kind``: class or :data:`WITHHELD`; ``park`` and ``division``: text, blank or :data:`OTHER`;
    ``mu``: whole mu; ``bands``: indicator or ``score`` → 1 (lowest) to 5, 0 for none; ``shape``: in
    the run's coordinate system, its corners rounded; ``owner``: who stands behind a plot, as a
    number of no meaning (to count with), and ``secret``: a rank that only who has the run knows;
    neither is published, nor is ``true_kind``, the class of those withheld too.
    """

    kind: NDArray[np.object_]
    park: NDArray[np.object_]
    division: NDArray[np.object_]
    mu: NDArray[np.int64]
    bands: dict[str, NDArray[np.int64]]
    shape: NDArray[np.object_]
    owner: NDArray[np.int64]
    true_kind: NDArray[np.object_] = field(repr=False)
    secret: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.kind)


def public_plots(
    run: RunTables, cases: pd.DataFrame | None, settings: PublicSettings
) -> PublicPlots:
    """The plots of ``run`` as they may be shown; ``cases``: PLOT_CASES where there is a ledger."""
    table = plot_table(run, cases)
    rows = table.rows
    owner = _owners(rows)
    secret = _secret_order(run, rows["parcel_id"])
    park, parks = _side(rows["park"], owner)
    division, divisions = _side(rows["division"], owner)
    kind, kinds = pd.factorize(rows["land_class"].astype("object"), sort=True)
    # where a plot lies tells its park, named or not
    lies = pd.factorize(rows["park"].fillna("").astype("object"), sort=True)[0].astype(np.int64)
    hidden = withheld(kind.astype(np.int64), owner, [park, lies, division], secret)
    true = np.asarray(kinds, dtype=object)[kind]
    shown = np.where(hidden, WITHHELD, true)
    parcels = run.parcels.sort_values("parcel_id", kind="stable", ignore_index=True)
    shape = rounded(parcels["geometry"].to_numpy(dtype=object), run.crs, settings.round_metres)
    order = _by_place(shape, secret)
    mu = np.floor(rows["accounting_area_mu"].fillna(0.0).to_numpy(np.float64) + 0.5)
    return PublicPlots(
        kind=shown[order],
        park=parks[park][order],
        division=divisions[division][order],
        mu=mu.astype(np.int64)[order],
        bands={key: one[order] for key, one in _bands(table, owner, hidden).items()},
        shape=shape[order],
        owner=owner[order],
        true_kind=true[order],
        secret=secret[order],
    )


def _owners(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Who stands behind a plot: its main user, else its holder, else the plot alone."""
    user = rows["main_uscc"].where(rows["main_uscc"] != "", "h" + rows["holder"])
    user = user.where(user != "h", "p" + rows["parcel_id"])
    return pd.factorize(user.astype("object"), sort=True)[0].astype(np.int64)


def _secret_order(run: RunTables, parcels: pd.Series[str]) -> NDArray[np.int64]:
    """An order that the same run always has and that nobody knows who has not the run."""
    salt = str(run.manifest.get("run_id", "")).encode()
    keys = [hashlib.blake2b(one.encode(), key=salt[:64], digest_size=16).hexdigest()
            for one in parcels]  # fmt: skip
    order = np.argsort(np.asarray(keys, dtype=str), kind="stable")
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _side(
    column: pd.Series[str], owner: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Places of each plot's text among the texts; what is too small to be named is one of them."""
    at, values = pd.factorize(column.fillna("").astype("object"), sort=True)
    small = merged(at.astype(np.int64), owner, len(values))
    names = np.array([*values, OTHER], dtype=object)
    at = np.where(small[at], len(values), at) if len(values) else at
    return at.astype(np.int64), names


def _bands(
    table: PlotTable, owner: NDArray[np.int64], hidden: NDArray[np.bool_]
) -> dict[str, NDArray[np.int64]]:
    """Of each figure the fifth in which a plot's main user lies, among the plots that are shown."""
    found = {}
    for key in table.measures:
        values = table.rows[key].to_numpy(dtype=np.float64)
        found[key] = _banded(np.where(hidden, np.nan, values), owner)
    return {key: one for key, one in found.items() if one.any()}


def _banded(values: NDArray[np.float64], owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bands from 1; as many as all have :data:`LEAST` users, up to five, and none below two."""
    known = np.isfinite(values)
    band = np.zeros(len(values), dtype=np.int64)
    if not known.any():
        return band
    for count in range(BANDS, 1, -1):
        ends = np.quantile(values[known], np.arange(1, count) / count)
        place = np.searchsorted(ends, values[known], side="left").astype(np.int64)
        if (owners_of(place, owner[known], count) >= LEAST).all():
            band[known] = place + 1
            return band
    return band


def rounded(shape: NDArray[np.object_], crs: str, metres: float) -> NDArray[np.object_]:
    """Shapes with their corners on a grid of ``metres``; what would vanish is one cell of it."""
    step = step_of(crs, metres)
    flat = shapely.force_2d(shapely.make_valid(shape))
    snapped: NDArray[np.object_] = shapely.set_precision(flat, step)
    gone = shapely.is_empty(snapped) | (shapely.area(snapped) == 0)
    gone &= ~shapely.is_empty(flat) & ~shapely.is_missing(flat)
    if gone.any():
        box = shapely.bounds(flat[gone])
        corner = np.floor((box[:, :2] + box[:, 2:]) / 2 / step) * step
        snapped[gone] = shapely.box(*corner.T, *(corner + step).T)
    # the grid itself is not carried along
    whole: NDArray[np.object_] = shapely.set_precision(snapped, 0)
    return whole


def step_of(crs: str, metres: float) -> float:
    """``metres`` in the units of ``crs`` (degrees as at the equator)."""
    import pyproj

    system = pyproj.CRS.from_user_input(crs)
    if system.is_geographic:
        return metres / _METRES_A_DEGREE
    return metres / float(system.axis_info[0].unit_conversion_factor)


def _by_place(shape: NDArray[np.object_], secret: NDArray[np.int64]) -> NDArray[np.int64]:
    """From north to south, from west to east: numbers that follow no register."""
    box = np.nan_to_num(shapely.bounds(shape), nan=np.inf)
    keys: list[NDArray[Any]] = [secret, box[:, 0], -box[:, 3]]
    return np.lexsort(keys)

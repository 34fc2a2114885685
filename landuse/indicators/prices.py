"""The benchmark land price of each parcel, from its own column or the zones it lies in."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from landuse.errors import UserError
from landuse.exact import group_fsum
from landuse.keys import in_order, named, spread
from landuse.overlay import Shapes, overlaps, self_overlaps
from landuse.schema.tables import PRICE_PARTS, PRICES
from landuse.units import MICRO

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.overlay import Layer
    from landuse.rules.model import Rules

__all__ = ["parcel_prices", "report_zones", "zone_prices"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

_SOURCE: Final = ("source_file", "source_sheet", "source_row")
_FROM: Final = ("parcel", "zones")
_ZONE_OVERLAP_M2: Final = 1.0
_COVER_SLACK: Final = 1e-9
"""Half covered is enough: rounding of coordinates must not make it 0.4999999999."""


class _Parts(NamedTuple):
    """Overlaps of ``parcels`` with ``zones``: parcel and zone by position, area in m²; and which
    two zones overlap each other."""

    parcel: Codes
    zone: Codes
    area: Floats
    parcels: Layer
    zones: pd.DataFrame
    clashes: set[tuple[int, int]]

    @property
    def price(self) -> Floats:
        """The price of each zone above 0, else ``NaN``."""
        price = self.zones["benchmark_price_yuan_per_m2"].to_numpy(dtype=np.float64)
        return np.where(price > 0, price, np.nan)


def parcel_prices(
    parcels: pd.DataFrame, zones: pd.DataFrame | None, rules: Rules, log: IssueLog
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``P_j`` of every parcel, yuan/m² (method, section 5): the tables PRICES and PRICE_PARTS.

    A parcel's own price counts if above 0, else the mean over the priced zones that it overlaps,
    weighted by overlap area; less than ``min_price_cover`` of it covered is no price. ``grade`` is
    that of the largest overlap; ``grade_coefficient`` the overlap-weighted mean of the pack's
    table grade → k under the same rule of cover, ``NaN`` without such a table. Parts are listed
    for every parcel and zone that overlap, whichever price counts. Sorted by parcel.

    Raises :class:`landuse.errors.UserError` where the rules need a price and no parcel has one.
    """
    columns = ["parcel_id", "geometry", "benchmark_price_yuan_per_m2", "geometry_area_m2_micro"]
    parcels = in_order(parcels[[*columns, *_SOURCE]], ["parcel_id"])
    own = parcels["benchmark_price_yuan_per_m2"].to_numpy(dtype=np.float64)
    nothing = np.full(len(parcels), np.nan)
    told = {
        "benchmark_price_yuan_per_m2": np.where(own > 0, own, np.nan),
        "price_source": named(np.where(own > 0, 0, -1), _FROM),
        "price_cover": nothing,
        "grade": named(np.full(len(parcels), -1), []),
        "grade_coefficient": nothing,
    }
    listed = PRICE_PARTS.empty()
    if zones is not None and len(zones):
        parts = _overlaid(Shapes(_shapes(parcels)), zones, log)
        told.update(_from_zones(own, parcels, parts, rules, log))
        listed = _listed(parcels, parts)
    result = pd.DataFrame({"parcel_id": parcels["parcel_id"], **told}, copy=False)
    _stop_without(result, rules)
    return PRICES.check(result), PRICE_PARTS.check(listed)


def zone_prices(polygons: Layer, zones: pd.DataFrame, rules: Rules, log: IssueLog) -> Floats:
    """Price of polygons without one of their own, from the zones alone, yuan/m²; ``NaN``: none.

    The rule of :func:`parcel_prices`, without the tables that explain it.
    """
    parts = _overlaid(polygons, zones, log)
    mean, cover = _weighted(parts, parts.price)
    return np.where(_enough(cover, rules), mean, np.nan)


def report_zones(zones: pd.DataFrame, rules: Rules, log: IssueLog) -> None:
    """What :func:`parcel_prices` says of the zones themselves, whichever parcels there are."""
    ordered = _ordered(zones)
    _report_zones(ordered, log)
    if rules.grade_coefficients:
        _factors(ordered, rules.grade_coefficients, log)


def _overlaid(polygons: Layer, zones: pd.DataFrame, log: IssueLog) -> _Parts:
    ordered = _ordered(zones)
    found = overlaps(polygons, _shapes(ordered))
    return _Parts(*found, polygons, ordered, _report_zones(ordered, log))


def _enough(cover: Floats, rules: Rules) -> npt.NDArray[np.bool_]:
    """Whether so much is covered that a mean may stand for the whole."""
    return cover + _COVER_SLACK >= float(rules.min_price_cover)


def _shapes(layer: pd.DataFrame) -> npt.NDArray[np.object_]:
    return layer["geometry"].to_numpy()


def _ordered(zones: pd.DataFrame) -> pd.DataFrame:
    """The zones in an order that depends on nothing but themselves."""
    key = shapely.to_wkb(_shapes(zones), hex=True)
    columns = ["grade", "benchmark_price_yuan_per_m2", "_shape"]
    ordered = zones.assign(_shape=key).sort_values(columns, kind="stable")
    return ordered.drop(columns="_shape").reset_index(drop=True)


def _from_zones(
    own: Floats,
    parcels: pd.DataFrame,
    parts: _Parts,
    rules: Rules,
    log: IssueLog,
) -> dict[str, Floats | pd.Series[str]]:
    """What the zones tell: columns of PRICES; ``own`` are the prices that parcels have."""
    mean, cover = _weighted(parts, parts.price)
    enough = _enough(cover, rules)
    open_ = ~(own > 0)
    filled = open_ & enough & ~np.isnan(mean)
    told: dict[str, Floats | pd.Series[str]] = {
        "benchmark_price_yuan_per_m2": np.where(filled, mean, np.where(open_, np.nan, own)),
        "price_source": named(np.select([filled, ~open_], [1, 0], -1), _FROM),
        "price_cover": cover,
        "grade": _grades(len(parcels), parts.zones, parts),
    }
    if rules.grade_coefficients:
        factor = _factors(parts.zones, rules.grade_coefficients, log)
        mean, graded = _weighted(parts, factor)
        told["grade_coefficient"] = np.where(_enough(graded, rules), mean, np.nan)
    _report_cover(parcels, open_ & ~enough & (cover > 0), cover, rules, log)
    return told


def _weighted(parts: _Parts, value: Floats) -> tuple[Floats, Floats]:
    """Mean of the zones' values weighted by overlap, and the share covered by zones with one."""
    parcel, zone, area = parts.parcel, parts.zone, parts.area
    if np.isnan(value).any():
        told = ~np.isnan(value[zone])
        parcel, zone, area = parcel[told], zone[told], area[told]
    whole = parts.parcels.area
    n = len(whole)
    covered = group_fsum(area, parcel, n)
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, parcel, value[zone])
    np.maximum.at(high, parcel, value[zone])
    weighted = group_fsum(area * value[zone], parcel, n)
    mean = np.divide(weighted, covered, out=np.full(n, np.nan), where=covered > 0)
    mean = np.where(low == high, low, mean)
    if parts.clashes:
        for at in _doubly_covered(parcel, zone, parts.clashes):
            pieces = _shapes(parts.zones)[zone[parcel == at]]
            (shape,) = parts.parcels.shapes(np.array([at]))
            covered[at] = shapely.intersection(shape, shapely.union_all(pieces)).area
    cover = np.divide(covered, whole, out=np.zeros(n), where=whole > 0)
    return mean, np.minimum(cover, 1.0)


def _doubly_covered(parcel: Codes, zone: Codes, clashes: set[tuple[int, int]]) -> Codes:
    """Parcels that two zones which overlap each other both touch."""
    involved = np.isin(zone, sorted({number for pair in clashes for number in pair}))
    counts = np.bincount(parcel[involved], minlength=1)
    return np.flatnonzero(counts > 1)


def _grades(parcels: int, zones: pd.DataFrame, parts: _Parts) -> pd.Series[str]:
    """The grade with the largest overlap of each parcel (tie: the first in order of text)."""
    names, number = np.unique(zones["grade"].to_numpy(dtype=object), return_inverse=True)
    told = number[parts.zone]
    has_name = (names != "")[told]
    parcel, told, area = parts.parcel[has_name], told[has_name], parts.area[has_name]
    out = np.full(parcels, -1)
    out[parcel] = told
    several = np.bincount(parcel, minlength=parcels)[parcel] > 1
    pair = parcel[several] * len(names) + told[several]
    pairs, codes = np.unique(pair, return_inverse=True)
    sums = group_fsum(area[several], codes, len(pairs))
    parcel, name = pairs // len(names), pairs % len(names)
    order = np.lexsort((name, -sums, parcel))
    best = order[np.unique(parcel[order], return_index=True)[1]]
    out[parcel[best]] = name[best]
    return named(out, [str(grade) for grade in names])


def _factors(zones: pd.DataFrame, table: Mapping[str, Fraction], log: IssueLog) -> Floats:
    """The pack's coefficient of each zone's grade, ``NaN`` where the table has none."""
    unknown = sorted({grade for grade in zones["grade"] if grade and grade not in table})
    for grade in unknown:
        log.add("prices.grade_unknown", table="price_zones", column="grade", value=grade)
    known = {grade: float(factor) for grade, factor in table.items()}
    return np.array([known.get(grade, np.nan) for grade in zones["grade"]], dtype=np.float64)


def _listed(parcels: pd.DataFrame, parts: _Parts) -> pd.DataFrame:
    """Overlaps as shares of the measured area, so that they are m² in a system in feet too."""
    measured = parcels["geometry_area_m2_micro"].to_numpy() / MICRO
    scale = measured / parts.parcels.area
    zones = parts.zones
    price = zones["benchmark_price_yuan_per_m2"].to_numpy(dtype=np.float64)
    columns = {
        "parcel_id": spread(parcels["parcel_id"], parts.parcel),
        "grade": spread(zones["grade"], parts.zone),
        "benchmark_price_yuan_per_m2": price[parts.zone],
        "overlap_m2": parts.area * scale[parts.parcel],
    }
    return pd.DataFrame(columns, copy=False)


def _report_zones(zones: pd.DataFrame, log: IssueLog) -> set[tuple[int, int]]:
    """Log zones that overlap each other and give them as pairs (no price: intake has told it)."""
    pairs = self_overlaps(_shapes(zones), _ZONE_OVERLAP_M2)
    clashes = set()
    for left, right, area in zip(*(column.tolist() for column in pairs), strict=True):
        one, two = sorted(
            [zones.iloc[left], zones.iloc[right]],
            key=lambda zone: (zone["source_file"], zone["source_row"]),
        )
        log.add(
            "prices.zones_overlap",
            **_place(one),
            other=two["grade"],
            other_row=int(two["source_row"]),
            area=f"{area:.2f}",
        )
        clashes.add((left, right))
    return clashes


def _place(zone: object) -> dict[str, object]:
    """Where a zone stands in the user's files."""
    return {
        "table": "price_zones",
        "file": getattr(zone, "source_file", ""),
        "sheet": getattr(zone, "source_sheet", ""),
        "row": int(getattr(zone, "source_row", 0)),
        "value": getattr(zone, "grade", ""),
    }


def _report_cover(
    parcels: pd.DataFrame, short: npt.NDArray[np.bool_], cover: Floats, rules: Rules, log: IssueLog
) -> None:
    for at in np.flatnonzero(short):
        parcel = parcels.iloc[at]
        log.add(
            "prices.partly_covered",
            table="parcels",
            file=parcel["source_file"],
            sheet=parcel["source_sheet"],
            row=int(parcel["source_row"]),
            key=parcel["parcel_id"],
            value=_share_below(float(cover[at]), float(rules.min_price_cover)),
            least=f"{float(rules.min_price_cover) * 100:g}%",
        )


def _share_below(share: float, least: float) -> str:
    """A share as percent with as many decimals as show that it is below ``least``.

    >>> _share_below(0.499996, 0.5), _share_below(0.31, 0.5)
    ('49.9996%', '31.0%')
    """
    for decimals in range(1, 10):
        shown = f"{share * 100:.{decimals}f}"
        if float(shown) < least * 100:
            return f"{shown}%"
    return f"{share * 100!r}%"


def _stop_without(result: pd.DataFrame, rules: Rules) -> None:
    """The run stops where a coefficient is wanted and nothing gives one (method, section 5)."""
    if rules.coefficient == "none" or not len(result):
        return
    if rules.grade_coefficients:
        if result["grade_coefficient"].isna().all():
            raise UserError.of("prices.no_grade", table="price_zones")
    elif result["benchmark_price_yuan_per_m2"].isna().all():
        raise UserError.of("prices.no_price", table="parcels")

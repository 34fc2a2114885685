"""What a run says about each parcel, and the totals that every output shows alike."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.exact import group_isum, total
from landuse.keys import among, in_order, named, positions, repeats, runs, sorted_by, spread, texts
from landuse.matching import in_scope
from landuse.pipeline.idle import counted, idle_summands, idle_totals
from landuse.schema.link_places import LinkPlaces
from landuse.units import mu_from_micro

if TYPE_CHECKING:
    from landuse.rules.model import Rules

__all__ = ["CLASSES", "land_totals", "publish_parcels", "summands", "totals_of", "unit_counts"]

CLASSES: Final = ("both", "idle", "low_efficiency", "no_enterprise", "normal", "not_graded")
"""The classes of land in the order in which the first that holds wins."""


def publish_parcels(
    parcels: pd.DataFrame,
    links: pd.DataFrame,
    units: pd.DataFrame,
    prices: pd.DataFrame,
    parks: pd.DataFrame,
    link_values: pd.DataFrame,
    *,
    rules: Rules,
    construction: AbstractSet[str],
    reference_price: float = np.nan,
    status: pd.DataFrame | None = None,
    places: LinkPlaces | None = None,
) -> pd.DataFrame:
    """The published parcels: areas in mu, price, users, finding and class, sorted by parcel.

    Takes PARCELS, LINKS, the units and link values of the evaluation, PRICES and the parks. A
    parcel is low-efficiency if a flagged unit uses counted land of it; its flagged mu are those
    link areas (method, section 6). The coefficient of a parcel without a link is its price ÷
    ``reference_price``, where ``rules`` take it from prices. ``status`` is LAND_STATUS where supply
    contracts were given; idle land keeps its low-efficiency flag (class ``both``). ``places`` are
    those of the links where they come as they were found.
    """
    parcels = in_order(parcels, ["parcel_id"])
    index = parcels["parcel_id"]
    inside = in_scope(parcels["land_use_code"], rules.land_use_codes)
    if places is None:
        users = positions(links["uscc"], units["uscc"])
        places = LinkPlaces(positions(links["parcel_id"], index), users)
    use = _use(links, places, len(index), units)
    priced = positions(index, prices["parcel_id"])
    price = _at(prices["benchmark_price_yuan_per_m2"].to_numpy(dtype=np.float64), priced)
    in_park = positions(index, parks["parcel_id"])
    idle = _idle(status, index)
    return pd.DataFrame(
        {
            "parcel_id": parcels["parcel_id"],
            "holder": parcels["holder"],
            **_areas(parcels, use),
            "area_source": parcels["area_source"],
            "benchmark_price_yuan_per_m2": price,
            "price_source": spread(prices["price_source"], priced),
            "price_coefficient": _coefficients(index, price, link_values, rules, reference_price),
            "enterprise_count": use["users"],
            "is_low_efficiency": use["flagged"] > 0,
            "land_class": _classes(use, inside, idle["is_idle"]),
            **idle,
            "in_scope": inside,
            "under_construction": among(index, texts(construction)),
            "park": spread(parks["park"], in_park),
            "park_type": spread(parks["park_type"], in_park),
            "township": parcels["township"],
            "land_use_code": parcels["land_use_code"],
            "geometry": parcels["geometry"],
        },
        copy=False,
    )


def land_totals(
    parcels: pd.DataFrame, units: pd.DataFrame, contracts: pd.DataFrame | None = None
) -> dict[str, Any]:
    """Counts and mu of the published parcels, and units by status, each unit once.

    The mu of a class are accounting areas; ``low_efficiency_mu`` are the flagged link areas. With
    ``contracts`` (IDLE) also the totals of idle land; without, nothing is said of it.
    """
    found = summands(parcels, idle=contracts is not None)
    sums = {name: (len(areas), total(areas)) for name, areas in found.items()}
    return totals_of(sums, unit_counts(units), contracts)


def unit_counts(units: pd.DataFrame) -> dict[str, int]:
    """Units by status, each unit once."""
    once = units.drop_duplicates("unit_id") if repeats(units, ["unit_id"]) else units
    found = once["status"].value_counts()
    return {str(status): int(found[status]) for status in sorted(found.index)}


def summands(parcels: pd.DataFrame, *, idle: bool) -> dict[str, npt.NDArray[np.float64]]:
    """The areas in mu that each total of :func:`totals_of` counts and adds up; ``idle``: those of
    idle land too."""
    area = parcels["accounting_area_mu"].to_numpy()
    inside, low = parcels["in_scope"].to_numpy(), parcels["is_low_efficiency"].to_numpy()
    known = CLASSES if idle else CLASSES[2:]
    classes = {name: (parcels["land_class"] == name).to_numpy() for name in known}
    return {
        "parcels": area,
        "in_scope": area[inside],
        "low_efficiency": parcels["flagged_area_mu"].to_numpy()[low],
        **{f"class {name}": area[member] for name, member in classes.items()},
        **(idle_summands(parcels) if idle else {}),
    }


def totals_of(
    sums: Mapping[str, tuple[int, float]],
    units: Mapping[str, int],
    contracts: pd.DataFrame | None,
) -> dict[str, Any]:
    """The totals from count and sum of each of :func:`summands`, and units by status."""
    known = CLASSES if contracts is not None else CLASSES[2:]
    return {
        **{
            name: value
            for group in ("parcels", "in_scope", "low_efficiency")
            for name, value in _counted(group, sums[group]).items()
        },
        "classes": {name: counted(sums[f"class {name}"]) for name in known},
        "units": dict(units),
        **(idle_totals(sums, contracts) if contracts is not None else {}),
    }


def _counted(group: str, one: tuple[int, float]) -> dict[str, int | float]:
    name = group if group == "parcels" else f"{group}_parcels"
    return {name: one[0], f"{group}_mu": one[1]}


def _areas(parcels: pd.DataFrame, use: pd.DataFrame) -> dict[str, npt.NDArray[np.float64]]:
    """The areas of each parcel in mu."""
    whole, used = parcels["accounting_area_m2_micro"].to_numpy(), use["used"].to_numpy()
    return {
        "accounting_area_mu": mu_from_micro(whole),
        "registered_area_mu": _mu_or_missing(parcels["registered_area_m2_micro"]),
        "geometry_area_mu": mu_from_micro(parcels["geometry_area_m2_micro"].to_numpy()),
        "used_area_mu": mu_from_micro(used),
        "unused_area_mu": mu_from_micro(whole - used),
        "flagged_area_mu": mu_from_micro(use["flagged"].to_numpy()),
    }


def _use(links: pd.DataFrame, places: LinkPlaces, groups: int, units: pd.DataFrame) -> pd.DataFrame:
    """Per parcel: used and flagged area in 10⁻⁶ m², number of users and of those ranked."""
    at, who = places
    area = links["area_m2_micro"].to_numpy()
    counted = links["counted"].to_numpy()
    flagged = counted & _has_status(units, "low_efficiency")[who]
    ranked = counted & (area > 0) & _has_status(units, "ranked")[who]
    return pd.DataFrame(
        {
            "used": group_isum(area, at, groups),
            "flagged": group_isum(area[flagged], at[flagged], groups),
            "users": np.bincount(at, minlength=groups),
            "ranked": np.bincount(at[ranked], minlength=groups),
        }
    )


def _has_status(units: pd.DataFrame, status: str) -> npt.NDArray[np.bool_]:
    """Whether each unit has this status; one ``False`` more, for an enterprise of no unit (-1)."""
    return np.append((units["status"] == status).to_numpy(dtype=bool), False)


def _at(values: npt.NDArray[np.float64], places: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """The value at each place, ``NaN`` where a place is -1."""
    return np.append(values, np.nan)[places]


def _idle(status: pd.DataFrame | None, index: pd.Series[str]) -> dict[str, pd.Series]:
    """The idle columns of each parcel; blank where there are no supply contracts."""
    if status is None:
        blank = named(np.full(len(index), -1), [])
        no = pd.Series(np.zeros(len(index), dtype=bool))
        return {"is_idle": no, "idle_finding": blank, "land_status": blank}
    mine = status.take(positions(index, status["parcel_id"]))
    names = ("is_idle", "idle_finding", "land_status")
    return {name: mine[name].reset_index(drop=True) for name in names}


def _classes(
    use: pd.DataFrame, inside: npt.NDArray[np.bool_], idle: pd.Series[bool]
) -> pd.Series[str]:
    """One class a parcel: idle and flagged; idle; flagged; in scope without a user; used by a
    ranked unit; the rest."""
    flagged = use["flagged"] > 0
    chosen = np.select(
        [flagged & idle, idle, flagged, inside & (use["users"] == 0), use["ranked"] > 0],
        list(range(len(CLASSES) - 1)),
        default=len(CLASSES) - 1,
    )
    return named(chosen, CLASSES)


def _coefficients(
    index: pd.Series[str],
    price: npt.NDArray[np.float64],
    link_values: pd.DataFrame,
    rules: Rules,
    reference: float,
) -> npt.NDArray[np.float64]:
    """``k_j`` as the evaluation took it; of land without a link, price ÷ reference price."""
    parcel = link_values["parcel_id"]
    rows = link_values[["parcel_id", "price_coefficient"]]
    rising = sorted_by(rows, ["parcel_id"])
    known = rows.iloc[runs(parcel)] if rising else rows.drop_duplicates("parcel_id")
    at = positions(index, known["parcel_id"])
    taken = _at(known["price_coefficient"].to_numpy(dtype=np.float64), at)
    if rules.coefficient == "none" or rules.grade_coefficients:
        return taken
    return np.where(at >= 0, taken, price / reference)


def _mu_or_missing(micro: pd.Series) -> npt.NDArray[np.float64]:
    """``Int64`` 10⁻⁶ m² as mu, missing as ``NaN``."""
    mu = mu_from_micro(micro.fillna(0).to_numpy(dtype=np.int64))
    return np.where(micro.isna(), np.nan, mu)

"""Land of each link and unit: price, coefficient, adjusted area (method, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.errors import UserError
from landuse.exact import group_fsum, group_isum
from landuse.indicators.ratios import adjusted_area, price_coefficient, reference_price
from landuse.keys import among, in_order, positions, texts
from landuse.units import mu_from_micro

if TYPE_CHECKING:
    from landuse.indicators.roll import Roll
    from landuse.rules.model import Rules
    from landuse.schema.link_places import LinkPlaces

__all__ = ["LinkValues", "UnitLand", "link_values", "unit_land"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LinkValues:
    """The links sorted by parcel and code, with the numbers of each.

    ``coefficient`` and ``adjusted_micro`` (10⁻⁶ m²) are ``NaN`` without price;
    ``in_reference`` says which links ``P0`` is the mean of; ``places`` the keys as numbers, where
    they are known.
    """

    links: pd.DataFrame
    area_micro: Ints
    coefficient: Floats
    adjusted_micro: Floats
    counted: Bools
    in_reference: Bools
    reference_price: float
    places: LinkPlaces | None = None

    def users(self, roll: Roll) -> npt.NDArray[np.intp]:
        """Where the enterprise of each link stands on the roll, -1 where it does not."""
        return roll.positions(self.links["uscc"]) if self.places is None else self.places.user

    def table(self) -> pd.DataFrame:
        """One row a link, areas in mu: what ``explain`` and the parcels show."""
        return pd.DataFrame(
            {
                "parcel_id": self.links["parcel_id"],
                "uscc": self.links["uscc"],
                "area_mu": mu_from_micro(self.area_micro),
                "price_coefficient": self.coefficient,
                "adjusted_area_mu": self.adjusted_micro * 3.0 / 2e9,
                "counted": self.counted,
                "in_reference": self.in_reference,
            },
            copy=False,
        )


@dataclass(frozen=True)
class UnitLand:
    """Land of each unit from its counted links; ``enterprise_micro`` is that of each enterprise.

    ``adjusted_micro`` and ``coefficient`` are ``NaN`` where a used parcel has no price.
    """

    area_micro: Ints
    adjusted_micro: Floats
    coefficient: Floats
    parcels: Ints
    unpriced: Bools
    disputed: Bools
    enterprise_micro: Ints

    @property
    def area_mu(self) -> Floats:
        """``A_e`` in mu."""
        return mu_from_micro(self.area_micro)

    @property
    def adjusted_mu(self) -> Floats:
        """``A*_e`` in mu."""
        return self.adjusted_micro * 3.0 / 2e9


def link_values(
    links: pd.DataFrame, prices: pd.DataFrame, rules: Rules, places: LinkPlaces | None = None
) -> LinkValues:
    """Coefficient and adjusted area of every link (schema LINKS, PRICES).

    ``P0`` takes in every counted link with a price: those of exempt and ungraded units and of
    unknown codes too. With ``coefficient = "none"`` every coefficient is 1; with a table of
    grades it comes from the table and there is no ``P0``. Raises
    :class:`landuse.errors.UserError` if no source gives any price where one is needed.
    """
    if places is None:
        links = in_order(links, ["parcel_id", "uscc"])
    area = links["area_m2_micro"].to_numpy(dtype=np.int64)
    counted = links["counted"].to_numpy(dtype=bool)
    in_reference = np.zeros(len(links), dtype=bool)
    reference = float("nan")
    if rules.coefficient == "none":
        coefficient = np.ones(len(links))
    elif rules.grade_coefficients:
        of_parcels = _known(prices, "grade_coefficient", "indicators.no_grade_anywhere")
        coefficient = of_parcels[_priced(links, prices, places)]
    else:
        of_parcels = _known(prices, "benchmark_price_yuan_per_m2", "indicators.no_price_anywhere")
        price = of_parcels[_priced(links, prices, places)]
        if rules.reference_price == "mean":
            in_reference = counted & (area > 0) & ~np.isnan(price)
            reference = reference_price(price[in_reference], area[in_reference])
        else:
            reference = float(rules.reference_price)
        coefficient = price_coefficient(price, reference)
    adjusted = adjusted_area(area, coefficient)
    return LinkValues(links, area, coefficient, adjusted, counted, in_reference, reference, places)


def _known(prices: pd.DataFrame, column: str, absent: str) -> Floats:
    """The values above 0, and one ``NaN`` more for a parcel without a row (-1)."""
    values = prices[column].to_numpy(dtype=np.float64)
    if not (values > 0).any():
        raise UserError.of(absent, table="price_zones")
    return np.append(np.where(values > 0, values, np.nan), np.nan)


def _priced(
    links: pd.DataFrame, prices: pd.DataFrame, places: LinkPlaces | None
) -> npt.NDArray[np.intp]:
    """Where the parcel of each link stands in PRICES, which is sorted by parcel; -1: nowhere."""
    if places is None:
        return positions(links["parcel_id"], prices["parcel_id"])
    return places.parcel


def unit_land(values: LinkValues, roll: Roll, disputed: set[str]) -> UnitLand:
    """Areas, coefficient ``k_e = A*/A`` and faults of the land of each unit.

    Only counted links of enterprises on the roll enter. A parcel of which nothing is left to
    the unit needs no price; a parcel whose area is in dispute counts even then.
    """
    who = values.users(roll)
    known = values.counted & (who >= 0)
    unit = roll.unit_of[who[known]]
    area, adjusted = values.area_micro[known], values.adjusted_micro[known]
    used = area > 0
    unpriced = np.bincount(unit[used & np.isnan(adjusted)], minlength=roll.size) > 0
    in_dispute = among(values.links["parcel_id"], texts(disputed))[known]
    area_micro = group_isum(area, unit, roll.size)
    adjusted_micro = group_fsum(adjusted[used], unit[used], roll.size)
    with np.errstate(invalid="ignore", divide="ignore"):
        coefficient = np.where(area_micro > 0, adjusted_micro / area_micro, np.nan)
    return UnitLand(
        area_micro,
        adjusted_micro,
        coefficient,
        _parcel_count(values.links["parcel_id"], known, unit, roll),
        unpriced,
        np.bincount(unit[in_dispute], minlength=roll.size) > 0,
        group_isum(area, who[known], len(roll.enterprises)),
    )


def _parcel_count(
    parcel_id: pd.Series[str], known: Bools, unit: npt.NDArray[np.intp], roll: Roll
) -> Ints:
    """Parcels of each unit, each once; where units are single enterprises a link is a parcel."""
    if roll.size < len(roll.enterprises):
        parcel, _ = pd.factorize(parcel_id[known])
        width = max(len(parcel), 1)
        unit = np.unique(unit.astype(np.int64) * width + parcel) // width
    return np.bincount(unit, minlength=roll.size).astype(np.int64)

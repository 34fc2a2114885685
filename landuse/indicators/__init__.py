"""Per-mu indicators and the land-price coefficient.

Takes parcels with zones, links with areas and the figures of some years; gives parcel prices, the
land of links and units, and the numerator and denominator of every indicator. Does not compare
units with each other: that is ``ranking``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from landuse.indicators.measured import Measured
    from landuse.issues import IssueLog
    from landuse.overlay import Layer
    from landuse.rules.model import Rules
    from landuse.schema.link_places import LinkPlaces

__all__ = ["measure", "parcel_prices", "report_zones", "zone_prices"]


def parcel_prices(
    parcels: pd.DataFrame, zones: pd.DataFrame | None, rules: Rules, log: IssueLog
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Benchmark price of every parcel, and the zones that it came from."""
    from landuse.indicators import prices

    return prices.parcel_prices(parcels, zones, rules, log)


def report_zones(zones: pd.DataFrame, rules: Rules, log: IssueLog) -> None:
    """What is wrong with the zones: :func:`landuse.indicators.prices.report_zones`."""
    from landuse.indicators import prices

    prices.report_zones(zones, rules, log)


def zone_prices(
    polygons: Layer, zones: pd.DataFrame, rules: Rules, log: IssueLog
) -> npt.NDArray[np.float64]:
    """What the zones alone say of polygons: :func:`landuse.indicators.prices.zone_prices`."""
    from landuse.indicators import prices

    return prices.zone_prices(polygons, zones, rules, log)


def measure(
    enterprises: pd.DataFrame,
    members: pd.DataFrame,
    figures: pd.DataFrame,
    links: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    disputed: set[str],
    rules: Rules,
    years: Iterable[int],
    log: IssueLog,
    places: LinkPlaces | None = None,
) -> Measured:
    """Land and figures of every unit: :func:`landuse.indicators.measured.measure_units`."""
    from landuse.indicators.measured import measure_units

    return measure_units(
        enterprises, members, figures, links, prices,
        disputed=disputed, rules=rules, years=years, log=log, places=places,
    )  # fmt: skip

"""The names that ``[*.columns]`` may use (method, section 2) and what each is measured in."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Final

from landuse.schema.park_columns import DIMENSIONS as PARK_DIMENSIONS
from landuse.schema.park_columns import PARK_COLUMNS
from landuse.units import UNITS

if TYPE_CHECKING:
    from landuse.rules import Rules

__all__ = ["COLUMNS", "amounts_of", "columns_of", "dimensions_of", "image_title"]

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "parcels": (
        "parcel_id",
        "registered_area",
        "holder",
        "uscc",
        "land_use_code",
        "benchmark_price_yuan_per_m2",
        "park",
        "township",
        "built_area_m2",
        "footprint_m2",
        "unit_no",
    ),
    "enterprises": (
        "uscc",
        "name",
        "industry_code",
        "year",
        "tax",
        "output",
        "energy_tce",
        "employees",
        "production_started_on",
        "scale",
        "x",
        "y",
    ),
    "occupancy": ("parcel_id", "uscc", "name", "relation", "area", "area_kind", "from", "to"),
    "price_zones": ("grade", "benchmark_price_yuan_per_m2"),
    "parks": ("park", "park_type"),
    "supply": (
        "contract_no",
        "parcel_id",
        "holder",
        "area",
        "price",
        "agreed_delivery",
        "delivered_on",
        "agreed_start",
        "extended_start",
        "actual_start",
        "agreed_completion",
        "completed_on",
        "area_to_start",
        "area_started",
        "total_investment",
        "invested",
        "suspended_since",
        "cause",
    ),
    "exemptions": ("uscc", "name", "reason"),
    "corrections": ("table", "key", "column", "old", "new", "reason", "by", "on"),
    "confirmed_links": ("parcel_id", "uscc", "confirmed"),
    **PARK_COLUMNS,
}
"""Our column names by input table; the rule pack adds its own to ``enterprises``."""

_DIMENSIONS: Final[dict[str, str]] = {
    **PARK_DIMENSIONS,
    "registered_area": "area",
    "built_area_m2": "area",
    "footprint_m2": "area",
    "area": "area",
    "area_to_start": "area",
    "area_started": "area",
    "tax": "money",
    "output": "money",
    "price": "money",
    "total_investment": "money",
    "invested": "money",
    "energy_tce": "coal",
    "employees": "count",
}


def columns_of(table: str, rules: Rules) -> list[str]:
    """Our names of the columns that ``table`` may have under ``rules``."""
    names = list(COLUMNS[table])
    if table == "enterprises":
        names += [figure.key for figure in rules.figures]
        names += [energy.key for energy in rules.energy]
        names += [name for name in rules.cohort_by if name != "division"]
    return list(dict.fromkeys(names))


def amounts_of(rules: Rules) -> list[str]:
    """Our names of the enterprises' figures and physical energies under ``rules``."""
    return [*(figure.key for figure in rules.figures), *(energy.key for energy in rules.energy)]


def dimensions_of(rules: Rules) -> dict[str, str]:
    """What each column that has a unit is measured in: money, area, coal, mass, heat ..."""
    stated = {figure.key: UNITS[figure.unit].dimension for figure in rules.figures}
    stated |= {energy.key: UNITS[energy.unit].dimension for energy in rules.energy}
    return {**_DIMENSIONS, **stated}


def image_title(path: object, label: object, date: object) -> str:
    """What the results call an image: its label, else its date, else the name of its file.

    >>> image_title("影像/2024.tif", None, None)
    '2024'
    """
    return str(label or date or PureWindowsPath(str(path)).stem)

"""The validated tables as plain Python records with exact numbers: what the oracle starts from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction

MICRO = 1_000_000
MU = Fraction(2000, 3)


@dataclass
class County:
    """The given inputs: lists of dicts, ``None`` where a value is missing, areas in m²."""

    parcels: list[dict]
    lost: list[dict]
    enterprises: dict[str, dict]
    figures: dict[tuple[str, int], dict[str, Fraction | None]]
    occupancy: list[dict] = field(default_factory=list)
    confirmed: list[dict] = field(default_factory=list)
    zones: list[dict] | None = None
    supply: list[dict] = field(default_factory=list)
    exemptions: set[str] = field(default_factory=set)


def county_of(inputs, rules) -> County:
    """Take the frames of intake apart, row by row."""
    figures: dict[tuple[str, int], dict[str, Fraction | None]] = {}
    for row in records(inputs.figures):
        figures[row["uscc"], row["year"]] = {
            figure.key: exact(row[figure.micro]) for figure in rules.figures
        }
    zones = None if inputs.price_zones is None else records(inputs.price_zones)
    return County(
        parcels=[with_areas(row) for row in records(inputs.parcels)],
        lost=records(inputs.lost_parcels),
        enterprises={row["uscc"]: row for row in records(inputs.enterprises)},
        figures=figures,
        occupancy=[with_areas(row) for row in records(inputs.occupancy)],
        confirmed=records(inputs.confirmed_links),
        zones=zones,
        supply=[] if inputs.supply is None else records(inputs.supply),
        exemptions={row["uscc"] for row in records(inputs.exemptions)},
    )


def records(frame) -> list[dict]:
    """Rows as dicts of plain values."""
    columns = {name: [plain(value) for value in frame[name].array] for name in frame.columns}
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def plain(value):
    """A scalar without pandas or numpy: ``None`` for missing, ``date`` for a timestamp."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime().date()
    if hasattr(value, "item") and not hasattr(value, "geom_type"):
        value = value.item()
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, float) and value != value:
        return None
    return value


def exact(micro: int | None) -> Fraction | None:
    """Millionths as an exact number of units."""
    return None if micro is None else Fraction(micro, MICRO)


def with_areas(row: dict) -> dict:
    """Add every ``…_m2_micro`` column as exact m² under its name without ``_m2_micro``."""
    areas = {
        name.removesuffix("_m2_micro"): exact(value)
        for name, value in row.items()
        if name.endswith("_m2_micro")
    }
    return {**row, **areas}

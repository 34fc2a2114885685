"""Frames of the schema from a few cells: what a test does not name is blank."""

from __future__ import annotations

import pandas as pd
import shapely

from landuse.schema.frame import Table
from landuse.schema.tables import LAND_STATUS, LINKS, PARCELS, PARKS

DTYPES = {
    "text": "str",
    "int": "int64",
    "Int64": "Int64",
    "float": "float64",
    "bool": "bool",
    "date": "datetime64[s]",
    "geometry": "object",
}
BLANK = {"text": "", "int": 0, "bool": False}
M2 = 1_000_000
WAN = 1_000_000
MU3 = 2_000 * M2
"""Three mu in 10⁻⁶ m²."""


def rows(table: Table, *given: dict[str, object]) -> pd.DataFrame:
    """A checked frame of ``table`` with these cells."""
    for one in given:
        assert set(one) <= set(table.names), set(one) - set(table.names)
    columns = {
        c.name: pd.Series(
            [one.get(c.name, BLANK.get(c.dtype)) for one in given], dtype=DTYPES[c.dtype]
        )
        for c in table
    }
    return table.check(pd.DataFrame(columns))


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(x0, y0, x1, y1)


def parcels(*given: tuple[str, shapely.Polygon], **more: object) -> pd.DataFrame:
    """Parcels whose accounting area is their geometry's; ``more`` cells are those of all."""
    return rows(
        PARCELS,
        *(
            {"parcel_id": name, "geometry": shape, "geometry_area_m2_micro": round(shape.area * M2),
             "accounting_area_m2_micro": round(shape.area * M2), **more}
            for name, shape in given
        ),
    )  # fmt: skip


def parks(*given: tuple[str, shapely.Polygon]) -> pd.DataFrame:
    return rows(PARKS, *({"park": name, "geometry": shape} for name, shape in given))


def status(**given: str) -> pd.DataFrame:
    return rows(
        LAND_STATUS,
        *(
            {"parcel_id": code, "land_status": state, "is_idle": state == "idle"}
            for code, state in sorted(given.items())
        ),
    )


def links(*given: tuple[str, str, int]) -> pd.DataFrame:
    """(parcel, enterprise, m²)."""
    return rows(LINKS, *({"parcel_id": p, "uscc": u, "area_m2_micro": a * M2} for p, u, a in given))


def codes(log: object) -> list[str]:
    return [issue.code for issue in log]
